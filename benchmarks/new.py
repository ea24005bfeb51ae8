"""What generating costs, beside plain Cookiecutter and a one-command Click program.

    python benchmarks/new.py [--runs N] [--ccds CHECKOUT]

The commands take turns (A B C A B C …), so that a machine that slows down slows them all; the table gives
each one's median and the median of its ratios, run by run, to the first of its group. `--ccds` names a
checkout of https://github.com/drivendataorg/cookiecutter-data-science to generate beside ours; it does less
(no data, no git).
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
HELLO = """import click

@click.command()
@click.option("--name", default="you", help="Who to greet.")
def hello(name: str) -> None:
    \"\"\"Greet somebody.\"\"\"
    click.echo(f"Hello {name}")

hello()
"""


def main() -> None:
    """Measure both groups and print a Markdown table each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--ccds", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "hello.py").write_text(HELLO)
        compare("help", help_commands(folder), options.runs, folder)
        compare("new", new_commands(folder, options.ccds), options.runs, folder)


def help_commands(folder: Path) -> dict[str, list[str]]:
    """A one-command Click program's help, and ours."""
    return {
        "one-command Click program --help": [sys.executable, str(folder / "hello.py"), "--help"],
        "poc2prod --help": [sys.executable, "-m", "poc2prod", "--help"],
    }


def new_commands(folder: Path, ccds: Path | None) -> dict[str, list[str]]:
    """Plain Cookiecutter on our template, ours, and another template if its checkout is given."""
    cookiecutter = [sys.executable, "-m", "cookiecutter", "--no-input", "-o", str(folder / "out")]
    commands = {
        "cookiecutter, the same template": [*cookiecutter, str(ROOT), "package=bench"],
        "poc2prod new --no-git": [
            *(sys.executable, "-m", "poc2prod", "new", str(folder / "out" / "bench")),
            *("--no-input", "--no-git", "--set", "package=bench"),
        ],
    }
    if ccds:
        commands["cookiecutter-data-science"] = [*cookiecutter, str(ccds), "repo_name=bench"]
    return commands


def compare(title: str, commands: dict[str, list[str]], runs: int, folder: Path) -> None:
    """Run the commands in turn and print medians and ratios to the first."""
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(runs + 1):
        for name, command in commands.items():
            took = once(command, folder)
            if turn:
                seconds[name].append(took)
    first = next(iter(seconds.values()))
    print(f"\n| {title} | median | ratio to the first |\n|---|---|---|")
    for name, times in seconds.items():
        ratio = statistics.median(mine / other for mine, other in zip(times, first, strict=True))
        print(f"| {name} | {statistics.median(times) * 1000:.0f} ms | {ratio:.2f} |")


def once(command: list[str], folder: Path) -> float:
    """Seconds of one run, in an empty output folder and a HOME of its own."""
    out = folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    home = folder / "home"
    home.mkdir(exist_ok=True)
    begin = time.perf_counter()
    subprocess.run(
        command, check=True, capture_output=True, cwd=folder, env={**os.environ, "HOME": str(home)}
    )
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()
