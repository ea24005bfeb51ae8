"""The endpoints over a fake model: answers, refusals, ids, logs, metrics; and the server in its own process."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from poc2prod_kit.rules import rulebook
from poc2prod_kit.run import paths
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.serving import logs, metrics, server
from project import api

ROW = {"age": 40, "kind": "shoes", "price €": 2.5}
JSON = {"content-type": "application/json"}
posix = pytest.mark.skipif(os.name == "nt", reason="Windows ends a process without asking it")


def column(name: str, kind: str, **more: Any) -> dict[str, Any]:
    """A column as models/serving.json has it."""
    plain: dict[str, Any] = dict.fromkeys(("minimum", "maximum"))
    plain |= {"nullable": False, "values": [], "meaning": "", "unit": ""}
    return {"name": name, "type": kind, **plain, **more}


COLUMNS = [
    column("age", "integer", minimum=0, maximum=95, unit="years", example=40),
    column("kind", "category", values=["coats", "shoes"], example="shoes"),
    column("price €", "number", nullable=True, example=1.5),
    column("ordered.on", "date", nullable=True, example="2023-05-01"),
    column("model_config", "boolean", nullable=True, example=True),
    column("_private", "text", nullable=True, example="a"),
]


class Fake:
    """A model: yes for those older than 50. It fails, or waits, as it is told."""

    def __init__(self, columns: Sequence[dict[str, Any]] = COLUMNS) -> None:
        target = {
            "name": "returned",
            "meaning": "",
            "unit": "",
            "outcome": "binary",
            "positive": "",
            "values": [],
        }
        self.about: dict[str, Any] = {
            "title": "orders",
            "version": "0.1.0",
            "model": "m1",
            "outcome": "binary",
            "columns": list(columns),
            "limits": {"largest_body_kb": 64, "largest_batch": 1000},
            "target": target,
        }
        self.rows: list[Mapping[str, Any]] = []
        self.error: Exception | None = None
        self.seconds = float(os.environ.get("FAKE_SECONDS", "0"))

    def predict(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The age as a share of 100."""
        time.sleep(self.seconds)
        if self.error:
            raise self.error
        self.rows += rows
        return [{"prediction": row["age"] > 50, "probability": row["age"] / 100} for row in rows]


