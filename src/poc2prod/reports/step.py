"""One step explained: what it asks, why, what was found, who signed, what is missing."""

from collections.abc import Mapping
from typing import Any

from ..checklist import steps
from ..evidence.finding import PASS
from ..files import Unreadable
from ..forms import Form
from ..records import OTHER
from ..review import Review
from ..survey import Survey
from .words import MARKS, STAGES, plain, verdict

SCHEMA = 1
SOURCE = (
    "The source is src/, tests/, settings, locks, container files and workflows. What is kept is the hash of "
    "all, which tells that something changed, not what."
)


def text(
    found: Review, texts: Mapping[str, str], form: Form | Unreadable | None, extra: tuple[str, ...] = ()
) -> str:
    """The explanation as lines. `texts`: each check's own text; `form`: the step's page; `extra`: lines of
    its own.
    """
    step = found.step
    lines = [
        f"{step.number} {step.title} ({STAGES[step.stage]}): {MARKS[found.verdict]} {verdict(found.verdict)}"
    ]
    lines += ["", step.question, step.why, ""]
    if isinstance(form, Form):
        lines += [
            f"What people decide, in docs/{step.slug}.md:",
            *map(_question, form.questions.values()),
            "",
        ]
    if step.signers:
        lines += [f"Signed by: {' and '.join(step.signers)}.", ""]
    lines.append("What is proven, and what was found:")
    for name in dict.fromkeys([*texts, *(item.check for item in found.findings)]):
        mine = [item for item in found.findings if item.check == name]
        lines += [f"  {texts[name]}"] if name in texts else []
        lines += [
            f"    {_mark(item.outcome)} {item.outcome} ({item.basis}): {plain(item.text)}" for item in mine
        ]
        lines += ["    ? not looked at yet"] if not mine and not found.findings else []
    lines += [line for item in found.signatures for line in _signature(item)]
    lines += ["", *extra] if extra else []
    todo = list(dict.fromkeys(item.todo for item in found.findings if item.todo))
    if found.reason:
        what = "A remark" if found.verdict == PASS else f"Why {verdict(found.verdict)}"
        lines += ["", f"{what}: {plain(found.reason)}"]
    if any(OTHER in item.text for item in found.findings):
        lines.append(SOURCE)
    lines += ["What to do:", *(f"  {plain(item)}" for item in todo)] if todo else []
    return "\n".join(lines)


def data(found: Review, texts: Mapping[str, str], form: Form | Unreadable | None) -> dict[str, Any]:
    """The same as plain values."""
    questions = [
        {
            "name": item.name,
            "title": item.title,
            "line": item.line,
            "answered": item.answered,
            "optional": item.optional,
        }
        for item in (form.questions.values() if isinstance(form, Form) else ())
    ]
    step = {key: value for key, value in found.step._asdict().items() if key != "minutes"}
    return {
        "schema": SCHEMA, "step": step, "verdict": found.verdict, "reason": found.reason,
        "questions": questions,
        "checks": dict(texts), "findings": [item._asdict() for item in found.findings],
        "signatures": [item._asdict() for item in found.signatures],
    }  # fmt: skip


def _question(item: Any) -> str:
    state = "answered" if item.answered else "optional" if item.optional else "OPEN"
    title = plain(item.asked or item.title)
    return f"  line {item.line:>3}  {state:<8}  {item.name}: {title}"


def _mark(outcome: str) -> str:
    return MARKS.get(outcome, "-")


def _signature(item: Any) -> list[str]:
    said = {"sign": "signed", "refuse": "refused"}[item.kind]
    lines = [f"    {plain(item.who)} {said} as {plain(item.role)} on {item.when} (event {item.event})"]
    lines += [f"      {plain(item.note)}"] if item.note else []
    lines += [f"      does not count: {plain(item.why)}"] if item.why else []
    return lines + [f"      since then {plain(change)}" for change in item.changed]


def order(package: str) -> tuple[str, ...]:
    """How Part I ends without going back: what each command reads is made by those before it."""
    run = f"python -m {package}"
    return (
        "Part I ends in this order, and nothing is done twice:",
        "  1. write the cause of each case into docs/errors.csv",
        f"  2. {run} poc",
        f"  3. {run} evaluate --open-test   once no choice is open: every opening is counted",
        f"  4. {run} improve",
        "  5. answer docs/improve.md",
        "  6. poc2prod sign improve --role owner",
        "  7. poc2prod check",
    )


def plan(found: Survey) -> tuple[str, ...]:
    """The planned days of Part II beside what the events say happened."""
    lines = ["Planned, and what happened:"]
    for step in steps():
        entry = found.facts.param(f"roadmap.{step.slug}") if step.stage != "poc" else None
        if isinstance(entry, dict):
            happened = [event for event in found.people.events if event.step == step.slug]
            last = (
                f"{happened[-1].kind} on {happened[-1].when} by {happened[-1].who}"
                if happened
                else "nothing yet"
            )
            when = (
                f"{entry['date']}" if entry.get("date") else f"not needed: {entry.get('reason', 'no reason')}"
            )
            lines.append(f"  {step.number:<6} {step.title:<22} {plain(when)}; {plain(last)}")
    return tuple(lines) if len(lines) > 1 else ()
