"""All steps run from a table to their reports, and a second run changes no byte."""

from __future__ import annotations

import json
import runpy
from collections.abc import Callable
from pathlib import Path

import pytest
from poc2prod_kit.run import notebook, steps
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.project import Project

from {{ cookiecutter.package }} import pipeline


def written(project: Project) -> dict[str, bytes]:
    """Every report and every table that the steps wrote, by name."""
    patterns = ("reports/*.json", "data/*.*", "data/*/*.gz")
    files = [path for pattern in patterns for path in project.root.glob(pattern)]
    return {path.relative_to(project.root).as_posix(): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def first(small: Callable[[], Project]) -> Project:
    """A small project in which every step has run."""
    copy = small()
    for step in pipeline.STEPS:
        steps.run_step(copy, step)
    return copy


def test_every_step_writes_its_report(first: Project) -> None:
    """There is one report a step, it names itself, and none is out of date."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in first.root.glob("reports/*.json")}
    named = {name: json.loads(text)["step"] for name, text in texts.items()}
    assert named == {step: step for step in pipeline.STEPS}
    assert steps.stale(first, pipeline.STEPS) == []


def test_a_second_run_changes_no_byte(first: Project, small: Callable[[], Project]) -> None:
    """The same data, choices and code give the same reports, split and predictions."""
    second = small()
    for step in pipeline.STEPS:
        steps.run_step(second, step)
    before, after = written(first), written(second)
    assert sorted(before) == sorted(after)
    assert [name for name in before if before[name] != after[name]] == []


def test_a_report_holds_no_path_of_this_machine(first: Project) -> None:
    """Reports can be compared between machines."""
    here = str(first.root).encode()
    reports = {name: text for name, text in written(first).items() if name.endswith(".json")}
    assert [name for name, text in reports.items() if here in text] == []


def test_the_notebook_runs(first: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """It opens training and validation rows with their features; the test rows only once that is recorded."""
    monkeypatch.setattr(notebook, "open_project", lambda code: notebook.Opened(first))
    made = runpy.run_path(str(Path(__file__).parents[1] / "notebooks" / "explore.py"))
    assert len(made["X_train"]) == len(made["train"]) == len(made["y_train"]) > 0
    assert set(made["predictions"].index) == set(made["validation"].index)
    with pytest.raises(ProjectError, match="The test rows have not been opened for the selected model"):
        made["project"].rows("test")


def test_a_changed_table_makes_every_report_stale(first: Project) -> None:
    """Reports say of themselves that they rest on other data."""
    path = first.root / "data" / "raw" / "sample.csv"
    before = path.read_bytes()
    try:
        path.write_bytes(before + before.splitlines(keepends=True)[-1])
        assert steps.stale(first, pipeline.STEPS) == list(pipeline.STEPS)
    finally:
        path.write_bytes(before)
