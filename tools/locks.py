"""Pin what generated projects need, with hashes: the lock files of the template, for each scope.

    python tools/locks.py              pins that fit stay as they are
    python tools/locks.py --upgrade    the newest versions that fit

Needs uv. Nothing of the machine it runs on gets into the files: no index, no path. Then run the tests: they
install from these files.
"""

from __future__ import annotations

import importlib
import json
import shutil
import sys
import tempfile
import tomllib
import types
from pathlib import Path

from jinja2 import Environment

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = ROOT / "{{cookiecutter.__slug}}"
KIT = TEMPLATE / "src" / "{{cookiecutter.package}}" / "kit"
OLDEST = "3.11"
# The first holds all that the others do, which take its versions.
SCOPES = (
    ("{{cookiecutter.__lock_full_parquet}}requirements.lock", "full", "true"),
    ("{{cookiecutter.__lock_full}}requirements.lock", "full", ""),
    ("{{cookiecutter.__lock_poc_parquet}}requirements.lock", "poc", "true"),
    ("{{cookiecutter.__lock_poc}}requirements.lock", "poc", ""),
)
API = "{{cookiecutter.__full}}requirements-api.lock"


def project(scope: str, parquet: str) -> dict[str, object]:
    """[project] of a generated pyproject.toml."""
    answers = json.loads((ROOT / "cookiecutter.json").read_text(encoding="utf-8"))
    given = {key: value for key, value in answers.items() if isinstance(value, str) and "{" not in value}
    given |= {"package": "project", "scope": scope, "_parquet": parquet, "python_version": OLDEST}
    text = (TEMPLATE / "pyproject{{cookiecutter.__dot}}toml").read_text(encoding="utf-8")
    rendered = Environment().from_string(text).render(cookiecutter={**given, "license": "MIT"})
    found: dict[str, object] = tomllib.loads(rendered)["project"]
    return found


def maker() -> types.ModuleType:
    """The module with which a generated project pins its own."""
    for name, folder in (("kit", KIT), ("kit.service", KIT / "{{cookiecutter.__full}}service")):
        package = types.ModuleType(name)
        package.__path__ = [str(folder)]
        sys.modules[name] = package
    return importlib.import_module("kit.service.locks")


def main(options: list[str]) -> None:
    """Write all lock files of the template."""
    locks, made = maker(), ""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for name, scope, parquet in SCOPES:
            found = project(scope, parquet)
            held = ("--constraints", made) if made else ()
            _pin(locks, folder, locks.requirements(found, ("api", "export", "dev")), name, (*held, *options))
            made = made or name
        wanted = project("full", "")["optional-dependencies"]["api"]  # type: ignore[index]
        _pin(locks, folder, wanted, API, ("--constraints", made, *options))


def _pin(
    locks: types.ModuleType, folder: Path, wanted: list[str], name: str, options: tuple[str, ...]
) -> None:
    if (TEMPLATE / name).is_file():
        shutil.copy(TEMPLATE / name, folder / name)
    locks.pinned(folder, wanted, name, OLDEST, options)
    shutil.copyfile(folder / name, TEMPLATE / name)


if __name__ == "__main__":
    main(sys.argv[1:])
