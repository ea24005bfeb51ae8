"""One page for whoever pays: what was promised, what was measured and how sure, what is open, who decides what next.

No step numbers, no jargon. The same sections are written as text, Markdown and HTML.
"""

from typing import NamedTuple

from ..checklist import STAGES
from ..evidence.finding import FAIL, PASS, STALE
from ..review import DONE, WAIVED, Review
from .certainty import TITLE, certainty
from .certainty import name as name_of
from .dossier import Dossier
from .markdown import escaped
from .words import plain

# What is settled when the step is done.
SETTLED = {
    "approaches": "Which ways of solving this were compared, and why this one",
    "problem": "What it is for, how good it must be, and what errors cost",
    "roadmap": "People, time and money to get it into use",
    "data": "The right data, allowed for this use, and as described",
    "split": "A fair exam: the model is judged on cases it could not have learnt from",
    "features": "The model uses nothing that would not be known when it must answer",
    "baseline": "The model against doing nothing clever, and against something simpler",
    "interpret": "What the model goes by, for whom it is worse, and why it errs",
    "evaluate": "How good it is on cases that nobody chose by",
    "improve": "What to do next, or why it is good enough",
    "contract": "What exactly goes in and out, and which systems are involved",
    "rollout_plan": "How it will be let loose, and what counts as success",
    "refactor": "Code that is fit to be kept",
    "api": "The service answers as the model did, fast enough",
    "testing": "Tests that notice when something breaks",
    "docker": "It runs elsewhere as it was tested",
    "ci": "Every change is checked without anyone remembering to",
    "deploy": "Tried on a copy first, and taking it back was rehearsed",
    "rollout": "Proof that it helps in real use",
    "support": "Somebody notices when it gets worse, and knows what to do",
    "iterate": "What real use taught, and what follows from it",
}
STAGE = {
    "poc": "finding out whether it works",
    "pre-production": "making it ready for use",
    "production": "using it, and watching it",
}
ROLES = {"stakeholder": "the business's representative", "owner": "the owner"}
LONG = 420


class Section(NamedTuple):
    """A heading, its sentences, its list, and what is said after it, in this order."""

    title: str
    sentences: tuple[str, ...]
    items: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


class Page(NamedTuple):
    """The page."""

    title: str
    lead: str
    sections: tuple[Section, ...]


def page(found: Dossier) -> Page:
    """The page of a project."""
    stage = found.overview.stage
    done = sum(item.verdict in DONE for item in found.overview.reviews)
    where = f"The project is at the stage of {STAGE[stage]}" if stage else "Everything that was planned is done"
    lead = f"As of {found.day}. {where}; {done} of {len(found.overview.reviews)} points are settled."
    measured = Section(TITLE, *certainty(found))
    return Page(found.name, lead, (_promised(found), measured, _open(found), _next(found)))


def text(found: Page) -> str:
    """The page as plain text."""
    lines = [plain(found.title), plain(found.lead)]
    for section in found.sections:
        lines += ["", section.title, "-" * len(section.title)]
        lines += [plain(item) for item in section.sentences] + [f"- {plain(item)}" for item in section.items]
        lines += [plain(item) for item in section.after]
    return "\n".join(lines)


def markdown(found: Page) -> str:
    """The page as Markdown."""
    lines = [f"# {escaped(found.title)}", "", escaped(found.lead)]
    for section in found.sections:
        lines += ["", f"## {section.title}"]
        lines += [line for item in section.sentences for line in ("", escaped(item))]
        lines += [""] * bool(section.items) + [f"- {escaped(item)}" for item in section.items]
        lines += [line for item in section.after for line in ("", escaped(item))]
    return "\n".join(lines)


def _promised(found: Dossier) -> Section:
    use, decision = (_short(found.answers[f"problem.{key}"]) for key in ("use", "decision"))
    said = [f"What it is for: {use}" if use else "What it is for has not been written down yet."]
    said += [f"What is decided with it: {decision}"] if decision else []
    measured = found.measured
    if measured and measured.target is not None:
        most = "at most" if measured.lower_is_better else "at least"
        said.append(f"The target: {name_of(measured.metric)} of {most} {measured.target:g}.")
    else:
        said.append("No target has been set: nobody has said how good is good enough.")
    return Section("What was promised", (*said, *_signed(found.review("problem"))))


