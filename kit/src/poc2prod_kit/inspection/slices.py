"""Slices: how good the model is on each part of the rows, against all others, many looks accounted for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.stats import t as student

from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.project import Project
from poc2prod_kit.scoring import intervals
from poc2prod_kit.scoring.metrics import Metric, Predicted

if TYPE_CHECKING:  # scoring.calibration, which is imported by models, names bands by this module
    from poc2prod_kit.models.selected_model import Rows, SelectedModel

Array = np.ndarray[Any, Any]
FEW_VALUES = 10
BANDS = 4
LEVELS = 12
BY_CLASS = ("roc_auc", "average_precision", "balanced_accuracy", "f1", "f1_macro")
MISSING, OTHER = "(missing)", "(other)"


def bands(column: pd.Series) -> pd.Series:
    """A label for each row: its value where few, quarters for numbers and dates, else the 12 commonest."""
    if column.dtype.kind == "M":
        return _quarters(column, lambda edge: f"{edge:%Y-%m-%d}")
    if not pd.api.types.is_numeric_dtype(column):
        common = set(column.value_counts().index[:LEVELS])
        named = column.map(lambda value: str(value) if value in common else OTHER, na_action="ignore")
        return named.where(column.notna(), MISSING).astype(object)
    if column.nunique() <= FEW_VALUES:
        return (
            column.map(lambda value: f"{value:g}", na_action="ignore")
            .where(column.notna(), MISSING)
            .astype(object)
        )
    return _quarters(column, lambda edge: f"{edge:.4g}")


def _quarters(column: pd.Series, text: Any) -> pd.Series:
    known = column.dropna()
    edges = sorted(set(known.quantile(np.linspace(0, 1, BANDS + 1)[1:-1], interpolation="lower")))
    place = np.searchsorted(np.array(edges, dtype=known.dtype), known.to_numpy(), side="left")
    names = (
        [
            f"up to {text(edges[0])}",
            *(f"over {text(a)} to {text(b)}" for a, b in pairwise(edges)),
            f"over {text(edges[-1])}",
        ]
        if edges
        else ["all"]
    )
    return (
        pd.Series(np.array(names, dtype=object)[place], index=known.index)
        .reindex(column.index)
        .fillna(MISSING)
    )


def of_model(project: Project, model: SelectedModel, validation: Rows, y_pred: Predicted) -> dict[str, Any]:
    """The metric on each slice of the sensitive columns and of those in [interpret] slices."""
    asked = [*project.param("data.sensitive", []), *project.param("interpret.slices", [])]
    columns = list(dict.fromkeys(asked))
    for name in columns:
        if name not in validation.table:
            raise ProjectError(
                f"[interpret] slices (or [data] sensitive) names {name!r}, which is not a column of the data."
            )
    smallest = project.param("interpret.smallest_slice", 30)
    rows = look(model.metric, validation.table, columns, validation.y, y_pred, validation.clusters, smallest)
    judged = sum("p" in item for item in rows)
    return {"columns": columns, "smallest": smallest, "judged": judged, "correction": "Holm", "rows": rows}


def look(
    metric: Metric,
    table: pd.DataFrame,
    columns: list[str],
    y_true: Array,
    y_pred: Predicted,
    clusters: Array | None,
    smallest: int,
) -> list[dict[str, Any]]:
    """Every slice of every column: rows, metric, difference to the rest, and a verdict or why there is none.

    The verdict is `worse`, `better` or `none`; the first two take p < .05 after Holm's step-down correction
    over all slices that are judged.
    """
    items = [
        _slice(metric, name, value, inside, y_true, y_pred, clusters, smallest)
        for name, value, inside in _each(table, columns)
    ]
    judged = [item for item in items if item["verdict"] == ""]
    adjusted = holm([item["p"] for item in judged])
    for item, p in zip(judged, adjusted, strict=True):
        item["p_adjusted"] = p
        good = (item["difference"]["value"] > 0) == metric.higher_is_better
        item["verdict"] = "none" if p >= 1 - intervals.LEVEL else "better" if good else "worse"
    return items


def _each(table: pd.DataFrame, columns: list[str]) -> Iterator[tuple[str, str, Array]]:
    for name in columns:
        label = bands(table[name])
        for value in sorted(set(label), key=lambda one: _first(table[name], label, one)):
            yield name, str(value), (label == value).to_numpy()


def _first(column: pd.Series, label: pd.Series, value: str) -> tuple[int, Any]:
    if value in (MISSING, OTHER):
        return (1, value)
    inside = column[label == value]
    return (0, str(value)) if inside.dtype == object else (0, inside.min())


def _slice(
    metric: Metric,
    name: str,
    value: str,
    inside: Array,
    y_true: Array,
    y_pred: Predicted,
    clusters: Array | None,
    smallest: int,
) -> dict[str, Any]:
    count = int(inside.sum())
    own, influence = _on(metric, y_true, y_pred, inside)
    rest, other = _on(metric, y_true, y_pred, ~inside)
    cluster = None if clusters is None else clusters[inside]
    score = intervals.estimate(own, influence, cluster)
    item = {
        "column": name,
        "value": value,
        "n": count,
        "small": count < smallest,
        "score": score,
        "verdict": "",
    }
    if count == len(y_true):
        return {**item, "verdict": "all rows"}
    if not np.isfinite(own) or not np.isfinite(rest):
        return {**item, "verdict": "one class only"}
    if count < smallest:
        return {**item, "verdict": "too few rows"}
    joint = np.zeros(len(y_true))
    joint[inside] = influence * len(y_true) / count
    joint[~inside] = -other * len(y_true) / (len(y_true) - count)
    difference = intervals.estimate(own - rest, joint, clusters)
    if score["clusters"] < 5 or not difference["standard_error"]:
        return {
            **item,
            "difference": difference,
            "verdict": "too few clusters" if score["clusters"] < 5 else "none to compare",
        }
    p = 2 * float(student.sf(abs(difference["value"]) / difference["standard_error"], score["clusters"] - 1))
    return {**item, "difference": difference, "p": p}


def _on(metric: Metric, y_true: Array, y_pred: Predicted, rows: Array) -> tuple[float, Array]:
    part = y_true[rows]
    if not len(part) or (metric.name in BY_CLASS and len(set(part)) < 2):
        return float("nan"), np.full(len(part), np.nan)
    return metric.compute(part, y_pred.take(rows))


def holm(p: list[float]) -> list[float]:
    """Holm's (1979) step-down: adjusted p values, in the order given."""
    adjusted, highest = [1.0] * len(p), 0.0
    for rank, place in enumerate(np.argsort(p, kind="stable")):
        highest = max(highest, min(1.0, (len(p) - rank) * p[place]))
        adjusted[place] = highest
    return adjusted
