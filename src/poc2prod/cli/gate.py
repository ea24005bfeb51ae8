"""poc2prod gate STAGE: for CI. Checks all steps up to a stage and lists those that are not done."""

import click

from ..checklist import STAGES, until
from ..errors import CallError
from ..evidence.finding import FAIL, PASS, STALE
from ..reports import junit, markdown
from ..reports.report_data import named
from ..reports.words import plain
from ..review import DONE, WAIVED, Review
from ..survey import Survey
from .common import (
    as_json,
    code,
    not_a_project,
    on_project,
    open_project,
    out,
    out_json,
    require_readable,
    warn_if_outside,
)  # fmt: skip
from .console import slow

FORMATS = ("text", "markdown", "junit")
NOT_HELD = '[gate] enforce in poc2prod.toml is "none", so no stage is enforced and the exit code is 0.'


@click.command("gate")
@click.argument("stage", type=click.Choice(STAGES), required=False)
@on_project
@as_json
@click.option("--format", "format_", type=click.Choice(FORMATS), default="text", help="What to print.")
def command(stage: str | None, project: str | None, as_json: bool, format_: str) -> int:
    """Exit with 0 only if all steps up to STAGE are done. Without STAGE: the stage in [gate] enforce; if that
    is "none", only show the state.
    """
    survey = open_project(project)
    held = stage or _enforced(survey)
    steps = until(held) if held else []
    unreadable, merging = "; ".join(map(str, survey.facts.damage)), survey.facts.merging()
    with slow("checking"):
        survey.judge([] if unreadable else steps)
        steps = steps or survey.judge_stages()
    reviews, stage = [survey.review(step) for step in steps], steps[-1].stage
    exit_code = code(reviews) or int(merging)
    if as_json:
        keys = {"stage": stage, "held": held is not None, "open": not exit_code, "merging": merging}
        rows = {
            name: [
                {"slug": r.step.slug, "verdict": r.verdict, "reason": r.reason, "todo": r.todo} for r in group
            ]
            for name, group in _groups(reviews).items()
        }
        out_json({"schema": 1, **keys, **rows})
    elif format_ == "junit":
        required = reviews if held else []
        text = junit.text(named(survey)[0], required, junit.held_until(held), survey.people.today)
        click.echo(text.encode())  # UTF-8 on any terminal
    elif format_ == "markdown":
        out(markdown.gate(stage, reviews, opened=not exit_code, merging=merging))
    else:
        warn_if_outside(survey)
        if unreadable:
            out(f"Gate {stage}: closed. {plain(unreadable)}. Until it is fixed, nothing is known.")
        else:
            _print(stage, reviews, opened=not exit_code, merging=merging)
    if held or not_a_project(survey):
        return exit_code
    if format_ == "text" and not as_json:
        out(NOT_HELD)
    return 0


def _groups(reviews: list[Review]) -> dict[str, list[Review]]:
    """The steps that are not done, failures first, then stale; those done by a waiver; passes with a remark."""
    order = {FAIL: 0, STALE: 1}
    refused = [r for r in reviews if r.verdict not in DONE]
    return {
        "refused": sorted(refused, key=lambda r: order.get(r.verdict, 2)),
        "waived": [r for r in reviews if r.verdict == WAIVED],
        "remarked": [r for r in reviews if r.verdict == PASS and r.reason],
    }


def _print(stage: str, reviews: list[Review], *, opened: bool, merging: bool) -> None:
    refused, waived, remarked = _groups(reviews).values()
    count = f"{len(refused)} of {len(reviews)} steps are not done"
    out(f"Gate {stage}: {'open' if opened else f'closed, {count}'}.")
    if merging:
        out("A merge is not resolved: resolve it, run the pipeline, then poc2prod check and git add.")
    for number, item in enumerate(refused, 1):
        out(f"{number:>3}. {item.step.number} {item.step.title} ({item.verdict}): {plain(item.reason)}")
        if item.todo:
            out(f"       {plain(item.todo)}")
    for what, group in (("waived", waived), ("passed, with a remark", remarked)):
        for item in group:
            out(f"  {what}: {item.step.number} {item.step.title}: {plain(item.reason)}")


def _enforced(survey: Survey) -> str | None:
    """The stage in [gate] enforce; CallError if it is not a stage or cannot be read."""
    require_readable(survey)
    section = survey.facts.settings.get("gate", {})
    value = section.get("enforce", "none") if isinstance(section, dict) else section
    if value == "none":
        return None
    if value not in STAGES:
        raise CallError(f"[gate] enforce = {value!r} in poc2prod.toml: it must be none, {', '.join(STAGES)}.")
    return str(value)
