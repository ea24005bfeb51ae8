"""What a step is given, and the record of what it read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from poc2prod_kit.run import params
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.project import Project

PARAMS = """seed = 7
[data]
files = ["data/raw/a.csv"]
target = "y"
[split]
tolerence = 0.1
strategy = "tmie"
validation = "a lot"
test = 0.2
[baseline.gradient_boosting]
max_iter = 10
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with a table of two rows."""
    (tmp_path / "data" / "raw").mkdir(parents=True)
    (tmp_path / "data" / "raw" / "a.csv").write_text("x,y\n1,2\n3,4\n", encoding="utf-8")
    columns = '[[column]]\nname = "x"\ntype = "number"\n[[column]]\nname = "y"\ntype = "number"\n'
    (tmp_path / "schema.toml").write_text(columns, encoding="utf-8")
    (tmp_path / "params.toml").write_text(PARAMS, encoding="utf-8")
    return Project(tmp_path)


def message(call: Any) -> str:
    """The words of the ProjectError that the call ends with."""
    with pytest.raises(ProjectError) as caught:
        call()
    return str(caught.value)


def test_whatever_is_asked_for_is_recorded(project: Project) -> None:
    """Keys with their defaults, whole sections, files and the schema all become inputs."""
    with project.recording() as read:
        project.param("seed")
        project.param("split.reason", "")
        project.param("baseline.gradient_boosting", {})
        project.path("data/split.csv.gz")
        assert list(project.schema) == ["x", "y"]
    keys = {"params.toml#seed", "params.toml#split.reason", "params.toml#baseline.gradient_boosting"}
    assert read == {*keys, "data/split.csv.gz", "schema.toml"}


def test_what_an_inner_recording_reads_counts_outside_too(project: Project) -> None:
    """The table is read in a recording of its own, and is an input of the step, also the second time."""
    for _ in range(2):
        with project.recording() as read:
            project.table()
        assert {"data/raw/a.csv", "schema.toml", "params.toml#data.files"} <= read


def test_a_value_of_the_wrong_type_is_named(project: Project) -> None:
    """Key, value and what is allowed follow from the default."""
    assert message(lambda: project.param("split.validation", 0.2)) == (
        'params.toml, [split] validation = "a lot" cannot be used: it must be a number, such as 0.2.'
    )


def test_a_choice_is_held_against_what_there_is(project: Project) -> None:
    """The nearest is offered."""
    assert message(lambda: project.param("split.strategy", "auto", among=("auto", "time", "group"))) == (
        "params.toml, [split] strategy = \"tmie\" is not one of auto, time, group. Did you mean 'time'?"
    )


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_a_seed_is_one_that_every_generator_takes(project: Project, seed: int) -> None:
    """NumPy takes none below 0, scikit-learn none of more than 32 bits."""
    project.params["seed"] = seed
    said = f"params.toml, seed = {seed} must be from 0 to 4294967295."
    assert message(lambda: project.param("seed")) == said


def test_a_missing_key_names_its_misspelling(project: Project) -> None:
    """A key that must be there and is not, with the key that was probably meant."""
    assert message(lambda: project.param("split.tolerance")) == (
        "params.toml has no [split] tolerance. Did you misspell it as [split] tolerence?"
    )


def test_keys_that_no_step_reads_are_named(project: Project, tmp_path: Path) -> None:
    """What was asked for, or stands in the code, or belongs to people, is known; all else is a typo."""
    code = tmp_path / "code"
    code.mkdir()
    (code / "split.py").write_text('project.param("split.tolerance", 0.05)', encoding="utf-8")
    asked = {
        "seed",
        "data.files",
        "data.target",
        "split.strategy",
        "split.validation",
        "baseline.gradient_boosting",
    }
    choices = {**project.params, "testing": {"row": {}}, "roadmap": {"api": {"days": 3}}}
    assert params.unused(choices, asked, code) == [
        "params.toml, [split] tolerence is used by no step: did you mean [split] tolerance?",
        "params.toml, [split] test is used by no step: remove it, or read it in a step.",
    ]


@pytest.mark.parametrize(
    ("value", "default", "fine"),
    [
        (1, 1.0, True), (1.5, 1, False), (True, 1, False), (1, True, False), (float("nan"), 1.0, False),
        ("a", "", True), (1, "", False), (["a"], [], True), ([1], [], False), ([1, 0.5], [0.1], True),
        (["a"], [0.1], False), ({}, {}, True), ("x", {}, False), (object(), None, True),
    ],
)  # fmt: skip
def test_types_follow_the_default(value: object, default: object, fine: bool) -> None:
    """Whole numbers are numbers, truth is no number, an empty list stands for texts, None allows anything."""
    assert params.fits(value, default) is fine


def test_raw_data_that_change_under_a_step_are_refused(project: Project) -> None:
    """A result of the old rows is never written with the hash of the new ones."""
    project.table()
    (project.root / "data" / "raw" / "a.csv").write_text("x,y\n1,2\n", encoding="utf-8")
    assert message(lambda: project.hash_as_read("data/raw/a.csv")) == (
        "data/raw/a.csv changed while the step was running, so its result is not written. Run it again."
    )


def test_a_table_beside_the_data_is_text(project: Project) -> None:
    """A checkout on Windows has the same causes; raw data keep their bytes."""
    unix, windows = b"id,cause\n1,rare\n", b"id,cause\r\n1,rare\r\n"
    hashes = []
    for content in (unix, windows):
        for name in ("docs/errors.csv", "data/x.csv"):
            (project.root / name).parent.mkdir(exist_ok=True)
            (project.root / name).write_bytes(content)
            hashes.append(project.hash(name))
    assert (hashes[0] == hashes[2], hashes[1] == hashes[3]) == (True, False)
