"""The load test: what it counts, compares and says, over a small server of the standard library."""

from __future__ import annotations

import io
import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from poc2prod_kit.run.console import Console
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.serving import api_probe, engine, export_step, load, records
from poc2prod_kit.serving.api_probe import Caller

YES, NO = {"prediction": True, "probability": 0.75}, {"prediction": False, "probability": 0.25}


class Answers(BaseHTTPRequestHandler):
    """Predicts that 1 is a yes, refuses what has no x, fails on 500, and hangs up on 0."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        """Answer by x."""
        x = json.loads(self.rfile.read(int(self.headers["Content-Length"]))).get("x")
        if x == 0:
            self.close_connection = True
        elif x is None:
            self.answer(422, {"errors": [{"field": "x", "message": "is required"}]})
        else:
            names_x = {"errors": [{"field": "x", "message": "broke"}]}
            self.answer(500 if x == 500 else 200, names_x if x == 500 else YES if x == 1 else NO)

    def do_GET(self) -> None:
        """What it is, and how much it holds."""
        if self.path == "/version":
            self.answer(200, {"source": "s", "model": "m1"})
        else:
            self.answer(200, {}, b"# HELP\nprocess_resident_memory_bytes 1.048576e+08\n")

    def answer(self, status: int, content: Any, body: bytes = b"") -> None:
        """Send JSON or bytes."""
        body = body or json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Where that server is."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def caller(url: str) -> Iterator[Caller]:
    """Somebody who asks there."""
    with closing(Caller(url)) as made:
        yield made


def level(url: str, x: int, concurrency: int = 2) -> dict[str, Any]:
    """What a fifth of a second of load gives."""
    return load.level(url, [{"x": x}], concurrency, 0.2)


def test_answers_are_counted_and_timed(url: str) -> None:
    """No errors; quantiles in order; as many a second as requests and time say."""
    found = level(url, 1)
    assert (found["concurrency"], found["errors"]) == (2, 0)
    assert found["requests"] > 10
    assert 0 < found["p50_ms"] <= found["p95_ms"] <= found["p99_ms"]
    assert found["per_second"] == pytest.approx(found["requests"] / 0.2, rel=0.5)


def test_other_answers_than_200_are_errors(url: str) -> None:
    """Each of them, and they are requests too."""
    found = level(url, 500)
    assert found["errors"] == found["requests"] > 0


def test_a_connection_that_ends_without_an_answer_is_an_error(url: str) -> None:
    """It is counted, and another connection is made."""
    found = level(url, 0, 1)
    assert (found["requests"], found["p50_ms"]) == (0, None)
    assert found["errors"] > 1


def test_where_nobody_listens_there_are_errors_only() -> None:
    """It ends all the same."""
    found = level("http://127.0.0.1:9", 1)
    assert (found["requests"], found["errors"] > 0) == (0, True)


def test_a_connection_that_the_server_ended_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """As one is that lay idle while others put the API under load; one that never was is an error."""
    monkeypatch.setattr(Answers, "timeout", 0.05)
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        server.block_on_close = False
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with closing(Caller(f"http://127.0.0.1:{server.server_port}")) as caller:
            found = [caller.get("/version")[0]]
            time.sleep(0.3)
            found.append(caller.post("/predict", {"x": 1})[0])
        server.shutdown()
    assert found == [200, 200]
    with pytest.raises(ConnectionError):
        Caller(f"http://127.0.0.1:{server.server_port}").get("/version")


def test_golden_rows_are_compared_within_the_tolerance(caller: Caller) -> None:
    """1e-5 is the border; another class differs however close the probability is."""
    close, far = {**YES, "probability": 0.750009}, {**YES, "probability": 0.75002}
    pairs = [({"x": 1}, YES), ({"x": 1}, close), ({"x": 1}, far), ({"x": 1}, {**YES, "prediction": False})]
    assert api_probe.compare(caller, pairs[:3]) == {
        "rows": 3,
        "differing": 1,
        "largest_difference": pytest.approx(2e-5),
    }
    assert api_probe.compare(caller, pairs)["differing"] == 2


def test_answers_of_two_days_are_compared_alike() -> None:
    """What is asked otherwise, lacking or new differs; a difference beyond numbers has no size."""
    before = {"rows": [{"request": {"x": x}, "answer": YES} for x in range(3)]}
    now = [{"request": {"x": x}, "answer": {**YES, "probability": 0.75 + x / 8}} for x in range(4)]
    assert export_step.compare(before, now[:1] + before["rows"][1:]) == {
        "rows": 3,
        "differing": 0,
        "largest_difference": 0.0,
    }
    assert export_step.compare(before, now) == {"rows": 3, "differing": 3, "largest_difference": 0.25}
    assert export_step.compare(before, now[:2]) == {"rows": 3, "differing": 2, "largest_difference": None}
    assert export_step.compare(before, now[1:]) == {"rows": 3, "differing": 3, "largest_difference": None}


def shares(prediction: str, **probabilities: float) -> dict[str, Any]:
    """An answer of several classes."""
    return {"prediction": prediction, "probabilities": probabilities}


@pytest.mark.parametrize(
    ("said", "expected", "apart"),
    [
        ({"prediction": 1000.0}, {"prediction": 1000.001}, 1e-6),
        ({"prediction": 0.0}, {"prediction": 0.01}, 1e-4),
        (shares("a", a=0.6, b=0.4), shares("a", a=0.5, b=0.5), 0.1),
        (shares("b", a=0.5), shares("a", a=0.5), float("inf")),
        (shares("a", a=1.0), shares("a", b=1.0), float("inf")),
        (None, YES, float("inf")),
    ],
)
def test_how_far_answers_are_apart(said: Any, expected: dict[str, Any], apart: float) -> None:
    """Numbers by the larger of their size and the spread of all, here 100; probabilities as they are."""
    assert api_probe.apart(said, expected, 100.0) == pytest.approx(apart, rel=1e-3)


def test_a_bad_request_counts_when_it_is_refused_by_name(caller: Caller) -> None:
    """A 4xx that names another field does not, nor does an answer, nor a 5xx that names it."""
    bad = [
        {"why": "missing", "field": "x", "request": {}},
        {"why": "missing", "field": "y", "request": {}},
        {"why": "wrong type", "field": "x", "request": {"x": 1}},
        {"why": "too large", "field": "x", "request": {"x": 500}},
    ]
    missed = ["y, missing: 422", "x, wrong type: 200", "x, too large: 500"]
    said = {"tried": 4, "named": 1, "examples": missed}
    assert api_probe.refused(caller, bad) == said


def test_memory_is_what_the_server_says(caller: Caller) -> None:
    """In megabytes."""
    assert load.memory(caller) == 100.0


def test_an_api_of_another_source_is_not_measured(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence names both and the way out; nothing was sent, nothing is recorded."""
    monkeypatch.setattr(load, "Project", lambda: SimpleNamespace(root=tmp_path))
    monkeypatch.setattr(api_probe, "requests", lambda _: ([{"x": 1}], []))
    monkeypatch.setattr(export_step, "read", lambda _: {"rows": []})
    monkeypatch.setattr(load, "level", lambda *_: pytest.fail("it was put under load"))
    asked: list[int] = []
    monkeypatch.setattr(engine, "interruptible", lambda: asked.append(1))
    with pytest.raises(ProjectError) as told:
        load.main(["--url", url])
    here = records.source_of(tmp_path)
    assert str(told.value) == (
        f"The API at {url} runs the source s, here it is {here}, so it is not measured: "
        "restart it, or leave --url out."
    )
    assert not (tmp_path / "records").exists()
    assert asked == [1]


