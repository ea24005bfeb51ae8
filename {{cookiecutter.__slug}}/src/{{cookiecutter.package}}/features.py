"""I.6 features: what a model sees of a row. Every feature is defined here, once, for training and for use."""

from __future__ import annotations

import pandas as pd


from .kit import rulebook
from .kit.project import Project
from .kit.report import Report


def run(project: Project) -> Report:
    """Write what the features are."""
    matrix = build(project, project.table())
    return Report({"features": {name: str(matrix[name].dtype) for name in matrix}})


def build(project: Project, table: pd.DataFrame) -> pd.DataFrame:
    """The features of each row: columns as they are, dates and texts as numbers, then the rules of rules.py."""
    columns: dict[str, pd.Series] = {}
    for name in used_columns(project):
        columns.update(of_column(table[name], project.schema[name].type))
    for name in project.param("features.rules", []):
        columns[name] = rulebook.rule(name)(table).astype(float)
    return pd.DataFrame(columns, index=table.index)


def used_columns(project: Project) -> list[str]:
    """The columns that become features: all but the target, the id, time, group and what [data] excludes."""
    named = (project.param(f"data.{role}", "") for role in ("target", "id", "time", "group"))
    out = {*named, *project.param("data.exclude", [])}
    return [name for name in project.schema if name not in out]


def of_column(column: pd.Series, kind: str) -> dict[str, pd.Series]:
    """The features that one column gives."""
    name = str(column.name)
    if kind == "date":
        return {f"{name}.{part}": getattr(column.dt, part).astype(float) for part in ("month", "dayofweek", "hour")}
    if kind == "text":
        return {f"{name}.characters": column.str.len().astype(float), f"{name}.words": column.str.count(r"\S+").astype(float)}
    if kind == "category":
        return {name: column.fillna("(missing)").astype(object)}
    return {name: column.astype(float)}
