"""What a prediction over HTTP costs in CPU, beside an endpoint that does nothing.

    python benchmarks/api.py PROJECT [--rounds N] [--requests N]

PROJECT is a generated project whose steps up to `api` have run; its libraries must be importable. Two servers
run at once, each in a process of its own with one worker and the same settings of uvicorn: the project's API, and
`async def noop(body: dict)`, which parses the same JSON. They are asked in turns, over 1 and over 8 connections;
what is not asked waits. CPU is that of the server's process (user and system, Linux), per request: medians over
the rounds, and the median of the rounds' ratios, which must be at most 2.5.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import cycle, islice
from pathlib import Path

MOST, CONNECTIONS, BATCH = 2.5, (1, 8), 1_000
NOOP = """
import sys

import uvicorn
from fastapi import FastAPI
from poc2prod_kit.serving.server import OPTIONS

app = FastAPI()


@app.post("/predict")
async def noop(body: dict):
    return {"prediction": True, "probability": 0.5}


uvicorn.run(app, port=int(sys.argv[2]), **OPTIONS)
"""


class Server:
    """A server in a process of its own."""

    def __init__(self, project: Path, command: Sequence[str], rows: Sequence[bytes]) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        path = [str(project / "src"), *filter(None, [os.environ.get("PYTHONPATH")])]
        variables = {**os.environ, "PYTHONPATH": os.pathsep.join(path), "OMP_NUM_THREADS": "1"}
        self.rows, began = rows, time.perf_counter()
        self.process = subprocess.Popen(
            [sys.executable, *command, "--port", str(self.port)],
            cwd=project,
            env=variables,
            stdout=subprocess.DEVNULL,
        )
        while self.process.poll() is None:
            with suppress(OSError, http.client.HTTPException):
                self.ask(1, 1)
                break
            time.sleep(0.005)
        self.cold = time.perf_counter() - began

    def ask(self, requests: int, connections: int, path: str = "/predict") -> float:
        """Send so many requests over so many connections; seconds of the server's CPU per request."""

        def work(_: int) -> None:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            for body in islice(cycle(self.rows), requests // connections):
                connection.request("POST", path, body, {"Content-Type": "application/json"})
                answer = connection.getresponse()
                content = answer.read()
                if answer.status != 200:
                    raise RuntimeError(f"{answer.status} {content[:200]!r}")
            connection.close()

        before = self.cpu()
        with ThreadPoolExecutor(connections) as pool:
            list(pool.map(work, range(connections)))
        return (self.cpu() - before) / requests

    def cpu(self) -> float:
        """Seconds of CPU that the process has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait()


@contextmanager
def servers(project: Path) -> Iterator[dict[str, Server]]:
    """Both, each started alone."""
    package = next(path.parent.name for path in (project / "src").glob("*/__main__.py"))
    content = json.loads((project / "contract" / "examples.json").read_text(encoding="utf-8"))
    rows = [json.dumps(one["request"]).encode() for one in content["good"]]
    with tempfile.TemporaryDirectory() as folder:
        noop = Path(folder) / "noop.py"
        noop.write_text(NOOP, encoding="utf-8")
        commands = {"api": ["-m", f"{package}.api"], "no-op": [str(noop)]}
        running = {name: Server(project, command, rows) for name, command in commands.items()}
        try:
            yield running
        finally:
            for server in running.values():
                server.stop()


def main() -> int:
    """Print the table; 1 where the API costs more than it may."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("project", type=Path)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--requests", type=int, default=4_000)
    options = parser.parse_args()
    worst = 0.0
    with servers(options.project.resolve()) as running:
        print("| at once | API, µs of CPU | no-op, µs of CPU | ratio |\n|---|---|---|---|")
        for connections in CONNECTIONS:
            rounds = [
                {name: server.ask(options.requests, connections) for name, server in running.items()}
                for _ in range(options.rounds)
            ]
            ratio = statistics.median(one["api"] / one["no-op"] for one in rounds)
            api, noop = (statistics.median(one[name] for one in rounds) * 1e6 for name in running)
            print(f"| {connections} | {api:.0f} | {noop:.0f} | {ratio:.2f} |")
            worst = max(worst, ratio)
        batch(running["api"])
        print(f"cold start to the first answer: {running['api'].cold:.2f} s")
    return int(worst > MOST)


def batch(server: Server) -> None:
    """Rows a second of CPU when 1,000 come in a request."""
    rows = list(islice(cycle(json.loads(row) for row in server.rows), BATCH))
    server.rows = [json.dumps({"rows": rows}).encode()]
    print(
        f"{BATCH:,} rows a request: {BATCH / server.ask(50, 1, '/predict/batch'):,.0f} rows a second of CPU"
    )


if __name__ == "__main__":
    sys.exit(main())
