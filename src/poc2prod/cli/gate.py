"""poc2prod gate STAGE: for CI. Checks all steps up to a stage and lists those that are not done."""

from typing import NamedTuple

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
    HELP,
    as_json,
    code,
    not_a_project,
    on_project,
    open_project,
    out,
    out_json,
    require_readable,
    warn_if_outside,
)
from .console import slow

FORMATS = ("text", "markdown", "junit")
NOT_HELD = '[gate] enforce in poc2prod.toml is "none", so no stage is enforced and the exit code is 0.'


@click.command("gate", context_settings=HELP)
@click.argument("stage", type=click.Choice(STAGES), required=False)
@on_project
@as_json
@click.option("--format", "format_", type=click.Choice(FORMATS), default="text", help="What to print.")
@click.pass_context
def command(ctx: click.Context, stage: str | None, project: str | None, as_json: bool, format_: str) -> None:
    """Exit with 0 only if all steps up to STAGE are done. Without STAGE: the stage in [gate] enforce; if that
    is "none", only show the state.
    """
    survey = open_project(project)
    held = stage or _enforced(survey)
    steps = until(held) if held else []
    unreadable = "; ".join(map(str, survey.facts.damage))
    with slow("checking"):
        survey.judge([] if unreadable else steps)
        steps = steps or survey.judge_stages()
    answer = Answer(survey, held, steps[-1].stage, [survey.review(step) for step in steps])
    if as_json:
        _json(answer)
    elif format_ == "junit":
        _junit(answer)
    elif format_ == "markdown":
        reviews, merging = answer.reviews, survey.facts.merging()
        out(markdown.gate(answer.stage, reviews, opened=not answer.code, merging=merging))
    else:
        warn_if_outside(survey)
        _words(answer, unreadable)
    if not held and not not_a_project(survey):
        out(NOT_HELD) if not as_json and format_ == "text" else None
        ctx.exit(0)
    ctx.exit(answer.code)


class Answer(NamedTuple):
    """The result of a gate. `held`: the stage that must be done, if any; `stage`: the stage checked."""

    survey: Survey
    held: str | None
    stage: str
    reviews: list[Review]

    @property
    def refused(self) -> list[Review]:
        """Steps that are not done: failures first, then what is stale, then what is missing."""
        order = {FAIL: 0, STALE: 1}
        return sorted(
            (r for r in self.reviews if r.verdict not in DONE), key=lambda r: order.get(r.verdict, 2)
        )

    @property
    def waived(self) -> list[Review]:
        """Steps that are done only because of a waiver."""
        return [r for r in self.reviews if r.verdict == WAIVED]

    @property
    def remarked(self) -> list[Review]:
        """Steps that pass with a remark."""
        return [r for r in self.reviews if r.verdict == PASS and r.reason]

    @property
    def code(self) -> int:
        """0: the stage is done; 1: something failed or a merge is not resolved; 3: evidence is missing."""
        return code(self.reviews) or int(self.survey.facts.merging())


def _words(answer: Answer, unreadable: str) -> None:
    if unreadable:
        return out(f"Gate {answer.stage}: closed. {plain(unreadable)}. Until it is fixed, nothing is known.")
    count = f"{len(answer.refused)} of {len(answer.reviews)} steps are not done"
    out(f"Gate {answer.stage}: {f'closed, {count}' if answer.code else 'open'}.")
    if answer.survey.facts.merging():
        out("A merge is not resolved: resolve it, run the pipeline, then poc2prod check and git add.")
    for number, item in enumerate(answer.refused, 1):
        out(f"{number:>3}. {item.step.number} {item.step.title} ({item.verdict}): {plain(item.reason)}")
        out(f"       {plain(item.todo)}") if item.todo else None
    for item in answer.waived:
        out(f"  waived: {item.step.number} {item.step.title}: {plain(item.reason)}")
    for item in answer.remarked:
        out(f"  passed, with a remark: {item.step.number} {item.step.title}: {plain(item.reason)}")


def _json(answer: Answer) -> None:
    rows = {
        name: [{"slug": r.step.slug, "verdict": r.verdict, "reason": r.reason, "todo": r.todo} for r in group]
        for name, group in (
            ("refused", answer.refused),
            ("waived", answer.waived),
            ("remarked", answer.remarked),
        )
    }
    merging = answer.survey.facts.merging()
    out_json(
        {
            "schema": 1,
            "stage": answer.stage,
            "held": answer.held is not None,
            "open": not answer.code,
            "merging": merging,
            **rows,
        }
    )


def _junit(answer: Answer) -> None:
    """Print the enforced steps as JUnit tests, in UTF-8 on any terminal."""
    reviews = answer.reviews if answer.held else []
    held = junit.held_until(answer.held)
    text = junit.text(named(answer.survey)[0], reviews, held, answer.survey.people.today)
    click.echo(text.encode())


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
