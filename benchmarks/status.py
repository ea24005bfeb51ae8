"""What `poc2prod status` costs, beside bare Python and beside existing checklist tools on the same project.

    python benchmarks/status.py FOLDER [--runs N]

FOLDER is for what is installed and made, and can be deleted afterwards; what it already holds is used again.
Every tool is installed from PyPI into an environment of its own, poc2prod from this checkout. The project is
the employment demo, no target set: all steps run, test part opened, forms answered, checked, 200 events.
Without bytecode means that no module, of Python's library neither, finds its .pyc. Needs what generated
projects need, and the network once.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from compare import Command, table, turns

from poc2prod import evidence, state
from poc2prod.checklist import step
from poc2prod.files import Root
from poc2prod.project import Facts

ROOT = Path(__file__).parents[1]
ANSWERS = ROOT / "tests" / "bench" / "answers" / "docs"
EVENTS = 200
# What to install, and the command that looks at a project; where it finds something, it ends with 1 or more.
TOOLS = {
    "repo-review": (["repo-review[cli]", "sp-repo-review"], ["repo-review", "."]),
    "validate-pyproject": (["validate-pyproject[all]"], ["validate-pyproject", "pyproject.toml"]),
    "pyroma": (["pyroma"], ["pyroma", "."]),
}


def main() -> None:
    """Print three tables: with bytecode, without, and `check`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=int, default=15)
    options = parser.parse_args()
    folder = options.folder.resolve()
    project = demo(folder / "demo")
    install(folder / "poc2prod", [str(ROOT)])
    for name, (packages, _) in TOOLS.items():
        install(folder / name, packages)
    command(folder, "poc2prod", ["poc2prod", "check"], project)
    bare = {"PYTHONPYCACHEPREFIX": str(folder / "no-bytecode"), "PYTHONDONTWRITEBYTECODE": "1"}
    print(table("with bytecode", turns(commands(folder, project, {}), options.runs)))
    print(f"\n{table('without bytecode', turns(commands(folder, project, bare), options.runs))}")
    check = {"poc2prod check": command(folder, "poc2prod", ["poc2prod", "check"], project)}
    print(f"\n{table('Part I', turns(check, options.runs))}")


def commands(folder: Path, project: Path, variables: dict[str, str]) -> dict[str, Command]:
    """Bare Python, ours, and the others, all on the same project."""
    bare = Command([str(scripts(folder / "poc2prod") / "python"), "-c", "pass"], project, variables)
    ours = command(folder, "poc2prod", ["poc2prod", "status"], project, variables)
    others = {
        f"{name} {call[-1]}": command(folder, name, call, project, variables)
        for name, (_, call) in TOOLS.items()
    }
    return {"python -c pass": bare, "poc2prod status": ours, **others}


def command(
    folder: Path, name: str, call: list[str], project: Path, variables: dict[str, str] | None = None
) -> Command:
    """A tool's own console script in its own environment."""
    script = str(scripts(folder / name) / call[0])
    return Command([script, *call[1:]], project, variables or {}, codes=(0, 1, 2, 3, 4))


def install(folder: Path, packages: list[str]) -> None:
    """Make an environment, unless it is there."""
    if not folder.is_dir():
        venv.create(folder, with_pip=True)
        python = str(scripts(folder) / "python")
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *packages], check=True)


def scripts(folder: Path) -> Path:
    """Where an environment has its commands."""
    return folder / ("Scripts" if os.name == "nt" else "bin")


def demo(project: Path) -> Path:
    """The finished demo with its events, unless it is there."""
    if not project.is_dir():
        python = [sys.executable, "-m"]
        new = [*python, "poc2prod", "new", str(project), "--no-input", "--no-git", "--set", "package=demo"]
        subprocess.run(new, check=True, stdout=subprocess.DEVNULL)
        shutil.copytree(ANSWERS, project / "docs", dirs_exist_ok=True)
        variables = {**os.environ, "PYTHONPATH": str(project / "src")}
        for arguments in (["poc"], ["evaluate", "--open-test"], ["poc"]):
            run = [*python, "demo", *arguments]
            subprocess.run(run, check=True, cwd=project, env=variables, stdout=subprocess.DEVNULL)
        record(project)
    return project


def record(project: Path) -> None:
    """Write the events of a long project: people sign, talk and sign again."""
    files = Root(str(project))
    content = {slug: evidence.signed(step(slug), Facts(str(project))) for slug in ("problem", "improve")}
    for number in range(EVENTS):
        log, who = state.read(files), f"Person {number % 7} <person{number % 7}@example.org>"
        slug = ("problem", "improve")[number % 2]
        if number % 4 < 2:
            state.write(files, log, "sign", slug, who, "", role="owner", content=content[slug])
        else:
            state.write(files, log, "check-in", "", who, "", **{"with": "Ada", "decided": f"point {number}"})


if __name__ == "__main__":
    main()
