"""records/: what commands observed, one immutable file each, bound to the hash of the source they saw."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from poc2prod_kit.serving import records as written

from . import shapes
from .files import Unreadable
from .project import Facts

FOLDER = written.FOLDER
KINDS = tuple(shapes.KINDS)
# A clock may be wrong by a day; a record from later than that would stay the newest for ever.
AHEAD = timedelta(days=1)
OTHER = "is of another source"
# As text in this form, the later time is the larger one.
TIME = "%Y-%m-%dT%H:%M:%SZ"


class Record(NamedTuple):
    """What one file says. `broken`: why it counts for nothing, empty where it counts."""

    name: str
    kind: str
    when: str = ""
    source: str = ""
    model: str | None = None
    data: str | None = None
    tools: dict[str, str] = {}  # noqa: RUF012
    results: dict[str, Any] = {}  # noqa: RUF012
    seal: str = ""
    broken: str = ""

    @property
    def file(self) -> str:
        """Its name from the project's root: an input of the check that reads it."""
        return f"{FOLDER}/{self.name}"


class Lacking(NamedTuple):
    """No record of a kind counts: why, what to do, and whether one did for another source."""

    text: str
    todo: str
    stale: bool


def records(facts: Facts, kind: str) -> list[Record]:
    """All records of a kind, newest first, then the broken ones; each is an input, and so is the list."""
    return facts.shared(f"records {kind}", lambda: _records(facts, kind))


def current(facts: Facts, kind: str) -> Record | Lacking:
    """The newest whole record of a kind for the source as it is now (an input); else why there is none."""
    candidates, now = whole(facts, kind), facts.source()
    todo = remedy(facts, kind)
    if isinstance(now, Unreadable):
        return Lacking(f"no record can be held against the source, which {now.reason}", "", False)
    if not candidates:
        broken = records(facts, kind)
        more = f"; {broken[0].file} {broken[0].broken}" if broken else ""
        return Lacking(f"no record of kind {kind} in {FOLDER}/{more}", todo, False)
    of_now = next((item for item in candidates if item.source == now), None)
    newest = candidates[0]
    then = f"{newest.file} {OTHER} ({newest.source[:8]} then, {now[:8]} now): the source changed after it"
    return of_now or Lacking(then, todo, True)


def whole(facts: Facts, kind: str) -> list[Record]:
    """The records of a kind that may count, newest first; of those with one time, by name from behind."""
    return [item for item in records(facts, kind) if not item.broken]


def remedy(facts: Facts, kind: str) -> str:
    """The command that makes a record of this kind."""
    if kind == "ci":
        return "poc2prod record add FILE, with the ci record that the newest run of the workflow kept"
    return f"python -m {facts.package} {'load' if kind == 'latency' else kind}"


def parse(content: Any, name: str = "") -> Record:
    """The record of a parsed file. A name, where one is given, must be the one that the content gives."""
    kind = name.partition("-")[0]
    if isinstance(content, Unreadable):
        return Record(name, kind, broken=content.reason)
    wrong = _wrong(content)
    if wrong:
        return Record(name, kind, broken=wrong)
    due = written.name(content)
    if name and name != due:
        return Record(name, kind, broken=f"was renamed: its content gives the name {due}")
    return Record(due, **{key: content[key] for key in Record._fields if key in content and key != "name"})


def _records(facts: Facts, kind: str) -> list[Record]:
    parsed = [parse(facts.json(f"{FOLDER}/{name}"), name) for name in facts.listing(FOLDER, f"{kind}-")]
    order = sorted(parsed, key=lambda item: (item.when, item.name), reverse=True)
    return sorted(order, key=lambda item: bool(item.broken))


def _wrong(content: Any) -> str:
    """Why parsed JSON is no whole record; empty if it is one."""
    if not isinstance(content, dict) or "seal" not in content:
        return "is not a record"
    if content.get("schema") != 1 or isinstance(content["schema"], bool):
        return f"has schema {str(content.get('schema'))[:20]}; this version reads 1"
    kind = content.get("kind")
    if not isinstance(kind, str) or kind not in shapes.KINDS:
        return f"is of a kind this version does not know: {str(kind)[:40]}"
    if content["seal"] != written.seal(content):
        return "was edited: its seal is not the hash of what it says"
    wrong = _when(content.get("when")) or shapes.wrong(content, COMMON, "the record")
    if wrong or not re.fullmatch("[0-9a-f]{64}", content["source"]):
        return wrong or "has no proper source hash"
    return shapes.wrong(content["results"], shapes.KINDS[kind])


COMMON: dict[str, Any] = {
    "source": str,
    "model": shapes.Maybe(str),
    "data": shapes.Maybe(str),
    "tools": shapes.Each(str),
    "results": dict,
}


def _when(value: Any) -> str:
    try:
        when = datetime.strptime(value, TIME).replace(tzinfo=UTC)
    except (ValueError, TypeError):
        when = None
    if when is None or f"{when:{TIME}}" != value:
        return "has no proper time: when must be like 2026-05-31T14:03:22Z"
    return f"is dated {value[:10]}, in the future" if when > datetime.now(UTC) + AHEAD else ""
