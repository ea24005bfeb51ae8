"""The checks. The module of a step has its slug as name and lists its checks in CHECKS.

A check is a function `(facts: Facts) -> Finding | Iterable[Finding]`; users read its docstring. `generic` has
the checks that all steps share: the form is answered, the report is current.
"""

import os
from collections.abc import Callable, Iterable
from functools import partial
from importlib import import_module
from types import ModuleType
from typing import Any, NamedTuple

from ..checklist import Step
from ..project import Facts
from . import generic
from .finding import UNKNOWN, Absent, Finding, Unproven, each

Found = Finding | Iterable[Finding]
Check = Callable[[Facts], Found]
# The text of a finding begins with this if the check itself failed.
CRASHED = "this could not be checked"


class Judged(NamedTuple):
    """The findings of a step, and the hashes of everything that its checks read (None: absent)."""

    findings: tuple[Finding, ...]
    inputs: dict[str, str | None]


def judge(step: Step, facts: Facts) -> Judged:
    """Run all checks of a step."""
    with facts.recording() as read:
        findings = _missing(step, facts) or [
            *(
                item
                for check in generic.CHECKS
                for item in _run(step, facts, check, partial(check, step, facts))
            ),
            *(item for check in _checks(step) for item in _run(step, facts, check, partial(check, facts))),
        ]
        inputs = {name: facts.now(name).hash for name in sorted(read)}
    return Judged(tuple(findings), inputs)


def signed(step: Step, facts: Facts) -> dict[str, Any]:
    """What a person signs: answers, parameters and results, by name."""
    module = _module(step)
    step_signed: Callable[[Facts], dict[str, Any]] | None = getattr(module, "signed", None)
    try:
        return step_signed(facts) if step_signed else generic.signed(step, facts)
    except (Unproven, ValueError, TypeError, KeyError, AttributeError):
        return generic.signed(step, facts)


def explained(step: Step) -> dict[str, str]:
    """The description of each check of a step, by name."""
    checks = [*generic.due(step), *_checks(step)]
    return {check.__name__: " ".join((check.__doc__ or "").split()) for check in checks}


def _missing(step: Step, facts: Facts) -> list[Finding]:
    """The one finding for a step whose files are all missing, if its module defines `missing`."""
    ask: Callable[[Facts], Finding | None] | None = getattr(_module(step), "missing", None)
    return _run(step, facts, ask, lambda: ask(facts) or ()) if ask else []


def _run(step: Step, facts: Facts, named: Callable[..., Any], check: Callable[[], Found]) -> list[Finding]:
    """The check's findings. Any exception, from a hostile file or a bug, becomes an `unknown` finding."""
    name, findings = named.__name__, list[Finding]()
    try:
        for item in each(check):  # one by one: what was found before an exception counts
            findings.append(item)
    except Absent:
        from . import rows  # late: `status` judges nothing, and starts twice as fast without tables

        findings.append(rows.on_record(facts, step.slug, name))
    except Exception as error:  # one bad file must not hide the findings of the other checks
        findings.append(_crashed(error))
    return [finding._replace(check=name) for finding in findings]


def _crashed(error: Exception) -> Finding:
    text = f"{CRASHED}: {type(error).__name__}: {str(error)[:200]}"
    todo = "correct the file; if the file is correct, report this message"
    return Finding("", UNKNOWN, "recomputed", text, todo)


def _checks(step: Step) -> tuple[Check, ...]:
    module = _module(step)
    checks: tuple[Check, ...] = module.CHECKS if module else (generic.no_machine_evidence,)
    return checks


def _module(step: Step) -> ModuleType | None:
    if not os.path.exists(os.path.join(os.path.dirname(__file__), f"{step.slug}.py")):
        return None
    return import_module(f"{__name__}.{step.slug}")
