"""The 21 steps on one screen, and the one next thing."""

from typing import Any

from ..checklist import steps
from ..review import Overview
from ..state import Event
from .words import COLORS, MARKS, STAGES, counted, cut, plain, styled, verdict

SCHEMA = 1


def text(found: Overview, width: int = 0, *, color: bool = False) -> str:
    """The screen: three stages, a line a step, counts, notes, what to do next. `width` 0: no line is cut."""
    lines: list[str] = []
    stage = ""
    for item in found.reviews:
        if item.step.stage != stage:
            stage = item.step.stage
            here = "  <- you are here" if stage == found.stage else ""
            lines.append(styled(STAGES[stage], 1 if color else None) + here)
        word = f"{MARKS[item.verdict]} {verdict(item.verdict):<8.8}"
        start = f" {item.step.number:<5} {item.step.title:<22} "
        reason = cut(plain(item.reason), width - len(start) - 12 if width else 0)
        lines.append(f"{start}{styled(word, COLORS[item.verdict] if color else None)}  {reason}".rstrip())
    turn = f" Iteration {found.iteration}." if found.iteration > 1 else ""
    lines.append(f"{counted(found.counts)}.{turn}")
    lines += [f"! {plain(note)}" for note in found.notes]
    lines.append(f"Next: {cut(plain(found.next), width - 6 if width else 0)}")
    lines.append(f"      {plain(found.command)}")
    return "\n".join(lines)


def data(found: Overview) -> dict[str, Any]:
    """The same as plain values."""
    steps = [
        {
            "number": item.step.number, "slug": item.step.slug, "stage": item.step.stage,
            "title": item.step.title,
            "verdict": item.verdict, "reason": item.reason, "todo": item.todo,
        }
        for item in found.reviews
    ]  # fmt: skip
    return {
        "schema": SCHEMA, "stage": found.stage, "iteration": found.iteration, "counts": found.counts,
        "steps": steps,
        "notes": list(found.notes), "next": {"text": found.next, "command": found.command},
    }  # fmt: skip


def closed(number: int, turn: Event) -> str:
    """The verdicts with which an iteration was closed."""
    closing = turn.fields["closing"]
    lines = [f"Iteration {number}, closed on {turn.when} by {plain(turn.who)}:"]
    for item in steps():
        name = str(closing.get(item.slug, "unknown"))
        lines.append(f" {item.number:<5} {item.title:<22} {MARKS.get(name, '?')} {plain(verdict(name))}")
    return "\n".join(lines)
