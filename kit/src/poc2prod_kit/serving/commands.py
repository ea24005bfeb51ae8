"""The commands of Part II besides its steps: each a function of one module, loaded when it is called."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

from poc2prod_kit.run.errors import ProjectError

STEPS = ("contract", "api")
# What comes after each of the steps.
NEXT = {
    "contract": "api (export the model, and see that its answers are the same)",
    "api": "observe (lint, test, load and image, each recorded; or `serve` to ask it yourself)",
}
COMMANDS = {
    "serve": ("server", "refresh contract and API if they are stale, then answer HTTP on this machine"),
    "load": ("load", "put the API under load, and record how fast it answers"),
    "lint": ("lint", "format, lint, types, complexity and golden predictions, and record what was found"),
    "test": ("testing", "run the tests with coverage, and record what came out"),
    "sample": ("sample", "run all steps in build/sample/ as CI does, with what is in git"),
    "image": ("image", "build the image, ask it for golden predictions, and record what it said"),
    "lock": ("locks", "pin every package of pyproject.toml with hashes, for CI and the image (needs uv)"),
    "observe": ("observe", "lint, test and load, and image where an engine answers"),
}


def main(arguments: Sequence[str]) -> int:
    """Run the command that is named first, with the rest as its own arguments; its exit code."""
    name, *rest = arguments
    try:
        module = import_module(f".{COMMANDS[name][0]}", __package__)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith(str(__package__)):
            raise
        raise ProjectError(
            f"`{name}` needs {error.name}, which is not installed here: "
            'python -m pip install --editable ".[dev]"'
        ) from error
    code: int = module.main(rest)
    return code


def named(arguments: Sequence[str] | None) -> list[str]:
    """The arguments, if the first of them is a command of this module; else none."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    return given if given and given[0] in COMMANDS else []
