"""The target column in the data: its values and how many are numbers."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from ..project import Facts
from ..recount.raw import CHUNK, Stream
from . import rows
from .finding import Unproven

NULLS = frozenset({"", "NA", "N/A", "NaN", "nan", "null", "NULL"})
MOST = 1000


class Target(NamedTuple):
    """Distinct values (at most MOST), rows with a value, and how many of those are numbers."""

    column: str
    values: list[str]
    rows: int
    numbers: int


def read(facts: Facts) -> Target | None:
    """The target column of all raw files; None if a file is absent or not text. Unproven if it cannot be
    read.
    """
    return facts.shared("target", lambda: _read(facts))


def _read(facts: Facts) -> Target | None:
    column, names = facts.param("data.target"), facts.param("data.files")
    if not isinstance(column, str) or not column:
        raise Unproven("params.toml has no [data] target", "set [data] target in params.toml")
    if not isinstance(names, list) or not names:
        raise Unproven("params.toml has no [data] files", "set [data] files in params.toml")
    if not all(
        str(name).endswith((".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt", ".txt.gz"))
        and facts.exists(str(name))
        for name in names
    ):
        return None
    counts: Counter[str] = Counter()
    known = facts.aside(lambda: _known(facts, column))
    for key in ("separator", "encoding"):
        facts.param(f"data.{key}")
    for cells in known or _cells(facts, column, [str(name) for name in names]):
        counts.update(cells)
    for null in NULLS | _nulls(facts, column):
        counts.pop(null, None)
    decimal = str(facts.param("data.decimal", "."))
    numbers = sum(count for cell, count in counts.items() if is_number(cell, decimal))
    return Target(column, list(islice(counts, MOST)), counts.total(), numbers)


def _known(facts: Facts, column: str) -> list[list[str]]:
    """The column from the table that other checks read; empty if that cannot be read."""
    try:
        rows_ = rows.read(facts)
    except Unproven:
        return []
    return [[cell.strip() for cell in rows_.table.column(column)]] if rows_ else []


def is_number(cell: str, decimal: str = ".") -> bool:
    """Whether a cell is a number."""
    try:
        float(cell.replace(decimal, ".") if decimal != "." else cell)
    except ValueError:
        return False
    return True


def column_entry(facts: Facts, column: str) -> dict[str, Any]:
    """The entry of a column in schema.toml; empty if there is none."""
    schema = facts.toml("schema.toml")
    entries = schema.get("column") if isinstance(schema, dict) else None
    matching = [item for item in entries or [] if isinstance(item, dict) and item.get("name") == column]
    return matching[0] if matching else {}


def _nulls(facts: Facts, column: str) -> set[str]:
    nulls = column_entry(facts, column).get("nulls")
    return {str(item) for item in nulls} if isinstance(nulls, list) else set()


def _cells(facts: Facts, column: str, names: list[str]) -> Iterator[list[str]]:
    """The column's cells, in chunks."""
    for name in names:
        with io.TextIOWrapper(
            Stream(facts.rows(name)), encoding=_encoding(facts), errors="replace", newline=""
        ) as text:  # type: ignore[type-var]
            try:
                rows = csv.reader(text, delimiter=str(facts.param("data.separator", ","))[:1] or ",")
                header = [cell.strip().lstrip("\ufeff") for cell in next(rows, [])]
                if column not in header:
                    raise Unproven(
                        f"{name} has no column {column!r} ([data] target)",
                        "correct [data] target in params.toml",
                    )
                place = header.index(column)
                while chunk := list(islice(rows, CHUNK)):
                    yield [row[place].strip() for row in chunk if len(row) > place]
            except csv.Error as error:
                raise Unproven(f"{name} cannot be read as a table: {error}") from error


def _encoding(facts: Facts) -> str:
    import codecs

    name = str(facts.param("data.encoding", "utf-8"))
    try:
        codec = codecs.lookup(name).name
    except (LookupError, ValueError) as error:
        raise Unproven(
            f"[data] encoding = {name[:40]!r} is not an encoding", "correct it in params.toml"
        ) from error
    return "utf-8-sig" if codec == "utf-8" else codec
