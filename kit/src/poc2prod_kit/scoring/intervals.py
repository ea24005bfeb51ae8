"""Intervals in closed form: an estimate, a standard error from influences by cluster, Student's t."""

from __future__ import annotations

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


def estimate(
    value: float, influence: npt.NDArray[np.float64], clusters: npt.NDArray[np.generic] | None = None
) -> dict[str, Any]:
    """A metric, or a difference of metrics (with the difference of their influences), with its 95 % interval.

    Keys: value, low, high, standard_error; `n` rows in `clusters` clusters.
    Variance: G/(G − 1) · Σ S² / n², S being a cluster's sum of influences and G the number of clusters (the
    sandwich estimator of Liang and Zeger, 1986); quantile of Student's t with G − 1 degrees of freedom. No
    interval (NaN): a single cluster, a value that is not defined, or one without any variation, such as an
    AUC of 1. A difference of 0 between models that err alike on every row is exactly 0. A share without
    variation has a bound on its other side (see `bound`), and no standard error.
    """
    n = len(influence)
    codes = np.arange(n) if clusters is None else pd.factorize(clusters, use_na_sentinel=False)[0]
    count = int(codes.max()) + 1 if n else 0
    low = high = error = float("nan")
    alike = n > 0 and float(np.abs(influence).max()) <= abs(value) * TINY
    defined = count >= 2 and bool(np.isfinite(value)) and bool(np.isfinite(influence).all())
    if defined and alike and isinstance(value, Share) and float(value) in (0.0, 1.0):
        low, high = bound(value, count)
    elif defined and (not alike or (value == 0 and not isinstance(value, Loss))):
        sums = np.bincount(codes, weights=influence)
        error = float(np.sqrt(count / (count - 1) * np.sum(sums**2)) / n)
        half = quantile(count - 1) * error
        low, high = value - half, value + half
    return {"value": value, "low": low, "high": high, "standard_error": error, "n": n, "clusters": count}


def quantile(freedom: int) -> float:
    """How many standard errors a two-sided 95 % interval reaches, by Student's t."""
    return float(student.ppf((1 + LEVEL) / 2, max(1, freedom)))


def bound(share: float, clusters: int) -> tuple[float, float]:
    """The one-sided 95 % interval of a share of 1 or 0 in so many clusters (Clopper and Pearson, 1934).

    The share at which that many hits in a row have a chance of 5 %: .05^(1/G), about 1 − 3/G. A cluster
    counts as one trial: right where its rows succeed and fail together, careful where they do not.
    """
    end = CHANCE ** (1 / clusters)
    return (float(end), 1.0) if share == 1 else (0.0, float(1 - end))
