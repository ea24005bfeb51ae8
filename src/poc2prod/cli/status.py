"""poc2prod status: the 21 steps, the stage, what to do next. Compares hashes and recomputes nothing."""

import click

from ..errors import CallError
from ..reports import status as report
from ..reports.words import columns, may_color
from ..survey import Survey
from .common import as_json, code, exit_code, on_project, open_project, out, out_json, warn_if_outside


@click.command("status")
@on_project
@as_json
@click.option("--iteration", type=int, metavar="N", help="Show the verdicts of a closed iteration.")
@exit_code
def command(project: str | None, as_json: bool, iteration: int | None, exit_code: bool) -> int | None:
    """Show the verdict of each step, the stage, and what to do next."""
    survey = open_project(project, remember=True)
    if iteration is not None:
        _closed(survey, iteration, as_json)
        return None
    overview = survey.overview()
    if as_json:
        out_json(report.data(overview))
    else:
        warn_if_outside(survey, "The steps of the checklist:")
        out(report.text(overview, columns(), color=may_color()))
    return code(overview.reviews) if exit_code else None


def _closed(survey: Survey, number: int, as_json: bool) -> None:
    """Print the verdicts of a closed iteration."""
    turns = [turn for turn in survey.people.turns if turn.fields["number"] == number + 1]
    if not turns:
        known = sorted({turn.fields["number"] - 1 for turn in survey.people.turns})
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
