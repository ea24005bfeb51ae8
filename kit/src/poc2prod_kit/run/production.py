"""The steps and commands after the proof of concept, where this project has them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from poc2prod_kit.run.paths import package
from poc2prod_kit.serving import commands

STEPS = commands.STEPS


def there() -> bool:
    """Whether this project goes further than the proof of concept: it has the first step's module."""
    return (package() / f"{STEPS[0]}.py").is_file()


def command(arguments: Sequence[str] | None) -> list[str]:
    """The arguments, if they name a command of the service; else none."""
    return commands.named(arguments) if there() else []


def main(arguments: Sequence[str]) -> int:
    """Run that command; its exit code."""
    return commands.main(arguments)


def after(step: str) -> str:
    """The command to run after this step of the service, with what it does; "" for any other step."""
    what = commands.NEXT.get(step, "")
    return what and f"Next: python -m {package().name} {what}"


def described(step: Callable[[str], str]) -> str:
    """The further steps and commands, a line each; nothing where there are none."""
    if not there():
        return ""
    steps = [f"  {name:<10} {step(name)}" for name in STEPS]
    others = [f"  {name:<10} {words}" for name, (_, words) in commands.COMMANDS.items()]
    return "\n\nthen, towards production:\n" + "\n".join([*steps, *others])
