"""The interval of an estimate from each row's influence, summed by cluster. Formulas: docs/formulas.md."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from math import isfinite, nan, sqrt
from typing import NamedTuple

from .student import half_width

TINY = 1e-12


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
    if value != 0 and max(map(abs, influence)) <= abs(value) * TINY:
        return Estimate(value, nan, nan, nan, n, count)
    error = sqrt(count / (count - 1) * sum(total * total for total in sums.values())) / n
    half = half_width(error, count)
    return Estimate(value, value - half, value + half, error, n, count)
