"""Run every step up to the API in build/sample/, as CI does with what is in git, and touch no result.

The table: the raw files where `[data] committed` is true; else tests/sample.csv, or rows drawn from
schema.toml.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path

from poc2prod_kit.run import sample_project, steps, toml
from poc2prod_kit.run.console import Console
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.paths import package
from poc2prod_kit.run.project import Project
from poc2prod_kit.serving.commands import STEPS

FOLDER, GOLDEN = "build/sample", "tests/golden"


def main(arguments: Sequence[str]) -> int:
    """Leave in build/sample/ what all steps make; 0 when done. Raises ProjectError."""
    parser = argparse.ArgumentParser(prog=f"python -m {package().name} sample", description=__doc__)
    parser.parse_args(arguments)
    project, console = Project(), Console()
    folder = _emptied(project.root / FOLDER)
    whole = project.param("data.committed", False)
    made = _whole(project, folder) if whole else _part(project, folder)
    shutil.copy(project.root / "pyproject.toml", folder)
    steps.run(made, [*project.code.steps, *STEPS], console)
    what = "the data" if whole else "a small table in place of the data"
    console.say(f"All steps ran on {what}. What they made is in {FOLDER}.")
    return 0


def _emptied(folder: Path) -> Path:
    try:
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(parents=True)
    except OSError as error:
        text = f"{FOLDER} cannot be made anew: {error.strerror}. Delete it, then run again."
        raise ProjectError(text) from error
    return folder


def _whole(project: Project, folder: Path) -> Project:
    """The same choices, raw files and golden rows in that folder."""
    names = ["params.toml", "schema.toml", *project.param("data.files")]
    for name in names:
        if not (project.root / name).is_file():
            raise ProjectError(f"{name} is not there, though [data] committed in params.toml is true.")
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(project.root / name, folder / name)
    sample_project.copy_cleaning(project, folder)
    if (project.root / GOLDEN).is_dir():
        shutil.copytree(project.root / GOLDEN, folder / GOLDEN)
    return Project(folder)


def _part(project: Project, folder: Path) -> Project:
    """The same choices, but for those on where the table lies and how it is written, with a small table."""
    run = f"python -m {package().name} poc"
    if not project.param("data.files"):
        raise ProjectError(f"[data] files in params.toml names no table yet. Name yours, then {run}")
    made = sample_project.copy(project, folder)
    if made is None:
        raise ProjectError(
            f"schema.toml names no column yet. Where the table is, {run}; then commit schema.toml."
        )
    lines = [f"{toml.text(key)} = {toml.text(value)}\n" for key, value in made.params.items()]
    (folder / "params.toml").write_text("".join(lines), encoding="utf-8", newline="\n")
    return Project(folder)
