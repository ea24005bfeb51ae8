"""The rows that are screened, in memory: each column as codes into its distinct values."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from itertools import islice, pairwise

from poc2prod_kit.screening.entities import ATTRIBUTES, attributes, coded, numbers_rows, panel
from poc2prod_kit.tables import sampling, schema
from poc2prod_kit.tables.roles import Roles
from poc2prod_kit.tables.sniff import Dialect
from poc2prod_kit.tables.typed import Reads, Value

MISSING = 0
# No number of a table is as large; the squares of larger ones would be none.
LARGEST = 1e100


@dataclass(frozen=True)
class Column:
    """One column: a code per row into `texts` and `numbers`; code 0 is a missing value.

    `numbers`: the number that a text stands for, of a date the seconds since 1970, None of words. `strays`: the
    rows of each text that is no number or date in a column of these, and missing in `codes`.
    """

    name: str
    type: str
    codes: list[int]
    texts: list[str]
    numbers: list[float | None]
    strays: dict[str, list[int]] = field(default_factory=dict)

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
    def floats(self) -> list[float | None]:
        """The number in each row, which rises with time for dates; None where missing or beyond all measure."""
        return [self.numbers[code] for code in self.codes]

    @cached_property
    def last_digit(self) -> float:
        """The unit of the finest decimal in which its numbers are written: 0.01 beside 12.25."""
        shown = (f"{value:.12g}" for value in self.numbers[:1000] if value is not None)
        return float(
            10.0 ** -max((len(text.partition(".")[2]) for text in shown if "e" not in text), default=0)
        )


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
    def labels(self) -> list[int]:
        """The code of the label in each labelled row."""
        codes = self.target.codes
        return [codes[row] for row in self.labelled]

    @cached_property
    def y(self) -> list[float]:
        """The target of a regression in each labelled row; 0 for numbers beyond all measure."""
        floats = self.target.floats
        return [floats[row] or 0.0 for row in self.labelled]

    def pairs(self, column: Column) -> Counter[tuple[int, int]]:
        """How many labelled rows have each value with each label."""
        codes = column.codes
        return Counter(zip([codes[row] for row in self.labelled], self.labels, strict=True))

    def tallies(self, column: Column) -> dict[int, Counter[int]]:
        """The labels of the labelled rows of each value, counted; MISSING for those without a value."""
        results: dict[int, Counter[int]] = defaultdict(Counter)
        for (value, label), n in self.pairs(column).items():
            results[value][label] = n
        return results

    @cached_property
    def features(self) -> list[Column]:
        """Every column but id, target, time, group and those that merely number the rows."""
        return [s for s in self.columns.values() if s.name not in (self.roles.target, *self.aside)]

    @cached_property
    def aside(self) -> tuple[str, ...]:
        """Names of the columns that are no features: id, time, group, and those like an id or entity."""
        named = self.roles.special
        like_them = [one.name for one in self.columns.values() if one.name in self.numberings | self.entities]
        return tuple(name for name in dict.fromkeys([*named, *like_them]) if name not in ("", named[0]))

    @cached_property
    def in_time(self) -> list[int]:
        """Indices of the labelled rows in the order of time, where a time is named, else as they stand."""
        if not self.roles.time:
            return self.labelled
        moments = self.columns[self.roles.time].floats
        timed = [(when, row) for row in self.labelled if (when := moments[row]) is not None]
        return [row for _, row in sorted(timed)]

    @cached_property
    def changes(self) -> list[tuple[int, int]]:
        """(row, the row after it in time) where the target changes, within groups; none without a time."""
        if not self.roles.time:
            return []
        moments, labels = self.columns[self.roles.time].floats, self.target.codes
        group = self.columns[self.roles.group].codes if self.roles.group else [MISSING] * self.rows
        timed = [(group[row], moment, row) for row, moment in enumerate(moments) if moment is not None]
        following = ((a[2], b[2]) for a, b in pairwise(sorted(timed)) if a[0] == b[0])
        return [
            (a, b) for a, b in following if MISSING not in (labels[a], labels[b]) and labels[a] != labels[b]
        ]

    @cached_property
    def entities(self) -> frozenset[str]:
        """Names of the columns that repeat like a customer number: by name, by codes, or by what belongs to it."""
        known, target = self.columns, self.roles.target
        return frozenset(
            one.name
            for one in known.values()
            if one.name != target
            and (coded(one) or panel(one, known) or attributes(one, known, target) >= ATTRIBUTES)
        )

    @cached_property
    def numberings(self) -> frozenset[str]:
        """Names of the columns that tell every row apart: integers that rise line by line, or distinct codes."""
        return frozenset(
            one.name
            for one in self.columns.values()
            if one.name != self.roles.target and numbers_rows(one, self.total)
        )

    def shown(self, rows: Iterable[int], most: int = 10) -> tuple[tuple[str, ...], tuple[int, ...]]:
        """(ids, or numbers from 1; places) of the first of some rows, as a finding gives them."""
        chosen = list(islice(rows, most))
        places = tuple(self.places[row] for row in chosen)
        if not self.roles.id:
            return tuple(f"row {place + 1}" for place in places), places
        key = self.columns[self.roles.id]
        ids = zip((key.texts[key.codes[row]] for row in chosen), places, strict=True)
        return tuple(text or f"row {place + 1}" for text, place in ids), places

    def name(self, rows: Iterable[int]) -> tuple[str, ...]:
        """The ids of the first ten of some rows, or their numbers."""
        return self.shown(rows)[0]

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

    described: Sequence[schema.Column]
    dialect: Dialect
    total: int = 0
    share: float = 1.0
    places: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.known: list[dict[str, int]] = [{"": MISSING} for _ in self.described]
        self.codes: list[list[int]] = [[] for _ in self.described]
        # Cells are cleaned as they come in; what is kept is read without the rules, which must not apply twice
        self.cleaners = [Reads(one, self.dialect) if one.rules else None for one in self.described]

    def add(self, columns: Sequence[Sequence[str]]) -> None:
        """Take in the next rows: the cells of each column, in the order of `described`."""
        new = range(self.total, self.total + (len(columns[0]) if columns else 0))
        chosen = None if self.share == 1 else sampling.drawn(new, self.share)
        self.places += new if chosen is None else [new[at] for at in chosen]
        self.total = new.stop
        parts = zip(columns, self.described, self.cleaners, self.known, self.codes, strict=True)
        for cells, one, cleaner, known, codes in parts:
            drawn = cells if chosen is None else [cells[at] for at in chosen]
            drawn = drawn if cleaner is None else cleaner.as_cleaned(drawn)
            for text in dict.fromkeys(drawn):
                if text not in known:
                    known[text] = MISSING if one.missing(text) else len(known)
            codes += [known[text] for text in drawn]
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
            reads, counted = (
                Reads(replace(one, rules=()), self.dialect),
                one.type in ("integer", "number", "date"),
            )
            texts, numbers = [""] * len(known), list[float | None]([None]) * len(known)
            for text, code in known.items():
                if code != MISSING:
                    texts[code] = text
                    numbers[code] = _number(reads[text]) if counted else None
            unread = {known[text]: text for text, why in reads.problems.items() if why == "type"}
            strays: dict[str, list[int]] = {}
            for row, code in enumerate(codes if unread else ()):
                if code in unread:
                    strays.setdefault(unread[code], []).append(row)
            codes = [MISSING if code in unread else code for code in codes] if unread else codes
            columns[one.name] = Column(one.name, one.type, codes, texts, numbers, strays)
        return Sample(columns, self.places, self.total, roles, outcome, positive)


def _number(value: Value) -> float | None:
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC).timestamp()
    return value if isinstance(value, float) and abs(value) < LARGEST else None
