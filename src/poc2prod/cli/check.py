"""poc2prod check [STEP…]: recompute the evidence and keep what came out."""

import click

from .. import checklist, kept
from ..checklist import STAGES, until
from ..reports.words import MARKS, plain, verdict
from .common import HELP, as_json, code, on_project, out, out_json, strange, survey
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
    """Recompute the evidence and keep it in .poc2prod/checks. Without STEP: up to the current stage."""
    chosen = [checklist.step(name) for name in steps]
    found = survey(project, full=full)
    blind = "; ".join(map(str, found.facts.damage))
    with slow("checking"):
        if blind:
            chosen = chosen or until(STAGES[0])
        elif chosen:
            found.judge(chosen)
        else:
            chosen = found.judge_stages()
    reviews = [found.review(step) for step in chosen]
    if not strange(found) and not blind:
        for step in chosen:
            kept.save(step.slug, found.judged[step.slug], found.facts.files)
        kept.save_made(found.facts)
        kept.remember(found.facts)
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
    elif blind:
        out(f"{plain(blind)}. Until it is mended, nothing can be checked.")
    else:
        for r in [] if strange(found) else reviews:
            out(
                f"{r.step.number:<5} {r.step.title:<22} {MARKS[r.verdict]} "
                f"{verdict(r.verdict):<8}  {plain(r.reason)}".rstrip()
            )
        out(strange(found) or "Kept in .poc2prod/checks. Next: poc2prod status")
    ctx.exit(code(reviews))
