"""One cell, text as it stands in the file, as the value that schema.toml says it is. Standard library only."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from math import isfinite, isinf, isnan

from poc2prod_kit.tables.schema import Column
from poc2prod_kit.tables.sniff import NULLS, Dialect, number_pattern

TRUE = frozenset({"1", "true", "t", "yes", "y", "1.0"})
FALSE = frozenset({"0", "false", "f", "no", "n", "0.0"})
# Formats whose texts datetime.fromisoformat reads, many times faster than strptime, and what stands for each code.
ISO = re.compile(r"%Y-%m-%d(?:[T ]%H:%M(?::%S(?:\.%f)?)?(?:%z)?)?")
CODES = {"Y": r"\d{4}", "f": r"\d{1,6}", "z": r"(?:Z|[+-]\d\d:?\d\d)"}

Value = float | str | datetime | None


class Reads(dict[str, Value]):
    """The values of a column's cells by their text, None for a missing one; each distinct cell is read once.

    `problems`: why a cell is missing although there is text: it is not of the column's "type", or "infinite".
    `changes`: which of the column's rules, by their places, changed a cell.
    """

    def __init__(self, column: Column, dialect: Dialect) -> None:
        super().__init__()
        self.column, self.dialect = column, dialect
        self.problems, self.changes = dict[str, str](), dict[str, list[int]]()
        self.convert = READERS[column.type](column, dialect)
        self.trimmed = column.type not in ("category", "text")
        numbers = column.type in ("integer", "number")
        self.plain = numbers and (dialect.decimal, dialect.thousands) == (".", "") and not column.rules

    def __missing__(self, cell: str) -> Value:
        """Read a cell that did not occur before."""
        self[cell] = value = self._cleaned(cell) if self.column.rules else self._read(cell, cell)
        return value

    def _read(self, cell: str, text: str) -> Value:
        """The value of a text that stands for a cell."""
        if self.column.missing(text):
            return None
        value = self.convert(text.strip() if self.trimmed else text)
        if value is None:
            self.problems[cell] = "type"
        elif isinstance(value, float) and isinf(value):
            self.problems[cell], value = "infinite", None
        return value

    def _cleaned(self, cell: str) -> Value:
        """The value after the column's rules: those of texts come before it is read, those of numbers after."""
        changes, text = list[int](), cell
        for place, rule in enumerate(self.column.rules):
            before, text = text, rule.text(text)
            changes += [place] if text != before else []
        value = self._read(cell, text)
        for place, rule in enumerate(self.column.rules):
            if isinstance(value, float):
                number, value = value, rule.number(value)
                changes += [place] if number != value else []
        if changes:
            self.changes[cell] = changes
        return value

    def as_cleaned(self, cells: Sequence[str]) -> list[str]:
        """The cells as if they stood in the file cleaned: text, or the number as the file writes numbers."""
        values = {cell: self[cell] for cell in set(cells)}
        return [self._written(values[cell]) if cell in self.changes else cell for cell in cells]

    def _written(self, value: Value) -> str:
        text = shown(value, most=None)
        return text.replace(".", self.dialect.decimal) if isinstance(value, float) else text

    def all(self, cells: Sequence[str]) -> list[Value]:
        """The value of each cell."""
        plain = self._floats(cells)
        return list(map(self.__getitem__, cells)) if plain is None else plain

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
    return dates(tuple(formats))(text)


@lru_cache(maxsize=64)
def dates(formats: tuple[str, ...]) -> Callable[[str], datetime | None]:
    """The function that reads one text as `date` does."""
    readers = [_by_format(form) for form in formats or ("",)]

    def read(text: str) -> datetime | None:
        for reader in readers:
            try:
                moment = reader(text)
                return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
            except (ValueError, OverflowError):
                continue
        return None

    return read


def _by_format(form: str) -> Callable[[str], datetime]:
    """A function that reads texts by a strptime format, "" being ISO 8601. It raises ValueError."""
    if not form:
        return datetime.fromisoformat
    if not ISO.fullmatch(form):
        return lambda text: datetime.strptime(text, form)
    shape = re.sub("%(.)", lambda code: CODES.get(code[1], r"\d\d"), form.replace(".", r"\."))
    is_iso = re.compile(shape, re.ASCII).fullmatch
    return lambda text: datetime.fromisoformat(text) if is_iso(text) else datetime.strptime(text, form)


# How the cells of a column become values, by its type: each makes the function that reads one cell, without
# spaces around it (but for words), and gives None where it is not of the type.
READERS: dict[str, Callable[[Column, Dialect], Callable[[str], Value]]] = {
    "integer": number,
    "number": number,
    "boolean": lambda column, dialect: truth,
    "date": lambda column, dialect: dates(column.formats),
    "category": lambda column, dialect: str,
    "text": lambda column, dialect: str,
}


def shown(value: Value, most: int | None = 60) -> str:
    """A value as reports write it: 3.0 as 3, a missing one as nothing, long text cut."""
    if isinstance(value, float):
        return "" if isnan(value) else f"{value:.15g}"
    text = "" if value is None else value.isoformat() if isinstance(value, datetime) else value
    return text if most is None or len(text) <= most else text[: most - 1] + "…"
