"""What a prediction over HTTP costs, beside an endpoint that does nothing and one as it is usually written.

    python benchmarks/api.py PROJECT [--rounds N] [--seconds N] [--long]

PROJECT is a generated project whose steps up to `api` have run; its libraries must be importable. Three
servers run at once, each in a process of its own with one worker, uvicorn with httptools and uvloop where
they are, and logging on: ours; `async def noop(body: dict)`, which parses the same JSON; and
pandas.DataFrame([body]) with the fitted pipeline. They are asked in turns by the project's own load
generator, which is a process too; what is not asked waits. Medians, and the median of the ratios by round.
--long asks ours 200,000 times and tells its memory.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

BATCH, LONG = 1_000, 200_000
NOOP = """
from fastapi import FastAPI

app = FastAPI()

@app.post("/predict")
async def noop(body: dict):
    return {"prediction": True, "probability": 0.5}
"""
USUAL = """
import pandas as pd
from fastapi import FastAPI
from {package} import features
from {package}.kit import kept
from {package}.kit.project import Project

app = FastAPI()
project = Project()
kind = kept.load(project)
model = kind.model
types = {{"integer": "float", "number": "float", "boolean": "float", "date": "datetime64[us]"}}

@app.post("/predict")
def predict(body: dict):
    row = pd.DataFrame([body])
    for column in project.schema.values():
        if column.name not in row:
            row[column.name] = None
        row[column.name] = row[column.name].astype(types.get(column.type, "object"))
    matrix = features.build(project, row)
    if kind.outcome == "regression":
        return {{"prediction": float(model.predict(matrix)[0])}}
    return {{"probability": [float(one) for one in model.predict_proba(matrix)[0]]}}
