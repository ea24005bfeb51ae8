"""Slices of the rows as the project cuts them, each judged against all others."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from itertools import pairwise
from math import floor, isfinite, nan
from typing import Any, NamedTuple

from poc2prod_kit.tables.schema import Column
from poc2prod_kit.tables.typed import Value

from .clusters import at
from .intervals import Estimate, estimate
from .metrics import METRICS, Predicted
from .scores import Truth, higher_is_better
from .student import distribution

FEW_VALUES = 10
BANDS = 4
LEVELS = 12
FEWEST_CLUSTERS = 5
BY_CLASS = ("roc_auc", "average_precision", "balanced_accuracy", "f1", "f1_macro")
MISSING, OTHER = "(missing)", "(other)"


class Slice(NamedTuple):
    """One slice: its rows, its metric, and the verdict against the rest."""

    column: str
    value: str
    n: int
    small: bool
    score: Estimate
    verdict: str
    difference: Estimate | None = None
    p: float = nan


def bands(column: Column, values: Sequence[Value]) -> list[str]:
    """A label for each row: its value where there are few, quarters of numbers, dates, else the commonest."""
    known: list[Any] = [value for value in values if value is not None]
    if column.type == "date":
        return _quarters(values, known, lambda edge: edge.strftime("%Y-%m-%d"))
    if not column.numeric:
        common = {value for value, _ in Counter(known).most_common(LEVELS)}
        return [MISSING if value is None else str(value) if value in common else OTHER for value in values]
    if len(set(known)) <= FEW_VALUES:
        return [MISSING if value is None else f"{value:g}" for value in values]
    return _quarters(values, known, lambda edge: f"{edge:.4g}")


def _quarters(values: Sequence[Any], known: list[Any], text: Callable[[Any], str]) -> list[str]:
    ranked = sorted(known)
    edges = (
        sorted({ranked[floor((len(ranked) - 1) * part / BANDS)] for part in range(1, BANDS)})
        if ranked
        else []
    )
    inner = [f"over {text(a)} to {text(b)}" for a, b in pairwise(edges)]
    names = [f"up to {text(edges[0])}", *inner, f"over {text(edges[-1])}"] if edges else ["all"]
    return [MISSING if value is None else names[bisect_left(edges, value)] for value in values]


def look(
    metric: str,
    columns: Sequence[tuple[Column, Sequence[Value]]],
    y: Truth,
    said: Predicted,
    clusters: Sequence[Hashable] | None,
    smallest: int,
) -> list[Slice]:
    """Every slice of every column; verdicts after Holm's correction over all that are judged."""
    items = []
    for column, values in columns:
        label = bands(column, values)
        for value in sorted(set(label)):
            places = [place for place, text in enumerate(label) if text == value]
            items.append(_slice(metric, column.name, value, places, y, said, clusters, smallest))
    judged = [place for place, item in enumerate(items) if isfinite(item.p)]
    adjusted = holm([items[place].p for place in judged])
    for place, p in zip(judged, adjusted, strict=True):
        gap = items[place].difference
        good = gap is not None and (gap.value > 0) == higher_is_better(metric)
        items[place] = items[place]._replace(verdict="none" if p >= 0.05 else "better" if good else "worse")
    return items


def _slice(
    metric: str,
    name: str,
    value: str,
    places: list[int],
    y: Truth,
    said: Predicted,
    clusters: Sequence[Hashable] | None,
    smallest: int,
) -> Slice:
    inside = set(places)
    others = [place for place in range(len(y)) if place not in inside]
    own, influence = _on(metric, y, said, places)
    score = estimate(own, influence, at(clusters, places))
    made = Slice(name, value, len(places), len(places) < smallest, score, "")
    if not others:
        return made._replace(verdict="all rows")
    rest, other = _on(metric, y, said, others)
    if not (isfinite(own) and isfinite(rest)):
        return made._replace(verdict="one class only")
    if len(places) < smallest:
        return made._replace(verdict="too few rows")
    joint = [0.0] * len(y)
    for rows, weights, sign in ((places, influence, 1.0), (others, other, -1.0)):
        for place, weight in zip(rows, weights, strict=True):
            joint[place] = sign * weight * len(y) / len(rows)
    gap = estimate(own - rest, joint, clusters)
    if made.score.clusters < FEWEST_CLUSTERS or not gap.standard_error:
        few = made.score.clusters < FEWEST_CLUSTERS
        return made._replace(verdict="too few clusters" if few else "none to compare", difference=gap)
    p = 2 * (1 - distribution(abs(gap.value) / gap.standard_error, made.score.clusters - 1))
    return made._replace(difference=gap, p=p)


def _on(metric: str, y: Truth, said: Predicted, places: list[int]) -> tuple[float, list[float]]:
    part = [y[place] for place in places]
    if not part or (metric in BY_CLASS and len(set(part)) < 2):
        return nan, [nan] * len(part)
    return METRICS[metric](part, said.at(places))  # type: ignore[arg-type]


def holm(p: Sequence[float]) -> list[float]:
    """Holm's (1979) step-down: adjusted p values, in the order given."""
    adjusted, highest = [1.0] * len(p), 0.0
    for rank, place in enumerate(sorted(range(len(p)), key=p.__getitem__)):
        highest = max(highest, min(1.0, (len(p) - rank) * p[place]))
        adjusted[place] = highest
    return adjusted
