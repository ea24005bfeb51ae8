"""All that this machine can observe, one after the other: `python -m <package> observe`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from importlib import import_module

from poc2prod_kit.run.console import Console
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.paths import find_root, package
from poc2prod_kit.serving import engine, records

KINDS = {"lint": "lint", "test": "testing", "load": "load", "image": "image"}


def main(arguments: Sequence[str]) -> int:
    """Lint, test, load and, where an engine answers, image; say what was recorded. 0 if all went well."""
    further = _options(arguments)
    engine.interruptible()
    console, root = Console(), find_root()
    lines, well, kinds = [], True, dict(KINDS)
    if lacking := _no_engine():
        kinds.pop("image")
        lines.append(("image", "not observed", lacking))
    for name in kinds:
        console.heading(f"\n{name}")
        before = {item["seal"] for item in records.read(root)}
        code, why = _run(name, further if name == "image" else [])
        made = [item for item in records.read(root) if item["seal"] not in before]
        file = f"{records.FOLDER}/{records.name(made[0])}" if made else "nothing new recorded"
        lines.append((name, file, why or ("" if code == 0 else f"ended with {code}, see above")))
        well = well and code == 0
    console.heading("\nobserved")
    for name, file, why in sorted(lines, key=lambda line: list(KINDS).index(line[0])):
        console.paragraph(f"{file}{': ' if why else ''}{why}", f"{name:<13}", " " * 13)
    return 0 if well else 1


def _options(arguments: Sequence[str]) -> list[str]:
    """What stands after --, with it: it is passed on to `image`, which hands it to the engine."""
    own, further = engine.parted(arguments)
    made = argparse.ArgumentParser(
        prog=f"python -m {package().name} observe",
        usage="%(prog)s [-- OPTION ...]",
        description=__doc__,
        epilog="What stands after -- goes to `docker build`, such as -- --network host",
    )
    made.parse_args(own)
    return ["--", *further] if further else []


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
        call: Callable[[list[str]], int] = import_module(f".{KINDS[name]}", __package__).main
        return call(arguments), ""
    except ProjectError as error:
        return 2, str(error)
    except ImportError as error:
        return 2, f"{error.name or error} is not installed"
    except SystemExit as error:
        return (error.code if isinstance(error.code, int) else 2), ""
