"""Intervals in closed form: an estimate, a standard error from influences by cluster, Student's t."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import t as student

LEVEL = 0.95
CHANCE = 0.05
TINY = 1e-12


class Share(float):
    """The share of rows that are right. Where all are, or none, it has a one-sided interval."""


class Loss(float):
    """A mean loss. Of 0, nothing tells how far from 0 it may be on other rows."""


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
    AUC of 1. A difference of 0 between models that err alike on every row is exactly 0. A share without
    variation has a bound on its other side (see `bound`), and no standard error.
    """
    n = len(influence)
    codes = np.arange(n) if clusters is None else pd.factorize(clusters, use_na_sentinel=False)[0]
    count = int(codes.max()) + 1 if n else 0
    if count < 2 or not np.isfinite(value) or not np.isfinite(influence).all():
        return Estimate(value, float("nan"), float("nan"), float("nan"), n, count)
    alike = float(np.abs(influence).max()) <= abs(value) * TINY
    if isinstance(value, Share) and alike and float(value) in (0.0, 1.0):
        return Estimate(value, *bound(value, count), float("nan"), n, count)
    if alike and (value != 0 or isinstance(value, Loss)):
        return Estimate(value, float("nan"), float("nan"), float("nan"), n, count)
    sums = np.bincount(codes, weights=influence)
    error = float(np.sqrt(count / (count - 1) * np.sum(sums**2)) / n)
    half = float(student.ppf((1 + LEVEL) / 2, count - 1)) * error
    return Estimate(value, value - half, value + half, error, n, count)


def bound(share: float, clusters: int) -> tuple[float, float]:
    """The one-sided 95 % interval of a share of 1 or 0 in so many clusters (Clopper and Pearson, 1934).

    The share at which that many hits in a row have a chance of 5 %: .05^(1/G), about 1 − 3/G. A cluster
    counts as one trial: right where its rows succeed and fail together, careful where they do not.
    """
    end = CHANCE ** (1 / clusters)
    return (float(end), 1.0) if share == 1 else (0.0, float(1 - end))