def _signed(item: Review) -> tuple[str, ...]:
    """Who signed the promise and what changed since."""
    counting = [one for one in item.signatures if one.counts]
    if not counting:
        return ("Nobody has signed this yet.",)
    said = []
    for one in counting:
        verb = "signed" if one.kind == "sign" else "refused"
        changed = len(one.changed)
        since = f", and {changed} of its points changed since" if changed else "; nothing changed since"
        said.append(f"{_person(one.who)} {verb} it on {one.when}{since}{':' if changed else '.'}")
        said += [f"Changed: {_key(change)}." for change in one.changed[:3]]
    return tuple(said)


def _open(found: Dossier) -> Section:
    stage = found.overview.stage
    if not stage:
        return Section("What is open", ("Nothing.",))
    items = [f"{SETTLED[item.step.slug]}: {_state(item)}" for item in found.open(stage)]
    leaned = [row for row in found.waivers if row.state == "in force" and row.kind == "waive"]
    items += [
        f"{SETTLED.get(row.step.slug, row.step.title)}: let go until {row.until} by {_person(row.owner)}. "
        f"The reason given: {_short(row.reason)}"
        for row in leaned
    ]
    later = [f"{STAGE[name]} ({len(rest)} points)" for name in STAGES if name != stage and (rest := found.open(name))]
    said = f"At this stage, {STAGE[stage]}, these points are open:"
    return Section("What is open", (said,), tuple(items), (f"Still ahead: {', then '.join(later)}.",) if later else ())


def _state(item: Review) -> str:
    if item.verdict == FAIL:
        refused = any(one.kind == "refuse" and one.counts for one in item.signatures)
        return "refused by somebody who must agree." if refused else "looked at, and it does not hold."
    if item.verdict == STALE:
        return "was settled, but something it rests on has changed."
    if all(one.outcome in (PASS, "skipped") for one in item.findings if one.check != "signature"):
        return "the work is done; a signature is missing."
    return "not settled yet."


def _next(found: Dossier) -> Section:
    due = found.open(found.overview.stage) if found.overview.stage else []
    items = []
    for item in due:
        for role in item.step.signers:
            if not any(one.counts and one.role == role and not one.changed for one in item.signatures):
                who = ", ".join(found.roles.get(role, [])) or "nobody is named yet"
                items.append(f"{ROLES[role].capitalize()} ({who}) decides: {_lower(SETTLED[item.step.slug])}. {_by(found, item)}")
    work = [item for item in due if not item.step.signers and item.verdict != WAIVED]
    if work:
        items.append(f"The team settles {len(work)} other points, first: {_lower(SETTLED[work[0].step.slug])}. {_by(found, work[0])}")
    if not due:
        items.append("The owner decides whether another turn is worth it.")
    plan, deadline = (_short(found.answers[key]) for key in ("improve.next", "problem.deadline"))
    said = [f"The team's plan: {plan}"] if plan else []
    said += [f"What was said of the deadline: {deadline}"] if deadline else []
    said += [_talk(found)] if found.talk else []
    return Section("Who decides what next", tuple(said), tuple(items))


def _by(found: Dossier, item: Review) -> str:
    due = next((row.due for row in found.days if row.step.slug == item.step.slug and row.due), "")
    return f"By {due}." if due else "No date is agreed."


def _talk(found: Dossier) -> str:
    late = found.talk < found.day.isoformat()
    return f"The next talk with you {'was' if late else 'is'} due by {found.talk}."


def _key(change: str) -> str:
    """`docs/problem.md#use: old → new` without the file's name."""
    name, _, rest = change.partition(": ")
    return f"{name.rpartition('#')[2].rpartition('.')[2].replace('_', ' ')}, {rest}"


def _person(who: str) -> str:
    return who.partition("<")[0].strip() or who


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONG else text[: LONG - 1].rsplit(" ", 1)[0] + " …"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
