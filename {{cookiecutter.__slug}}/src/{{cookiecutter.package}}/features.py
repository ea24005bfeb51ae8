"""I.6 features: what a model sees of a row. Every feature is defined here, once, for training and for use.

    table --build--> X, a DataFrame with a column for each feature --preprocessor--> the estimator's numbers

To add a feature, write a function of a row in rules.py and name it in [features] rules of params.toml: the
API then computes it as training does. To take a column away, name it in [data] exclude.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
from poc2prod_kit.rules import derived, leakage_test, leaks, rowwise, synthetic
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
    """X: the features of each row, shape (rows, features), float64 (number) or object (category).

    Each from its row alone, since a request to the API holds one row. The target is not looked at.
    """
    cells = rowwise.Columns(project, table, hidden=project.param("data.target", ""))
    columns = {one["name"]: derived.value(one, table, cells) for one in definitions(project)}
    return pd.DataFrame(columns, index=table.index)


def definitions(project: Project) -> list[derived.Feature]:
    """Every feature once, in order: of the columns that are used, then of [features] rules."""
    of_columns = [one for name in used_columns(project) for one in of_column(project, project.schema[name])]
    of_rules = [derived.rule(project, name) for name in project.param("features.rules", [])]
    return derived.named_once([*of_columns, *of_rules])


def of_column(project: Project, column: Column) -> list[derived.Feature]:
    """What becomes of a column, by its type."""
    time = project.param("data.time", "")
    if column.type == "category":
        return derived.category(column)
    if column.type == "text":
        return derived.text_sizes(column)
    if column.type != "date":
        return derived.number(column)
    if column.name == time:
        # Not year and month: a split by time leaves no later ones to learn from.
        return derived.date_parts(column, project.param("features.time_parts", TIME_PARTS))
    made = derived.date_parts(column, list(derived.PARTS))
    if time in project.schema and project.schema[time].type == "date":
        made += derived.days_until(column, time)
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


def preprocessor(X: pd.DataFrame, estimator: BaseEstimator) -> ColumnTransformer:
    """The features as numbers that this estimator takes; fitted with it, on training rows only.

    Estimators that take missing values are trees (histogram boosting, random forests, LightGBM): they get
    ordinal codes, the rarest beyond 100 sharing one; all others standardised numbers and one-hot codes. A
    category that training did not hold has a code of its own, or no column. Columns without values are left
    out.
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
