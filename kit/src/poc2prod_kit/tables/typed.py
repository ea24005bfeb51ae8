"""One cell, text as it stands in the file, as the value that schema.toml says it is. Standard library only."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from math import isfinite, isinf, isnan
from typing import NamedTuple

from poc2prod_kit.tables.schema import Column
from poc2prod_kit.tables.sniff import NULLS, Dialect, number_pattern

TRUE = frozenset({"1", "true", "t", "yes", "y", "1.0"})
FALSE = frozenset({"0", "false", "f", "no", "n", "0.0"})
# Formats whose texts datetime.fromisoformat reads, many times faster than strptime, and what stands for each code.
ISO = re.compile(r"%Y-%m-%d(?:[T ]%H:%M(?::%S(?:\.%f)?)?(?:%z)?)?")
CODES = {"Y": r"\d{4}", "f": r"\d{1,6}", "z": r"(?:Z|[+-]\d\d:?\d\d)"}

Value = float | str | datetime | None


class Read(NamedTuple):
    """A cell's value (None: missing), and why it is missing although there is text: type, infinite."""

    value: Value
    problem: str = ""


class Reads(dict[str, Read]):
    """The values of a column's cells by their text; each distinct cell is read once.

    `problems`: whether a cell so far could not be read as its type, or is infinite.
    """

    def __init__(self, column: Column, dialect: Dialect) -> None:
        super().__init__()
        self.column, self.problems = column, False
        self.convert = READERS[column.type](column, dialect)
        self.trimmed = column.type not in ("category", "text")
        self.plain = column.type in ("integer", "number") and (dialect.decimal, dialect.thousands) == (
            ".",
            "",
        )

    def __missing__(self, cell: str) -> Read:
        """Read a cell that did not occur before."""
        self[cell] = read = self._read(cell)
        self.problems = self.problems or bool(read.problem)
        return read

    def _read(self, cell: str) -> Read:
        if self.column.missing(cell):
            return Read(None)
        value = self.convert(cell.strip() if self.trimmed else cell)
        if value is None:
            return Read(None, "type")
        return Read(None, "infinite") if isinstance(value, float) and isinf(value) else Read(value)

    def all(self, cells: Sequence[str]) -> list[Value]:
        """The value of each cell."""
        plain = self._floats(cells)
        return [self[cell].value for cell in cells] if plain is None else plain

    def _floats(self, cells: Sequence[str]) -> list[Value] | None:
        """All cells at C speed, where they are finite numbers as Python writes them, or missing; else None."""
        if not self.plain or not (joined := "".join(cells)).isascii() or "_" in joined:
            return None
        try:
            nulls = NULLS.union(self.column.nulls)
            values = [None if cell in nulls else float(cell) for cell in cells]
        except ValueError:
            return None
        # The sum of numbers with an infinite one, or with a text such as "+nan", is not finite.
        return list(values) if isfinite(sum(filter(None, values))) else None


def number(column: Column, dialect: Dialect) -> Callable[[str], float | None]:
    """A function that reads numbers written with the dialect's signs; None for other text."""
    pattern = re.compile(number_pattern(dialect.decimal, dialect.thousands), re.ASCII)
    return lambda cell: float(dialect.plain(cell)) if pattern.fullmatch(cell) else None


def truth(cell: str) -> float | None:
    """1 for yes, 0 for no, in the usual spellings; None for other text."""
    lowered = cell.casefold()
    return 1.0 if lowered in TRUE else 0.0 if lowered in FALSE else None


def date(text: str, formats: Iterable[str]) -> datetime | None:
    """The moment by the first format that fits, else None. Without formats: ISO 8601; with a zone: in UTC."""
    for form in formats or ("",):
        try:
            moment = _reader(form)(text)
            return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
        except (ValueError, OverflowError):
            continue
    return None


@lru_cache(maxsize=64)
def _reader(form: str) -> Callable[[str], datetime]:
    """A function that reads texts by a strptime format, "" being ISO 8601. It raises ValueError."""
    if not form:
        return datetime.fromisoformat
    if not ISO.fullmatch(form):
        return lambda text: datetime.strptime(text, form)
    shape = re.sub("%(.)", lambda code: CODES.get(code[1], r"\d\d"), form.replace(".", r"\."))
    iso = re.compile(shape, re.ASCII)

    def read(text: str) -> datetime:
        return datetime.fromisoformat(text) if iso.fullmatch(text) else datetime.strptime(text, form)

    return read


# How the cells of a column become values, by its type: each makes the function that reads one cell, without
# spaces around it (but for words), and gives None where it is not of the type.
READERS: dict[str, Callable[[Column, Dialect], Callable[[str], Value]]] = {
    "integer": number,
    "number": number,
    "boolean": lambda column, dialect: truth,
    "date": lambda column, dialect: lambda cell: date(cell, column.formats),
    "category": lambda column, dialect: str,
    "text": lambda column, dialect: str,
}


def shown(value: Value) -> str:
    """A value as reports write it: 3.0 as 3, a missing one as nothing, long text cut."""
    if isinstance(value, float):
        return "" if isnan(value) else f"{value:.15g}"
    text = "" if value is None else value.isoformat() if isinstance(value, datetime) else value
    return text if len(text) <= 60 else text[:59] + "…"
