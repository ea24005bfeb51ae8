"""What callers may rely on: the examples do what they say, and what is committed is what holds."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from typing import Any

import pytest
from poc2prod_kit.rules import golden
from poc2prod_kit.run import steps
from poc2prod_kit.run.project import Project
from poc2prod_kit.serving import examples, fields, schemas
from pydantic import BaseModel

from {{ cookiecutter.package }} import api, contract


@pytest.fixture(scope="module")
def made(project: Project, small: Callable[[], Project]) -> Project:
    """A small project with its contract."""
    copy = small()
    shutil.copy(project.root / "pyproject.toml", copy.root)
    for step in ("data", "split", "features", "contract"):
        steps.run_step(copy, step)
    return copy


@pytest.fixture(scope="module")
def row(made: Project) -> type[BaseModel]:
    """What the API validates a row with."""
    return schemas.row_model(fields.about(made)["columns"])


def read(project: Project) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The good requests, and the bad examples."""
    return examples.whole(json.loads((project.root / contract.EXAMPLES).read_text(encoding="utf-8")))


def test_good_examples_are_accepted(made: Project, row: type[BaseModel]) -> None:
    """There is one at least, and every one is a request that the API takes."""
    found = [examples.refused(row, one) for one in read(made)[0]]
    assert found == [[]] * max(len(found), 1)


def test_bad_examples_are_refused_for_their_field(made: Project, row: type[BaseModel]) -> None:
    """Each is refused for the one field that is wrong, and every field is wrong in one of them."""
    bad = read(made)[1]
    assert [examples.refused(row, one["request"]) for one in bad] == [[one["field"]] for one in bad]
    assert {field.name for field in fields.fields(made)} <= {one["field"] for one in bad}


def test_a_cell_may_be_empty_only_where_the_schema_says_so(made: Project, row: type[BaseModel]) -> None:
    """Null, and no value at all, are refused for every column but the nullable ones."""
    usual = {field.name: field.example for field in fields.fields(made)}
    for name in usual:
        due = [] if made.schema[name].nullable else [name]
        absent = {key: value for key, value in usual.items() if key != name}
        tried = [absent, {**usual, name: None}]
        assert (name, [examples.refused(row, one) for one in tried]) == (name, [due, due])


def test_nobody_is_asked_for_the_answer(made: Project) -> None:
    """The target is no field: it is not known when a prediction is asked for."""
    assert made.param("data.target") not in {field.name for field in fields.fields(made)}


def test_the_committed_contract_holds(project: Project) -> None:
    """contract/openapi.json is what schema.toml and params.toml give now; else run `contract`, and commit."""
    path = project.root / contract.OPENAPI
    if not path.is_file():
        pytest.skip("there is no contract yet: the step `contract` writes it")
    now = api.app(contract.NoModel(fields.about(project))).openapi()
    assert json.loads(path.read_text(encoding="utf-8")) == json.loads(json.dumps(now))


def test_the_committed_examples_hold(project: Project) -> None:
    """Callers test against contract/examples.json: its good requests are accepted, its bad ones are not."""
    if not (project.root / contract.EXAMPLES).is_file():
        pytest.skip("there are no examples yet: the step `contract` writes them")
    row = schemas.row_model(fields.about(project)["columns"])
    good, bad = read(project)
    requests = [*good, *(one["request"] for one in bad)]
    due = [[] for _ in good] + [[one["field"]] for one in bad]
    assert [examples.refused(row, one) for one in requests] == due


def test_the_committed_golden_rows_have_their_features(project: Project) -> None:
    """The committed rows still give the committed features; else whoever relies on them gets others."""
    if not (project.root / golden.FILE).is_file():
        pytest.skip("there are no golden rows yet: the step `contract` writes them")
    _, findings, _ = golden.compare(project)
    assert [finding.text for finding in findings] == []
