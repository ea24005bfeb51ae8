"""The learning curve: the metric over growing shares of the training rows, and what more would bring."""

from __future__ import annotations

from typing import Any

import numpy as np

from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.project import Project
from poc2prod_kit.scoring import intervals
from poc2prod_kit.scoring.metrics import Metric

Array = np.ndarray[Any, Any]
LAST = 3


def fractions(project: Project) -> list[float]:
    """[improve] fractions, in order, 1 among them."""
    shares = project.param("improve.fractions", [0.1, 0.2, 0.4, 0.7, 1.0])
    for value in shares:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= 1:
            raise ProjectError(
                f"[improve] fractions has {value!r}; each must be a number above 0 and at most 1."
            )
    return sorted({float(value) for value in shares} | {1.0})


def doubling(
    metric: Metric, points: list[dict[str, Any]], influences: list[Any], clusters: Array | None
) -> dict[str, Any]:
    """What twice the data would bring if the curve went on as between its last points.

    A change of the metric, positive for better: least squares of the metric on log2(rows) over the last three
    points. Its standard error joins that of the validation rows (paired: the same rows judge all points) and
    the scatter of the points about the line (which training rows were drawn).
    """
    last = points[-LAST:]
    if len(last) < 2 or not all(np.isfinite(point["score"]["value"]) for point in last):
        return {"verdict": "cannot tell", "text": "Too few points on the learning curve to tell."}
    # On log2(rows) the slope is the gain of one doubling. As a weighted sum of the values it has the same sum
    # of their influences.
    x = np.log2([point["rows"] for point in last])
    weight = (x - x.mean()) / ((x - x.mean()) ** 2).sum() * metric.sign
    values = np.array([point["score"]["value"] for point in last])
    gain = float(weight @ values)
    made = intervals.estimate(gain, np.tensordot(weight, np.array(influences[-LAST:]), 1), clusters)
    fitted = np.polyval(np.polyfit(x, values, 1), x)
    scatter = float(np.sqrt(((values - fitted) ** 2).sum() / max(1, len(x) - 2) * (weight**2).sum()))
    if not np.isfinite(made["standard_error"]):
        return {
            "verdict": "cannot tell",
            "text": "All validation rows are of one group or block of time: too few to tell.",
        }
    error = float(np.hypot(made["standard_error"], scatter))
    half = intervals.quantile(made["clusters"] - 1) * error
    low, high = gain - half, gain + half
    verdict = "more data helps" if low > 0 else "more data does not help" if high <= 0 else "cannot tell"
    text = (
        f"Twice the training rows: {metric.name} better by {gain:.3g} ({low:.3g} to {high:.3g}), "
        f"if the curve goes on as it does: {verdict}."
    )
    return {
        "gain": gain,
        "low": low,
        "high": high,
        "standard_error": error,
        "points": len(last),
        "verdict": verdict,
        "text": text,
    }
