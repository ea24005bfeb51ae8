"""The contract: what a request may hold, written down as OpenAPI, and examples that do what they say."""

from __future__ import annotations

import inspect
import itertools
import json
import math
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema_rs
import pandas as pd
import pytest
import raw_tables as tables
from poc2prod_kit.rules import golden, rowwise
from poc2prod_kit.run import report
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.project import Project
from poc2prod_kit.serving import examples, fields, schemas
from project import api, contract
from pydantic import ValidationError

RULES = sys.modules["project.rules"]
USUAL: dict[str, Any] = {
    "price €": 3,
    "class": "shoes",
    "returned?": True,
    "age": 40,
    "on": "2024-05-01",
    "model": "A1",
}
NOTE: dict[str, Any] = {
    "nullable": True,
    "minimum": None,
    "maximum": None,
    "values": [],
    "meaning": "",
    "unit": "",
}
COLUMNS: list[dict[str, Any]] = [
    {
        **NOTE, "name": "price €", "type": "number", "nullable": False, "minimum": 0, "maximum": 100.5,
        "meaning": "what it costs", "unit": "€", "example": 50,
    },
    {**NOTE, "name": "class", "type": "category", "values": ["shoes", 'a "hat"', "🚚"], "example": "shoes"},
    {**NOTE, "name": "returned?", "type": "boolean", "nullable": False, "example": True},
    {**NOTE, "name": "age", "type": "integer", "minimum": 0, "maximum": 95, "example": 47},
    {**NOTE, "name": "on", "type": "date", "example": "2024-05-01"},
    {**NOTE, "name": "model", "type": "category", "example": "unknown"},
    {**NOTE, "name": "rows", "type": "text", "example": "some words"},
    {**NOTE, "name": "__proto__", "type": "integer", "example": 50},
    {**NOTE, "name": "1/3 ~'\"\\", "type": "number", "example": 50},
]  # fmt: skip
TARGET: dict[str, Any] = {
    "name": "y",
    "meaning": "",
    "unit": "",
    "outcome": "binary",
    "positive": "yes",
    "values": [],
}
ABOUT: dict[str, Any] = {
    "title": "shop", "version": "1.0", "description": "", "columns": COLUMNS, "outcome": "binary",
    "target": TARGET, "limits": {"largest_batch": 3, "largest_body_kb": 64},
}  # fmt: skip
ROW = schemas.row_model(COLUMNS)
BATCH = schemas.batch_model(ROW, 3)
SCHEMA = jsonschema_rs.Draft202012Validator(ROW.model_json_schema())

TEXTS = [
    "",
    " ",
    "NaN",
    "null",
    "x" * 1000,
    "x" * 1001,
    "é🚚" * 500,
    "\x00",
    "shoes",
    'a "hat"',
    "🚚",
    "Shoes",
]
NUMBERS = [
    0,
    -0.0,
    3.0,
    3.5,
    1e-300,
    100.5,
    100.6,
    95,
    96,
    -1,
    2**53 - 1,
    2**53,
    1e308,
    -1e308,
    1.7e308,
    10**400,
]
DATES = [
    "2024-05-01", "2024-02-29", "2023-02-29", "1900-02-29", "2000-02-29", "2024-04-31", "2024-13-01",
    "0000-01-01", "0001-01-01", "9999-12-31", "2024-05-01T08:00", "2024-05-01 08:00:59", "2024-05-01T24:00",
    "2024-05-01T08:00:60Z", "2024-05-01T08:00:00.123456789Z", "2024-05-01T08:00:00,5",
    "2024-05-01T08:00+02:00", "2024-05-01T08:00+2400", "2024-05-01T08:00z", "20240501", "2024-W01-1",
    "2024-05-01\n", " 2024-05-01", "1.5.2024",
]  # fmt: skip
OTHERS: list[Any] = [None, True, False, [], {}, [1], {"a": 1}]


def refused(kind: Any, request: Any) -> list[tuple[str, tuple[Any, ...]]]:
    """What is wrong with a request, as FastAPI reads it: kind of error and place."""
    try:
        kind.model_validate(json.loads(json.dumps(request)))
    except ValidationError as error:
        return [(one["type"], one["loc"]) for one in error.errors()]
    return []


def test_a_row_comes_out_as_rules_read_it() -> None:
    """Numbers as float, dates naive in UTC, nulls left out."""
    request = {**USUAL, "on": "2024-05-01T01:00:00+02:00", "age": 40.0, "rows": None}
    found = schemas.as_row(ROW.model_validate(request))
    assert found == {**USUAL, "on": datetime(2024, 4, 30, 23)}
    assert [type(found[name]) for name in ("price €", "age", "returned?")] == [float, float, bool]


