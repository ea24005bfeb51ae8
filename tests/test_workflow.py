"""The generated CI workflow, really run: green for three sets of answers, red where a test is broken.

POC2PROD_WORKFLOW_RUNNER names a command that runs a workflow as GitHub does, on this machine, called with
`ci.yml -C FOLDER --matrix KEY:VALUE --var NAME=VALUE --artifacts FOLDER --quiet`; it ends with 0 where every
job succeeded and with 1 where some did not. POC2PROD_IMAGE_BUILD_OPTIONS: what `docker build` needs besides.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import xml.etree.ElementTree as Xml
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from bakes import clean_environment, succeed
from poc2prod_kit.serving.source import source_hash
from test_bakes import generate, package

RUNNER = shlex.split(os.environ.get("POC2PROD_WORKFLOW_RUNNER", ""))
JOBS = ("lint", "test", "pipeline", "image")
HOLDS = "assert steps.stale(first, pipeline.STEPS) == []"


def _engine() -> bool:
    docker = shutil.which("docker")
    return bool(docker) and not subprocess.run([docker or "", "info"], capture_output=True).returncode


pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("workflow"),
    pytest.mark.skipif(not RUNNER, reason="POC2PROD_WORKFLOW_RUNNER names no command that runs workflows"),
    pytest.mark.skipif(bool(RUNNER) and not _engine(), reason="no container engine answers: docker info"),
]


class Run(NamedTuple):
    """How a run of the workflow ended, and what it left."""

    code: int
    said: str
    artifacts: Path

    def records(self) -> dict[str, dict[str, Any]]:
        """The records it made, by kind."""
        files = (self.artifacts / "records").glob("*.json")
        found = [json.loads(file.read_text(encoding="utf-8")) for file in files]
        return {one["kind"]: one for one in found}


def run(folder: Path, wheel: Path) -> Run:
    """Commit the project and run its workflow with this wheel of poc2prod, on this Python's version alone."""
    for words in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-q", "-m", "Start")):
        succeed(folder, "git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", *words)
    artifacts = folder.parent / "artifacts"
    options = os.environ.get("POC2PROD_IMAGE_BUILD_OPTIONS", "")
    command = [
        *(*RUNNER, "ci.yml", "-C", str(folder), "--quiet", "--artifacts", str(artifacts)),
        *("--matrix", f"python-version:{sys.version_info[0]}.{sys.version_info[1]}"),
        *("--var", f"POC2PROD={wheel}", "--var", f"IMAGE_BUILD_OPTIONS={options}"),
    ]
    done = subprocess.run(
        command, env=clean_environment(), capture_output=True, text=True, encoding="utf-8", check=False
    )
    return Run(done.returncode, done.stdout + done.stderr, artifacts)


def bring_in(folder: Path, run: Run) -> None:
    """Take the run's record of itself into the project, as people do."""
    record = next((run.artifacts / "records").glob("ci-*.json"))
    succeed(folder, sys.executable, "-m", "poc2prod", "record", "add", str(record))


@pytest.mark.parametrize(
    ("name", "steps"),
    [("employment", ()), ("bikeshare", ("poc", "contract api")), ("orders", ("poc", "contract api"))],
    ids=["employment, never run", "bikeshare, run", "orders, run, its rows not in git"],
)
def test_every_job_of_a_project_is_green(
    name: str, steps: tuple[str, ...], wheel: Path, tmp_path: Path
) -> None:
    """The record says so and is of this source; the image's too, unless its model is made from the sample."""
    folder = generate(name, tmp_path)
    for words in steps:
        succeed(folder, sys.executable, "-m", package(folder), *words.split())
    ended = run(folder, wheel)
    assert ended.code == 0, ended.said
    made, source = ended.records(), source_hash(str(folder))
    assert made["ci"]["results"]["jobs"] == dict.fromkeys(JOBS, "success") | {"gate": "started"}
    assert [made[kind]["source"] == source for kind in ("ci", "test", "image")] == [
        True,
        True,
        name == "bikeshare",
    ]
    golden = made["image"]["results"]["golden"]
    assert (golden["rows"] > 0, golden["differing"]) == (True, 0)
    checklist = Xml.parse(ended.artifacts / "checklist" / "checklist.xml").getroot()
    assert checklist.get("tests") == "21"
    ours = next(one for one in checklist.iter("testcase") if one.get("name", "").startswith("II.7 "))
    assert [part.tag for part in ours] == ["system-out"]
    bring_in(folder, ended)


def test_a_broken_test_turns_the_run_red(wheel: Path, tmp_path: Path) -> None:
    """The job that ran it is red and no other, and the record says which."""
    folder = generate("orders", tmp_path)
    path = folder / "tests" / "test_pipeline.py"
    text = path.read_text(encoding="utf-8")
    assert HOLDS in text
    path.write_text(text.replace(HOLDS, HOLDS.replace("==", "!=")), encoding="utf-8", newline="\n")
    ended = run(folder, wheel)
    jobs = ended.records()["ci"]["results"]["jobs"]
    red = {**dict.fromkeys(JOBS, "success"), "test": "failure", "gate": "started"}
    assert (ended.code, jobs) == (1, red), ended.said
    bring_in(folder, ended)
