"""The generated CI workflow as it is written: what runs on which Python, with which rights, and for whom."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from poc2prod import __version__
from poc2prod.generate import generate, plan

FILES = [".github/dependabot.yml", ".github/workflows/ci.yml"]
PYTHONS = ["3.11", "3.12", "3.13", "3.14"]


def workflow(folder: Path, **given: str) -> dict[str, Any]:
    """The workflow of a project with these answers, parsed; jobs by their keys."""
    (folder / "scratch").mkdir()
    made = generate(given, folder, folder / "scratch")
    found: dict[str, Any] = yaml.safe_load((made / FILES[1]).read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize(("scope", "files"), [("full", FILES), ("poc", [])])
def test_only_the_full_scope_has_ci(scope: str, files: list[str]) -> None:
    """A proof of concept gets no workflow and no updates of actions."""
    assert [name for name in plan({"scope": scope}) if name.startswith(".github")] == files


@pytest.mark.parametrize("oldest", PYTHONS)
def test_it_tests_on_every_python_that_the_project_supports(oldest: str, tmp_path: Path) -> None:
    """From the oldest that was answered; the other jobs run on one of them."""
    jobs = workflow(tmp_path, python_version=oldest)["jobs"]
    supported = PYTHONS[PYTHONS.index(oldest) :]
    set_up = [
        step["with"] for job in jobs.values() for step in job["steps"] if "setup-uv" in step.get("uses", "")
    ]
    assert jobs["test"]["strategy"]["matrix"]["python-version"] == supported
    assert {one["python-version"] for one in set_up} == {
        "${{ matrix.python-version }}",
        "3.14" if oldest == "3.14" else "3.13",
    }


def test_no_job_may_write_stay_for_hours_or_run_what_can_change(tmp_path: Path) -> None:
    """Rights, time limits, pins, and no expression inside a script, for every job."""
    found = workflow(tmp_path)
    jobs = found["jobs"].values()
    steps = [step for job in jobs for step in job["steps"]]
    used = [step["uses"] for step in steps if "uses" in step]
    assert (found["permissions"], [job["permissions"] for job in jobs]) == (
        {},
        [{"contents": "read"}] * len(jobs),
    )
    assert [job["timeout-minutes"] for job in jobs if not 0 < job["timeout-minutes"] <= 20] == []
    assert [name for name in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", name)] == []
    assert [step["run"] for step in steps if "${{" in step.get("run", "")] == []
    assert {step["with"]["persist-credentials"] for step in steps if "checkout" in step.get("uses", "")} == {
        False
    }


def test_only_the_gate_installs_the_command_in_the_version_that_generated(tmp_path: Path) -> None:
    """All else installs the lock, with hashes."""
    jobs = workflow(tmp_path)["jobs"]
    installs = {
        key: [step["run"] for step in job["steps"] if " install " in step.get("run", "")]
        for key, job in jobs.items()
    }
    locked = ["uv pip install --require-hashes -r requirements.lock"]
    assert installs == {
        **dict.fromkeys(("lint", "test", "pipeline", "image"), locked),
        "gate": ['uv pip install "$POC2PROD"'],
        "record": [],
    }
    assert jobs["gate"]["env"]["POC2PROD"] == f"${{{{ vars.POC2PROD || 'poc2prod=={__version__}' }}}}"


def test_the_gate_comes_after_the_record_and_takes_it_in(tmp_path: Path) -> None:
    """The record waits for all else, failed or not; without it no gate that asks for CI could ever open."""
    jobs = workflow(tmp_path)["jobs"]
    order = {key: (job.get("if"), job.get("needs")) for key, job in jobs.items()}
    assert (order["record"], order["gate"]) == (
        ("!cancelled()", ["lint", "test", "pipeline", "image"]),
        ("!cancelled()", "record"),
    )
    run = [step["run"] for step in jobs["gate"]["steps"] if "poc2prod " in step.get("run", "")]
    assert [line.split()[1] for line in run] == ["record", "report", "report", "gate"]


def test_only_jobs_that_run_the_project_see_its_code(tmp_path: Path) -> None:
    """A module of the project cannot stand in for one of the gate's."""
    found = workflow(tmp_path)
    seen = [key for key, job in found["jobs"].items() if "PYTHONPATH" in job.get("env", {})]
    assert ("env" in found, seen) == (False, ["lint", "test", "pipeline", "image", "record"])


def test_only_jobs_that_write_records_hand_them_on(tmp_path: Path) -> None:
    """Lint writes none, because CI's checkout has no model; what is in git already is left out."""
    jobs = workflow(tmp_path)["jobs"]
    kept = {
        key: [step["with"]["name"] for step in job["steps"] if "upload-artifact" in step.get("uses", "")]
        for key, job in jobs.items()
    }
    assert kept == {
        "lint": [],
        "test": ["records-test-${{ matrix.python-version }}"],
        "pipeline": ["sample"],
        "image": ["records-image"],
        "record": ["records"],
        "gate": ["checklist"],
    }
    assert "git rm -rqf --ignore-unmatch -- records" in [step.get("run") for step in jobs["record"]["steps"]]
