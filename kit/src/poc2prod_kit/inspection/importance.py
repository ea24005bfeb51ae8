"""Permutation importance with intervals, features that stand for one another, and dependence curves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from poc2prod_kit.scoring import intervals
from poc2prod_kit.scoring.metrics import Floats, Metric, Predicted

Array = np.ndarray[Any, Any]
SAME = 0.8
SCREENED = 30
TOGETHER = 2_000_000
SCREENING_ROWS = 2000
LEVELS = 20
Say = Callable[[pd.DataFrame, Array], Predicted]


def permutation(
    say: Say,
    metric: Metric,
    matrix: pd.DataFrame,
    y: Array,
    clusters: Array | None,
    names: list[str],
    repeats: int,
    seed: int,
) -> dict[str, Any]:
    """How much worse the metric gets when these columns are shuffled together.

    The mean over `repeats` shuffles. Paired: the interval is that of the mean difference of the rows'
    influences, by cluster. Positive: the model uses it.
    """
    generator = np.random.default_rng(seed)
    value, influence = metric.compute(y, say(matrix, y))
    shuffled = [matrix.iloc[generator.permutation(len(matrix))] for _ in range(repeats)]
    frame = pd.concat([_replaced(matrix, {name: other[name] for name in names}) for other in shuffled])
    said = say(frame, np.tile(y, repeats))
    drops, parts = [], []
    for block in range(repeats):
        here = slice(block * len(y), (block + 1) * len(y))
        again, less = metric.compute(
            y, Predicted(said.value[here], None if said.true is None else said.true[here])
        )
        drops.append(value - again)
        parts.append(influence - less)
    sign = 1.0 if metric.higher_is_better else -1.0
    return intervals.estimate(sign * float(np.mean(drops)), sign * np.mean(parts, axis=0), clusters).as_dict()


def ranked(
    say: Say, metric: Metric, matrix: pd.DataFrame, y: Array, clusters: Array | None, repeats: int, seed: int
) -> list[dict[str, Any]]:
    """Every feature's importance, largest first. Of more than 30, one shuffle on few rows chooses 30."""
    names = [str(name) for name in matrix]
    if len(names) > SCREENED:
        rough = _screened(say, metric, matrix[:SCREENING_ROWS], y[:SCREENING_ROWS], seed)
        names = sorted(names, key=lambda name: -np.nan_to_num(rough[name]))[:SCREENED]
    found = [
        {"feature": n, **permutation(say, metric, matrix, y, clusters, [n], repeats, seed)} for n in names
    ]
    return sorted(found, key=lambda item: (-np.nan_to_num(item["value"]), item["feature"]))