class Client:
    """Asks an app in this process."""

    def __init__(self, app: FastAPI) -> None:
        self.transport = httpx.ASGITransport(app, raise_app_exceptions=False)

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        """The response."""

        async def ask() -> httpx.Response:
            async with httpx.AsyncClient(transport=self.transport, base_url="http://api") as client:
                return await client.request(method, path, **more)

        return asyncio.run(ask())

    def get(self, path: str, **more: Any) -> httpx.Response:
        """The response to GET."""
        return self.request("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        """The response to POST."""
        return self.request("POST", path, **more)


@pytest.fixture
def model() -> Fake:
    """A fake model."""
    return Fake()


@pytest.fixture
def client(model: Fake) -> Client:
    """A client of the app over it."""
    return Client(api.app(model))


def wrong(answer: httpx.Response) -> list[tuple[str, str]]:
    """Field and message of each error."""
    return [(one["field"], one["message"]) for one in answer.json()["errors"]]


def test_a_row_is_answered_with_the_models_id(client: Client, model: Fake) -> None:
    """Nulls are left out of the row, and integers come as floats, before the model sees it."""
    answer = client.post("/predict", json={**ROW, "age": 51, "price €": None, "model_config": False})
    assert (answer.status_code, answer.json()) == (
        200,
        {"prediction": True, "probability": 0.51, "model": "m1"},
    )
    assert model.rows == [{"age": 51.0, "kind": "shoes", "model_config": False}]


def test_a_batch_is_answered_in_its_order(client: Client) -> None:
    """One id for all."""
    answer = client.post("/predict/batch", json={"rows": [ROW, {**ROW, "age": 60}]})
    predictions = [{"prediction": False, "probability": 0.4}, {"prediction": True, "probability": 0.6}]
    assert (answer.status_code, answer.json()) == (200, {"predictions": predictions, "model": "m1"})


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"age": -1}, [("age", "Input should be greater than or equal to 0")]),
        ({"age": 96}, [("age", "Input should be less than or equal to 95")]),
        ({"age": 1.5}, [("age", "must be a whole number")]),
        ({"age": "40"}, [("age", "Input should be a valid number")]),
        ({"age": None}, [("age", "Input should be a valid number")]),
        ({"age": True}, [("age", "Input should be a valid number")]),
        ({"age": 10**400}, [("age", "Input should be a valid number")]),
        ({"kind": "hats"}, [("kind", "Input should be 'coats' or 'shoes'")]),
        ({"kind": ["shoes"]}, [("kind", "Input should be 'coats' or 'shoes'")]),
        ({"ordered.on": 5}, [("ordered.on", "must be an ISO 8601 date, or date and time")]),
        ({"ordered.on": "2023-02-29"}, [("ordered.on", "must be an ISO 8601 date, or date and time")]),
        ({"_private": ""}, [("_private", "String should have at least 1 character")]),
        ({"colour": "red"}, [("colour", "Extra inputs are not permitted")]),
        ({"column_0": 1}, [("column_0", "Extra inputs are not permitted")]),
        ({"x" * 500: 1}, [("x" * 200 + "…", "Extra inputs are not permitted")]),
        (
            {"age": -1, "kind": 3},
            [
                ("age", "Input should be greater than or equal to 0"),
                ("kind", "Input should be 'coats' or 'shoes'"),
            ],
        ),
    ],
    ids=range(16),
)
def test_a_wrong_value_is_refused_by_its_fields_name(
    client: Client, change: dict[str, Any], errors: list[tuple[str, str]]
) -> None:
    """422 as a problem, with the column's own name, without the value."""
    body = json.dumps({**ROW, **change})
    answer = client.post("/predict", content=body, headers=JSON)
    assert (answer.status_code, wrong(answer)) == (422, errors)
    assert answer.headers["content-type"] == "application/problem+json"


def test_required_are_the_columns_that_may_not_be_null(client: Client) -> None:
    """An empty row names them all."""
    assert wrong(client.post("/predict", json={})) == [("age", "Field required"), ("kind", "Field required")]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "rows"),
        ({"rows": []}, "rows"),
        ({"rows": 1}, "rows"),
        ({"rows": [ROW, 1]}, "rows.1"),
        ({"rows": [ROW, {**ROW, "age": -1}, {}]}, "rows.1.age"),
        ({"rows": [ROW] * 1001}, "rows"),
        ({"rows": [ROW], "x": 1}, "x"),
        ([ROW], ""),
    ],
    ids=range(8),
)
def test_what_is_wrong_with_a_batch_is_named(client: Client, model: Fake, body: Any, field: str) -> None:
    """Its shape too; of its rows the first that is wrong."""
    model.about["limits"]["largest_body_kb"] = 1000
    answer = Client(api.app(model)).post("/predict/batch", json=body)
    assert (answer.status_code, [name for name, _ in wrong(answer)]) == (422, [field])


def keys(count: int) -> str:
    """So many keys that no model knows."""
    return ",".join(f'"k{number}":1' for number in range(count))


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/predict", f"{{{keys(100_000)}}}"),
        ("/predict", f'{{"age":1,"kind":"shoes",{keys(100_000)}}}'),
        ("/predict", f'{{"c0":[{",".join(["1"] * 50_000)}],"x":"{"y" * 200_000}"}}'),
        ("/predict", "{" + ",".join(f'"c{number}":"x"' for number in range(300)) + "}"),
        ("/predict/batch", f"{{{keys(100_000)}}}"),
        ("/predict/batch", f'{{"rows":[{",".join([f"{{{keys(50)}}}"] * 1000)}]}}'),
        ("/predict/batch", f'{{"rows":[{",".join(["{}"] * 10_000)}]}}'),
        ("/predict/batch", f'{{"rows":[{",".join(["1"] * 10_000)}]}}'),
    ],
    ids=range(8),
)
def test_what_a_wrong_body_costs_is_bounded(path: str, body: str) -> None:
    """However many errors there are in it: little memory beyond that of its JSON, and a short answer."""
    model = Fake([column(f"c{number}", "number", example=1) for number in range(300)])
    model.about["limits"]["largest_body_kb"] = 4096
    client = Client(api.app(model))
    client.post(path, json={})  # what is made once
    peaks, answer = [], None
    for work in (lambda: json.loads(body), lambda: client.post(path, content=body, headers=JSON)):
        tracemalloc.start()
        answer = work()
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert isinstance(answer, httpx.Response)
    assert (answer.status_code, len(answer.json()["errors"]) <= 20, len(answer.content) < 10_000) == (
        422,
        True,
        True,
    )
    assert peaks[1] - peaks[0] < 4 * len(body) + 2e6, peaks


