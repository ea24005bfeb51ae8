"""docs/causes.csv: the causes of docs/errors.csv by hashed row id, where the rows themselves stay out of git.

docs/errors.csv shows rows, so git ignores it in a project whose data are not committed. What people wrote
there must reach their team all the same: each run takes the causes over into docs/causes.csv, and those that
came with git back into docs/errors.csv.
"""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path

from poc2prod_kit.inspection import worst_errors
from poc2prod_kit.run import atomic
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.project import Project

FILE = "docs/causes.csv"
HEAD = ["row", "cause"]
# The column of docs/errors.csv that holds the cause as both files last had it.
SHARED = "recorded"
MARKS = ("<<<<<<<", "=======", ">>>>>>>", "|||||||")


def file(project: Project) -> str:
    """The file that is in git and holds the causes."""
    return worst_errors.FILE if project.param("data.committed", False) else FILE


def key(row: str) -> str:
    """A row's name in docs/causes.csv: r and the first 16 hexadecimal digits of its id's SHA-256."""
    return f"r{hashlib.sha256(row.encode()).hexdigest()[:16]}"


def seed(project: Project, cases: list[worst_errors.Record]) -> None:
    """Put the cases into docs/errors.csv, each with the cause that docs/causes.csv has of it."""
    if file(project) == worst_errors.FILE:
        worst_errors.seed(project.root, cases)
        return
    known = exchange(project.root)
    items = [(case, known.get(key(case["id"]), "")) for case in cases]
    worst_errors.seed(
        project.root, [{**case, "cause": cause, SHARED: cause} for case, cause in items], SHARED
    )


def counted(project: Project) -> dict[str, int]:
    """How often each cause was given, commonest first."""
    if file(project) == worst_errors.FILE:
        return worst_errors.causes(project.root)
    return worst_errors.counts(list(exchange(project.root).values()))


def exchange(root: Path) -> dict[str, str]:
    """Bring both files to the same causes: cause by key.

    A cause that was changed or emptied in docs/errors.csv counts; else the one in docs/causes.csv, which may
    have come from a colleague. Lines of docs/causes.csv whose row is not in docs/errors.csv stay.
    """
    known, sheet = read(root), worst_errors.read(root)
    agreed = dict(known or {})
    for place, (record, _) in enumerate(sheet.lines):
        mine, before = (" ".join(record.get(name, "").split()) for name in ("cause", SHARED))
        here = key(record["id"])
        cause = mine if known is None or mine != before else known.get(here, "")
        agreed[here] = cause
        if cause != mine or cause != before:
            sheet.need(SHARED)
            now = {**record, "cause": cause, SHARED: cause}
            sheet.lines[place] = (now, sheet.text(now))
    agreed = {here: cause for here, cause in sorted(agreed.items()) if cause}
    if sheet.lines:
        sheet.write(root)
    if agreed or known is not None:
        write(root, agreed)
    return agreed


def read(root: Path) -> dict[str, str] | None:
    """Cause by key; None where the file is not there. ProjectError where it is no such table."""
    path = root / FILE
    if not path.is_file():
        return None
    lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    if any(line.startswith(MARKS) for line in lines):
        raise ProjectError(
            f"{FILE} holds the marks of a merge. Keep the lines of both sides, delete the marks, run again."
        )
    results = {}
    for number, cells in enumerate(csv.reader(lines), 1):
        if len(cells) < len(HEAD) and any(cells):
            raise ProjectError(f"{FILE}, line {number}: {cells[0]!r} has no cause. Bring it back from git.")
        if cells and cells[: len(HEAD)] != HEAD:
            results[cells[0].strip()] = " ".join(cells[1].split())
    return results


def write(root: Path, causes: dict[str, str]) -> None:
    """Write the file, by key, where it is not this already."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([HEAD, *causes.items()])
    path = root / FILE
    if not path.is_file() or path.read_text(encoding="utf-8") != text.getvalue():
        atomic.write_text(path, text.getvalue())
