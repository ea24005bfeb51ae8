"""poc2prod new: make a project, on a demo or on the team's own table."""

import os
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
from poc2prod_kit.tables.roles import Roles

from .. import __version__, answers, generate, git, monorepo, user_data
from ..collect import Collected, collect
from ..errors import CallError
from ..interrupt import held
from ..staging import Stage, staged
from ..user_data import UserData
from .console import say, slow
from .prompts import ask, ask_roles, ask_target, named_like
from .screen import Made, show, show_data, show_json, show_roles

FILE = click.Path(path_type=Path)


@click.command("new")
@click.argument("directory", required=False, type=FILE)
@click.option(
    "--data",
    multiple=True,
    metavar="FILE",
    help="Your table: csv, csv.gz, xlsx or parquet, copied as it is; several files or a folder of them "
    "(repeatable); or a database's URL, with --query.",
)
@click.option("--sheet", default="", metavar="NAME", help="Which sheet of an xlsx file.")
@click.option(
    "--encoding", default="", metavar="NAME", help="How the text is encoded, where the guess is wrong."
)
@click.option("--query", type=FILE, metavar="FILE.sql", help="The SELECT that a database is asked.")
@click.option("--target", default="", metavar="COLUMN", help="The column to predict.")
@click.option("--id", default="", metavar="COLUMN", help="The column that names a row.")
@click.option("--time", default="", metavar="COLUMN", help="The column that says when a row was.")
@click.option(
    "--group",
    default="",
    metavar="COLUMN",
    help="Rows with the same value belong together: a customer, a household.",
)
@click.option(
    "--sensitive", metavar="COLUMN", multiple=True, help="A column to watch for unfairness (repeatable)."
)
@click.option(
    "--exclude", metavar="COLUMN", multiple=True, help="A column that no model may use (repeatable)."
)
@click.option(
    "--outcome",
    type=click.Choice(["binary", "multiclass", "regression"]),
    help="Overrules what the target looks like.",
)
@click.option("--commit-data", is_flag=True, help="Keep the table's rows in git. Without it they stay out.")
@click.option("--set", "pairs", metavar="KEY=VALUE", multiple=True, help="Answer a question (repeatable).")
@click.option("--answers", "answers_file", type=FILE, metavar="FILE", help="Answers from a TOML file.")
@click.option("--yes", is_flag=True, help="Ask nothing; take the defaults, and what the data suggests.")
@click.option("--no-input", is_flag=True, help="Ask nothing; take the defaults, and the roles as called.")
@click.option("--dry-run", is_flag=True, help="List what would be made, and make nothing.")
@click.option("--no-git", is_flag=True, help="Make no repository.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of words.")
def command(
    directory: Path | None,
    data: tuple[str, ...],
    sheet: str,
    encoding: str,
    query: Path | None,
    outcome: str | None,
    commit_data: bool,
    pairs: tuple[str, ...],
    answers_file: Path | None,
    yes: bool,
    no_input: bool,
    dry_run: bool,
    no_git: bool,
    as_json: bool,
    **columns: Any,
) -> None:
    """Make a machine-learning project that already runs.

    Without DIRECTORY the project goes to a folder called like its package. All or nothing: if it cannot be
    made whole, nothing is left; nothing is ever overwritten.

    \b
    poc2prod new churn --data customers.csv --target churned
    poc2prod new jobs --set demo=employment --no-input
    """  # noqa: D301
    stage = Stage(directory) if directory else None
    if yes and no_input:
        raise CallError("--yes takes what the data suggests, --no-input does not: leave one out.")
    quiet = yes or no_input or as_json
    asking = not quiet and sys.stdin.isatty()
    if not asking and not quiet:
        say("No terminal to ask at: taking the defaults, as with --no-input.")
    given = _given(directory, pairs, answers_file, bool(data), commit_data)
    scratch = Path(click.get_current_context().with_resource(TemporaryDirectory(prefix="poc2prod-")))
    with slow("collecting the data"):
        source = collect(data, sheet, query, scratch, encoding) if data or sheet or query else None
    table = _read(source, Roles(**columns), outcome or "", commit_data, asking)
    if table and not as_json:
        show_data(table)
    called, table = table, _settled(table, asking, yes)
    chosen = _answers(given, asking, source)
    stage = stage or Stage(Path(chosen["package"]))
    texts = table.texts(chosen["author_name"]) if table else {"_commit_data": "yes" if commit_data else ""}
    if dry_run:
        files = sorted(generate.plan(chosen | texts) + (table.files if table else []))
        made = Made(stage.target, chosen, files, table, None, dry=True)
    else:
        made = _make(stage, chosen, texts, table, with_git=not no_git)
    if table and table is called and not asking:
        better = table.settled()
        made = replace(made, suggested=_call(better.roles) if better.roles != table.roles else "")
    (show_json if as_json else show)(made)


