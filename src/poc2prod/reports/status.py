"""The 21 steps on one screen, and what to do next."""

from itertools import groupby
from typing import Any

from ..checklist import steps
from ..kept import UNASKED
from ..review import Overview, Review
from ..state import Event
from .words import COLORS, MARKS, STAGES, counted, cut, plain, styled, verdict

SCHEMA = 1


def text(overview: Overview, width: int = 0, *, color: bool = False) -> str:
    """Stages, a line for each step, counts, notes, what to do next. `width` 0: no line is cut."""
    lines: list[str] = []
    stage, alike = "", _unasked(overview)
    for item in overview.reviews:
        if item.step.stage != stage:
            stage = item.step.stage
            here = "  <- you are here" if stage == overview.stage else ""
            lines.append(styled(STAGES[stage], 1 if color else None) + here)
        run = next((one for one in alike if one[0] is item), None)
        if run is None and any(item in one for one in alike):
            continue
        badge = f"{MARKS[item.verdict]} {verdict(item.verdict):<8.8}"
        start = f" {item.step.number:<5} {item.step.title:<22} "
        if run:
            steps_ = f"{item.step.number} to {run[-1].step.number}"
            start = f" {steps_:<13} {f'{len(run)} steps':<14} "
        reason = cut(plain(item.reason), width - len(start) - 12 if width else 0)
        lines.append(f"{start}{styled(badge, COLORS[item.verdict] if color else None)}  {reason}".rstrip())
    turn = f" Iteration {overview.iteration}." if overview.iteration > 1 else ""
    lines.append(f"{counted(overview.counts)}.{turn}")
    lines += [f"! {plain(note)}" for note in overview.notes]
    lines.append(f"Next: {cut(plain(overview.next), width - 6 if width else 0)}")
    lines.append(f"      {plain(overview.command)}")
    return "\n".join(lines)


def _unasked(overview: Overview) -> list[list[Review]]:
    """Steps of one stage that follow each other and were not checked yet: one line is enough for them."""
    key = lambda item: (item.step.stage, item.reason if item.reason == UNASKED else "")  # noqa: E731
    runs = [(reason, list(items)) for (_, reason), items in groupby(overview.reviews, key)]
    return [items for reason, items in runs if reason and len(items) > 1]


def data(overview: Overview) -> dict[str, Any]:
    """The same as plain values."""
    steps = [
        {
            "number": item.step.number, "slug": item.step.slug, "stage": item.step.stage,
            "title": item.step.title,
            "verdict": item.verdict, "reason": item.reason, "todo": item.todo,
        }
        for item in overview.reviews
    ]  # fmt: skip
    return {
        "schema": SCHEMA, "stage": overview.stage, "iteration": overview.iteration, "counts": overview.counts,
        "steps": steps,
        "notes": list(overview.notes), "next": {"text": overview.next, "command": overview.command},
    }  # fmt: skip


def closed(number: int, turn: Event) -> str:
    """The verdicts of a closed iteration."""
    closing = turn.fields["closing"]
    lines = [f"Iteration {number}, closed on {turn.when} by {plain(turn.who)}:"]
    for item in steps():
        name = str(closing.get(item.slug, "unknown"))
        lines.append(f" {item.number:<5} {item.title:<22} {MARKS.get(name, '?')} {plain(verdict(name))}")
    return "\n".join(lines)
