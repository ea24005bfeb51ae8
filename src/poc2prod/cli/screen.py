"""What poc2prod new prints: the data as read, first findings, the project, the next commands."""

import json
import os
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from poc2prod_kit.tables.roles import Roles

from .. import __version__
from ..evidence.finding import many
from ..git import Repository
from ..user_data import UserData, named
from .console import clean, color, say

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "space"}
DECIMALS = {".": "decimal point", ",": "decimal comma"}
SHOWN = 3


@dataclass(frozen=True)
class Made:
    """What a call made, or with --dry-run would make: answers, where, files, the data, the repository.

    `suggested`: the call with the roles that the findings propose, where that is another one.
    """

    directory: Path
    answers: dict[str, str]
    files: list[str]
    data: UserData | None
    repository: Repository | None
    dry: bool
    suggested: str = ""


def show_data(data: UserData) -> None:
    """Print how the data was read and the first findings."""
    if data.table is not None:
        dialect = data.table.dialect
        parts = [
            f"{data.table.rows:,} rows, {len(data.table.columns):,} columns",
            f"separator {SEPARATORS.get(dialect.separator, repr(dialect.separator))}",
            f"encoding {dialect.encoding}{' with a byte order mark' if dialect.bom else _guess(data)}",
            DECIMALS.get(dialect.decimal, f"decimal {dialect.decimal!r}"),
        ]
        say(f"Read {data.source.label}: {'; '.join(parts)}.", bold=True)
        say(f"Target {data.roles.target}: {data.outcome}. {data.reason} (Change it with --outcome.)")
    for sentence in data.notes:
        say(sentence)
    say()
    if data.table is None:
        return
    if data.findings:
        say("Before you train anything:", bold=True)
    else:
        say("The first screening found no copies, no contradictory labels and no leaking column.")
    for number, finding in enumerate(data.findings[:SHOWN], 1):
        say(finding.text, indent=2, first=f"{number}. ")
    if len(data.findings) > SHOWN:
        say(f"And {many(len(data.findings) - SHOWN, 'weaker finding')}: --json lists all.", indent=2)
    say()


def _guess(data: UserData) -> str:
    """That an encoding which nothing in the bytes says is a guess."""
    encoding = data.table.dialect.encoding if data.table else ""
    return (
        ""
        if data.source.encoding or encoding.startswith("utf")
        else " (a guess; where letters look wrong, pass --encoding)"
    )


def show(made: Made) -> None:
    """Print the project and the next commands."""
    if made.dry:
        say(f"Would make {_short(made)}: {many(len(made.files), 'file')}.", bold=True)
        for path in made.files:
            say(path, indent=2)
        _suggest(made)
        return
    repository = made.repository
    kept = ", in a git repository with a first commit" if repository and repository.committed else ""
    say(f"Made {_short(made)}: {many(len(made.files), 'file')}{kept}.", bold=True)
    if made.data:
        fate = "kept in git" if made.data.committed else "left out of git"
        files, how = made.data.files, made.data.source.made
        one = "is your file" if len(files) == 1 else f"and {many(len(files) - 1, 'more file')} are yours"
        say(f"{files[0]} {how or f'{one}, byte for byte'}, {fate}.", indent=2)
    if repository and repository.reason:
        what = "No first commit" if repository.made else "No repository"
        say(f"{what}: {repository.reason}.", indent=2)
    for note in repository.notes if repository else ():
        say(note, indent=2)
    say()
    say("Next:", bold=True)
    for line in _next(made):
        say(line, indent=2)
    _suggest(made)


def show_roles(before: Roles, after: Roles) -> None:
    """Print which roles were agreed on."""
    said = [f"{role} {name}" for role, name in named(after) if (role, name) not in named(before)]
    say(f"Settled: {', '.join(said)}.")
    say()


def _suggest(made: Made) -> None:
    """Print the call that takes what the findings propose."""
    if made.suggested:
        say()
        first = "" if made.dry else f"Delete {_short(made)} first. "
        say(f"The findings above suggest another call. {first}This one takes what they propose:", bold=True)
        click.echo(f"  {clean(made.suggested)}", color=color())


def _short(made: Made) -> str:
    """The project's folder, seen from here."""
    relative = os.path.relpath(made.directory)
    if relative == ".":
        return "the project here"
    return str(made.directory) if relative.startswith("..") else relative


def _next(made: Made) -> list[str]:
    enter = [] if made.directory == Path.cwd() else [f"cd {shlex.quote(_short(made))}"]
    if made.answers["demo"] == "none" and made.data is None:
        enter.append(
            "# put a table into data/raw/, name it and its target under [data] in params.toml, then:"
        )
    commit = made.repository.todo if made.repository else ()
    return [*enter, *commit, *_run(made)]


def _run(made: Made) -> list[str]:
    """How to run the project with the tools on this machine."""
    package = made.answers["package"]
    if shutil.which("make"):
        return ["make poc"]
    if shutil.which("uv"):
        return [f"uv run python -m {package} poc"]
    scripts = "Scripts" if os.name == "nt" else "bin"
    # the library is in no index: without the wheel's path pip could not find it, or find a stranger's
    wheel = next(name for name in made.files if name.startswith("vendor/") and name.endswith(".whl"))
    install = f".venv/{scripts}/python -m pip install -e . {wheel}"
    return ["python -m venv .venv", install, f".venv/{scripts}/python -m {package} poc"]


def show_json(made: Made) -> None:
    """Print one object on one line."""
    one = made.repository
    git = {"repository": one.made, "commit": one.committed, "reason": one.reason} if one else None
    document: dict[str, Any] = {
        "schema": 1, "version": __version__, "made": not made.dry, "directory": str(made.directory),
        "answers": made.answers, "files": made.files, "data": _data_json(made.data) if made.data else None,
        "git": git, "next": _next(made), "suggested": made.suggested,
    }  # fmt: skip
    click.echo(json.dumps(document, ensure_ascii=False, sort_keys=True))


def _data_json(data: UserData) -> dict[str, Any]:
    roles = {role: getattr(data.roles, role) for role in ("target", "id", "time", "group", "sensitive")}
    results: dict[str, Any] = {
        "file": data.files[0], "files": data.files, "outcome": data.outcome, "reason": data.reason,
        "said": data.notes,
    }  # fmt: skip
    if data.table is not None:
        columns = [{"name": column.name, "type": column.type} for column in data.table.columns]
        results |= {"rows": data.table.rows, "columns": columns}
        results |= {key: getattr(data.table.dialect, key) for key in ("separator", "encoding", "decimal")}
    keys = ("id", "kind", "text", "step", "rows")
    return results | roles | {"findings": [{key: getattr(one, key) for key in keys} for one in data.findings]}
