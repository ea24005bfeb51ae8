"""One page for stakeholders: the goal, what was measured, what is open, who decides what next.

No step numbers, no jargon. The same sections are written as text, Markdown and HTML.
"""

from typing import NamedTuple

from ..checklist import STAGES
from ..evidence.finding import FAIL, PASS, SKIPPED, STALE, UNKNOWN, many
from ..review import DONE, Review
from .certainty import TITLE, caution, certainty, summary
from .certainty import name as name_of
from .markdown import escaped
from .report_data import ReportData
from .words import plain

# What each step means to the reader, once it is done.
STEPS = {
    "approaches": "Which approaches were compared, and why this one was chosen",
    "problem": "What it is for, how good it must be, and what errors cost",
    "roadmap": "People, time and budget to bring it into use",
    "data": "The right data, permitted for this use and as described",
    "split": "A fair test, on cases that the model has not learned from",
    "features": "The model uses only what is known when it must predict",
    "baseline": "Comparison of the model with no model and with a simple one",
    "interpret": "What the model relies on, for which groups it is worse, and why it errs",
    "evaluate": "How good it is on cases that no choice was based on",
    "improve": "What to do next, or why it is good enough",
    "contract": "What goes in, what comes out, and which systems are involved",
    "rollout_plan": "How it is released, and what counts as success",
    "refactor": "Maintainable code",
    "api": "The service answers like the tested model, and fast enough",
    "testing": "Tests that detect when something breaks",
    "docker": "It runs elsewhere as it was tested",
    "ci": "Every change is checked automatically",
    "deploy": "Tried in a test environment first, with a rehearsed way back",
    "rollout": "Proof that it helps in real use",
    "support": "Somebody notices when it gets worse, and knows what to do",
    "iterate": "What was learned in real use, and what follows from it",
}
STAGE = {
    "poc": "finding out whether it works",
    "pre-production": "preparing it for use",
    "production": "using and monitoring it",
}
ROLES = {"stakeholder": "the stakeholder", "owner": "the owner"}
ORDER = (FAIL, STALE, UNKNOWN)
LONG = 420


class Item(NamedTuple):
    """A list entry: label and text."""

    label: str
    text: str


class Section(NamedTuple):
    """A heading, sentences, a list, and sentences after the list."""

    title: str
    sentences: tuple[str, ...]
    items: tuple[Item, ...] = ()
    after: tuple[str, ...] = ()


class Page(NamedTuple):
    """The page."""

    title: str
    lead: str
    sections: tuple[Section, ...]


def page(report: ReportData) -> Page:
    """The page of a project."""
    overview = report.overview
    done = sum(item.verdict in DONE for item in overview.reviews)
    where = f"Stage: {STAGE[overview.stage]}" if overview.stage else "All stages are done"
    lead = f"As of {report.day}. {where}. {done} of {len(overview.reviews)} points are done."
    before, scores, after = certainty(report)
    measured = Section(TITLE, before, tuple(Item(*row) for row in scores), after)
    goal, open_, next_ = _goal(report), _open(report), _next(report)
    people = tuple(map(_upper, ROLES.values()))
    asked = dict.fromkeys(_lower(item.label) for item in next_.items if item.label.startswith(people))
    waiting = f"Waiting for a decision: {'; '.join(asked)}." if asked else "No decision is due today."
    sentences = (summary(report), caution(report), _standing(report.review("problem")), waiting)
    short = Section("In short", tuple(filter(None, sentences)))
    return Page(report.name, lead, (short, goal, measured, open_, next_))


def text(page: Page) -> str:
    """The page as plain text."""
    lines = [page.title, page.lead]
    for section in page.sections:
        lines += ["", section.title, "-" * len(section.title), *section.sentences]
        lines += [f"- {item.label}: {item.text}" for item in section.items]
        lines += section.after
    return "\n".join(map(plain, lines))


def markdown(page: Page) -> str:
    """The page as Markdown."""
    parts = [f"# {escaped(page.title)}", escaped(page.lead)]
    for section in page.sections:
        items = [f"- **{escaped(item.label)}**: {escaped(item.text)}" for item in section.items]
        parts += [f"## {section.title}", *map(escaped, section.sentences)]
        parts += ["\n".join(items)] if items else []
        parts += map(escaped, section.after)
    return "\n\n".join(parts)


def _goal(report: ReportData) -> Section:
    use, decision = (_short(report.answers[f"problem.{key}"]) for key in ("use", "decision"))
    items = [Item("Purpose", use or "not written down yet.")]
    items += [Item("Decision", decision)] if decision else []
    measured, target = report.measured, report.target
    if target is None:
        items.append(Item("Target", "none. Nobody has decided yet how good is good enough."))
    else:
        most = "at most" if measured and measured.lower_is_better else "at least"
        what = name_of(measured.metric) if measured else "a metric"
        items.append(Item("Target", f"{what} of {most} {target:g}."))
    signed = []
    for one in report.review("problem").signatures:
        if one.counts:
            changed = "; ".join(map(_key, one.changed[:3])) + ("; and more" if len(one.changed) > 3 else "")
            since = f"Changed since: {changed}." if one.changed else "Nothing changed since."
            label = "Signed by" if one.kind == "sign" else "Refused by"
            signed.append(Item(label, f"{_person(one.who)}, {one.when}. {since}"))
    return Section("The goal", (), (*items, *(signed or [Item("Signed by", "nobody yet.")])))


