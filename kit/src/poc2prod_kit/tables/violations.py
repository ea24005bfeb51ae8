"""Hold every row against schema.toml with pandera, and count what breaks which rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from poc2prod_kit.run.report import Finding
from poc2prod_kit.tables.cells import dtype
from poc2prod_kit.tables.moments import date
from poc2prod_kit.tables.schema import Column, Schema
from poc2prod_kit.tables.table import Reading, reading

EXAMPLES = 5
MOST = 20
ADVICE = {
    "type": "Correct the cells, or the column's type, formats or nulls",
    "infinite": "They are read as missing: correct them, or say in nulls what they mean",
    "whole": 'Correct them, or set type = "number"',
    "null": "Fill them in, or set nullable = true",
    "minimum": "Correct them, or lower minimum",
    "maximum": "Correct them, or raise maximum",
    "values": "Correct them, or add them to values",
}
WORDS = {
    "type": "that cannot be read as {type}",
    "infinite": "that are infinite",
    "whole": "that are not whole numbers",
    "null": "that are empty",
    "minimum": "below the minimum {minimum}",
    "maximum": "above the maximum {maximum}",
    "values": "that are not among the allowed values",
}


@dataclass(frozen=True)
class Violation:
    """A rule of one column that rows break: how many, and up to 5 of them as (id, value)."""

    column: str
    rule: str
    count: int
    examples: list[dict[str, str]]


Rule = Callable[[pd.Series], pd.Series]


def rules(column: Column) -> dict[str, Rule]:
    """The column's rules by name: each says of every value that is there whether it holds."""
    results: dict[str, Rule] = {}
    if column.type == "integer":
        results["whole"] = lambda values: values == np.floor(values)
    for name, holds in (("minimum", pd.Series.ge), ("maximum", pd.Series.le)):
        bound = _bound(column, getattr(column, name))
        if bound is not None:
            results[name] = partial(_within, holds, bound)
    if column.values and column.type in ("category", "text"):
        results["values"] = lambda values: values.isin(column.values)
    elif column.values and column.type in ("integer", "number"):
        results["values"] = lambda values: values.isin([float(value) for value in column.values])
    return results


def _within(holds: Callable[[pd.Series, Any], pd.Series], bound: Any, values: pd.Series) -> pd.Series:
    return holds(values, bound)


def _bound(column: Column, bound: Any) -> Any:
    if bound is None or column.type in ("category", "text", "boolean"):
        return None
    if column.type != "date":
        return float(bound)
    return date(str(bound), (*column.formats, ""))


def pandera_schema(schema: Schema) -> Any:
    """schema.toml as a pandera DataFrameSchema: dtype, nullability and one Check a rule."""
    import pandera.pandas as pandera

    return pandera.DataFrameSchema(
        {
            name: pandera.Column(
                dtype(column),
                [
                    pandera.Check(holds, name=rule, ignore_na=True, n_failure_cases=1)
                    for rule, holds in rules(column).items()
                ],
                nullable=column.nullable,
            )
            for name, column in schema.items()
        },
        ordered=True,
        strict=True,
    )


def find(schema: Schema, table: pd.DataFrame) -> list[Violation]:
    """Every broken rule, in the schema's order of columns."""
    import pandera.pandas as pandera

    read = reading(table)
    broken: set[tuple[str, str]] = set()
    try:
        pandera_schema(schema).validate(table, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        cases = errors.failure_cases[["column", "check"]].drop_duplicates()
        broken = {(str(column), _rule(str(check))) for column, check in cases.itertuples(index=False)}
    items = [_counted(schema[column], rule, table[column], read) for column, rule in broken]
    items += [_read(name, "type", rows, table) for name, rows in read.unread.items()]
    items += [
        _read(name, "infinite", [(row, "infinity") for row in rows], table)
        for name, rows in read.infinite.items()
    ]
    places = {name: place for place, name in enumerate(schema)}
    ranks = {rule: rank for rank, rule in enumerate(ADVICE)}
    return sorted(
        (item for item in items if item.count), key=lambda item: (places[item.column], ranks[item.rule])
    )


def _rule(check: str) -> str:
    return "null" if check == "not_nullable" else check


def _counted(column: Column, rule: str, values: pd.Series, read: Reading) -> Violation:
    """Count on the whole column what pandera found broken. A cell that could not be read is no empty cell."""
    if rule == "null":
        bad = values.isna().to_numpy(copy=True)
        other = [row for row, _ in read.unread.get(column.name, [])] + read.infinite.get(column.name, [])
        bad[other] = False
    else:
        bad = (values.notna() & ~rules(column)[rule](values)).to_numpy(dtype=bool)
    first = np.flatnonzero(bad)[:EXAMPLES]
    return Violation(column.name, rule, int(bad.sum()), _examples(values.index[first], values.iloc[first]))


def _read(name: str, rule: str, rows: list[tuple[int, str]], table: pd.DataFrame) -> Violation:
    first = rows[:EXAMPLES]
    return Violation(
        name, rule, len(rows), _examples(table.index[[row for row, _ in first]], [text for _, text in first])
    )


def _examples(ids: Any, values: Any) -> list[dict[str, str]]:
    return [{"id": str(row), "value": shown(value)} for row, value in zip(ids, values, strict=True)]


def shown(value: Any) -> str:
    """A value as people write it, long text cut: 3.0 as 3, a missing one as nothing."""
    if isinstance(value, float):
        return "" if np.isnan(value) else f"{value:.15g}"
    text = "" if value is pd.NaT else value.isoformat() if isinstance(value, pd.Timestamp) else str(value)
    return text if len(text) <= 60 else text[:59] + "…"


def findings(schema: Schema, found: list[Violation]) -> list[Finding]:
    """A finding for each broken rule, the first 20; the last says how many more there are."""
    items = [_finding(schema[item.column], item) for item in found[:MOST]]
    if len(found) > MOST:
        more = sorted({item.column for item in found[MOST:]})
        text = f"{len(found) - MOST} more rules of schema.toml are broken, in {len(more)} column(s): "
        text += "results.violations lists them."
        items.append(Finding("schema", text, tuple(more)))
    return items


def _finding(column: Column, item: Violation) -> Finding:
    what = WORDS[item.rule].format(type=column.type, minimum=column.minimum, maximum=column.maximum)
    values = ", ".join(dict.fromkeys(repr(example["value"]) for example in item.examples if example["value"]))
    cells = "cell" if item.count == 1 else "cells"
    text = f"{column.name}: {item.count:,} {cells} {what}{' (' + values + ')' if values else ''}. "
    text += f"{ADVICE[item.rule]} in schema.toml."
    return Finding("schema", text, (column.name,), tuple(example["id"] for example in item.examples))
