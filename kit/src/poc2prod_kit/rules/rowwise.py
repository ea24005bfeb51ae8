"""A table row by row, as rules see it: each row a mapping of the cells that are there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from poc2prod_kit.rules import rulebook, values
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.project import Project


class Row(Mapping[str, Any]):
    """One row of a table. Empty cells are left out; the same object moves on to the next row."""

    def __init__(self, columns: Columns) -> None:
        self.columns, self.place = columns, 0

    def __getitem__(self, name: str) -> Any:
        value = self.columns[name][self.place]
        if value is None:
            raise rulebook.MissingCellError(name)
        return value

    def get(self, name: str, default: Any = None) -> Any:
        """The cell, or the default where it is empty."""
        value = self.columns[name][self.place]
        return default if value is None else value

    def __contains__(self, name: object) -> bool:
        return self.columns[str(name)][self.place] is not None

    def __iter__(self) -> Iterator[str]:
        return (name for name in self.columns.names() if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Columns(dict[str, list[Any]]):
    """The table's columns as lists of Python values, each made when it is first asked for.

    integer and number: float; boolean: bool; category and text: str; date: datetime; None where empty.
    """

    def __init__(self, project: Project, table: pd.DataFrame, hidden: str = "") -> None:
        super().__init__()
        self.schema, self.rules, self.table, self.hidden = project.schema, project.code.rules, table, hidden

    def names(self) -> list[str]:
        """The columns that may be read."""
        return [name for name in self.schema if name != self.hidden]

    def __missing__(self, name: str) -> list[Any]:
        if name == self.hidden and name:
            raise ProjectError(
                f"A rule of rules.py reads {name}, the target, which nobody knows when a prediction is due. "
                "Take it out of [features] rules, or compute it from other columns."
            )
        if name not in self.schema:
            there = ", ".join(self.names())
            raise LookupError(f"{name!r} is not a column of schema.toml, which has {there}")
        self[name] = made = plain(self.table[name], self.schema[name].type)
        return made


def plain(column: pd.Series, kind: str) -> list[Any]:
    """The cells of a column as Python values; None where empty."""
    empty = column.isna().to_numpy()
    if kind == "date":
        cells = column.to_numpy(dtype="datetime64[us]").astype(object)
    elif kind == "boolean":
        cells = (column.to_numpy(dtype=float) == 1).astype(object)
    else:
        cells = column.to_numpy(dtype=object if kind in ("category", "text") else float).astype(object)
    cells[empty] = None
    made: list[Any] = cells.tolist()
    return made


def feature(name: str, columns: Columns) -> pd.Series:
    """What a feature rule gives for each row: float64, or object where it gives texts."""
    made, index = _asked(name, columns, values.outcome, None), columns.table.index
    if any(isinstance(value, str) for value in made):
        texts = [values.MISSING if value is None else str(value) for value in made]
        return pd.Series(texts, index=index, dtype=object)
    return pd.Series(np.array(made, dtype=float), index=index)


def kept(name: str, columns: Columns) -> pd.Series:
    """Whether a population rule keeps each row."""
    return pd.Series(_asked(name, columns, bool, False), index=columns.table.index, dtype=bool)


def _asked(name: str, columns: Columns, read: Callable[[Any], Any], missing: Any) -> list[Any]:
    """What a rule returns for each row; `missing` where it asks for a cell that is empty."""
    function, row, made = rulebook.rule(columns.rules, name), Row(columns), []
    for row.place in range(len(columns.table)):
        made.append(rulebook.ask(function, row, read, missing))
    return made


def mapped(column: pd.Series, how: str) -> pd.Series:
    """A part of each text or date as a number, computed once for each distinct value; NaN where empty."""
    codes, distinct = pd.factorize(column)
    cells = plain(pd.Series(distinct), "date" if column.dtype.kind == "M" else "text")
    result = np.array([*(values.PARTS[how](cell) for cell in cells), np.nan])
    return pd.Series(result[codes], index=column.index)


def in_population(project: Project, table: pd.DataFrame) -> pd.Series:
    """Which rows the question is about: those that every rule in [data] population keeps."""
    keep = pd.Series(True, index=table.index)
    cells = Columns(project, table)
    for name in project.param("data.population", []):
        keep &= kept(name, cells)
    return keep
