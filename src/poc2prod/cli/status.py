"""poc2prod status: the 21 steps, the stage, and the one next thing. Compares hashes; recomputes nothing."""

import click

from ..errors import CallError
from ..reports import status as report
from ..reports.words import columns, may_color
from ..survey import Survey
from .common import HELP, as_json, code, on_project, out, out_json, outside, survey


@click.command("status", context_settings=HELP)
@on_project
@as_json
@click.option("--iteration", type=int, metavar="N", help="How an earlier iteration was closed.")
@click.option(
    "--exit-code", is_flag=True, help="End with 1 where a step fails, 3 where evidence is stale or missing."
)
@click.pass_context
def command(
    ctx: click.Context, project: str | None, as_json: bool, iteration: int | None, exit_code: bool
) -> None:
    """Show how far the project is, from evidence, and what to do next."""
    found = survey(project, remember=True)
    if iteration is not None:
        return _closed(found, iteration, as_json)
    overview = found.overview()
    if as_json:
        out_json(report.data(overview))
    else:
        outside(found, "What the checklist would ask:")
        out(report.text(overview, columns(), color=may_color()))
    if exit_code:
        ctx.exit(code(list(overview.reviews)))


def _closed(found: Survey, number: int, as_json: bool) -> None:
    """The verdicts with which an iteration was closed."""
    turns = [turn for turn in found.people.turns if turn.fields["number"] == number + 1]
    if not turns:
        known = sorted({turn.fields["number"] - 1 for turn in found.people.turns})
        raise CallError(
            f"--iteration {number}: closed iterations are {', '.join(map(str, known)) or 'none yet'}."
        )
    if as_json:
        closed = [
            {"event": turn.name, "who": turn.who, "when": turn.when, "closing": turn.fields["closing"]}
            for turn in turns
        ]
        return out_json({"schema": report.SCHEMA, "iteration": number, "closed": closed})
    for turn in turns:
        out(report.closed(number, turn))
