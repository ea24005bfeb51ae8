"""Whether the serving model says what the fitted pipeline says: on golden and on awkward random rows."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

from poc2prod_kit.models import fitting, selected_model
from poc2prod_kit.rules import rowwise, synthetic
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.project import Project
from poc2prod_kit.serving import examples
from poc2prod_kit.serving.scorer import Scorer
from poc2prod_kit.tables.schema import Column

ROWS = 1000
TOLERANCE = 1e-5
UNSEEN = "never seen before"
AWKWARD = 0.1
LARGE = 1e12
Scores = np.ndarray[Any, Any]


class DiffersError(ProjectError):
    """The serving model gives other scores than the fitted one."""


def check(project: Project, model: selected_model.SelectedModel, served: Scorer) -> dict[str, Any]:
    """Compare both models; `golden` and `random` count rows and those that differ beyond the tolerance.

    Raises DiffersError naming the worst row where any does: what is served must be what was judged.
    """
    tables = {"golden": golden_rows(project), "random": random_rows(project, ROWS, served)}
    names = {one["name"] for one in served.about["columns"]}
    scores = {
        kind: (offline(project, model, table), served.scores(online(project, table, names)))
        for kind, table in tables.items()
    }
    relative = model.outcome == "regression"
    # Numbers are held against their size; those near 0 against how far all of them spread.
    least = float(np.std(np.concatenate([fitted for fitted, _ in scores.values()]))) if relative else 1.0
    results: dict[str, Any] = {}
    for kind, (fitted, online_scores) in scores.items():
        if fitted.shape != online_scores.shape:
            raise ProjectError(
                f"The serving model answers in {online_scores.shape[1]} numbers, "
                f"the fitted one in {fitted.shape[1]}."
            )
        gaps = np.abs(fitted - online_scores)
        size = np.maximum(np.abs(fitted), least) if relative else np.ones_like(fitted)
        gap = np.nan_to_num(gaps / np.where(size > 0, size, 1.0), nan=np.inf).max(axis=1)
        differing, largest = int((gap > TOLERANCE).sum()), float(gaps.max(initial=0.0))
        if differing:
            place = int(gap.argmax())
            one, other = (
                ", ".join(f"{value:.6g}" for value in row[place][:3]) for row in (fitted, online_scores)
            )
            raise DiffersError(
                f"The serving model differs from the fitted one on {differing} of {len(gap)} {kind} rows "
                f"(row {place + 1}: {one} offline, {other} served). It is not exported: either "
                "features.build computes a feature otherwise than features.definitions describes it, or "
                "a rule reads a column that the contract does not name."
            )
        finite = largest if np.isfinite(largest) else None
        results[kind] = {"rows": len(gap), "differing": differing, "largest_difference": finite}
    return {**results, "tolerance": {"relative" if relative else "absolute": TOLERANCE}}


def offline(project: Project, model: selected_model.SelectedModel, table: pd.DataFrame) -> Scores:
    """The fitted pipeline's probabilities of each class, or numbers: shape (rows, classes or 1)."""
    X = project.code.features.build(project, table)
    with fitting.threads(len(X)), np.errstate(all="ignore"):
        made = model.pipeline.predict(X) if model.outcome == "regression" else model.pipeline.predict_proba(X)
    return np.asarray(made, dtype=float).reshape(len(table), -1)


def online(
    project: Project, table: pd.DataFrame, fields: Collection[str] | None = None
) -> list[dict[str, Any]]:
    """The rows as the service is given them: only these fields, where they are given."""
    columns = rowwise.Columns(project, table, hidden=project.param("data.target", ""))
    names = [name for name in columns.names() if name in table and (fields is None or name in fields)]
    cells = [columns[name] for name in names]
    return [
        {name: value for name, value in zip(names, row, strict=True) if value is not None}
        for row in zip(*cells, strict=True)
    ]


def golden_rows(project: Project) -> pd.DataFrame:
    """The golden rows as a table, typed as the step `data` types the raw files."""
    return examples.golden_table(project)[0]


def random_rows(project: Project, count: int, served: Scorer) -> pd.DataFrame:
    """Rows by chance around what the model tells apart: its cut points, and the categories it knows.

    Nulls, and unseen categories or large values, in a tenth of all cells each. Numbers stay within
    schema.toml's bounds, outside which no request is let in.
    """
    generator = np.random.default_rng(project.param("seed"))
    known = told_apart(project, served)
    made = {
        name: _cells(column, known.get(name), count, generator) for name, column in project.schema.items()
    }
    return pd.DataFrame(made, index=pd.RangeIndex(count))


def told_apart(project: Project, served: Scorer) -> dict[str, list[Any]]:
    """By column: the numbers at which the prediction changes, or the categories that the model knows.

    A fitted pipeline does not tell them, so there it is quantiles and categories of the training rows.
    """
    plain = [one for one in served.about["features"] if one["how"] in ("number", "category")]
    columns = {one["name"]: one["column"] for one in plain}
    tables, results = served.about["encoder"], {}
    if tables["kind"] == "pipeline":
        X_train = selected_model.rows(project, "train", most=ROWS).X
        for name in columns.keys() & set(tables["columns"]):
            among = X_train[name].dropna()
            listed = name in tables["categories"]
            results[columns[name]] = list(among.unique() if listed else among.quantile(np.linspace(0, 1, 21)))
        return results
    for one in tables["numbers"]:
        spread = [one["mean"] + step * one["scale"] for step in range(-2, 3)] if "mean" in one else []
        results[columns.get(one["name"], "")] = one.get("cuts", spread)
    return results | {columns.get(one["name"], ""): list(one["codes"]) for one in tables["categories"]}


def _cells(column: Column, known: list[Any] | None, count: int, generator: np.random.Generator) -> pd.Series:
    empty, odd, beside = (generator.random(count) < share for share in (AWKWARD, AWKWARD, 0.5))
    if column.type in ("category", "text"):
        among = np.array(known or column.values or ("alpha", "beta gamma", "ünï çødé"), dtype=object)
        words = among[generator.integers(0, len(among), count)]
        words[odd] = UNSEEN
        return pd.Series(words, dtype=object).where(~empty)
    low, high = synthetic.bounds(column)
    drawn = low + generator.random(count) * (high - low)
    if column.type == "date":
        seconds = drawn.round().astype("int64").astype("datetime64[s]")
        return pd.Series(seconds.astype("datetime64[us]")).where(~empty)
    if column.type == "boolean":
        return pd.Series((generator.random(count) < 0.5).astype(float)).where(~empty)
    if known and column.numeric:
        points = np.array(known)[generator.integers(0, len(known), count)]
        drawn = np.where(beside, points + generator.normal(size=count) * np.spacing(points) * 4, drawn)
    large = generator.choice([-1.0, 1.0], count) * 10.0 ** generator.uniform(0, np.log10(LARGE), count)
    lowest = -np.inf if column.minimum is None else float(column.minimum)
    highest = np.inf if column.maximum is None else float(column.maximum)
    drawn = np.clip(np.where(odd, large, drawn), lowest, highest)
    return pd.Series(np.rint(drawn) if column.type == "integer" else drawn).where(~empty)
