"""Pin what pyproject.toml asks for, with hashes, for every system and Python: requirements*.lock (needs uv).

Pins that are there stay as they are unless `--upgrade` is given. requirements.lock holds what the steps need,
requirements-dev.lock all else besides, requirements-api.lock what the API alone needs, in the same versions.
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

ALL, STEPS, API = "requirements-dev.lock", "requirements.lock", "requirements-api.lock"
OPTIONS = (
    *("--universal", "--generate-hashes", "--no-strip-extras", "--no-annotate"),
    *("--no-emit-index-url", "--no-emit-find-links"),
    *("--custom-compile-command", "uv pip compile (README.md says how)", "--quiet"),
)
# This library in vendor/: its wheel, which uv does not take as a constraint; or its folder, which has no hash
WHEEL = re.compile(r"^vendor/\S+\.whl(?: \\\n +--hash=\S+)+\n", re.MULTILINE)
FOLDER = re.compile(r"^(?:-e )?(?:\./)?vendor/poc2prod_kit\n", re.MULTILINE)


def main(arguments: Sequence[str]) -> int:
    """`lock [--upgrade]`: write the locks; its exit code."""
    if list(arguments) not in ([], ["--upgrade"]):
        sys.stderr.write("usage: lock [--upgrade]\n")
        return 2
    written = write(find_root(), arguments)
    sys.stdout.write(
        f"{', '.join(written)} hold what pyproject.toml asks for. "
        "Install them, run the tests, build the image.\n"
    )
    return 0


def write(root: Path, options: Sequence[str] = ()) -> list[str]:
    """Write the locks from pyproject.toml, `options` being passed to uv; their names. Raises ProjectError."""
    try:
        document = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8-sig"))
        lowest = str(document["project"].get("requires-python", ""))
    except (OSError, ValueError, KeyError) as error:
        raise ProjectError(f"pyproject.toml cannot be read ({error}). Run this in the project.") from error
    match = re.search(r"(?:>=|~=|==)\s*(\d+(?:\.\d+)*)", lowest)
    if not match:
        raise ProjectError('pyproject.toml must name the lowest Python: requires-python = ">=3.11".')
    wanted: dict[str, tuple[str, ...]] = {
        ALL: ("pyproject.toml", "--all-extras"),
        STEPS: ("pyproject.toml", "--constraints", "-"),
    }
    if "api" in document.get("dependency-groups", {}):
        wanted[API] = ("--group", "api", "--constraints", "-")
    for lock, what in wanted.items():
        held = "" if lock == ALL else WHEEL.sub("", (root / ALL).read_text(encoding="utf-8"))
        _pinned(root, lock, (*what, "--python-version", match[1], *options), held)
    return list(wanted)


def _pinned(root: Path, lock: str, arguments: Sequence[str], constraints: str) -> None:
    done = subprocess.run(
        [uv(), "pip", "compile", *OPTIONS, *arguments, "--output-file", lock],
        cwd=root,
        input=constraints,
        text=True,
        encoding="utf-8",
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise ProjectError(f"uv could not make {lock}: {done.stderr.strip()}")
    text = (root / lock).read_text(encoding="utf-8")
    (root / lock).write_text(FOLDER.sub("", text), encoding="utf-8", newline="\n")


def uv() -> str:
    """Where uv is. Raises ProjectError."""
    beside = shutil.which("uv", path=str(Path(sys.executable).parent))
    if result := shutil.which("uv") or beside:
        return result
    raise ProjectError(
        "uv makes the locks, and it is not here: https://docs.astral.sh/uv/ says how to get it."
    )
