"""poc2prod check [STEP…]: check the evidence and save the findings."""

import click

from .. import checklist, kept
from ..checklist import STAGES, until
from ..reports.words import MARKS, plain, verdict
from .common import HELP, as_json, code, not_a_project, on_project, open_project, out, out_json
from .console import slow


@click.command("check", context_settings=HELP)
@click.argument("steps", nargs=-1, metavar="[STEP]...")
@click.option(
    "--full", is_flag=True, help="Screen the rows again, though nothing changed since the last check."
)
@on_project
@as_json
@click.pass_context
def command(
    ctx: click.Context, steps: tuple[str, ...], full: bool, project: str | None, as_json: bool
) -> None:
    """Check the evidence and save the findings in .poc2prod/checks. Without STEP: up to the current stage."""
    selected = [checklist.step(name) for name in steps]
    survey = open_project(project, full=full)
    unreadable = "; ".join(map(str, survey.facts.damage))
    with slow("checking"):
        if unreadable:
            selected = selected or until(STAGES[0])
        elif selected:
            survey.judge(selected)
        else:
            selected = survey.judge_stages()
    reviews = [survey.review(step) for step in selected]
    if not not_a_project(survey) and not unreadable:
        for step in selected:
            kept.save(step.slug, survey.judged[step.slug], survey.facts.files)
        kept.save_made(survey.facts)
        kept.remember(survey.facts)
    if as_json:
        rows = [
            {
                "slug": r.step.slug,
                "verdict": r.verdict,
                "reason": r.reason,
                "findings": [f._asdict() for f in r.findings],
            }
            for r in reviews
        ]
        out_json({"schema": 1, "steps": rows})
    elif unreadable:
        out(f"{plain(unreadable)}. Until it is fixed, nothing can be checked.")
    else:
        for r in [] if not_a_project(survey) else reviews:
            out(
                f"{r.step.number:<5} {r.step.title:<22} {MARKS[r.verdict]} "
                f"{verdict(r.verdict):<8}  {plain(r.reason)}".rstrip()
            )
        out(not_a_project(survey) or "Saved in .poc2prod/checks. Next: poc2prod status")
    ctx.exit(code(reviews))