def _settled(table: UserData | None, asking: bool, yes: bool) -> UserData | None:
    """The table under the roles that are agreed on before anything is made."""
    if table is None or not (asking or yes):
        return table
    settled = ask_roles(table) if asking else table.settled()
    if settled.roles != table.roles:
        show_roles(table.roles, settled.roles)
    return settled


def _call(roles: Roles) -> str:
    """This call with other roles, as one line to copy."""
    context = click.get_current_context()
    words = ["poc2prod", "new"]
    for one in context.command.params:
        value = getattr(roles, str(one.name), context.params[str(one.name)])
        if isinstance(one, click.Argument):
            words += [str(value)] if value else []
        elif value is True:
            words.append(one.opts[0])
        elif value:
            for each in value if isinstance(value, tuple | list) else [value]:
                words += [f"{one.opts[0]}={each}"] if str(each).startswith("-") else [one.opts[0], str(each)]
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)


def _given(
    directory: Path | None, pairs: tuple[str, ...], file: Path | None, data: bool, commit_data: bool
) -> dict[str, str]:
    """What the call answers: --set over --answers over what DIRECTORY and --data imply."""
    given = (answers.from_file(file) if file else {}) | answers.from_pairs(pairs)
    if data:
        if given.get("demo", "none") != "none":
            raise CallError(f"--data and demo={given['demo']} exclude each other: leave one out.")
        given["demo"] = "none"
    elif commit_data and given.get("demo") != "none":
        raise CallError("--commit-data is about your own table: give --data FILE, or --set demo=none.")
    if directory is not None and "project_name" not in given:
        given["project_name"] = answers.check("project_name", directory.absolute().resolve().name)
    return given


def _read(
    source: Collected | None, roles: Roles, outcome: str, committed: bool, asking: bool
) -> UserData | None:
    """Read the table, if one was given."""
    if source is None:
        options = [f"--{role}" for role, _ in user_data.named(roles)] + (["--outcome"] if outcome else [])
        if options:
            raise CallError(f"{options[0]} is about a table: give it with --data FILE.")
        return None
    names, repeated = user_data.header(source)
    if not roles.target:
        if not names or not asking:
            listed = f" The table has: {', '.join(names)}." if names else ""
            raise CallError(f"Say which column is to be predicted: --target COLUMN.{listed}")
        roles = replace(roles, target=ask_target(names))
    if names:
        user_data.check_columns(roles, names, repeated)
    with slow(f"reading {source.label}"):
        return user_data.read(source, roles, outcome, committed=committed)


def _answers(given: dict[str, str], asking: bool, source: Collected | None) -> dict[str, str]:
    """All answers: given, asked (a name like that of the table is offered), or default; each checked."""
    known = {key: value for key, value in git.author().items() if key not in given}
    if asking:
        if source is not None and "project_name" not in given:
            known["project_name"] = named_like(source.label)
        return ask(given, known)
    return {key: answers.check(key, value) for key, value in generate.complete(known | given).items()}


def _make(
    stage: Stage, chosen: dict[str, str], texts: dict[str, str], data: UserData | None, *, with_git: bool
) -> Made:
    """Make the project beside its place and move it there."""
    repository = None
    with staged(stage), slow("generating"):
        with held():
            made = generate.generate(chosen | texts, stage.project.parent, stage.scratch)
            made.rename(stage.project)
        if data:
            data.copy_to(stage.project)
        if with_git:
            around = git.surrounding(stage.home)
            message = f"Start {chosen['project_name']} with poc2prod {__version__}"
            with held():
                if around:
                    reason = f"it is inside the repository {around}: add it there"
                    repository = git.Repository(False, False, reason)
                else:
                    repository = git.first_commit(stage.project, message)
    files = generate.files(stage.target)
    if repository:
        root = git.surrounding(stage.target.parent) if not repository.made else None
        notes = monorepo.write(stage.target, root, chosen["package"]) if root else []
        later = [f"reports/{one}.json" for one in ("data", "evaluate")] + [
            "records/test.json",
            "contract/openapi.json",
        ]
        notes += git.hidden(stage.target, [*files, *later])
        repository = replace(repository, notes=tuple(notes))
    return Made(stage.target, chosen, files, data, repository, dry=False)
