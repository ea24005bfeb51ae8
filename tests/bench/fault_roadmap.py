"""Faults of I.3: a plan with nobody, no day or no money in it."""

from __future__ import annotations

from pathlib import Path

from bench import hands
from bench.registry import fault


@fault("roadmap", "unknown", "docker missing")
def step_left_out(project: Path) -> None:
    """Ten of eleven steps."""
    hands.edit(
        project, "params.toml", '[roadmap.docker]\nowner = "Tom Adeyemi"\ndays = 2\ndate = 2027-01-13\n', ""
    )


@fault("roadmap", "fail", "ci: no owner")
def step_without_owner(project: Path) -> None:
    """Days and a date, and nobody who does it."""
    hands.choose(project, "roadmap.ci", "owner", "")


@fault("roadmap", "fail", "ci: no owner")
def owner_to_be_decided(project: Path) -> None:
    """TBD does the work."""
    hands.choose(project, "roadmap.ci", "owner", '"TBD"')


@fault("roadmap", "fail", "is not a day")
def date_in_words(project: Path) -> None:
    """Soon."""
    hands.choose(project, "roadmap.ci", "date", '"soon"')


@fault("roadmap", "fail", "is not a day")
def no_date(project: Path) -> None:
    """An owner, days, and no date."""
    hands.choose(project, "roadmap.ci", "date", "")


@fault("roadmap", "fail", "is not a number above 0")
def no_days(project: Path) -> None:
    """Work of no days."""
    hands.choose(project, "roadmap.ci", "days", "0")


@fault("roadmap", "fail", "is no reason")
def bare_not_applicable(project: Path) -> None:
    """A step left out for the reason n/a."""
    hands.choose(project, "roadmap.api", "reason", '"n/a"')


@fault("roadmap", "unknown", "cost_per_1000_predictions not set")
def no_budget(project: Path) -> None:
    """What predictions may cost is open."""
    hands.choose(project, "roadmap", "cost_per_1000_predictions", "")


@fault("roadmap", "fail", "memory_mb = 'small'", "improve")
def budget_in_words(project: Path) -> None:
    """Small memory."""
    hands.choose(project, "roadmap", "memory_mb", '"small"')


@fault("roadmap", "fail", "must be a number above 0")
def budget_below_zero(project: Path) -> None:
    """Predictions that pay for themselves."""
    hands.choose(project, "roadmap", "cost_per_1000_predictions", "-0.5")


@fault("roadmap", "unknown", "questions open: risks")
def risks_to_be_written(project: Path) -> None:
    """TBD below the risks."""
    hands.answer(project, "roadmap", "risks", "TBD")


@fault("roadmap", "unknown", "questions open: stop")
def answer_of_dots(project: Path) -> None:
    """Three dots."""
    hands.answer(project, "roadmap", "stop", "...")


@fault("roadmap", "unknown", "questions open: budget")
def only_a_comment(project: Path) -> None:
    """An answer inside a comment, which nobody reads."""
    hands.answer(project, "roadmap", "budget", "<!-- half a euro -->")


@fault(
    *("roadmap", "unknown", "params.toml", "approaches", "problem", "data", "split", "features"),
    *("baseline", "interpret", "evaluate", "improve"),
)
def params_that_cannot_be_read(project: Path) -> None:
    """A bracket too many in params.toml."""
    hands.edit(project, "params.toml", "[roadmap.ci]", "[[roadmap.ci]")
