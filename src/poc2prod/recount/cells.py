"""One column's cells, text as it stands in the files, read as what schema.toml says they are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from math import isinf, isnan
from typing import Any, NamedTuple

TYPES = ("integer", "number", "boolean", "category", "text", "date")
NULLS = frozenset({"", "NA", "N/A", "NaN", "nan", "null", "NULL"})
TRUE = frozenset({"1", "true", "t", "yes", "y", "1.0"})
FALSE = frozenset({"0", "false", "f", "no", "n", "0.0"})
ISO = {
    "%Y-%m-%d": 10,
    "%Y-%m-%dT%H:%M": 16,
    "%Y-%m-%d %H:%M": 16,
    "%Y-%m-%dT%H:%M:%S": 19,
    "%Y-%m-%d %H:%M:%S": 19,
}

Value = float | str | datetime | None


class Read(NamedTuple):
    """A cell's value (None: missing), and why it is missing though something stands there: type, infinite."""

    value: Value
    problem: str = ""


class Column(NamedTuple):
    """One column of schema.toml."""

    name: str
    type: str
    nullable: bool = False
    minimum: Any = None
    maximum: Any = None
    values: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    nulls: tuple[str, ...] = ()
    meaning: str = ""
    unit: str = ""

    @property
    def numeric(self) -> bool:
        """Whether its cells are read as numbers."""
        return self.type in ("integer", "number", "boolean")


def columns(schema: Mapping[str, Any]) -> dict[str, Column]:
    """The columns of a parsed schema.toml by name, in order; ValueError where an entry is not understood."""
    entries = schema.get("column")
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        raise ValueError("schema.toml has no [[column]]")
    found = {}
    for number, entry in enumerate(entries, 1):
        name = entry.get("name")
        if not isinstance(name, str) or entry.get("type") not in TYPES or name in found:
            raise ValueError(
                f"schema.toml, column {number}: needs a name of its own and a type out of {', '.join(TYPES)}"
            )
        known = {key: value for key, value in entry.items() if key in Column._fields}
        lists = {
            key: tuple(map(str, known[key]))
            for key in ("values", "formats", "nulls")
            if isinstance(known.get(key), list)
        }
        found[name] = Column(**{**known, **lists})
    return found


def reader(column: Column, decimal: str = ".", thousands: str = "") -> Callable[[str], Read]:
    """How a cell of this column is read."""
    nulls = NULLS | set(column.nulls)
    by_type: dict[str, Callable[[str], Value]] = {
        "boolean": _truth, "date": lambda cell: date(cell, column.formats), "category": str, "text": str,
    }  # fmt: skip
    convert = by_type.get(column.type, _Number(decimal, thousands))
    trimmed = column.type not in ("category", "text")

    def read(cell: str) -> Read:
        if cell in nulls or not cell.strip():
            return Read(None)
        value = convert(cell.strip() if trimmed else cell)
        if value is None:
            return Read(None, "type")
        return Read(None, "infinite") if isinstance(value, float) and isinf(value) else Read(value)

    return read


class _Number:
    """Reads numbers written with these signs."""

    def __init__(self, decimal: str, thousands: str) -> None:
        self.decimal, self.thousands = decimal, thousands
        point, group = re.escape(decimal), re.escape(thousands)
        whole = rf"(?:\d++(?:{point}\d*+)?|{point}\d++)"
        if thousands:
            whole = rf"(?:[1-9]\d{{0,2}}(?:{group}\d{{3}})++(?:{point}\d*+)?(?![\d{group}])|{whole})"
        self.pattern = re.compile(
            rf"[ ]*+[+-]?(?:{whole}(?:[eE][+-]?\d++)?|(?i:inf(?:inity)?))[ ]*+", re.ASCII
        )

    def __call__(self, cell: str) -> float | None:
        if not self.pattern.fullmatch(cell):
            return None
        plain = cell.replace(self.thousands, "") if self.thousands else cell
        return float(plain.replace(self.decimal, "."))


def _truth(cell: str) -> float | None:
    lowered = cell.casefold()
    return 1.0 if lowered in TRUE else 0.0 if lowered in FALSE else None


def date(text: str, formats: Iterable[str]) -> datetime | None:
    """The moment by the first format that fits, else None. Without formats: ISO 8601; a zone: in UTC."""
    for form in formats or ("",):
        found = _by_form(text, form)
        if found is not None:
            return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found
    return None


def _by_form(text: str, form: str) -> datetime | None:
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


class Reads(dict[str, Read]):
    """How cells are read, by cell: each distinct one is read when it is first asked for."""

    def __init__(self, reader: Callable[[str], Read]) -> None:
        super().__init__()
        self._reader = reader

    def __missing__(self, cell: str) -> Read:
        """Read a cell that was not seen before."""
        self[cell] = found = self._reader(cell)
        return found


def values(cells: Iterable[str], reads: Reads) -> list[Value]:
    """The value of each cell."""
    return [reads[cell].value for cell in cells]


def shown(value: Value) -> str:
    """A value as the reports write it: 3.0 as 3, a missing one as nothing, long text cut."""
    if isinstance(value, float):
        return "" if isnan(value) else f"{value:.15g}"
    text = "" if value is None else value.isoformat() if isinstance(value, datetime) else value
    return text if len(text) <= 60 else text[:59] + "…"


class Broken(NamedTuple):
    """A rule of the schema that cells break: how many, and up to 5 of the cells."""

    column: str
    rule: str
    number: int
    cells: list[str]


RULES = ("type", "infinite", "whole", "null", "minimum", "maximum", "values")


def broken(column: Column, counts: Counter[str], reads: Reads) -> list[Broken]:
    """The column's rules that its cells break, in the order of RULES. `counts`: how often each occurs."""
    holds = _rules(column)
    found: dict[str, Counter[str]] = {}
    for cell, count in counts.items():
        value, problem = reads[cell]
        if problem:
            found.setdefault(problem, Counter())[cell] += count
        elif value is None:
            if not column.nullable:
                found.setdefault("null", Counter())[cell] += count
        else:
            for rule, kept in holds.items():
                if not kept(value):
                    found.setdefault(rule, Counter())[cell] += count
    return [
        Broken(column.name, rule, found[rule].total(), list(found[rule])[:5])
        for rule in RULES
        if rule in found
    ]


def _rules(column: Column) -> dict[str, Callable[[Any], bool]]:
    rules: dict[str, Callable[[Any], bool]] = {}
    if column.type == "integer":
        rules["whole"] = lambda value: value == value // 1
    low, high = (_bound(column, bound) for bound in (column.minimum, column.maximum))
    if low is not None:
        rules["minimum"] = lambda value: bool(value >= low)
    if high is not None:
        rules["maximum"] = lambda value: bool(value <= high)
    if column.values and column.type in ("category", "text"):
        allowed = frozenset(column.values)
        rules["values"] = lambda value: value in allowed
    elif column.values and column.type in ("integer", "number"):
        numbers = frozenset(map(float, column.values))
        rules["values"] = lambda value: value in numbers
    return rules


def _bound(column: Column, bound: Any) -> Any:
    if bound is None or column.type in ("category", "text", "boolean"):
        return None
    if column.type != "date":
        return float(bound)
    text = bound.isoformat() if hasattr(bound, "isoformat") else str(bound)
    return date(text, column.formats) or date(text, ())
