"""What people did: one immutable file for each event, so that branches merge without conflict.

An event's name is its Lamport number and the hash of its content, so an edited event is detected. Events are
ordered by name, never by the clock; `Log.before` tells whether the author of one event had seen another.
"""

from functools import cache
from typing import Any, NamedTuple

from poc2prod_kit.run.hashing import of_value

from . import clock
from .files import Root, Unreadable, as_json

FOLDER = ".poc2prod/events"
# The additional fields of each kind, by type.
KINDS: dict[str, dict[str, type]] = {
    "sign": {"role": str, "content": dict},
    "refuse": {"role": str, "content": dict},
    "withdraw": {"event": str},
    "waive": {"owner": str, "until": str, "reason": str},
    "not-applicable": {"reason": str},
    "check-in": {"with": str, "decided": str},
    "iterate": {"number": int, "at": str, "because": str, "closing": dict},
}
COMMON: dict[str, type] = {
    "kind": str, "step": str, "who": str, "when": str, "note": str, "parents": list, "lamport": int,
    "schema": int,
}  # fmt: skip


class Event(NamedTuple):
    """One event. `fields`: those of its kind."""

    name: str
    kind: str
    step: str
    who: str
    when: str
    note: str
    fields: dict[str, Any]

    @property
    def mail(self) -> str:
        """The e-mail address in `who`, without case."""
        return mail(self.who)


class Damage(NamedTuple):
    """An event that does not count: its name, its step if that can be read, and why."""

    name: str
    step: str
    reason: str


class Log(NamedTuple):
    """All events in order, the damaged ones, and for each event a bit set of the events before it."""

    events: tuple[Event, ...]
    damage: tuple[Damage, ...]
    known: tuple[int, ...]
    places: dict[str, int]
    newest: tuple[str, ...]
    lamport: int

    def before(self, one: Event, other: Event) -> bool:
        """Whether the author of `other` had seen `one`."""
        return bool(self.known[self.places[other.name]] >> self.places[one.name] & 1)


def read(files: Root) -> Log:
    """Read all events in one pass."""
    names = [name[:-5] for name in files.names(FOLDER) if name.endswith(".json") and not name.startswith(".")]
    events: list[Event] = []
    damage: list[Damage] = []
    places: dict[str, int] = {}
    known: list[int] = []
    parents_of_all: set[str] = set()
    for name in names:
        parsed = _event(name, files.json(f"{FOLDER}/{name}.json"))
        if isinstance(parsed, Damage):
            damage.append(parsed)
            continue
        event, parents = parsed
        lost = {*parents} - {*places} - parents_of_all - {item.name for item in damage}
        damage += [Damage(parent, "", f"is missing; {name} came after it") for parent in sorted(lost)]
        parents_of_all |= {*parents}
        bits = 0  # those before a parent, and the parent
        for place in (places[parent] for parent in parents if parent in places):
            bits |= known[place] | 1 << place
        places[name] = len(events)
        events.append(event)
        known.append(bits)
    newest = tuple(event.name for event in events if event.name not in parents_of_all)
    lamport = max([int(name[:8]) for name in names if name[:8].isdigit()], default=0)
    return Log(tuple(events), tuple(damage), tuple(known), places, newest, lamport)


def write(files: Root, log: Log, kind: str, step: str, who: str, note: str, **fields: Any) -> Event:
    """Write one event after all events of `log`. Poc2prodError if the folder cannot be written."""
    content = {
        "schema": 1, "kind": kind, "step": step, "who": who, "when": clock.today().isoformat(), "note": note,
        "parents": sorted(log.newest), "lamport": log.lamport + 1, **fields,
    }  # fmt: skip
    name = f"{log.lamport + 1:08d}-{of_value(content)[:16]}"
    files.add(f"{FOLDER}/{name}.json", as_json(content))
    return Event(name, kind, step, who, content["when"], note, fields)


@cache
def mail(who: str) -> str:
    """The e-mail address of `Name <mail>`, without case; empty where there is none."""
    return who.rpartition("<")[2].partition(">")[0].strip().casefold() if "<" in who else ""


def _event(name: str, content: Any) -> tuple[Event, list[str]] | Damage:
    """The event of a file and its parents' names; Damage if its content does not match its name."""
    if isinstance(content, Unreadable):
        return Damage(name, "", content.reason)
    if not isinstance(content, dict):
        return Damage(name, "", "contains no event")
    step = content["step"] if isinstance(content.get("step"), str) else ""
    number, _, digest = name.partition("-")
    if not (number.isdigit() and len(number) == 8 and of_value(content)[:16] == digest):
        return Damage(name, step, "was edited: its content does not match its name")
    problem = _wrong(content)
    if problem or content["lamport"] != int(number):
        return Damage(name, step, problem or "has another number than its name")
    fields = {key: value for key, value in content.items() if key not in COMMON}
    event = Event(name, content["kind"], step, content["who"], content["when"], content["note"], fields)
    return event, content["parents"]


def _wrong(content: dict[str, Any]) -> str:
    """What is wrong with an event; empty if nothing is."""
    kinds = KINDS.get(str(content.get("kind")))
    if kinds is None or content.get("schema") != 1:
        return f"is of a kind this version does not know: {str(content.get('kind'))[:40]}"
    for key, type_ in (COMMON | kinds).items():
        if not isinstance(content.get(key), type_) or isinstance(content[key], bool):
            return f"has no valid {key!r}"
    if not all(isinstance(parent, str) for parent in content["parents"]):
        return "has no valid 'parents'"
    return "" if clock.day(content["when"]) else "has no valid 'when'"
