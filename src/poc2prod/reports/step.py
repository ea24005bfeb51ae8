"""One step explained: its question, its checks and findings, its signatures, what to do."""

from collections.abc import Mapping
from typing import Any

from ..checklist import steps
from ..evidence.finding import PASS
from ..files import Unreadable
from ..forms import Form
from ..records import OTHER
from ..review import Review
from ..survey import Survey
from .words import MARKS, STAGES, doubts, finding_line, plain, verdict

SCHEMA = 1
SOURCE = (
    "The source is src/, tests/, settings, locks, container files and workflows. Only their common hash is "
    "recorded, so it is not known which file changed."
)


def text(
    review: Review, texts: Mapping[str, str], form: Form | Unreadable | None, extra: tuple[str, ...] = ()
) -> str:
    """The explanation. `texts`: the text of each check; `form`: the step's page; `extra`: more lines."""
    step = review.step
    badge = f"{MARKS[review.verdict]} {verdict(review.verdict)}"
    lines = [f"{step.number} {step.title} ({STAGES[step.stage]}): {badge}", "", step.question, step.why, ""]
    if isinstance(form, Form):
        questions = map(_question, form.questions.values())
        lines += [f"Questions for people, in docs/{step.slug}.md:", *questions, ""]
    if step.signers:
        lines += [f"Must be signed by: {' and '.join(step.signers)}.", ""]
    lines.append("Checks and findings:")
    for name in dict.fromkeys([*texts, *(item.check for item in review.findings)]):
        lines += [f"  {texts[name]}"] if name in texts else []
        lines += [f"    {finding_line(item)}" for item in review.findings if item.check == name]
        lines += ["    ? not checked yet"] if not review.findings else []
    for item in review.signatures:
        verb = {"sign": "signed", "refuse": "refused"}[item.kind]
        note = [plain(item.note)] if item.note else []
        lines.append(
            f"    {plain(item.who)} {verb} as {plain(item.role)} on {item.when} (event {item.event})"
        )
        lines += [f"      {line}" for line in (*note, *doubts(item))]
    lines += ["", *extra] if extra else []
    todo = dict.fromkeys(item.todo for item in review.findings if item.todo)
    if review.reason:
        what = "A remark" if review.verdict == PASS else f"Why {verdict(review.verdict)}"
        lines += ["", f"{what}: {plain(review.reason)}"]
    if any(OTHER in item.text for item in review.findings):
        lines.append(SOURCE)
    lines += ["What to do:", *(f"  {plain(item)}" for item in todo)] if todo else []
    return "\n".join(lines)


def data(review: Review, texts: Mapping[str, str], form: Form | Unreadable | None) -> dict[str, Any]:
    """The same as plain values."""
    keys = ("name", "title", "line", "answered", "optional")
    asked = form.questions.values() if isinstance(form, Form) else ()
    return {
        "schema": SCHEMA, "step": review.step._asdict(), "verdict": review.verdict, "reason": review.reason,
        "questions": [{key: getattr(item, key) for key in keys} for item in asked],
        "checks": dict(texts), "findings": [item._asdict() for item in review.findings],
        "signatures": [item._asdict() for item in review.signatures],
    }  # fmt: skip


def _question(item: Any) -> str:
    state = "answered" if item.answered else "optional" if item.optional else "OPEN"
    title = plain(item.asked or item.title)
    return f"  line {item.line:>3}  {state:<8}  {item.name}: {title}"


def order(package: str) -> tuple[str, ...]:
    """The last commands of Part I, in the order in which nothing has to run twice."""
    run = f"python -m {package}"
    return (
        "Finish Part I in this order, so that nothing has to run twice:",
        "  1. write the cause of each error into docs/errors.csv",
        f"  2. {run} poc",
        f"  3. {run} evaluate --open-test   when all choices are made: each test evaluation is counted",
        f"  4. {run} improve",
        "  5. answer docs/improve.md",
        "  6. poc2prod sign improve --role owner",
        "  7. poc2prod check",
    )


def plan(survey: Survey) -> tuple[str, ...]:
    """The plan of Part II and its events."""
    lines = []
    for step in steps():
        entry = survey.facts.param(f"roadmap.{step.slug}") if step.stage != "poc" else None
        if isinstance(entry, dict):
            events = [event for event in survey.people.events if event.step == step.slug]
            last = f"{events[-1].kind} on {events[-1].when} by {events[-1].who}" if events else "nothing yet"
            when = str(entry.get("date") or f"not needed: {entry.get('reason', 'no reason')}")
            lines.append(f"  {step.number:<6} {step.title:<22} {plain(when)}; {plain(last)}")
    return ("Plan and events:", *lines) if lines else ()
