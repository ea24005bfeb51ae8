"""Where the package lies, and the project: known without any library."""

from __future__ import annotations

from pathlib import Path

from .errors import ProjectError

PACKAGE = Path(__file__).resolve().parents[1]


def find_root() -> Path:
    """The nearest folder upwards with a params.toml, from here or else from where the package lies."""
    for begin in (Path.cwd(), PACKAGE):
        for folder in (begin, *begin.parents):
            if (folder / "params.toml").is_file():
                return folder
    raise ProjectError("No params.toml here or above. Change into the project's folder and try again.")