def _standing(item: Review) -> str:
    """Whether the goal is signed, in a sentence."""
    counting = [one for one in item.signatures if one.counts]
    if any(one.kind == "refuse" for one in counting):
        return "The goal was refused."
    if not counting:
        return "Nobody has signed the goal yet."
    if any(one.changed for one in counting):
        return "The goal has changed since it was signed."
    return "The goal is signed and unchanged."


def _open(report: ReportData) -> Section:
    stage = report.overview.stage
    if not stage:
        return Section("What is open", ("Nothing.",))
    rows = sorted(report.open(stage), key=lambda item: ORDER.index(item.verdict))
    items = [Item(_state(item), f"{_lower(STEPS[item.step.slug])}.") for item in rows]
    for row in report.waivers:
        if row.state == "in force" and row.until:
            what = _lower(STEPS.get(row.step.slug, row.step.title))
            label = f"Waived until {row.until} by {_person(row.owner)}"
            items.append(Item(label, f"{what}. Reason: {_short(row.reason)}"))
    later = [(STAGE[name], len(report.open(name))) for name in STAGES if name != stage]
    ahead = ", then ".join(f"{what} ({count} points)" for what, count in later if count)
    sentence = f"At this stage ({STAGE[stage]}):"
    return Section("What is open", (sentence,), tuple(items), (f"Later: {ahead}.",) if ahead else ())


def _state(item: Review) -> str:
    if item.verdict == FAIL:
        refused = any(one.kind == "refuse" and one.counts for one in item.signatures)
        return "Refused" if refused else "Check failed"
    if item.verdict == STALE:
        return "Changed since it was done"
    done = all(one.outcome in (PASS, SKIPPED) for one in item.findings if one.check != "signature")
    return "Waiting for a signature" if done else "Not done yet"


def _next(report: ReportData) -> Section:
    due = report.open(report.overview.stage) if report.overview.stage else []
    items = _unclear(report)
    items += [
        Item(_who(report, role), f"must sign “{STEPS[item.step.slug]}”. {_by(report, item)}")
        for item in due
        for role in item.step.signers
        if _missing(item, role)
    ]
    work = [item for item in due if not any(_missing(item, role) for role in item.step.signers)]
    if work:
        first = f"{_lower(STEPS[work[0].step.slug])}. {_by(report, work[0])}"
        items.append(Item("The team", f"works on {many(len(work), 'more point')}; the first: {first}"))
    if not due:
        items.append(Item("The owner", "decides whether to start another iteration."))
    plan, deadline = (_short(report.answers[key]) for key in ("improve.next", "problem.deadline"))
    late = "was due" if report.talk < report.day.isoformat() else "is due"
    last = {
        "The team's plan": plan,
        "Deadline": deadline,
        "Next check-in": f"{late} on {report.talk}." if report.talk else "",
    }
    items += [Item(label, what) for label, what in last.items() if what]
    return Section("Who decides what next", (), tuple(items))


def _unclear(report: ReportData) -> list[Item]:
    """That the stakeholder must decide on an unclear result, until they sign the roll-out plan."""
    measured = report.measured
    unclear = measured and measured.part == "test" and measured.target_verdict == "cannot tell"
    if not measured or not unclear or measured.target is None:
        return []
    if not _missing(report.review("rollout_plan"), "stakeholder"):
        return []
    what = (
        "decides whether to go on or to collect more cases first: it is not clear whether the target of"
        f" {measured.target:g} is reached."
    )
    return [Item(_who(report, "stakeholder"), what)]


def _missing(item: Review, role: str) -> bool:
    return not any(one.counts and one.role == role and not one.changed for one in item.signatures)


def _who(report: ReportData, role: str) -> str:
    who = ", ".join(report.roles.get(role, [])) or "nobody is named yet"
    return f"{_upper(ROLES.get(role, role))} ({who})"


def _by(report: ReportData, item: Review) -> str:
    due = next((row.due for row in report.days if row.step.slug == item.step.slug and row.due), "")
    return f"By {due}." if due else "No date is agreed."


def _key(change: str) -> str:
    """`docs/problem.md#use: old → new` without the file's name."""
    name, _, rest = change.partition(": ")
    return f"{name.rpartition('#')[2].rpartition('.')[2].replace('_', ' ')}, {rest}"


def _person(who: str) -> str:
    return who.partition("<")[0].strip() or who


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONG else text[: LONG - 1].rsplit(" ", 1)[0] + " …"


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
