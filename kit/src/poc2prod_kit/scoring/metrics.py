"""Metrics with their influence functions, so that each has an interval in closed form.

A metric takes `y_true` and `y_pred`, both of shape (n,), and gives its value and the influence of
each row on it (shape (n,), sum 0). Leaving row i out changes the value by −influence[i] / (n − 1), to first
order; so the value's variance is that of the influences' mean (Hampel, 1974). Where a metric is not defined,
as AUC is not on one class alone, the value and all influences are NaN: null in a report. The formulas stand
in docs/formulas.md of poc2prod.

The values are those of sklearn.metrics, which a test compares one by one. They are computed here because the
influences need the same terms, and because `interpret` asks for hundreds of them. A metric without such a
formula is any function of scikit-learn's form: see `own`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import rankdata

from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.project import Project
from poc2prod_kit.scoring.intervals import Loss, Share, estimate

Floats = npt.NDArray[np.float64]
SMALLEST = 1e-6
MOST_KINDS = 2000


@dataclass(frozen=True)
class Predicted:
    """What a model says of n rows.

    Binary: `value` is the probability of the positive class. Regression: the prediction. Multiclass: `value`
    is the predicted label and `true` the probability given to the true one.
    """

    value: npt.NDArray[np.generic]
    true: Floats | None = None

    def take(self, which: Any) -> Predicted:
        """Those of the rows at these places or under this mask."""
        return Predicted(self.value[which], None if self.true is None else self.true[which])


class Labelled(Protocol):
    """n rows with their true `y` and `clusters`: which of them belong together; None: each its own."""

    @property
    def y(self) -> Any: ...

    @property
    def clusters(self) -> Any: ...


@dataclass(frozen=True)
class Metric:
    """A measure of quality: for which outcomes, which way is better, how it is computed."""

    name: str
    outcomes: tuple[str, ...]
    higher_is_better: bool
    compute: Callable[[npt.NDArray[np.generic], Predicted], tuple[float, Floats]]

    @property
    def sign(self) -> float:
        """1 where higher is better, else −1: a change times this is positive for better."""
        return 1.0 if self.higher_is_better else -1.0

    def score(self, rows: Labelled, y_pred: Predicted) -> dict[str, Any]:
        """The metric with its interval."""
        return estimate(*self.compute(rows.y, y_pred), rows.clusters)

    def difference(self, rows: Labelled, first: Predicted, second: Predicted) -> dict[str, Any]:
        """The metric of `first` less that of `second`, row by row on the same rows, with its interval."""
        (one, influence), (other, less) = self.compute(rows.y, first), self.compute(rows.y, second)
        return estimate(one - other, influence - less, rows.clusters)

    def better(self, difference: dict[str, Any]) -> bool:
        """Whether the difference is an improvement beyond its interval."""
        return bool(difference["low"] > 0) if self.higher_is_better else bool(difference["high"] < 0)


def _mean(losses: Floats) -> tuple[float, Floats]:
    value = Loss(losses.mean())
    return value, losses - value


def _undefined(n: int) -> tuple[float, Floats]:
    return float("nan"), np.full(n, np.nan)


def _ratio(above: Floats, below: Floats) -> tuple[float, Floats]:
    """Mean of one over mean of the other, by the delta method; NaN where the lower mean is 0."""
    base = float(below.mean())
    if base == 0:
        return _undefined(len(below))
    ratio = float(above.mean()) / base
    return ratio, (above - ratio * below) / base


def _numbers(y_true: npt.NDArray[np.generic], y_pred: Predicted) -> tuple[Floats, Floats]:
    return y_true.astype(float), y_pred.value.astype(float)


def mae(y_true: npt.NDArray[np.generic], y_pred: Predicted) -> tuple[float, Floats]:
    """Mean absolute error, in the target's unit."""
    true, pred = _numbers(y_true, y_pred)
    return _mean(np.abs(true - pred))


def bias(y_true: npt.NDArray[np.generic], y_pred: Predicted) -> tuple[float, Floats]:
    """Mean of prediction − truth, in the target's unit: what is wrong on average."""
    true, pred = _numbers(y_true, y_pred)
    return _mean(pred - true)


def mape(y_true: npt.NDArray[np.generic], y_pred: Predicted) -> tuple[float, Floats]:
    """Mean of |prediction − truth| / |truth|, as a share; not defined where a truth is 0."""
    true, pred = _numbers(y_true, y_pred)
    if (true == 0).any():
        return _undefined(len(true))
    return _mean(np.abs((true - pred) / true))


def rmse(y_true: npt.NDArray[np.generic], y_pred: Predicted) -> tuple[float, Floats]:
    """Root mean squared error, in the target's unit; influence by the delta method."""
    true, pred = _numbers(y_true, y_pred)
    value, influence = _mean((true - pred) ** 2)
    root = float(np.sqrt(value))
    return Loss(root), influence / (2 * root) if root else influence