@pytest.mark.skipif(os.name == "nt", reason="there, a process is ended without being asked")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_command_that_is_ended_ends_as_with_ctrl_c(name: str) -> None:
    """So that its servers end with it."""
    before = {one: signal.getsignal(getattr(signal, one)) for one in ("SIGTERM", "SIGHUP")}
    try:
        engine.interruptible()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(getattr(signal, name))
    finally:
        for one, handler in before.items():
            signal.signal(getattr(signal, one), handler)


@pytest.mark.parametrize("url", ["ftp://host", "http://", "nothing at all://"])
def test_an_address_must_be_one(url: str) -> None:
    """One sentence with an example."""
    with pytest.raises(ProjectError, match="is no address of an API"):
        Caller(url)


def test_examples_must_be_there(tmp_path: Path) -> None:
    """The error names the step that makes them."""
    with pytest.raises(ProjectError, match="python -m project contract"):
        api_probe.requests(tmp_path)


def results(**other: Any) -> dict[str, Any]:
    """What a load test without faults found, but for what differs."""
    one = {"requests": 4321, "errors": 0, "per_second": 2160.5, "p50_ms": 0.41, "p95_ms": 0.9, "p99_ms": 1.24}
    return {
        "levels": [{"concurrency": 1, **one}, {"concurrency": 8, **one, "p99_ms": 3.0}],
        "memory_mb": {"start": 90.2, "end": 91.7},
        "cold_start_s": 0.84,
        "golden": {"rows": 16, "differing": 0, "largest_difference": 0.0},
        "refused": {"tried": 40, "named": 40, "examples": []},
        "endpoints": {"/health": 200, "/predict": 200},
        "model": "m1",
        "where": {"processors": 2, "system": "Linux", "of": "client and server"},
        **other,
    }


