"""Combine steps, findings and events into verdicts, the stage and what to do next. Reads no files."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from poc2prod_kit.run.hashing import canonical

from .checklist import STAGES, Step, steps
from .clock import day
from .evidence.finding import (
    CLAIMED,
    FAIL,
    PASS,
    SKIPPED,
    STALE,
    UNKNOWN,
    Finding,
    failed,
    passed,
    stale,
    unknown,
)  # fmt: skip
from .project import lookup
from .state import Event, Log

WAIVED, NOT_APPLICABLE = "waived", "not_applicable"
VERDICTS = (PASS, FAIL, STALE, UNKNOWN, WAIVED, NOT_APPLICABLE)
DONE = (PASS, WAIVED, NOT_APPLICABLE)
# The check of a step that this version cannot check.
UNCHECKED = "no_machine_evidence"
# A pass of this check with this text does not show that the target is reached.
TARGET, UNTOLD = "against_target", "cannot tell"
# A step has the verdict of its worst finding, in this order: a failure is known, the others may turn out well.
WORST = (FAIL, STALE, UNKNOWN, PASS)
Signed = Callable[[], Mapping[str, Any]]


class Signature(NamedTuple):
    """A signature or refusal: whether it counts, why not, and what has changed since (old → new)."""

    event: str
    kind: str
    role: str
    who: str
    when: str
    note: str
    counts: bool
    why: str
    changed: tuple[str, ...]


class Review(NamedTuple):
    """A step's verdict, its reason, findings and signatures, and what to do. Of a pass, the reason is a
    remark, mostly empty.
    """

    step: Step
    verdict: str
    reason: str
    todo: str
    findings: tuple[Finding, ...]
    signatures: tuple[Signature, ...]
    changed: tuple[str, ...]


class People(NamedTuple):
    """What people did: the events without the withdrawn ones, the roles, the day, the iterations."""

    log: Log
    events: tuple[Event, ...]
    roles: dict[str, list[str]]
    today: date
    turns: tuple[Event, ...]


class Overview(NamedTuple):
    """All reviews in order, the stage (None: all done), counts, notes, and what to do next."""

    reviews: tuple[Review, ...]
    stage: str | None
    counts: dict[str, int]
    notes: tuple[str, ...]
    next: str
    command: str
    iteration: int


def people(log: Log, settings: Mapping[str, Any], today: date) -> People:
    """Drop withdrawn events (only their author can withdraw them; anybody an iteration); read `[roles]`."""
    made = {event.name: event for event in log.events}
    pairs = [(made.get(e.fields["event"]), e) for e in log.events if e.kind == "withdraw"]
    withdrawn = {
        one.name for one, by in pairs if one and (one.kind == "iterate" or _author(one) == _author(by))
    }
    events = tuple(e for e in log.events if e.name not in withdrawn and e.kind != "withdraw")
    listed = settings.get("roles")
    roles = {str(role): _mails(mails) for role, mails in listed.items()} if isinstance(listed, dict) else {}
    return People(log, events, roles, today, tuple(e for e in events if e.kind == "iterate"))


def review(step: Step, judged: Sequence[Finding], signed: Signed | None, who: People) -> Review:
    """The verdict of one step. `signed` returns the content to sign; None: it cannot be known, and signatures
    are not judged.
    """
    signatures = list(_signatures(step, signed, who)) if signed else []
    owed = [item._replace(check="signature") for item in _owed(step, signatures, who.roles) if signed]
    findings = _askable(step, [*_damaged(step, who.log), *judged, *owed])
    open_ = [item for item in findings if item.outcome != SKIPPED] or [unknown("there is no finding")]
    first = min(open_, key=lambda item: WORST.index(item.outcome))
    verdict, reason, todo = first.outcome, first.text, first.todo
    if verdict == PASS:
        reason, todo = _remark(findings), ""
    elif lifted := _waived(step, who) or _not_applicable(step, who):
        verdict, reason, todo = lifted[0], f"{lifted[1]} (else {first.outcome}: {first.text})", ""
    changed = tuple(change for item in signatures for change in item.changed)
    return Review(step, verdict, reason, todo, tuple(findings), tuple(signatures), changed)


def _remark(findings: Sequence[Finding]) -> str:
    """A remark if the interval includes the target."""
    texts = [item.text for item in findings if item.check == TARGET and UNTOLD in item.text]
    return texts[0].rpartition(" against the ")[2] if texts else ""


def _askable(step: Step, findings: Sequence[Finding]) -> list[Finding]:
    """Put what this version cannot check last; if nothing else is open, the step needs a waiver."""
    rest = [item for item in findings if item.check != UNCHECKED]
    waive = f"poc2prod waive {step.slug} --owner NAME --until DAY --reason TEXT"
    todo = waive if all(item.outcome in (PASS, SKIPPED) for item in rest) else ""
    return rest + [item._replace(todo=item.todo or todo) for item in findings if item.check == UNCHECKED]


def overview(
    reviews: Sequence[Review],
    who: People,
    settings: Mapping[str, Any],
    *,
    merging: bool = False,
    damage: Sequence[str] = (),
) -> Overview:
    """Counts, stage, notes and what to do next. `damage`: settings that cannot be read, and why."""
    counts = {verdict: sum(item.verdict == verdict for item in reviews) for verdict in VERDICTS}
    stage = next(
        (name for name in STAGES if any(r.verdict not in DONE for r in reviews if r.step.stage == name)), None
    )
    number = max([event.fields["number"] for event in who.turns], default=1)
    text, command = _next(reviews, stage, who, merging)
    if damage and not merging:
        text, command = f"{'; '.join(damage)}. Until it is mended, nothing is known.", "poc2prod status"
    return Overview(
        tuple(reviews), stage, counts, tuple(_notes(who, settings, merging)), text, command, number
    )


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    """Each difference between what was signed and what is there now, as `name: old → new`."""
    names = sorted(name for name in {*old, *new} if canonical(old.get(name)) != canonical(new.get(name)))
    return tuple(f"{name}: {_short(old.get(name))} → {_short(new.get(name))}" for name in names)


def open_turns(who: People) -> list[Event]:
    """Iterations that were started in parallel, of which one must be chosen; empty if there is only one."""
    newest = [turn for turn in who.turns if not any(who.log.before(turn, other) for other in who.turns)]
    return newest if len(newest) > 1 else []


def _signatures(step: Step, signed: Signed, who: People) -> Iterator[Signature]:
    """The signatures and refusals in force: the latest of each person and role, on every branch."""
    order, before = [item.slug for item in steps()], who.log.before
    events = [e for e in who.events if e.step == step.slug and e.kind in ("sign", "refuse")]
    closing = [
        turn for turn in who.turns
        if turn.fields["at"] in order and order.index(step.slug) >= order.index(turn.fields["at"])
    ]  # fmt: skip
    content = signed() if events else {}
    for event in events:
        role = event.fields["role"]
        same_hand = [e for e in events if e.mail == event.mail and e.fields["role"] == role]
        if any(before(event, later) for later in same_hand):
            continue
        listed = event.mail and event.mail in who.roles.get(role, [])
        why = "" if listed else f"{event.mail or event.who} is not listed as {role} in [roles]"
        if any(before(event, turn) for turn in closing):
            why = "it belongs to an earlier iteration"
        changed = changes(event.fields["content"], content)
        yield Signature(
            event.name, event.kind, role, event.who, event.when, event.note, not why, why, changed
        )


def _owed(step: Step, signatures: Sequence[Signature], roles: Mapping[str, list[str]]) -> Iterator[Finding]:
    """A finding for each signature that is there, missing, refused, or of other content."""
    counting = [item for item in signatures if item.counts]
    for item in counting:
        if item.kind == "refuse" and not item.changed:
            also = [s.who for s in counting if s.kind == "sign" and s.role == item.role and not s.changed]
            others = f"; {', '.join(also)} signed" if also else ""
            text = f"{item.who} refused as {item.role} on {item.when}{others}"
            yield failed(text, f"resolve this, then poc2prod sign {step.slug} --role {item.role}", CLAIMED)
    for role in dict.fromkeys([*step.signers, *(item.role for item in counting)]):
        of_role = [item for item in signatures if item.role == role and item.kind == "sign"]
        valid = [item for item in of_role if item.counts]
        current = [item for item in valid if not item.changed]
        todo = f"poc2prod sign {step.slug} --role {role}"
        if current:
            yield passed(f"signed by {current[-1].who} as {role} on {current[-1].when}", CLAIMED)
        elif valid:
            changed = "; ".join(valid[-1].changed[:2])
            yield stale(f"changed since {valid[-1].who} signed: {changed}", todo, CLAIMED)
        elif role in step.signers and not roles.get(role):
            todo = f'add {role} = ["mail@…"] to [roles] in poc2prod.toml'
            yield unknown(f"[roles] {role} lists nobody who may sign", todo, CLAIMED)
        elif role in step.signers:
            but = f"{of_role[-1].who} signed, but {of_role[-1].why}" if of_role else ""
            yield unknown(but or f"not signed by the {role}", todo, CLAIMED)


def _waived(step: Step, who: People) -> tuple[str, str] | None:
    waivers = [e for e in who.events if e.step == step.slug and e.kind == "waive"]
    active = [e for e in waivers if not any(who.log.before(e, other) for other in waivers)]
    days = [day(e.fields["until"]) for e in active]
    valid = [e for e in active if e.fields["owner"].strip() and e.fields["reason"].strip()]
    if not active or len(valid) < len(active) or any(until is None or until < who.today for until in days):
        return None
    first = min(active, key=lambda e: str(e.fields["until"]))
    return WAIVED, f"{first.fields['owner']} until {first.fields['until']}: {first.fields['reason']}"


def _not_applicable(step: Step, who: People) -> tuple[str, str] | None:
    known = {mail for mails in who.roles.values() for mail in mails}
    events = [e for e in who.events if e.step == step.slug and e.kind == "not-applicable"]
    valid = [e for e in events if e.mail in known and e.fields["reason"].strip()]
    if step.stage == STAGES[0] or not valid:
        return None
    return NOT_APPLICABLE, f"{valid[-1].who}: {valid[-1].fields['reason']}"


def _damaged(step: Step, log: Log) -> list[Finding]:
    """Damaged events that may belong to this step."""
    signed = step.signers or any(e.step == step.slug and e.kind in ("sign", "refuse") for e in log.events)
    hit = [item for item in log.damage if item.step == step.slug or (not item.step and signed)]
    todo = "restore it from git: git log -- .poc2prod/events"
    return [unknown(f"event {item.name} {item.reason}", todo)._replace(check="events") for item in hit[:3]]


def _notes(who: People, settings: Mapping[str, Any], merging: bool) -> Iterator[str]:
    if merging:
        yield "A merge is not resolved: run the pipeline, then poc2prod check and git add."
    yield from (f"Event {item.name} {item.reason}." for item in who.log.damage[:3])
    turns = open_turns(who)
    if turns:
        names = " and ".join(f"{turn.name} ({turn.who})" for turn in turns)
        yield f"Two iterations are open: {names}. Choose one: poc2prod iterate --choose EVENT."
    due, why = next_check_in(who, settings) or (date.max, "")
    if due <= who.today:
        yield f"A check-in with stakeholders is due ({why}): poc2prod checkin."


def next_check_in(who: People, settings: Mapping[str, Any]) -> tuple[date, str] | None:
    """(the day on which stakeholders should be met again, why); None without an interval or an event."""
    every = lookup(settings, "checkin.days")
    talks = [e.when for e in who.events if e.kind == "check-in"]
    if not isinstance(every, int) or isinstance(every, bool) or not 0 < every < 4000 or not who.events:
        return None
    since = max(talks) if talks else min(e.when for e in who.events)
    why = f"every {every} days; {f'the last was on {since}' if talks else 'there was none yet'}"
    try:
        return date.fromisoformat(since) + timedelta(days=every), why
    except OverflowError:  # somebody wrote a day in the year 9999
        return None


def _next(reviews: Sequence[Review], stage: str | None, who: People, merging: bool) -> tuple[str, str]:
    if merging:
        return "Resolve the merge first.", "git status"
    if open_turns(who):
        return "Two iterations are open: choose one.", f"poc2prod iterate --choose {open_turns(who)[0].name}"
    due = [item for item in reviews if item.step.stage == stage and item.verdict not in DONE]
    for item in sorted(due, key=_rank):
        return (
            f"{item.step.number} {item.step.title}: {item.reason}",
            item.todo or f"poc2prod show {item.step.slug}",
        )
    return "All 21 steps are done. Start the next iteration (default: at I.9).", "poc2prod iterate"


def _rank(item: Review) -> tuple[bool, bool]:
    """Steps that this version cannot check come last; among them, those that only need a waiver."""
    unchecked = [finding for finding in item.findings if finding.check == UNCHECKED]
    return bool(unchecked), any(finding.todo and finding.todo == item.todo for finding in unchecked)


def _author(event: Event) -> str:
    return event.mail or event.who


def _mails(value: Any) -> list[str]:
    """The addresses of a role, written as `mail` or `Name <mail>`, one or a list."""
    values = value if isinstance(value, list) else [value]
    texts = (item for item in values if isinstance(item, str))
    return [item.rpartition("<")[2].partition(">")[0].strip().casefold() for item in texts]


def _short(value: Any) -> str:
    text = "nothing" if value is None else value if isinstance(value, str) else canonical(value)
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "…"
