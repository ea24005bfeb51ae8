"""The steps in order, what fails in the middle, and the command line."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from poc2prod_kit.run import command, report, steps
from poc2prod_kit.run.console import Console
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.paths import package
from poc2prod_kit.run.project import Project
from project import pipeline

TOLD = {"data": [], "split": ["data"], "features": ["split"], "baseline": ["split", "features"]}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project whose steps read one choice each and the reports of TOLD."""
    (tmp_path / "params.toml").write_text("[data]\nfiles = []\n[split]\ntest = 0.2\n", encoding="utf-8")
    (tmp_path / "schema.toml").write_text('[[column]]\nname = "y"\ntype = "number"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return Project(tmp_path, CODE)


def fake(step: str) -> Any:
    """A step that asks for its earlier reports, and stops or breaks where params.toml says so."""

    def run(project: Project) -> report.Report:
        for earlier in TOLD[step]:
            report.results(project, earlier)
        project.param(f"{step}.test", 0.0)
        if project.param(f"{step}.stop", False):
            raise ProjectError("There is nothing to do.")
        if project.param(f"{step}.broken", False):
            raise KeyError("my_column")
        return report.Report({})

    return SimpleNamespace(run=run)


CODE = replace(pipeline.CODE, steps=tuple(TOLD), module=fake)


def choose(project: Project, text: str) -> Project:
    """The same project with more choices."""
    with (project.root / "params.toml").open("a", encoding="utf-8") as file:
        file.write(text)
    return Project(project.root, CODE)


def test_all_steps_write_their_reports(project: Project) -> None:
    """And none is out of date afterwards."""
    steps.run(project, CODE.steps, Console(io.StringIO(), 80))
    assert steps.stale(project, CODE.steps) == []


def test_a_failing_step_leaves_the_earlier_reports(project: Project) -> None:
    """The error says which step stopped, why, and what was done before."""
    stopping = choose(project, "[features]\nstop = true\n")
    with pytest.raises(ProjectError) as caught:
        steps.run(stopping, CODE.steps, Console(io.StringIO(), 80))
    assert str(caught.value) == (
        "The step features stopped: There is nothing to do. (Done before it, reports written: data, split.)"
    )
    assert steps.stale(stopping, CODE.steps) == ["features", "baseline"]


def test_a_step_names_the_one_step_it_waits_for(project: Project) -> None:
    """Only split is missing."""
    steps.run_step(project, "data")
    with pytest.raises(ProjectError) as caught:
        steps.run_step(project, "features")
    assert str(caught.value) == (
        "The step `split` has not run yet (reports/split.json is missing). "
        f"Run it first: python -m {package().name} split"
    )


def test_several_steps_out_of_date_ask_for_all(project: Project) -> None:
    """A changed choice of data and split makes both old; one command mends it."""
    steps.run(project, CODE.steps, Console(io.StringIO(), 80))
    (project.root / "params.toml").write_text("[data]\nfiles = []\ntest = 1.0\n", encoding="utf-8")
    with pytest.raises(ProjectError) as caught:
        steps.run_step(Project(project.root, CODE), "baseline")
    assert str(caught.value) == (
        "The step `split` ran before [split] test of params.toml changed, so its result no longer holds. "
        f"Out of date are data and split: run all steps with python -m {CODE.folder.name} poc"
    )


def run(*arguments: str) -> int:
    """The exit code of the command line."""
    return command.main(CODE, list(arguments))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["data", "--open-test"], "--open-test belongs to one step alone: "),
        (["poc", "data"], "`poc` runs every step, so it is named alone: "),
        (["split"], "The step `data` has not run yet"),
    ],
)
def test_what_a_person_must_change_ends_with_2(
    project: Project, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    """With a sentence on standard error, and no traceback."""
    assert run(*arguments) == 2
    told = capsys.readouterr().err
    assert told.startswith(said)
    assert "Traceback" not in told


def test_a_step_that_is_done_ends_with_0(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    """And says where its report is."""
    assert run("data") == 0
    assert capsys.readouterr().out == "data: done, 0 findings. Report: reports/data.json\n"


def test_an_unknown_step_is_answered_with_the_steps() -> None:
    """So that a typo costs no look into the code."""
    with pytest.raises(ProjectError) as caught:
        steps.step_module(pipeline.CODE, "fetures")
    listed = ", ".join(pipeline.STEPS)
    assert str(caught.value) == f"There is no step 'fetures'. The steps are {listed}; `poc` runs them all."


def test_a_bug_shows_its_own_lines(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever edits a step sees where it broke: exit 1, the error, no frame of the machinery around it."""
    (project.root / "params.toml").write_text("[data]\nbroken = true\n", encoding="utf-8")
    assert run("data") == 1
    said = capsys.readouterr().err
    assert "KeyError: 'my_column'" in said
    assert "run_step" not in said


def test_ctrl_c_ends_with_130(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """And with a sentence instead of a traceback."""

    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(steps, "run", stop)
    assert run("data") == 130


def test_help_names_every_step(capsys: pytest.CaptureFixture[str]) -> None:
    """And what it does, in the words of its module."""
    with pytest.raises(SystemExit) as ended:
        command.main(pipeline.CODE, ["--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert [step for step in pipeline.STEPS if f"  {step} " not in said] == []


def test_a_package_that_is_not_installed_is_named() -> None:
    """A step whose libraries are absent says which, and how to install them."""

    def absent(_: str) -> Any:
        raise ModuleNotFoundError("No module named 'onnx'", name="onnx")

    with pytest.raises(ProjectError) as told:
        steps.step_module(replace(pipeline.CODE, module=absent), "improve")
    assert str(told.value) == (
        'The step improve needs onnx, which is not installed here: python -m pip install --editable ".[dev]"'
    )


def test_a_step_is_described_in_one_sentence() -> None:
    """The first of its docstring, whole: progress and help have one line, and no name to fill in."""
    said = [steps.described(pipeline.CODE, step) for step in ("features", "api")]
    assert said == ["what a model sees of a row", "answer over HTTP what the model predicts"]
