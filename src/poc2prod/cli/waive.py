"""poc2prod waive STEP: a named person accepts an open step until a date, for a reason."""

import click

from .. import checklist
from ..clock import day, today
from ..errors import CallError
from .common import identified, on_project, out, record, require_project, who


@click.command("waive")
@click.argument("step")
@click.option("--owner", default="", metavar="NAME", help="Who is responsible for it until then.")
@click.option("--until", default="", metavar="DAY", help="Its last day, such as 2026-12-31 (UTC).")
@click.option("--reason", default="", metavar="TEXT", help="Why.")
@click.option("--not-applicable", is_flag=True, help="The step is not needed (Part II only).")
@identified
@on_project
def command(
    step: str,
    owner: str,
    until: str,
    reason: str,
    not_applicable: bool,
    as_: str | None,
    note: str,
    project: str | None,
) -> None:
    """Accept an open step for a time. Owner, date and reason are all required."""
    chosen, survey = checklist.step(step), require_project(project)
    if not reason.strip():
        raise CallError("--reason is missing.")
    if not not_applicable:
        _check_dated(owner, until)
        record(survey, "waive", chosen.slug, who(as_, survey), note, owner=owner, until=until, reason=reason)
        return
    if chosen.stage == "poc":
        raise CallError(
            f"{chosen.number} {chosen.title} belongs to Part I, where no step is optional. "
            "Waive it until a date instead."
        )
    event = record(survey, "not-applicable", chosen.slug, who(as_, survey), note, reason=reason)
    if not any(event.mail in mails for mails in survey.people.roles.values()):
        out(f"It does not count yet: {event.mail} is in no role. Add it to [roles] in poc2prod.toml.")


def _check_dated(owner: str, until: str) -> None:
    if not owner.strip():
        raise CallError("--owner is missing: name the person who is responsible until then.")
    last = day(until)
    if last is None:
        raise CallError(f"--until {until!r} is not a day such as 2026-12-31.")
    if last < today():
        raise CallError(f"--until {until} is past; today is {today()}.")
