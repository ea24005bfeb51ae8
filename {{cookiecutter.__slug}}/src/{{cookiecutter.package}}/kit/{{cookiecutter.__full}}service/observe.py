"""All that this machine can observe, one after the other: `python -m <package> observe`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from ..console import Console
from ..errors import ProjectError
from ..project import PACKAGE, find_root
from . import records

KINDS = {"lint": "lint", "test": "testing", "load": "load", "image": "image"}
RECORD = {"load": "latency"}


def main(arguments: Sequence[str]) -> int:
    """Lint, test, load and, where an engine answers, image; say what was recorded. 0 if all went well."""
    argparse.ArgumentParser(prog=f"python -m {PACKAGE.name} observe", description=__doc__).parse_args(
        arguments
    )
    console, root = Console(), find_root()
    lines, well = [], True
    for name in KINDS:
        console.heading(f"\n{name}")
        before = {item["seal"] for item in records.read(root)}
        code, why = _run(name)
        made = [item for item in records.read(root) if item["seal"] not in before]
        file = f"{records.FOLDER}/{records.name(made[0])}" if made else "nothing recorded"
        lines.append((name, file, why or ("" if code == 0 else f"ended with {code}, see above")))
        well = well and code == 0
    console.heading("\nobserved")
    for name, file, why in lines:
        console.paragraph(f"{file}{': ' if why else ''}{why}", f"{name:<13}", " " * 13)
    return 0 if well else 1


def _run(name: str) -> tuple[int, str]:
    """Its exit code, and what a person must change first."""
    try:
        call: Callable[[list[Any]], int] = import_module(f".{KINDS[name]}", __package__).main
        return call([]), ""
    except ProjectError as error:
        return 2, str(error)
    except ImportError as error:
        return 2, f"{error.name or error} is not installed"
    except SystemExit as error:
        return (error.code if isinstance(error.code, int) else 2), ""
