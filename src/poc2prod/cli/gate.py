"""poc2prod gate STAGE: for CI. Recomputes what is present, and says why not."""

from typing import NamedTuple

import click

from ..checklist import STAGES, until
from ..errors import CallError
from ..evidence.finding import FAIL, PASS, STALE
from ..reports import junit, markdown
from ..reports.dossier import named
from ..reports.words import plain
from ..review import DONE, WAIVED, Review
from ..survey import Survey
from .common import HELP, as_json, code, on_project, out, out_json, outside, readable, strange, survey
from .console import slow

FORMATS = ("text", "markdown", "junit")
NOT_HELD = 'No stage is held, since [gate] enforce in poc2prod.toml is "none": this ends with 0.'


@click.command("gate", context_settings=HELP)
@click.argument("stage", type=click.Choice(STAGES), required=False)
@on_project
@as_json
@click.option("--format", "format_", type=click.Choice(FORMATS), default="text", help="What to print.")
@click.pass_context
def command(ctx: click.Context, stage: str | None, project: str | None, as_json: bool, format_: str) -> None:
    """Hold the project against STAGE (and those before it). Without STAGE: the one in [gate] enforce; where
    that is none, say how far the project is and end with 0.
    """
    found = survey(project)
    held = stage or _enforced(found)
    steps = until(held) if held else []
    blind = "; ".join(map(str, found.facts.damage))
    with slow("checking"):
        found.judge([] if blind else steps)
        steps = steps or found.judge_stages()
    answer = Answer(found, held, steps[-1].stage, [found.review(step) for step in steps])
    if as_json:
        _json(answer)
    elif format_ == "junit":
        _junit(answer)
    elif format_ == "markdown":
        reviews, merging = answer.reviews, found.facts.merging()
        out(markdown.gate(answer.stage, reviews, opened=not answer.code, merging=merging))
    else:
        outside(found)
        _words(answer, blind)
    if not held and not strange(found):
        out(NOT_HELD) if not as_json and format_ == "text" else None
        ctx.exit(0)
    ctx.exit(answer.code)


class Answer(NamedTuple):
    """What a gate found: `held` is the stage that must be done, if any; `stage` the one looked at."""

    found: Survey
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
        """Steps that are done by a waiver alone."""
        return [r for r in self.reviews if r.verdict == WAIVED]

    @property
    def remarked(self) -> list[Review]:
        """Steps that pass with a remark."""
        return [r for r in self.reviews if r.verdict == PASS and r.reason]

    @property
    def code(self) -> int:
        """0: the stage is done; 1: something failed or a merge is not resolved; 3: evidence is missing."""
        return code(self.reviews) or int(self.found.facts.merging())


def _words(answer: Answer, blind: str) -> None:
    if blind:
        return out(f"Gate {answer.stage}: closed. {plain(blind)}. Until it is mended, nothing is known.")
    count = f"{len(answer.refused)} of {len(answer.reviews)} steps are not done"
    out(f"Gate {answer.stage}: {f'closed, {count}' if answer.code else 'open'}.")
    if answer.found.facts.merging():
        out("An unresolved merge: resolve it first, then run the pipeline, poc2prod check, git add.")
    for number, item in enumerate(answer.refused, 1):
        out(f"{number:>3}. {item.step.number} {item.step.title} ({item.verdict}): {plain(item.reason)}")
        out(f"       {plain(item.todo)}") if item.todo else None
    for item in answer.waived:
        out(f"  leaned on a waiver: {item.step.number} {item.step.title}: {plain(item.reason)}")
    for item in answer.remarked:
        out(f"  passed with a remark: {item.step.number} {item.step.title}: {plain(item.reason)}")


def _json(answer: Answer) -> None:
    rows = {
        name: [{"slug": r.step.slug, "verdict": r.verdict, "reason": r.reason, "todo": r.todo} for r in group]
        for name, group in (
            ("refused", answer.refused),
            ("waived", answer.waived),
            ("remarked", answer.remarked),
        )
    }
    merging = answer.found.facts.merging()
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
    """Print the steps of the stages that are held as JUnit tests, in UTF-8 whatever the terminal speaks."""
    reviews = answer.reviews if answer.held else []
    held = junit.held_until(answer.held)
    text = junit.text(named(answer.found)[0], reviews, held, answer.found.people.today)
    click.echo(text.encode())


def _enforced(found: Survey) -> str | None:
    """The stage in [gate] enforce; CallError where that is none, or cannot be read."""
    readable(found)
    section = found.facts.settings.get("gate", {})
    value = section.get("enforce", "none") if isinstance(section, dict) else section
    if value == "none":
        return None
    if value not in STAGES:
        raise CallError(f"[gate] enforce = {value!r} in poc2prod.toml: it must be none, {', '.join(STAGES)}.")
    return str(value)
