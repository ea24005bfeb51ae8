"""Prompts for the answers that the call does not give, with explanations and defaults."""

from collections.abc import Sequence
from pathlib import Path

import click

from .. import answers, generate
from ..errors import CallError, nearest
from .console import clean, note


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


def named_like(data: Path) -> str:
    """A project name from a file name ("Customers 2024" from customers_2024.csv.gz), else empty."""
    name = " ".join(data.name.partition(".")[0].replace("_", " ").replace("-", " ").split())
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
