"""poc2prod show STEP: its question, its checks, what is missing."""

import click

from .. import checklist
from ..evidence import explained
from ..reports import step as report
from .common import as_json, on_project, open_project, out, out_json, warn_if_outside


@click.command("show")
@click.argument("step")
@on_project
@as_json
def command(step: str, project: str | None, as_json: bool) -> None:
    """Explain one step (I.5, 1.5 or split): its question, checks, findings, what to do. Saves nothing."""
    chosen = checklist.step(step)
    survey = open_project(project)
    survey.judge([chosen])
    review, form = survey.review(chosen), survey.facts.form(chosen.slug) if chosen.form else None
    if as_json:
        return out_json(report.data(review, explained(chosen), form))
    warn_if_outside(survey)
    extra = report.plan(survey) if chosen.slug == "roadmap" else ()
    if chosen.slug in ("interpret", "evaluate", "improve"):
        extra = report.order(survey.facts.package)
    out(report.text(review, explained(chosen), form, extra))
