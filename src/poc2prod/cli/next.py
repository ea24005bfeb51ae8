"""poc2prod next: the next thing to do and why."""

import click

from ..reports.words import plain
from .common import HELP, as_json, on_project, out, out_json, strange, survey


@click.command("next", context_settings=HELP)
@on_project
@as_json
def command(project: str | None, as_json: bool) -> None:
    """Say the one thing to do next, why, and the command to type."""
    found = survey(project, remember=True)
    overview = found.overview()
    item = next((r for r in overview.reviews if overview.next.startswith(f"{r.step.number} ")), None)
    why = item.step.why if item else ""
    if as_json:
        said = {
            "text": overview.next,
            "command": overview.command,
            "why": why,
            "step": item.step.slug if item else None,
        }
        return out_json({"schema": 1, **said})
    if strange(found):
        return out(strange(found))
    out(plain(overview.next))
    out(f"  {plain(overview.command)}")
    out(why) if why else None
