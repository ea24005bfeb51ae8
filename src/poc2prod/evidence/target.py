"""The target column in the data: its values and how many are numbers."""

from collections import Counter
from itertools import islice
from typing import Any, NamedTuple

from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.tables import schema
from poc2prod_kit.tables.numerals import notation
from poc2prod_kit.tables.schema import Column

from ..files import Damaged
from ..project import Facts
from ..recount import raw
from . import rows
from .finding import Absent, Unproven
from .values import entries, items_at

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
    column, files = facts.param("data.target"), facts.param("data.files")
    if not isinstance(column, str) or not column:
        raise Unproven("params.toml has no [data] target", "set [data] target in params.toml")
    if not isinstance(files, list) or not files:
        raise Unproven("params.toml has no [data] files", "set [data] files in params.toml")
    dialect = rows.dialect(facts)
    here = [facts.exists(str(name)) for name in files]
    if not all(here):
        return None
    try:
        counts = Counter(cell.strip() for cell in _cells(facts, column, files))
    except Absent:
        return None
    about = _described(facts, column)
    for null in ("", *about.missing_tokens):
        counts.pop(null, None)
    written = notation(about, dialect)
    numbers = {cell: count for cell, count in counts.items() if written.number.fullmatch(cell)}
    total = sum(numbers.values())
    if about.type in ("integer", "number"):
        # Other cells are read as missing, and found by the step data.
        counts = Counter()
        for cell, count in numbers.items():
            counts[written.plain(cell)] += count
    return Target(column, list(islice(counts, MOST)), counts.total(), total)


def _described(facts: Facts, column: str) -> Column:
    """The column as schema.toml has it; as words where it says nothing that can be understood."""
    entry = column_entry(facts, column)
    try:
        return schema.parse({"column": [entry]})[column]
    except (ProjectError, KeyError):
        return Column(column, "category", nulls=tuple(map(str, items_at(entry, "nulls"))))


def _cells(facts: Facts, column: str, files: list[str]) -> list[str]:
    try:
        # aside: what else the table is read for is no input of this check
        return facts.aside(lambda: rows.raw_table(facts)).roles[column]
    except Unproven:
        pass  # perhaps for another column that [data] names, so this one is read alone
    try:
        return raw.read(files, facts.rows, rows.dialect(facts), roles=[column]).roles[column]
    except (ValueError, Damaged, OSError) as error:
        raise Unproven(
            f"the target cannot be read: {error}", "correct [data] in params.toml, or the file"
        ) from error


def is_number(cell: str, decimal: str = ".") -> bool:
    """Whether a cell is a number."""
    try:
        float(cell.replace(decimal, ".") if decimal != "." else cell)
    except ValueError:
        return False
    return True


def column_entry(facts: Facts, column: str) -> dict[str, Any]:
    """The entry of a column in schema.toml; empty if there is none."""
    columns = entries(facts.toml("schema.toml"), "column")
    return next((item for item in columns if item.get("name") == column), {})