@pytest.mark.parametrize("name", [column["name"] for column in COLUMNS])
def test_the_document_says_exactly_what_is_accepted(name: str) -> None:
    """For each kind of field and some eighty values, the type accepts what the document's schema accepts."""
    values = [*TEXTS, *NUMBERS, *map(str, NUMBERS), *DATES, *OTHERS, "x" * 20_000, "x" * 20_001]
    accepted = [value for value in values if not refused(ROW, {**USUAL, name: value})]
    assert accepted == [value for value in values if SCHEMA.is_valid({**USUAL, name: value})]
    assert 0 < len(accepted) < len(values)


def test_the_document_asks_for_the_fields_that_may_not_be_absent() -> None:
    """Every subset of the fields is accepted by the type if it is by the schema."""
    for size, chosen in ((n, c) for n in range(3) for c in itertools.combinations(USUAL, n)):
        request = {name: value for name, value in USUAL.items() if name not in chosen}
        assert (size, chosen, not refused(ROW, request)) == (size, chosen, SCHEMA.is_valid(request))


def test_a_batch_has_some_rows_and_names_the_wrong_one() -> None:
    """1 to 3 rows; the place of an error is rows, number, field."""
    wrong = {**USUAL, "age": 500}
    tried: list[Any] = [[USUAL] * 3, [], [USUAL] * 4, [USUAL, wrong], [None], {}]
    assert [refused(BATCH, {"rows": rows}) for rows in tried] == [
        [],
        [("too_short", ("rows",))],
        [("too_long", ("rows",))],
        [("less_than_equal", ("rows", 1, "age"))],
        [("model_type", ("rows", 0))],
        [("list_type", ("rows",))],
    ]
    assert refused(BATCH, {"rows": [USUAL], "x": 1}) == [("extra_forbidden", ("x",))]


def test_dates_at_the_ends_of_the_calendar_are_drawn_back_to_them() -> None:
    """9999-12-31 is what many tables write for never."""
    assert schemas.utc("9999-12-31T23:59:59-12:00") == datetime.max
    assert schemas.utc("0001-01-01T00:00:00+12:00") == datetime.min


@pytest.mark.parametrize(
    ("target", "answer"),
    [
        (TARGET, {"prediction": True, "probability": 0.75}),
        ({**TARGET, "outcome": "multiclass"}, {"prediction": "a", "probabilities": {"a": 0.75, "b": 0.25}}),
        ({**TARGET, "outcome": "regression", "unit": "€"}, {"prediction": 12.5}),
    ],
    ids=["binary", "classes", "regression"],
)
def test_the_document_describes_the_answers(target: dict[str, Any], answer: dict[str, Any]) -> None:
    """Of one row and of a batch, and their operations' names; every reference leads somewhere."""
    made = api.app(contract.NoModel({**ABOUT, "target": target})).openapi()
    names = made["components"]["schemas"]
    answers = {"Answer": {**answer, "model": "m"}, "BatchAnswer": {"predictions": [answer], "model": "m"}}
    for name, value in answers.items():
        whole = {**names[name], "components": made["components"]}
        assert jsonschema_rs.is_valid(whole, value)
        assert not jsonschema_rs.is_valid(whole, {**value, "model": 1})
    assert made["paths"]["/predict/batch"]["post"]["operationId"] == "predict_batch"
    assert {*_references(made)} <= {f"#/components/schemas/{name}" for name in names}


