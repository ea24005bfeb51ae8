"""Checks of a step's report: what to do without rows, and whether its inputs have changed."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from ..project import Facts
from . import rows
from .finding import FAIL, STALE, UNKNOWN, Finding, Unproven

Check = Callable[[Facts], Finding | Iterable[Finding]]


class Absent(Exception):  # noqa: N818
    """Raised if the rows that a check needs are not here."""


def on_rows(slug: str) -> Callable[[Check], Check]:
    """Decorate a check that needs rows: without them, it uses the findings of the last check."""

    def wrap(check: Check) -> Check:
        @wraps(check)
        def run(facts: Facts) -> list[Finding]:
            try:
                result = check(facts)
                return [result] if isinstance(result, Finding) else list(result)
            except Absent:
                return [rows.on_record(facts, slug, check.__name__)]

        return run

    return wrap


def fresh(slug: str, *checks: Check) -> tuple[Check, ...]:
    """Decorate the checks of a report: `fail` becomes `stale` if an input of the report has changed."""
    return tuple(_dated(slug, check) for check in checks)


def _dated(slug: str, check: Check) -> Check:
    @wraps(check)
    def run(facts: Facts) -> list[Finding]:
        result = check(facts)
        findings = [result] if isinstance(result, Finding) else list(result)
        if not isinstance(facts.report(slug), dict):
            return [_unheld(item) for item in findings]
        since = changed(facts, slug) if any(item.outcome == FAIL for item in findings) else ""
        if not since:
            return findings
        return [
            item._replace(outcome=STALE, text=f"{item.text} ({since} has changed since)")
            if item.outcome == FAIL
            else item
            for item in findings
        ]

    return run


def _unheld(item: Finding) -> Finding:
    """Without a report, a difference from it is `unknown`, not `fail`."""
    return item._replace(outcome=UNKNOWN) if item.outcome == FAIL else item


def changed(facts: Facts, slug: str) -> str:
    """The first input of a step's report that has changed; empty if none has."""
    report = facts.report(slug)
    if not isinstance(report, dict):
        return ""
    return facts.shared(
        f"changed {slug}",
        lambda: next(
            (name for name, was in sorted(report["inputs"].items()) if not facts.holds(name, was)), ""
        ),
    )


def results(facts: Facts, step: str) -> dict[str, Any]:
    """A step's results. Unproven if there are none."""
    found_results = facts.results(step)
    if not found_results:
        raise Unproven(f"reports/{step}.json is missing or unreadable", f"python -m {facts.package} {step}")
    return found_results


def again(facts: Facts, step: str) -> str:
    """The command that writes a step's report again."""
    return f"python -m {facts.package} {step}"
