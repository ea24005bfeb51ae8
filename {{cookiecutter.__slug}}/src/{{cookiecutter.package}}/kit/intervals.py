"""Intervals in closed form: an estimate, its standard error from influences summed by cluster, Student's t."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import t as student

LEVEL = 0.95


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


def estimate(value: float, influence: npt.NDArray[np.float64], clusters: npt.NDArray[np.generic] | None = None) -> Estimate:
    """The interval of a metric.

    Variance: G/(G−1) · Σ S² / n², S being a cluster's sum of influences and G the number of clusters (the sandwich
    estimator of Liang and Zeger, 1986); quantile of Student's t with G − 1 degrees of freedom. One cluster: no interval.
    """
    n = len(influence)
    codes = np.arange(n) if clusters is None else pd.factorize(clusters)[0]
    sums = np.bincount(codes, weights=influence)
    count = len(sums)
    if count < 2 or not np.isfinite(value):
        return Estimate(value, float("nan"), float("nan"), float("nan"), n, count)
    error = float(np.sqrt(count / (count - 1) * np.sum(sums**2)) / n)
    half = float(student.ppf((1 + LEVEL) / 2, count - 1)) * error
    return Estimate(value, value - half, value + half, error, n, count)
