"""Where the project lies, and the package that uses this library: known without any other library."""

from __future__ import annotations

from pathlib import Path

from poc2prod_kit.run.errors import ProjectError

_package: list[Path] = []


def use_package(folder: Path) -> Path:
    """Say which package this process runs: messages name it, and its modules are hashed."""
    _package[:] = [folder.resolve()]
    return _package[0]


def package() -> Path:
    """The folder of the package that runs, as it was handed in."""
    if not _package:
        raise ProjectError("No project's package runs here: start with python -m <package>.")
    return _package[0]


def find_root() -> Path:
    """The nearest folder upwards with a params.toml, from here or else from where the package lies."""
    for begin in (Path.cwd(), *_package):
        for folder in (begin, *begin.parents):
            if (folder / "params.toml").is_file():
                return folder
    raise ProjectError("No params.toml here or above. Change into the project's folder and try again.")
