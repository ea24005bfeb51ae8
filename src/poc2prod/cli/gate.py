"""poc2prod gate STAGE: for CI. Recomputes what is present, and says why not."""

import click

from ..checklist import STAGES, until
from ..errors import CallError
from ..evidence.finding import FAIL, STALE
from ..reports import junit, markdown
from ..reports.dossier import named
from ..reports.words import plain
from ..review import DONE, WAIVED, Review
from ..survey import Survey
from .common import HELP, as_json, code, on_project, out, out_json, outside, survey
from .console import slow

FORMATS = ("text", "markdown", "junit")


@click.command("gate", context_settings=HELP)
@click.argument("stage", type=click.Choice(STAGES), required=False)
@on_project
@as_json
@click.option("--format", "format_", type=click.Choice(FORMATS), default="text", help="What to print.")
@click.pass_context
def command(ctx: click.Context, stage: str | None, project: str | None, as_json: bool, format_: str) -> None:
    """Hold the project against STAGE (and those before it). Without STAGE: the one in [gate] enforce, or
    none.
    """
    found = survey(project)
    stage = stage or _enforced(found.facts.settings)
    if stage is None:
        if format_ == "junit":
            return _junit(found, [], None)
        return out('[gate] enforce in poc2prod.toml is "none": no stage is held.')
    steps = until(stage)
    blind = "; ".join(map(str, found.facts.damage))
    with slow("checking"):
        found.judge([] if blind else steps)
    reviews = [found.review(step) for step in steps]
    refused = sorted(
        (r for r in reviews if r.verdict not in DONE), key=lambda r: {FAIL: 0, STALE: 1}.get(r.verdict, 2)
    )
    waived = [r for r in reviews if r.verdict == WAIVED]
    merging = found.facts.merging()
    result = code(reviews) or (1 if merging else 0)
    if as_json:
        rows = {
            name: [
                {"slug": r.step.slug, "verdict": r.verdict, "reason": r.reason, "todo": r.todo} for r in group
            ]
            for name, group in (("refused", refused), ("waived", waived))
        }
        out_json({"schema": 1, "stage": stage, "open": not result, "merging": merging, **rows})
        ctx.exit(result)
    if format_ == "junit":
        _junit(found, reviews, stage)
        ctx.exit(result)
    if format_ == "markdown":
        out(markdown.gate(stage, reviews, opened=not result, merging=merging))
        ctx.exit(result)
    outside(found)
    if blind:
        out(f"Gate {stage}: closed. {plain(blind)}. Until it is mended, nothing is known.")
        ctx.exit(result)
    out(
        f"Gate {stage}: "
        f"{'open' if not result else f'closed, {len(refused)} of {len(reviews)} steps are not done'}."
    )
    out(
        "An unresolved merge: resolve it first, then run the pipeline, poc2prod check, git add."
    ) if merging else None
    for number, item in enumerate(refused, 1):
        out(f"{number:>3}. {item.step.number} {item.step.title} ({item.verdict}): {plain(item.reason)}")
        out(f"       {plain(item.todo)}") if item.todo else None
    for item in waived:
        out(f"  leaned on a waiver: {item.step.number} {item.step.title}: {plain(item.reason)}")
    ctx.exit(result)


def _junit(found: Survey, reviews: list[Review], stage: str | None) -> None:
    """Print the steps as JUnit tests, in UTF-8 whatever the terminal speaks."""
    text = junit.text(named(found)[0], reviews, junit.held_until(stage), found.people.today)
    click.echo(text.encode())


def _enforced(settings: dict[str, object]) -> str | None:
    """The stage in [gate] enforce; CallError where that is none."""
    section = settings.get("gate")
    value = section.get("enforce", "none") if isinstance(section, dict) else "none"
    if value == "none":
        return None
    if value not in STAGES:
        raise CallError(f"[gate] enforce = {value!r} in poc2prod.toml: it must be none, {', '.join(STAGES)}.")
    return str(value)
