"""poc2prod new: make a project, on a demo or on the team's own table."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .. import __version__
from ..errors import CallError

if TYPE_CHECKING:
    from poc2prod_kit.screening.sample import Roles

    from ..git import Repository
    from ..staging import Stage
    from ..user_data import UserData

FILE = click.Path(path_type=Path)


@dataclass(frozen=True)
class Made:
    """What a call made, or with --dry-run would make: answers, where, files, the data, the repository."""

    directory: Path
    answers: dict[str, str]
    files: list[str]
    data: "UserData | None"
    repository: "Repository | None"
    dry: bool


@click.command("new")
@click.argument("directory", required=False, type=FILE)
@click.option(
    "--data", type=FILE, metavar="FILE", help="Your table: csv, csv.gz or parquet. It is copied as it is."
)
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
    "--outcome",
    type=click.Choice(["binary", "multiclass", "regression"]),
    help="Overrules what the target looks like.",
)
@click.option("--commit-data", is_flag=True, help="Keep the table's rows in git. Without it they stay out.")
@click.option("--set", "pairs", metavar="KEY=VALUE", multiple=True, help="Answer a question (repeatable).")
@click.option("--answers", "answers_file", type=FILE, metavar="FILE", help="Answers from a TOML file.")
@click.option("--no-input", is_flag=True, help="Ask nothing; take the defaults.")
@click.option("--dry-run", is_flag=True, help="List what would be made, and make nothing.")
@click.option("--no-git", is_flag=True, help="Make no repository.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of words.")
def command(
    directory: Path | None,
    data: Path | None,
    outcome: str | None,
    commit_data: bool,
    pairs: tuple[str, ...],
    answers_file: Path | None,
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
    from poc2prod_kit.screening.sample import Roles

    from ..staging import Stage
    from .screen import show, show_data, show_json

    stage = Stage(directory) if directory else None
    asking = _asking(no_input, as_json)
    given = _given(directory, pairs, answers_file, data, commit_data)
    table = _read(data, Roles(**columns), outcome or "", commit_data, asking)
    if table and not as_json:
        show_data(table)
    answers = _answers(given, asking, data)
    stage = stage or Stage(Path(answers["package"]))
    texts = table.texts if table else {"_commit_data": "yes" if commit_data else ""}
    if dry_run:
        from ..generate import plan

        files = sorted(plan(answers | texts) + ([table.destination] if table else []))
        made = Made(stage.target, answers, files, table, None, dry=True)
    else:
        made = _make(stage, answers, texts, table, git=not no_git)
    (show_json if as_json else show)(made)


def _asking(no_input: bool, as_json: bool) -> bool:
    from .console import say

    if no_input or as_json:
        return False
    if not sys.stdin.isatty():
        say("No terminal to ask at: taking the defaults, as with --no-input.")
        return False
    return True


def _given(
    directory: Path | None, pairs: tuple[str, ...], file: Path | None, data: Path | None, commit_data: bool
) -> dict[str, str]:
    """What the call answers: --set over --answers over what DIRECTORY and --data imply."""
    from .. import answers

    given = (answers.from_file(file) if file else {}) | answers.from_pairs(pairs)
    if data is not None:
        if given.get("demo", "none") != "none":
            raise CallError(f"--data and demo={given['demo']} exclude each other: leave one out.")
        given["demo"] = "none"
    elif commit_data and given.get("demo") != "none":
        raise CallError("--commit-data is about your own table: give --data FILE, or --set demo=none.")
    if directory is not None and "project_name" not in given:
        given["project_name"] = answers.check("project_name", directory.absolute().resolve().name)
    return given


def _read(
    data: Path | None, roles: "Roles", outcome: str, committed: bool, asking: bool
) -> "UserData | None":
    """Read the table, if one was given."""
    from dataclasses import replace

    from .. import user_data
    from .console import slow
    from .prompts import ask_target

    if data is None:
        options = [f"--{role}" for role, _ in user_data.named(roles)] + (["--outcome"] if outcome else [])
        if options:
            raise CallError(f"{options[0]} is about a table: give it with --data FILE.")
        return None
    user_data.check_file(data)
    names, repeated = user_data.header(data)
    if not roles.target:
        if not names or not asking:
            listed = f" The table has: {', '.join(names)}." if names else ""
            raise CallError(f"Say which column is to be predicted: --target COLUMN.{listed}")
        roles = replace(roles, target=ask_target(names))
    if names:
        user_data.check_columns(roles, names, repeated)
    with slow(f"reading {data.name}"):
        return user_data.read(data, roles, outcome, committed=committed)


def _answers(given: dict[str, str], asking: bool, data: Path | None) -> dict[str, str]:
    """All answers: given, asked (a name like that of the table is offered), or default; each checked."""
    from .. import answers, generate, git

    known = {key: value for key, value in git.author().items() if key not in given}
    if asking:
        from .prompts import ask, named_like

        if data is not None and "project_name" not in given:
            known["project_name"] = named_like(data)
        return ask(given, known)
    result = generate.complete(known | given)
    return {key: answers.check(key, value) for key, value in result.items()}


def _make(
    stage: "Stage", answers: dict[str, str], texts: dict[str, str], data: "UserData | None", *, git: bool
) -> Made:
    """Make the project beside its place and move it there."""
    from ..generate import files, generate
    from ..interrupt import held
    from ..staging import staged
    from .console import slow

    repository = None
    with staged(stage), slow("generating"):
        with held():
            generate(answers | texts, stage.project.parent, stage.scratch).rename(stage.project)
        if data:
            data.copy_to(stage.project)
        if git:
            with held():
                repository = _repository(stage, answers["project_name"])
    return Made(stage.target, answers, files(stage.target), data, repository, dry=False)


def _repository(stage: "Stage", name: str) -> "Repository":
    from .. import git

    around = git.surrounding(stage.home)
    if around:
        return git.Repository(False, False, f"it is inside the repository {around}: add it there")
    return git.first_commit(stage.project, f"Start {name} with poc2prod {__version__}")
