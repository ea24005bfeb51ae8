"""II.4 from the report of parity, golden predictions, and the record of a load test."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from evidence.service import OPENAPI, PREDICTIONS, Service

Change = Callable[[Any], Any]
CHECKS = ("parity", "bounded", "model", "guard", "endpoints", "record", "latency", "answers")


def test_an_honest_api_passes(service_: Service) -> None:
    """All of its own checks."""
    found = service_.outcomes("api")
    assert {name: found[name] for name in CHECKS} == dict.fromkeys(CHECKS, "pass")


@pytest.mark.parametrize(
    ("change", "check", "outcome", "says"),
    [
        (lambda r: r["golden"].update(differing=1), "parity", "fail", "1 golden rows differ"),
        (lambda r: r["random"].update(differing=3), "parity", "fail", "3 random rows differ"),
        (
            lambda r: r["random"].update(rows=10),
            "parity",
            "fail",
            "10 random rows were compared; 1,000 are due",
        ),
        (lambda r: r["golden"].update(rows=1), "parity", "fail", "1 golden rows were compared; 4 are due"),
        (lambda r: r.pop("random"), "parity", "fail", "0 random rows"),
        (lambda r: r.update(tolerance={"absolute": 0.1}), "parity", "fail", "is above 1e-05"),
        (lambda r: r.update(tolerance={}), "parity", "fail", "is above 1e-05"),
        (lambda r: r["random"].update(largest_difference=None), "parity", "fail", "is not said"),
        (lambda r: r["predictions"].update(differing=2), "parity", "fail", "golden predictions"),
        (lambda r: r["random"].update(largest_difference=0.01), "bounded", "fail", "up to 0.01"),
        (lambda r: r.update(model="c" * 64), "model", "stale", "of the model cccccccc"),
    ],
)
def test_reports_that_do_not_do(
    service_: Service, change: Change, check: str, outcome: str, says: str
) -> None:
    """Each number that does not hold is named."""
    service_.edit("api", change)
    found, text = service_.said("api", check)
    assert (found, says in text) == (outcome, True), text


@pytest.mark.parametrize(
    ("change", "outcome", "says"),
    [
        (lambda p: p.update(model="c" * 64), "stale", "is of the model cccccccc"),
        (lambda p: p.update(rows=[]), "unknown", "holds no golden predictions"),
        (lambda p: p.update(schema=2), "unknown", "holds no golden predictions"),
        (lambda p: p["rows"].append(p["rows"][0]), "fail", "2 predictions, contract/examples.json has 1"),
        (lambda p: p["rows"][0]["request"].update(price=7), "fail", "row 1 is of another request"),
        (lambda p: p["rows"][0]["answer"].update(probability=1.5), "fail", "the probability 1.5 is none"),
        (lambda p: p["rows"][0]["answer"].update(prediction=False), "fail", "0.75 is answered with False"),
    ],
)
def test_golden_predictions(service_: Service, change: Change, outcome: str, says: str) -> None:
    """Of this model, of the good examples, and of one sense."""
    content = json.loads((service_.root / PREDICTIONS).read_text("utf-8"))
    change(content)
    service_.write(PREDICTIONS, json.dumps(content))
    found, text = service_.said("api", "guard")
    assert (found, says in text) == (outcome, True), text
    assert service_.said("refactor", "guard")[0] == outcome


@pytest.mark.parametrize(
    ("change", "check", "outcome", "says"),
    [
        (lambda r: r["levels"][0].update(p99_ms=101.0), "latency", "fail", "p99 is 101 ms with 1 at once"),
        (
            lambda r: r["levels"][0].update(requests=11),
            "latency",
            "fail",
            "p99 with 1 at once is of 11 requests; at least 100 are due",
        ),
        (lambda r: r["levels"][0].update(errors=2), "latency", "fail", "2 of 400 answers were errors"),
        (lambda r: r["levels"][0].update(requests=0), "latency", "fail", "nothing was measured"),
        (lambda r: r["levels"][0].update(p99_ms=None), "latency", "fail", "nothing was measured"),
        (lambda r: r["levels"][0].update(p50_ms=30.0), "latency", "fail", "not in order"),
        (lambda r: r["levels"][0].update(per_second=5.0), "latency", "fail", "do not go with 9 ms"),
        (lambda r: r.update(levels=[]), "latency", "fail", "names no level"),
        (lambda r: r["endpoints"].update({"/ready": 503}), "endpoints", "fail", "/ready with 503"),
        (lambda r: r["endpoints"].pop("/metrics"), "endpoints", "fail", "/metrics with nothing"),
        (lambda r: r["golden"].update(differing=1), "answers", "fail", "1 of 1 golden predictions differ"),
        (lambda r: r["golden"].update(rows=0), "answers", "fail", "0 golden predictions were compared"),
        (
            lambda r: r["refused"].update(named=5),
            "answers",
            "fail",
            "5 of 6 bad requests were refused by name",
        ),
        (lambda r: r["refused"].update(tried=2, named=2), "answers", "fail", "2 bad requests were tried"),
        (lambda r: r.update(model="c" * 64), "answers", "stale", "asked the model cccccccc"),
        (lambda r: r.update(model=None), "answers", "stale", "asked the model None"),
    ],
)
def test_load_tests_that_do_not_do(
    service_: Service, change: Change, check: str, outcome: str, says: str
) -> None:
    """Too slow, with errors, impossible, incomplete, or of another model."""
    service_.again("latency", change)
    found, text = service_.said("api", check)
    assert (found, says in text) == (outcome, True), text


def test_a_load_test_that_is_too_short_says_how_long_one_must_be(service_: Service) -> None:
    """With room for a slower machine."""
    service_.again("latency", lambda r: r["levels"][0].update(requests=11))
    assert service_.todo("api", "latency") == "python -m app load --seconds 73"


def test_without_a_budget_no_latency_is_judged(service_: Service) -> None:
    """It is unknown, and says what to set."""
    service_.replace("params.toml", "latency_ms = 100\n", "")
    service_.observe()
    assert service_.outcomes("api")["latency"] == "unknown"


def test_an_endpoint_that_is_not_documented(service_: Service) -> None:
    """It is named here too."""
    document = json.loads((service_.root / OPENAPI).read_text("utf-8"))
    del document["paths"]["/version"]
    service_.write(OPENAPI, json.dumps(document))
    outcome, text = service_.said("api", "endpoints")
    assert (outcome, text) == ("fail", f"{OPENAPI} does not have GET /version")


def test_the_next_command_is_one_that_works(service_: Service) -> None:
    """First contract, then api, which makes golden predictions too, then records."""
    todo = []
    for name in ("reports/contract.json", "reports/api.json", PREDICTIONS):
        content = (service_.root / name).read_bytes()
        (service_.root / name).unlink()
        service_.write("src/app/data.py", '"""Other."""\n')
        todo.append(service_.todo("docker", "record"))
        (service_.root / name).write_bytes(content)
    todo += [service_.todo("testing", "record"), service_.todo("docker", "record")]
    assert todo == [
        *("python -m app contract", "python -m app api", "python -m app api"),
        *("python -m app observe", "python -m app image"),
    ]


def test_without_any_api_there_is_one_finding(service_: Service) -> None:
    """A proof of concept alone."""
    for name in ("src/app/api.py", "reports/api.json", OPENAPI):
        (service_.root / name).unlink()
    assert service_.outcomes("api") == {"missing": "unknown"}
