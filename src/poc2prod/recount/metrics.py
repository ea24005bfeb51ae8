"""The project's metrics with their influences, with the standard library. Formulas: docs/formulas.md.

`y` and the predictions are sequences of n numbers (binary: 1 or 0 and the probability of 1; regression: the
target's unit) or, for several classes, labels with the probability given to the true one. Each metric gives
its value and the n influences.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from math import log, nan, sqrt
from typing import Any, NamedTuple

from .intervals import Loss, Share

Influences = list[float]
Measured = tuple[float, Influences]
SMALLEST = 1e-6


class Predicted(NamedTuple):
    """A model's predictions for n rows: numbers, or labels with the probability of the true one."""

    value: Sequence[float] | Sequence[str]
    true: Sequence[float] | None = None

    def at(self, places: Sequence[int]) -> Predicted:
        """The predictions for the rows at these places."""
        values: list[Any] = [self.value[place] for place in places]
        return Predicted(values, None if self.true is None else [self.true[place] for place in places])


def _mean(losses: Influences) -> Measured:
    value = Loss(sum(losses) / len(losses))
    return value, [loss - value for loss in losses]


def _undefined(n: int) -> Measured:
    return nan, [nan] * n


def _ratio(above: Sequence[float], below: Sequence[float]) -> Measured:
    base = sum(below) / len(below)
    if base == 0:
        return _undefined(len(below))
    ratio = sum(above) / len(above) / base
    return ratio, [(top - ratio * bottom) / base for top, bottom in zip(above, below, strict=True)]


def _pairs(y: Sequence[float], said: Predicted) -> list[tuple[float, float]]:
    return list(zip(map(float, y), map(float, said.value), strict=True))


def mae(y: Sequence[float], said: Predicted) -> Measured:
    """Mean absolute error."""
    return _mean([abs(truth - guess) for truth, guess in _pairs(y, said)])


def bias(y: Sequence[float], said: Predicted) -> Measured:
    """Mean of prediction − truth."""
    return _mean([guess - truth for truth, guess in _pairs(y, said)])


def mape(y: Sequence[float], said: Predicted) -> Measured:
    """Mean of |prediction − truth| / |truth|; not defined where a truth is 0."""
    if not all(y):
        return _undefined(len(y))
    return _mean([abs((truth - guess) / truth) for truth, guess in _pairs(y, said)])


def rmse(y: Sequence[float], said: Predicted) -> Measured:
    """Root mean squared error."""
    value, influence = _mean([(truth - guess) ** 2 for truth, guess in _pairs(y, said)])
    root = sqrt(value)
    return Loss(root), [item / (2 * root) for item in influence] if root else influence


def r2(y: Sequence[float], said: Predicted) -> Measured:
    """Share of these rows' variance that is explained."""
    middle = sum(y) / len(y)
    squared = [(truth - guess) ** 2 for truth, guess in _pairs(y, said)]
    ratio, influence = _ratio(squared, [(truth - middle) ** 2 for truth in y])
    return 1 - ratio, [-item for item in influence]


def brier(y: Sequence[float], said: Predicted) -> Measured:
    """Mean squared difference between probability and outcome."""
    return _mean([(truth - guess) ** 2 for truth, guess in _pairs(y, said)])


def log_loss(y: Sequence[float], said: Predicted) -> Measured:
    """Mean of −ln of the probability given to what happened, not below 1e-6."""
    given = said.true
    if given is None:
        given = [guess if truth == 1 else 1 - guess for truth, guess in _pairs(y, said)]
    return _mean([-log(min(max(item, SMALLEST), 1.0)) for item in given])


def _labels(y: Sequence[float], said: Predicted) -> tuple[list[object], list[object]]:
    if said.true is None:
        return [truth == 1 for truth in y], [float(guess) >= 0.5 for guess in said.value]
    return list(y), list(said.value)


def accuracy(y: Sequence[float], said: Predicted) -> Measured:
    """Share of rows whose predicted class is the true one."""
    value, influence = _mean([float(truth == guess) for truth, guess in zip(*_labels(y, said), strict=True)])
    return Share(value), influence


