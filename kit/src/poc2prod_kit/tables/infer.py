"""What a stranger's table holds: columns, types, ranges, notations. Standard library only, in chunks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from poc2prod_kit.run import toml
from poc2prod_kit.screening import finding
from poc2prod_kit.tables import dressed, schema
from poc2prod_kit.tables.dates import MOST_LEVELS, MOST_STRAYS, DateReader
from poc2prod_kit.tables.moments import dates
from poc2prod_kit.tables.numerals import END, Notation
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
        "Null", "<NA>", "-nan", "-NaN", "\\N", "(null)", "nil", "NaT", "n.d.", "N.D.", "n/d", "N/D", "k.A.", "k. A.",
        "n.v.", "..", "...", "*", "\u2013", "\u2014", "#DIV/0!", "#VALUE!", "#REF!", "#NUM!", "#NAME?", "#NULL!",
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
MOST_NAMED = 3
LEADING_ZERO = re.compile(rf"(?:^|{END})[ ]*[+-]?0\d+[ ]*(?={END})")
# Beyond it a float does not hold every integer, so that two ids would become one.
LARGEST_EXACT = 2**53
MOST_STRAY_ROWS = 0.05
# Letters with digits, such as V45 and 12a: what looks like a code among numbers makes codes of them.
CODE = re.compile(r"[A-Za-z]+[-/. ]?\d[\w.]*|\d+[A-Za-z]+")
SHORT = re.compile(r"[A-Z]{2,5}|[a-z]{2,5}")


@dataclass(frozen=True)
class Column(schema.Column):
    """A column as it was found, and what is odd about it.

    `distinct` counts values that are not missing; 100,000 stands for that many or more. `marks`: the texts read as
    missing, in how many rows each, and which these are, from 1: "row 17 and 3 more".
    """

    distinct: int = 0
    note: str = ""
    marks: tuple[tuple[str, int, str], ...] = ()


@dataclass(frozen=True)
class Table:
    """A table: how it is written, its columns, its number of data rows, and what is worth saying aloud."""

    dialect: Dialect
    columns: tuple[Column, ...]
    rows: int
    notes: tuple[str, ...]


@dataclass
class _Numbers:
    """The state of 'the values so far are numbers'; with more than MOST_STRAYS others `possible` is false."""

    of_the_file: Notation
    written: Notation
    possible: bool = True
    strays: set[str] = field(default_factory=set)
    count: int = 0
    whole: bool = True
    codes: bool = False
    infinite: bool = False
    low: float | int | None = None
    high: float | int | None = None

    def add(self, values: Collection[str]) -> None:
        if not self.possible or not values:
            return
        joined = END.join(values) + END
        if not self.written.numbers.fullmatch(joined):
            values = self._without_strays(values)
            if not self.possible or not values:
                return
            joined = END.join(values) + END
        self.count += len(values)
        self.codes = self.codes or bool(LEADING_ZERO.search(joined))
        plain = self.written.plain(joined)
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

    def _without_strays(self, values: Collection[str]) -> list[str]:
        numbers = []
        for value in values:
            if self.written.number.fullmatch(value):
                numbers.append(value)
            else:
                self.strays.add(value)
                if len(self.strays) > MOST_STRAYS:
                    break
        levels = self.count + len(numbers) <= MOST_LEVELS
        self.possible = len(self.strays) <= MOST_STRAYS and not levels
        return numbers

    @property
    def huge(self) -> bool:
        """Whether they are integers that a float would not hold exactly."""
        return self.whole and max(abs(self.low or 0), abs(self.high or 0)) > LARGEST_EXACT


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
    marks: Counter[str] = field(default_factory=Counter)
    first: dict[str, list[int]] = field(default_factory=dict)
    rows: int = 0
    note: str = ""
    length: int = 0
    bare: int = 0
    judged: int = 0
    spaced: int = 0

    def add(self, cells: Sequence[str]) -> None:
        new = set(cells)
        self.blank |= new & NULLS
        if not self.full or self.numbers.possible or self.dates.possible:
            self._judge(cells, new)
        strays = (self.numbers.strays if self.numbers.possible else set()) | (
            self.dates.strays if self.dates.possible else set()
        )
        for mark in self.blank | self.odd | strays:
            if found := cells.count(mark):
                self.marks[mark] += found
                known = self.first.setdefault(mark, [])
                if len(known) < MOST_NAMED:
                    places = (place for place, cell in enumerate(cells, self.rows + 1) if cell == mark)
                    known += islice(places, MOST_NAMED - len(known))
        self.rows += len(cells)

    @property
    def _open(self) -> bool:
        """Whether the column may be one of numbers or dates."""
        return self.numbers.possible or self.dates.possible

    def _judge(self, cells: Sequence[str], new: set[str]) -> None:
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
        if not self._open:
            self._dress()

    def _dress(self) -> None:
        """Look for another notation of numbers in what was read so far, and go on with that."""
        values, signs = self.distinct - ODD, self.numbers.of_the_file
        written, self.note = dressed.recognized(values, signs) if values else (None, "")
        if written:
            self.numbers = _Numbers(signs, written)
            self.numbers.add(values)

    def column(self, rows: int) -> Column:
        """The verdict."""
        present, body = self.distinct - SPACES, self.distinct - ODD
        given = rows - sum(self.marks[mark] for mark in self.blank | self.odd)
        formats, note = (
            self.dates.formats() if self._few(self.dates.strays, self.dates.count, given) else ((), "")
        )
        numbers = self.numbers
        numeric = numbers.possible and numbers.count > 0 and not numbers.codes
        numeric = numeric and self._few(numbers.strays, numbers.count + len(numbers.strays), given)
        huge = numeric and numbers.huge
        typed = bool(formats or numeric) and not huge
        known = body - (self.dates.strays if formats else numbers.strays) if typed else present
        nulls = tuple(sorted(self.odd if typed else self.odd & SPACES))
        marks = sorted({*nulls, *self.blank} - SPACES - {""})
        base = Column(
            self.name, "category", bool(self.blank or nulls), nulls=nulls,
            marks=tuple((mark, n := self.marks[mark], finding.in_rows(self.first[mark], n)) for mark in marks),
            distinct=min(len(known), MOST_DISTINCT), note=note,
        )  # fmt: skip
        if formats:
            return self._dates(base, formats, known)
        if 2 <= len(known) <= 12 and {value.casefold() for value in known} in BOOLEANS:
            return replace(base, type="boolean", values=tuple(sorted(known)))
        if typed:
            return self._numeric(base)
        return self._words(base, known, rows, huge)

    def _few(self, strays: set[str], distinct: int, rows: int) -> bool:
        """Whether the others are few rows, no codes, and the rest more than a handful of levels."""
        return not strays or (
            distinct - len(strays) > MOST_LEVELS
            and sum(self.marks[stray] for stray in strays) <= MOST_STRAY_ROWS * rows
            and sum(CODE.fullmatch(stray.strip()) is not None for stray in strays) < 3
        )

    def _dates(self, base: Column, formats: tuple[str, ...], known: set[str]) -> Column:
        if self.full or not all(text.startswith("%Y-%m-%d") for text in formats):
            return replace(base, type="date", formats=formats)
        moment: Any = dates(formats) if len(formats) > 1 or "%z" in formats[0] else None
        low, high = min(known, key=moment), max(known, key=moment)
        return replace(base, type="date", formats=formats, minimum=low, maximum=high)

    def _numeric(self, base: Column) -> Column:
        state, written = self.numbers, self.numbers.written
        note = "infinite values: read as missing" if state.infinite else self.note or base.note
        kind = "integer" if state.whole else "number"
        column = replace(base, type=kind, minimum=state.low, maximum=state.high, note=note)
        return column if written == state.of_the_file else self._written(column)

    def _written(self, column: Column) -> Column:
        """With how its numbers are written, where not as the file's."""
        written, usual = self.numbers.written, self.numbers.of_the_file
        column = replace(
            column, affixes=written.affixes, negative=written.negative, unit=" ".join(written.affixes[:1])
        )
        if (written.decimal, written.thousands) != (usual.decimal, usual.thousands):
            column = replace(column, decimal=written.decimal, thousands=written.thousands)
        # The first that is not written plainly, so that everybody sees how it was read.
        plain = Notation(written.decimal).number
        example = next(
            (
                text
                for text in sorted(self.distinct - ODD)
                if not plain.fullmatch(text) and written.number.fullmatch(text)
            ),
            "",
        )
        read = f"{float(written.plain(example)):.15g}" if example else ""
        return replace(column, note=column.note or (f"{example!r} is read as {read}" if read else ""))

    @property
    def doubt(self) -> str:
        """Either "thousands", where the decimal sign must separate thousands, "open", where it could, or ""."""
        written, values = self.numbers.written, self.distinct - ODD - self.numbers.strays
        if written.thousands or written.affixes or self.full or not (shape := GROUPED.get(written.decimal)):
            return ""
        if not shape.fullmatch(END.join(values) + END):
            return ""
        signed = sum(written.decimal in value for value in values)
        if signed >= FEWEST_GROUPED and signed < len(values - {"0"}):
            return "thousands"
        return "open" if signed else ""

    def grouped(self, column: Column, other: str) -> Column:
        """The column with its decimal sign as the one of thousands; `other`: the column that says so too."""
        values, sign = self.distinct - ODD - self.numbers.strays, self.numbers.written.decimal
        decimal = "." if sign == "," else ","
        self.numbers = _Numbers(self.numbers.of_the_file, Notation(decimal, sign), strays=self.numbers.strays)
        self.numbers.add(values)
        why = f"as in {other}" if other else "since other cells are whole numbers of up to three digits"
        example = min(value for value in values if sign in value)
        note = (
            f"three digits follow every {sign!r}, read as separating thousands, {why}: {example!r} is read as "
            f"{self.numbers.written.plain(example)}; if it is the decimal sign, write decimal = {sign!r} and "
            'thousands = "" for it in schema.toml'
        )
        return replace(self._numeric(column), note=note)

    def _words(self, base: Column, known: set[str], rows: int, huge: bool) -> Column:
        count = max(len(known), 1)
        mean, spaced = self.length / max(self.judged, 1), self.spaced / max(self.judged, 1)
        few = count <= MOST_VALUES and count <= max(rows * 0.2, 3)
        text = not few and count > 0.2 * rows and (mean > 40 or (spaced > 0.5 and mean > 8))
        text = text or (self.full and spaced > 0.5 and mean > 20)
        note = base.note
        if huge:
            note = "integers beyond 2^53, which no float holds exactly: kept as codes"
        elif self.numbers.possible and self.numbers.codes:
            note = "numbers with leading zeros: kept as codes"
        elif self.note:
            note = self.note
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
        marks = [
            f"{finding.quoted(mark)} in {finding.count(rows, 'cell')} ({where})"
            for mark, rows, where in column.marks
            if mark in column.nulls
        ]
        if marks:
            yield f"{column.name}: {', '.join(marks)} read as missing."


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
    signs = Notation(dialect.decimal, dialect.thousands)
    states = [_State(one, _Numbers(signs, signs)) for one in names]
    count = 0
    while chunk := list(islice(rows, CHUNK)):
        count += len(chunk)
        for state, cells in zip(states, zip(*chunk, strict=True), strict=True):
            state.add(cells)
    if not count:
        raise InferenceError(f"{name} has a header and no rows: give a table with data.")
    columns = tuple(
        _with_classes(_in_doubt(states, [state.column(count) for state in states]), states, count)
    )
    return Table(dialect, columns, count, tuple(_notes(name, dialect, columns)))


