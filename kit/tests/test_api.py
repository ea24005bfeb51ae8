"""The endpoints over a model that is made up: answers, refusals, ids, logs, numbers, and stopping."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import subprocess
import sys
import time
import tracemalloc
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from poc2prod_kit.rules import rulebook
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.serving import limits, metrics, openapi, protocol, request_validation, server
from poc2prod_kit.serving.app import LARGEST_AT_ONCE
from poc2prod_kit.serving.logs import Log
from poc2prod_kit.serving.problem import ProblemError
from project import api
from uvicorn.supervisors import Multiprocess

Fields = list[dict[str, str]]
ROW = {"age": 40, "kind": "shoes", "price €": 2.5}


def column(name: str, kind: str, **more: Any) -> dict[str, Any]:
    """A column as models/serving.json has it."""
    plain: dict[str, Any] = {
        "nullable": False,
        "minimum": None,
        "maximum": None,
        "values": [],
        "meaning": "",
        "unit": "",
    }
    return {"name": name, "type": kind, **plain, **more}


COLUMNS = [
    column("age", "integer", minimum=0, maximum=95, example=40),
    column("kind", "category", values=["coats", "shoes"], example="shoes"),
    column("price €", "number", nullable=True, example=1.5),
    column("ordered.on", "date", nullable=True, example="2023-05-01"),
]


class Fake:
    """Says yes to those older than 50, and fails where it is told to."""

    def __init__(self) -> None:
        self.about: dict[str, Any] = {
            "title": "orders",
            "version": "0.1.0",
            "model": "m1",
            "outcome": "binary",
            "columns": COLUMNS,
            "limits": {"largest_body_kb": 64, "largest_batch": 1000},
            "target": {
                "name": "returned",
                "meaning": "",
                "unit": "",
                "outcome": "binary",
                "positive": "",
                "values": [],
            },
        }
        self.seen: list[Mapping[str, Any]] = []
        self.error: Exception | None = None

    def predict(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The age as a share of 100."""
        if self.error:
            raise self.error
        self.seen += rows
        return [{"prediction": row["age"] > 50, "probability": row["age"] / 100} for row in rows]


