"""Read the raw files as one table, typed by schema.toml, with an id for every row."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import pandas as pd

from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.tables import first_run, raw_files
from poc2prod_kit.tables.cells import Cells
from poc2prod_kit.tables.cleaning import Once
from poc2prod_kit.tables.schema import Schema

if TYPE_CHECKING:
    from poc2prod_kit.run.project import Project


@dataclass(frozen=True)
class Reading:
    """What reading found, kept with the table in `table.attrs["reading"]`.

    rows: per file; unread: per column the cells that are not of its type, as (row number from 0, text);
    infinite: per column the row numbers of infinities. All of these cells are missing in the table.
    cleaned: per column and rule of cleaning.toml the rows whose cell it changed; dropped: repeated rows left out.
    """

    rows: dict[str, int] = field(default_factory=dict)
    unread: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    infinite: dict[str, list[int]] = field(default_factory=dict)
    cleaned: dict[str, list[list[int]]] = field(default_factory=dict)
    dropped: int = 0

    def __deepcopy__(self, memo: object) -> Reading:
        """Itself: pandas copies `attrs` at every operation."""
        return self

    def __eq__(self, other: object) -> bool:
        """Identity: pandas compares `attrs` when it joins tables."""
        return self is other

    __hash__ = object.__hash__


def reading(table: pd.DataFrame) -> Reading:
    """What was found when the table was read; nothing for a table that was not read by `read`."""
    result = table.attrs.get("reading")
    return result if isinstance(result, Reading) else Reading()


def read(project: Project) -> pd.DataFrame:
    """The raw files one after the other, each column typed, missing values as NaN, index `row_id`."""
    schema = first_run.schema(project)
    columns = {name: Cells(schema[name], raw_files.dialect(project)) for name in schema}
    ids = Ids(project.param("data.id", ""))
    rows = dict.fromkeys(raw_files.files(project), 0)
    once = Once(schema.cleaning, project.param("data.id", ""))
    for file, names, cells in aligned(project, schema, once):
        rows[file] += len(cells[0])
        ids.add(names, cells)
        for name, column in zip(names, cells, strict=True):
            columns[name].add(column)
    if not sum(rows.values()):
        raise ProjectError(f"{', '.join(rows)}: a header and no rows. Give a table with data.")
    frame = pd.DataFrame({name: columns[name].series() for name in schema}).set_index(ids.index())
    frame.attrs["reading"] = Reading(
        rows,
        {name: column.unread for name, column in columns.items() if column.unread},
        {name: column.infinite for name, column in columns.items() if column.infinite},
        {name: column.cleaned for name, column in columns.items() if column.cleaned},
        once.dropped,
    )
    return frame


Chunk = Sequence[Sequence[str]]


def aligned(project: Project, schema: Schema, once: Once) -> Iterator[tuple[str, list[str], Chunk]]:
    """(file, column names, the columns' cells) in chunks; the columns in the order of the first file.

    Rows that `once` has met are left out.
    """
    names: list[str] = []
    for file in raw_files.files(project):
        result, chunks = raw_files.open_table(project, file)
        check_columns(project, file, result, schema)
        names = names or result
        order = [result.index(name) for name in names]
        for chunk in chunks:
            if rows := once.rows(result, chunk):
                cells = list(zip(*rows, strict=True))
                yield file, names, [cells[place] for place in order]


def check_columns(project: Project, file: str, found: list[str], schema: Schema) -> None:
    """The file and the schema must name the same columns, in any order."""
    absent = [name for name in schema if name not in found]
    new = [name for name in found if name not in schema]
    if not absent and not new:
        return
    written = raw_files.dialect(project)
    why = "" if file.endswith(".parquet") else raw_files.hint(project.path(file), written)
    has = f"{file} has: {', '.join(found)}.{why}"
    if absent and new:
        near = get_close_matches(absent[0], new, 1) or new[:1]
        raise ProjectError(
            f"schema.toml names a column {absent[0]!r} that {file} does not have; {near[0]!r} is there and "
            f"not in schema.toml. {has}"
        )
    if absent:
        raise ProjectError(f"schema.toml names a column {absent[0]!r} that {file} does not have. {has}")
    raise ProjectError(
        f"{file} has a column {new[0]!r} that schema.toml does not name. "
        f"Add a [[column]] for it, with name and type.{why}"
    )


class Ids:
    """The id of each row: the id column's text, or the content's hash and its occurrence number.

    Hash: SHA-256 of the row's cells as they stand in the file, in the first file's column order, joined by
    U+001F, as UTF-8; its first 12 hexadecimal digits. The second row of that content has "-2" behind it.
    """

    def __init__(self, column: str) -> None:
        self.column = column
        self.ids: list[str] = []

    def add(self, names: list[str], cells: Chunk) -> None:
        """Take in a chunk's columns."""
        if not self.column:
            self.ids += map(content_hash, zip(*cells, strict=True))
        elif self.column in names:
            self.ids += cells[names.index(self.column)]
        else:
            raise ProjectError(
                f"[data] id = {self.column!r} is not a column; the columns are {', '.join(names)}."
            )

    def index(self) -> pd.Index[Any]:
        """The ids, each once."""
        if not self.column:
            return pd.Index(list(numbered(self.ids)), name="row_id")
        blank = [row for row, cell in enumerate(self.ids, 1) if not cell.strip()]
        if blank:
            raise ProjectError(
                f"[data] id = {self.column!r} is empty in {len(blank):,} row(s), first in row {blank[0]:,}. "
                'Fill it in, or set id = "".'
            )
        text, count = Counter(self.ids).most_common(1)[0]
        if count > 1:
            raise ProjectError(
                f"[data] id = {self.column!r} repeats: {text!r} stands in {count:,} rows, "
                "so it names a group, not a row. "
                f'Set id = "" and group = "{self.column}" in [data] of params.toml.'
            )
        return pd.Index(self.ids, name="row_id")


def content_hash(cells: Iterable[str]) -> str:
    """The first 12 hexadecimal digits of the row's SHA-256."""
    return hashlib.sha256("\x1f".join(cells).encode()).hexdigest()[:12]


def numbered(hashes: Iterable[str]) -> Iterator[str]:
    """Each hash with the number of its occurrence behind it, from the second on."""
    counts: dict[str, int] = {}
    for text in hashes:
        count = counts[text] = counts.get(text, 0) + 1
        yield text if count == 1 else f"{text}-{count}"
