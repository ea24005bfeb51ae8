"""The tools that judge code (ruff, mypy, pytest): run as modules of this Python, their words as data."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
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


def run(root: Path, module: str, *arguments: str, fine: tuple[int, ...] = (0, 1)) -> Done:
    """Run a module in the project's folder and collect what it says; ProjectError where it broke down."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=root,
        env=environment(root),
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode not in fine:
        items = [line for line in (done.stderr + "\n" + done.stdout).splitlines() if line.strip()]
        words = " ".join(" ".join(items[:3]).split())[:400]
        raise ProjectError(f"{module} could not run: {words or f'it ended with {done.returncode}'}")
    return done


def environment(root: Path) -> dict[str, str]:
    """This process's environment, with the project's package importable and UTF-8 everywhere."""
    path = os.pathsep.join(filter(None, [str(package().parent), os.environ.get("PYTHONPATH", "")]))
    return {**os.environ, "PYTHONPATH": path, "PYTHONUTF8": "1", "NO_COLOR": "1"}


def versions(*names: str) -> dict[str, str]:
    """The versions of Python and of those distributions that are installed."""
    results = {"python": ".".join(map(str, sys.version_info[:3]))}
    for name in names:
        try:
            results[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return results