@pytest.fixture
def model() -> Fake:
    """A model that is made up."""
    return Fake()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Where the log goes."""
    return tmp_path / "log"


@pytest.fixture
def served(model: Fake, log: Path) -> Iterator[FastAPI]:
    """The API over that model, its log in a file."""
    made = api.app(model)
    made.state.service.log = Log(os.open(log, os.O_WRONLY | os.O_CREAT))
    yield made
    os.close(made.state.service.log.descriptor)


class Client:
    """Somebody who asks an application in this process, each time anew."""

    def __init__(self, app: FastAPI) -> None:
        self.transport = httpx.ASGITransport(app, raise_app_exceptions=False)

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        """The answer."""

        async def ask() -> httpx.Response:
            async with httpx.AsyncClient(transport=self.transport, base_url="http://api") as client:
                return await client.request(method, path, **more)

        return asyncio.run(ask())

    def get(self, path: str, **more: Any) -> httpx.Response:
        """The answer to GET."""
        return self.request("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        """The answer to POST."""
        return self.request("POST", path, **more)


@pytest.fixture
def client(served: FastAPI) -> Client:
    """Somebody who asks an application that has started."""
    served.state.service.state = "ready"
    return Client(served)


def lines(log: Path) -> list[dict[str, Any]]:
    """The log, line by line."""
    return [json.loads(line) for line in log.read_text(encoding="ascii").splitlines()]


def test_a_row_is_answered_with_the_models_id(client: Client, model: Fake) -> None:
    """Nulls are taken out of the row, and whole numbers come as floats, before the model sees it."""
    answer = client.post("/predict", json={**ROW, "age": 51, "price €": None})
    assert (answer.status_code, answer.json()) == (
        200,
        {"prediction": True, "probability": 0.51, "model": "m1"},
    )
    assert model.seen == [{"age": 51.0, "kind": "shoes"}]


def test_a_batch_is_answered_in_its_order(client: Client) -> None:
    """One id for all."""
    answer = client.post("/predict/batch", json={"rows": [ROW, {**ROW, "age": 60}]})
    said = [{"prediction": False, "probability": 0.4}, {"prediction": True, "probability": 0.6}]
    assert (answer.status_code, answer.json()) == (200, {"predictions": said, "model": "m1"})


def test_a_large_batch_is_answered_like_a_small_one(client: Client) -> None:
    """Beyond the size at which a thread takes over, also where it is wrong."""
    rows = [ROW] * 500
    assert len(json.dumps(rows)) > LARGEST_AT_ONCE
    assert len(client.post("/predict/batch", json={"rows": rows}).json()["predictions"]) == 500
    wrong = client.post("/predict/batch", json={"rows": [*rows, {**ROW, "age": -1}]})
    assert (wrong.status_code, wrong.json()["errors"]) == (
        422,
        [{"field": "rows.500.age", "message": "must be at least 0"}],
    )


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"age": -1}, [{"field": "age", "message": "must be at least 0"}]),
        ({"age": 96}, [{"field": "age", "message": "must be at most 95"}]),
        ({"age": 1.5}, [{"field": "age", "message": "must be a whole number"}]),
        ({"age": "40"}, [{"field": "age", "message": "must be a number"}]),
        ({"age": None}, [{"field": "age", "message": "must be a number"}]),
        ({"age": True}, [{"field": "age", "message": "must be a number"}]),
        ({"kind": "hats"}, [{"field": "kind", "message": "must be one of 'coats', 'shoes'"}]),
        ({"kind": 3}, [{"field": "kind", "message": "must be one of 'coats', 'shoes'"}]),
        ({"price €": "dear"}, [{"field": "price €", "message": "must be a number"}]),
        ({"ordered.on": 5}, [{"field": "ordered.on", "message": "must be text"}]),
        (
            {"ordered.on": "yesterday"},
            [
                {
                    "field": "ordered.on",
                    "message": "must be a date or a date and time, as ISO 8601 writes it",
                }
            ],
        ),
        ({"colour": "red"}, [{"field": "colour", "message": "is not a field of this model"}]),
        ({"x" * 500: 1}, [{"field": "x" * 100 + "…", "message": "is not a field of this model"}]),
        (
            {"age": -1, "kind": "hats"},
            [
                {"field": "age", "message": "must be at least 0"},
                {"field": "kind", "message": "must be one of 'coats', 'shoes'"},
            ],
        ),
    ],
    ids=str,
)
def test_a_wrong_value_is_refused_by_its_fields_name(
    client: Client, change: dict[str, Any], errors: Fields
) -> None:
    """422 with the column's own name and our words, in which the value does not occur."""
    answer = client.post("/predict", json={**ROW, **change})
    assert (answer.status_code, answer.json()["errors"]) == (422, errors)
    assert answer.headers["content-type"] == "application/problem+json"


def test_what_is_missing_is_named(client: Client) -> None:
    """Required are the columns that may not be null."""
    assert client.post("/predict", json={}).json()["errors"] == [
        {"field": "age", "message": "is required"},
        {"field": "kind", "message": "is required"},
    ]


def test_a_batchs_shape_is_named_too(client: Client) -> None:
    """No rows, too many, rows that are none."""
    asked: list[Any] = [{}, {"rows": []}, {"rows": 1}, {"rows": [1]}, {"rows": [ROW] * 1001}, [ROW]]
    assert [client.post("/predict/batch", json=one).json()["errors"] for one in asked] == [
        [{"field": "rows", "message": "is required"}],
        [{"field": "rows", "message": "must have at least 1 item"}],
        [{"field": "rows", "message": "must be a list"}],
        [{"field": "rows.0", "message": "must be an object"}],
        [{"field": "rows", "message": "must have at most 1000 items"}],
        [{"field": "", "message": "must be an object"}],
    ]


