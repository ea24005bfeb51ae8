"""poc2prod show STEP: what the step asks, what proves it, what is missing now."""

import click

from .. import checklist
from ..evidence import explained
from ..reports import step as report
from .common import HELP, as_json, on_project, out, out_json, outside, survey


@click.command("show", context_settings=HELP)
@click.argument("step")
@on_project
@as_json
def command(step: str, project: str | None, as_json: bool) -> None:
    """Explain one step (I.5, 1.5 or split): what it asks, what was found, what is missing. Looks afresh;
    keeps nothing.
    """
    chosen = checklist.step(step)
    found = survey(project)
    found.judge([chosen])
    review, form = found.review(chosen), found.facts.form(chosen.slug) if chosen.form else None
    if as_json:
        return out_json(report.data(review, explained(chosen), form))
    outside(found)
    extra = report.plan(found) if chosen.slug == "roadmap" else ()
    if chosen.slug in ("interpret", "evaluate", "improve"):
        extra = report.order(found.facts.package)
    out(report.text(review, explained(chosen), form, extra))
