"""What `new`, `status`, `check` and a project's `poc` cost in CPU time, in one checkout beside another.

    python benchmarks/checkouts.py OLD NEW [--runs N] [--demo NAME]

OLD and NEW are checkouts of this repository, for instance made by `git worktree add`. Each makes its own
project and works on it; they take turns. This Python's packages are used for both, so it needs those of
requirements-dev.lock.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from compare import Command, cpu, table, turns


def main() -> None:
    """Print a table for each command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--demo", default="employment")
    options = parser.parse_args()
    checkouts = {name: getattr(options, name).resolve() for name in ("old", "new")}
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        made = {name: new(root, base / name / "demo", options.demo) for name, root in checkouts.items()}
        for command in made.values():
            cpu(command)
        work = {name: (root, base / name / "demo") for name, root in checkouts.items()}
        # `poc` comes first: the other two read what it leaves. Its repetitions are fewer, each takes a minute
        show("poc", {name: poc(*at) for name, at in work.items()}, max(options.runs // 3, 1))
        show("check", {name: ours(*at, "check") for name, at in work.items()}, options.runs)
        show("status", {name: ours(*at, "status") for name, at in work.items()}, options.runs)
        fresh = {
            name: renewed(new(root, base / name / "again", options.demo)) for name, root in checkouts.items()
        }
        show("new --no-git", fresh, options.runs)


def show(title: str, commands: dict[str, Command], runs: int) -> None:
    """One table."""
    print(table(title, turns(commands, runs, once=cpu)), end="\n\n", flush=True)


def paths(*folders: Path) -> dict[str, str]:
    """Modules come from these folders; thread pools of numerical libraries would only wait for each other."""
    return {"PYTHONPATH": os.pathsep.join(map(str, folders)), "OMP_NUM_THREADS": "1"}


def new(root: Path, project: Path, demo: str) -> Command:
    """Generate a project."""
    call = [sys.executable, "-m", "poc2prod", "new", str(project), "--no-input", "--no-git"]
    answers = ["--set", f"demo={demo}", "--set", "package=demo"]
    return Command([*call, *answers], root, paths(root / "src", root / "kit" / "src"))


def renewed(command: Command) -> Command:
    """The same, after the project of the last turn is gone."""
    script = (
        "import runpy, shutil, sys; shutil.rmtree(sys.argv[2], ignore_errors=True); "
        "runpy.run_module('poc2prod', run_name='__main__', alter_sys=True)"
    )
    return command._replace(arguments=[sys.executable, "-c", script, *command.arguments[3:]])


def ours(root: Path, project: Path, name: str) -> Command:
    """A command of poc2prod in a project."""
    variables = paths(root / "src", root / "kit" / "src")
    return Command([sys.executable, "-m", "poc2prod", name], project, variables, codes=(0, 1, 3))


def poc(root: Path, project: Path) -> Command:
    """The whole proof of concept of a project, from its own source and this checkout's library."""
    variables = paths(project / "src", root / "kit" / "src")
    return Command([sys.executable, "-m", "demo", "poc"], project, variables)


if __name__ == "__main__":
    main()