def test_of_many_errors_the_first_are_listed(client: Client) -> None:
    """A thousand wrong rows give no answer of a megabyte; up to twenty are counted."""
    said = client.post("/predict/batch", json={"rows": [{}] * 100}).json()
    assert said["detail"] == "More than 20 fields are wrong. The first 20 are listed."
    assert [one["field"] for one in said["errors"]] == [
        f"rows.{n}.{name}" for n in range(10) for name in ("age", "kind")
    ]
    said = client.post("/predict/batch", json={"rows": [ROW, {}] * 10}).json()
    assert (said["detail"], said["errors"][-1]["field"]) == ("20 fields are wrong.", "rows.19.kind")


def test_unknown_keys_are_told_after_the_fields_wherever_they_stand(client: Client) -> None:
    """In a row, in a row of a batch, beside the rows; of a key that comes twice once."""
    body = b'{"x": 1, "x": 2, "age": "y", "kind": "shoes", "z": NaN}'
    wrong = [("age", "must be a number"), ("x", UNKNOWN), ("z", UNKNOWN)]
    assert _told(client, "/predict", body) == wrong
    good = json.dumps(ROW).encode()
    found = _told(client, "/predict/batch", b'{"a": 1, "rows": [%b, %b], "b": 2}' % (good, body))
    assert found == [*((f"rows.1.{name}", said) for name, said in wrong), ("a", UNKNOWN), ("b", UNKNOWN)]
    assert _told(client, "/predict/batch", b'{"rows": [%b], "b": 2}' % good) == [("b", UNKNOWN)]


UNKNOWN = "is not a field of this model"


def _told(client: Client, path: str, body: bytes) -> list[tuple[str, str]]:
    """Field and message of each error."""
    said = client.post(path, content=body, headers={"content-type": "application/json"}).json()
    return [(one["field"], one["message"]) for one in said["errors"]]


def _keys(count: int) -> str:
    """So many keys that no model knows, as within an object."""
    return ",".join(f'"k{number}":1' for number in range(count))


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("row", f"{{{_keys(50_000)}}}"),
        ("row", f'{{"age":1,"kind":"shoes",{_keys(50_000)}}}'),
        ("row", "{" + ",".join(['"k":1'] * 50_000) + "}"),
        ("batch", f"{{{_keys(50_000)}}}"),
        ("batch", f'{{"rows":[{",".join([f"{{{_keys(50)}}}"] * 1000)}]}}'),
        ("batch", f'{{"rows":[{",".join(["1"] * 1000)}]}}'),
        ("batch", f'{{"rows":[{{"age":1,"kind":"shoes"}}],{_keys(50_000)}}}'),
        ("wide", f"{{{_keys(20_000)}}}"),
        ("wide", f'{{"c0":[{",".join(["1"] * 50_000)}],"x":[{",".join(["1"] * 50_000)}]}}'),
        ("wide", f'{{"c0":"{"x" * 200_000}","c1":"{"y" * 200_000}"}}'),
    ],
    ids=range(10),
)
def test_what_a_wrong_body_costs_is_bounded(served: FastAPI, kind: str, body: str) -> None:
    """However many errors there are in it, and however much of it pydantic would keep with each of them."""
    known = {"row": served.state.service.row, "batch": served.state.service.batch}
    known["wide"] = request_validation.Row(
        [column(f"c{number}", "number", example=1) for number in range(300)]
    )
    tracemalloc.start()
    try:
        with pytest.raises(ProblemError) as caught:
            known[kind].validate_json(body.encode())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (caught.value.status, len(caught.value.errors) <= 20) == (422, True)
    assert peak < 20e6, peak


