"""One cell, text as it stands in the file, as the value that schema.toml says it is. Standard library only."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from math import isinf, isnan
from typing import NamedTuple

from poc2prod_kit.tables.schema import Column
from poc2prod_kit.tables.sniff import NULLS, Dialect, number_pattern

TRUE = frozenset({"1", "true", "t", "yes", "y", "1.0"})
FALSE = frozenset({"0", "false", "f", "no", "n", "0.0"})
# Formats that datetime.fromisoformat reads, many times faster than strptime, by the length of the text.
ISO = {
    "%Y-%m-%d": 10,
    "%Y-%m-%dT%H:%M": 16,
    "%Y-%m-%d %H:%M": 16,
    "%Y-%m-%dT%H:%M:%S": 19,
    "%Y-%m-%d %H:%M:%S": 19,
}

Value = float | str | datetime | None


class Read(NamedTuple):
    """A cell's value (None: missing), and why it is missing although there is text: type, infinite."""

    value: Value
    problem: str = ""


class Reads(dict[str, Read]):
    """The values of a column's cells by their text; each distinct cell is read once."""

    def __init__(self, column: Column, dialect: Dialect) -> None:
        super().__init__()
        self.column, self.nulls = column, NULLS | set(column.nulls)
        self.trimmed = column.type not in ("category", "text")
        by_type: dict[str, Callable[[str], Value]] = {
            "boolean": truth, "date": lambda cell: date(cell, column.formats), "category": str, "text": str,
        }  # fmt: skip
        self.convert = by_type.get(column.type) or number(dialect)

    def __missing__(self, cell: str) -> Read:
        """Read a cell that did not occur before."""
        self[cell] = read = self._read(cell)
        return read

    def _read(self, cell: str) -> Read:
        if cell in self.nulls or not cell.strip():
            return Read(None)
        value = self.convert(cell.strip() if self.trimmed else cell)
        if value is None:
            return Read(None, "type")
        return Read(None, "infinite") if isinstance(value, float) and isinf(value) else Read(value)


def number(dialect: Dialect) -> Callable[[str], float | None]:
    """A function that reads numbers written with the dialect's signs; None for other text."""
    pattern = re.compile(number_pattern(dialect.decimal, dialect.thousands), re.ASCII)

    def read(cell: str) -> float | None:
        if not pattern.fullmatch(cell):
            return None
        plain = cell.replace(dialect.thousands, "") if dialect.thousands else cell
        return float(plain.replace(dialect.decimal, "."))

    return read


def truth(cell: str) -> float | None:
    """1 for yes, 0 for no, in the usual spellings; None for other text."""
    lowered = cell.casefold()
    return 1.0 if lowered in TRUE else 0.0 if lowered in FALSE else None


def date(text: str, formats: Iterable[str]) -> datetime | None:
    """The moment by the first format that fits, else None. Without formats: ISO 8601; with a zone: in UTC."""
    for form in formats or ("",):
        moment = _by_format(text, form)
        if moment is not None:
            return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    return None


def _by_format(text: str, form: str) -> datetime | None:
    if not form or ISO.get(form) == len(text):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            if not form:
                return None
    try:
        return datetime.strptime(text, form)
    except ValueError:
        return None


def shown(value: Value) -> str:
    """A value as reports write it: 3.0 as 3, a missing one as nothing, long text cut."""
    if isinstance(value, float):
        return "" if isnan(value) else f"{value:.15g}"
    text = "" if value is None else value.isoformat() if isinstance(value, datetime) else value
    return text if len(text) <= 60 else text[:59] + "…"
