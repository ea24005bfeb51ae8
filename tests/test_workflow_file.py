"""The generated CI workflow as it is written: what runs on which Python, with which rights, and for whom."""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml

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
    notice = found["jobs"].pop("gate-notice")
    assert (notice["permissions"], [list(step) for step in notice["steps"]]) == ({}, [["run"]])
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


GATE = "${{ !cancelled() && vars.POC2PROD != '' }}"


def test_only_the_gate_installs_the_command_and_from_where_the_variable_says(tmp_path: Path) -> None:
    """All else installs the lock, with hashes. Nothing is installed by the command's mere name."""
    jobs = workflow(tmp_path)["jobs"]
    installs = {
        key: [step["run"] for step in job["steps"] if " install " in step.get("run", "")]
        for key, job in jobs.items()
    }
    (gate,) = installs.pop("gate")
    locked = ["uv pip install --require-hashes -r requirements-dev.lock"]
    assert installs == {
        **dict.fromkeys(("lint", "test", "pipeline", "image"), locked),
        **{"record": [], "gate-notice": []},
    }
    assert jobs["gate"]["env"]["POC2PROD"] == "${{ vars.POC2PROD }}"
    assert installed_by(gate, "poc2prod==0.1.0") == (1, [])
    assert installed_by(gate, "poc2prod") == (1, [])
    for place in (
        "https://example.org/poc2prod-0.1.0-py3-none-any.whl",
        "./tools/poc2prod-0.1.0-py3-none-any.whl",
    ):
        assert installed_by(gate, place) == (0, ["pip", "install", place])


def installed_by(script: str, place: str) -> tuple[int, list[str]]:
    """How a step's script ends with this value of the variable, and what it has uv do."""
    echo = 'uv() { printf "%s\\n" "$@" >&3; }\n'
    with tempfile.TemporaryFile("w+") as said:
        command = ["bash", "-e", "-c", f"exec 3>&{said.fileno()}\n{echo}{script}"]
        done = subprocess.run(
            command, env={"POC2PROD": place}, pass_fds=[said.fileno()], stdout=subprocess.DEVNULL, check=False
        )
        said.seek(0)
        return done.returncode, said.read().split()


def test_the_gate_comes_after_the_record_and_takes_it_in(tmp_path: Path) -> None:
    """The record waits for all else, failed or not; without it no gate that asks for CI could ever open."""
    jobs = workflow(tmp_path)["jobs"]
    order = {key: (job.get("if"), job.get("needs")) for key, job in jobs.items()}
    assert (order["record"], order["gate"]) == (
        ("!cancelled()", ["lint", "test", "pipeline", "image"]),
        (GATE, "record"),
    )
    run = [step["run"] for step in jobs["gate"]["steps"] if "poc2prod " in step.get("run", "")]
    assert [line.split()[1] for line in run] == ["record", "report", "report", "gate"]


def test_without_the_variable_a_notice_stands_for_the_gate(tmp_path: Path) -> None:
    """The gate is skipped, the record says so, and a job names the variable."""
    jobs = workflow(tmp_path)["jobs"]
    assert (jobs["gate"]["if"], jobs["gate-notice"]["if"]) == (GATE, GATE.replace("!= ''", "== ''"))
    (said,) = jobs["gate-notice"]["steps"]
    assert ("::notice::" in said["run"], "POC2PROD" in said["run"]) == (True, True)
    written = next(step for step in jobs["record"]["steps"] if "GATE" in step.get("env", {}))
    assert written["env"]["GATE"] == "${{ vars.POC2PROD != '' && 'started' || 'skipped' }}"


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
        "gate-notice": [],
    }
    assert "git rm -rqf --ignore-unmatch -- records" in [step.get("run") for step in jobs["record"]["steps"]]
