"""The rows that are looked at, in memory, each column as codes into its distinct values."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import islice
from math import ceil
from pathlib import Path
from types import ModuleType
from typing import Any

from .entities import ATTRIBUTES, attributes, identifying, panel

MOST_ROWS = 200_000
SAMPLE = 100_000
MISSING = 0
# No number of a table is as large; the squares of larger ones would be none.
LARGEST = 1e100


@dataclass(frozen=True)
class Remark:
    """Something true about the table: `rows` are ids, or "line 17" without an id; the heaviest matters."""

    kind: str
    text: str
    rows: tuple[str, ...]
    weight: float


@dataclass(frozen=True)
class Roles:
    """What the team said of its columns; "" where it said nothing."""

    target: str
    id: str = ""
    time: str = ""
    group: str = ""
    sensitive: tuple[str, ...] = ()


def _seconds(text: str, formats: Sequence[str]) -> float | None:
    """Seconds since 1970 of a date; without a zone it is taken as UTC."""
    for notation in formats if text else ():
        with suppress(ValueError):
            iso = notation.startswith("%Y-%m-%d")
            moment = (
                datetime.fromisoformat(text.strip()) if iso else datetime.strptime(text.strip(), notation)
            )
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return None


@dataclass(frozen=True)
class Series:
    """One column: a code per row into `texts`; code 0 is a missing value."""

    name: str
    type: str
    codes: list[int]
    texts: list[str]
    numbers: list[float | None]
    formats: tuple[str, ...] = ()

    @cached_property
    def counts(self) -> Counter[int]:
        """Rows per code, the missing left out."""
        counted = Counter(self.codes)
        counted.pop(MISSING, None)
        return counted

    @property
    def numeric(self) -> bool:
        """Whether the column holds numbers."""
        return self.type in ("integer", "number")

    @cached_property
    def missing(self) -> int:
        """Rows without a value."""
        return len(self.codes) - self.counts.total()

    @cached_property
    def moments(self) -> list[float | None]:
        """A number in each row that rises with time: seconds for dates, the number itself for numbers."""
        if self.type != "date":
            return self.floats()
        seconds = [_seconds(text, self.formats) for text in self.texts]
        return [seconds[code] for code in self.codes]

    def floats(self) -> list[float | None]:
        """The number in each row; None where missing or beyond all measure."""
        return [self.numbers[code] for code in self.codes]


@dataclass(frozen=True)
class Frame:
    """The rows looked at: all of the table, or every `stride`-th of a large one."""

    columns: dict[str, Series]
    lines: list[int]
    total: int
    roles: Roles
    outcome: str
    positive: str

    @property
    def rows(self) -> int:
        """How many rows are looked at."""
        return len(self.lines)

    @property
    def target(self) -> Series:
        """The column to predict."""
        return self.columns[self.roles.target]

    @property
    def classes(self) -> bool:
        """Whether the target is one of classes."""
        return self.outcome in ("binary", "multiclass")

    @cached_property
    def labelled(self) -> list[int]:
        """Indices of the rows that have a label."""
        return [row for row, code in enumerate(self.target.codes) if code != MISSING]

    @cached_property
    def features(self) -> list[Series]:
        """Every column but id, target, time, group and those that merely number the rows."""
        return [s for s in self.columns.values() if s.name != self.roles.target and s.name not in self.aside]

    @cached_property
    def aside(self) -> tuple[str, ...]:
        """Names of the columns that are no features: id, time, group, and those like an id or entity."""
        roles = (self.roles.id, self.roles.time, self.roles.group)
        taken = {self.roles.target, *roles}
        found = [
            s.name
            for s in self.columns.values()
            if s.name not in taken and (self.numbering(s) or self.entity(s))
        ]
        return tuple(name for name in dict.fromkeys([*roles, *found]) if name)

    def entity(self, series: Series) -> bool:
        """Whether a column repeats like a customer number: by name, by codes, or by what belongs to it."""
        return series.name in self._entities

    @cached_property
    def _entities(self) -> frozenset[str]:
        known = self.columns
        return frozenset(
            s.name
            for s in known.values()
            if s.name != self.roles.target
            and (self._coded(s) or panel(s, known) or attributes(s, known, self.roles.target) >= ATTRIBUTES)
        )

    def _coded(self, series: Series) -> bool:
        distinct, present = len(series.counts), series.counts.total()
        if (
            distinct < 20
            or present < 1.2 * distinct
            or present / distinct > 0.05 * self.rows
            or series.type == "date"
        ):
            return False
        if identifying(series.name) and series.type in ("integer", "category"):
            return True
        coded = [text for text in series.texts[1:200] if text]
        digits = sum(any(c.isdigit() for c in text) and any(c.isalpha() for c in text) for text in coded)
        return series.type == "category" and distinct > 50 and digits > 0.9 * len(coded)

    @cached_property
    def _numberings(self) -> frozenset[str]:
        return frozenset(s.name for s in self.columns.values() if self._numbers_rows(s))

    def numbering(self, series: Series) -> bool:
        """Whether a column tells every row apart: integers that rise line by line, or all-distinct codes."""
        return series.name in self._numberings

    def _numbers_rows(self, series: Series) -> bool:
        if len(series.counts) < self.rows or self.rows < 20 or series.name == self.roles.target:
            return False
        if series.type == "category":
            return all(not text.isalpha() for text in series.texts[1:50])
        if series.type != "integer":
            return False
        values = [value for value in series.floats() if value is not None]
        rising = all(a < b for a, b in zip(values, islice(values, 1, None), strict=False))
        return (
            rising and bool(values) and (values[-1] - values[0] <= 2 * self.total or identifying(series.name))
        )

    def name(self, rows: Iterable[int], most: int = 10) -> tuple[str, ...]:
        """Ids of rows, or their line numbers."""
        chosen = list(islice(rows, most))
        if self.roles.id:
            series = self.columns[self.roles.id]
            return tuple(series.texts[series.codes[row]] or f"line {self.lines[row]}" for row in chosen)
        return tuple(f"line {self.lines[row]}" for row in chosen)


def option(name: str) -> str:
    """A column's name as one writes it on a command line."""
    return name if name.isalnum() or re.fullmatch(r"[\w.-]+", name) else f'"{name}"'


