"""Make the template's package importable as `project`, from a copy whose files have their final names."""

from __future__ import annotations

import atexit
import importlib
import shutil
import sys
import tempfile
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "{{cookiecutter.__slug}}" / "src" / "{{cookiecutter.package}}"
CHOSEN = ("{{cookiecutter.__own}}", "{{cookiecutter.__full}}")


def _copy(source: Path, target: Path) -> None:
    """The modules of own data and full scope; those of other answers are left out."""
    target.mkdir()
    for path in source.iterdir():
        name = path.name
        for prefix in CHOSEN:
            name = name.removeprefix(prefix)
        if path.is_dir() and name != "__pycache__":
            _copy(path, target / name)
        elif path.suffix == ".py" and not name.startswith("{{"):
            shutil.copy(path, target / name)


_folder = Path(tempfile.mkdtemp(prefix="poc2prod-tests-"))
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
_copy(PACKAGE, _folder / "project")
sys.path.insert(0, str(_folder))
importlib.import_module("project.pipeline")