def test_fields_of_the_model_are_named_whole_and_others_cut(model: Fake) -> None:
    """A column may have a long name, and its callers must learn it."""
    name = "how long " * 20
    model.about["columns"] = [column(name, "number", example=1)]
    made = Client(api.app(model))
    assert _told(made, "/predict", b"{}") == [(name, "is required")]
    assert _told(made, "/predict/batch", b'{"rows": [{}]}') == [(f"rows.0.{name}", "is required")]
    given = json.dumps({name: 1, "x" * 200: 1}).encode()
    assert _told(made, "/predict", given) == [(f"{'x' * 100}…", UNKNOWN)]


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"", {}, 400),
        (b"{", {}, 400),
        (b"NaN", {}, 422),
        (b'{"age": Infinity, "kind": "shoes"}', {}, 422),
        (b'{"kind": "\xff"}', {}, 400),
        (b"[" * 10_000, {}, 400),
        (b"[" * 10_000 + b"]" * 10_000, {}, 400),
        (b'{"age": 1e999, "kind": "shoes"}', {}, 422),
        (b'{"age": 40, "kind": "shoes"}', {"content-type": "text/plain"}, 415),
        (b'{"age": 40, "kind": "shoes"}', {"content-type": ""}, 415),
        (b'{"age": 40, "kind": "shoes"}', {"content-type": "application/json; charset=latin-1"}, 415),
        (b'{"age": 40, "kind": "shoes"}', {"content-type": "Application/JSON; charset=UTF-8"}, 200),
        (b'{"age": 40, "kind": "shoes"}', {"content-encoding": "gzip"}, 415),
        (b'{"age": 40, "kind": "shoes"}', {"content-encoding": "identity"}, 200),
        (b'{"age": 40, "kind": "shoes"}' + b" " * 65_536, {}, 413),
        (b'{"age": 40, "age": 60, "kind": "shoes"}', {}, 200),
    ],
    ids=range(16),
)
def test_bodies_of_any_kind_have_an_answer(
    client: Client, body: bytes, headers: dict[str, str], status: int
) -> None:
    """400, 413, 415 or 422, as a problem; of a key that comes twice the last one counts."""
    answer = client.post("/predict", content=body, headers={"content-type": "application/json", **headers})
    problem = answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, problem) == (status, status != 200)
    unread = status in (413, 415)
    assert answer.headers.get("connection") == ("close" if unread else None)
    if b"60" in body:
        assert answer.json()["probability"] == 0.6


def test_a_streamed_body_has_the_same_limit(client: Client) -> None:
    """Without a Content-Length the pieces are counted; the connection closes."""

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b" " * 32_768

    answer = client.post("/predict", content=pieces(), headers={"content-type": "application/json"})
    assert (answer.status_code, answer.headers["connection"]) == (413, "close")


def read(messages: list[dict[str, Any]], seconds: float = 5.0) -> bytes:
    """The body that comes in these messages; nothing more comes after them."""
    left = iter(messages)

    async def receive() -> dict[str, Any]:
        for message in left:
            return message
        await asyncio.sleep(60)
        return {}

    scope = {"headers": [(b"content-type", b"application/json")]}
    found: bytes = asyncio.run(limits.body(scope, receive, 100, seconds))
    return found


def piece(body: bytes, more: bool) -> dict[str, Any]:
    """A message that brings a piece of the body."""
    return {"type": "http.request", "body": body, "more_body": more}


def test_a_body_in_pieces_is_joined() -> None:
    """As it was sent."""
    assert read([piece(b'{"a"', True), piece(b": 1}", False)]) == b'{"a": 1}'


@pytest.mark.parametrize(
    ("messages", "status"),
    [([piece(b"{", True)], 408), ([piece(b"{", True), {"type": "http.disconnect"}], 400)],
    ids=["never ends", "breaks off"],
)
def test_a_body_that_does_not_arrive_is_given_up(messages: list[dict[str, Any]], status: int) -> None:
    """408 after the time that a body may take; 400 where the caller has gone."""
    with pytest.raises(ProblemError) as caught:
        read(messages, 0.05)
    assert (caught.value.status, caught.value.headers) == (status, {"Connection": "close"})


