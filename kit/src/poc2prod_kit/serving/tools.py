"""The tools that judge code (ruff, mypy, pytest): run as modules of this Python, their words as data."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from contextlib import suppress
from importlib import metadata
from pathlib import Path

from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.paths import package

Done = subprocess.CompletedProcess[str]
INSTALL = "Install the tools: python -m pip install --require-hashes -r requirements-dev.lock"


def needed(*modules: str) -> None:
    """Raise ProjectError, naming the first module that is not installed and how to install it."""
    for module in modules:
        if importlib.util.find_spec(module) is None:
            raise ProjectError(f"{module.replace('_', '-')} is not installed. {INSTALL}")


def run(root: Path, module: str, *arguments: str) -> Done:
    """Run a module in the project's folder and collect what it says; ProjectError where it broke down.

    0: nothing was found, 1: something was, 2: its caller knows whether that was an error.
    """
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(
        command, cwd=root, env=environment(root), capture_output=True, encoding="utf-8", errors="replace"
    )
    if done.returncode not in (0, 1, 2):
        raise broken(module, done)
    return done


def broken(name: str, done: Done) -> ProjectError:
    """That a tool could not run, in its own words."""
    words = " ".join(f"{done.stderr} {done.stdout}".split())[:400]
    return ProjectError(f"{name} could not run: {words or f'it ended with {done.returncode}'}")


def environment(root: Path) -> dict[str, str]:
    """This process's environment, with the project's package importable and UTF-8 everywhere."""
    path = os.pathsep.join(filter(None, [str(package().parent), os.environ.get("PYTHONPATH", "")]))
    return {**os.environ, "PYTHONPATH": path, "PYTHONUTF8": "1", "NO_COLOR": "1"}


def inside(root: Path, name: str) -> str:
    """A file's name from the project's root; as it is where it lies elsewhere."""
    path = root / name
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()


def versions(*names: str) -> dict[str, str]:
    """The versions of Python and of those distributions that are installed."""
    results = {"python": ".".join(map(str, sys.version_info[:3]))}
    for name in names:
        with suppress(metadata.PackageNotFoundError):
            results[name] = metadata.version(name)
    return results
