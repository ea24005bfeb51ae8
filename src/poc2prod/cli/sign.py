"""poc2prod sign STEP: a person answers for exactly this content."""

import sys

import click

from .. import checklist, state
from ..checklist import Step
from ..errors import CallError, nearest
from ..evidence import signed
from ..reports.signing import words
from ..reports.words import may_color
from ..survey import Survey
from .common import HELP, identified, inside, on_project, out, readable, who


@click.command("sign", context_settings=HELP)
@click.argument("step")
@click.option("--role", metavar="ROLE", help="In which role of [roles] you sign.")
@click.option("--refuse", is_flag=True, help="Record that you do not agree.")
@click.option("--withdraw", metavar="EVENT", help="Take back an event of yours, by its name.")
@click.option("--yes", is_flag=True, help="Do not ask whether to sign what is shown: needed in a script.")
@identified
@on_project
def command(
    step: str,
    role: str | None,
    refuse: bool,
    withdraw: str | None,
    yes: bool,
    as_: str | None,
    note: str,
    project: str | None,
) -> None:
    """Sign a step's answers, choices and results, as they are now. They are shown, and kept with the
    signature.
    """
    chosen = checklist.step(step)
    found = inside(project)
    readable(found)
    name = who(as_, found)
    if withdraw is not None:
        return _withdraw(found, chosen, name, withdraw, note)
    role = role or _role(found, chosen, name)
    content = signed(chosen, found.facts)
    if not content:
        raise CallError(
            f"{chosen.slug} has nothing to sign yet: poc2prod show {chosen.slug} says what is missing."
        )
    out(f"{name} {'refuses' if refuse else 'signs'} {chosen.number} {chosen.title} as {role}:")
    found.judge([chosen])
    out("\n".join(words(content, found.facts, found.judged[chosen.slug].findings, color=may_color())))
    if not yes and not sys.stdin.isatty():
        raise CallError(
            "There is no terminal to ask at whether you answer for that. Where you have read it: --yes."
        )
    if not yes:
        click.confirm("Is that what you answer for?", abort=True, err=True)
    kind = "refuse" if refuse else "sign"
    event = state.write(
        found.facts.files, found.people.log, kind, chosen.slug, name, note, role=role, content=content
    )
    out(f"Recorded as {state.FOLDER}/{event.name}.json. Commit it.")
    if event.mail not in found.people.roles.get(role, []):
        out(
            f"It does not count yet: {event.mail} is not listed as {role}. "
            f"Add it to [roles] {role} in poc2prod.toml."
        )


def _role(found: Survey, step: Step, name: str) -> str:
    """The role to sign in: one the step needs and the person has, else the first it needs, else one the
    person has.
    """
    mine = [role for role, mails in found.people.roles.items() if state.mail(name) in mails]
    fitting = [role for role in step.signers if role in mine] or list(step.signers) or mine
    if not fitting:
        raise CallError("Say in which role you sign: --role owner, or another of [roles] in poc2prod.toml.")
    return fitting[0]


def _withdraw(found: Survey, step: Step, name: str, event: str, note: str) -> None:
    own = [e for e in found.people.events if e.step == step.slug]
    mine = [e.name for e in own if (e.mail or e.who) == (state.mail(name) or name)]
    wanted = [known for known in mine if event and known.startswith(event)]
    if len(wanted) != 1:
        raise CallError(
            f"--withdraw {event!r} is no event of yours on {step.slug}; "
            f"there are: {', '.join(mine) or 'none'}.{nearest(event, mine)}"
        )
    state.write(found.facts.files, found.people.log, "withdraw", step.slug, name, note, event=wanted[0])
    out(f"Taken back: {wanted[0]}.")
