"""Metrics with their influence functions, so that each has an interval in closed form.

A metric takes the truth `y` and the prediction, both of shape (n,), and gives its value and the influence of each
row on it (shape (n,), mean 0): value − truth is the influence's mean to first order. See docs/formulas in poc2prod.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from .errors import ProjectError

Floats = npt.NDArray[np.float64]
SMALLEST = 1e-6


@dataclass(frozen=True)
class Predicted:
    """What a model says of n rows.

    Binary: `value` is the probability of the positive class. Regression: the prediction. Multiclass: `value` is the
    predicted label and `true` the probability given to the true one.
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
    value = float(losses.mean())
    return value, losses - value


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


def rmse(y: npt.NDArray[np.generic], predicted: Predicted) -> tuple[float, Floats]:
    """Root mean squared error, in the target's unit; influence by the delta method."""
    truth, guess = _numbers(y, predicted)
    value, influence = _mean((truth - guess) ** 2)
    root = float(np.sqrt(value))
    return root, influence / (2 * max(root, 1e-300))


def r2(y: npt.NDArray[np.generic], predicted: Predicted) -> tuple[float, Floats]:
    """Share of the variance explained, 1 − MSE / variance; influence of a ratio of means."""
    truth, guess = _numbers(y, predicted)
    squared, spread = (truth - guess) ** 2, (truth - truth.mean()) ** 2
    variance = max(float(spread.mean()), 1e-300)
    ratio = float(squared.mean()) / variance
    return 1 - ratio, -(squared - ratio * spread) / variance


def brier(y: npt.NDArray[np.generic], predicted: Predicted) -> tuple[float, Floats]:
    """Mean squared difference between probability and outcome."""
    truth, guess = _numbers(y, predicted)
    return _mean((truth - guess) ** 2)


def log_loss(y: npt.NDArray[np.generic], predicted: Predicted) -> tuple[float, Floats]:
    """Mean of −ln of the probability given to what happened, probabilities kept off 0 by 1e-6."""
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
    return _mean(_hits(y, predicted))


def balanced_accuracy(y: npt.NDArray[np.generic], predicted: Predicted) -> tuple[float, Floats]:
    """Mean over the classes present of the share found (recall)."""
    hits = _hits(y, predicted)
    classes, codes = np.unique(y, return_inverse=True)
    counts = np.bincount(codes)
    recall = np.bincount(codes, weights=hits) / counts
    influence = (hits - recall[codes]) * len(y) / counts[codes] / len(classes)
    return float(recall.mean()), influence


def f1(y: npt.NDArray[np.generic], predicted: Predicted) -> tuple[float, Floats]:
    """2·TP / (2·TP + FP + FN) at a probability of .5; influence of a ratio of means."""
    truth, guess = _numbers(y, predicted)
    said = guess >= 0.5
    above, below = 2.0 * ((truth == 1) & said), (truth == 1).astype(float) + said
    base = max(float(below.mean()), 1e-300)
    ratio = float(above.mean()) / base
    return ratio, (above - ratio * below) / base


def roc_auc(y: npt.NDArray[np.generic], predicted: Predicted) -> tuple[float, Floats]:
    """Area under the ROC curve; influence from the placements of DeLong, DeLong and Clarke-Pearson (1988)."""
    truth, score = _numbers(y, predicted)
    positive = truth == 1
    up, down = int(positive.sum()), int((~positive).sum())
    if not up or not down:
        return float("nan"), np.full(len(truth), np.nan)
    placement = np.empty(len(truth))
    ranks = rankdata(score)
    placement[positive] = (ranks[positive] - rankdata(score[positive])) / down
    placement[~positive] = 1 - (ranks[~positive] - rankdata(score[~positive])) / up
    value = float(placement[positive].mean())
    weight = np.where(positive, len(truth) / up, len(truth) / down)
    return value, (placement - value) * weight


METRICS = {
    metric.name: metric
    for metric in (
        Metric("roc_auc", ("binary",), True, roc_auc),
        Metric("log_loss", ("binary", "multiclass"), False, log_loss),
        Metric("brier", ("binary",), False, brier),
        Metric("accuracy", ("binary", "multiclass"), True, accuracy),
        Metric("balanced_accuracy", ("binary", "multiclass"), True, balanced_accuracy),
        Metric("f1", ("binary",), True, f1),
        Metric("mae", ("regression",), False, mae),
        Metric("rmse", ("regression",), False, rmse),
        Metric("r2", ("regression",), True, r2),
        Metric("bias", ("regression",), False, bias),
    )
}


def named(name: str, outcome: str) -> Metric:
    """The metric of that name, or an error that lists those that fit the outcome."""
    fitting = [metric.name for metric in METRICS.values() if outcome in metric.outcomes and metric.name != "bias"]
    if name not in fitting:
        raise ProjectError(
            f"[problem] metric = {name!r} does not fit the outcome {outcome!r}; choose one of {', '.join(fitting)}."
        )
    return METRICS[name]
