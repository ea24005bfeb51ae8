"""Intervals in closed form: an estimate, a standard error from influences by cluster, Student's t."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import t as student

LEVEL = 0.95
TINY = 1e-12


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % interval; `n` rows in `clusters` clusters."""

    value: float
    low: float
    high: float
    standard_error: float
    n: int
    clusters: int

    def as_dict(self) -> dict[str, Any]:
        """The fields, for a report."""
        return asdict(self)


def estimate(
    value: float, influence: npt.NDArray[np.float64], clusters: npt.NDArray[np.generic] | None = None
) -> Estimate:
    """The interval of a metric, or of a difference of metrics (with the difference of their influences).

    Variance: G/(G − 1) · Σ S² / n², S being a cluster's sum of influences and G the number of clusters (the
    sandwich estimator of Liang and Zeger, 1986); quantile of Student's t with G − 1 degrees of freedom. No
    interval (NaN): a single cluster, a value that is not defined, or one without any variation, such as an
    accuracy of 1. A difference of 0 between models that err alike on every row is exactly 0.
    """
    n = len(influence)
    codes = np.arange(n) if clusters is None else pd.factorize(clusters, use_na_sentinel=False)[0]
    count = int(codes.max()) + 1 if n else 0
    if count < 2 or not np.isfinite(value) or not np.isfinite(influence).all():
        return Estimate(value, float("nan"), float("nan"), float("nan"), n, count)
    if value != 0 and float(np.abs(influence).max()) <= abs(value) * TINY:
        return Estimate(value, float("nan"), float("nan"), float("nan"), n, count)
    sums = np.bincount(codes, weights=influence)
    error = float(np.sqrt(count / (count - 1) * np.sum(sums**2)) / n)
    half = float(student.ppf((1 + LEVEL) / 2, count - 1)) * error
    return Estimate(value, value - half, value + half, error, n, count)
