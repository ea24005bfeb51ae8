"""Words and symbols that all formats share."""

import os
import sys

from ..evidence.finding import Finding
from ..review import VERDICTS, Signature

MARKS = dict(zip(VERDICTS, ("+", "x", "~", "?", "w", "-"), strict=True))
COLORS = dict(zip(VERDICTS, (32, 31, 33, 36, 35, 2), strict=True))
STAGES = {"poc": "Proof of concept", "pre-production": "Pre-production", "production": "Production"}


def plain(text: str) -> str:
    """One line without control characters, so that data cannot control the terminal."""
    text = " ".join(text.split())
    return text if text.isprintable() else "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


def verdict(name: str) -> str:
    """The verdict as people read it."""
    return name.replace("_", " ")


def styled(text: str, color: int | None) -> str:
    """The text in a colour of the terminal, or as it is."""
    return f"\x1b[{color}m{text}\x1b[0m" if color else text


def cut(text: str, width: int) -> str:
    """The text in at most so many characters; 0: all of it."""
    return text if not width or len(text) <= width else text[: max(width - 1, 0)].rstrip() + "…"


def counted(counts: dict[str, int]) -> str:
    """How many steps have each verdict, out of all."""
    parts = [f"{number} {verdict(name)}" for name, number in counts.items() if number]
    return f"{', '.join(parts)} of {sum(counts.values())}"


def finding_line(item: Finding) -> str:
    """A finding on one line: its outcome, what it is based on, its text."""
    return f"{MARKS.get(item.outcome, '-')} {item.outcome} ({item.basis}): {plain(item.text)}"


def doubts(item: Signature) -> list[str]:
    """Why a signature does not count, and what has changed since."""
    why = [f"does not count: {plain(item.why)}"] if item.why else []
    return why + [f"since then {plain(change)}" for change in item.changed]


def columns() -> int:
    """Columns to write in; 0 where nothing should be cut, as in a pipe."""
    if not sys.stdout.isatty():
        return 0
    try:
        return int(os.environ.get("COLUMNS", "")) or os.get_terminal_size(1).columns
    except (ValueError, OSError):
        return 80


def may_color() -> bool:
    """Whether to write colours: on a terminal that knows them, unless NO_COLOR is set."""
    return sys.stdout.isatty() and os.name != "nt" and not os.environ.get("NO_COLOR")
