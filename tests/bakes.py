"""What the tests of generated projects share: interpreters at hand, and commands run inside a project."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

SUPPORTED = ((3, 11), (3, 12), (3, 13), (3, 14))
ROOT = Path(__file__).parents[1]


def clean_environment(**extra: str) -> dict[str, str]:
    """The environment without what would reach into a generated project from here."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV_", "GIT_"))
    }
    return {**kept, **extra}


def run(
    folder: Path, *command: str, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder; its output as text, whatever its exit code."""
    return subprocess.run(
        command,
        cwd=folder,
        env=environment or clean_environment(PYTHONPATH=str(folder / "src")),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def succeed(folder: Path, *command: str) -> str:
    """Run a command that must end with 0, and give what it printed."""
    done = run(folder, *command)
    assert done.returncode == 0, (
        f"{' '.join(command)} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    )
    return done.stdout + done.stderr


@cache
def interpreters() -> dict[tuple[int, int], str]:
    """The supported Pythons found on PATH and among pyenv's, by version."""
    found = {sys.version_info[:2]: sys.executable}
    for version in SUPPORTED:
        for candidate in _candidates(f"python{version[0]}.{version[1]}"):
            if version not in found and _answers(candidate, version):
                found[version] = candidate
    return found


def _candidates(name: str) -> list[str]:
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    on_path = shutil.which(name)
    return [*([on_path] if on_path else []), *(str(path) for path in sorted(pyenv.glob(f"*/bin/{name}")))]


def _answers(candidate: str, version: tuple[int, int]) -> bool:
    code = "import sys, venv, ensurepip; print(*sys.version_info[:2])"
    done = subprocess.run([candidate, "-c", code], capture_output=True, text=True, check=False)
    return done.stdout.split() == [str(part) for part in version]
