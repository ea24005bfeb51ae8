"""All that this machine can observe, one after the other: `python -m <package> observe`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from poc2prod_kit.run.console import Console
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.paths import find_root, package
from poc2prod_kit.serving import commands, engine, records

KINDS = ("lint", "test", "load", "image")


def main(arguments: Sequence[str]) -> int:
    """Lint, test, load and, where an engine answers, image; say what was recorded. 0 if all went well."""
    parser = argparse.ArgumentParser(
        prog=f"python -m {package().name} observe", usage="%(prog)s [-- OPTION ...]", description=__doc__
    )
    parser.add_argument("options", nargs="*", metavar="OPTION", help=engine.OPTIONS)
    given = parser.parse_args(arguments)
    engine.interruptible()
    console, folder = Console(), find_root() / records.FOLDER
    lines, well, lacking = {}, True, _no_engine()
    for name in KINDS:
        if name == "image" and lacking:
            lines[name] = f"not observed: {lacking}"
            continue
        console.heading(f"\n{name}")
        before = set(folder.glob("*.json"))
        code, why = _run(name, ["--", *given.options] if name == "image" else [])
        made = [path.name for path in folder.glob("*.json") if path not in before]
        file = f"{records.FOLDER}/{made[0]}" if made else "nothing new recorded"
        ended = why or (f"ended with {code}, see above" if code else "")
        lines[name] = f"{file}: {ended}" if ended else file
        well = well and code == 0
    console.heading("\nobserved")
    for name, words in lines.items():
        console.paragraph(words, f"{name:<13}", " " * 13)
    return 0 if well else 1


def _no_engine() -> str:
    """Why no image can be built here; empty where a container engine answers."""
    try:
        engine.find()
    except ProjectError as error:
        return str(error)
    return ""


def _run(name: str, arguments: list[str]) -> tuple[int, str]:
    """Its exit code, and what a person must change first."""
    try:
        return commands.main([name, *arguments]), ""
    except ProjectError as error:
        return 2, str(error)
    except SystemExit as error:
        return (error.code if isinstance(error.code, int) else 2), ""
