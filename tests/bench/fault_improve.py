"""Faults of I.10: actions without evidence, gains that nobody measured, a signature of an older list."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench import hands
from bench.registry import fault


@fault("improve", "fail|stale", "next step")
def action_without_evidence(project: Path) -> None:
    """An action with nothing that speaks for it."""
    _next(project, evidence="")


@fault("improve", "fail|stale", "next step")
def gain_made_up(project: Path) -> None:
    """A gain that no curve gives."""
    _next(project, evidence="A bigger network would give +0.15 roc_auc.")


@fault("improve", "fail|stale", "latency")
def action_that_breaks_the_latency_budget(project: Path) -> None:
    """A slower model, and no word of the budget."""
    _next(project, step="baseline", action="Try a stronger model, an ensemble of ten.", constraint="")


@fault("improve", "fail|stale", "latency")
def constraint_with_another_budget(project: Path) -> None:
    """A constraint that is not the business's."""
    _next(
        project,
        step="baseline",
        action="Try a stronger model.",
        constraint="latency at most 900 ms ([problem] latency_ms)",
    )


@fault("improve", "fail|stale", "label doubtful")
def causes_counted_otherwise(project: Path) -> None:
    """Other counts than docs/errors.csv has."""
    hands.report(project, "improve", lambda found: found["causes"].update({"label doubtful": 17}))
    hands.retell(project)


@fault("improve", "fail|stale", "gain")
def learning_curve_steepened(project: Path) -> None:
    """A larger gain from more rows than the curve gives."""
    hands.report(project, "improve", lambda found: found["doubling"].update(gain=0.09, low=0.08, high=0.1))
    hands.retell(project)


@fault("improve", "fail|stale", "curve")
def learning_curve_left_out(project: Path) -> None:
    """No learning curve."""
    hands.put(project, "improve", "learning_curve", [])
    hands.retell(project)


@fault("improve", "fail|stale", "curve")
def last_point_of_the_curve_raised(project: Path) -> None:
    """The last point is not what validation gives."""
    hands.report(
        project,
        "improve",
        lambda found: found["learning_curve"][-1]["score"].update(value=0.9, low=0.88, high=0.92),
    )
    hands.retell(project)


@fault("improve", "fail|stale", "the report is of model")
def report_of_another_model(project: Path) -> None:
    """The list for a model that is not kept."""
    hands.report(project, "improve", lambda found: found["model"].update(id="0" * 64))
    hands.retell(project)


@fault("improve", "fail|stale", "employment_2015.csv.gz")
def report_of_another_project(project: Path) -> None:
    """Another project's list."""
    hands.swap(project, "households", "reports/improve.json")


@fault("improve", "stale", "docs/improve.md#next")
def choice_changed_after_signing(project: Path) -> None:
    """Something else is tried next than the owner signed."""
    hands.answer(project, "improve", "next", "We buy a second survey.")


@fault("improve", "stale", "reports/improve.json")
def list_changed_after_signing(project: Path) -> None:
    """The list of next steps is another than the owner signed: the first is dropped."""
    hands.report(project, "improve", lambda found: found["next"].pop())
    hands.retell(project)


@fault("improve", "unknown|stale", "docs/improve.md#next")
def next_to_be_written(project: Path) -> None:
    """TODO below what is tried next."""
    hands.answer(project, "improve", "next", "TODO")


@fault("improve", "unknown|stale", "docs/improve.md#constraint")
def constraint_waved_off(project: Path) -> None:
    """None."""
    hands.answer(project, "improve", "constraint", "None")


@fault("improve", "fail|stale", "reports/improve.json#next")
def ranks_swapped(project: Path) -> None:
    """The weakest reason moved to the top."""

    def swap(found: Any) -> None:
        found["next"].reverse()
        for rank, item in enumerate(found["next"], 1):
            item["rank"] = rank

    hands.report(project, "improve", swap)
    hands.retell(project)


@fault("improve", "stale", "docs/errors.csv")
def causes_rewritten_after_the_step(project: Path) -> None:
    """A cause changed since the list was drawn from it."""
    hands.edit(project, "docs/errors.csv", "label doubtful", "rare case")


@fault("improve", "stale", "improve.fractions")
def fractions_changed(project: Path) -> None:
    """Another learning curve than was run."""
    hands.choose(project, "improve", "fractions", "[0.5, 1.0]")


@fault("improve", "unknown|stale", "improve.json")
def report_deleted(project: Path) -> None:
    """No report."""
    (project / "reports/improve.json").unlink()


def _next(project: Path, **words: str) -> None:
    hands.report(project, "improve", lambda found: found["next"][0].update(words))
    hands.retell(project)
