"""The metrics and their influence functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.scoring import metrics
from poc2prod_kit.scoring.metrics import Predicted
from project import pipeline
from sklearn import metrics as sk

ROWS = 200
CASES = [(name, outcome) for name, metric in metrics.METRICS.items() for outcome in metric.outcomes]


def drawn(outcome: str) -> tuple[np.ndarray, Callable[[np.ndarray], Predicted]]:
    """Truth and predictions of 200 rows, with ties, and the predictions of some of the rows."""
    rng = np.random.default_rng(3)
    if outcome == "regression":
        y = 5 + rng.normal(size=ROWS)
        guess = y + rng.normal(size=ROWS)
        return y, lambda rows: Predicted(guess[rows])
    if outcome == "binary":
        y = (rng.random(ROWS) < 0.3).astype(float)
        chance = np.round(np.clip(0.2 + 0.3 * y + 0.2 * rng.normal(size=ROWS), 0.01, 0.99), 2)
        return y, lambda rows: Predicted(chance[rows])
    y = rng.choice(["a", "b", "c"], ROWS, p=[0.5, 0.3, 0.2]).astype(object)
    said = np.where(rng.random(ROWS) < 0.7, y, "a").astype(object)
    true = rng.random(ROWS)
    return y, lambda rows: Predicted(said[rows], true[rows])


@pytest.mark.parametrize(("name", "outcome"), CASES)
def test_influences_are_the_jackknife(name: str, outcome: str) -> None:
    """Leaving out row i changes a metric by −influence[i] / (n − 1) to first order; influences sum to 0."""
    y, predicted = drawn(outcome)
    rows = np.arange(ROWS)
    compute = metrics.METRICS[name].compute
    value, influence = compute(y, predicted(rows))
    without = np.array([compute(np.delete(y, row), predicted(np.delete(rows, row)))[0] for row in rows])
    jackknife = (value - without) * (ROWS - 1)
    assert abs(influence.sum()) < 1e-9
    assert np.corrcoef(jackknife, influence)[0, 1] > 0.999
    assert influence.std() == pytest.approx(jackknife.std(), rel=0.03)


def test_auc_counts_pairs_in_order() -> None:
    """Three of the four pairs of a positive and a negative row stand in the right order."""
    y = np.array([0.0, 0.0, 1.0, 1.0])
    value, influence = metrics.roc_auc(y, Predicted(np.array([0.1, 0.4, 0.35, 0.8])))
    assert value == 0.75
    assert influence.tolist() == [0.5, -0.5, -0.5, 0.5]


def test_auc_counts_a_tie_as_half() -> None:
    """One score for all rows orders nothing: every pair counts a half."""
    value, influence = metrics.roc_auc(np.array([0.0, 1.0, 1.0]), Predicted(np.full(3, 0.2)))
    assert (value, influence.tolist()) == (0.5, [0.0, 0.0, 0.0])


def test_average_precision_by_hand() -> None:
    """Positives stand at rank 1 and 3 of 4: (1/1 + 2/3) / 2."""
    value, _ = metrics.average_precision(
        np.array([1.0, 0.0, 1.0, 0.0]), Predicted(np.array([0.9, 0.8, 0.7, 0.1]))
    )
    assert value == pytest.approx(5 / 6)


def test_log_loss_bounds_a_confident_mistake() -> None:
    """A probability of 0 for what happened counts as one in a million."""
    value, _ = metrics.log_loss(np.array([1.0, 0.0]), Predicted(np.array([0.0, 0.0])))
    assert value == pytest.approx(-np.log(1e-6) / 2)


def test_macro_f1_by_hand() -> None:
    """Class a: 2·1/(2+1), class b: 2·1/(1+2), class c: never found."""
    y = np.array(["a", "a", "b", "c"], dtype=object)
    value, _ = metrics.f1_macro(y, Predicted(np.array(["a", "b", "b", "a"], dtype=object), np.ones(4)))
    assert value == pytest.approx((1 / 2 + 2 / 3 + 0) / 3)


@pytest.mark.parametrize(
    ("name", "y", "value"),
    [
        ("roc_auc", [1.0, 1.0], [0.2, 0.3]),
        ("average_precision", [0.0, 0.0], [0.2, 0.3]),
        ("f1", [0.0, 0.0], [0.2, 0.3]),
        ("r2", [4.0, 4.0], [3.0, 5.0]),
        ("mape", [0.0, 4.0], [3.0, 5.0]),
    ],
)
def test_what_is_not_defined_is_nan(name: str, y: list[float], value: list[float]) -> None:
    """No class to tell apart, no variance to explain, no share of zero: NaN, without a warning."""
    found, influence = metrics.METRICS[name].compute(np.array(y), Predicted(np.array(value)))
    assert [found, *influence] == pytest.approx([np.nan] * 3, nan_ok=True)


def test_a_perfect_regression_has_no_error() -> None:
    """No division by the error of 0."""
    value, influence = metrics.rmse(np.array([1.0, 2.0]), Predicted(np.array([1.0, 2.0])))
    assert (value, influence.tolist()) == (0.0, [0.0, 0.0])


class Asked:
    """A project that asks for a metric, with one of its own: the correlation of Matthews (1975)."""

    def __init__(self, outcome: str, metric: str) -> None:
        self.params = {"problem.outcome": outcome, "problem.metric": metric}
        self.code = replace(pipeline.CODE, metrics=(metrics.own(sk.matthews_corrcoef),))

    def param(self, key: str, default: Any = None, among: Any = ()) -> Any:
        """The outcome or the metric."""
        return self.params[key]


def test_a_metric_of_the_project_s_own_is_scored_beside_the_others() -> None:
    """Its value is the function's at .5; its interval that of the jackknife, row by row."""
    y, predicted = drawn("binary")
    project: Any = Asked("binary", "roc_auc")
    metric = metrics.of(project)["matthews_corrcoef"]
    rows = np.arange(ROWS)
    value, influence = metric.compute(y, predicted(rows))
    assert value == sk.matthews_corrcoef(y, np.asarray(predicted(rows).value, dtype=float) >= 0.5)
    without = [
        metric.compute(np.delete(y, row), predicted(np.delete(rows, row)))[0] for row in range(0, ROWS, 9)
    ]
    each = (value - np.array(without)) * (ROWS - 1)
    assert np.abs(influence[::9] - each).max() < 0.02
    assert abs(influence.sum()) < 1e-9


