"""The raw files as text: row after row, each with its id. Of large tables an even sample."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from poc2prod_kit.tables import sampling

LONGEST_CELL = 16_000_000
CHUNK = 20_000
MOST = sampling.MOST
Opened = Callable[[str], Iterator[bytes]]


class Malformed(ValueError):  # noqa: N818
    """A file that is not the table it should be: what is wrong, and where."""


class Dialect(NamedTuple):
    """How the files are written."""

    separator: str = ","
    encoding: str = "utf-8-sig"
    decimal: str = "."
    thousands: str = ""
    quote: str = '"'


def dialect(data: Mapping[str, Any]) -> Dialect:
    """The dialect that [data] gives; Malformed where a sign is not one character or the encoding unknown."""
    try:
        encoding = codecs.lookup(str(data.get("encoding", "utf-8"))).name
    except (LookupError, ValueError):
        raise Malformed(f"[data] encoding = {str(data.get('encoding'))[:40]!r} is not an encoding") from None
    signs = {"separator": ",", "decimal": ".", "thousands": "", "quote": '"'}
    for name, usual in signs.items():
        sign = data.get(name, usual)
        if not isinstance(sign, str) or (len(sign) != 1 and (name != "thousands" or sign)):
            raise Malformed(f"[data] {name} = {str(sign)[:20]!r} must be one character")
        signs[name] = sign
    return Dialect(encoding="utf-8-sig" if encoding == "utf-8" else encoding, **signs)


class Stream(io.RawIOBase):
    """Blocks of bytes as a file."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks, self._rest = blocks, memoryview(b"")

    def readable(self) -> bool:
        """It can only be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer with what comes next; 0 at the end."""
        while not self._rest:
            block = next(self._blocks, None)
            if block is None:
                return 0
            self._rest = memoryview(block)
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size


def records(name: str, blocks: Iterator[bytes], written: Dialect) -> Iterator[list[list[str]]]:
    """The header with unique names, then rows in chunks, all equally wide. Malformed, Unicode- or OSError."""
    csv.field_size_limit(LONGEST_CELL)
    buffered = io.BufferedReader(Stream(blocks), 1 << 18)
    with io.TextIOWrapper(buffered, encoding=written.encoding, newline="") as text:
        rows = csv.reader(text, delimiter=written.separator, quotechar=written.quote)
        try:
            yield from _even(name, filter(None, rows))
        except csv.Error as error:
            raise Malformed(f"{name}, line {rows.line_num}: {error}") from error


def _even(name: str, rows: Iterator[list[str]]) -> Iterator[list[list[str]]]:
    names = next(rows, [])
    if names == ["sep=", ""] or (len(names) == 1 and names[0].startswith("sep=")):
        names = next(rows, [])
    chunk = list(islice(rows, CHUNK))
    first = chunk[:200]
    if (
        len(names) > 1
        and not names[-1].strip()
        and all(len(row) < len(names) or not row[-1] for row in first)
    ):
        names = names[:-1]
    width, start = len(names), 1
    if not width:
        raise Malformed(f"{name} is empty")
    yield [header(names)]
    while chunk:
        if set(map(len, chunk)) != {width}:
            _trim(name, chunk, width, start)
        yield chunk
        start += len(chunk)
        chunk = list(islice(rows, CHUNK))


def _trim(name: str, chunk: list[list[str]], width: int, start: int) -> None:
    """Drop the empty cell after a trailing separator."""
    for number, row in enumerate(chunk, start):
        if len(row) != width:
            if len(row) != width + 1 or row[-1]:
                raise Malformed(f"{name}, row {number}: {len(row)} cells where the header has {width}")
            del row[-1]


def header(names: Sequence[str]) -> list[str]:
    """Unique names, spaces at the ends cut: a blank third is "column_3", a second x is "x_2"."""
    taken = {name.strip() for name in names}
    used: dict[str, None] = {}
    for position, raw in enumerate(names, 1):
        base = raw.strip() or f"column_{position}"
        name, count = base, 2
        while name in used or (name != raw.strip() and name in taken):
            name, count = f"{base}_{count}", count + 1
        used[name] = None
    return list(used)


def content_hash(cells: Iterable[str]) -> str:
    """The first 12 hexadecimal digits of a row's SHA-256, its cells joined by U+001F."""
    return hashlib.sha256("\x1f".join(cells).encode()).hexdigest()[:12]


