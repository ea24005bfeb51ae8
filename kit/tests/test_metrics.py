"""The metrics and their influence functions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.scoring import metrics
from poc2prod_kit.scoring.metrics import Predicted

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


def test_a_metric_of_another_outcome_is_refused() -> None:
    """The error lists those that fit."""
    with pytest.raises(ProjectError, match="choose one of mae, rmse, mape, r2") as error:
        metrics.named("roc_auc", "regression")
    assert "'roc_auc' does not fit the outcome 'regression'" in str(error.value)