def test_the_report_holds_it_against_the_budget() -> None:
    """A line a level, then what else was asked."""
    stream = io.StringIO()
    load.report(Console(stream, 100), results(), 2.0)
    assert stream.getvalue() == (
        "at once  requests  errors  per second  p50 ms  p95 ms  p99 ms  p99 in 2 ms\n"
        "1           4,321       0       2,160     0.4     0.9     1.2          yes\n"
        "8           4,321       0       2,160     0.4     0.9     3.0           no\n"
        "cold start   0.8 s from the start to the first answer\n"
        "memory       90 MiB before, 92 MiB after\n"
        "golden rows  16 asked, 0 answered otherwise than offline\n"
        "bad requests 40 sent, 40 refused by the field's name\n"
    )


def test_with_an_api_elsewhere_the_report_says_whose_machine_it_tells_of() -> None:
    """Processors and system are those of the machine that asked."""
    stream = io.StringIO()
    load.report(
        Console(stream, 100), results(where={"processors": 2, "system": "Linux", "of": "client"}), 2.0
    )
    line = "where        this machine, which asked; what the API runs on is not known here\n"
    assert line in stream.getvalue()


def test_without_a_budget_the_report_says_where_to_set_one() -> None:
    """And shows the same numbers."""
    stream = io.StringIO()
    load.report(Console(stream, 100), results(), None)
    assert "[problem] latency_ms of params.toml" in stream.getvalue()


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({}, []),
        ({"golden": {"rows": 16, "differing": 2, "largest_difference": 0.1}}, ["2 golden rows are"]),
        (
            {"refused": {"tried": 9, "named": 8, "examples": ["x, missing: 200"]}},
            ["such as x, missing: 200."],
        ),
        ({"endpoints": {"/ready": 503}}, ["do not answer 200: /ready (503)."]),
        ({"model": "m2"}, ["The server's model is m2, the one in models/ m1."]),
    ],
)
def test_each_fault_is_a_sentence(other: dict[str, Any], words: list[str]) -> None:
    """None where all is as it must be."""
    found = load.faults(results(**other), "m1")
    assert len(found) == len(words)
    assert all(part in sentence for part, sentence in zip(words, found, strict=True))
