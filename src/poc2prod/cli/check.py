"""poc2prod check [STEP…]: check the evidence and save the findings."""

import click

from .. import checklist, kept
from ..checklist import STAGES, until
from ..reports.words import MARKS, plain, verdict
from .common import as_json, code, not_a_project, on_project, open_project, out, out_json
from .console import slow


@click.command("check")
@click.argument("steps", nargs=-1, metavar="[STEP]...")
@click.option(
    "--full", is_flag=True, help="Screen the rows again, though nothing changed since the last check."
)
@on_project
@as_json
def command(steps: tuple[str, ...], full: bool, project: str | None, as_json: bool) -> int:
    """Check the evidence and save the findings in .poc2prod/checks. Without STEP: up to the current stage."""
    selected = [checklist.step(name) for name in steps]
    survey = open_project(project, full=full)
    outside, unreadable = not_a_project(survey), "; ".join(map(str, survey.facts.damage))
    with slow("checking"):
        if unreadable:
            selected = selected or until(STAGES[0])
        elif selected:
            survey.judge(selected)
        else:
            selected = survey.judge_stages()
    reviews = [survey.review(step) for step in selected]
    if not outside and not unreadable:
        for step in selected:
            kept.save(step.slug, survey.judged[step.slug], survey.facts.files)
        kept.remember(survey.facts)
    if as_json:
        rows = [
            {
                "slug": r.step.slug, "verdict": r.verdict, "reason": r.reason,
                "findings": [f._asdict() for f in r.findings],
            }
            for r in reviews
        ]  # fmt: skip
        out_json({"schema": 1, "steps": rows})
    elif unreadable:
        out(f"{plain(unreadable)}. Until it is fixed, nothing can be checked.")
    elif outside:
        out(outside)
    else:
        for r in reviews:
            badge = f"{MARKS[r.verdict]} {verdict(r.verdict):<8}"
            out(f"{r.step.number:<5} {r.step.title:<22} {badge}  {plain(r.reason)}".rstrip())
        out("Saved in .poc2prod/checks. Next: poc2prod status")
    return code(reviews)
