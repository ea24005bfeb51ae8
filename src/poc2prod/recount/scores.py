"""Scores, paired differences and gaps; and whether a reported number is the recomputed one."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from math import floor, hypot, isfinite, log10, nan
from typing import Any

from .intervals import Estimate, bound, estimate
from .metrics import METRICS, Predicted
from .student import half_width

LOWER = frozenset({"log_loss", "brier", "mae", "rmse", "mape", "bias"})
FITTING = {
    "binary": (
        *("roc_auc", "average_precision", "log_loss", "brier", "accuracy", "balanced_accuracy", "f1"),
        "f1_macro",
    ),
    "multiclass": ("log_loss", "accuracy", "balanced_accuracy", "f1_macro"),
    "regression": ("mae", "rmse", "mape", "r2", "bias"),
}
FIELDS = ("value", "low", "high", "standard_error", "n", "clusters")

Truth = Sequence[float] | Sequence[str]
Clusters = Sequence[Hashable] | None


def higher_is_better(metric: str) -> bool:
    """Which way is better."""
    return metric not in LOWER


def sign_of(metric: str) -> float:
    """1 where higher is better, else -1: a gap times this is positive for worse."""
    return 1.0 if higher_is_better(metric) else -1.0


def score(metric: str, y: Truth, said: Predicted, clusters: Clusters) -> Estimate:
    """The metric with its interval."""
    return estimate(*METRICS[metric](y, said), clusters)  # type: ignore[arg-type]


def difference(metric: str, y: Truth, one: Predicted, other: Predicted, clusters: Clusters) -> Estimate:
    """The metric of one less that of the other, on the same rows, with its interval."""
    value, influence = METRICS[metric](y, one)  # type: ignore[arg-type]
    less, theirs = METRICS[metric](y, other)  # type: ignore[arg-type]
    return estimate(value - less, [a - b for a, b in zip(influence, theirs, strict=True)], clusters)


def better(metric: str, pair: Estimate) -> bool:
    """Whether a difference is an improvement beyond its interval."""
    return pair.low > 0 if higher_is_better(metric) else pair.high < 0


def reported(item: Any) -> Estimate | None:
    """An estimate as a report gives it, null as NaN; None where it is none."""
    if not isinstance(item, Mapping):
        return None
    numbers = [nan if item.get(key) is None else item[key] for key in FIELDS]
    if any(isinstance(number, bool) or not isinstance(number, (int, float)) for number in numbers):
        return None
    value, low, high, error, n, clusters = numbers
    return (
        Estimate(value, low, high, error, int(n), int(clusters)) if n == n and clusters == clusters else None
    )


def same(one: float, other: float, scale: float = 0.0) -> bool:
    """Whether two numbers agree in 6 significant digits; `scale`: the size of what they are made from."""
    if not (isfinite(one) and isfinite(other)):
        return isfinite(one) == isfinite(other)
    largest = max(abs(one), abs(other))
    return abs(one - other) <= 1.02 * _half_digit(largest) + 1e-9 * max(scale, largest)


def _half_digit(number: float) -> float:
    """How far a number may be from what was rounded to its 6 significant digits."""
    return 0.5 * 10.0 ** (floor(log10(abs(number))) - 5) if abs(number) > 1e-300 else 0.0


def incoherent(item: Any) -> str:
    """Why a reported estimate cannot be one: an interval inverted, beside its value, or not its error's width."""
    result = reported(item)
    if result is None:
        return "is no estimate"
    if not isfinite(result.low) or not isfinite(result.high):
        return ""
    if not result.low <= result.value <= result.high:
        return f"{number(result.value)} is not within {number(result.low)} to {number(result.high)}"
    if not isfinite(result.standard_error):
        return _unbounded(result)
    half = half_width(result.standard_error, int(result.clusters))
    rounding = _half_digit(result.low) + _half_digit(result.high)
    if half:
        rounding += 2 * half / result.standard_error * _half_digit(result.standard_error)
    if abs(result.high - result.low - 2 * half) > 1.02 * rounding + 1e-9 * abs(result.value):
        wide, error = number(result.high - result.low), number(result.standard_error)
        return f"an interval {wide} wide does not follow from an error of {error}"
    return ""


def _unbounded(found: Estimate) -> str:
    """Why an interval without an error is not that of a share of 1 or 0."""
    if found.value in (0, 1) and found.clusters > 1:
        due = bound(found.value, int(found.clusters))
        if same(found.low, due[0]) and same(found.high, due[1]):
            return ""
    return f"{number(found.low)} to {number(found.high)} has no error that it follows from"


def number(value: float) -> str:
    """A number in words."""
    return f"{value:.6g}" if isfinite(value) else "none"


def shown(item: Estimate) -> str:
    """A value with its interval in words."""
    if not isfinite(item.low):
        return f"{item.value:.3g} (no interval)"
    return f"{item.value:.3g} ({item.low:.3g} to {item.high:.3g})"


def gap_between(metric: str, good: Estimate, bad: Estimate) -> tuple[float, float, float]:
    """How much worse the second is than the first on other rows: value, low, high; positive for worse."""
    sign = sign_of(metric)
    value = sign * (good.value - bad.value)
    error = hypot(good.standard_error, bad.standard_error)
    half = half_width(error, max(2, int(min(good.clusters, bad.clusters))))
    return value, value - half, value + half


def gap_to(metric: str, level: float, reached: Estimate) -> tuple[float, float, float]:
    """How much worse than an exact level: value, low, high; positive for worse."""
    sign = sign_of(metric)
    low, high = sorted(sign * (level - end) for end in (reached.low, reached.high))
    return sign * (level - reached.value), low, high


def verdict(low: float, high: float) -> str:
    """What the interval of a gap says."""
    return "worse" if low > 0 else "not worse" if high <= 0 else "cannot tell"
