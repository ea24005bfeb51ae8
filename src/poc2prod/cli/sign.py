"""poc2prod sign STEP: a person signs exactly this content."""

import sys

import click

from .. import checklist, state
from ..checklist import Step
from ..errors import CallError, nearest
from ..evidence import signed
from ..evidence.finding import many
from ..forms import Form
from ..reports.signing import words
from ..reports.words import may_color, plain
from ..survey import Survey
from .common import identified, on_project, out, record, require_project, require_readable, who


@click.command("sign")
@click.argument("step")
@click.option("--role", metavar="ROLE", help="The role in which you sign, one of [roles].")
@click.option("--refuse", is_flag=True, help="Record that you refuse to sign.")
@click.option("--withdraw", metavar="EVENT", help="Withdraw an event of yours, by its name.")
@click.option("--yes", is_flag=True, help="Sign without a prompt; required in scripts.")
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
    """Sign a step's answers, parameters and results as they are now. They are shown and saved with the
    signature.
    """
    chosen = checklist.step(step)
    survey = require_project(project)
    require_readable(survey)
    name = who(as_, survey)
    if withdraw is not None:
        return _withdraw(survey, chosen, name, withdraw, note)
    role = role or _role(survey, chosen, name)
    content = signed(chosen, survey.facts)
    if not content:
        raise CallError(
            f"{chosen.slug} has nothing to sign yet. See what is missing: poc2prod show {chosen.slug}"
        )
    if not refuse:
        _complete(survey, chosen)
    out(f"{name} {'refuses' if refuse else 'signs'} {chosen.number} {chosen.title} as {role}:")
    survey.judge([chosen])
    out("\n".join(words(content, survey.facts, survey.judged[chosen.slug].findings, color=may_color())))
    if not yes and not sys.stdin.isatty():
        raise CallError("There is no terminal for a prompt. If you have read what is shown, use --yes.")
    if not yes:
        click.confirm("Do you sign this?", abort=True, err=True)
    kind = "refuse" if refuse else "sign"
    event = record(survey, kind, chosen.slug, name, note, role=role, content=content)
    if event.mail not in survey.people.roles.get(role, []):
        out(
            f"It does not count yet: {event.mail} is not listed as {role}. "
            f"Add it to [roles] {role} in poc2prod.toml."
        )


def _complete(survey: Survey, step: Step) -> None:
    """CallError with the required questions of the step's page that nobody has answered."""
    form = survey.facts.form(step.slug) if step.form else None
    questions = form.questions.values() if isinstance(form, Form) else ()
    if left := [one for one in questions if not one.optional and not one.answered]:
        lines = "".join(f"\n  line {one.line}: {plain(one.title or one.asked or one.name)}" for one in left)
        raise CallError(
            f"docs/{step.slug}.md has {many(len(left), 'open question')}; answer before you sign:{lines}"
        )


def _role(survey: Survey, step: Step, name: str) -> str:
    """A role that the step needs and the person has; else the first one it needs; else one the person has."""
    own_roles = [role for role, mails in survey.people.roles.items() if state.mail(name) in mails]
    fitting = [role for role in step.signers if role in own_roles] or list(step.signers) or own_roles
    if not fitting:
        raise CallError("--role is missing: name the role in which you sign, such as owner.")
    return fitting[0]


def _withdraw(survey: Survey, step: Step, name: str, event: str, note: str) -> None:
    events = [e for e in survey.people.events if e.step == step.slug]
    own_events = [e.name for e in events if (e.mail or e.who) == (state.mail(name) or name)]
    matches = [known for known in own_events if event and known.startswith(event)]
    if len(matches) != 1:
        raise CallError(
            f"--withdraw {event!r} is not an event of yours on {step.slug}. "
            f"Your events: {', '.join(own_events) or 'none'}.{nearest(event, own_events)}"
        )
    state.write(survey.facts.files, survey.people.log, "withdraw", step.slug, name, note, event=matches[0])
    out(f"Withdrawn: {matches[0]}.")