def test_unknown_paths_and_methods_are_problems(client: Client) -> None:
    """404, and 405 with what is allowed; HEAD and OPTIONS among it; no redirect for a slash."""
    asked = [
        ("GET", "/"),
        ("POST", "/predict/"),
        ("GET", "/predict"),
        ("HEAD", "/health"),
        ("OPTIONS", "/predict"),
    ]
    found = [client.request(*one) for one in asked]
    assert [(one.status_code, one.headers.get("allow")) for one in found] == [
        (404, None),
        (404, None),
        (405, "POST"),
        (405, "GET"),
        (405, "POST"),
    ]
    assert {one.headers["content-type"] for one in found} == {"application/problem+json"}


def test_pages_that_load_scripts_from_elsewhere_are_not_served(client: Client) -> None:
    """FastAPI's own documentation pages are switched off."""
    assert [client.get(path).status_code for path in ("/docs", "/redoc")] == [404, 404]


def test_the_document_is_the_contracts(client: Client, model: Fake) -> None:
    """What is served is what kit/service/openapi.py makes of the same columns."""
    assert client.get("/openapi.json").json() == openapi.document(model.about)


@pytest.mark.parametrize(
    ("given", "kept"),
    [("abc-123", True), ("x" * 128, True), ("x" * 129, False), ('a"b', False), ("a b", False), ("", False)],
)
def test_a_sane_request_id_is_kept(client: Client, given: str, kept: bool) -> None:
    """Else a new one is made; either is answered."""
    said = client.get("/health", headers={"x-request-id": given}).headers["x-request-id"]
    assert (said == given) is kept
    assert kept or len(said) == 32


def test_an_error_nobody_expected_tells_no_internals(client: Client, model: Fake, log: Path) -> None:
    """500 with the request's id; the log has its kind and place, without its words."""
    model.error = RuntimeError("secret 40 shoes")
    answer = client.post("/predict", json=ROW, headers={"x-request-id": "r1"})
    assert (answer.status_code, answer.json()) == (
        500,
        {
            "type": "about:blank",
            "title": "Internal Server Error",
            "status": 500,
            "detail": "Something went wrong here, not with the request.",
            "errors": [],
            "request_id": "r1",
        },
    )
    error, request = lines(log)
    assert (error["request_id"], error["kind"], request["status"]) == ("r1", "RuntimeError", 500)
    assert error["at"].startswith("test_api.py:")
    assert "secret" not in log.read_text(encoding="ascii")


def test_a_rule_that_fails_is_told_by_name_and_place(client: Client, model: Fake, log: Path) -> None:
    """With the kind of its own error, however deep in other code that was raised; without its words."""
    scope: dict[str, Any] = {}
    deep = "def deep(n, row):\n    return deep(n - 1, row) if n else row['secret'] / 0\n"
    exec(compile(deep, "/site-packages/deep.py", "exec"), scope)
    exec(compile("\n\ndef adult(row):\n    return deep(9, row)\n", "/app/src/x/rules.py", "exec"), scope)
    with pytest.raises(ProjectError) as raised:
        rulebook.feature(scope["adult"], rulebook.Cells({"secret": 40}))
    model.error = raised.value
    assert client.post("/predict", json=ROW).status_code == 500
    error = lines(log)[0]
    assert (error["kind"], error["cause"]) == ("ProjectError", "ZeroDivisionError")
    assert error["cause_at"].startswith("deep.py:2 deep < ")
    assert "rules.py:4 adult" in error["cause_at"]
    assert "division" not in log.read_text(encoding="ascii")


@pytest.mark.parametrize(
    "change",
    [
        lambda row: row.__setitem__("age", 1),
        lambda row: row.update(age=1),
        lambda row: row.setdefault("x", 1),
        lambda row: row.pop("age"),
        lambda row: row.popitem(),
        lambda row: row.clear(),
        lambda row: row.__delitem__("age"),
        lambda row: row.__ior__({"age": 1}),
    ],
)
def test_a_rule_cannot_change_its_row(change: Callable[[Any], Any]) -> None:
    """As it cannot in training."""
    cells = rulebook.Cells({"age": 40})
    with pytest.raises(ProjectError, match="must not change the row"):
        rulebook.feature(change, cells)
    assert dict(cells) == {"age": 40}