def _references(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return own + [one for value in part.values() for one in _references(value)]
    return [one for value in part for one in _references(value)] if isinstance(part, list) else []


def test_codes_beyond_what_doubles_hold_exactly_keep_their_range() -> None:
    """An integer column with a bound of 19 digits is open on its other side up to what a double holds."""
    column = {**COLUMNS[3], "minimum": 10**18, "maximum": None}
    assert schemas.limits(column) == (10**18, 1e308)
    assert schemas.limits({**column, "minimum": -5}) == (-5, 2.0**53 - 1)


def test_a_field_is_described_with_range_meaning_and_unit() -> None:
    """Also for people: the unit stands in the description."""
    assert ROW.model_json_schema()["properties"]["price €"] == {
        "type": "number",
        "title": "price €",
        "minimum": 0,
        "maximum": 100.5,
        "description": "what it costs (€)",
        "x-unit": "€",
        "examples": [50],
    }


def test_callers_are_told_from_which_probability_on_it_is_yes(make: Callable[..., Project]) -> None:
    """One false yes costs a third of a false no: true from .25 on, in the document of the endpoints."""
    project = make({"name": "age", "type": "integer"})
    costs = {"outcome": "binary", "positive": "yes", "cost_false_positive": 1, "cost_false_negative": 3}
    project.params["problem"] = {**project.params["problem"], **costs}
    made = api.app(contract.NoModel({**fields.about(project), "target": TARGET})).openapi()
    (said,) = {
        made["components"]["schemas"][name]["properties"]["prediction"]["description"]
        for name in ("Prediction", "Answer")
    }
    assert said == "y (positive: yes); true from a probability of 0.25 on"


def test_bad_examples_try_every_way_that_applies() -> None:
    """A number may be of the wrong type, too small, too large, missing and null."""
    request = {**{column["name"]: None for column in COLUMNS}, **USUAL}
    bad = examples.bad(COLUMNS, request)
    why = [one["why"] for one in bad if one["field"] == "price €"]
    due = ["wrong type", "below the minimum", "above the maximum", "missing", "null where a value is needed"]
    assert why == due
    found = [examples.refused(ROW, examples.changed(request, one)) for one in bad]
    assert found == [[one["field"]] for one in bad]


@pytest.mark.parametrize(
    ("bounds", "beyond"),
    [
        ({"minimum": 10**16}, [9_999_999_999_999_998]),
        ({"maximum": -(10**16)}, [-9_999_999_999_999_998]),
        ({"minimum": 2**53 - 1, "maximum": 10**300}, [2**53 - 2, math.nextafter(1e300, math.inf)]),
        (
            {"minimum": -1e308, "maximum": 1e308},
            [-math.nextafter(1e308, 2e308), math.nextafter(1e308, 2e308)],
        ),
    ],
)
@pytest.mark.parametrize("kind", ["integer", "number"])
def test_bounds_of_large_numbers_are_broken_too(
    kind: str, bounds: dict[str, float], beyond: list[float]
) -> None:
    """Where a double holds whole numbers only, nothing lies halfway, and twice a bound may lie within."""
    usual = next(iter(bounds.values()))
    column = {**NOTE, "name": "age", "nullable": False, "type": kind, **bounds, "example": usual}
    bad = examples.bad([column], {"age": usual})
    assert [one["set"]["age"] for one in bad if "the m" in one["why"]] == beyond
    row = schemas.row_model([column])
    found = [examples.refused(row, examples.changed({"age": usual}, one)) for one in bad]
    assert found == [[one["field"]] for one in bad]


def test_a_wide_table_has_one_bad_example_a_field() -> None:
    """200 fields: one each, and the unknown field; told by what changes, not by 200 fields each."""
    wide = [{**COLUMNS[0], "name": f"c{number}"} for number in range(200)]
    bad = examples.bad(wide, {column["name"]: 1 for column in wide})
    assert sorted(one["field"] for one in bad) == sorted([*(f"c{n}" for n in range(200)), "not_a_field"])
    assert len(json.dumps(bad)) < 200 * 100


def test_examples_are_read_whole() -> None:
    """Good requests as they are, bad ones made from the first good one."""
    good = [{"origin": "real", "request": {"a": 1, "b": 2}}, {"origin": "real", "request": {"a": 3, "b": 4}}]
    bad = [
        {"why": "null", "field": "a", "set": {"a": None}},
        {"why": "missing", "field": "a", "without": ["a"]},
    ]
    assert examples.whole({"schema": 2, "good": good, "bad": bad}) == (
        [{"a": 1, "b": 2}, {"a": 3, "b": 4}],
        [
            {"why": "null", "field": "a", "request": {"a": None, "b": 2}},
            {"why": "missing", "field": "a", "request": {"b": 2}},
        ],
    )


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Project]:
    """A project with these columns besides the target y, and these feature rules; golden rows written."""

    def made(*columns: Mapping[str, Any], **rules: Callable[[Any], Any]) -> Project:
        for name, function in rules.items():
            function.__module__ = RULES.__name__
            monkeypatch.setattr(RULES, name, function, raising=False)
        if rules:  # what a rule reads is read in its source
            path = tmp_path / "package" / "rules.py"
            path.parent.mkdir()
            path.write_text("\n\n".join(map(inspect.getsource, rules.values())), encoding="utf-8")
            monkeypatch.setattr(RULES, "__file__", str(path))
        project = tables.make(tmp_path, {"t.csv": "y\n"}, id="key", exclude=["out"])
        text = (tmp_path / "params.toml").read_text(encoding="utf-8")
        more = f"\n[features]\nrules = {json.dumps(list(rules))}\n"
        (tmp_path / "params.toml").write_text("seed = 1\n" + text + more, encoding="utf-8")
        (tmp_path / "pyproject.toml").write_text(
            '[project]\nname = "shop"\nversion = "1.2"\n', encoding="utf-8"
        )
        target = {"name": "y", "type": "boolean"}
        tables.columns(tmp_path, {"name": "key", "type": "category"}, *columns, target)
        return project

    return made


