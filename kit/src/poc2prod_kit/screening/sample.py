"""The rows that are screened, in memory: each column as codes into its distinct values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from itertools import islice, pairwise
from typing import Protocol

from poc2prod_kit.screening.entities import ATTRIBUTES, attributes, identifying, panel
from poc2prod_kit.tables import sampling
from poc2prod_kit.tables.infer import number
from poc2prod_kit.tables.sniff import NULLS, Dialect

MISSING = 0
# No number of a table is as large; the squares of larger ones would be none.
LARGEST = 1e100


class Described(Protocol):
    """What is asked of a column's description: one that was inferred, or one of schema.toml."""

    @property
    def name(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def formats(self) -> tuple[str, ...]: ...
    @property
    def nulls(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class Roles:
    """What the team says of its columns; "" where it says nothing."""

    target: str
    id: str = ""
    time: str = ""
    group: str = ""
    sensitive: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


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
class Column:
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
            return self.floats
        seconds = [_seconds(text, self.formats) for text in self.texts]
        return [seconds[code] for code in self.codes]

    @cached_property
    def floats(self) -> list[float | None]:
        """The number in each row; None where missing or beyond all measure."""
        return [self.numbers[code] for code in self.codes]


@dataclass(frozen=True)
class Sample:
    """The rows that are looked at: all of a table, or an even sample of a large one.

    `places`: where each stands among all rows, from 0. `outcome`: binary, multiclass, regression or "".
    """

    columns: dict[str, Column]
    places: Sequence[int]
    total: int
    roles: Roles
    outcome: str
    positive: str = ""

    @property
    def rows(self) -> int:
        """How many rows are looked at."""
        return len(self.places)

    @property
    def target(self) -> Column:
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
    def features(self) -> list[Column]:
        """Every column but id, target, time, group and those that merely number the rows."""
        return [s for s in self.columns.values() if s.name != self.roles.target and s.name not in self.aside]

    @cached_property
    def aside(self) -> tuple[str, ...]:
        """Names of the columns that are no features: id, time, group, and those like an id or entity."""
        roles = (self.roles.id, self.roles.time, self.roles.group)
        taken = {self.roles.target, *roles}
        items = [
            s.name
            for s in self.columns.values()
            if s.name not in taken and (self.numbering(s) or self.entity(s))
        ]
        return tuple(name for name in dict.fromkeys([*roles, *items]) if name)

    @cached_property
    def in_time(self) -> list[int]:
        """Indices of the labelled rows in the order of time, where a time is named, else as they stand."""
        if not self.roles.time:
            return self.labelled
        moments = self.columns[self.roles.time].moments
        timed = [(when, row) for row in self.labelled if (when := moments[row]) is not None]
        return [row for _, row in sorted(timed)]

    @cached_property
    def changes(self) -> list[tuple[int, int]]:
        """(row, the row after it in time) where the target changes, within groups; none without a time."""
        if not self.roles.time:
            return []
        moments, labels = self.columns[self.roles.time].moments, self.target.codes
        group = self.columns[self.roles.group].codes if self.roles.group else [MISSING] * self.rows
        timed = [(group[row], moment, row) for row, moment in enumerate(moments) if moment is not None]
        following = ((a[2], b[2]) for a, b in pairwise(sorted(timed)) if a[0] == b[0])
        return [
            (a, b) for a, b in following if MISSING not in (labels[a], labels[b]) and labels[a] != labels[b]
        ]

    def entity(self, column: Column) -> bool:
        """Whether a column repeats like a customer number: by name, by codes, or by what belongs to it."""
        return column.name in self._entities

    @cached_property
    def _entities(self) -> frozenset[str]:
        known = self.columns
        return frozenset(
            s.name
            for s in known.values()
            if s.name != self.roles.target
            and (self._coded(s) or panel(s, known) or attributes(s, known, self.roles.target) >= ATTRIBUTES)
        )

    def _coded(self, column: Column) -> bool:
        distinct, present = len(column.counts), column.counts.total()
        if (
            distinct < 20
            or present < 1.2 * distinct
            or present / distinct > 0.05 * self.rows
            or column.type == "date"
        ):
            return False
        if identifying(column.name) and column.type in ("integer", "category"):
            return True
        coded = [text for text in column.texts[1:200] if text]
        digits = sum(any(c.isdigit() for c in text) and any(c.isalpha() for c in text) for text in coded)
        return column.type == "category" and distinct > 50 and digits > 0.9 * len(coded)

    @cached_property
    def _numberings(self) -> frozenset[str]:
        return frozenset(s.name for s in self.columns.values() if self._numbers_rows(s))

    def numbering(self, column: Column) -> bool:
        """Whether a column tells every row apart: integers that rise line by line, or all-distinct codes."""
        return column.name in self._numberings

    def _numbers_rows(self, column: Column) -> bool:
        if len(column.counts) < self.rows or self.rows < 20 or column.name == self.roles.target:
            return False
        if column.type == "category":
            return all(not text.isalpha() for text in column.texts[1:50])
        if column.type != "integer":
            return False
        values = [value for value in column.floats if value is not None]
        rising = all(a < b for a, b in pairwise(values))
        return (
            rising and bool(values) and (values[-1] - values[0] <= 2 * self.total or identifying(column.name))
        )

    def name(self, rows: Iterable[int], most: int = 10) -> tuple[str, ...]:
        """Ids of rows, or their numbers, from 1."""
        chosen = list(islice(rows, most))
        numbers = [f"row {self.places[row] + 1}" for row in chosen]
        if self.roles.id:
            key = self.columns[self.roles.id]
            return tuple(
                key.texts[key.codes[row]] or number for row, number in zip(chosen, numbers, strict=True)
            )
        return tuple(numbers)

    def only(self, rows: Sequence[int]) -> Sample:
        """Some of the rows."""
        if len(rows) == self.rows:
            return self
        columns = {
            name: replace(one, codes=[one.codes[row] for row in rows]) for name, one in self.columns.items()
        }
        return replace(self, columns=columns, places=[self.places[row] for row in rows])


@dataclass
class Reader:
    """Takes a table's cells in, chunk by chunk, and keeps the rows that are looked at."""

    described: Sequence[Described]
    dialect: Dialect
    total: int = 0
    share: float = 1.0
    places: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.known: list[dict[str, int]] = [{"": MISSING} for _ in self.described]
        self.codes: list[list[int]] = [[] for _ in self.described]
        self.blank = [NULLS | frozenset(one.nulls) for one in self.described]

    def add(self, columns: Sequence[Sequence[str]]) -> None:
        """Take in the next rows: the cells of each column, in the order of `described`."""
        new = range(self.total, self.total + (len(columns[0]) if columns else 0))
        chosen = None if self.share == 1 else sampling.drawn(new, self.share)
        self.places += new if chosen is None else [new[at] for at in chosen]
        self.total = new.stop
        for cells, known, blank, codes in zip(columns, self.known, self.blank, self.codes, strict=True):
            kept = cells if chosen is None else [cells[at] for at in chosen]
            for text in dict.fromkeys(kept):
                if text not in known:
                    known[text] = MISSING if text in blank or not text.strip() else len(known)
            codes += [known[text] for text in kept]
        while len(self.places) > sampling.MOST:
            self._thin()

    def add_drawn(self, columns: Sequence[Sequence[str]], places: Sequence[int], total: int) -> None:
        """Take in all rows of a table that were drawn already, by the same rule."""
        self.add(columns)
        self.places, self.total = list(places), total

    def _thin(self) -> None:
        self.share /= 2
        chosen = sampling.drawn(self.places, self.share)
        self.places = [self.places[at] for at in chosen]
        self.codes = [[codes[at] for at in chosen] for codes in self.codes]

    def sample(self, roles: Roles, outcome: str, positive: str = "") -> Sample:
        """What was kept."""
        columns = {}
        for one, known, codes in zip(self.described, self.known, self.codes, strict=True):
            texts = [""] * len(known)
            for text, code in known.items():
                texts[code] = "" if code == MISSING else text
            numeric = one.type in ("integer", "number")
            numbers = [self._number(text) if numeric else None for text in texts]
            columns[one.name] = Column(one.name, one.type, codes, texts, numbers, tuple(one.formats))
        return Sample(columns, self.places, self.total, roles, outcome, positive)

    def _number(self, text: str) -> float | None:
        with suppress(ValueError):
            value = number(text, self.dialect) if text else LARGEST
            return value if abs(value) < LARGEST else None
        return None
