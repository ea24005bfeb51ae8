"""The steps as JUnit tests, which any CI can show.

Pass is a passed test, fail a failure; waived and not applicable are skipped. Stale and unknown are
failures in the stages that a gate enforces; in later stages they are skipped, because they are not due yet.
"""

import xml.etree.ElementTree as Xml
from collections.abc import Collection, Sequence
from datetime import date

from ..checklist import STAGES
from ..evidence.finding import FAIL, PASS
from ..review import DONE, Review
from .words import STAGES as TITLES
from .words import plain, verdict


def text(name: str, reviews: Sequence[Review], held: Collection[str], day: date) -> str:
    """One suite for each stage. `held`: the stages in which stale and unknown evidence is a failure."""
    root = Xml.Element("testsuites", name=plain(name))
    for stage in STAGES:
        cases = [_case(stage, item, stage in held) for item in reviews if item.step.stage == stage]
        if cases:
            suite = Xml.SubElement(root, "testsuite", name=TITLES[stage], timestamp=f"{day}T00:00:00")
            suite.extend(cases)
            _count(suite)
    _count(root)
    Xml.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(root, encoding="unicode")


def held_until(stage: str | None) -> tuple[str, ...]:
    """A stage and those before it; none for None."""
    return STAGES[: STAGES.index(stage) + 1] if stage else ()


def _case(stage: str, item: Review, held: bool) -> Xml.Element:
    case = Xml.Element(
        "testcase", classname=f"poc2prod.{stage}", name=f"{item.step.number} {item.step.title}", time="0"
    )
    output = plain(f"{verdict(item.verdict)}: {item.reason}" if item.reason else verdict(item.verdict))
    if item.verdict == FAIL or (held and item.verdict not in DONE):
        failure = Xml.SubElement(case, "failure", message=output, type=item.verdict)
        failure.text = f"{output}\nTo do: {plain(item.todo)}" if item.todo else output
    elif item.verdict != PASS:
        Xml.SubElement(case, "skipped", message=output)
    lines = [f"{one.outcome} ({one.basis}): {plain(one.text)}" for one in item.findings]
    if lines:
        Xml.SubElement(case, "system-out").text = "\n".join(lines)
    return case


def _count(element: Xml.Element) -> None:
    names = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}
    for key, tag in names.items():
        element.set(key, str(len(list(element.iter(tag)))))
    element.set("time", "0")