"""


class Server:
    """A server in a process of its own, its log in a file."""

    def __init__(self, project: Path, command: list[str], path: list[Path]) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.log = tempfile.TemporaryFile()  # noqa: SIM115 (closed by stop)
        variables = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path)), "OMP_NUM_THREADS": "1"}
        began = time.perf_counter()
        self.process = subprocess.Popen(
            [sys.executable, *command, "--port", str(self.port)],
            cwd=project,
            env=variables,
            stdout=self.log,
            stderr=self.log,
        )
        self.began = began

    def ask(self, path: str, body: bytes | None = None) -> bytes:
        """The answer's body; an error unless it is 200."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Content-Type": "application/json"}
        connection.request("POST" if body is not None else "GET", path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {content[:200]!r}")
        return content

    def first_answer(self, body: bytes) -> float:
        """Seconds from the start to the first prediction."""
        while self.process.poll() is None:
            with suppress(OSError, http.client.HTTPException):
                self.ask("/predict", body)
                return time.perf_counter() - self.began
            time.sleep(0.005)
        self.log.seek(0)
        raise RuntimeError(self.log.read().decode()[-2000:])

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait()
        self.log.close()


def main() -> None:
    """Print the tables."""
    options = parsed()
    project = options.project.resolve()
    package = next(path.parent.name for path in (project / "src").glob("*/__main__.py"))
    client = project / "src" / package / "kit" / "service" / "client.py"
    content = json.loads((project / "contract" / "examples.json").read_text(encoding="utf-8"))
    rows = [one["request"] for one in content["good"]]
    with servers(project, package) as running:
        first = json.dumps(rows[0]).encode()
        for server in running.values():
            server.first_answer(first)
        for concurrency in (1, 8):
            rounds = [
                turn(running, client, rows, concurrency, options.seconds) for _ in range(options.rounds)
            ]
            print(f"{table(f'{concurrency} at once', rounds)}\n")
        batches(running["ours"], rows, options.rounds)
        if options.long:
            memory(running["ours"], client, rows)
    starts = [cold(project, package, first) for _ in range(options.rounds)]
    print(f"cold start to the first answer: {statistics.median(starts):.2f} s (median of {len(starts)})")


def turn(
    running: dict[str, Server], client: Path, rows: list[Any], concurrency: int, seconds: float
) -> dict[str, dict[str, float]]:
    """What each server did when it was its turn."""
    return {name: load(server, client, rows, concurrency, seconds) for name, server in running.items()}


def load(server: Server, client: Path, rows: list[Any], concurrency: int, seconds: float) -> dict[str, float]:
    """What the load generator says."""
    asks = {"url": f"http://127.0.0.1:{server.port}", "path": "/predict", "bodies": rows}
    given = json.dumps({**asks, "concurrency": concurrency, "seconds": seconds})
    done = subprocess.run(
        [sys.executable, str(client)], input=given, capture_output=True, text=True, check=True
    )
    found: dict[str, float] = json.loads(done.stdout)
    if found["errors"]:
        raise RuntimeError(f"{found['errors']} errors")
    return found


def table(head: str, rounds: list[dict[str, dict[str, float]]]) -> str:
    """A Markdown table: medians, and the ratio of ours to each, by round."""
    lines = [f"| {head} | per second | p50 | p99 | ours to it |", "|---|---|---|---|---|"]
    for name in rounds[0]:
        rate, p50, p99 = (
            statistics.median(one[name][key] for one in rounds) for key in ("per_second", "p50_ms", "p99_ms")
        )
        ratio = statistics.median(one["ours"]["per_second"] / one[name]["per_second"] for one in rounds)
        lines.append(f"| {name} | {rate:,.0f} | {p50:.2f} ms | {p99:.2f} ms | {ratio:.2f} |")
    return "\n".join(lines)


def batches(server: Server, rows: list[Any], rounds: int) -> None:
    """Rows a second when 1,000 come in a call."""
    body = json.dumps({"rows": [rows[place % len(rows)] for place in range(BATCH)]}).encode()
    times = []
    for _ in range(rounds * 3):
        began = time.perf_counter()
        server.ask("/predict/batch", body)
        times.append(time.perf_counter() - began)
    took = statistics.median(times)
    print(f"{BATCH:,} rows a call: {took * 1000:.1f} ms, {BATCH / took:,.0f} rows/s ({len(body):,} bytes)")


def memory(server: Server, client: Path, rows: list[Any]) -> None:
    """What the server holds before and after 200,000 requests."""
    held, asked = [resident(server)], 0
    while asked < LONG:
        asked += int(load(server, client, rows, 8, 10)["requests"])
        held.append(resident(server))
    middle = held[len(held) // 2]
    print(
        f"memory over {asked:,} requests: {held[0]:.1f} MiB, {middle:.1f} half way, {held[-1]:.1f} at the end"
    )


def resident(server: Server) -> float:
    """MiB, as the server's /metrics say."""
    found = re.search(rb"^process_resident_memory_bytes (\S+)", server.ask("/metrics"), re.MULTILINE)
    return float(found[1]) / 2**20 if found else float("nan")


def cold(project: Path, package: str, body: bytes) -> float:
    """Seconds from starting a server to its first answer."""
    server = Server(project, ["-m", f"{package}.api"], [project / "src"])
    try:
        return server.first_answer(body)
    finally:
        server.stop()


@contextmanager
def servers(project: Path, package: str) -> Iterator[dict[str, Server]]:
    """All three, each started alone."""
    uvicorn = ["-m", "uvicorn", "--workers", "1"]
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        (Path(folder) / "noop.py").write_text(NOOP, encoding="utf-8")
        (Path(folder) / "usual.py").write_text(USUAL.format(package=package), encoding="utf-8")
        path = [project / "src", Path(folder)]
        commands = {
            "ours": ["-m", f"{package}.api"],
            "no-op": [*uvicorn, "noop:app"],
            "DataFrame and pipeline": [*uvicorn, "usual:app"],
        }
        running = {}
        for name, command in commands.items():
            running[name] = Server(project, command, path)
            stack.callback(running[name].stop)
        yield running


def parsed() -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("project", type=Path)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--long", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
