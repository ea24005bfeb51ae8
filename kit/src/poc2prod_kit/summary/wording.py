"""Numbers and metrics in words, for a reader who has never trained a model."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

MEASURES = {
    "roc_auc": "how often a random positive is ranked above a random negative; 0.5 is guessing, 1 is perfect",
    "log_loss": "how far the probabilities are from what happened; 0 is perfect",
    "average_precision": "how many of the top rows are positive; the share of positives is guessing, "
    "1 is perfect",
    "brier": "the mean squared difference between probability and outcome; 0 is perfect",
    "accuracy": "the share of rows that are predicted correctly",
    "balanced_accuracy": "the share predicted correctly, with equal weight for each class",
    "f1": "how well positives are found without false alarms; 1 is perfect",
    "f1_macro": "how well each class is found without false alarms, equally weighted; 1 is perfect",
    "mae": "the mean size of an error{unit}",
    "mape": "the mean size of an error as a share of the true value; 0 is perfect",
    "rmse": "the typical size of an error{unit}, with more weight on large errors",
    "r2": "the share of the variation that is explained; 0 is none, 1 is all",
}
NEVER_NEGATIVE = set(MEASURES) - {"r2"}
AT_MOST_ONE = set(MEASURES) - {"log_loss", "mae", "mape", "rmse"}


def measure(metric: str, unit: str) -> str:
    """The meaning of a metric; `unit` is that of the target, or empty."""
    text = MEASURES.get(metric, "a metric of your own")
    return text.format(unit=f" in {unit}" if unit else " in the target's unit")


def is_number(value: Any) -> bool:
    """Whether the value is a finite number."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def has_interval(estimate: dict[str, Any]) -> bool:
    """Whether both ends of the interval are known."""
    return is_number(estimate.get("low")) and is_number(estimate.get("high"))


def places(estimates: Iterable[dict[str, Any]]) -> int:
    """How many decimals to show: two digits of the half width of the narrowest interval.

    At most one more than for the widest interval; negative to round to tens, hundreds …
    """
    halves = [(item["high"] - item["low"]) / 2 for item in estimates if has_interval(item)]
    halves = [half for half in halves if half > 0]
    if not halves:
        return 3
    fine, coarse = (1 - math.floor(math.log10(half)) for half in (min(halves), max(halves)))
    return min(fine, coarse + 1)


def number(value: Any, decimals: int = 3) -> str:
    """A number with thousands separators and that many decimals; powers of ten where it is tiny or huge."""
    if not is_number(value):
        return "?"
    if value and (decimals > 8 or abs(value) >= 1e15):
        return f"{value:.3g}"
    rounded = round(value, decimals) + 0.0
    return f"{rounded:,.{max(decimals, 0)}f}"


def count(value: int, word: str) -> str:
    """`1 row`, `2 rows`, `20,000 rows`."""
    return f"{value:,} {word}{'' if value == 1 else 's'}"


def interval(estimate: dict[str, Any], decimals: int, metric: str = "") -> str:
    """The interval as `low to high`, or that there is none.

    Cut at what the metric can be, since intervals in closed form may reach beyond.
    """
    if not has_interval(estimate):
        return "no interval"
    low = max(estimate["low"], 0.0) if metric in NEVER_NEGATIVE else estimate["low"]
    high = min(estimate["high"], 1.0) if metric in AT_MOST_ONE else estimate["high"]
    return f"{number(low, decimals)} to {number(high, decimals)}"


def bracketed(estimate: dict[str, Any]) -> str:
    """A value with its interval, as a finding has it: `0.1 [0.05, 0.15]`."""
    return f"{estimate['value']:.3g} [{estimate['low']:.3g}, {estimate['high']:.3g}]"


def listed(names: list[str], most: int = 3) -> str:
    """`a`, `a and b`, or `a, b, c and 4 more`."""
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]])) if names else "none"
