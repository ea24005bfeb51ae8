"""I.3: what it takes to reach production."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from ..checklist import steps
from ..forms import hollow
from ..project import Facts
from . import generic
from .finding import Finding, failed, passed, unknown
from .values import is_number, some

BUDGETS = ("cost_per_1000_predictions", "memory_mb")


def complete(facts: Facts) -> Finding:
    """All eleven steps of Part II are in `[roadmap]`."""
    slugs = _part_two()
    missing = [slug for slug in slugs if not isinstance(facts.param(f"roadmap.{slug}"), dict)]
    if missing:
        return unknown(
            f"{len(slugs) - len(missing)} of {len(slugs)} steps are in [roadmap]: {some(missing, 3)} missing",
            f"add [roadmap.{missing[0]}] to params.toml, with owner, days and date, or with a reason",
        )
    return passed(f"all {len(slugs)} steps are planned")


def planned(facts: Facts) -> Iterable[Finding]:
    """Each step has an owner, an effort in days and a date, or a reason why it is not needed."""
    entries = {slug: facts.param(f"roadmap.{slug}") for slug in _part_two()}
    given = {slug: entry for slug, entry in entries.items() if isinstance(entry, dict)}
    problems = [f"{slug}: {fault}" for slug, entry in given.items() if (fault := _fault(entry))]
    if problems:
        hint = f"complete [roadmap.{problems[0].partition(':')[0]}] in params.toml"
        yield (failed if any(_given(given[item.partition(":")[0]]) for item in problems) else unknown)(
            some(problems, 3, "; "), hint
        )
    elif given:
        dates = [day for entry in given.values() if (day := as_day(entry.get("date")))]
        skipped = sum(1 for entry in given.values() if not entry.get("owner"))
        until = f", the last on {max(dates)}" if dates else ""
        yield passed(
            f"{len(given) - skipped} with owner, days and date{until}; {skipped} not needed, with a reason",
            "claimed",
        )


def budgets(facts: Facts) -> Finding:
    """The budgets for the cost of 1,000 predictions and for memory are numbers above 0."""
    return generic.numbers(facts, "roadmap", BUDGETS, above=True)


CHECKS = (complete, planned, budgets)


def as_day(value: Any) -> date | None:
    """A TOML date, or a text such as 2026-05-31; None for anything else."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        return None


def _part_two() -> list[str]:
    return [step.slug for step in steps() if step.stage != "poc"]


def _given(entry: dict[str, Any]) -> bool:
    """Whether anything is filled in."""
    return any(value not in ("", 0, None) for value in entry.values())


def _fault(entry: dict[str, Any]) -> str:
    """What is wrong with the plan of a step; empty if nothing is."""
    reason = entry.get("reason")
    if not entry.get("owner") and isinstance(reason, str) and len(reason.split()) > 1 and not hollow(reason):
        return ""
    owner = entry.get("owner")
    if not isinstance(owner, str) or hollow(owner):
        return "no owner" + (" and no reason" if not reason else f", and {str(reason)[:30]!r} is no reason")
    if not _above_zero(entry.get("days")):
        return f"days = {entry.get('days')!r} is not a number above 0"
    if as_day(entry.get("date")) is None:
        return f"date = {str(entry.get('date'))[:30]!r} is not a day such as 2026-05-31"
    return ""


def _above_zero(value: Any) -> bool:
    return is_number(value) and value > 0