def test_of_many_errors_the_first_are_listed(model: Fake) -> None:
    """Twenty at most, and the detail says that there are more."""
    client = Client(api.app(Fake([column(f"c{number}", "number", example=1) for number in range(300)])))
    said = client.post("/predict", json={}).json()
    assert said["detail"] == "More than 20 fields are wrong. The first 20 are listed."
    assert [one["field"] for one in said["errors"]] == [f"c{number}" for number in range(20)]


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"", {}, 422),
        (b"{", {}, 400),
        (b"NaN", {}, 422),
        (b"null", {}, 422),
        (b'{"age": Infinity, "kind": "shoes"}', {}, 422),
        (b'{"age": NaN, "kind": "shoes"}', {}, 422),
        (b'{"kind": "\xff"}', {}, 400),
        (b'{"age": 1, "kind": "\\ud800"}', {}, 422),
        (b'{"age": 1, "kind": "shoes", "\\ud800": 1}', {}, 422),
        (b"[" * 30_000, {}, 400),
        (b"[" * 30_000 + b"]" * 30_000, {}, 400),
        (b'{"age":' + b"[" * 30_000 + b"]" * 30_000 + b"}", {}, 400),
        (b'{"age": 1e999, "kind": "shoes"}', {}, 422),
        (b'{"age": ' + b"9" * 5000 + b', "kind": "shoes"}', {}, 400),
        (b'{"age": 40, "kind": "shoes"}', {"content-type": "text/plain"}, 422),
        (b'{"age": 40, "kind": "shoes"}', {"content-type": ""}, 422),
        (b'{"age": 40, "kind": "shoes"}', {"content-type": "Application/JSON; charset=UTF-8"}, 200),
        (b"\x1f\x8b\x08\x00", {"content-encoding": "gzip"}, 400),
        (b'{"age": 40, "kind": "shoes"}' + b" " * 65_536, {}, 413),
        (b'{"age": 40, "age": 60, "kind": "shoes"}', {}, 200),
    ],
    ids=range(20),
)
def test_bodies_of_any_kind_have_an_answer(
    client: Client, body: bytes, headers: dict[str, str], status: int
) -> None:
    """200, or 400, 413 or 422 as a problem; of a key that comes twice the last one counts."""
    answer = client.post("/predict", content=body, headers={**JSON, **headers})
    problem = answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, problem) == (status, status != 200)
    if b"60" in body:
        assert answer.json()["probability"] == 0.6


def test_a_streamed_body_has_the_same_limit(client: Client) -> None:
    """Without a Content-Length the pieces are counted."""

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b" " * 32_768

    answer = client.post("/predict", content=pieces(), headers=JSON)
    assert (answer.status_code, answer.json()["detail"]) == (413, "The body may have at most 65536 bytes.")


def test_unknown_paths_and_methods_are_problems(client: Client) -> None:
    """404, and 405 with what is allowed."""
    answers = [client.request(*one) for one in (("GET", "/"), ("GET", "/predict"), ("OPTIONS", "/predict"))]
    assert [(one.status_code, one.headers.get("allow")) for one in answers] == [
        (404, None),
        (405, "POST"),
        (405, "POST"),
    ]
    assert {one.headers["content-type"] for one in answers} == {"application/problem+json"}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_health_takes_get_and_head(client: Client, method: str) -> None:
    """As load balancers ask."""
    assert client.request(method, "/health").status_code == 200


