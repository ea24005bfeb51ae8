"""poc2prod checkin: record a check-in with stakeholders."""

import click

from ..errors import CallError
from .common import identified, on_project, record, require_project, who


@click.command("checkin")
@click.option("--with", "with_", default="", metavar="NAMES", help="Who took part.")
@click.option("--decided", default="", metavar="TEXT", help="What was decided.")
@identified
@on_project
def command(with_: str, decided: str, as_: str | None, note: str, project: str | None) -> None:
    """Record a check-in with stakeholders. `status` shows when the next one is due."""
    survey = require_project(project)
    if not with_.strip():
        raise CallError("--with is missing: say who took part.")
    record(survey, "check-in", "", who(as_, survey), note, **{"with": with_, "decided": decided})