def balanced_accuracy(y: Sequence[float], said: Predicted) -> Measured:
    """Mean over the classes present of the share found."""
    truths, guesses = _labels(y, said)
    counts = Counter(truths)
    hits = Counter(truth for truth, guess in zip(truths, guesses, strict=True) if truth == guess)
    recall = {label: hits[label] / count for label, count in counts.items()}
    weight = {label: len(truths) / count / len(counts) for label, count in counts.items()}
    influence = [
        ((truth == guess) - recall[truth]) * weight[truth]
        for truth, guess in zip(truths, guesses, strict=True)
    ]
    return sum(recall.values()) / len(recall), influence


def _f1_of(label: object, truths: list[object], guesses: list[object]) -> Measured:
    is_it, told = [truth == label for truth in truths], [guess == label for guess in guesses]
    both = [2.0 * (one and other) for one, other in zip(is_it, told, strict=True)]
    return _ratio(both, [float(one) + other for one, other in zip(is_it, told, strict=True)])


def f1(y: Sequence[float], said: Predicted) -> Measured:
    """2·TP / (2·TP + FP + FN) at a probability of .5."""
    return _f1_of(True, *_labels(y, said))


def f1_macro(y: Sequence[float], said: Predicted) -> Measured:
    """Mean of each class's F1 over the classes that occur, true or predicted."""
    truths, guesses = _labels(y, said)
    each = [_f1_of(label, truths, guesses) for label in sorted({*truths, *guesses}, key=str)]
    means = [sum(column) / len(each) for column in zip(*(influence for _, influence in each), strict=True)]
    return sum(value for value, _ in each) / len(each), means


def roc_auc(y: Sequence[float], said: Predicted) -> Measured:
    """Area under the ROC curve, influences from DeLong's placements."""
    pairs = _pairs(y, said)
    up = sorted(score for truth, score in pairs if truth == 1)
    down = sorted(score for truth, score in pairs if truth != 1)
    if not up or not down:
        return _undefined(len(pairs))

    def below(ranked: list[float], score: float) -> float:
        return (bisect_left(ranked, score) + bisect_right(ranked, score)) / 2 / len(ranked)

    placement = [below(down, score) if truth == 1 else 1 - below(up, score) for truth, score in pairs]
    value = sum(place for place, (truth, _) in zip(placement, pairs, strict=True) if truth == 1) / len(up)
    weights = {True: len(pairs) / len(up), False: len(pairs) / len(down)}
    return value, [
        (place - value) * weights[truth == 1] for place, (truth, _) in zip(placement, pairs, strict=True)
    ]


def average_precision(y: Sequence[float], said: Predicted) -> Measured:
    """Mean over the positives of the precision among rows that score at least as high."""
    pairs = _pairs(y, said)
    n, share = len(pairs), sum(truth for truth, _ in pairs) / len(pairs)
    if share == 0:
        return _undefined(n)
    every, positives = (
        Counter(score for _, score in pairs),
        Counter(score for truth, score in pairs if truth == 1),
    )
    levels = sorted(every)
    precision: dict[float, float] = {}
    above: dict[float, float] = {}
    result = total = 0.0
    for level in reversed(levels):
        result, total = result + positives[level] / n, total + every[level] / n
        precision[level], above[level] = result / total, total
    value = sum(positives[level] / n * precision[level] for level in levels) / share
    raised: dict[float, float] = {}
    lowered: dict[float, float] = {}
    up = down = 0.0
    for level in levels:
        part = positives[level] / n / above[level]
        up, down = up + part, down + part * precision[level]
        raised[level], lowered[level] = up, down
    return value, [
        (truth * (precision[score] + raised[score] - value) - lowered[score]) / share
        for truth, score in pairs
    ]


METRICS: dict[str, Callable[[Sequence[float], Predicted], Measured]] = {
    metric.__name__: metric
    for metric in (
        *(roc_auc, average_precision, log_loss, brier, accuracy, balanced_accuracy, f1, f1_macro),
        *(mae, rmse, mape, r2, bias),
    )
}