GROUPED = {sign: re.compile(rf"(?:[+-]?(?:0|[1-9]\d{{0,2}}(?:[{sign}]\d{{3}})?){END})*+") for sign in ".,"}
FEWEST_GROUPED = 20


def _in_doubt(states: Sequence[_State], columns: list[Column]) -> list[Column]:
    """Columns in which three digits follow every decimal sign: it may separate thousands. Each reading is said."""
    doubts = {
        state.name: state.doubt
        for state, column in zip(states, columns, strict=True)
        if column.type == "number"
    }
    certain = [name for name, doubt in doubts.items() if doubt == "thousands"]
    results = []
    for state, column in zip(states, columns, strict=True):
        doubt = doubts.get(state.name, "")
        if doubt and (certain or doubt == "thousands"):
            column = state.grouped(column, "" if doubt == "thousands" else certain[0])
        elif doubt:
            sign, other = state.numbers.written.decimal, "." if state.numbers.written.decimal == "," else ","
            note = (
                f"three digits follow every {sign!r}, read as the decimal sign ({column.minimum:g} to "
                f"{column.maximum:g}); if it separates thousands, write decimal = {other!r} and thousands = {sign!r} "
                "for it in schema.toml"
            )
            column = replace(column, note=note)
        results.append(column)
    return results