def test_a_metric_of_numbers_asks_once_for_rows_that_are_alike() -> None:
    """Of 200 rows with 6 distinct predictions and truths it is asked 7 times: once, and without each."""
    asked = []

    def worst(y_true: np.ndarray, y_pred: np.ndarray) -> float:
        asked.append(len(y_true))
        return float(np.median(np.abs(y_true - y_pred)))

    y = np.repeat([1.0, 2.0, 3.0], [60, 70, 70])
    value, influence = metrics.own(worst, outcomes=("regression",)).compute(
        y, Predicted(y + np.tile([0.0, 1.0], 100))
    )
    assert (asked, len(influence), np.isfinite(value)) == ([200, *[199] * 6], 200, True)


def test_an_own_metric_that_is_not_defined_is_nan() -> None:
    """Scikit-learn raises on one class alone; here that is null, as with the other metrics."""
    ours = metrics.own(sk.log_loss, probabilities=True)
    value, influence = ours.compute(np.ones(3), Predicted(np.array([0.2, 0.3, 0.4])))
    assert [value, *influence] == pytest.approx([np.nan] * 4, nan_ok=True)


@pytest.mark.parametrize("name", [name for name in metrics.METRICS if name not in ("bias", "log_loss")])
def test_values_are_those_of_scikit_learn(name: str) -> None:
    """For every metric that both have, but log_loss, which here bounds a confident mistake."""
    outcome = metrics.METRICS[name].outcomes[-1]
    y, predicted = drawn(outcome)
    y_pred = predicted(np.arange(ROWS))
    labels = np.asarray(y_pred.value, dtype=float) >= 0.5 if outcome == "binary" else y_pred.value
    theirs = {
        "roc_auc": lambda: sk.roc_auc_score(y, y_pred.value),
        "average_precision": lambda: sk.average_precision_score(y, y_pred.value),
        "brier": lambda: sk.brier_score_loss(y, y_pred.value),
        "accuracy": lambda: sk.accuracy_score(y, labels),
        "balanced_accuracy": lambda: sk.balanced_accuracy_score(y, labels),
        "f1": lambda: sk.f1_score(y, labels),
        "f1_macro": lambda: sk.f1_score(y, labels, average="macro"),
        "mae": lambda: sk.mean_absolute_error(y, y_pred.value),
        "rmse": lambda: sk.root_mean_squared_error(y, y_pred.value),
        "mape": lambda: sk.mean_absolute_percentage_error(y, y_pred.value),
        "r2": lambda: sk.r2_score(y, y_pred.value),
    }[name]()
    assert metrics.METRICS[name].compute(y, y_pred)[0] == pytest.approx(theirs, rel=1e-12)


def test_a_metric_of_another_outcome_is_refused() -> None:
    """The error lists those that fit."""
    project: Any = Asked("regression", "roc_auc")
    with pytest.raises(ProjectError, match=r"choose one of mae, rmse, mape, r2\.$") as error:
        metrics.chosen(project)
    assert "'roc_auc' does not fit the outcome 'regression'" in str(error.value)