def r2(y_true: npt.NDArray[np.generic], y_pred: Predicted) -> tuple[float, Floats]:
    """Share of variance explained, 1 − MSE / variance of these rows; undefined for a constant truth."""
    true, pred = _numbers(y_true, y_pred)
    ratio, influence = _ratio((true - pred) ** 2, (true - true.mean()) ** 2)
    return 1 - ratio, -influence


def brier(y_true: npt.NDArray[np.generic], y_pred: Predicted) -> tuple[float, Floats]:
    """Mean squared difference between probability and outcome."""
    true, pred = _numbers(y_true, y_pred)
    return _mean((true - pred) ** 2)


def log_loss(y_true: npt.NDArray[np.generic], y_pred: Predicted) -> tuple[float, Floats]:
    """Mean of −ln of the probability given to what happened, the latter not below 1e-6.

    So one confident mistake costs at most 13.8, and files with 6 digits give the same number.
    """
    if y_pred.true is None:
        true, pred = _numbers(y_true, y_pred)
        given = np.where(true == 1, pred, 1 - pred)
    else:
        given = y_pred.true
    return _mean(-np.log(np.clip(given, SMALLEST, 1.0)))


def _hits(y_true: npt.NDArray[np.generic], y_pred: Predicted) -> Floats:
    if y_pred.true is None:
        true, pred = _numbers(y_true, y_pred)
        return ((pred >= 0.5) == (true == 1)).astype(float)
    return np.asarray(y_true == y_pred.value, dtype=float)


def accuracy(y_true: npt.NDArray[np.generic], y_pred: Predicted) -> tuple[float, Floats]:
    """Share of rows whose predicted class is the true one; binary at a probability of .5."""
    hits = _hits(y_true, y_pred)
    value = Share(hits.mean())
    return value, hits - value


def balanced_accuracy(y_true: npt.NDArray[np.generic], y_pred: Predicted) -> tuple[float, Floats]:
    """Mean over the classes present of the share found (recall)."""
    hits = _hits(y_true, y_pred)
    classes, codes = np.unique(y_true, return_inverse=True)
    counts = np.bincount(codes)
    recall = np.bincount(codes, weights=hits) / counts
    influence = (hits - recall[codes]) * len(y_true) / counts[codes] / len(classes)
    return float(recall.mean()), influence


def f1(y_true: npt.NDArray[np.generic], y_pred: Predicted) -> tuple[float, Floats]:
    """2·TP / (2·TP + FP + FN) at a probability of .5; not defined with no positive, true or predicted."""
    true, pred = _numbers(y_true, y_pred)
    return _f1_of(true == 1, pred >= 0.5)


def _f1_of(is_it: npt.NDArray[np.bool_], labels: npt.NDArray[np.bool_]) -> tuple[float, Floats]:
    return _ratio(2.0 * (is_it & labels).astype(float), is_it.astype(float) + labels.astype(float))


def f1_macro(y_true: npt.NDArray[np.generic], y_pred: Predicted) -> tuple[float, Floats]:
    """Mean of each class's F1 over the classes that occur, true or predicted."""
    labels: npt.NDArray[np.generic] = y_pred.value
    if y_pred.true is None:
        labels = (y_pred.value.astype(float) >= 0.5).astype(float)
    classes = sorted({*y_true.tolist(), *labels.tolist()})
    each = [_f1_of(np.asarray(y_true == name), np.asarray(labels == name)) for name in classes]
    return float(np.mean([value for value, _ in each])), np.mean([influence for _, influence in each], axis=0)


def roc_auc(y_true: npt.NDArray[np.generic], y_pred: Predicted) -> tuple[float, Floats]:
    """Area under the ROC curve; influence from the placements of DeLong, DeLong and Clarke-Pearson (1988)."""
    true, score = _numbers(y_true, y_pred)
    positive = true == 1
    up, down = int(positive.sum()), int((~positive).sum())
    if not up or not down:
        return _undefined(len(true))
    placement = np.empty(len(true))
    ranks = rankdata(score)
    placement[positive] = (ranks[positive] - rankdata(score[positive])) / down
    placement[~positive] = 1 - (ranks[~positive] - rankdata(score[~positive])) / up
    value = float(placement[positive].mean())
    weight = np.where(positive, len(true) / up, len(true) / down)
    return value, (placement - value) * weight


