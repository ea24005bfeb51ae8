"""The fault bench: every fault is named by its step, and no harmless change raises an alarm."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench import (
    fault_approaches,
    fault_baseline,
    fault_data,
    fault_evaluate,
    fault_events,
    fault_features,
    fault_files,
    fault_improve,
    fault_interpret,
    fault_problem,
    fault_roadmap,
    fault_split,
    harmless_places,
    harmless_words,
)
from bench.finished import ORDER, checked, copied, said, status, unpacked, verdicts
from bench.registry import FAULTS, HARMLESS, RESTS, Fault, Harmless

MODULES = (
    *(
        fault_approaches,
        fault_baseline,
        fault_data,
        fault_evaluate,
        fault_events,
        fault_features,
        fault_files,
    ),
    *(
        fault_improve,
        fault_interpret,
        fault_problem,
        fault_roadmap,
        fault_split,
        harmless_places,
        harmless_words,
    ),
)
ALL_PASS = dict.fromkeys(ORDER, "pass")


@pytest.fixture
def project(projects: Path, tmp_path: Path) -> Path:
    """A copy of the finished project beside the strangers that files are taken from."""
    for name in ("households", "seed"):
        (tmp_path / name).symlink_to(projects / name)
    return copied(projects / "finished", tmp_path / "project")


def test_finished_project(projects: Path) -> None:
    """All of Part I passes in the finished project, checked anew and from its records."""
    finished = projects / "finished"
    assert (verdicts(checked(finished)), verdicts(status(finished))) == (ALL_PASS, ALL_PASS)


def test_archived_records(tmp_path: Path) -> None:
    """The records in the archive, made when it was, still hold: another version gives the same verdicts."""
    assert verdicts(status(unpacked(tmp_path) / "finished")) == ALL_PASS


@pytest.mark.slow
@pytest.mark.parametrize("fault", [pytest.param(item, id=f"{item.step}-{item.name}") for item in FAULTS])
def test_fault(project: Path, fault: Fault) -> None:
    """The fault's step says so in its own words, at once, unchecked; steps that do not rest on it stay."""
    fault.plant(project)
    found = {"check": checked, "status": status}[fault.by[0]](project)
    hit = found[fault.step]
    assert hit.verdict in fault.verdicts, f"{hit.verdict}: {said(hit)}"
    assert fault.says in said(hit)
    may = {fault.step, *RESTS[fault.step], *fault.also}
    others = {slug: review.verdict for slug, review in found.items() if slug not in may}
    assert others == dict.fromkeys(others, "pass")
    if "status" in fault.by:
        assert status(project)[fault.step].verdict != "pass"


@pytest.mark.slow
@pytest.mark.parametrize("change", [pytest.param(item, id=item.name) for item in HARMLESS])
def test_harmless(project: Path, change: Harmless) -> None:
    """A change that means nothing changes no verdict."""
    change.change(project)
    assert verdicts(checked(project)) == ALL_PASS
    if change.kept:
        assert verdicts(status(project)) == ALL_PASS


def test_every_step_has_faults() -> None:
    """At least five faults a step of Part I, 120 in all, and 30 harmless changes."""
    counts = {slug: sum(item.step == slug for item in FAULTS) for slug in ORDER}
    assert {slug: count for slug, count in counts.items() if count < 5} == {}
    assert (len(FAULTS) >= 120, len(HARMLESS) >= 30) == (True, True)
