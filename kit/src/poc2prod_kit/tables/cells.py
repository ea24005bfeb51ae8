"""One column's cells, text as it stands in the files, read as what schema.toml says they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from poc2prod_kit.tables.schema import Column
from poc2prod_kit.tables.sniff import NULLS, Dialect
from poc2prod_kit.tables.typed import number, truth

NAN = float("nan")
MOST_KEPT = 200_000


@dataclass
class Cells:
    """Takes a column's cells chunk by chunk; keeps values, and where a cell could not be read as its type.

    `unread` holds (row number from 0, text); `infinite` the row numbers of infinities, read as missing.
    """

    column: Column
    dialect: Dialect
    parts: list[Any] = field(default_factory=list)
    unread: list[tuple[int, str]] = field(default_factory=list)
    infinite: list[int] = field(default_factory=list)
    rows: int = 0

    def __post_init__(self) -> None:
        self.nulls = NULLS | set(self.column.nulls)
        self.known: dict[str, Any] = {}
        self.number = number(self.dialect)

    def add(self, cells: Sequence[str]) -> None:
        """Take in more cells."""
        if self.column.type == "date":
            values = self._dates(cells)
        elif self.column.type == "boolean":
            values = self._mapped(cells, truth)
        elif self.column.numeric:
            values = self._numbers(cells)
        else:
            values = self._words(cells)
        self.parts.append(values)
        self.rows += len(cells)

    def series(self) -> pd.Series:
        """All values so far: float64, datetime64[us] or object (text)."""
        dtype: Any = {"date": "datetime64[us]", "category": object, "text": object}.get(
            self.column.type, float
        )
        values: Any = np.concatenate(self.parts) if self.parts else []
        made: pd.Series = pd.Series(values, dtype=dtype)
        return made

    def missing(self, cell: str) -> bool:
        """Whether the cell says that there is no value."""
        return cell in self.nulls or not cell.strip()

    def _words(self, cells: Sequence[str]) -> Any:
        new = set(cells) - self.known.keys()
        if len(self.known) > MOST_KEPT:
            self.known = {}
            new = set(cells)
        self.known.update((cell, NAN if self.missing(cell) else cell) for cell in new)
        values = np.empty(len(cells), dtype=object)
        values[:] = [self.known[cell] for cell in cells]
        return values

    def _numbers(self, cells: Sequence[str]) -> Any:
        values = self._plain_numbers(cells)
        if values is None:
            values = self._mapped(cells, self.number)
        endless = np.isinf(values)
        if endless.any():
            self.infinite += (self.rows + np.flatnonzero(endless)).tolist()
            values[endless] = NAN
        return values

    def _plain_numbers(self, cells: Sequence[str]) -> Any:
        """All cells at once, where they are plain numbers or missing; else None."""
        if self.dialect.decimal != "." or self.dialect.thousands:
            return None
        joined = "".join(cells)
        if not joined.isascii() or "_" in joined:
            return None
        try:
            return np.array(list(map(float, cells)))
        except ValueError:
            pass
        try:
            return np.array([NAN if cell in self.nulls else float(cell) for cell in cells])
        except ValueError:
            return None

    def _mapped(self, cells: Sequence[str], convert: Any) -> Any:
        """Each distinct cell converted once; None stands for what cannot be read."""
        known = {cell: NAN if self.missing(cell) else convert(cell.strip()) for cell in set(cells)}
        bad = {cell for cell, value in known.items() if value is None}
        if bad:
            self._refuse(cells, bad)
            known.update(dict.fromkeys(bad, NAN))
        return np.array([known[cell] for cell in cells], dtype=float)

    def _refuse(self, cells: Sequence[str], bad: set[str]) -> None:
        self.unread += [(self.rows + row, cell) for row, cell in enumerate(cells) if cell in bad]

    def _dates(self, cells: Sequence[str]) -> Any:
        codes, distinct = pd.factorize(np.array(cells, dtype=object))
        dates = read_dates([cell.strip() for cell in distinct], self.column.formats)
        gone = [self.missing(cell) for cell in distinct]
        bad = {
            cell for cell, no, lost in zip(distinct, gone, np.isnat(dates), strict=True) if lost and not no
        }
        dates[np.array(gone, dtype=bool)] = np.datetime64("NaT", "us")
        if bad:
            self._refuse(cells, bad)
        return dates[codes]


def read_dates(texts: Sequence[str], formats: Iterable[str]) -> Any:
    """datetime64[us] of texts by the first format that fits, NaT where none does; time zones become UTC."""
    result = pd.Series(pd.NaT, index=range(len(texts)), dtype="datetime64[us]")
    cells = pd.Series(list(texts), dtype=object)
    for form in (*formats,) or ("ISO8601",):
        open_ = result.isna()
        if not open_.any():
            break
        read = pd.to_datetime(cells[open_], format=form, errors="coerce", utc=True).dt.tz_localize(None)
        result[open_] = read.astype("datetime64[us]")
    return result.to_numpy().copy()


def values(column: pd.Series) -> list[Any]:
    """The column as a list, None for missing values."""
    known: pd.Series = column.astype(object)
    return known.where(column.notna(), None).tolist()
