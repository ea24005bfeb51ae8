"""A metric of some rows, and the difference of two models' metrics on the same rows, with intervals."""

from __future__ import annotations

from typing import Any

import numpy as np

from poc2prod_kit.scoring import intervals
from poc2prod_kit.scoring.metrics import Metric, Predicted

Array = np.ndarray[Any, Any]


def score(metric: Metric, y_true: Array, y_pred: Predicted, clusters: Array | None) -> dict[str, Any]:
    """The metric with its interval. `clusters` (n,): which rows belong together; None: each its own."""
    return intervals.estimate(*metric.compute(y_true, y_pred), clusters).as_dict()


def difference(
    metric: Metric, y_true: Array, first: Predicted, second: Predicted, clusters: Array | None
) -> dict[str, Any]:
    """The metric of `first` less that of `second`, row by row on the same rows, with its interval."""
    (one, influence), (other, less) = metric.compute(y_true, first), metric.compute(y_true, second)
    return intervals.estimate(one - other, influence - less, clusters).as_dict()


def better(metric: Metric, difference: dict[str, Any]) -> bool:
    """Whether the difference is an improvement beyond its interval."""
    return bool(difference["low"] > 0) if metric.higher_is_better else bool(difference["high"] < 0)


def shown(pair: dict[str, Any]) -> str:
    """A difference with its interval in words."""
    return f"{pair['value']:.3g} [{pair['low']:.3g}, {pair['high']:.3g}]"
