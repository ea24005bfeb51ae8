"""The outcome of a check."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

PASS, FAIL, STALE, UNKNOWN, SKIPPED = "pass", "fail", "stale", "unknown", "skipped"
RECOMPUTED, ATTESTED, CLAIMED = "recomputed", "attested", "claimed"


class Finding(NamedTuple):
    """One outcome: the check, the outcome, its basis, a text with both values, and what to do."""

    check: str
    outcome: str
    basis: str
    text: str
    todo: str = ""


class Ended(Exception):  # noqa: N818
    """Raised by a check that ends here, with this outcome: see its two subclasses."""

    outcome = UNKNOWN

    def __init__(self, text: str, todo: str = "") -> None:
        super().__init__(text)
        self.finding = Finding("", self.outcome, RECOMPUTED, text, todo)


class Unproven(Ended):
    """The check cannot be made."""


class Refuted(Ended):
    """The check does not hold."""

    outcome = FAIL


class Absent(Exception):  # noqa: N818
    """Raised if the rows that a check needs are not here: what the last check found counts."""


def each(check: Callable[[], Finding | Iterable[Finding]]) -> Iterator[Finding]:
    """The findings of a check, the last of them from the exception that ended it."""
    try:
        result = check()
        yield from [result] if isinstance(result, Finding) else result
    except Ended as error:
        yield error.finding


def many(count: int, noun: str) -> str:
    """A count with its noun, such as "1 row" or "2,000 rows"; only for nouns with a plural in s."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def passed(text: str, basis: str = RECOMPUTED) -> Finding:
    """It holds: `text` names the values."""
    return Finding("", PASS, basis, text)


def failed(text: str, todo: str = "", basis: str = RECOMPUTED) -> Finding:
    """It does not hold: `text` names both values."""
    return Finding("", FAIL, basis, text, todo)


def outcome_of(
    faults: Iterable[str], holds: str, todo: str, basis: str = RECOMPUTED, where: str = ""
) -> Iterator[Finding]:
    """A failure for each of the first five faults; a pass with the text `holds` where there is none."""
    first = [failed(f"{where}: {fault}" if where else fault, todo, basis) for fault in islice(faults, 5)]
    yield from first or [passed(holds, basis)]


def stale(text: str, todo: str = "", basis: str = RECOMPUTED) -> Finding:
    """It held; `text` names the input that has changed since."""
    return Finding("", STALE, basis, text, todo)


def unknown(text: str, todo: str = "", basis: str = RECOMPUTED) -> Finding:
    """The evidence is missing or unreadable."""
    return Finding("", UNKNOWN, basis, text, todo)


def skipped(reason: str) -> Finding:
    """The check does not apply, for this reason."""
    return Finding("", SKIPPED, RECOMPUTED, reason)
