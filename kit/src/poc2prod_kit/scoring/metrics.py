"""Metrics with their influence functions, so that each has an interval in closed form.

A metric takes the truth `y` and the prediction, both of shape (n,), and gives its value and the influence of
each row on it (shape (n,), sum 0). Leaving row i out changes the value by −influence[i] / (n − 1), to first
order; so the value's variance is that of the influences' mean (Hampel, 1974). Where a metric is not defined,
as AUC is not on one class alone, the value and all influences are NaN: null in a report. The formulas stand
in docs/formulas.md of poc2prod.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.project import Project
from poc2prod_kit.scoring.intervals import Loss, Share

Floats = npt.NDArray[np.float64]
SMALLEST = 1e-6


@dataclass(frozen=True)
class Predicted:
    """What a model says of n rows.

    Binary: `value` is the probability of the positive class. Regression: the prediction. Multiclass: `value`
    is the predicted label and `true` the probability given to the true one.
    """

    value: npt.NDArray[np.generic]
    true: Floats | None = None


@dataclass(frozen=True)
class Metric:
    """A measure of quality: for which outcomes, which way is better, how it is computed."""

    name: str
    outcomes: tuple[str, ...]
    higher_is_better: bool
    compute: Callable[[npt.NDArray[np.generic], Predicted], tuple[float, Floats]]


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


def _numbers(y: npt.NDArray[np.generic], predicted: Predicted) -> tuple[Floats, Floats]:
    return y.astype(float), predicted.value.astype(float)


def mae(y: npt.NDArray[np.generic], predicted: Predicted) -> tuple[float, Floats]:
    """Mean absolute error, in the target's unit."""
    truth, guess = _numbers(y, predicted)
    return _mean(np.abs(truth - guess))


def bias(y: npt.NDArray[np.generic], predicted: Predicted) -> tuple[float, Floats]:
    """Mean of prediction − truth, in the target's unit: what is wrong on average."""
    truth, guess = _numbers(y, predicted)
    return _mean(guess - truth)


def mape(y: npt.NDArray[np.generic], predicted: Predicted) -> tuple[float, Floats]:
    """Mean of |prediction − truth| / |truth|, as a share; not defined where a truth is 0."""
    truth, guess = _numbers(y, predicted)
    if (truth == 0).any():
        return _undefined(len(truth))
    return _mean(np.abs((truth - guess) / truth))


def rmse(y: npt.NDArray[np.generic], predicted: Predicted) -> tuple[float, Floats]:
    """Root mean squared error, in the target's unit; influence by the delta method."""
    truth, guess = _numbers(y, predicted)
    value, influence = _mean((truth - guess) ** 2)
    root = float(np.sqrt(value))
    return Loss(root), influence / (2 * root) if root else influence


def r2(y: npt.NDArray[np.generic], predicted: Predicted) -> tuple[float, Floats]:
    """Share of variance explained, 1 − MSE / variance of these rows; undefined for a constant truth."""
    truth, guess = _numbers(y, predicted)
    ratio, influence = _ratio((truth - guess) ** 2, (truth - truth.mean()) ** 2)
    return 1 - ratio, -influence


def brier(y: npt.NDArray[np.generic], predicted: Predicted) -> tuple[float, Floats]:
    """Mean squared difference between probability and outcome."""
    truth, guess = _numbers(y, predicted)
    return _mean((truth - guess) ** 2)


def log_loss(y: npt.NDArray[np.generic], predicted: Predicted) -> tuple[float, Floats]:
    """Mean of −ln of the probability given to what happened, the latter not below 1e-6.

    So one confident mistake costs at most 13.8, and files with 6 digits give the same number.
    """
    if predicted.true is None:
        truth, guess = _numbers(y, predicted)
        given = np.where(truth == 1, guess, 1 - guess)
    else:
        given = predicted.true
    return _mean(-np.log(np.clip(given, SMALLEST, 1.0)))


def _hits(y: npt.NDArray[np.generic], predicted: Predicted) -> Floats:
    if predicted.true is None:
        truth, guess = _numbers(y, predicted)
        return ((guess >= 0.5) == (truth == 1)).astype(float)
    return np.asarray(y == predicted.value, dtype=float)


def accuracy(y: npt.NDArray[np.generic], predicted: Predicted) -> tuple[float, Floats]:
    """Share of rows whose predicted class is the true one; binary at a probability of .5."""
    hits = _hits(y, predicted)
    value = Share(hits.mean())
    return value, hits - value


