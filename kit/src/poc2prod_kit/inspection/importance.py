"""Permutation importance with intervals, features that stand for one another, and dependence curves.

sklearn.inspection.permutation_importance gives a standard deviation over shuffles, which says nothing about
other rows. The intervals here need each row's influence before and after the shuffle, so the shuffling is
ours. So are the curves: partial_dependence takes a grid from quantiles, which hides regions without rows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse.csgraph import connected_components

from poc2prod_kit.models import fitting
from poc2prod_kit.models.selected_model import Rows, SelectedModel
from poc2prod_kit.run.project import Project
from poc2prod_kit.scoring import intervals
from poc2prod_kit.scoring.metrics import Floats, Metric, Predicted
from poc2prod_kit.splitting import folds

Array = np.ndarray[Any, Any]
SAME = 0.8  # share of variance from which a feature stands for another: shuffling one alone then hides both
SCREENED, SCREENING_ROWS = 30, 2000
TOGETHER = 2_000_000  # cells of the frames that are predicted at once, so that wide tables fit into memory
LEVELS = 20
SHOWN, CURVE_ROWS = 20, 500
Predict = Callable[[pd.DataFrame, Array], Predicted]


def of_model(project: Project, model: SelectedModel, validation: Rows) -> dict[str, Any]:
    """Each feature's importance to the selected model, and that of features which stand for one another."""
    repeats, seed = project.param("interpret.repeats", 5), project.param("seed")

    def predict(X: pd.DataFrame, y_true: Array) -> Predicted:
        return fitting.predict(model.pipeline, X, y_true, model.outcome)

    features = ranked(predict, model.metric, validation, repeats, seed)
    groups = alike(validation.X[:SCREENING_ROWS], [item["feature"] for item in features])
    together = [
        {"features": names, **permutation(predict, model.metric, validation, names, repeats, seed)}
        for names in groups
    ]
    return {
        "count": validation.X.shape[1],
        "repeats": repeats,
        "features": features[:SHOWN],
        "alike": together[:SHOWN],
    }


def dependence(model: SelectedModel, validation: Rows, names: list[str]) -> list[dict[str, Any]]:
    """The mean prediction along each of these features, others as they are, with the rows at each value.

    Multiclass: the mean probability of each of the three commonest classes.
    """
    few = validation.X[folds.sample(validation.X.index, CURVE_ROWS)]
    classes = list(pd.Series(validation.y).value_counts().index[:3]) if model.outcome == "multiclass" else []

    def predict(X: pd.DataFrame) -> Floats:
        if classes:
            return fitting.probabilities(model.pipeline, X, np.array(classes, dtype=object))
        return fitting.predict(model.pipeline, X, None, model.outcome).value.astype(float)

    curves = []
    for name in names:
        values, counts = grid(validation.X[name])
        named = {"classes": classes} if classes else {}
        curves.append({**curve(predict, few, name, values), "rows": counts, **named})
    return curves


def permutation(
    predict: Predict, metric: Metric, rows: Rows, names: list[str], repeats: int, seed: int
) -> dict[str, Any]:
    """How much worse the metric gets when these columns are shuffled together.

    The mean over `repeats` shuffles. Paired: the interval is that of the mean difference of the rows'
    influences, by cluster. Positive: the model uses it.
    """
    generator = np.random.default_rng(seed)
    shuffled = [rows.X.iloc[generator.permutation(len(rows.X))] for _ in range(repeats)]
    frames = [_replaced(rows.X, {name: other[name] for name in names}) for other in shuffled]
    value, influence = metric.compute(rows.y, predict(rows.X, rows.y))
    again = _computed(predict, metric, rows.y, frames)
    drop = float(np.mean([value - worse for worse, _ in again]))
    less = np.mean([influence - other for _, other in again], axis=0)
    return intervals.estimate(metric.sign * drop, metric.sign * less, rows.clusters)


def ranked(predict: Predict, metric: Metric, rows: Rows, repeats: int, seed: int) -> list[dict[str, Any]]:
    """Every feature's importance, largest first. Of more than 30, one shuffle on few rows chooses 30."""
    names = [str(name) for name in rows.X]
    if len(names) > SCREENED:
        rough = _screened(predict, metric, rows.X[:SCREENING_ROWS], rows.y[:SCREENING_ROWS], seed)
        names = sorted(names, key=lambda name: -np.nan_to_num(rough[name]))[:SCREENED]
    items = [{"feature": n, **permutation(predict, metric, rows, [n], repeats, seed)} for n in names]
    return sorted(items, key=lambda item: (-np.nan_to_num(item["value"]), item["feature"]))


def _screened(
    predict: Predict, metric: Metric, X: pd.DataFrame, y_true: Array, seed: int
) -> dict[str, float]:
    """How much worse one shuffle of each column makes the metric; one prediction judges many columns."""
    order = np.random.default_rng(seed).permutation(len(X))
    value, names = metric.compute(y_true, predict(X, y_true))[0], [str(name) for name in X]
    results = {}
    block = max(1, min(SCREENED, TOGETHER // max(1, X.size)))
    for start in range(0, len(names), block):
        some = names[start : start + block]
        frames = [_replaced(X, {name: X[name].iloc[order]}) for name in some]
        for name, (worse, _) in zip(some, _computed(predict, metric, y_true, frames), strict=True):
            results[name] = metric.sign * (value - worse)
    return results


def _computed(
    predict: Predict, metric: Metric, y_true: Array, frames: list[pd.DataFrame]
) -> list[tuple[float, Floats]]:
    """The metric on each frame, by one prediction of all: a call costs more than its rows."""
    y_pred = predict(pd.concat(frames), np.tile(y_true, len(frames)))
    blocks = np.split(np.arange(len(frames) * len(y_true)), len(frames))
    return [metric.compute(y_true, y_pred.take(block)) for block in blocks]


def _replaced(X: pd.DataFrame, columns: dict[str, Any]) -> pd.DataFrame:
    """X with other values in these columns, row by row. Not `assign`: a column may be named `self`."""
    other = X.copy()
    for name, values in columns.items():
        other[name] = values.to_numpy() if isinstance(values, pd.Series) else values
    return other


def alike(X: pd.DataFrame, names: list[str]) -> list[list[str]]:
    """Groups of features of which one explains 80 % or more of another's variance (ranks, or by level)."""
    codes, shapes = [_codes(X[name]) for name in names], [_response(X[name]) for name in names]
    linked = [explained(one, shape) >= SAME for one in codes for shape in shapes]
    label = connected_components(np.reshape(linked, (len(names), len(names))), directed=False)[1]
    groups = pd.Series(names, dtype=object).groupby(label).agg(list)
    return [members for members in groups if len(members) > 1]


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
    mean: Callable[[pd.DataFrame], Floats], X: pd.DataFrame, name: str, values: list[Any]
) -> dict[str, Any]:
    """Partial dependence: the mean prediction over these rows with the feature set to each value."""
    if not values:
        return {"feature": name, "at": [], "prediction": []}
    made = mean(pd.concat([_replaced(X, {name: value}) for value in values]))
    means = made.reshape(len(values), len(X), -1).mean(axis=1)
    return {
        "feature": name,
        "at": values,
        "prediction": means[:, 0].tolist() if made.ndim == 1 else means.tolist(),
    }