def _screened(say: Say, metric: Metric, matrix: pd.DataFrame, y: Array, seed: int) -> dict[str, float]:
    """How much worse one shuffle of each column makes the metric; one prediction judges many columns."""
    order = np.random.default_rng(seed).permutation(len(matrix))
    value, sign = metric.compute(y, say(matrix, y))[0], 1.0 if metric.higher_is_better else -1.0
    names, found = [str(name) for name in matrix], {}
    block = max(1, min(SCREENED, TOGETHER // max(1, matrix.size)))
    for start in range(0, len(names), block):
        some = names[start : start + block]
        frames = [_replaced(matrix, {name: matrix[name].iloc[order]}) for name in some]
        said = say(pd.concat(frames), np.tile(y, len(some)))
        for place, name in enumerate(some):
            here = slice(place * len(y), (place + 1) * len(y))
            part = Predicted(said.value[here], None if said.true is None else said.true[here])
            found[name] = sign * (value - metric.compute(y, part)[0])
    return found


def _replaced(matrix: pd.DataFrame, columns: dict[str, Any]) -> pd.DataFrame:
    """The matrix with other values in these columns, row by row; a name such as `self` is a name too."""
    other = matrix.copy()
    for name, values in columns.items():
        other[name] = values.to_numpy() if isinstance(values, pd.Series) else values
    return other


def alike(matrix: pd.DataFrame, names: list[str]) -> list[list[str]]:
    """Groups of features of which one explains 80 % or more of another's variance (ranks, or by level)."""
    codes = {name: _codes(matrix[name]) for name in names}
    shapes = {name: _response(matrix[name]) for name in names}
    leader = {name: name for name in names}

    def head(name: str) -> str:
        while leader[name] != name:
            name = leader[name]
        return name

    for one in names:
        for other in names:
            if one != other and head(one) != head(other) and explained(codes[one], shapes[other]) >= SAME:
                leader[head(other)] = head(one)
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(head(name), []).append(name)
    return [members for members in groups.values() if len(members) > 1]


def explained(codes: Array, response: Floats) -> float:
    """Share of the response's variance between the codes, adjusted for their number (adjusted R²)."""
    counts = np.bincount(codes)
    used = counts > 0
    total = float(((response - response.mean(axis=0)) ** 2).sum())
    if total <= 1e-9 * len(codes) or used.sum() < 2 or len(codes) <= used.sum():
        return 0.0
    within = total
    for column in response.T:
        sums = np.bincount(codes, weights=column)[used]
        within -= float((sums**2 / counts[used]).sum() - column.sum() ** 2 / len(column))
    return 1 - within / total * (len(codes) - 1) / (len(codes) - int(used.sum()))


def _codes(column: pd.Series) -> Array:
    if pd.api.types.is_numeric_dtype(column):
        ranks = column.rank(pct=True).fillna(0.0).to_numpy()
        distinct = column.nunique()
        return pd.factorize(column)[0] + 1 if distinct <= LEVELS else np.ceil(ranks * LEVELS).astype(int)
    top = column.value_counts().index[: LEVELS * 5]
    return top.get_indexer(column).astype(int) + 1


def _response(column: pd.Series) -> Floats:
    if pd.api.types.is_numeric_dtype(column):
        return column.rank(pct=True).fillna(0.0).to_numpy().reshape(-1, 1)
    return np.column_stack(
        [(column == level).to_numpy(dtype=float) for level in column.value_counts().index[:LEVELS]]
        or [np.zeros(len(column))]
    )


def grid(column: pd.Series, points: int = 12) -> tuple[list[Any], list[int]]:
    """Values to look at, in even steps so that empty regions show, and how many rows lie nearest to each."""
    known = column.dropna()
    if not pd.api.types.is_numeric_dtype(column):
        counts = known.value_counts()[:points]
        return [str(value) for value in counts.index], [int(count) for count in counts]
    distinct = np.unique(known.to_numpy(dtype=float))
    low, high = (known.quantile(share) for share in (0.01, 0.99)) if len(distinct) else (0.0, 0.0)
    at = distinct[:points] if len(distinct) <= points or low == high else np.linspace(low, high, points)
    if (distinct == np.round(distinct)).all():
        at = np.unique(np.round(at))
    nearest = (
        np.abs(known.to_numpy(dtype=float)[:, None] - at[None, :]).argmin(axis=1)
        if len(at)
        else np.array([], int)
    )
    return [float(value) for value in at], np.bincount(nearest, minlength=len(at)).tolist()


def curve(
    mean: Callable[[pd.DataFrame], Floats], matrix: pd.DataFrame, name: str, values: list[Any]
) -> dict[str, Any]:
    """Partial dependence: the mean prediction over these rows with the feature set to each value."""
    if not values:
        return {"feature": name, "at": [], "prediction": []}
    made = mean(pd.concat([_replaced(matrix, {name: value}) for value in values]))
    means = made.reshape(len(values), len(matrix), -1).mean(axis=1)
    return {
        "feature": name,
        "at": values,
        "prediction": means[:, 0].tolist() if made.ndim == 1 else means.tolist(),
    }
