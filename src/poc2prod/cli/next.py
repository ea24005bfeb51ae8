"""poc2prod next: what to do next, and why."""

import click

from ..reports.words import plain
from .common import as_json, not_a_project, on_project, open_project, out, out_json


@click.command("next")
@on_project
@as_json
def command(project: str | None, as_json: bool) -> None:
    """Show what to do next, why, and the command to run."""
    survey = open_project(project, remember=True)
    overview = survey.overview()
    item = next((r for r in overview.reviews if overview.next.startswith(f"{r.step.number} ")), None)
    why = item.step.why if item else ""
    if as_json:
        content = {
            "text": overview.next,
            "command": overview.command,
            "why": why,
            "step": item.step.slug if item else None,
        }
        return out_json({"schema": 1, **content})
    if not_a_project(survey):
        return out(not_a_project(survey))
    out(plain(overview.next))
    out(f"  {plain(overview.command)}")
    out(why) if why else None
