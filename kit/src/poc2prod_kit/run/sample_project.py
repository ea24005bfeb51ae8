"""A small copy of the project in another folder, to run its steps in without touching any result here."""

from __future__ import annotations

import csv
import shutil
from itertools import islice
from pathlib import Path

from poc2prod_kit.rules import synthetic
from poc2prod_kit.run.project import Project
from poc2prod_kit.tables import cleaning, raw_files

DRAWN, THINNED = 800, 1500


def copy_cleaning(project: Project, folder: Path) -> None:
    """The same rules for cells and rows, where the project has any."""
    if (project.root / cleaning.FILE).is_file():
        shutil.copy(project.root / cleaning.FILE, folder / cleaning.FILE)


def copy(project: Project, folder: Path) -> Project | None:
    """The same choices in `folder` with a small table; None where schema.toml names no column yet.

    The table: tests/sample.csv where its rows are real; else every n-th raw row; else rows drawn from
    schema.toml, by chance over all dates, so that [split] goes by shares instead of dates there.
    """
    table = folder / "data" / "raw" / "sample.csv"
    table.parent.mkdir(parents=True)
    for name in ("params.toml", "schema.toml"):
        shutil.copy(project.root / name, folder / name)
    copy_cleaning(project, folder)
    made = Project(folder)
    plain = {"separator": ",", "encoding": "utf-8", "quote": '"', "files": ["data/raw/sample.csv"]}
    if (project.root / synthetic.SAMPLE).is_file() and synthetic.origin(project) == "real":
        shutil.copy(project.root / synthetic.SAMPLE, table)
        plain = {"files": plain["files"]}
    elif project.schema and all((project.root / name).is_file() for name in project.param("data.files")):
        _write(table, thinned(project))
    elif project.schema:
        drawn = synthetic.draw(project, DRAWN)
        _write(table, [list(drawn), *(list(row) for row in zip(*drawn.values(), strict=True))])
        bounds = ("train_until", "validation_until")
        made.params["split"] = {
            key: value for key, value in made.params["split"].items() if key not in bounds
        }
    else:
        return None
    made.params["data"] = {**made.params["data"], **plain}
    return made


def thinned(project: Project) -> list[list[str]]:
    """The columns' names and every n-th row of the raw files, cells as they stand there."""
    step = max(project.table().shape[0] // THINNED, 1)
    items = [list(project.schema)]
    for name in project.param("data.files"):
        names, chunks = raw_files.open_table(project, name)
        order = [names.index(column) for column in project.schema]
        lines = (line for chunk in chunks for line in chunk)
        items += [[line[place] for place in order] for line in islice(lines, 0, None, step)]
    return items


def _write(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