def position(unit: str, salt: str = "") -> float:
    """A number in [0, 1): the first 8 bytes of SHA-256(salt, U+001F, unit) over 2^64."""
    digest = hashlib.sha256(f"{salt}\x1f{unit}".encode("utf-8", "surrogatepass")).digest()
    return min(int.from_bytes(digest[:8], "big") / 2**64, 1 - 2**-53)


class Table(NamedTuple):
    """All rows' ids and role columns; all cells of the rows that are looked at (all of them up to 100,000).

    `looked`: the places of those rows among all. `files`: rows of each file.
    """

    names: list[str]
    ids: list[str]
    roles: dict[str, list[str]]
    files: dict[str, int]
    looked: list[int]
    cells: dict[str, list[str]]

    @property
    def rows(self) -> int:
        """All rows."""
        return len(self.ids)

    @property
    def sampled(self) -> bool:
        """Whether `cells` holds only some of the rows."""
        return len(self.looked) < len(self.ids)

    @property
    def seen(self) -> list[str]:
        """The ids of the rows that are looked at."""
        return [self.ids[place] for place in self.looked] if self.sampled else self.ids

    def column(self, name: str) -> list[str]:
        """A role column of all rows."""
        return self.roles[name]


def read(
    files: Sequence[str], opened: Opened, written: Dialect, key: str = "", roles: Iterable[str] = ()
) -> Table:
    """Read all files. `key`: the id column; `roles`: columns kept of all rows. Raises as `records`."""
    found = _Reading(key, [role for role in dict.fromkeys(roles) if role])
    for name in files:
        parts = records(name, opened(name), written)
        found.file(name, next(parts)[0])
        for chunk in parts:
            found.add(chunk)
    return found.table()


class _Reading:
    def __init__(self, key: str, roles: list[str]) -> None:
        self.key, self.share = key, 1.0
        self.names: list[str] = []
        self.order: list[int] | None = None
        self.ids: list[str] = []
        self.roles: dict[str, list[str]] = {role: [] for role in roles}
        self.known: dict[str, str] = {}
        self.seen: Counter[str] = Counter()
        self.files: dict[str, int] = {}
        self.places: list[int] = []
        self.rows: list[list[str]] = []

    def file(self, name: str, names: list[str]) -> None:
        self.names = self.names or names
        if sorted(names) != sorted(self.names):
            raise Malformed(f"{name} has other columns than {next(iter(self.files))}")
        for role in (self.key, *self.roles):
            if role and role not in names:
                raise Malformed(f"{name} has no column {role!r}, which [data] names")
        self.order = None if names == self.names else [names.index(name) for name in self.names]
        self.files[name] = 0

    def add(self, chunk: list[list[str]]) -> None:
        rows = [[row[place] for place in self.order] for row in chunk] if self.order else chunk
        name, start = next(reversed(self.files)), len(self.ids)
        self.files[name] += len(rows)
        if self.key:
            place = self.names.index(self.key)
            self.ids += [row[place] for row in rows]
        else:
            self.ids += map(self._numbered, map(content_hash, rows))
        for role, cells in self.roles.items():
            place = self.names.index(role)
            known = self.known
            cells += [known.setdefault(row[place], row[place]) for row in rows]
        kept = range(start, len(self.ids))
        if self.share < 1:
            chosen = sampling.drawn(kept, self.share)
            self.places += [start + at for at in chosen]
            self.rows += [rows[at] for at in chosen]
        else:
            self.places += kept
            self.rows += rows
        while len(self.rows) > MOST:
            self._thin()

    def _numbered(self, digits: str) -> str:
        self.seen[digits] += 1
        count = self.seen[digits]
        return digits if count == 1 else f"{digits}-{count}"

    def _thin(self) -> None:
        self.share /= 2
        chosen = sampling.drawn(self.places, self.share)
        self.places, self.rows = [self.places[at] for at in chosen], [self.rows[at] for at in chosen]

    def table(self) -> Table:
        if not self.rows:
            raise Malformed(f"{', '.join(self.files) or '[data] files'}: no rows")
        cells = dict(zip(self.names, map(list, zip(*self.rows, strict=True)), strict=True))
        return Table(self.names, self.ids, self.roles, self.files, self.places, cells)
