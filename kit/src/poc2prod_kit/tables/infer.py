"""What a stranger's table holds: columns, types, ranges, notations. Standard library only, in chunks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from poc2prod_kit.run import toml
from poc2prod_kit.tables import schema
from poc2prod_kit.tables.dates import DateReader
from poc2prod_kit.tables.sniff import (
    NULLS,
    SPOKEN,
    Dialect,
    InferenceError,
    number_pattern,
    raw_header,
    records,
    sniff,
)

MORE_NULLS = frozenset(
    {
        "?", "-", "--", ".", "None", "none", "NONE", "#N/A", "#NA", "n/a", "na", "N.A.", "n.a.", "NAN",
        "Null", "<NA>", "-nan", "-NaN",
    }
)  # fmt: skip
BOOLEANS = ({"yes", "no"}, {"true", "false"}, {"t", "f"}, {"y", "n"}, {"0", "1"})
POSITIVE = frozenset(
    {"yes", "true", "t", "y", "1", "1.0", "up", "positive", "pos", "pass", "passed", "success", "won", "win"}
)
WHOLE = re.compile(r"(?:[\d+\- \x00]++|\.0(?=\x00))*+")
SPACES = frozenset(" " * width for width in range(1, 33)) | {"\t", "\u00a0"}
ODD = MORE_NULLS | SPACES
CHUNK = 20_000
MOST_DISTINCT = 100_000
MOST_VALUES = 50
END = "\x00"
LEADING_ZERO = re.compile(rf"(?:^|{END})[ ]*[+-]?0\d+[ ]*(?={END})")
NUMERAL = r"[+-]?(?:\d{1,3}(?:[., ']\d{3})+|\d+)(?:[.,]\d+)?"
AMOUNT = re.compile(rf"[$€£¥]? ?{NUMERAL} ?[%$€£¥]?")


@dataclass(frozen=True)
class Column(schema.Column):
    """A column as it was found, and what is odd about it.

    `distinct` counts values that are not missing; 100,000 stands for that many or more.
    """

    distinct: int = 0
    note: str = ""


@dataclass(frozen=True)
class Table:
    """A table: how it is written, its columns, its number of data rows, and what is worth saying aloud."""

    dialect: Dialect
    columns: tuple[Column, ...]
    rows: int
    notes: tuple[str, ...]


@dataclass
class _Numbers:
    """The state of 'all values so far are numbers'."""

    dialect: Dialect
    pattern: re.Pattern[str]
    possible: bool = True
    whole: bool = True
    codes: bool = False
    infinite: bool = False
    low: float | int | None = None
    high: float | int | None = None

    def add(self, values: Iterable[str]) -> None:
        joined = END.join(values) + END
        if not self.possible or len(joined) == 1:
            return
        self.possible = bool(self.pattern.fullmatch(joined))
        if not self.possible:
            return
        self.codes = self.codes or bool(LEADING_ZERO.search(joined))
        plain = self.dialect.plain(joined)
        cells = plain.split(END)[:-1]
        whole = WHOLE.fullmatch(plain) is not None
        self.whole = self.whole and whole
        items: list[int] | list[float] = (
            list(map(int, plain.replace(".0" + END, END).split(END)[:-1]))
            if whole and self.whole
            else list(map(float, cells))
        )
        if not whole:
            finite = [value for value in items if abs(value) != float("inf")]
            self.infinite = self.infinite or len(finite) < len(items)
            items = finite
        if items:
            low, high = min(items), max(items)
            self.low = low if self.low is None else min(self.low, low)
            self.high = high if self.high is None else max(self.high, high)


@dataclass
class _State:
    """What one column can still be after the chunks read so far."""

    name: str
    numbers: _Numbers
    dates: DateReader = field(default_factory=DateReader)
    distinct: set[str] = field(default_factory=set)
    full: bool = False
    blank: set[str] = field(default_factory=set)
    odd: set[str] = field(default_factory=set)
    length: int = 0
    bare: int = 0
    judged: int = 0
    spaced: int = 0

    def add(self, cells: Sequence[str]) -> None:
        new = set(cells)
        self.blank |= new & NULLS
        if self.full and not (self.numbers.possible or self.dates.possible):
            return
        new -= self.distinct
        new -= NULLS
        self.odd |= new & ODD
        if not self.full:
            self.distinct |= new
            self.full = len(self.distinct) > MOST_DISTINCT
        if self.judged < MOST_DISTINCT:
            stripped = [value.strip() for value in new]
            self.length += sum(map(len, new))
            self.spaced += sum(" " in value for value in stripped)
            self.judged += len(new)
            self.bare += sum(map(len, stripped))
        body = new - ODD
        self.numbers.add(body)
        if self.dates.possible:
            self.dates.add(cell for cell in dict.fromkeys(cells) if cell in body)

    def column(self, rows: int) -> Column:
        """The verdict."""
        present, body = self.distinct - SPACES, self.distinct - ODD
        formats, note = self.dates.formats()
        numeric = self.numbers.possible and bool(body) and not self.numbers.codes
        huge = (
            numeric
            and self.numbers.whole
            and max(abs(self.numbers.low or 0), abs(self.numbers.high or 0)) >= 10**18
        )
        known = body if (formats or numeric) and not huge else present
        nulls = tuple(sorted(self.odd if known is body else self.odd & SPACES))
        base = Column(
            self.name, "category", bool(self.blank or nulls), nulls=nulls,
            distinct=min(len(known), MOST_DISTINCT), note=note,
        )  # fmt: skip
        if formats:
            return self._dates(base, formats, known)
        if 2 <= len(known) <= 12 and {value.casefold() for value in known} in BOOLEANS:
            return replace(base, type="boolean", values=tuple(sorted(known)))
        if numeric and not huge:
            return self._numeric(base)
        return self._words(base, known, rows, huge)

    def _dates(self, base: Column, formats: tuple[str, ...], known: set[str]) -> Column:
        iso = all(text.startswith("%Y-%m-%d") for text in formats) and not self.full
        low, high = (min(known), max(known)) if iso else (None, None)
        return replace(base, type="date", formats=formats, minimum=low, maximum=high)

    def _numeric(self, base: Column) -> Column:
        state = self.numbers
        note = "infinite values: read as missing" if state.infinite else base.note
        kind = "integer" if state.whole else "number"
        return replace(base, type=kind, minimum=state.low, maximum=state.high, note=note)

    def _words(self, base: Column, known: set[str], rows: int, huge: bool) -> Column:
        count = max(len(known), 1)
        mean, spaced = self.length / max(self.judged, 1), self.spaced / max(self.judged, 1)
        few = count <= MOST_VALUES and count <= max(rows * 0.2, 3)
        text = not few and count > 0.2 * rows and (mean > 40 or (spaced > 0.5 and mean > 8))
        text = text or (self.full and spaced > 0.5 and mean > 20)
        note = base.note
        if huge:
            note = "integers of 19 digits or more: kept as codes"
        elif self.numbers.possible and self.numbers.codes:
            note = "numbers with leading zeros: kept as codes"
        elif known and all(map(AMOUNT.fullmatch, known)):
            note = (
                "numbers with a percent or currency sign or another decimal sign: kept as they are; write "
                "plain numbers to use them as such"
            )
        elif self.bare < self.length and not note:
            note = "values with spaces at either end, kept as they are"
        values = tuple(sorted(known)) if not text and len(known) <= MOST_VALUES else ()
        return replace(base, type="text" if text else "category", values=values, note=note)


def _renamed(raw: Sequence[str], names: Sequence[str]) -> Iterator[str]:
    """What header() changed, a sentence each."""
    for position, (before, name) in enumerate(zip(raw, names, strict=False), 1):
        if not before.strip():
            yield f"Column {position} has no name: called {name}."
        elif before.strip() != name:
            yield f"Column {position} is a second {before.strip()}: called {name}."


def _headless(table: str, names: Sequence[str], dialect: Dialect) -> None:
    """Refuse a first line that is data."""
    pattern = re.compile(number_pattern(dialect.decimal, ""))
    numeric = [name for name in names if pattern.fullmatch(re.sub(r"_\d+$", "", name))]
    whole = [int(name) for name in numeric if re.fullmatch(r"\d+", name)]
    counted = len(whole) == len(numeric) and whole == sorted(set(whole)) and (len(whole) > 1 or whole == [0])
    if numeric and len(numeric) * 2 >= len(names) and not counted:
        raise InferenceError(
            f"{table}: the first line looks like data, not like column names ({', '.join(names[:5])}): "
            "write a line of names above it."
        )


def _notes(name: str, dialect: Dialect, columns: Sequence[Column]) -> Iterator[str]:
    """How the table is written, and what is odd about its columns, a sentence each."""
    cells = SPOKEN.get(dialect.separator, repr(dialect.separator))
    yield f"{name}: {dialect.encoding}, cells separated by {cells}, decimal sign {dialect.decimal!r}."
    if dialect.thousands:
        yield f"Thousands are separated by {dialect.thousands!r}."
    if dialect.quote != '"':
        yield f"Cells are quoted with {dialect.quote!r}."
    for column in columns:
        if column.note:
            yield f"{column.name}: {column.note}."
        if column.nulls:
            yield f"{column.name}: {', '.join(map(repr, column.nulls))} read as missing."


def infer(path: str | Path, dialect: Dialect | None = None) -> Table:
    """Read the whole table once, in chunks. Raises InferenceError where it cannot be understood."""
    path = Path(path)
    dialect = dialect or sniff(path)
    rows = records(path, dialect)
    _, names = next(rows)
    table = of_rows(path.name, names, (cells for _, cells in rows), dialect)
    return replace(table, notes=(*table.notes, *_renamed(raw_header(path, dialect), names)))


def of_rows(name: str, names: Sequence[str], rows: Iterator[list[str]], dialect: Dialect) -> Table:
    """The table of that name with these columns, from its rows, read once, in chunks."""
    _headless(name, names, dialect)
    pattern = re.compile(rf"(?:{number_pattern(dialect.decimal, dialect.thousands)}{END})*+", re.ASCII)
    states = [_State(one, _Numbers(dialect, pattern)) for one in names]
    count = 0
    while chunk := list(islice(rows, CHUNK)):
        count += len(chunk)
        for state, cells in zip(states, zip(*chunk, strict=True), strict=True):
            state.add(cells)
    if not count:
        raise InferenceError(f"{name} has a header and no rows: give a table with data.")
    columns = tuple(state.column(count) for state in states)
    return Table(dialect, columns, count, tuple(_notes(name, dialect, columns)))


def _two(labels: Sequence[str], counts: Counter[str]) -> str:
    """The positive one of two labels: the affirmative one, else the rarer."""
    affirmative = [label for label in labels if label.casefold() in POSITIVE]
    return affirmative[0] if len(affirmative) == 1 else min(labels, key=lambda label: (counts[label], label))


def _amount(column: schema.Column, counts: Counter[str]) -> tuple[str, str, str]:
    """Few consecutive whole numbers are classes, but for counts from 0 upward of which the high are rare."""
    labels, rows, name = len(counts), sum(counts.values()), column.name
    low, high = int(column.minimum or 0), int(column.maximum or 0)
    if labels <= 12 and column.type != "integer":
        return "regression", "", f"{name} has {labels} distinct numbers, read as an amount, not as classes."
    if labels > 12 or high - low + 1 != labels or rows < 20 * labels:
        return "regression", "", f"{name} is a number with {labels:,} distinct values."
    sizes = [n for _, n in sorted(counts.items(), key=lambda item: float(item[0]))]
    top = sizes.index(max(sizes))
    one_hill = sizes[:top] == sorted(sizes[:top]) and sizes[top:] == sorted(sizes[top:], reverse=True)
    if low == 0 and labels >= 5 and one_hill and sizes[-1] * 5 < max(sizes):
        return "regression", "", f"{name} runs from 0 to {high}, the high numbers rare: read as a count."
    text = f"{name} has the whole numbers {low} to {high}, read as classes, not as an amount."
    return "multiclass", "", text


def outcome(column: schema.Column, values_counter: Counter[str]) -> tuple[str, str, str]:
    """("binary" | "multiclass" | "regression", positive value or "", the reason). Raises InferenceError."""
    counts = Counter({value: n for value, n in values_counter.items() if not column.missing(value)})
    labels, rows, name = sorted(counts), sum(counts.values()), column.name
    if len(labels) < 2:
        there = "one value" if labels else "no values"
        raise InferenceError(f"{name} has {there}: there is nothing to predict; name another target.")
    if len(labels) == 2:
        positive = _two(labels, counts)
        return (
            "binary",
            positive,
            f"{name} has two values, {labels[0]} and {labels[1]}; {positive} counts as positive.",
        )
    if column.type in ("integer", "number"):
        return _amount(column, counts)
    if column.type in ("date", "text") or len(labels) > max(MOST_VALUES * 2, 1) or len(labels) * 2 > rows:
        raise InferenceError(
            f"{name} is {column.type} with {len(labels):,} distinct values in {rows:,} rows: that cannot be "
            "predicted; "
            "name another target."
        )
    return "multiclass", "", f"{name} has {len(labels)} classes."


def _entry(column: Column) -> str:
    keys: dict[str, object] = {"name": column.name, "type": column.type, "nullable": column.nullable}
    optional = {
        "minimum": column.minimum, "maximum": column.maximum,
        "values": column.values, "formats": column.formats, "nulls": column.nulls,
    }  # fmt: skip
    keys |= {key: value for key, value in optional.items() if value not in (None, ())}
    keys |= {"meaning": "", "unit": ""}
    return "[[column]]\n" + toml.lines(keys)


def schema_toml(table: Table) -> str:
    """The text of schema.toml: every column as it was found in the table."""
    head = (
        "# The columns of the table: inferred once from the data, yours from now on.\n"
        "# type: integer, number, boolean, category, text, date. minimum, maximum and values are those "
        "seen.\n"
    )
    return head + "".join("\n" + _entry(column) for column in table.columns)
