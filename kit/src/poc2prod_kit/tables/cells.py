"""One column's cells, text as it stands in the files, as a pandas column of what schema.toml says they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from poc2prod_kit.tables.schema import Column
from poc2prod_kit.tables.sniff import Dialect
from poc2prod_kit.tables.typed import Reads

# Distinct cells that are kept in memory, with their values, from one chunk to the next.
MOST_KEPT = 200_000


@dataclass
class Cells:
    """Takes a column's cells chunk by chunk; keeps values, and where a cell could not be read as its type.

    `unread` holds (row number from 0, text); `infinite` the row numbers of infinities, read as missing;
    `cleaned` the row numbers of the cells that each rule of cleaning.toml changed.
    """

    column: Column
    dialect: Dialect
    parts: list[Any] = field(default_factory=list)
    unread: list[tuple[int, str]] = field(default_factory=list)
    infinite: list[int] = field(default_factory=list)
    rows: int = 0

    def __post_init__(self) -> None:
        self.cleaned: list[list[int]] = [[] for _ in self.column.rules]
        self.reads = Reads(self.column, self.dialect)
        self.dtype = dtype(self.column)

    def add(self, cells: Sequence[str]) -> None:
        """Take in more cells."""
        if len(self.reads) > MOST_KEPT:
            self.reads = Reads(self.column, self.dialect)
        values = pd.Series(self.reads.all(cells), dtype=self.dtype).to_numpy()
        missing = pd.isna(values)
        self.parts.append(np.where(missing, np.nan, values) if self.dtype == object else values)
        for row in np.flatnonzero(missing).tolist() if self.reads.problems else ():
            problem = self.reads.problems.get(cells[row])
            if problem == "infinite":
                self.infinite.append(self.rows + row)
            elif problem:
                self.unread.append((self.rows + row, cells[row]))
        for row, cell in enumerate(cells if self.reads.changes else ()):
            for place in self.reads.changes.get(cell, ()):
                self.cleaned[place].append(self.rows + row)
        self.rows += len(cells)

    def series(self) -> pd.Series:
        """All values so far: float64, datetime64[us] or object (text)."""
        made: pd.Series = pd.Series(np.concatenate(self.parts) if self.parts else [], dtype=self.dtype)
        return made


def dtype(column: Column) -> Any:
    """What a table holds a column's values as."""
    return np.dtype({"date": "datetime64[us]", "category": "O", "text": "O"}.get(column.type, "float64"))


def values(column: pd.Series) -> list[Any]:
    """The column as a list, None for missing values."""
    known: pd.Series = column.astype(object)
    return known.where(column.notna(), None).tolist()
