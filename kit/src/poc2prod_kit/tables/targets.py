"""The target as a model learns it: 1 or 0, a number, or the name of a class."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pandas as pd

from poc2prod_kit.run import toml
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.project import Project
from poc2prod_kit.screening import spelling
from poc2prod_kit.tables import infer, roles, violations
from poc2prod_kit.tables.schema import Column
from poc2prod_kit.tables.sniff import InferenceError
from poc2prod_kit.tables.typed import FALSE, TRUE

METRICS = {"binary": "roc_auc", "multiclass": "log_loss", "regression": "mae"}
SHOWN = 10
OUTCOMES = ("binary", "multiclass", "regression")


def suggest(column: Column, values: pd.Series) -> str:
    """What to write into [problem], read off the target. Raises ProjectError where it cannot be predicted."""
    numbers = values.dropna() if column.type in ("integer", "number") else pd.Series(dtype=float)
    low, high = (numbers.min(), numbers.max()) if len(numbers) else (None, None)
    counted = values.map(lambda value: named(column, value), na_action="ignore").value_counts()
    described = replace(column, minimum=low, maximum=high, nulls=())
    try:
        outcome, positive, reason = infer.outcome(
            described, Counter({str(value): int(n) for value, n in counted.items()})
        )
    except InferenceError as error:
        raise ProjectError(f"[data] target: {error}") from error
    chosen = {"outcome": outcome, "positive": positive, "metric": METRICS[outcome]}
    lines = toml.lines({key: value for key, value in chosen.items() if value})
    return (
        f'[problem] outcome of params.toml is empty. {reason} Replace the line outcome = "" by:\n'
        + lines.rstrip("\n")
    )


def named(column: Column, value: Any) -> str:
    """A value of the column as it is written in the data; of yes and no, as schema.toml writes them."""
    if column.type != "boolean":
        return violations.shown(value) if not isinstance(value, str) else value
    words = {text.strip().casefold() in TRUE: text for text in column.values}
    return words.get(value == 1, "1" if value == 1 else "0")


def numbers(column: Column, values: pd.Series) -> pd.Series:
    """A regression's target. Raises ProjectError where it is no number."""
    if not column.numeric:
        example = next(iter(values.dropna()), "")
        raise ProjectError(
            f"{column.name} is a column of type {column.type} (such as {violations.shown(example)!r}), "
            "and [problem] outcome is regression, which needs a number. "
            'Set outcome = "multiclass" or "binary", or name another target.'
        )
    return values.astype(float)


def classes(column: Column, values: pd.Series) -> pd.Series:
    """A multiclass target as text, numbers as people write them. Raises ProjectError for dates and texts."""
    if column.type in ("date", "text"):
        raise ProjectError(
            f"{column.name} is a column of type {column.type}, which has no classes. Name another target."
        )
    if values.dtype == object:
        return values
    return values.map(lambda value: named(column, value), na_action="ignore").astype(object)


def binary(column: Column, values: pd.Series, positive: str) -> pd.Series:
    """1.0 where the target is `positive`, 0.0 where it is the other value, NaN where missing.

    Raises ProjectError for a third value, and where `positive` is none of two values.
    """
    yes = is_positive(column, values, positive)
    counts = values.map(lambda value: named(column, value), na_action="ignore").value_counts()
    other = yes.eq(False) & values.notna()
    rest = values[other].nunique()
    if rest > 1 or (rest == 1 and len(counts) > 2):
        raise _third(column, list(counts.index), counts, positive, bool(yes.any()))
    return yes.astype(float).where(values.notna())


def is_positive(column: Column, values: pd.Series, positive: str) -> pd.Series:
    """Which values are the positive one: 1, 1.0 and true are one in a column of numbers or booleans."""
    text = str(positive).strip()
    if values.dtype == object:
        return values == str(positive)
    if column.type == "boolean" and text.casefold() in TRUE | FALSE:
        return values == float(text.casefold() in TRUE)
    try:
        return values == float(text)
    except (ValueError, TypeError):
        return pd.Series(False, index=values.index)


def _third(column: Column, found: list[str], counts: pd.Series, positive: str, occurs: bool) -> ProjectError:
    listed = ", ".join(f"{value!r} ({counts[value]:,} rows)" for value in found[:SHOWN])
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    alike = len({spelling.plain(value) for value in found}) < len(found)
    why = (
        " Some differ only in how they are spelled: map them to one spelling in cleaning.toml."
        if alike
        else ""
    )
    advice = (
        why or ' Set outcome = "multiclass", or leave the other rows out with a rule in [data] population.'
    )
    if not occurs:
        return ProjectError(
            f"[problem] positive = {positive!r} never occurs in {column.name}, which has {listed}{more}.{why}"
        )
    return ProjectError(
        f"{column.name} has {len(found)} values and [problem] outcome is binary: {listed}{more}.{advice}"
    )


def never(column: Column, values: pd.Series, positive: str) -> ProjectError:
    """The error of a positive value that no row of the whole table has."""
    result = values.dropna().map(lambda value: named(column, value)).unique()
    listed = ", ".join(map(repr, sorted(result)[:SHOWN])) or "no value at all"
    return ProjectError(
        f"[problem] positive = {positive!r} never occurs in {column.name}, which has {listed}."
    )


def target(project: Project, table: pd.DataFrame) -> pd.Series:
    """The target of each row: 1 or 0 (binary), a number (regression), a label (multiclass), or NaN."""
    name, outcome = project.param("data.target", ""), project.param("problem.outcome", "")
    if not name or name not in table:
        roles.check(project)
    column = project.schema[name]
    if not outcome:
        raise ProjectError(suggest(column, project.table()[name]))
    if outcome not in OUTCOMES:
        raise ProjectError(f"[problem] outcome = {outcome!r} is none of {', '.join(OUTCOMES)}.")
    if outcome != "binary":
        return (numbers if outcome == "regression" else classes)(column, table[name])
    positive = _positive(project)
    result = binary(column, table[name], positive)
    if not result.eq(1).any() and not is_positive(column, project.table()[name], positive).any():
        raise never(column, project.table()[name], positive)
    return result


def _positive(project: Project) -> str:
    value = project.param("problem.positive", None)
    return "" if value is None else str(value)
