"""What the checklist's commands share: which project, which step, who is calling, and how output is
printed.
"""

import json
import os
import re
from collections.abc import Callable
from typing import Any

import click

from ..errors import CallError
from ..evidence.finding import FAIL
from ..project import find_root, is_project
from ..review import DONE, Review
from ..survey import Survey
from .console import color

HELP = {"help_option_names": ["-h", "--help"]}


def on_project(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --project PATH."""
    return click.option(
        "--project", metavar="PATH", help="The project's folder; else the nearest one upwards."
    )(command)


def as_json(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --json."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of words.")(
        command
    )


def identified(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --as 'Name <mail>' and --note TEXT."""
    command = click.option("--note", default="", metavar="TEXT", help="A word on it, kept with it.")(command)
    return click.option("--as", "as_", metavar="'NAME <MAIL>'", help="Who you are; else as git knows you.")(
        command
    )


def survey(project: str | None, *, remember: bool = False, full: bool = False) -> Survey:
    """The project at a path or around here. CallError where the path is no folder."""
    if project is not None and not os.path.isdir(project):
        raise CallError(f"--project {project}: there is no such folder.")
    return Survey(
        os.path.abspath(project) if project is not None else find_root(os.getcwd()),
        remember=remember,
        full=full,
    )


def strange(found: Survey) -> str:
    """What to say where nothing marks the folder as a project; empty where something does."""
    if is_project(found.facts.root):
        return ""
    return (
        f"No project here: neither poc2prod.toml nor params.toml in {found.facts.root} or above.\n"
        "  cd into a project, or name it: --project PATH\n"
        "  poc2prod new                  makes one\n"
        "  an empty poc2prod.toml        follows a repository that is there already ([paths] in it says\n"
        "                                where files lie that it keeps elsewhere)"
    )


def inside(project: str | None) -> Survey:
    """As `survey`, for what people record. CallError where nothing marks the folder as a project."""
    found = survey(project)
    if strange(found):
        raise CallError(strange(found))
    return found


def readable(found: Survey) -> None:
    """CallError where params.toml or poc2prod.toml cannot be read, for what rests on them."""
    if found.facts.damage:
        raise CallError(f"{'; '.join(map(str, found.facts.damage))}. Mend it first.")


def outside(found: Survey, more: str = "") -> None:
    """Say, before anything else, that nothing marks the folder as a project, where that is so.

    `more`: what to call that which follows.
    """
    if strange(found):
        out(f"{strange(found)}\n{more and chr(10)}{more}")


def who(as_: str | None, found: Survey) -> str:
    """`Name <mail>` from --as, else from git. CallError where neither says."""
    if as_ is not None:
        match = re.fullmatch(r"\s*([^<>\n]*[^<>\s])\s*<([^<>\s@]+@[^<>\s@]+)>\s*", as_)
        if not match or not match[0].isprintable():
            raise CallError(f"--as {as_!r} is not of the form 'Name <mail@example.org>'.")
        return f"{match[1]} <{match[2]}>"
    from ..git import identity

    known = identity(found.facts.root)
    if not known:
        raise CallError("git does not know who you are. Say it: --as 'Name <mail@example.org>'.")
    return known


def code(reviews: list[Review]) -> int:
    """0: all done; 1: something failed; 3: nothing failed, but evidence is stale or missing."""
    if any(item.verdict == FAIL for item in reviews):
        return 1
    return 0 if all(item.verdict in DONE for item in reviews) else 3


def out(text: str) -> None:
    """Print on stdout."""
    click.echo(text, color=color())


def out_json(value: Any) -> None:
    """Print one JSON object."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=1, default=str))
