"""The bench of production: every fault is named by its step, and no harmless change raises an alarm."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench import (
    fault_api,
    fault_ci,
    fault_contract,
    fault_docker,
    fault_refactor,
    fault_testing,
    harmless_produced,
)
from bench.finished import copied, said, verdicts
from bench.produced import FAULTS, HARMLESS, ORDER, RESTS, checked, status, unpacked
from bench.registry import Fault, Harmless

from poc2prod.checklist import until
from poc2prod.survey import Survey

MODULES = (
    fault_api,
    fault_ci,
    fault_contract,
    fault_docker,
    fault_refactor,
    fault_testing,
    harmless_produced,
)
ALL_PASS = dict.fromkeys(ORDER, "pass")


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive, unpacked and checked."""
    return unpacked(tmp_path_factory.mktemp("produced"))


@pytest.fixture
def project(finished: Path, tmp_path: Path) -> Path:
    """A copy, each test its own."""
    return copied(finished, tmp_path / "project")


def test_finished_project(finished: Path) -> None:
    """All six steps pass, checked anew and from the records of the last check."""
    assert (verdicts(checked(finished)), verdicts(status(finished))) == (ALL_PASS, ALL_PASS)


def test_what_is_still_owed(finished: Path) -> None:
    """Of all that comes before production: the roll-out plan, by people, and the deployment."""
    survey = Survey(str(finished), remember=True)
    reviews = {item.slug: survey.review(item) for item in until("pre-production")}
    owed = {slug: review.reason for slug, review in reviews.items() if review.verdict != "pass"}
    assert owed == {
        "rollout_plan": "6 of 6 questions open: metric (line 10), stages (line 18), guardrails (line 26), rollback "
        "(line 32) and 2 more",
        "deploy": "this version of poc2prod cannot check this step's evidence yet",
    }


@pytest.mark.slow
@pytest.mark.parametrize("fault", [pytest.param(item, id=item.name) for item in FAULTS if item.claimed])
def test_claimed_fault(project: Path, fault: Fault) -> None:
    """It is not caught: the step passes, and what is not known of it is said, as claimed."""
    fault.plant(project)
    review = checked(project)[fault.step]
    claims = [item.text for item in review.findings if item.basis == "claimed" and fault.says in item.text]
    assert (review.verdict, len(claims)) == ("pass", 1)


@pytest.mark.slow
@pytest.mark.parametrize(
    "fault", [pytest.param(item, id=f"{item.step}-{item.name}") for item in FAULTS if not item.claimed]
)
def test_fault(project: Path, fault: Fault) -> None:
    """The fault's step says so in its own words, at once, unchecked; steps that do not rest on it stay."""
    fault.plant(project)
    reviews = checked(project)
    hit = reviews[fault.step]
    assert hit.verdict in fault.verdicts, f"{hit.verdict}: {said(hit)}"
    assert fault.says in said(hit)
    may = {fault.step, *RESTS.get(fault.step, ()), *fault.also}
    others = {slug: review.verdict for slug, review in reviews.items() if slug not in may}
    assert others == dict.fromkeys(others, "pass"), [said(reviews[slug]) for slug in others]
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
    """At least five faults for each of the six steps, and ten harmless changes."""
    counts = {slug: sum(item.step == slug and not item.claimed for item in FAULTS) for slug in ORDER}
    assert {slug: count for slug, count in counts.items() if count < 5} == {}
    assert len(HARMLESS) >= 10
