"""poc2prod checkin: a talk with stakeholders, tracked."""

import click

from .. import state
from ..errors import CallError
from .common import HELP, identified, inside, on_project, out, who


@click.command("checkin", context_settings=HELP)
@click.option("--with", "with_", default="", metavar="NAMES", help="With whom you talked.")
@click.option("--decided", default="", metavar="TEXT", help="What was decided.")
@identified
@on_project
def command(with_: str, decided: str, as_: str | None, note: str, project: str | None) -> None:
    """Record a talk with stakeholders. `status` reminds you when the next one is due."""
    found = inside(project)
    if not with_.strip():
        raise CallError("--with is missing: say with whom you talked.")
    fields = {"with": with_, "decided": decided}
    event = state.write(found.facts.files, found.people.log, "check-in", "", who(as_, found), note, **fields)
    out(f"Recorded as {state.FOLDER}/{event.name}.json. Commit it.")
