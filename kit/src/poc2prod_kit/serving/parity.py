"""Whether the serving model says what the fitted pipeline says: on golden and on awkward random rows."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

from poc2prod_kit.models import fitting, selected_model
from poc2prod_kit.rules import golden, rowwise, synthetic
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.project import Project
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
    fields = {one["name"] for one in served.about["columns"]}
    scores = {
        name: (offline(project, model, table), served.scores(online(project, table, fields)))
        for name, table in tables.items()
    }
    deviation = (
        float(np.std(np.concatenate([one for one, _ in scores.values()])))
        if model.outcome == "regression"
        else 0.0
    )
    results = {name: _compared(*both, deviation, model.outcome) for name, both in scores.items()}
    for name, one in results.items():
        if one["differing"]:
            place = one.pop("worst")
            raise DiffersError(
                f"The serving model differs from the fitted one on {one['differing']} of {one['rows']} "
                f"{name} rows ({offline_and_online(scores[name], place)}). It is not exported: either "
                "features.build computes a feature otherwise than features.definitions describes it, or "
                "a rule reads a column that the contract does not name."
            )
        del one["worst"]
    return {**results, "tolerance": {"absolute" if model.outcome != "regression" else "relative": TOLERANCE}}


def offline_and_online(both: tuple[Scores, Scores], place: int) -> str:
    """What either said of a row, in words."""
    one, other = (", ".join(f"{value:.6g}" for value in scores[place][:3]) for scores in both)
    return f"row {place + 1}: {one} offline, {other} served"


def _compared(offline: Scores, online: Scores, deviation: float, outcome: str) -> dict[str, Any]:
    if offline.shape != online.shape:
        raise ProjectError(
            f"The serving model answers in {online.shape[1]} numbers, the fitted one in {offline.shape[1]}."
        )
    size = np.maximum(np.abs(offline), deviation) if outcome == "regression" else np.ones_like(offline)
    gap = np.nan_to_num(np.abs(offline - online) / np.where(size > 0, size, 1.0), nan=np.inf).max(axis=1)
    differing = int((gap > TOLERANCE).sum())
    largest = float(np.abs(offline - online).max()) if len(gap) else 0.0
    return {
        "rows": len(gap),
        "differing": differing,
        "largest_difference": largest if np.isfinite(largest) else None,
        "worst": int(gap.argmax()) if len(gap) else 0,
    }


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
    rows = json.loads(project.path(golden.FILE).read_text(encoding="utf-8"))["rows"]
    return synthetic.typed(
        project, {name: [str(row["input"].get(name, "")) for row in rows] for name in project.schema}
    )


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
    results: dict[str, list[Any]] = {}
    tables = served.about["encoder"]
    if tables["kind"] == "pipeline":
        X_train = selected_model.rows(project, "train", most=ROWS).X
        for name in columns.keys() & set(tables["columns"]):
            among = X_train[name].dropna()
            numeric = name not in tables["categories"]
            results[columns[name]] = list(
                among.quantile(np.linspace(0, 1, 21)) if numeric else among.unique()
            )
        return results
    for one in tables["numbers"]:
        around = (-2, -1, 0, 1, 2) if "mean" in one else ()
        spread = [one["mean"] + step * one["scale"] for step in around]
        results[columns.get(one["name"], "")] = one.get("cuts", spread)
    for one in tables["categories"]:
        results[columns.get(one["name"], "")] = list(one["codes"])
    return results


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
    drawn = np.clip(np.where(odd, large, drawn), *_limits(column))
    return pd.Series(np.rint(drawn) if column.type == "integer" else drawn).where(~empty)


def _limits(column: Column) -> tuple[float, float]:
    low, high = column.minimum, column.maximum
    return (-np.inf if low is None else float(low), np.inf if high is None else float(high))
