"""One page for whoever pays: what was promised, what was measured, what is open, who decides what next.

No step numbers, no jargon. The same sections are written as text, Markdown and HTML.
"""

from typing import NamedTuple

from ..checklist import STAGES
from ..evidence.finding import FAIL, PASS, SKIPPED, STALE, UNKNOWN
from ..review import DONE, Review
from .certainty import TITLE, caution, certainty, summary
from .certainty import name as name_of
from .dossier import Dossier, Waiver
from .markdown import escaped
from .words import plain

# What is settled when the step is done.
SETTLED = {
    "approaches": "Which ways of solving this were compared, and why this one",
    "problem": "What it is for, how good it must be, and what errors cost",
    "roadmap": "People, time and money to get it into use",
    "data": "The right data, allowed for this use, and as described",
    "split": "A fair exam, on cases that the model could not have learnt from",
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
ORDER = (FAIL, STALE, UNKNOWN)
LONG = 420


class Item(NamedTuple):
    """An entry of a list: what it is about, and what is said of it."""

    label: str
    text: str


class Section(NamedTuple):
    """A heading, its sentences, its list, and what is said after it, in this order."""

    title: str
    sentences: tuple[str, ...]
    items: tuple[Item, ...] = ()
    after: tuple[str, ...] = ()


class Page(NamedTuple):
    """The page."""

    title: str
    lead: str
    sections: tuple[Section, ...]


def page(found: Dossier) -> Page:
    """The page of a project."""
    seen = found.overview
    done = sum(item.verdict in DONE for item in seen.reviews)
    where = f"It is at the stage of {STAGE[seen.stage]}" if seen.stage else "All that was planned is done"
    lead = f"As of {found.day}. {where}; {done} of {len(seen.reviews)} points are settled."
    measured = Section(TITLE, *_measured(found))
    promised, open_, next_ = _promised(found), _open(found), _next(found)
    asked = [item for item in next_.items if item.label.startswith(tuple(map(_upper, ROLES.values())))]
    said = (summary(found), caution(found), _standing(found.review("problem")), _asked(asked))
    short = Section("In short", tuple(filter(None, said)))
    return Page(found.name, lead, (short, promised, measured, open_, next_))


def text(found: Page) -> str:
    """The page as plain text."""
    lines = [plain(found.title), plain(found.lead)]
    for section in found.sections:
        lines += ["", section.title, "-" * len(section.title)]
        lines += [plain(item) for item in section.sentences] + [
            f"- {plain(f'{item.label}: {item.text}')}" for item in section.items
        ]
        lines += [plain(item) for item in section.after]
    return "\n".join(lines)


def markdown(found: Page) -> str:
    """The page as Markdown."""
    lines = [f"# {escaped(found.title)}", "", escaped(found.lead)]
    for section in found.sections:
        lines += ["", f"## {section.title}"]
        lines += [line for item in section.sentences for line in ("", escaped(item))]
        lines += [""] * bool(section.items) + [
            f"- **{escaped(item.label)}**: {escaped(item.text)}" for item in section.items
        ]
        lines += [line for item in section.after for line in ("", escaped(item))]
    return "\n".join(lines)


def _asked(items: list[Item]) -> str:
    if not items:
        return "Nobody has to decide anything today."
    return f"Waiting for a decision: {'; '.join(dict.fromkeys(_lower(item.label) for item in items))}."


def _promised(found: Dossier) -> Section:
    use, decision = (_short(found.answers[f"problem.{key}"]) for key in ("use", "decision"))
    items = [Item("What it is for", use or "not written down yet.")]
    items += [Item("What is decided with it", decision)] if decision else []
    measured, target = found.measured, found.target
    if target is None:
        items.append(Item("The target", "none. Nobody has said how good is good enough."))
    else:
        most = "at most" if measured and measured.lower_is_better else "at least"
        what = name_of(measured.metric) if measured else "a measure"
        items.append(Item("The target", f"{what} of {most} {target:g}."))
    return Section("What was promised", (), (*items, *_signed(found.review("problem"))))


def _standing(item: Review) -> str:
    """Whether the promise holds, in a sentence."""
    counting = [one for one in item.signatures if one.counts]
    if any(one.kind == "refuse" for one in counting):
        return "The promise was refused."
    if not counting:
        return "Nobody has signed what it promises."
    if any(one.changed for one in counting):
        return "What was promised has changed since it was signed."
    return "What it promises is signed and unchanged."


def _signed(item: Review) -> list[Item]:
    """Who signed the promise, and what changed since by old and new value."""
    items = []
    for one in item.signatures:
        if one.counts:
            changed = "; ".join(map(_key, one.changed[:3])) + ("; and more" if len(one.changed) > 3 else "")
            since = f"Changed since: {changed}." if one.changed else "Nothing changed since."
            label = "Signed by" if one.kind == "sign" else "Refused by"
            items.append(Item(label, f"{_person(one.who)}, {one.when}. {since}"))
    return items or [Item("Signed by", "nobody yet.")]


def _open(found: Dossier) -> Section:
    stage = found.overview.stage
    if not stage:
        return Section("What is open", ("Nothing.",))
    rows = sorted(found.open(stage), key=lambda item: ORDER.index(item.verdict))
    items = [Item(_state(item), f"{_lower(SETTLED[item.step.slug])}.") for item in rows]
    items += [
        Item(
            f"Let go until {row.until} by {_person(row.owner)}",
            f"{_settled(row)}. The reason given: {_short(row.reason)}",
        )
        for row in found.waivers
        if row.state == "in force" and row.until
    ]
    later = [(STAGE[name], len(found.open(name))) for name in STAGES if name != stage]
    ahead = ", then ".join(f"{what} ({count} points)" for what, count in later if count)
    said = f"At this stage, {STAGE[stage]}:"
    return Section("What is open", (said,), tuple(items), (f"Still ahead: {ahead}.",) if ahead else ())


def _state(item: Review) -> str:
    if item.verdict == FAIL:
        refused = any(one.kind == "refuse" and one.counts for one in item.signatures)
        return "Refused" if refused else "Does not hold"
    if item.verdict == STALE:
        return "Changed since it was settled"
    done = all(one.outcome in (PASS, SKIPPED) for one in item.findings if one.check != "signature")
    return "Done, waiting for a signature" if done else "Not settled yet"


def _settled(row: Waiver) -> str:
    return _lower(SETTLED.get(row.step.slug, row.step.title))


def _next(found: Dossier) -> Section:
    due = found.open(found.overview.stage) if found.overview.stage else []
    items = _unclear(found)
    items += [
        _decision(found, item, role) for item in due for role in item.step.signers if _missing(item, role)
    ]
    work = [item for item in due if not any(_missing(item, role) for role in item.step.signers)]
    if work:
        first = f"{_lower(SETTLED[work[0].step.slug])}. {_by(found, work[0])}"
        items.append(
            Item("The team", f"settles {len(work)} other point{'s' * (len(work) > 1)}, first: {first}")
        )
    if not due:
        items.append(Item("The owner", "decides whether another turn is worth it."))
    plan, deadline = (_short(found.answers[key]) for key in ("improve.next", "problem.deadline"))
    items += [Item("The team's plan", plan)] if plan else []
    items += [Item("The deadline", deadline)] if deadline else []
    items += [_talk(found)] if found.talk else []
    return Section("Who decides what next", (), tuple(items))


def _unclear(found: Dossier) -> list[Item]:
    """That somebody must decide by a result that does not tell; until they sign how it is let loose."""
    seen = found.measured
    if seen is None or seen.part != "test" or seen.target_verdict != "cannot tell" or seen.target is None:
        return []
    if not _missing(found.review("rollout_plan"), "stakeholder"):
        return []
    what = (
        f"decides whether this is good enough to go on, or more cases are gathered first: whether the target"
        f" of {seen.target:g} is reached cannot be told."
    )
    return [Item(_who(found, "stakeholder"), what)]


def _missing(item: Review, role: str) -> bool:
    return not any(one.counts and one.role == role and not one.changed for one in item.signatures)


def _decision(found: Dossier, item: Review, role: str) -> Item:
    return Item(_who(found, role), f"decides on {_lower(SETTLED[item.step.slug])}. {_by(found, item)}")


def _who(found: Dossier, role: str) -> str:
    who = ", ".join(found.roles.get(role, [])) or "nobody is named yet"
    return f"{_upper(ROLES.get(role, role))} ({who})"


def _by(found: Dossier, item: Review) -> str:
    due = next((row.due for row in found.days if row.step.slug == item.step.slug and row.due), "")
    return f"By {due}." if due else "No date is agreed."


def _talk(found: Dossier) -> Item:
    late = found.talk < found.day.isoformat()
    return Item("The next talk", f"{'was due' if late else 'is due'} by {found.talk}.")


def _measured(found: Dossier) -> tuple[tuple[str, ...], tuple[Item, ...], tuple[str, ...]]:
    before, rows, after = certainty(found)
    return before, tuple(Item(*row) for row in rows), after


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
