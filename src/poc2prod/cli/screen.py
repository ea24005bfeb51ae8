"""What poc2prod new prints: the data as read, first findings, the project, the next commands."""

import json
import os
import shlex
import shutil
from typing import TYPE_CHECKING, Any

import click

from .. import __version__
from ..evidence.finding import many
from .console import say

if TYPE_CHECKING:
    from ..own import OwnData
    from .new import Made

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "space"}
DECIMALS = {".": "decimal point", ",": "decimal comma"}
SHOWN = 3


def show_data(own: "OwnData") -> None:
    """Print how the data was read and the first findings."""
    _data(own)
    _findings(own)


def show(made: "Made") -> None:
    """Print the project and the next commands."""
    if made.dry:
        say(f"Would make {_short(made)}: {many(len(made.files), 'file')}.", bold=True)
        for path in made.files:
            say(path, indent=2)
        return
    _project(made)
    say()
    say("Next:", bold=True)
    for line in _next(made):
        say(line, indent=2)


def _data(own: "OwnData") -> None:
    if own.table is not None:
        dialect = own.table.dialect
        parts = [
            f"{own.table.rows:,} rows, {len(own.table.columns):,} columns",
            f"separator {SEPARATORS.get(dialect.separator, repr(dialect.separator))}",
            f"encoding {dialect.encoding}{' with a byte order mark' if dialect.bom else ''}",
            DECIMALS.get(dialect.decimal, f"decimal {dialect.decimal!r}"),
        ]
        say(f"Read {own.path.name}: {'; '.join(parts)}.", bold=True)
        say(f"Target {own.wish.target}: {own.outcome}. {own.reason} (Change it with --outcome.)")
    for sentence in own.said:
        say(sentence)
    say()


def _findings(own: "OwnData") -> None:
    if own.table is None:
        return
    if not own.findings:
        say("The first screening found no copies, no contradictory labels and no leaking column.")
        say()
        return
    say("Before you train anything:", bold=True)
    for number, finding in enumerate(own.findings[:SHOWN], 1):
        say(finding.text, indent=2, first=f"{number}. ")
    if len(own.findings) > SHOWN:
        say(f"And {many(len(own.findings) - SHOWN, 'weaker finding')}: `poc` lists all of them.", indent=2)
    say()


def _project(made: "Made") -> None:
    repository = made.repository
    kept = ", in a git repository with a first commit" if repository and repository.committed else ""
    say(f"Made {_short(made)}: {many(len(made.files), 'file')}{kept}.", bold=True)
    if made.own:
        fate = "kept in git" if made.own.wish.commit else "left out of git"
        say(f"{made.own.destination} is your file, byte for byte, {fate}.", indent=2)
    if repository and repository.reason:
        what = "No first commit" if repository.made else "No repository"
        say(f"{what}: {repository.reason}.", indent=2)


def _short(made: "Made") -> str:
    relative = os.path.relpath(made.directory)
    return (
        str(made.directory)
        if relative.startswith("..")
        else "the project here"
        if relative == "."
        else relative
    )


def _next(made: "Made") -> list[str]:
    relative = os.path.relpath(made.directory)
    place = str(made.directory) if relative.startswith("..") else relative
    enter = [] if relative == "." else [f"cd {shlex.quote(place)}"]
    if made.answers["demo"] == "none" and made.own is None:
        enter.append(
            "# put a table into data/raw/, name it and its target under [data] in params.toml, then:"
        )
    commit = made.repository.todo if made.repository else ()
    return [*enter, *commit, *_run(made)]


def _run(made: "Made") -> list[str]:
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


def show_json(made: "Made") -> None:
    """Print one object on one line."""
    document: dict[str, Any] = {
        "schema": 1,
        "version": __version__,
        "made": not made.dry,
        "directory": str(made.directory),
        "answers": made.answers,
        "files": made.files,
        "data": _data_json(made.own) if made.own else None,
        "git": None,
        "next": _next(made),
    }
    if made.repository:
        one = made.repository
        document["git"] = {"repository": one.made, "commit": one.committed, "reason": one.reason}
    click.echo(json.dumps(document, ensure_ascii=False, sort_keys=True))


def _data_json(own: "OwnData") -> dict[str, Any]:
    wish, table = own.wish, own.table
    roles = {
        "target": wish.target,
        "id": wish.id,
        "time": wish.time,
        "group": wish.group,
        "sensitive": wish.sensitive,
    }
    results: dict[str, Any] = {
        "file": own.destination,
        "outcome": own.outcome,
        "reason": own.reason,
        "said": own.said,
    }
    if table is not None:
        dialect = table.dialect
        results |= {
            "rows": table.rows,
            "columns": [{"name": column.name, "type": column.type} for column in table.columns],
            "separator": dialect.separator,
            "encoding": dialect.encoding,
            "decimal": dialect.decimal,
        }
    findings = [
        {"id": one.id, "kind": one.kind, "text": one.text, "step": one.step, "rows": list(one.rows)}
        for one in own.findings
    ]
    return results | roles | {"findings": findings}