def test_a_request_is_one_line_without_its_contents(client: Client, log: Path) -> None:
    """Time, level, id, method, path without query, status, milliseconds."""
    client.post("/predict?name=ada", json=ROW, headers={"x-request-id": "r1"})
    (line,) = lines(log)
    assert {key: line[key] for key in ("level", "request_id", "method", "path", "status")} == {
        "level": "info",
        "request_id": "r1",
        "method": "POST",
        "path": "/predict",
        "status": 200,
    }
    assert set(line) == {"time", "level", "request_id", "method", "path", "status", "ms"}
    assert not {"ada", "shoes"} & set(log.read_text(encoding="ascii").replace('"', " ").split())


def test_a_path_cannot_forge_a_line(client: Client, log: Path) -> None:
    """Line ends, quotes and other characters are written as JSON has them, long paths cut."""
    client.get('/a%0A"é' + "x" * 500)
    (line,) = lines(log)
    assert line["path"] == '/a\n"é' + "x" * 195


def test_where_the_log_cannot_be_written_answers_go_on(client: Client, served: FastAPI) -> None:
    """The lines are lost."""
    read_end, write_end = os.pipe()
    os.close(read_end)
    before = served.state.service.log.descriptor
    served.state.service.log.descriptor = write_end
    assert [client.get("/health").status_code for _ in range(3)] == [200] * 3
    os.close(write_end)
    served.state.service.log.descriptor = before


