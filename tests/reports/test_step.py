"""One step explained."""

from __future__ import annotations

from poc2prod.checklist import step
from poc2prod.evidence.finding import passed, stale, unknown
from poc2prod.reports.step import SOURCE, text
from poc2prod.review import Review


def shown(verdict: str, reason: str, *found: object) -> list[str]:
    """The lines of a review of II.3."""
    return text(Review(step("refactor"), verdict, reason, "", found, (), ()), {}, None).split("\n")  # type: ignore[arg-type]


def test_what_the_source_is_is_said_once() -> None:
    """Where a record is of another one, however many checks say so."""
    told = "records/lint-1.json is of another source (0 then, 1 now): the source changed after it"
    assert shown("stale", told, stale(told), stale(told)).count(SOURCE) == 1
    assert SOURCE not in shown("unknown", "none", unknown("none"))


def test_the_reason_of_a_pass_is_a_remark() -> None:
    """And is called one."""
    assert shown("pass", "target 3: cannot tell", passed("it holds"))[-1] == "A remark: target 3: cannot tell"
