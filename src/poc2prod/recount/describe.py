"""What a column holds and how the target is spread, from how often each value occurs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from math import fsum, nan, sqrt
from typing import Any

from poc2prod_kit.tables.schema import Column
from poc2prod_kit.tables.typed import Value, shown

from .labels import named

TOP = 5


def column(about: Column, values: Sequence[Value]) -> dict[str, Any]:
    """Type, missing and distinct values, and what else a report gives: range, mean, longest, commonest."""
    counts = Counter(values)
    missing = counts.pop(None, 0)
    known = counts.total()
    results: dict[str, Any] = {"type": about.type, "missing": missing, "distinct": len(counts)}
    if not known:
        return results
    if about.type in ("integer", "number"):
        return {**results, **numbers(counts), "median": quantiles(counts, [0.5])[0]}
    if about.type == "date":
        moments = [value for value in counts if isinstance(value, datetime)]
        return {**results, "minimum": shown(min(moments)), "maximum": shown(max(moments))}
    if about.type == "text":
        return {**results, "longest": max(len(str(value)) for value in counts)}
    if len(counts) * 2 > known > TOP:
        return results
    return {**results, "top": top(counts, TOP)}


def numbers(counts: Mapping[Any, int]) -> dict[str, float]:
    """Minimum, maximum, mean and standard deviation (divisor n)."""
    n = sum(counts.values())
    mean = fsum(value * count for value, count in counts.items()) / n
    spread = fsum((value - mean) ** 2 * count for value, count in counts.items()) / n
    return {"minimum": min(counts), "maximum": max(counts), "mean": mean, "sd": sqrt(spread)}


def quantiles(counts: Mapping[Any, int], points: Sequence[float]) -> list[float]:
    """Quantiles by linear interpolation between ordered values."""
    ordered = sorted(Counter(counts).elements())
    items = []
    for point in points:
        exact = point * (len(ordered) - 1)
        low = int(exact)
        below, above = ordered[low], ordered[min(low + 1, len(ordered) - 1)]
        items.append(float(below + (above - below) * (exact - low)))
    return items


def top(counts: Mapping[Any, int], most: int) -> list[dict[str, Any]]:
    """The most frequent values with their counts; equally frequent ones in alphabetical order."""
    pairs = sorted(
        ((shown(value), count) for value, count in counts.items()), key=lambda pair: (-pair[1], pair[0])
    )
    return [{"value": value, "count": count} for value, count in pairs[:most]]


def target(about: Column, values: Sequence[Value], outcome: str) -> dict[str, Any]:
    """Rows with and without a label; classes with counts and shares (at most 50), or mean, sd, quantiles."""
    known = Counter(value for value in values if value is not None)
    results: dict[str, Any] = {"labelled": known.total(), "unlabelled": len(values) - known.total()}
    if outcome == "regression":
        points = (0, 0.05, 0.25, 0.5, 0.75, 0.95, 1)
        if not known:
            return {**results, "mean": nan, "sd": nan, "quantiles": {}}
        cut = dict(zip((f"{point:g}" for point in points), quantiles(known, points), strict=True))
        text = numbers(known)
        return {**results, "mean": text["mean"], "sd": text["sd"], "quantiles": cut}
    names: Counter[str] = Counter()
    for value, count in known.items():
        names[named(about, value)] += count
    classes = [{**item, "share": item["count"] / names.total()} for item in top(names, 50)]
    return {**results, "classes": classes, "distinct": len(names)}
