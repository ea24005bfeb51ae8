"""What each column holds, and how the target is spread."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from poc2prod_kit.tables.schema import Column, Schema
from poc2prod_kit.tables.violations import shown

TOP = 5
MOSTLY = 0.5


def columns(schema: Schema, table: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Each column's type, missing cells, distinct values, and its range or its most frequent values."""
    return {name: describe(schema[name], table[name]) for name in schema}


def describe(column: Column, values: pd.Series) -> dict[str, Any]:
    """One column. Text shows its longest length instead of values: it may name people."""
    known = values.dropna()
    counts = known.value_counts()
    results: dict[str, Any] = {
        "type": column.type,
        "missing": int(values.isna().sum()),
        "distinct": len(counts),
    }
    if column.type in ("integer", "number") and len(known):
        low, middle, high = np.quantile(known, [0, 0.5, 1])
        with np.errstate(over="ignore"):
            mean, spread = known.mean(), known.std(ddof=0)
        return {
            **results,
            "minimum": low,
            "median": middle,
            "maximum": high,
            "mean": mean,
            "sd": spread,
        }
    if column.type == "date" and len(known):
        return {**results, "minimum": shown(known.min()), "maximum": shown(known.max())}
    if column.type == "text" and len(known):
        return {**results, "longest": int(known.str.len().max())}
    if len(counts) * 2 > len(known) > TOP:
        return results
    return {**results, "top": top(counts)}


def top(counts: pd.Series, most: int = TOP) -> list[dict[str, Any]]:
    """The most frequent values with their counts; equally frequent ones in alphabetical order."""
    if len(counts) > most:
        counts = counts[counts >= counts.iloc[most - 1]]
    named = sorted(
        ((shown(value), int(n)) for value, n in counts.items()), key=lambda pair: (-pair[1], pair[0])
    )
    return [{"value": value, "count": n} for value, n in named[:most]]


def notable(described: dict[str, dict[str, Any]], rows: int) -> dict[str, list[str]]:
    """Columns that hold nothing, one value only, or are empty in more than half of the rows."""
    empty = [name for name, result in described.items() if result["distinct"] == 0]
    constant = [
        name for name, result in described.items() if result["distinct"] == 1 and not result["missing"]
    ]
    mostly = [name for name, result in described.items() if MOSTLY * rows < result["missing"] < rows]
    return {"all_missing": empty, "constant": constant, "mostly_missing": mostly}


def target(values: pd.Series, outcome: str) -> dict[str, Any]:
    """Rows with and without a label; the classes with counts and shares (at most 50), or the quantiles."""
    known = values.dropna()
    results: dict[str, Any] = {"labelled": len(known), "unlabelled": len(values) - len(known)}
    if outcome == "regression":
        points = (0, 0.05, 0.25, 0.5, 0.75, 0.95, 1)
        quantiles = (
            {f"{point:g}": value for point, value in zip(points, np.quantile(known, points), strict=True)}
            if len(known)
            else {}
        )
        return {**results, "mean": known.mean(), "sd": known.std(ddof=0), "quantiles": quantiles}
    classes = top(known.value_counts(), 50)
    return {
        **results,
        "classes": [{**item, "share": item["count"] / len(known)} for item in classes],
        "distinct": int(known.nunique()),
    }
