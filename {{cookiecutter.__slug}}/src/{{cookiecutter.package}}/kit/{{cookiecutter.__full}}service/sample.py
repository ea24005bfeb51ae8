"""Run every step up to the API in build/sample/, as CI does with what is in git, and touch no result.

The table: the raw files where `[data] committed` is true; else tests/sample.csv, or rows drawn from
schema.toml.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path

from ... import pipeline
from .. import specimen
from ..console import Console
from ..errors import ProjectError
from ..project import PACKAGE, Project
from .commands import STEPS

FOLDER = "build/sample"


def main(arguments: Sequence[str]) -> int:
    """Leave models/ and reports/ of a run of all steps in build/sample/; 0 when done. Raises ProjectError."""
    parser = argparse.ArgumentParser(prog=f"python -m {PACKAGE.name} sample", description=__doc__)
    parser.parse_args(arguments)
    project, console = Project(), Console()
    folder = _emptied(project.root / FOLDER)
    whole = project.param("data.committed", False)
    made = _whole(project, folder) if whole else _part(project, folder)
    pipeline.run(made, [*pipeline.STEPS, *STEPS], console)
    what = "the data" if whole else "a small table in place of the data"
    console.say(f"All steps ran on {what}. What they made is in {FOLDER}.")
    return 0


def _emptied(folder: Path) -> Path:
    try:
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(parents=True)
    except OSError as error:
        raise ProjectError(
            f"{FOLDER} cannot be made anew: {error.strerror}. Delete it, then run again."
        ) from error
    return folder


def _whole(project: Project, folder: Path) -> Project:
    """The same choices and the same raw files in that folder."""
    names = ["params.toml", "schema.toml", *project.param("data.files")]
    for name in names:
        if not (project.root / name).is_file():
            raise ProjectError(f"{name} is not there, though [data] committed in params.toml is true.")
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(project.root / name, folder / name)
    return Project(folder)


def _part(project: Project, folder: Path) -> Project:
    """The same choices with a small table in that folder."""
    made = specimen.copy(project, folder) if project.param("data.files") else None
    if made is None:
        raise ProjectError(
            f"There is no column to draw a table from yet: name your table in [data] files of params.toml, "
            f"then python -m {PACKAGE.name} poc"
        )
    return made
