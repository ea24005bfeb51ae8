"""What the commands share: the project, the person, the exit code and the output."""

import json
import os
import re
from collections.abc import Callable, Sequence
from typing import Any

import click

from .. import state
from ..errors import CallError
from ..evidence.finding import FAIL
from ..project import find_root, is_project
from ..review import DONE, Review
from ..survey import Survey
from .console import color

on_project = click.option(
    "--project", metavar="PATH", help="The project's folder. Default: found from here upwards."
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
exit_code = click.option(
    "--exit-code", is_flag=True, help="Exit with 1 if a step fails, with 3 if evidence is stale or missing."
)


def identified(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --as 'Name <mail>' and --note TEXT."""
    command = click.option("--note", default="", metavar="TEXT", help="A note to save with it.")(command)
    return click.option("--as", "as_", metavar="'NAME <MAIL>'", help="Who you are. Default: as in git.")(
        command
    )


def open_project(project: str | None, *, remember: bool = False, full: bool = False) -> Survey:
    """The project at a path, else the nearest one. CallError if the path is not a folder."""
    if project is not None and not os.path.isdir(project):
        raise CallError(f"--project {project}: there is no such folder.")
    root = os.path.abspath(project) if project is not None else find_root(os.getcwd())
    return Survey(root, remember=remember, full=full)


def not_a_project(survey: Survey) -> str:
    """The message for a folder that is not a project; empty for a project."""
    if is_project(survey.facts.root):
        return ""
    return (
        f"No project here: {survey.facts.root} and the folders above have no poc2prod.toml or params.toml.\n"
        "  cd into a project, or give its path: --project PATH\n"
        "  poc2prod new                  makes a new project\n"
        "  an empty poc2prod.toml        makes an existing repository a project; [paths] in it names\n"
        "                                files that are in other places"
    )


def require_project(project: str | None) -> Survey:
    """As `open_project`, for commands that write. CallError if the folder is not a project."""
    survey = open_project(project)
    if not_a_project(survey):
        raise CallError(not_a_project(survey))
    return survey


def require_readable(survey: Survey) -> None:
    """CallError if params.toml or poc2prod.toml cannot be read."""
    if survey.facts.damage:
        raise CallError(f"{'; '.join(map(str, survey.facts.damage))}. Fix this first.")


def warn_if_outside(survey: Survey, more: str = "") -> None:
    """Print the message for a folder that is not a project. `more`: a heading for what follows."""
    if not_a_project(survey):
        out(f"{not_a_project(survey)}\n{more and chr(10)}{more}")


def who(as_: str | None, survey: Survey) -> str:
    """`Name <mail>` from --as, else from git. CallError without either."""
    if as_ is not None:
        match = re.fullmatch(r"\s*([^<>\n]*[^<>\s])\s*<([^<>\s@]+@[^<>\s@]+)>\s*", as_)
        if not match or not match[0].isprintable():
            raise CallError(f"--as {as_!r} is not of the form 'Name <mail@example.org>'.")
        return f"{match[1]} <{match[2]}>"
    from ..git import identity

    known = identity(survey.facts.root)
    if not known:
        raise CallError("git has no user.name and user.email. Use --as 'Name <mail@example.org>'.")
    return known


def record(survey: Survey, kind: str, step: str, name: str, note: str, **fields: Any) -> state.Event:
    """Write an event after all others, and print where it is."""
    event = state.write(survey.facts.files, survey.people.log, kind, step, name, note, **fields)
    out(f"Recorded as {state.FOLDER}/{event.name}.json. Commit it.")
    return event


def code(reviews: Sequence[Review]) -> int:
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
