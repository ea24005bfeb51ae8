"""Schemas of a contract that were made to hang, to fetch or to crash what judges its examples."""

from __future__ import annotations

import json
import socket
import time
from typing import Any

import pytest
from evidence.service import EXAMPLES, OPENAPI, Service

from poc2prod.evidence import requests

SHOP = {"type": "string", "description": "which shop"}


def judged(service_: Service, shop: Any, value: Any = "a" * 40 + "!", **schemas: Any) -> tuple[str, str]:
    """What is said of examples where the field `shop` has this schema, and this value; within seconds."""
    document = json.loads((service_.root / OPENAPI).read_text("utf-8"))
    document["components"]["schemas"]["Row"]["properties"]["shop"] = shop
    document["components"]["schemas"] |= schemas
    service_.write(OPENAPI, json.dumps(document))
    examples = json.loads((service_.root / EXAMPLES).read_text("utf-8"))
    examples["good"][0]["request"]["shop"] = value
    service_.write(EXAMPLES, json.dumps(examples))
    start = time.monotonic()
    outcome = service_.said("contract", "examples")
    assert time.monotonic() - start < 5
    return outcome


@pytest.mark.parametrize(
    ("shop", "says"),
    [
        ({"$ref": "https://example.org/x.json"}, "points to nothing in it"),
        ({"$ref": "file:///etc/hostname"}, "points to nothing in it"),
        ({"$ref": "#/components/schemas/None"}, "points to nothing in it"),
        ({"$ref": "#/components/schemas/Loop"}, "leads back to itself"),
        ({"$dynamicRef": "https://example.org/x.json"}, "cannot be judged"),
        (
            {"$schema": "https://example.org/x.json", "$id": "https://example.org/y.json", "$ref": "#/z"},
            "nothing",
        ),
        ({"type": "decimal"}, "cannot be judged"),
        ({"maxLength": True}, "cannot be judged"),
        ({"enum": "a"}, "cannot be judged"),
        ({"properties": []}, "cannot be judged"),
        ({"pattern": "["}, "cannot be judged"),
        ({"pattern": "((a{1000}){1000}){10}"}, "cannot be judged"),
        (3, "cannot be judged"),
    ],
)
def test_schemas_that_cannot_be_judged(
    service_: Service, monkeypatch: pytest.MonkeyPatch, shop: Any, says: str
) -> None:
    """They are refused, with the cause, and nothing is fetched."""
    monkeypatch.setattr(socket.socket, "connect", pytest.fail)
    outcome, text = judged(service_, shop, Loop={"$ref": "#/components/schemas/Loop"})
    assert (outcome, says in text) == ("unknown", True), text


@pytest.mark.parametrize(
    "pattern",
    ["(a+)+$", ".*.*.*x", "^" + "a?" * 60 + "a" * 60 + "b$", "^" + "(a|a)" * 60 + "b$", "^(?=(a+)+$)x"],
)
def test_patterns_that_would_take_for_ever_elsewhere(service_: Service, pattern: str) -> None:
    """They are judged in time."""
    assert judged(service_, {"pattern": pattern}, "a" * 3000 + "!")[0] == "fail"


def test_a_pattern_that_goes_back_too_often(service_: Service) -> None:
    """It is refused, not guessed at."""
    outcome, text = judged(service_, {"pattern": "(a+)\\1b$"}, "a" * 3000 + "!")
    assert (outcome, "cannot be judged: Error executing regex" in text) == ("unknown", True), text


def test_a_schema_of_too_many_ways(service_: Service) -> None:
    """Two ways, each of two ways, and so on: more than anybody could try."""
    ways = {
        f"S{place}": {"anyOf": [{"$ref": f"#/components/schemas/S{place + 1}"}] * 2} for place in range(30)
    }
    outcome, text = judged(service_, {"$ref": "#/components/schemas/S0"}, 1, **ways, S30={"type": "null"})
    assert (outcome, "more parts than any contract needs" in text) == ("unknown", True), text


def test_a_schema_nested_too_deeply(service_: Service) -> None:
    """Deeper than any contract."""
    schema: dict[str, Any] = {"type": "array"}
    for _ in range(300):
        schema = {"items": schema}
    assert judged(service_, schema, [])[0] in ("fail", "unknown")


def test_a_request_of_too_many_parts(service_: Service) -> None:
    """Its values are single ones."""
    outcome, text = judged(service_, {"type": "array"}, [[]] * 10_000)
    assert (outcome, "takes too long" in text) == ("unknown", True), text


def test_judging_has_an_end(service_: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many requests there are."""
    monkeypatch.setattr(requests, "SECONDS", -1)
    outcome, text = judged(service_, SHOP)
    assert (outcome, "takes too long" in text) == ("unknown", True), text


@pytest.mark.parametrize(
    ("shop", "value", "outcome"),
    [
        ({"type": "string", "format": "date-time"}, "2024-05-01T10:00", "good"),
        ({"type": "string", "format": "date-time"}, "soon", "bad"),
        ({"type": "string", "format": "date"}, "2024-02-30", "bad"),
        ({"type": "string", "pattern": "^[0-9]{4}$(?!\n)"}, "2024\n", "bad"),
        ({"anyOf": [{"type": "string", "enum": ["a"]}, {"type": "null"}]}, None, "good"),
        ({"anyOf": [{"type": "string", "enum": ["a"]}, {"type": "null"}]}, "b", "bad"),
        ({"$ref": "#/components/schemas/Shop"}, "b", "bad"),
    ],
)
def test_what_a_field_may_say(service_: Service, shop: Any, value: Any, outcome: str) -> None:
    """Formats, patterns and references as they are commonly written; what breaks is named by its field."""
    text = judged(service_, shop, value, Shop={"enum": ["a"]})[1]
    assert text.startswith(f"{EXAMPLES}: good request 1: shop (") == (outcome == "bad"), text
