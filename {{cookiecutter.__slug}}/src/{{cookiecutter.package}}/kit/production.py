"""The steps and commands after the proof of concept, where this project has them (kit/service/)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from .place import PACKAGE

THERE = (Path(__file__).parent / "service" / "commands.py").is_file()
_commands: Any = import_module(".service.commands", __package__) if THERE else None
STEPS: tuple[str, ...] = _commands.STEPS if THERE else ()


def command(arguments: Sequence[str] | None) -> list[str]:
    """The arguments, if they name a command of the service; else none."""
    found: list[str] = _commands.named(arguments) if THERE else []
    return found


def main(arguments: Sequence[str]) -> int:
    """Run that command; its exit code."""
    code: int = _commands.main(arguments)
    return code


def after(step: str) -> str:
    """The command to run after this step of the service, with what it does; "" for any other step."""
    told: str = _commands.NEXT.get(step, "") if THERE else ""
    return told and f"Next: python -m {PACKAGE.name} {told}"


def described(step: Callable[[str], str]) -> str:
    """The further steps and commands, a line each; nothing where there are none."""
    if not THERE:
        return ""
    steps = [f"  {name:<10} {step(name)}" for name in STEPS]
    commands = [f"  {name:<10} {words}" for name, (_, words) in _commands.COMMANDS.items()]
    return "\n\nthen, towards production:\n" + "\n".join([*steps, *commands])
