"""I.3 from a page and [roadmap]."""

from __future__ import annotations

from pathlib import Path

import pytest
from outcomes import outcomes, replace, text


def test_a_full_plan_passes(root: Path) -> None:
    """All eleven with owner, days and date; both budgets."""
    assert outcomes(root, "roadmap") == dict.fromkeys(("answers", "complete", "planned", "budgets"), "pass")


@pytest.mark.parametrize(
    ("old", "new", "check", "outcome"),
    [
        ("[roadmap.docker]", "[roadmap.dockr]", "complete", "unknown"),
        ('[roadmap.docker]\nowner = "Bob"', "[roadmap.docker]", "planned", "fail"),
        ('[roadmap.docker]\nowner = "Bob"', '[roadmap.docker]\nowner = "TBD"', "planned", "fail"),
        (
            '[roadmap.ci]\nowner = "Bob"\ndays = 3',
            '[roadmap.ci]\nowner = "Bob"\ndays = "few"',
            "planned",
            "fail",
        ),
        ("memory_mb = 500", 'memory_mb = "small"', "budgets", "fail"),
        ("memory_mb = 500", "", "budgets", "unknown"),
    ],
)
def test_holes_in_the_plan_are_named(root: Path, old: str, new: str, check: str, outcome: str) -> None:
    """A step that is missing, nobody's, without effort; a budget that is no number."""
    replace(root, "params.toml", old, new)
    assert outcomes(root, "roadmap")[check] == outcome


@pytest.mark.parametrize(
    ("reason", "outcome"), [("n/a", "fail"), ("the platform team builds our images", "pass")]
)
def test_a_step_that_is_not_needed_needs_a_reason(root: Path, reason: str, outcome: str) -> None:
    """'n/a' is none."""
    plan = '[roadmap.docker]\nowner = "Bob"\ndays = 3\ndate = 2030-01-31\n'
    replace(root, "params.toml", plan, f'[roadmap.docker]\nreason = "{reason}"\n')
    assert outcomes(root, "roadmap")["planned"] == outcome


def test_the_last_day_is_said(root: Path) -> None:
    """The plan's end stands in the finding."""
    assert text(root, "roadmap", "planned") == (
        "11 with owner, days and date, the last on 2030-01-31; 0 not needed, with a reason"
    )