def average_precision(y_true: npt.NDArray[np.generic], y_pred: Predicted) -> tuple[float, Floats]:
    """Area under precision-recall: mean over the positives of the precision among rows that score as high.

    With A(s) the share of rows that are positive and score ≥ s, B(s) the share that score ≥ s and π = A(−∞):
    influence = (Y·(A/B + E[Y′·1(S′ ≤ s)/B′]) − E[Y′·1(S′ ≤ s)·A′/B′²] − Y·value) / π.
    """
    true, score = _numbers(y_true, y_pred)
    levels, place = np.unique(score, return_inverse=True)
    share = float(true.mean())
    if share == 0:
        return _undefined(len(true))
    positives = np.bincount(place, weights=true, minlength=len(levels)) / len(true)
    every = np.bincount(place, minlength=len(levels)) / len(true)
    result, above = positives[::-1].cumsum()[::-1], every[::-1].cumsum()[::-1]
    precision = result / above
    value = float(positives @ precision) / share
    raised, lowered = (positives / above).cumsum(), (positives * precision / above).cumsum()
    influence = true * ((precision + raised)[place] - value) - lowered[place]
    return value, influence / share


METRICS = {
    metric.name: metric
    for metric in (
        Metric("roc_auc", ("binary",), True, roc_auc),
        Metric("average_precision", ("binary",), True, average_precision),
        Metric("log_loss", ("binary", "multiclass"), False, log_loss),
        Metric("brier", ("binary",), False, brier),
        Metric("accuracy", ("binary", "multiclass"), True, accuracy),
        Metric("balanced_accuracy", ("binary", "multiclass"), True, balanced_accuracy),
        Metric("f1", ("binary",), True, f1),
        Metric("f1_macro", ("binary", "multiclass"), True, f1_macro),
        Metric("mae", ("regression",), False, mae),
        Metric("rmse", ("regression",), False, rmse),
        Metric("mape", ("regression",), False, mape),
        Metric("r2", ("regression",), True, r2),
        Metric("bias", ("regression",), False, bias),
    )
}


def own(
    function: Callable[..., float],
    *,
    outcomes: tuple[str, ...] = ("binary", "multiclass"),
    higher_is_better: bool = True,
    probabilities: bool = False,
) -> Metric:
    """A metric from a function of (y_true, y_pred), such as sklearn.metrics.matthews_corrcoef.

    It is given numbers (regression), labels (classes; binary: 1.0 where the probability is .5 or more) or,
    with `probabilities`, the probability of the positive class (binary). Its name is the function's. The
    influences are its jackknife: the function is asked once for every distinct pair of truth and prediction.
    """

    def compute(y_true: npt.NDArray[np.generic], y_pred: Predicted) -> tuple[float, Floats]:
        pred = y_pred.value
        if "regression" not in outcomes and not probabilities and y_pred.true is None:
            pred = (pred.astype(float) >= 0.5).astype(float)
        return _jackknife(function, np.asarray(y_true), np.asarray(pred))

    return Metric(getattr(function, "__name__", str(function)), outcomes, higher_is_better, compute)


def _jackknife(function: Callable[..., float], true: Any, pred: Any) -> tuple[float, Floats]:
    """The value and (n − 1) · (value − value without row i), the latter once for rows that are alike."""
    try:
        value = float(function(true, pred))
        first, place = _alike(true, pred)
        without = [float(function(np.delete(true, row), np.delete(pred, row))) for row in first]
    except ValueError:  # what scikit-learn raises where a metric is not defined, as on one class alone
        return _undefined(len(true))
    influence = (value - np.array(without)[place]) * (len(true) - 1)
    return value, influence - influence.mean()


def _alike(true: Any, pred: Any) -> tuple[Any, Any]:
    """The first row of each kind, and each row's kind: equal truth and prediction.

    Numbers are rounded to as many digits, at least one, as leave no more than MOST_KINDS kinds to ask about.
    """
    for digits in range(6, 0, -1):
        columns = [
            pd.factorize(np.array([float(f"{one:.{digits}g}") for one in column]))[0]
            if column.dtype.kind == "f"
            else pd.factorize(column)[0]
            for column in (true, pred)
        ]
        _, first, place = np.unique(np.column_stack(columns), axis=0, return_index=True, return_inverse=True)
        if len(first) <= MOST_KINDS:
            break
    return first, place.ravel()


def of(project: Project) -> dict[str, Metric]:
    """The metrics that fit the outcome, by name: this library's, then the project's own."""
    outcome = project.param("problem.outcome")
    every = {**METRICS, **{metric.name: metric for metric in project.code.metrics}}
    return {name: metric for name, metric in every.items() if outcome in metric.outcomes}


def chosen(project: Project) -> Metric:
    """The metric that [problem] of params.toml names, or an error that lists those that fit the outcome.

    A metric of the project's own is not among them: whoever checks the target computes it again by a formula.
    """
    name, outcome = project.param("problem.metric"), project.param("problem.outcome")
    fitting = [one for one, metric in METRICS.items() if outcome in metric.outcomes and one != "bias"]
    if name not in fitting:
        raise ProjectError(
            f"[problem] metric = {name!r} does not fit the outcome {outcome!r}; "
            f"choose one of {', '.join(fitting)}."
        )
    return METRICS[name]
