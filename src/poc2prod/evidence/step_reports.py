"""Checks of a step's report: what to do where they fail, and whether the report's inputs have changed."""

from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import Any

from ..project import Facts
from .finding import CLAIMED, FAIL, PASS, SKIPPED, STALE, UNKNOWN, Finding, Unproven, each, passed

Check = Callable[[Facts], Finding | Iterable[Finding]]


def fresh(slug: str, *checks: Check) -> tuple[Check, ...]:
    """Decorate the checks of a report: `fail` becomes `stale` if an input of the report has changed.

    What to do is to run the step again, unless the check names something else.
    """
    return tuple(_fresh(slug, check) for check in checks)


def _fresh(slug: str, check: Check) -> Check:
    @wraps(check)
    def run(facts: Facts) -> Iterator[Finding]:
        for item in each(lambda: check(facts)):
            if item.outcome not in (PASS, SKIPPED) and not item.todo:
                item = item._replace(todo=again(facts, slug))
            if item.outcome == FAIL and not isinstance(facts.report(slug), dict):
                # without a report nothing differs from it
                item = item._replace(outcome=UNKNOWN)
            elif item.outcome == FAIL and (since := changed(facts, slug)):
                item = item._replace(outcome=STALE, text=f"{item.text} ({since} has changed since)")
            yield item

    return run


def changed(facts: Facts, slug: str) -> str:
    """The first input of a step's report that has changed; empty if none has."""
    report = facts.report(slug)
    recorded = report["inputs"] if isinstance(report, dict) else {}
    return facts.shared(
        f"changed {slug}",
        lambda: next((name for name, was in sorted(recorded.items()) if not facts.holds(name, was)), ""),
    )


def results(facts: Facts, step: str) -> dict[str, Any]:
    """A step's results. Unproven if there are none."""
    reported = facts.results(step)
    if not reported:
        raise Unproven(f"reports/{step}.json is missing or unreadable", again(facts, step))
    return reported


def listed(facts: Facts, step: str) -> list[dict[str, Any]]:
    """The findings in a step's report. Unproven where it has no list of them: an honest report always has one."""
    items = facts.results(step).get("findings")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise Unproven(f"reports/{step}.json has no list of findings", again(facts, step))
    return items


def remarked(facts: Facts, step: str, outcome: Callable[[str], Callable[..., Finding]]) -> Iterator[Finding]:
    """A finding for each one that the step's report lists, but for those of the screening, which have an id.

    `outcome`: what a kind of finding is here, such as `failed`.
    """
    items = [item for item in listed(facts, step) if not item.get("id")] if facts.results(step) else []
    for item in items:
        kind, text = str(item.get("kind")), str(item.get("text"))[:160]
        yield outcome(kind)(f"the step found {kind}: {text}", f"poc2prod show {step}", CLAIMED)
    if not items and facts.results(step):
        yield passed("the step found nothing that a person must look at", CLAIMED)


def again(facts: Facts, step: str) -> str:
    """The command that writes a step's report again."""
    return f"python -m {facts.package} {step}"