def ruled(row: Any) -> float:
    """A feature rule of a column that is no feature."""
    return float(row["out"] + 1)


def cheats(row: Any) -> float:
    """A feature rule of the target."""
    return float(row["y"])


def misspelt(row: Any) -> float:
    """A feature rule of no column."""
    return float(row["pirce"])


def test_fields_are_what_features_and_their_rules_read(make: Callable[..., Project]) -> None:
    """Not the id, nor what is excluded, unless a rule reads it; in the table's order."""
    columns = (
        {"name": "out", "type": "integer", "minimum": 0, "maximum": 7},
        {"name": "price €", "type": "number", "minimum": 0.5, "maximum": 99.5, "nullable": True, "unit": "€"},
        {
            "name": "on",
            "type": "date",
            "minimum": "2024-01-01",
            "maximum": "2024-01-03",
            "formats": ["%Y-%m-%d"],
        },
        {"name": "class", "type": "category", "values": ["b", "a"], "meaning": "kind"},
        {"name": "note", "type": "text"},
    )
    found = [field.as_dict() for field in fields.fields(make(*columns, ruled=ruled))]
    bare = {**NOTE, "nullable": False}
    assert found == [
        {**bare, "name": "out", "type": "integer", "minimum": 0, "maximum": 7, "example": 3},
        {
            **bare, "name": "price €", "type": "number", "nullable": True, "minimum": 0.5, "maximum": 99.5,
            "unit": "€", "example": 50,
        },
        {**bare, "name": "on", "type": "date", "example": "2024-01-02"},
        {
            **bare, "name": "class", "type": "category", "values": ["b", "a"], "meaning": "kind",
            "example": "b",
        },
        {**bare, "name": "note", "type": "text", "example": "some words"},
    ]  # fmt: skip
    assert json.loads(json.dumps(found)) == found


def test_the_day_that_others_are_counted_to_is_asked_for(make: Callable[..., Project]) -> None:
    """A date's feature `days_before` reads the time column too, even where that is no feature of its own."""
    project = make({"name": "out", "type": "date"}, {"name": "born", "type": "date"})
    project.params["data"]["time"] = "out"
    assert [field.name for field in fields.fields(project)] == ["out", "born"]


@pytest.mark.parametrize(
    ("low", "high", "example"),
    [
        (-1e308, 1e308, 0),
        (0.123, 0.124, 0.123),
        (5, 5, 5),
        (-3.7, -3.2, -3.45),
        (1e-9, 2e-9, 1.5e-9),
        (0, 1e307, 5e306),
    ],
)
def test_an_example_lies_within_the_range(
    make: Callable[..., Project], low: float, high: float, example: float
) -> None:
    """Rounded to 3 digits where that stays within."""
    column = {"name": "x", "type": "number", "minimum": low, "maximum": high}
    assert [field.example for field in fields.fields(make(column))] == [example]


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (
            {"type": "number", "minimum": 2, "maximum": 1},
            "schema.toml, x: minimum = 2 is above maximum = 1, so no value fits. Mend one of them.",
        ),
        (
            {"type": "integer", "minimum": 0.2, "maximum": 0.8},
            "schema.toml, x: there is no whole number from 0.2 to 0.8. Mend minimum or maximum.",
        ),
    ],
)
def test_a_range_without_a_value_is_named(
    make: Callable[..., Project], column: dict[str, Any], said: str
) -> None:
    """Nobody could send anything."""
    project = make({"name": "x", **column})
    with pytest.raises(ProjectError) as caught:
        fields.fields(project)
    assert str(caught.value) == said


def test_a_rule_may_not_read_what_is_predicted(make: Callable[..., Project]) -> None:
    """The caller does not know it."""
    with pytest.raises(ProjectError) as caught:
        fields.fields(make({"name": "x", "type": "number"}, cheats=cheats))
    assert str(caught.value) == (
        "rules.py, cheats: it reads 'y', which is what is predicted and is not known when a prediction "
        "is asked for. Take it out of the rule."
    )


def test_a_rule_that_reads_no_column_is_named(make: Callable[..., Project]) -> None:
    """A misspelt name would be asked of every caller."""
    with pytest.raises(ProjectError) as caught:
        fields.fields(make({"name": "x", "type": "number"}, misspelt=misspelt))
    assert str(caught.value) == (
        "rules.py, misspelt: it reads 'pirce', which schema.toml does not name. Mend the name, or add a "
        "[[column]]."
    )


