"""schema.toml: reading it, and holding rows against it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import raw_tables as tables
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.tables import schema, violations


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (
            {"name": "x", "type": "float"},
            "needs a name and a type out of integer, number, boolean, category, text, date.",
        ),
        (
            {"name": "x", "type": "number", "nullable": "no"},
            "nullable is 'no'; write true or false, without quotes.",
        ),
        ({"name": "x", "type": "number", "minimum": "low"}, "minimum = 'low' is not a number."),
        (
            {"name": "x", "type": "category", "values": "a"},
            'values is \'a\'; write a list, such as values = ["a", "b"].',
        ),
        ({"name": "x", "type": "number", "meaning": ["x"]}, "meaning is ['x']; write a text in quotes."),
        ({"name": "x", "type": "number", "unit": 3}, "unit is 3; write a text in quotes."),
        (
            {"name": "x", "type": "date", "formats": ["%Y-%m-%d", "%Q"]},
            "formats has '%Q', by which no date can be read ('Q' is a bad directive in format '%Q'). "
            'Write one such as "%Y-%m-%d".',
        ),
    ],
)
def test_a_wrong_entry_is_named(tmp_path: Path, entry: dict[str, Any], said: str) -> None:
    """The error names the column and what is allowed."""
    tables.columns(tmp_path, entry)
    with pytest.raises(ProjectError) as caught:
        schema.load(tmp_path / "schema.toml")
    assert str(caught.value) == f"schema.toml, column 1 (x): {said}"


def test_a_column_named_twice(tmp_path: Path) -> None:
    """Two entries of one name are refused."""
    tables.columns(tmp_path, {"name": "x", "type": "number"}, {"name": "x", "type": "text"})
    with pytest.raises(ProjectError, match=r"^schema\.toml names the column 'x' twice"):
        schema.load(tmp_path / "schema.toml")


def test_every_rule_is_counted_with_ids_and_values(tmp_path: Path) -> None:
    """Type, infinity, whole numbers, nulls, range and allowed values: each has its count and examples."""
    text = "k,n,i,d,c\na,1,1,2024-01-01,red\nb,oops,1.5,2023-12-31,green\n"
    text += "c,inf,,2024-01-02,\nd,9,-1,2024-01-03,red\n"
    project = tables.make(tmp_path, {"a.csv": text}, id="k")
    tables.columns(
        tmp_path,
        {"name": "k", "type": "category"},
        {"name": "n", "type": "number", "maximum": 5},
        {"name": "i", "type": "integer", "minimum": 0},
        {"name": "d", "type": "date", "formats": ["%Y-%m-%d"], "minimum": "2024-01-01"},
        {"name": "c", "type": "category", "values": ["red"]},
    )
    found = violations.find(project.schema, project.table())
    assert [asdict(item) for item in found] == [
        {"column": "n", "rule": "type", "count": 1, "examples": [{"id": "b", "value": "oops"}]},
        {"column": "n", "rule": "infinite", "count": 1, "examples": [{"id": "c", "value": "infinity"}]},
        {"column": "n", "rule": "maximum", "count": 1, "examples": [{"id": "d", "value": "9"}]},
        {"column": "i", "rule": "whole", "count": 1, "examples": [{"id": "b", "value": "1.5"}]},
        {"column": "i", "rule": "null", "count": 1, "examples": [{"id": "c", "value": ""}]},
        {"column": "i", "rule": "minimum", "count": 1, "examples": [{"id": "d", "value": "-1"}]},
        {
            "column": "d",
            "rule": "minimum",
            "count": 1,
            "examples": [{"id": "b", "value": "2023-12-31T00:00:00"}],
        },
        {"column": "c", "rule": "null", "count": 1, "examples": [{"id": "c", "value": ""}]},
        {"column": "c", "rule": "values", "count": 1, "examples": [{"id": "b", "value": "green"}]},
    ]
    said = violations.findings(project.schema, found)
    assert (
        said[2].text == "n: 1 cell above the maximum 5 ('9'). Correct them, or raise maximum in schema.toml."
    )


def test_an_inferred_schema_holds_for_its_own_table(tmp_path: Path) -> None:
    """Odd names, mixed dates, time zones, spaces, booleans: what was inferred breaks nothing."""
    zones = ["+02:00", "Z", "-05:00"]
    dates = ["{:02d}.03.2023", "2024-01-{:02d}", "2024-02-{:02d}"]
    rows = [
        f"{'ja' if i % 2 else ' nein'},0{i % 7},{dates[i % 3].format(i % 28 + 1)},"
        f"2024-05-01T10:{i % 60:02d}:00{zones[i % 3]},{i % 2}"
        for i in range(120)
    ]
    project = tables.make(tmp_path, {"a.csv": "class,a.b 🎉,when,zone,y\n" + "\n".join(rows) + "\n"})
    assert violations.find(project.schema, project.table()) == []
