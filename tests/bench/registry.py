"""The register of faults: what is done to the finished project, which step must say so, in which words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

Change = Callable[[Path], None]
# The later steps that rest on a step's own evidence, and may say so too.
RESTS = {
    "approaches": (),
    "problem": (),
    "roadmap": (),
    "data": ("split", "features", "baseline", "interpret", "evaluate", "improve"),
    "split": ("features", "baseline", "interpret", "evaluate", "improve"),
    "features": ("baseline", "interpret", "evaluate", "improve"),
    "baseline": ("interpret", "evaluate", "improve"),
    "interpret": ("improve",),
    "evaluate": ("improve",),
    "improve": (),
}


class Fault(NamedTuple):
    """One planted fault.

    `verdicts`: those allowed; `says`: words of the reason; `also`: further steps that may say so; `by`: what
    must notice: `check` and `status`, or one of them alone (a damaged record is no matter for `check`);
    `claimed`: nobody notices, the step passes, and a finding that is claimed says what is not known.
    """

    name: str
    step: str
    verdicts: tuple[str, ...]
    says: str
    plant: Change
    also: tuple[str, ...] = ()
    by: tuple[str, ...] = ("check", "status")
    claimed: bool = False


class Harmless(NamedTuple):
    """One change that must change no verdict. `kept`: the records of the last check must hold too."""

    name: str
    change: Change
    kept: bool = True


FAULTS: list[Fault] = []
HARMLESS: list[Harmless] = []


def fault(
    step: str, verdict: str, says: str, *also: str, by: tuple[str, ...] = ("check", "status")
) -> Callable[[Change], Change]:
    """Register a fault: the step that must catch it, the verdict (several: `fail|stale`), what it says."""

    def add(plant: Change) -> Change:
        FAULTS.append(Fault(plant.__name__, step, tuple(verdict.split("|")), says, plant, also, by))
        return plant

    return add


def harmless(*, kept: bool = True) -> Callable[[Change], Change]:
    """Register a harmless change."""

    def add(change: Change) -> Change:
        HARMLESS.append(Harmless(change.__name__, change, kept))
        return change

    return add
