"""Pin what pyproject.toml asks for, with hashes, for every system and Python: requirements*.lock (needs uv).

Pins that are there stay as they are unless `--upgrade` is given. requirements.lock holds all that the
project, its API and its tests need; requirements-api.lock what the API alone needs, in the same versions.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.paths import find_root

ALL, API = "requirements.lock", "requirements-api.lock"
OPTIONS = (
    *("--universal", "--generate-hashes", "--no-emit-index-url", "--no-emit-find-links", "--no-annotate"),
    *("--custom-compile-command", "uv pip compile (README.md says how)", "--quiet"),
)


def main(arguments: Sequence[str]) -> int:
    """`lock [--upgrade]`: write both locks; its exit code."""
    if list(arguments) not in ([], ["--upgrade"]):
        sys.stderr.write("usage: lock [--upgrade]\n")
        return 2
    write(find_root(), arguments)
    sys.stdout.write(
        f"{ALL} and {API} hold what pyproject.toml asks for. Install it, run the tests, build the image.\n"
    )
    return 0


def write(root: Path, options: Sequence[str] = ()) -> None:
    """Write both locks from pyproject.toml, `options` being passed to uv. Raises ProjectError."""
    try:
        project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8-sig"))["project"]
    except (OSError, ValueError, KeyError) as error:
        raise ProjectError(f"pyproject.toml cannot be read ({error}). Run this in the project.") from error
    found = re.search(r"(?:>=|~=|==)\s*(\d+(?:\.\d+)*)", str(project.get("requires-python", "")))
    if not found:
        raise ProjectError('pyproject.toml must name the lowest Python: requires-python = ">=3.11".')
    python = found[1]
    pinned(root, requirements(project, ("api", "export", "dev")), ALL, python, options)
    wanted = project["optional-dependencies"]["api"]
    pinned(root, wanted, API, python, ("--constraints", ALL, *options))


def requirements(project: dict[str, object], extras: Sequence[str]) -> list[str]:
    """The project's dependencies and those of its extras, less the project itself."""
    given = project["optional-dependencies"]
    assert isinstance(given, dict)
    found = [*project["dependencies"], *(line for extra in extras for line in given.get(extra, ()))]  # type: ignore[misc]
    return [line for line in found if not line.startswith(f"{project['name']}[")]


def pinned(root: Path, wanted: Sequence[str], lock: str, python: str, options: Sequence[str] = ()) -> None:
    """Write one lock of what these requirements need. Raises ProjectError."""
    command = [uv(), "pip", "compile", "-", *OPTIONS, "--python-version", python, *options]
    done = subprocess.run(
        [*command, "--output-file", lock],
        cwd=root,
        input="\n".join(wanted),
        text=True,
        encoding="utf-8",
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise ProjectError(f"uv could not make {lock}: {done.stderr.strip()}")


def uv() -> str:
    """Where uv is. Raises ProjectError."""
    beside = shutil.which("uv", path=str(Path(sys.executable).parent))
    if found := shutil.which("uv") or beside:
        return found
    raise ProjectError(
        "uv makes the locks, and it is not here: https://docs.astral.sh/uv/ says how to get it."
    )
