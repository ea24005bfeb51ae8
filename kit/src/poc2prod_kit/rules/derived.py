"""What a column or a rule becomes as a feature, and how each is computed for a whole table.

A feature is described by a dict: name, kind (number or category), meaning, unit, `how` it is made, and of
which column or rule. Training computes it here, the API row by row by the same description (serving.encoder).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from poc2prod_kit.rules import rowwise, rulebook
from poc2prod_kit.rules.values import LARGEST, MISSING
from poc2prod_kit.run.project import Project
from poc2prod_kit.tables.schema import Column

PARTS = {"year": "year", "month": "month, 1 to 12", "day_of_week": "weekday, Monday is 0,", "hour": "hour"}
Feature = dict[str, Any]


def category(column: Column) -> list[Feature]:
    """The column as it is; empty cells are a category of their own."""
    return [{**_of(column, "category"), "name": column.name, "kind": "category"}]


def number(column: Column) -> list[Feature]:
    """The column as it is, with its unit where schema.toml gives one."""
    unit = {"unit": column.unit} if column.unit else {}
    return [{**_of(column, "number"), "name": column.name, **unit}]


def text_sizes(column: Column) -> list[Feature]:
    """How many characters and words a text has."""
    return [{**_of(column, how, f"number of {how}"), "unit": how} for how in ("characters", "words")]


def date_parts(column: Column, parts: list[str]) -> list[Feature]:
    """Year, month, day_of_week or hour of a date, those that can differ between rows."""
    return [_of(column, how, PARTS[how]) for how in parts if _varies(column, how)]


def days_until(column: Column, until: str) -> list[Feature]:
    """Days from the date to another, missing where either is."""
    return [{**_of(column, "days_before", f"days from it to {until}"), "unit": "days", "until": until}]


def rule(project: Project, name: str) -> Feature:
    """What a function of rules.py gives for a row; its docstring is the meaning."""
    meaning = rulebook.meaning(project.code.rules, name)
    return {"name": name, "rule": name, "how": "rule", "kind": "number", "meaning": meaning}


def named_once(features: list[Feature]) -> list[Feature]:
    """The same features; one whose name is taken gets another."""
    taken: set[str] = set()
    for one in features:
        while one["name"] in taken:
            one["name"] += " (rule)" if one["how"] == "rule" else "_"
        taken.add(one["name"])
    return features


def value(one: Feature, table: pd.DataFrame, cells: rowwise.Columns) -> pd.Series:
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


def _of(column: Column, how: str, words: str = "") -> Feature:
    """A number that is made of a column; `words` say what it is of the column's meaning."""
    meaning = f"{words} of {column.meaning or column.name}" if words else column.meaning
    name = f"{column.name}.{how}"
    return {"column": column.name, "kind": "number", "name": name, "how": how, "meaning": meaning}


def _varies(column: Column, part: str) -> bool:
    """Whether the schema lets a part of a date differ between rows.

    By the range for years, by the notation for the rest.
    """
    if part == "year":
        return str(column.minimum or "low")[:4] != str(column.maximum or "high")[:4]
    codes = {"hour": ("%H", "%I"), "day_of_week": ("%d",)}.get(part, ())
    return not codes or not column.formats or any(code in form for code in codes for form in column.formats)