def balanced_accuracy(y: npt.NDArray[np.generic], predicted: Predicted) -> tuple[float, Floats]:
    """Mean over the classes present of the share found (recall)."""
    hits = _hits(y, predicted)
    classes, codes = np.unique(y, return_inverse=True)
    counts = np.bincount(codes)
    recall = np.bincount(codes, weights=hits) / counts
    influence = (hits - recall[codes]) * len(y) / counts[codes] / len(classes)
    return float(recall.mean()), influence


def f1(y: npt.NDArray[np.generic], predicted: Predicted) -> tuple[float, Floats]:
    """2·TP / (2·TP + FP + FN) at a probability of .5; not defined with no positive, true or predicted."""
    truth, guess = _numbers(y, predicted)
    return _f1_of(truth == 1, guess >= 0.5)


def _f1_of(is_it: npt.NDArray[np.bool_], said: npt.NDArray[np.bool_]) -> tuple[float, Floats]:
    return _ratio(2.0 * (is_it & said).astype(float), is_it.astype(float) + said.astype(float))


def f1_macro(y: npt.NDArray[np.generic], predicted: Predicted) -> tuple[float, Floats]:
    """Mean of each class's F1 over the classes that occur, true or predicted."""
    said: npt.NDArray[np.generic] = predicted.value
    if predicted.true is None:
        said = (predicted.value.astype(float) >= 0.5).astype(float)
    classes = sorted({*y.tolist(), *said.tolist()})
    each = [_f1_of(np.asarray(y == name), np.asarray(said == name)) for name in classes]
    return float(np.mean([value for value, _ in each])), np.mean([influence for _, influence in each], axis=0)


def roc_auc(y: npt.NDArray[np.generic], predicted: Predicted) -> tuple[float, Floats]:
    """Area under the ROC curve; influence from the placements of DeLong, DeLong and Clarke-Pearson (1988)."""
    truth, score = _numbers(y, predicted)
    positive = truth == 1
    up, down = int(positive.sum()), int((~positive).sum())
    if not up or not down:
        return _undefined(len(truth))
    placement = np.empty(len(truth))
    ranks = rankdata(score)
    placement[positive] = (ranks[positive] - rankdata(score[positive])) / down
    placement[~positive] = 1 - (ranks[~positive] - rankdata(score[~positive])) / up
    value = float(placement[positive].mean())
    weight = np.where(positive, len(truth) / up, len(truth) / down)
    return value, (placement - value) * weight


def average_precision(y: npt.NDArray[np.generic], predicted: Predicted) -> tuple[float, Floats]:
    """Area under precision-recall: mean over the positives of the precision among rows that score as high.

    With A(s) the share of rows that are positive and score ≥ s, B(s) the share that score ≥ s and π = A(−∞):
    influence = (Y·(A/B + E[Y′·1(S′ ≤ s)/B′]) − E[Y′·1(S′ ≤ s)·A′/B′²] − Y·value) / π.
    """
    truth, score = _numbers(y, predicted)
    levels, place = np.unique(score, return_inverse=True)
    share = float(truth.mean())
    if share == 0:
        return _undefined(len(truth))
    positives = np.bincount(place, weights=truth, minlength=len(levels)) / len(truth)
    every = np.bincount(place, minlength=len(levels)) / len(truth)
    found, above = positives[::-1].cumsum()[::-1], every[::-1].cumsum()[::-1]
    precision = found / above
    value = float(positives @ precision) / share
    raised, lowered = (positives / above).cumsum(), (positives * precision / above).cumsum()
    influence = truth * ((precision + raised)[place] - value) - lowered[place]
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


def named(name: str, outcome: str) -> Metric:
    """The metric of that name, or an error that lists those that fit the outcome."""
    fitting = [
        metric.name for metric in METRICS.values() if outcome in metric.outcomes and metric.name != "bias"
    ]
    if name not in fitting:
        raise ProjectError(
            f"[problem] metric = {name!r} does not fit the outcome {outcome!r}; "
            f"choose one of {', '.join(fitting)}."
        )
    return METRICS[name]


def chosen(project: Project) -> Metric:
    """The metric that [problem] of params.toml names."""
    return named(project.param("problem.metric"), project.param("problem.outcome"))
