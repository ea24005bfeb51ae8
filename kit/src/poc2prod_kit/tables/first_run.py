"""The first run of a project whose schema.toml names no column: infer them from the raw files, once."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.tables import infer, raw_files
from poc2prod_kit.tables.schema import Schema, load
from poc2prod_kit.tables.sniff import PLAIN, InferenceError

if TYPE_CHECKING:
    from poc2prod_kit.run.project import Project


def schema(project: Project) -> Schema:
    """The project's schema; where it has no column yet, inferred, written to schema.toml, said on stderr."""
    known = project.schema
    if not known:
        path = project.root / "schema.toml"
        table = inferred(project)
        path.write_text(infer.schema_toml(table), encoding="utf-8", newline="\n")
        known.update(load(path))
        print(
            "schema.toml named no column: inferred from the data and written. Read it.",
            *table.notes[1:],
            sep="\n",
            file=sys.stderr,
        )
    return known


def inferred(project: Project) -> infer.Table:
    """What the raw files hold. Raises ProjectError where [data] does not say how they are written."""
    files = raw_files.files(project)
    first = project.path(files[0])
    written = raw_files.dialect(project)
    try:
        if len(files) == 1 and first.suffix != ".parquet" and first.is_file():
            wrong = raw_files.hint(first, written)
            if wrong:
                raise ProjectError(f"{files[0]}:{wrong}")
            return infer.infer(first, written)
        return _joined(project, files)
    except InferenceError as error:
        raise ProjectError(str(error)) from error


def _joined(project: Project, files: list[str]) -> infer.Table:
    """What all files hold, one after the other, each with its columns in the first one's order."""
    tables = {name: raw_files.open_table(project, name) for name in files}
    names, written = tables[files[0]][0], raw_files.dialect(project)
    orders = {name: _order(files[0], names, name, found) for name, (found, _) in tables.items()}
    rows = (
        [cells[place] for place in orders[name]]
        for name, (_, chunks) in tables.items()
        for chunk in chunks
        for cells in chunk
    )
    # The cells of a parquet file are as Python writes them.
    parquet = any(name.endswith(".parquet") for name in files)
    return infer.of_rows(files[0], names, rows, PLAIN if parquet else written)


def _order(one: str, names: list[str], other: str, found: list[str]) -> list[int]:
    """Where each of the first file's columns stands in another file."""
    for name in sorted({*names} ^ {*found}):
        has, lacks = (one, other) if name in names else (other, one)
        raise ProjectError(
            f"{has} has a column {name!r} that {lacks} does not have. "
            "Files of one table need the same columns."
        )
    return [found.index(name) for name in names]