def test_ready_is_whether_the_model_predicts(client: Client, model: Fake) -> None:
    """503, as a problem, once it cannot: the container is unhealthy then."""
    ready = client.get("/ready")
    model.error = RuntimeError("broken")
    broken = client.get("/ready")
    assert [(one.status_code, one.headers.get("retry-after")) for one in (ready, broken)] == [
        (200, None),
        (503, "1"),
    ]


def test_the_document_describes_columns_as_the_schema_has_them(client: Client) -> None:
    """Types, ranges, units, allowed values, what may be null; FastAPI serves it, and its page."""
    row = client.get("/openapi.json").json()["components"]["schemas"]["Row"]
    age = {
        "type": "integer",
        "minimum": 0,
        "maximum": 95,
        "title": "age",
        "x-unit": "years",
        "examples": [40],
    }
    assert row["properties"]["age"] == {**age, "description": "(years)"}
    assert row["properties"]["kind"]["enum"] == ["coats", "shoes"]
    assert [one["type"] for one in row["properties"]["price €"]["anyOf"]] == ["number", "null"]
    assert (row["required"], row["additionalProperties"]) == (["age", "kind"], False)
    assert client.get("/docs").status_code == 200


@pytest.mark.parametrize(
    ("given", "kept"),
    [("abc-123", True), ("x" * 128, True), ("x" * 129, False), ('a"b', False), ("a b", False), ("", False)],
)
def test_a_sane_request_id_is_kept(client: Client, given: str, kept: bool) -> None:
    """Else a new one is made; either is answered."""
    said = client.get("/health", headers={"x-request-id": given}).headers["x-request-id"]
    assert (said == given) is kept
    assert kept or len(said) == 32


def test_numbers_are_kept_by_route_and_class(client: Client) -> None:
    """Unknown paths share one label, so that callers cannot fill the memory."""
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
    classes = [found[f'predictions_total{{class="{name}"}}'] for name in ("true", "false")]
    assert classes == ["1.0", "2.0"]
    assert found['prediction_probability_bucket{le="0.4"}'] == "2.0"
    assert found['build_info{data="",model="m1",source="",version="0.1.0"}'] == "1.0"
    assert found["http_requests_in_flight"] == "1.0"


@contextmanager
def logged(tmp_path: Path) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What is logged meanwhile, line by line; to be asked once."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    descriptor = os.open(tmp_path / "log", os.O_WRONLY | os.O_CREAT)
    writer = logs.configure(lambda: None, descriptor)

    def lines() -> list[dict[str, Any]]:
        writer.stop()
        return [json.loads(line) for line in (tmp_path / "log").read_text(encoding="ascii").splitlines()]

    try:
        yield lines
    finally:
        writer.stop()
        root.handlers[:], root.level = before
        os.close(descriptor)


def test_a_request_is_one_line_without_its_contents(client: Client, tmp_path: Path) -> None:
    """Time, level, id, method, path without query, status, milliseconds; nothing can forge a line."""
    with logged(tmp_path) as lines:
        client.post("/predict?name=ada", json=ROW, headers={"x-request-id": "r1"})
        client.get('/a%0A"é' + "x" * 500)
        line, other = (one for one in lines() if one["event"] == "request")
    values = {"level": "info", "event": "request", "request_id": "r1", "method": "POST", "path": "/predict"}
    assert {**line, "time": "", "ms": 0} == {**values, "status": 200, "time": "", "ms": 0}
    assert other["path"] == '/a\n"é' + "x" * 195
    assert set(line) == {"time", "level", "event", "request_id", "method", "path", "status", "ms"}


def test_an_unexpected_error_tells_no_internals(client: Client, model: Fake, tmp_path: Path) -> None:
    """500 with the request's id; a server logs its type and place, without its message."""
    model.error = RuntimeError("secret 40 shoes")
    with logged(tmp_path) as lines:
        answer = client.post("/predict", json=ROW, headers={"x-request-id": "r1"})
        logging.getLogger("uvicorn.error").error("Exception in ASGI application", exc_info=model.error)
        request, error = (one for one in lines() if one["level"] == "error")
    assert (answer.status_code, answer.headers["x-request-id"], answer.json()["title"]) == (
        500,
        "r1",
        "Internal Server Error",
    )
    assert (request["status"], error["error"]) == (500, "RuntimeError")
    assert error["at"].startswith("test_api.py:")
    assert "secret" not in answer.text + (tmp_path / "log").read_text(encoding="ascii")


