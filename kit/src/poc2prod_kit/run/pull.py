"""The command `pull`: asks the database again, keeps the answer as a new raw file, and says what changed."""

from __future__ import annotations

import argparse
import csv
import filecmp
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from poc2prod_kit.run import atomic, params
from poc2prod_kit.run.code import Code
from poc2prod_kit.run.console import Console
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.paths import package
from poc2prod_kit.run.project import RAW, Project
from poc2prod_kit.summary.wording import count, listed
from poc2prod_kit.tables import external
from poc2prod_kit.tables.sniff import InferenceError


def main(code: Code, arguments: Sequence[str], console: Console) -> None:
    """Ask again, write data/raw/<query>_<day>.csv and name it in [data] files; nothing where nothing changed."""
    argparse.ArgumentParser(
        prog=f"python -m {package().name} pull",
        description="Ask the database of [data] source again. The answer becomes a new, dated file in data/raw/, "
        "which [data] files then names; the former file stays.",
    ).parse_args(arguments)
    project = Project(code=code)
    database, stem = _source(project)
    old = next((one for one in project.param("data.files", []) if one.startswith(f"{RAW}{stem}_")), "")
    new = project.root / _fresh(project.root, stem)
    with console.progress("pull", "asking the database"), atomic.replacing(new) as beside:
        try:
            external.write_csv(beside, database.rows())
        except InferenceError as error:
            raise ProjectError(str(error)) from error
    before = project.root / old
    if old and before.is_file() and filecmp.cmp(before, new, shallow=False):
        new.unlink()
        console.paragraph(f"Nothing changed since {old}: every cell is the same.")
        return
    name = new.relative_to(project.root).as_posix()
    _write(project, database, old, name)
    console.paragraph(f"{name} is what the database gives now; [data] files of params.toml names it.")
    if old and before.is_file():
        key = project.param("data.id", "")
        for sentence in said(external.changes(_rows(before), _rows(new), key), old, key):
            console.paragraph(sentence, "  ")
    console.paragraph(f"Next: python -m {package().name} poc")


def _source(project: Project) -> tuple[external.Database, str]:
    """The database and the query that [data] source names, and what its files are called."""
    source = project.param("data.source", {})
    if not isinstance(source.get("url"), str) or not isinstance(source.get("query"), str):
        raise ProjectError(
            '[data] of params.toml names no database: source = { url = "postgresql://${USER}:${PASSWORD}@host/name", '
            'query = "data/query.sql" }. A table that somebody sends is put into data/raw/ and named in [data] files.'
        )
    path = project.path(source["query"])
    if not path.is_file():
        raise ProjectError(f"{source['query']} is not there; [data] source of params.toml names it.")
    try:
        external.check_url(source["url"])
    except InferenceError as error:
        raise ProjectError(str(error)) from error
    return external.Database(source["url"], path.read_text(encoding="utf-8-sig")), PurePosixPath(
        source["query"]
    ).stem


def _fresh(root: Path, stem: str) -> str:
    """A name of today that no file has."""
    day = datetime.now(UTC).date().isoformat()
    names = (f"{RAW}{stem}_{day}{f'_{n}' if n > 1 else ''}.csv" for n in range(1, 1000))
    return next(name for name in names if not (root / name).exists())


def _write(project: Project, database: external.Database, old: str, new: str) -> None:
    """Name the new file, and what it comes from, in params.toml."""
    path = project.root / "params.toml"
    text = path.read_text(encoding="utf-8-sig")
    files = [new if one == old else one for one in project.param("data.files", [])]
    text = params.with_key(text, "data", "files", files if old else [*files, new])
    text = params.with_key(text, "data", "origin", database.origin)
    atomic.write_text(path, text)


def _rows(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.reader(file)


def said(changes: dict[str, Any], old: str, key: str) -> Iterator[str]:
    """What changed, a sentence each."""
    rows = f"{count(changes['rows'], 'row')}: {changes['added']:,} new, {changes['gone']:,} gone"
    if changes["changed"] is None:
        why = f"{key} is not unique" if key else "[data] names no id"
        yield f"{rows} against {old}, by content ({why}: a changed row counts as gone and new)."
    else:
        yield f"{rows}, {changes['changed']:,} changed against {old}, by {key}."
    if changes["cells"]:
        most = sorted(changes["cells"].items(), key=lambda one: -one[1])
        yield f"Changed cells: {listed([f'{name} ({n:,})' for name, n in most])}."
    for what, names in (("New", changes["columns_added"]), ("Gone", changes["columns_gone"])):
        if names:
            yield f"{what} columns: {', '.join(names)}. Change schema.toml accordingly."
