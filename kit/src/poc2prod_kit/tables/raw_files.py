"""The raw files as cells of text: delimited text by [data]'s separator and signs, or parquet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from poc2prod_kit.run import toml
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.tables import sniff

if TYPE_CHECKING:
    from poc2prod_kit.run.project import Project

CHUNK = 50_000
Cells = list[str]


def dialect(project: Project) -> sniff.Dialect:
    """How the files are written, by [data] of params.toml."""
    data = {name: project.param(f"data.{name}", usual) for name, usual in sniff.SIGNS.items()}
    try:
        return sniff.dialect_of({**data, "encoding": project.param("data.encoding", "utf-8")})
    except sniff.InferenceError as error:
        raise ProjectError(str(error)) from error


def files(project: Project) -> list[str]:
    """The raw files that [data] names; an error where there is none yet."""
    named: list[str] = project.param("data.files", [])
    if not named:
        raise ProjectError(
            "There is no data yet. Put a table (csv, csv.gz or parquet) into data/raw/ "
            "and name it in [data] files of params.toml."
        )
    twice = sorted({name for name in named if named.count(name) > 1})
    if twice:
        raise ProjectError(f"[data] files names {twice[0]} twice: its rows would count double. Name it once.")
    return named


def open_table(project: Project, name: str) -> tuple[Cells, Iterator[list[Cells]]]:
    """Column names, and the rows in chunks, every cell as the text that stands in the file."""
    path = project.path(name)
    if not path.is_file():
        raise ProjectError(f"{name} is not there; [data] files of params.toml names it.")
    if path.suffix == ".parquet":
        return _parquet(path, name)
    written = dialect(project)
    with _explained(path, name, written):
        rows = (cells for _, cells in sniff.records(path, written))
        names = next(rows)
    if not names:
        raise ProjectError(f"{name} is empty: give a table with a line of column names and rows below it.")
    return names, _chunks(rows, path, name, written)


def _chunks(rows: Iterator[Cells], path: Path, name: str, written: sniff.Dialect) -> Iterator[list[Cells]]:
    with _explained(path, name, written):
        while chunk := list(islice(rows, CHUNK)):
            yield chunk


@contextmanager
def _explained(path: Path, name: str, written: sniff.Dialect) -> Iterator[None]:
    """Say what could not be read, and how the file seems to be written where that is not what [data] says."""
    try:
        yield
    except sniff.InferenceError as error:
        raise ProjectError(f"{error}{hint(path, written)}") from error


def hint(path: Path, written: sniff.Dialect) -> str:
    """The lines of [data] that differ from how the file is written, or "". Raises ProjectError."""
    try:
        sniffed = sniff.sniff(path)
    except sniff.InferenceError as error:
        raise ProjectError(str(error)) from error
    plain = {"utf-8-sig": "utf-8"}
    here, there = (plain.get(one.encoding, one.encoding) for one in (sniffed, written))
    # A guess says nothing against an encoding that somebody chose
    guessed = not here.startswith("utf") and not there.startswith("utf")
    wanted = [f'encoding = "{sniffed.encoding}"'] * (here != there and not guessed)
    for key in sniff.SIGNS:
        sign = getattr(sniffed, key)
        if sign != getattr(written, key):
            wanted.append(f"{key} = {toml.text(sign)}")
    return (
        f" The file seems to be written differently; write in [data] of params.toml: {', '.join(wanted)}"
        if wanted
        else ""
    )


def _parquet(path: Path, name: str) -> tuple[Cells, Iterator[list[Cells]]]:
    try:
        from pyarrow import parquet
    except ImportError:
        raise ProjectError(
            f"{name} needs pyarrow to be read. Add it: `uv add pyarrow` or `pip install pyarrow`."
        ) from None
    try:
        opened = parquet.ParquetFile(path)
    except (OSError, ValueError) as error:
        raise ProjectError(
            f"{name} cannot be read as parquet ({error}). Export it again, or give it as csv."
        ) from error
    names = sniff.header(opened.schema_arrow.names)
    batches = opened.iter_batches(batch_size=CHUNK)
    return names, ([list(row) for row in zip(*map(_texts, batch.columns), strict=True)] for batch in batches)


def _texts(column: Any) -> Cells:
    """A parquet column as text: nothing is "", a date ISO 8601, a number as Python writes it."""
    return [text_of(value) for value in column.to_pylist()]


def text_of(value: Any) -> str:
    """One value of a parquet file as the text that a csv would hold."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value.isoformat() if hasattr(value, "isoformat") else value)