def test_a_rule_that_fails_is_logged_by_name_and_place(tmp_path: Path) -> None:
    """With the type of its own error, however deep in other code that was raised; without its message."""
    scope: dict[str, Any] = {}
    deep = "def deep(n, row):\n    return deep(n - 1, row) if n else row['secret'] / 0\n"
    exec(compile(deep, "/site-packages/deep.py", "exec"), scope)
    exec(compile("\n\ndef adult(row):\n    return deep(9, row)\n", "/app/src/x/rules.py", "exec"), scope)
    with pytest.raises(ProjectError) as raised:
        rulebook.feature(scope["adult"], rulebook.Cells({"secret": 40}))
    with logged(tmp_path) as lines:
        logging.getLogger("uvicorn.error").error("Exception", exc_info=raised.value)
        (error,) = (one for one in lines() if one["level"] == "error")
    assert (error["error"], error["cause"]) == ("ProjectError", "ZeroDivisionError")
    assert error["cause_at"].startswith("deep.py:2 deep < ")
    assert "rules.py:4 adult" in error["cause_at"]


def test_lines_beyond_the_queue_are_dropped_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """At once, without waiting."""
    monkeypatch.setattr(logs, "MOST_WAITING", 2)
    dropped: list[int] = []
    handler = logs.LineHandler(lambda: dropped.append(1))
    for _ in range(5):
        handler.emit(logging.LogRecord("a", logging.INFO, "", 0, "b", None, None))
    assert (len(handler.waiting), len(dropped)) == (2, 3)


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


SERVED = """
import sys

sys.path[:0] = {path!r}
from poc2prod_kit.serving import logs, server
from project import api, pipeline
from test_api import Fake


def create():
    made = api.app(Fake())
    logs.configure(made.state.metrics.log_lines_dropped.inc)
    return made


api.create = create
if __name__ == "__main__":
    sys.exit(server.run(create, sys.argv[1:]))
"""


class Served:
    """A server in a process of its own, over a fake model that takes `seconds` for a prediction."""

    def __init__(
        self, folder: Path, seconds: float, workers: int, output: Any, before: Sequence[str] = ()
    ) -> None:
        path = [str(paths.package().parent), str(Path(__file__).parent)]
        (folder / "served.py").write_text(SERVED.format(path=path), encoding="utf-8")
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        command = [*before, sys.executable, "served.py", "--port", str(self.port), "--workers", str(workers)]
        environment = {**os.environ, "FAKE_SECONDS": str(seconds), "PYTHONPATH": os.pathsep.join(sys.path)}
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def url(self, path: str) -> str:
        """Where a path is asked for."""
        return f"http://127.0.0.1:{self.port}{path}"

    def wait(self, patience: float = 60) -> None:
        """Wait until it answers."""
        ends = time.monotonic() + patience
        while self.process.poll() is None and time.monotonic() < ends:
            with suppress(httpx.TransportError):
                if httpx.get(self.url("/health")).status_code == 200:
                    return
            time.sleep(0.05)
        raise AssertionError("the server does not answer")


@contextmanager
def serving(
    folder: Path,
    seconds: float = 0,
    workers: int = 1,
    output: Any = subprocess.DEVNULL,
    before: Sequence[str] = (),
) -> Iterator[Served]:
    """A server that has started; killed with all of its processes at the end, if it is still there."""
    made = Served(folder, seconds, workers, output, before)
    try:
        made.wait()
        yield made
    finally:
        with suppress(ProcessLookupError):
            os.killpg(made.process.pid, signal.SIGKILL)
        made.process.wait()


