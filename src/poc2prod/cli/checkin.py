"""poc2prod checkin: record a check-in with stakeholders."""

import click

from .. import state
from ..errors import CallError
from .common import HELP, identified, on_project, out, require_project, who


@click.command("checkin", context_settings=HELP)
@click.option("--with", "with_", default="", metavar="NAMES", help="Who took part.")
@click.option("--decided", default="", metavar="TEXT", help="What was decided.")
@identified
@on_project
def command(with_: str, decided: str, as_: str | None, note: str, project: str | None) -> None:
    """Record a check-in with stakeholders. `status` shows when the next one is due."""
    survey = require_project(project)
    if not with_.strip():
        raise CallError("--with is missing: say who took part.")
    fields = {"with": with_, "decided": decided}
    event = state.write(
        survey.facts.files, survey.people.log, "check-in", "", who(as_, survey), note, **fields
    )
    out(f"Recorded as {state.FOLDER}/{event.name}.json. Commit it.")
