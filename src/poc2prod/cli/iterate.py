"""poc2prod iterate: close this iteration with its verdicts and start the next one."""

import click

from .. import checklist, state
from ..errors import CallError, Poc2prodError
from ..review import open_turns
from .common import identified, on_project, out, require_project, require_readable, who


@click.command("iterate")
@click.option("--at", default="evaluate", metavar="STEP", help="The step to start from.", show_default=True)
@click.option("--because", default="", metavar="TEXT", help="The reason: an event's name or text.")
@click.option("--choose", metavar="EVENT", help="If two branches started an iteration: the one to continue.")
@identified
@on_project
def command(
    at: str, because: str, choose: str | None, as_: str | None, note: str, project: str | None
) -> None:
    """Start the next iteration. Show the closed one with: poc2prod status --iteration N."""
    step = checklist.step(at)
    survey = require_project(project)
    require_readable(survey)
    name, log, files = who(as_, survey), survey.people.log, survey.facts.files
    beside = open_turns(survey.people)
    if choose is not None:
        wanted = [turn for turn in beside if choose and turn.name.startswith(choose)]
        if len(wanted) != 1:
            raise CallError(
                f"--choose {choose!r}: the open iterations are {', '.join(t.name for t in beside) or 'none'}."
            )
        for turn in beside:
            if turn != wanted[0]:
                state.write(files, state.read(files), "withdraw", turn.step, name, note, event=turn.name)
        return out(f"Continuing with {wanted[0].name}.")
    if beside:
        raise Poc2prodError(
            f"Two iterations are open. Choose one: poc2prod iterate --choose {beside[0].name}"
        )
    overview = survey.overview()
    closing = {item.step.slug: item.verdict for item in overview.reviews}
    number = overview.iteration + 1
    fields = {"number": number, "at": step.slug, "because": because, "closing": closing}
    event = state.write(files, log, "iterate", step.slug, name, note, **fields)
    out(
        f"Iteration {number} starts at {step.number} {step.title} ({event.name}). "
        "Steps from there on must be signed again."
    )
