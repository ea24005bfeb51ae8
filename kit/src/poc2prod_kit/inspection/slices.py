"""Slices: how good the model is on each part of the rows, against all others, many looks accounted for."""

from __future__ import annotations

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
    known = column.dropna()
    if not pd.api.types.is_numeric_dtype(column) and column.dtype.kind != "M":
        common = set(known.value_counts().index[:LEVELS])
        label = known.map(lambda value: str(value) if value in common else OTHER)
    elif column.dtype.kind != "M" and known.nunique() <= FEW_VALUES:
        label = known.map(lambda value: f"{value:g}")
    else:
        label = _quarters(known)
    return label.astype(object).reindex(column.index).fillna(MISSING)


def _quarters(known: pd.Series) -> pd.Series:
    """Four parts of about equally many rows; not `pd.qcut`, which fails where two edges are equal."""
    edges = sorted(set(known.quantile(np.linspace(0, 1, BANDS + 1)[1:-1], interpolation="lower")))
    text = [f"{edge:%Y-%m-%d}" if known.dtype.kind == "M" else f"{edge:.4g}" for edge in edges]
    between = [f"over {low} to {high}" for low, high in pairwise(text)]
    names = [f"up to {text[0]}", *between, f"over {text[-1]}"] if text else ["all"]
    place = np.searchsorted(np.array(edges, dtype=known.dtype), known.to_numpy(), side="left")
    return pd.Series(np.array(names, dtype=object)[place], index=known.index)


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
    rows = look(model.metric, validation, columns, y_pred, smallest)
    judged = sum("p" in item for item in rows)
    return {"columns": columns, "smallest": smallest, "judged": judged, "correction": "Holm", "rows": rows}


def look(
    metric: Metric, rows: Rows, columns: list[str], y_pred: Predicted, smallest: int
) -> list[dict[str, Any]]:
    """Every slice of every column: rows, metric, difference to the rest, and a verdict or why there is none.

    The verdict is `worse`, `better` or `none`; the first two take p < .05 after Holm's step-down correction
    over all slices that are judged.
    """
    items = []
    for name in columns:
        label = bands(rows.table[name])
        for value in _ordered(rows.table[name], label):
            judged = _judged(metric, rows, (label == value).to_numpy(), y_pred, smallest)
            small = judged["n"] < smallest
            items.append({"column": name, "value": value, "small": small, "verdict": "", **judged})
    undecided = [item for item in items if item["verdict"] == ""]
    adjusted = holm([item["p"] for item in undecided])
    for item, p in zip(undecided, adjusted, strict=True):
        item["p_adjusted"] = p
        good = (item["difference"]["value"] > 0) == metric.higher_is_better
        item["verdict"] = "none" if p >= 1 - intervals.LEVEL else "better" if good else "worse"
    return items


def _ordered(column: pd.Series, label: pd.Series) -> list[str]:
    """The labels in the order of their values; the missing and the rare ones last."""

    def rank(value: str) -> tuple[int, Any]:
        inside = column[label == value]
        if value in (MISSING, OTHER):
            return 1, value
        return 0, value if inside.dtype == object else inside.min()

    return sorted(set(label), key=rank)


def _judged(metric: Metric, rows: Rows, inside: Array, y_pred: Predicted, smallest: int) -> dict[str, Any]:
    """The metric on these rows, its difference to all others and p, or a verdict that says why not."""
    count = int(inside.sum())
    own, influence = _on(metric, rows.y, y_pred, inside)
    rest, other = _on(metric, rows.y, y_pred, ~inside)
    score = intervals.estimate(own, influence, None if rows.clusters is None else rows.clusters[inside])
    judged: dict[str, Any] = {"n": count, "score": score}
    if count == len(rows.y):
        return {**judged, "verdict": "all rows"}
    if not np.isfinite(own) or not np.isfinite(rest):
        return {**judged, "verdict": "one class only"}
    if count < smallest:
        return {**judged, "verdict": "too few rows"}
    # Influences of a part's rows, as of all rows: the mean over n rows is that over the part.
    joint = np.zeros(len(rows.y))
    joint[inside] = influence * len(rows.y) / count
    joint[~inside] = -other * len(rows.y) / (len(rows.y) - count)
    difference = intervals.estimate(own - rest, joint, rows.clusters)
    judged["difference"] = difference
    if score["clusters"] < 5:
        return {**judged, "verdict": "too few clusters"}
    if not difference["standard_error"]:
        return {**judged, "verdict": "none to compare"}
    t = abs(difference["value"]) / difference["standard_error"]
    return {**judged, "p": 2 * float(student.sf(t, score["clusters"] - 1))}


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
