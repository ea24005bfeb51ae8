"""JSON Schema of a contract: each keyword, and what is refused."""

from __future__ import annotations

import time
from typing import Any

import pytest

from poc2prod.evidence import jsonschema
from poc2prod.evidence.jsonschema import Unjudged, problems

LOOP = {"$ref": "#/components/schemas/Loop"}
DOCUMENT = {"components": {"schemas": {"Age": {"type": "integer"}, "Loop": LOOP}}}
DATE = (
    r"^([0-9]{4})-(0[1-9]|1[0-2])-([0-2][0-9]|3[01])"
    r"([T ][0-9:]{5,8}(\.[0-9]{1,9})?(Z|[+-][0-9:]{5})?)?$(?!\n)"
)


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"type": "integer"}, [1, 1.0, -3], [1.5, "1", True, None, float("nan")]),
        ({"type": "number"}, [1, 1.5], ["1", True, None, float("inf")]),
        ({"type": "boolean"}, [True], [1, "true", None]),
        ({"type": "string"}, ["", "a"], [1, None, ["a"]]),
        ({"type": ["string", "null"]}, ["a", None], [1]),
        ({"enum": ["a", 1, None]}, ["a", 1, None], ["b", True, 2]),
        ({"const": 3}, [3], [4, "3"]),
        ({"minimum": 0, "maximum": 5}, [0, 5, "text"], [-1, 5.1]),
        ({"exclusiveMinimum": 0, "exclusiveMaximum": 5}, [1], [0, 5]),
        ({"minLength": 2, "maxLength": 3}, ["ab", 1], ["a", "abcd"]),
        (
            {"type": "array", "minItems": 1, "maxItems": 2, "items": {"type": "integer"}},
            [[1]],
            [[], [1, 2, 3], ["a"]],
        ),
        ({"type": "string", "format": "date"}, ["2024-02-29"], ["2023-02-29", "soon"]),
        ({"type": "string", "format": "uuid"}, ["anything"], [1]),
        ({"type": "string", "pattern": DATE}, ["2024-05-01", "2024-05-01T10:00Z"], ["2024-13-01", "soon"]),
        ({"required": ["a"]}, [{"a": 1}, 3], [{}]),
        (
            {"properties": {"a": {"type": "integer"}}, "additionalProperties": False},
            [{}, {"a": 1}],
            [{"b": 1}],
        ),
        ({"additionalProperties": {"type": "integer"}}, [{"b": 1}], [{"b": "1"}]),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, [1, None], ["a"]),
        ({"oneOf": [{"type": "integer"}, {"minimum": 3}]}, [1, 3.5], [5]),
        ({"allOf": [{"type": "integer"}, {"minimum": 3}]}, [5], [1, "a"]),
        ({"$ref": "#/components/schemas/Age", "title": "age", "x-unit": "years"}, [1], ["a"]),
    ],
)
def test_keywords(schema: dict[str, Any], good: list[Any], bad: list[Any]) -> None:
    """What holds and what does not."""
    judged = [not problems(value, schema, DOCUMENT) for value in (*good, *bad)]
    assert judged == [True] * len(good) + [False] * len(bad)


@pytest.mark.parametrize(
    "schema",
    [
        {"dependentRequired": {}},
        {"type": "decimal"},
        {"$ref": "https://example.org/x.json"},
        {"$ref": "#/components/schemas/None"},
        {"$ref": "#/components/schemas/Loop"},
        {"pattern": "(a+)+$"},
        {"pattern": "(a)\\1"},
        {"pattern": ".*.*.*x"},
        {"pattern": "^" + "a?" * 60 + "a" * 60 + "b$"},
        {"pattern": "^" + "a{0,1}" * 60 + "b$"},
        {"pattern": "^" + "(a|a)" * 60 + "b$"},
        {"pattern": "["},
        {"minimum": "0"},
        {"maxLength": True},
        {"enum": "a"},
        {"properties": []},
        3,
    ],
)
def test_what_is_not_known_is_refused(schema: Any) -> None:
    """Never guessed at, and nothing hangs."""
    start = time.monotonic()
    with pytest.raises(Unjudged):
        problems("a" * 40 + "!", schema, DOCUMENT)
    assert time.monotonic() - start < 1


def test_a_schema_without_end_is_refused() -> None:
    """Nested deeper than any contract."""
    schema: dict[str, Any] = {"type": "array"}
    schema["items"] = schema
    value: list[Any] = []
    for _ in range(100):
        value = [value]
    with pytest.raises(Unjudged):
        problems(value, schema, DOCUMENT)


def test_problems_name_their_field() -> None:
    """The first key on the way; none for the value itself."""
    schema = {
        "type": "object",
        "required": ["a", "b"],
        "additionalProperties": False,
        "properties": {"a": {"type": "object", "properties": {"x": {"type": "integer"}}}, "b": {}},
    }
    found = problems({"a": {"x": "1"}, "c": 1}, schema, DOCUMENT)
    assert [(one.field, one.text) for one in found] == [
        ("b", "is missing"),
        ("c", "is no field"),
        ("a", "is not integer"),
    ]
    assert [one.field for one in problems([], schema, DOCUMENT)] == [""]


def test_a_schema_of_too_many_ways_is_refused() -> None:
    """Two ways, each of two ways, and so on: more than anybody could try."""
    schemas: dict[str, Any] = {"S30": {"type": "null"}}
    for place in range(30):
        schemas[f"S{place}"] = {"anyOf": [{"$ref": f"#/components/schemas/S{place + 1}"}] * 2}
    with pytest.raises(Unjudged):
        problems(1, schemas["S0"], {"components": {"schemas": schemas}})


def test_comparisons_that_belong_together_have_one_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each value stays below the limit of one; together they may not go on for ever."""
    monkeypatch.setattr(jsonschema, "MOST_OF_ALL", 1000)
    looks, schema = jsonschema.Looks(), {"enum": list(range(400))}
    assert [jsonschema.problems(1, schema, {}, looks) for _ in range(2)] == [[], []]
    with pytest.raises(jsonschema.Unjudged) as raised:
        jsonschema.problems(1, schema, {}, looks)
    assert raised.value.text == "more than 1,000 comparisons for its examples"