def _with_classes(columns: Sequence[Column], states: Sequence[_State], rows: int) -> Iterator[Column]:
    """Columns of short codes in which a text that usually means missing, such as NA, is one more of them.

    Not where other columns hold the same text for what they miss.
    """
    short = {
        column.name: {
            mark
            for mark in state.blank
            if SHORT.fullmatch(mark)
            and column.values
            and all(SHORT.fullmatch(value) and value.isupper() == mark.isupper() for value in column.values)
        }
        for column, state in zip(columns, states, strict=True)
    }
    elsewhere = {mark for state in states for mark in state.blank - short[state.name]}
    for column, state in zip(columns, states, strict=True):
        marks = sorted(short[column.name] - elsewhere)
        given = (rows - sum(state.marks[mark] for mark in state.blank)) / max(len(column.values), 1)
        marks = [mark for mark in marks if 4 * state.marks[mark] >= given]
        if not marks:
            yield column
            continue
        what = ", ".join(f"{mark!r} ({finding.count(state.marks[mark], 'row')})" for mark in marks)
        yield replace(
            column, not_nulls=tuple(marks), values=tuple(sorted((*column.values, *marks))),
            nullable=bool(state.blank.difference(marks) or column.nulls), distinct=column.distinct + len(marks),
            marks=tuple(mark for mark in column.marks if mark[0] not in marks),
            note=f"{what} read as a value, since the others are short words like it; if it means missing, take it "
            "out of not_nulls and values in schema.toml",
        )  # fmt: skip


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
        "values": column.values, "formats": column.formats, "nulls": column.nulls, "not_nulls": column.not_nulls,
        "decimal": column.decimal or None, "thousands": column.thousands, "affixes": column.affixes,
        "negative": column.negative or None,
    }  # fmt: skip
    keys |= {key: value for key, value in optional.items() if value not in (None, ())}
    keys |= {"meaning": "", "unit": column.unit}
    return "[[column]]\n" + toml.lines(keys)


def schema_toml(table: Table) -> str:
    """The text of schema.toml: every column as it was found in the table."""
    head = (
        "# The columns of the table: inferred once from the data, yours from now on.\n"
        "# type: integer, number, boolean, category, text, date. minimum, maximum and values are those "
        "seen.\n"
    )
    return head + "".join("\n" + _entry(column) for column in table.columns)
