"""poc2prod iterate: close this iteration with its verdicts, and open the next."""

import click

from .. import checklist, state
from ..errors import CallError, Poc2prodError
from ..review import open_turns
from .common import HELP, identified, inside, on_project, out, readable, who


@click.command("iterate", context_settings=HELP)
@click.option("--at", default="evaluate", metavar="STEP", help="Where it starts; I.9 unless said otherwise.")
@click.option("--because", default="", metavar="TEXT", help="What led to it: an event's name, or words.")
@click.option(
    "--choose", metavar="EVENT", help="Of two iterations opened side by side, the one to go on with."
)
@identified
@on_project
def command(
    at: str, because: str, choose: str | None, as_: str | None, note: str, project: str | None
) -> None:
    """Open the next iteration. This one stays readable: poc2prod status --iteration N."""
    step = checklist.step(at)
    found = inside(project)
    readable(found)
    name, log, files = who(as_, found), found.people.log, found.facts.files
    beside = open_turns(found.people)
    if choose is not None:
        wanted = [turn for turn in beside if choose and turn.name.startswith(choose)]
        if len(wanted) != 1:
            raise CallError(
                f"--choose {choose!r}: open side by side are {', '.join(t.name for t in beside) or 'none'}."
            )
        for turn in beside:
            if turn != wanted[0]:
                state.write(files, state.read(files), "withdraw", turn.step, name, note, event=turn.name)
        return out(f"Going on with {wanted[0].name}.")
    if beside:
        raise Poc2prodError(
            f"Two iterations are open. First choose one: poc2prod iterate --choose {beside[0].name}"
        )
    overview = found.overview()
    closing = {item.step.slug: item.verdict for item in overview.reviews}
    number = overview.iteration + 1
    fields = {"number": number, "at": step.slug, "because": because, "closing": closing}
    event = state.write(files, log, "iterate", step.slug, name, note, **fields)
    out(
        f"Iteration {number} starts at {step.number} {step.title} ({event.name}). "
        "Signatures from there on are due again."
    )
