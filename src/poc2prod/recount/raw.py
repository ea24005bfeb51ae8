"""The raw files as text: row after row, each with its id. Of large tables an even sample."""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from poc2prod_kit.tables import sampling, sniff
from poc2prod_kit.tables.cleaning import NOTHING, Cleaning, Once
from poc2prod_kit.tables.sniff import PLAIN, Dialect, InferenceError

CHUNK = 20_000
MOST = sampling.MOST
Opened = Callable[[str], Iterator[bytes]]


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


def records(name: str, blocks: Iterator[bytes], dialect: Dialect = PLAIN) -> Iterator[list[list[str]]]:
    """The header with unique names, then rows in chunks, all equally wide. ValueError or OSError."""
    buffered = io.BufferedReader(Stream(blocks), 1 << 18)
    with io.TextIOWrapper(buffered, encoding=dialect.encoding, newline="") as text:
        rows = (cells for _, cells in sniff.rows(name, text, dialect))
        names = next(rows)
        if not names:
            raise InferenceError(f"{name} is empty")
        yield [names]
        while chunk := list(islice(rows, CHUNK)):
            yield chunk


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
    files: Sequence[str],
    opened: Opened,
    written: Dialect,
    key: str = "",
    roles: Iterable[str] = (),
    cleaning: Cleaning = NOTHING,
) -> Table:
    """Read all files. `key`: the id column; `roles`: columns kept of all rows. Raises as `records`.

    Rows that `cleaning` leaves out, because they repeat an earlier one, are left out of all of it.
    """
    result = _Reading(key, [role for role in dict.fromkeys(roles) if role], cleaning)
    for name in files:
        parts = records(name, opened(name), written)
        result.file(name, next(parts)[0])
        for chunk in parts:
            result.add(chunk)
    return result.table()


class _Reading:
    def __init__(self, key: str, roles: list[str], cleaning: Cleaning) -> None:
        self.key, self.share, self.once = key, 1.0, Once(cleaning, key)
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
            raise InferenceError(f"{name} has other columns than {next(iter(self.files))}")
        for role in (self.key, *self.roles):
            if role and role not in names:
                raise InferenceError(f"{name} has no column {role!r}, which [data] names")
        self.order = None if names == self.names else [names.index(name) for name in self.names]
        self.files[name] = 0

    def add(self, chunk: list[list[str]]) -> None:
        rows = [[row[place] for place in self.order] for row in chunk] if self.order else chunk
        rows = self.once.rows(self.names, rows)
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
        chosen = sampling.drawn(kept, self.share) if self.share < 1 else range(len(rows))
        self.places += [start + at for at in chosen]
        self.rows += [rows[at] for at in chosen]
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
            raise InferenceError(f"{', '.join(self.files) or '[data] files'}: no rows")
        cells = dict(zip(self.names, map(list, zip(*self.rows, strict=True)), strict=True))
        return Table(self.names, self.ids, self.roles, self.files, self.places, cells)
