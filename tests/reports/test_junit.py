"""The steps as JUnit tests."""

from __future__ import annotations

import xml.etree.ElementTree as Xml

import pytest
from report_samples import TODAY, hostile, reviews, verdict

from poc2prod.reports import junit


def outcome(name: str, held: tuple[str, ...]) -> str:
    """How a step of the first stage with this verdict appears: its child's tag and message, or `passed`."""
    made = Xml.fromstring(junit.text("p", reviews(**verdict("data", name, "why")), held, TODAY))
    case = next(item for item in made.iter("testcase") if item.get("name") == "I.4 Data")
    child = next((item for item in case if item.tag != "system-out"), None)
    return "passed" if child is None else f"{child.tag}: {child.get('message')}"


@pytest.mark.parametrize(
    ("name", "held", "free"),
    [
        ("pass", "passed", "passed"),
        ("fail", "failure: fail: why", "failure: fail: why"),
        ("stale", "failure: stale: why", "skipped: stale: why"),
        ("unknown", "failure: unknown: why", "skipped: unknown: why"),
        ("waived", "skipped: waived: why", "skipped: waived: why"),
        ("not_applicable", "skipped: not applicable: why", "skipped: not applicable: why"),
    ],
)
def test_a_verdict_is_a_test_result(name: str, held: str, free: str) -> None:
    """Stale and unknown fail where a gate holds the stage, and are skipped where none does."""
    assert (outcome(name, ("poc",)), outcome(name, ())) == (held, free)


def test_stages_are_suites_with_their_counts() -> None:
    """Each suite and the whole count tests, failures and skipped."""
    told = verdict("data", "fail", "no") | verdict("api", "unknown") | verdict("rollout", "waived")
    made = Xml.fromstring(junit.text("p", reviews(**told), junit.held_until("poc"), TODAY))
    counts = [
        tuple(item.get(key) for key in ("name", "tests", "failures", "skipped")) for item in (made, *made)
    ]
    assert counts == [
        ("p", "21", "1", "2"),
        ("Proof of concept", "10", "1", "0"),
        ("Pre-production", "8", "0", "1"),
        ("Production", "3", "0", "1"),
    ]


def test_a_case_is_written_in_full() -> None:
    """Name, message, what to do and the findings."""
    told = verdict("approaches", "fail", "1 approach, at least 2", "add a row")
    assert junit.text("p", reviews(**told)[:1], (), TODAY).split("\n")[3:8] == [
        '    <testcase classname="poc2prod.poc" name="I.1 Approaches" time="0">',
        '      <failure message="fail: 1 approach, at least 2" type="fail">fail: 1 approach, at least 2',
        "To do: add a row</failure>",
        "      <system-out>fail (recomputed): 1 approach, at least 2</system-out>",
        "    </testcase>",
    ]


def test_any_text_gives_valid_xml() -> None:
    """Control characters, surrogates and markup in names and reasons do not break the document."""
    found = hostile()
    made = Xml.fromstring(junit.text(found.name, found.overview.reviews, ("poc",), found.day).encode())
    failure = next(made.iter("failure"))
    assert str(failure.get("message"))[:37] == 'fail: <script>alert(1)</script> "><im'
    assert [item.tag for item in made] == ["testsuite"] * 3