def percent(part: float, whole: float) -> str:
    """A share in words: "48.8 %", never 100 % or 0 % by rounding."""
    share = 100 * part / whole
    rounded = f"{share:.1f} %"
    if rounded == "100.0 %":
        return "100 %" if part == whole else "over 99.9 %"
    return "under 0.1 %" if rounded == "0.0 %" and part else rounded


def at_most(share: float) -> str:
    """A share that is an upper bound, rounded up."""
    return f"{ceil(share * 1000 - 1e-9) / 10:.1f} %"


def about(share: float) -> str:
    """An expected share, in whole percent: "about 64 %"."""
    if share > 0.995:
        return "nearly all"
    return f"about {100 * share:.0f} %" if share >= 0.005 else "under 1 %"


def relatives(sizes: Sequence[int], rows: int) -> float:
    """Expected share of a random fifth that has another row of its group among the other four fifths.

    `sizes`: rows in each group; `rows`: rows in all. Drawn without replacement (hypergeometric).
    """
    test = round(rows / 5)
    alone = {}
    for size in set(sizes):
        chance = 1.0
        for taken in range(1, size):
            chance *= max(test - taken, 0) / (rows - taken)
        alone[size] = chance
    return sum(size * (1 - alone[size]) for size in sizes) / rows


def count(number: int, one: str, many: str = "") -> str:
    """A number of things: "1 row", "2,592 rows"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _number(kit: ModuleType, text: str, dialect: Any) -> float | None:
    value: float = kit.number(text, dialect)
    return value if abs(value) < LARGEST else None


def _series(kit: ModuleType, table: Any, column: Any, codes: list[int], texts: list[str]) -> Series:
    numbers: list[float | None] = [None]
    if column.type in ("integer", "number"):
        numbers += [_number(kit, text, table.dialect) if text else None for text in texts[1:]]
    return Series(column.name, column.type, codes, texts, numbers, tuple(column.formats))


def _coded(
    kit: ModuleType, path: Path, table: Any, stride: int
) -> tuple[list[dict[str, int]], list[list[int]], list[int]]:
    columns: Sequence[Any] = table.columns
    books: list[dict[str, int]] = [{"": MISSING} for _ in columns]
    blanks: list[frozenset[str]] = [kit.NULLS | frozenset(column.nulls) for column in columns]
    codes: list[list[int]] = [[] for _ in columns]
    lines: list[int] = []
    rows = kit.records(path, table.dialect)
    next(rows)
    chosen = islice(rows, 0, None, stride)
    while chunk := list(islice(chosen, 20_000)):
        lines += [line for line, _ in chunk]
        for cells, book, blank, out in zip(
            zip(*(c for _, c in chunk), strict=True), books, blanks, codes, strict=True
        ):
            for text in dict.fromkeys(cells):
                book.setdefault(text, MISSING if text in blank else len(book))
            out += [book[text] for text in cells]
    return books, codes, lines


def read(kit: ModuleType, path: Path, table: Any, roles: Roles, outcome: tuple[str, str]) -> Frame:
    """Read the rows to look at. Raises the kit's InferenceError."""
    stride = 1 if table.rows <= MOST_ROWS else -(-table.rows // SAMPLE)
    books, codes, lines = _coded(kit, path, table, stride)
    columns = {}
    for column, book, coded in zip(table.columns, books, codes, strict=True):
        texts = ["" if code == MISSING else text for text, code in book.items()]
        columns[column.name] = _series(kit, table, column, coded, texts)
    return Frame(columns, lines, table.rows, roles, *outcome)
