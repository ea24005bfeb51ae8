"""What generating costs, beside plain Cookiecutter and a one-command Click program.

    python benchmarks/new.py [--runs N] [--ccds COMMAND CHECKOUT]

The commands take turns; the tables give medians and the medians of ratios, run by run, to the first of
the group. `--ccds` names the command of the PyPI package cookiecutter-data-science and a checkout of
https://github.com/drivendataorg/cookiecutter-data-science to generate beside ours; it does less (no data,
no pipeline).
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from compare import Command, table, turns

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
    parser = argparse.ArgumentParser(description="What generating costs.")
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--ccds", nargs=2, metavar=("COMMAND", "CHECKOUT"), default=())
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "hello.py").write_text(HELLO)
        print(table("help", turns(help_commands(folder), options.runs)), end="\n\n")
        commands = new_commands(folder, *options.ccds)
        print(table("new", turns(commands, options.runs, lambda: empty(folder / "out"))))


def help_commands(folder: Path) -> dict[str, Command]:
    """A one-command Click program's help, and ours."""
    commands = {
        "one-command Click program --help": [sys.executable, str(folder / "hello.py"), "--help"],
        "poc2prod --help": [sys.executable, "-m", "poc2prod", "--help"],
    }
    return {name: Command(arguments, folder) for name, arguments in commands.items()}


def new_commands(folder: Path, *ccds: str) -> dict[str, Command]:
    """Plain Cookiecutter on our template, ours, and another template if its command is given."""
    options = ["--no-input", "-o", str(folder / "out")]
    commands = {
        "cookiecutter, the same template": [
            *(sys.executable, "-m", "cookiecutter", *options),
            *(str(ROOT), "package=bench"),
        ],
        "poc2prod new --no-git": [
            *(sys.executable, "-m", "poc2prod", "new", str(folder / "out" / "bench")),
            *("--no-input", "--no-git", "--set", "package=bench"),
        ],
    }
    if ccds:
        commands["cookiecutter-data-science"] = [*ccds, *options, "repo_name=bench"]
    home = {"HOME": str(folder)}
    return {name: Command(arguments, folder, home) for name, arguments in commands.items()}


def empty(folder: Path) -> None:
    """An empty output folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()


if __name__ == "__main__":
    main()