def test_numbers_are_kept_by_template_and_class(client: Client) -> None:
    """Paths that nobody defined share one label, so that callers cannot fill the memory."""
    client.post("/predict", json={**ROW, "age": 60})
    client.post("/predict/batch", json={"rows": [ROW, ROW]})
    client.post("/predict", json={})
    for number in range(5):
        client.get(f"/nothing/{number}")
    answer = client.get("/metrics")
    found = dict(line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#"))
    assert answer.headers["content-type"] == metrics.MEDIA_TYPE
    assert {name: value for name, value in found.items() if name.startswith("http_requests_total")} == {
        'http_requests_total{path="/predict",status="200"}': "1.0",
        'http_requests_total{path="/predict/batch",status="200"}': "1.0",
        'http_requests_total{path="/predict",status="422"}': "1.0",
        'http_requests_total{path="other",status="404"}': "5.0",
    }
    assert (found['predictions_total{class="true"}'], found['predictions_total{class="false"}']) == (
        "1.0",
        "2.0",
    )
    assert (found["prediction_probability_count"], found['prediction_probability_bucket{le="0.4"}']) == (
        "3.0",
        "2.0",
    )
    assert (
        found['build_info{data="",model="m1",source="",version=""}'],
        found["http_requests_in_flight"],
    ) == ("1.0", "1.0")


def test_ready_until_it_stops(client: Client, served: FastAPI) -> None:
    """200, then 503 while stopping; at last each answer also asks for the connection to be closed."""
    first = client.get("/ready")
    served.state.service.state = "stopping"
    then = client.get("/ready")
    served.state.service.closing = True
    alive = client.get("/health")
    assert (first.status_code, first.json()) == (200, {"status": "ready"})
    assert (then.status_code, then.json()["detail"], "connection" in then.headers) == (
        503,
        "The service is stopping.",
        False,
    )
    assert (alive.json(), alive.headers["connection"]) == ({"status": "alive"}, "close")


def test_ready_from_start_to_stop(model: Fake) -> None:
    """As the server tells the application."""
    made = api.app(model)
    asker = Client(made)
    found = [asker.get("/ready").status_code]

    async def live() -> None:
        client = httpx.AsyncClient(transport=asker.transport, base_url="http://api")
        async with made.router.lifespan_context(made), client:
            found.append((await client.get("/ready")).status_code)

    asyncio.run(live())
    assert [*found, asker.get("/ready").status_code] == [503, 200, 503]


STOPPED = """
import sys

sys.path[:0] = {path!r}
from project import api
from poc2prod_kit.serving import server
from test_api import Fake

api.create = lambda: api.app(Fake())
if __name__ == "__main__":
    sys.exit(server.run(api.create, sys.argv[1:]))
"""


@pytest.mark.skipif(os.name == "nt", reason="there, a process is ended without being asked")
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_server_that_is_told_to_stop_says_so_first(tmp_path: Path, workers: str) -> None:
    """For as long as LINGER says it takes connections and /ready says 503; then it ends, with 0."""
    path = [str(Path(__file__).parent), *sys.path]
    (tmp_path / "stopped.py").write_text(STOPPED.format(path=path), encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "stopped.py", "--port", str(port), "--workers", workers]
    environment = {**os.environ, "LINGER": "3"}
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            assert _until(port, 200, 60)
            process.terminate()
            assert _until(port, 503, 10)
            ended = process.wait(30)
        finally:
            process.kill()
    assert ended == 0


def test_the_parent_of_workers_leaves_the_port_to_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once they are told to stop; else it would stay open, and nobody would answer there."""
    told: list[bool] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        parent: Any = SimpleNamespace(sockets=[listening])
        monkeypatch.setattr(
            Multiprocess, "terminate_all", lambda self: told.append(self.sockets[0].fileno() != -1)
        )
        server._let_go()
        Multiprocess.terminate_all(parent)
        assert (told, listening.fileno()) == ([True], -1)


def _until(port: int, status: int, seconds: float) -> bool:
    """Whether /ready, asked over a new connection each time, comes to say that."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        with suppress(httpx.TransportError):
            if httpx.get(f"http://127.0.0.1:{port}/ready").status_code == status:
                return True
        time.sleep(0.05)
    return False


def test_the_version_tells_what_is_served(model: Fake) -> None:
    """As it was given: model, data, source, package."""
    about: dict[str, str | None] = {"model": "m1", "data": "d1", "source": None, "version": "0.1.0"}
    assert Client(api.app(model, about)).get("/version").json() == about


def test_a_model_that_does_not_answer_its_own_example_is_not_served(model: Fake) -> None:
    """One sentence that says what to do."""
    model.error = ValueError("broken")
    with pytest.raises(
        ProjectError, match=r"does not answer .* \(broken\)\. Make it anew: python -m project api"
    ):
        api.app(model).state.service.prove()


def test_a_port_that_is_taken_is_said_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert server.run(lambda: pytest.fail("made"), ["--port", str(port)]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"Port {port} of 127.0.0.1 cannot be had (")
    assert said.endswith("Stop what listens there, or give another --port.\n")


@pytest.mark.parametrize(
    ("option", "value"),
    [("--port", "http"), ("--port", "65536"), ("--workers", "0"), ("--linger", "soon"), ("--linger", "-1")],
)
def test_options_out_of_range_are_refused(
    capsys: pytest.CaptureFixture[str], option: str, value: str
) -> None:
    """Exit code 2, the option and the value named."""
    with pytest.raises(SystemExit) as caught:
        server.run(lambda: pytest.fail("made"), [option, value])
    assert (caught.value.code, f"argument {option}: '{value}' is no" in capsys.readouterr().err) == (2, True)


def test_the_environment_gives_options_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """PORT as --port, with the same check."""
    monkeypatch.setenv("PORT", "none")
    with pytest.raises(SystemExit):
        server.run(lambda: pytest.fail("made"), [])
    assert "argument --port: 'none' is no port" in capsys.readouterr().err


def test_an_application_that_starts_again_answers_large_batches_too(client: Client, served: FastAPI) -> None:
    """As test clients do, which start and stop it for each request."""

    async def start_and_stop() -> None:
        async with served.router.lifespan_context(served):
            pass

    asyncio.run(start_and_stop())
    assert client.post("/predict/batch", json={"rows": [ROW] * 500}).status_code == 200


def _spoken(pieces: Sequence[bytes], seconds: float = 3.0) -> list[str]:
    """Statuses that a server answers on one connection to these pieces, until it closes or time is up.

    "open" at the end says that it has not closed.
    """

    async def talk() -> bytes:
        app = api.app(Fake())
        app.state.service.log = Log(os.open(os.devnull, os.O_WRONLY))
        config = uvicorn.Config(app, http=protocol.Bounded, log_config=None, lifespan="off", port=0)
        config.load()
        state = uvicorn.server.ServerState()
        made = await asyncio.get_running_loop().create_server(
            lambda: protocol.Bounded(config, state, {}), "127.0.0.1", 0
        )
        reader, writer = await asyncio.open_connection(*made.sockets[0].getsockname()[:2])
        said, end = b"", b"open"
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                with suppress(ConnectionError):
                    for one in pieces:
                        writer.write(one)
                        await writer.drain()
                        await asyncio.sleep(0.01)
                    while some := await reader.read(65_536):
                        said += some
                end = b""
        writer.close()
        made.close()
        os.close(app.state.service.log.descriptor)
        return said + end

    said = asyncio.run(talk())
    return [one.decode() for one in re.findall(rb"HTTP/1.1 (\d+)|(open)$", said) for one in one if one]


GET = b"GET /health HTTP/1.1\r\nHost: x\r\n"
CHUNKED = b"POST /predict HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Type: "


@pytest.mark.parametrize(
    ("pieces", "statuses"),
    [
        ([GET, b"\r\n", GET + b"\r\n"], ["200", "200", "open"]),
        ([GET + b"\r\n" + GET, b"\r\n"], ["200", "200", "open"]),
        ([GET, *[b"X-A: %b\r\n" % (b"a" * 8000)] * 7, b"\r\n"], ["200", "open"]),
        ([GET, *[b"X-A: %b\r\n" % (b"a" * 8000)] * 9], ["431"]),
        ([GET, *[b"X-A: a\r\n" * 1000] * 9], ["431"]),
        ([GET + b"X-A: ", *[b"a" * 8000] * 9], ["431"]),
        ([CHUNKED + b"application/json\r\n\r\n0\r\n", *[b"X: a\r\n" * 1000] * 11], []),
        (
            [
                CHUNKED + b"application/json\r\n\r\n2\r\n{ \r\n7D00",
                b"\r\n" + b" " * 32000,
                b"\r\n1\r\n}\r\n0\r\n\r\n",
            ],
            ["422", "open"],
        ),
    ],
    ids=range(8),
)
def test_a_head_has_an_end(pieces: Sequence[bytes], statuses: list[str]) -> None:
    """64 KiB of it, in pieces; as much may follow a body's last chunk; bodies are counted elsewhere."""
    assert _spoken(pieces, 1.0) == statuses


@pytest.mark.parametrize(
    ("pieces", "statuses"),
    [
        ([GET], ["408"]),
        ([GET + b"\r\n", b"GET"], ["200", "408"]),
        ([CHUNKED.replace(b"/predict", b"/health") + b"text/plain\r\n\r\n1\r\na\r\n"], ["405"]),
        ([CHUNKED + b"text/plain\r\n\r\n1\r\na\r\n"], ["415"]),
        ([GET + b"\r\n"], ["200", "open"]),
    ],
    ids=range(5),
)
def test_a_head_and_what_comes_after_an_answer_end_in_time(
    monkeypatch: pytest.MonkeyPatch, pieces: Sequence[bytes], statuses: list[str]
) -> None:
    """Else the connection closes; one that waits for its next request is no such case."""
    monkeypatch.setattr(protocol, "SECONDS", 0.2)
    assert _spoken(pieces, 1.0) == statuses


def test_a_connection_from_which_nothing_comes_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As one that lies idle between two requests."""
    monkeypatch.setattr(
        protocol.Bounded, "timeout_keep_alive_handler", lambda self: self.transport.write(b"HTTP/1.1 000")
    )
    made: Any = uvicorn.Config
    monkeypatch.setattr(
        uvicorn, "Config", lambda *args, **more: made(*args, **{**more, "timeout_keep_alive": 0.2})
    )
    assert _spoken([], 0.6) == ["000", "open"]
