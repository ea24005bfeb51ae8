"""The interval of an estimate from each row's influence, summed by cluster. Formulas: docs/formulas.md."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from math import isfinite, nan, sqrt
from typing import NamedTuple

from .student import half_width

TINY = 1e-12
CHANCE = 0.05


class Share(float):
    """The share of rows that are right. Where all are, or none, it has a one-sided interval."""


class Loss(float):
    """A mean loss. Of 0, nothing tells how far from 0 it may be on other rows."""


class Estimate(NamedTuple):
    """A value with its 95 % interval; `n` rows in `clusters` clusters."""

    value: float
    low: float
    high: float
    standard_error: float
    n: int
    clusters: int


def estimate(
    value: float, influence: Sequence[float], clusters: Sequence[Hashable] | None = None
) -> Estimate:
    """The interval of a metric, or of a difference of metrics with the difference of their influences."""
    n = len(influence)
    sums: dict[Hashable, float] = {}
    for key, weight in zip(clusters if clusters is not None else range(n), influence, strict=True):
        sums[key] = sums.get(key, 0.0) + weight
    count = len(sums)
    if count < 2 or not isfinite(value) or not all(map(isfinite, influence)):
        return Estimate(value, nan, nan, nan, n, count)
    alike = max(map(abs, influence)) <= abs(value) * TINY
    if isinstance(value, Share) and alike and float(value) in (0.0, 1.0):
        return Estimate(value, *bound(value, count), nan, n, count)
    if alike and (value != 0 or isinstance(value, Loss)):
        return Estimate(value, nan, nan, nan, n, count)
    error = sqrt(count / (count - 1) * sum(total * total for total in sums.values())) / n
    half = half_width(error, count)
    return Estimate(value, value - half, value + half, error, n, count)


def bound(share: float, clusters: int) -> tuple[float, float]:
    """The one-sided 95 % interval of a share of 1 or 0 in so many clusters (Clopper and Pearson, 1934)."""
    end = CHANCE ** (1 / clusters)
    return (end, 1.0) if share == 1 else (0.0, 1 - end)