@pytest.fixture
def ready(make: Callable[..., Project]) -> Project:
    """A project with golden rows."""
    project = make(
        {"name": "price €", "type": "number", "minimum": 0, "maximum": 10},
        {"name": "class", "type": "category", "values": ["b", "a"], "nullable": True},
        {"name": "on", "type": "date", "nullable": True, "formats": ["%Y-%m-%d"]},
    )
    golden.write_golden(project)
    return project


def test_the_step_writes_a_document_and_examples_that_hold(ready: Project) -> None:
    """What is served is what is written; a second run changes no byte; golden rows are good examples."""
    made = contract.run(ready)
    paths = [ready.root / name for name in (contract.OPENAPI, contract.EXAMPLES)]
    before = [path.read_bytes() for path in paths]
    assert contract.run(Project(ready.root)).results == made.results
    assert [path.read_bytes() for path in paths] == before
    content = json.loads(before[1])
    assert made.results["openapi"] == ready.hash(contract.OPENAPI)
    assert made.results["examples"] == {"good": len(content["good"]), "bad": len(content["bad"])}
    assert made.findings == []
    origins = [one["origin"] for one in content["good"]]
    assert (origins.count("synthetic"), origins[-2:]) == (
        16,
        ["schema.toml: null where allowed", "schema.toml: absent where allowed"],
    )
    info = json.loads(before[0])["info"]
    assert (info["title"], info["version"]) == ("shop", "1.2")


def test_good_examples_are_of_the_population(ready: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of golden rows that a rule of [data] population leaves out none is an example, while others are."""
    about = fields.about(ready)
    row = schemas.row_model(about["columns"])
    every = examples.good(ready, about["columns"], row)
    name = next(one["name"] for one in about["columns"] if every[0]["request"][one["name"]] is not None)
    value = every[0]["request"][name]
    monkeypatch.setattr(rowwise, "in_population", lambda _, table: table[name] != value)
    some = examples.good(ready, about["columns"], row)
    real = [one for one in some if not one["origin"].startswith("schema.toml")]
    assert real
    assert all(one["request"][name] != value for one in real)
    monkeypatch.setattr(rowwise, "in_population", lambda _, table: pd.Series(False, index=table.index))
    assert examples.good(ready, about["columns"], row) == every


def test_the_steps_report_can_be_written_and_read(ready: Project) -> None:
    """It names schema.toml and pyproject.toml as inputs, the golden rows as an output."""
    with ready.recording() as read:
        made = contract.run(ready)
        report.write(ready, "contract", made, read | {"schema.toml"})
    found = report.load(ready, "contract")
    assert {"schema.toml", "pyproject.toml", "params.toml#api.largest_batch"} <= {*found["inputs"]}
    assert golden.FILE in found["outputs"]


@pytest.mark.parametrize("text", ["{", '{"rows": 3}', '{"rows": [{"origin": "real"}]}'])
def test_golden_rows_that_cannot_be_read_are_named(ready: Project, text: str) -> None:
    """With what to do next."""
    (ready.root / golden.FILE).write_text(text, encoding="utf-8")
    with pytest.raises(ProjectError) as caught:
        contract.run(ready)
    assert str(caught.value) == (
        "tests/golden/rows.json cannot be read. Restore it from git, or run `contract --golden` to write it "
        "anew."
    )


@pytest.mark.parametrize("text", ["[project", "[project]\nname = 'x'\n", ""])
def test_a_project_without_name_and_version_is_told(ready: Project, text: str) -> None:
    """The contract is published under both."""
    (ready.root / "pyproject.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ProjectError) as caught:
        contract.run(ready)
    assert str(caught.value) == (
        "pyproject.toml does not give [project] name and version, which the contract is published under. "
        "Add them, or restore the file from git."
    )


def test_what_an_earlier_step_makes_is_asked_of_that_step(ready: Project) -> None:
    """Columns come from `data`: the advice names the step. The golden rows it writes itself, once."""
    before = (ready.root / golden.FILE).read_bytes()
    (ready.root / golden.FILE).unlink()
    contract.run(ready)
    assert (ready.root / golden.FILE).read_bytes() == before
    (ready.root / "schema.toml").write_text("", encoding="utf-8")
    with pytest.raises(report.StaleError) as caught:
        contract.run(Project(ready.root))
    assert str(caught.value) == (
        "schema.toml names no column yet: the step `data` reads them off the table. "
        "Run it first: python -m project data"
    )
