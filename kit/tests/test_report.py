"""reports/<step>.json, whether it still holds, and that it is whole or not there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from poc2prod_kit.run import atomic, report
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.paths import package
from poc2prod_kit.run.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with two choices and a result on disk."""
    (tmp_path / "params.toml").write_text("seed = 7\n[split]\ntest = 0.2\n", encoding="utf-8")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "split.csv").write_text("id,part\n", encoding="utf-8")
    return Project(tmp_path)


def write(project: Project) -> None:
    """A report of the step split that read both choices."""
    made = report.Report({"rate": np.float64(1 / 3), "none": float("nan")}, ["data/split.csv"])
    report.write(project, "split", made, {"params.toml#seed", "params.toml#split.test"})


def test_a_report_is_plain_sorted_and_rounded(project: Project) -> None:
    """Six digits, null for what is no number, own code among the inputs, no path of this machine."""
    write(project)
    text = (project.root / "reports" / "split.json").read_text(encoding="utf-8")
    content = json.loads(text)
    assert content["results"] == {"rate": 0.333333, "none": None, "findings": []}
    assert list(content) == ["inputs", "libraries", "outputs", "results", "schema", "seal", "step"]
    assert f"src/{package().name}/split.py" in content["inputs"]
    assert str(project.root) not in text


def test_a_report_that_holds_gives_its_results(project: Project) -> None:
    """And becomes an input of the step that asks, with its outputs."""
    write(project)
    with project.recording() as read:
        assert report.results(project, "split")["rate"] == 0.333333
    assert read == {"reports/split.json", "data/split.csv"}


def test_a_changed_choice_is_named(project: Project) -> None:
    """The error says what changed and what to run."""
    write(project)
    (project.root / "params.toml").write_text("seed = 7\n[split]\ntest = 0.3\n", encoding="utf-8")
    with pytest.raises(report.StaleError) as caught:
        report.results(Project(project.root), "split")
    assert str(caught.value) == (
        "The step `split` ran before [split] test of params.toml changed, so its result no longer holds. "
        f"Run it first: python -m {package().name} split"
    )


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": 2}', "<<<<<<< ours\n"])
def test_a_damaged_report_is_no_result(project: Project, text: str) -> None:
    """Cut off, merged or of another version: the step is to run again."""
    (project.root / "reports").mkdir()
    (project.root / "reports" / "split.json").write_text(text, encoding="utf-8")
    with pytest.raises(report.StaleError, match=r"^reports/split\.json (cannot be read|is not a report)"):
        report.results(project, "split")


def test_a_missing_report_names_the_step(project: Project) -> None:
    """Nothing has run yet."""
    with pytest.raises(report.StaleError, match=r"^The step `split` has not run yet"):
        report.results(project, "split")


def test_code_changed_during_a_run_is_not_vouched_for(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The report carries the hash of the code that ran, not of the code that is there when it ends."""
    name = f"src/{package().name}/split.py"
    monkeypatch.setitem(project._code, name, "as at the start")
    assert project.hash_as_read(name) == "as at the start"


def test_an_interrupted_write_leaves_the_old_file(tmp_path: Path) -> None:
    """An error in the middle changes nothing and leaves no litter."""
    path = tmp_path / "split.json"
    path.write_text("old", encoding="utf-8")

    def write_half() -> None:
        with atomic.replacing(path) as beside:
            beside.write_text("half", encoding="utf-8")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert {item.name: item.read_text(encoding="utf-8") for item in tmp_path.iterdir()} == {
        "split.json": "old"
    }


def test_a_refused_write_is_said(tmp_path: Path) -> None:
    """Where a file is in the way of the folder, the file that could not be written is named."""
    (tmp_path / "reports").write_text("", encoding="utf-8")
    with pytest.raises(ProjectError, match=r"^reports/split\.json cannot be written: "):
        atomic.write_text(tmp_path / "reports" / "split.json", "{}")


def test_a_kill_leaves_a_whole_file(tmp_path: Path) -> None:
    """Killed at any moment of writing over and over, the file is one of the two versions, never a part."""
    path = tmp_path / "report.json"
    code = (
        "import sys, pathlib\n"
        "from poc2prod_kit.run import atomic\n"
        "n = 0\n"
        "while True:\n"
        "    n = 1 - n\n"
        "    atomic.write_text(pathlib.Path(sys.argv[1]), str(n) * 200_000)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    for wait in (0.6, 0.73, 0.81):
        running = subprocess.Popen([sys.executable, "-B", "-c", code, str(path)], env=environment)
        with pytest.raises(subprocess.TimeoutExpired):
            running.wait(wait)
        running.kill()
        running.wait()
        assert path.read_text(encoding="utf-8") in ("0" * 200_000, "1" * 200_000)