@posix
@pytest.mark.parametrize("workers", [1, 2])
def test_a_server_that_is_stopped_answers_what_is_on_its_way(tmp_path: Path, workers: int) -> None:
    """After SIGTERM: an answer to each request that it has, no further connection, exit code 0."""
    answers: list[int] = []
    with serving(tmp_path, seconds=5, workers=workers) as made:
        asking = [
            threading.Thread(
                target=lambda: answers.append(
                    httpx.post(made.url("/predict/batch"), json={"rows": [ROW]}, timeout=30).status_code
                )
            )
            for _ in range(4)
        ]
        for one in asking:
            one.start()
        while "http_requests_in_flight 5.0" not in httpx.get(made.url("/metrics")).text:
            assert any(one.is_alive() for one in asking)
        made.process.terminate()
        for one in asking:
            one.join()
        code = made.process.wait(30)
        with pytest.raises(httpx.TransportError):
            httpx.get(made.url("/health"))
    assert (answers, code) == ([200] * 4, 0)


@posix
def test_a_log_pipe_that_nobody_reads_stops_no_request(tmp_path: Path) -> None:
    """It answers on, counts the lines that it drops, and still ends with 0 when it is told to stop."""
    read_end, write_end = os.pipe()
    try:
        with serving(tmp_path, output=write_end) as made, httpx.Client() as client:
            for _ in range(200):  # some 200 bytes each: with their paths more than a pipe's 64 KiB
                assert client.get(made.url("/health/" + "x" * 400)).status_code == 404
            for _ in range(300):
                assert client.get(made.url("/health/" + "x" * 400)).status_code == 404
            assert client.get(made.url("/health")).status_code == 200
            made.process.terminate()
            assert made.process.wait(15) == 0
    finally:
        os.close(read_end)
        os.close(write_end)


@pytest.mark.skipif(
    not shutil.which("strace"), reason="strace, which sees a native library's sockets, is not installed"
)
def test_serving_opens_no_outbound_connection(tmp_path: Path) -> None:
    """Neither Python nor a native library such as onnxruntime: no connection out, and no question to DNS."""
    trace = tmp_path / "trace"
    before = ["strace", "-f", "-qq", "-e", "trace=connect,sendto,sendmsg,sendmmsg", "-o", str(trace)]
    with serving(tmp_path, before=before) as made:
        code = "import poc2prod_kit.serving, onnxruntime; import time; time.sleep(3)"
        subprocess.run([*before[:-1], str(tmp_path / "native"), sys.executable, "-c", code], check=True)
        assert httpx.post(made.url("/predict"), json=ROW).status_code == 200
    lines = trace.read_text(encoding="utf-8") + (tmp_path / "native").read_text(encoding="utf-8")
    out = [line for line in lines.splitlines() if "connect(" in line and "AF_INET" in line]
    assert out == []


def test_a_missing_model_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, before a server or a worker starts."""

    def create() -> FastAPI:
        raise ProjectError("models/serving.json is not there.")

    assert server.run(create, ["--workers", "2"]) == 2
    assert capsys.readouterr().err == "models/serving.json is not there.\n"


@pytest.mark.parametrize(("option", "value"), [("--port", "http"), ("--port", "65536"), ("--workers", "0")])
def test_options_out_of_range_are_refused(
    capsys: pytest.CaptureFixture[str], option: str, value: str
) -> None:
    """Exit code 2, the option and the value named."""
    with pytest.raises(SystemExit) as caught:
        server.run(lambda: pytest.fail("made"), [option, value])
    assert (caught.value.code, f"argument {option}: '{value}' is not" in capsys.readouterr().err) == (2, True)


def test_the_environment_gives_options_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """PORT as --port, with the same check."""
    monkeypatch.setenv("PORT", "none")
    with pytest.raises(SystemExit):
        server.run(lambda: pytest.fail("made"), [])
    assert "argument --port: 'none' is not a number" in capsys.readouterr().err


def test_the_version_tells_what_is_served(model: Fake) -> None:
    """As it was given: model, data, source, package."""
    version: dict[str, str | None] = {"model": "m1", "data": "d1", "source": None, "version": "0.1.0"}
    assert Client(api.app(model, version)).get("/version").json() == version
