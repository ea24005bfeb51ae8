"""Prompts for the answers that the call does not give, with explanations and defaults."""

from collections.abc import Sequence

import click

from .. import answers, generate
from ..errors import CallError, nearest
from ..user_data import Proposal, UserData
from .console import clean, note, say, slow


def ask(given: dict[str, str], known: dict[str, str]) -> dict[str, str]:
    """The given answers and one for each open question. `known`: defaults from the data."""
    answered = dict(given)
    for key, question in answers.questions().items():
        if key not in given:
            default = known.get(key) or generate.complete(answered)[key]
            answered[key] = (
                _ask_choice(question, default) if question.choices else _ask_text(question, default)
            )
    return answered


def named_like(data: str) -> str:
    """A project name from a file name ("Customers 2024" from customers_2024.csv.gz), else empty."""
    name = " ".join(data.partition(".")[0].replace("_", " ").replace("-", " ").split())
    try:
        return answers.check("project_name", name[:1].upper() + name[1:])
    except CallError:
        return ""


def _ask_text(question: answers.Question, default: str) -> str:
    while True:
        value: str = click.prompt(question.prompt, default=default, show_default=bool(default), err=True)
        try:
            return answers.check(question.key, value.strip())
        except CallError as error:
            note(str(error))


def _ask_choice(question: answers.Question, default: str) -> str:
    note(question.prompt)
    for choice_text in question.choices.values():
        note(f"    {choice_text}")
    choice = click.Choice(list(question.choices), case_sensitive=False)
    value: str = click.prompt("  which", default=default, type=choice, show_choices=False, err=True)
    return value


def ask_target(columns: Sequence[str]) -> str:
    """The column to predict."""
    note(f"The table's columns: {', '.join(columns)}")
    while True:
        value: str = click.prompt("Which column do you want to predict", err=True)
        if value in columns:
            return value
        note(f"There is no column {clean(value)!r}.{nearest(value, list(columns))}")


QUESTIONS = {
    "time": "Which column says when a row was (- for none)",
    "group": "Which column's rows belong together (- for none)",
    "id": "Which column names a row (- for none)",
}


def ask_roles(data: UserData) -> UserData:
    """The table under the roles that are agreed on: each proposal is shown and asked about once.

    What is agreed on can bring up further proposals, such as a leak that shows within groups only.
    """
    asked: set[tuple[str, ...]] = set()
    while new := [one for one in data.proposals if (one.role, *one.columns) not in asked]:
        roles = data.roles
        for one in new:
            asked.add((one.role, *one.columns))
            if columns := _ask_role(data, one):
                roles = one.taken(roles, columns)
        if roles == data.roles:
            break
        with slow("looking again"):
            data = data.with_roles(roles)
    return data


def _ask_role(data: UserData, one: Proposal) -> tuple[str, ...]:
    """The columns that get the role: those proposed, another, or none."""
    say(one.text)
    if one.role in ("exclude", "sensitive"):
        question = f"Exclude {clean(' and '.join(one.columns))}"
        question = question if one.role == "exclude" else f"Watch the scores by {clean(one.columns[0])}"
        yes = click.confirm(question, default=one.sure, err=True)
        return one.columns if yes else ()
    while True:
        value: str = click.prompt(QUESTIONS[one.role], default=one.columns[0], err=True).strip()
        if value == "-":
            return ()
        try:
            data.check(one.taken(data.roles, (value,)))
        except CallError as error:
            note(str(error))
        else:
            return (value,)
