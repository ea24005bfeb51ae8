"""I.6 features: what the model sees of a row. Every feature is defined here once, for training and serving."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from poc2prod_kit.rules import leakage_test, leaks, rowwise, rulebook, synthetic
from poc2prod_kit.rules.values import LARGEST, MISSING
from poc2prod_kit.run import report
from poc2prod_kit.run.project import Project
from poc2prod_kit.run.report import Report
from poc2prod_kit.splitting import folds
from poc2prod_kit.splitting.split_file import parts
from poc2prod_kit.tables.schema import Column
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.utils import get_tags

PARTS = {"year": "year", "month": "month, 1 to 12", "day_of_week": "weekday, Monday is 0,", "hour": "hour"}
TIME_PARTS = ["day_of_week", "hour"]
PROOF_ROWS = 20_000
MAX_CATEGORIES = 100


def run(project: Project) -> Report:
    """Define the features, prove that each depends on its row alone, look for columns that leak."""
    report.results(project, "split")
    table = project.table()
    part = parts(project).reindex(table.index)
    proved, findings = leakage_test.prove(
        project, sampled(table, project.param("features.proof_rows", PROOF_ROWS)), part
    )
    screened, leaking = leaks.look(project, table)
    sample, files = synthetic.refresh_sample(project)
    results = {"features": definitions(project), "proof": proved, "sample": sample, **screened}
    return Report(results, files, [*findings, *leaking])


def sampled(table: pd.DataFrame, most: int) -> pd.DataFrame:
    """At most so many rows, drawn by the hash of their ids."""
    return table[folds.sample(table.index, most)]


def build(project: Project, table: pd.DataFrame) -> pd.DataFrame:
    """The features of each row, from that row alone: shape (rows, features), float64 (number) or object
    (category).

    Columns as they are, dates and texts as numbers, then the rules of rules.py. The target is not looked at.
    """
    cells = rowwise.Columns(project, table, hidden=project.param("data.target", ""))
    columns = {one["name"]: value(one, table, cells) for one in definitions(project)}
    return pd.DataFrame(columns, index=table.index)


def preprocessor(X: pd.DataFrame, estimator: BaseEstimator) -> ColumnTransformer:
    """The features as numbers that this estimator takes; fitted with it, on training rows only.

    Estimators that take missing values are trees (histogram boosting, random forests, LightGBM): they get ordinal
    codes, the rarest beyond 100 sharing one; all others standardised numbers and one-hot codes. A category that
    training did not hold has a code of its own, or no column. Columns without any value are left out.
    """
    known = X.columns[X.notna().any()]
    numbers = X[known].select_dtypes("number").columns.tolist()
    categories = [name for name in known if name not in numbers]
    if get_tags(estimator).input_tags.allow_nan:
        number: Any = "passthrough"
        category: Any = OrdinalEncoder(
            handle_unknown="use_encoded_value", unknown_value=-1, max_categories=MAX_CATEGORIES
        )
    else:
        number = make_pipeline(SimpleImputer(strategy="median", keep_empty_features=True), StandardScaler())
        category = OneHotEncoder(handle_unknown="ignore", min_frequency=2, max_categories=MAX_CATEGORIES)
    parts = [("numbers", number, numbers), ("categories", category, categories)]
    return ColumnTransformer([part for part in parts if part[2]], verbose_feature_names_out=False)


def value(one: dict[str, Any], table: pd.DataFrame, cells: rowwise.Columns) -> pd.Series:
    """One feature of each row, by its definition.

    Numbers beyond ±1e100 are set to that, since their squares overflow.
    """
    if one["how"] == "rule":
        return rowwise.feature(one["rule"], cells)
    column = table[one["column"]]
    if one["how"] == "category":
        return column.astype(object).where(column.notna(), MISSING)
    if one["how"] == "number":
        return column.astype(float).where(np.isfinite(column.astype(float))).clip(-LARGEST, LARGEST)
    if one["how"] == "days_before":
        return (table[one["until"]] - column) / pd.Timedelta(days=1)
    return rowwise.mapped(column, one["how"])


def definitions(project: Project) -> list[dict[str, Any]]:
    """Every feature once, in order.

    Name, column or rule, how it is made, kind (number or category), meaning, unit.
    """
    made = [one for name in used_columns(project) for one in _of_column(project, project.schema[name])]
    for name in project.param("features.rules", []):
        made.append(
            {
                "name": name,
                "rule": name,
                "how": "rule",
                "kind": "number",
                "meaning": rulebook.meaning(project.code.rules, name),
            }
        )
    taken: set[str] = set()
    for one in made:
        while one["name"] in taken:
            one["name"] += " (rule)" if one["how"] == "rule" else "_"
        taken.add(one["name"])
    return made


def used_columns(project: Project) -> list[str]:
    """The columns that become features: all but the target, the id, the group and what [data] excludes.

    The time column gives parts where it is a date ([features] time_parts); as a number it is left out.
    """
    named = (project.param(f"data.{role}", "") for role in ("target", "id", "group"))
    out = {*named, *project.param("data.exclude", [])}
    time = project.param("data.time", "")
    if time and project.schema.named(time).type != "date":
        out.add(time)
    return [name for name in project.schema if name not in out]


def _of_column(project: Project, column: Column) -> list[dict[str, Any]]:
    base = {"column": column.name, "kind": "number", "meaning": column.meaning}
    if column.type == "category":
        return [{**base, "name": column.name, "how": "category", "kind": "category"}]
    if column.type == "text":
        return [_part(base, column, how, f"number of {how}", how) for how in ("characters", "words")]
    if column.type != "date":
        return [
            {**base, "name": column.name, "how": "number", **({"unit": column.unit} if column.unit else {})}
        ]
    time = project.param("data.time", "")
    if column.name == time:
        return [
            _part(base, column, how, PARTS[how])
            for how in project.param("features.time_parts", TIME_PARTS)
            if _varies(column, how)
        ]
    made = [_part(base, column, how, PARTS[how]) for how in PARTS if _varies(column, how)]
    if time in project.schema and project.schema[time].type == "date":
        made.append({**_part(base, column, "days_before", f"days from it to {time}", "days"), "until": time})
    return made


def _part(base: dict[str, Any], column: Column, how: str, words: str, unit: str = "") -> dict[str, Any]:
    meaning = f"{words} of {column.meaning or column.name}"
    return {
        **base,
        "name": f"{column.name}.{how}",
        "how": how,
        "meaning": meaning,
        **({"unit": unit} if unit else {}),
    }


def _varies(column: Column, part: str) -> bool:
    """Whether the schema lets a part of a date differ between rows.

    By the range for years, by the notation for the rest.
    """
    if part == "year":
        return str(column.minimum or "low")[:4] != str(column.maximum or "high")[:4]
    codes = {"hour": ("%H", "%I"), "day_of_week": ("%d",)}.get(part, ())
    return not codes or not column.formats or any(code in form for code in codes for form in column.formats)
