"""Put the API under load, ask it what it must know, and record the result: `python -m <package> load`."""

from __future__ import annotations

import argparse
import http.client
import math
import os
import platform
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from itertools import cycle
from typing import Any

from poc2prod_kit.run.console import Console, table
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.paths import package
from poc2prod_kit.run.project import Project
from poc2prod_kit.serving import api_probe, engine, export_step, records, server, tools
from poc2prod_kit.serving.api_probe import Caller

Json = dict[str, Any]
SECONDS, CONCURRENCY = 10.0, (1, 8)
PATIENCE = 60.0
MEGABYTE = 1024 * 1024


def main(arguments: Sequence[str]) -> int:
    """Measure, print and record; 0 where all was answered as it must be, else 1. Raises ProjectError."""
    given = _parser().parse_args(arguments)
    project, console = Project(), Console()
    engine.interruptible()
    if not given.url:
        server.refresh(project, console)
    source = records.source_of(project.root)
    results = observed(project, console, given, source)
    versions = tools.versions("fastapi", "onnxruntime", "pydantic", "uvicorn")
    path = records.write(project.root, "latency", results, tools=versions, of=source)
    budget = project.param("problem.latency_ms", None)
    report(console, results, float(budget) if budget is not None else None)
    return records.conclude(console, path, faults(results, records.model_id(project.root)))


def observed(project: Project, console: Console, given: argparse.Namespace, source: str) -> Json:
    """What the record holds: latency by level, memory, cold start, golden rows, refusals, endpoints.

    Raises ProjectError where the API runs another source than the one that is here.
    """
    good, bad = api_probe.requests(project.root)
    golden = export_step.golden_pairs(project)
    with api(given.url, good[0]) as (caller, cold):
        version = api_probe.version(caller)
        if version.get("source") != source:
            raise ProjectError(
                f"The API at {caller.url} runs the source {version.get('source')}, here it is {source}, so it "
                "is not measured: restart it, or leave --url out."
            )
        at_once = " and ".join(map(str, given.concurrency))
        console.say(f"asking       {caller.url}, {given.seconds:g} s each with {at_once} at once")
        before = memory(caller)
        levels = [level(caller.url, good, number, given.seconds) for number in given.concurrency]
        return {
            "levels": levels,
            "seconds": given.seconds,
            "memory_mb": {"start": before, "end": memory(caller)},
            "cold_start_s": cold,
            "where": {
                "processors": os.cpu_count(),
                "system": platform.platform(terse=True),
                "of": "client" if given.url else "client and server",
            },
            "golden": api_probe.compare(caller, golden),
            "refused": api_probe.refused(caller, bad),
            "endpoints": api_probe.endpoints(caller, good[0]),
            "model": version.get("model"),
        }


def level(url: str, bodies: Sequence[Json], concurrency: int, seconds: float) -> Json:
    """Ask /predict over so many connections, each again once it was answered; nearest-rank percentiles.

    Threads of the standard library: tools on PyPI that are kept (locust) bring twenty packages, and those that
    are small have had no release for years.
    """
    began = time.perf_counter()
    times: list[float] = []  # appended to by all threads, which a list allows
    errors: list[int] = []

    def ask(first: int) -> None:
        with closing(Caller(url)) as caller:
            for body in cycle([*bodies[first:], *bodies[:first]]):
                asked = time.perf_counter()
                if asked >= began + seconds:
                    return
                try:
                    status = caller.post("/predict", body)[0]
                    times.append(time.perf_counter() - asked)
                except (OSError, http.client.HTTPException):
                    status = 0
                if status != 200:
                    errors.append(status)

    with ThreadPoolExecutor(concurrency) as pool:
        list(pool.map(ask, [place % len(bodies) for place in range(concurrency)]))
    took = time.perf_counter() - began
    times.sort()
    places = {f"p{share}_ms": math.ceil(len(times) * share / 100) - 1 for share in (50, 95, 99)}
    return {
        "concurrency": concurrency,
        "requests": len(times),
        "errors": len(errors),
        "per_second": round(len(times) / took, 1),
        **{name: round(times[place] * 1000, 3) if times else None for name, place in places.items()},
    }


def memory(caller: Caller) -> float | None:
    """Megabytes that the server holds, by its /metrics; None on systems where these do not say it."""
    match = re.search(rb"^process_resident_memory_bytes (\S+)", caller.get("/metrics")[1], re.MULTILINE)
    return round(float(match[1]) / MEGABYTE, 1) if match else None


def report(console: Console, results: Json, budget: float | None) -> None:
    """Print it: a line a level, then what else was asked."""
    quantiles = ("p50_ms", "p95_ms", "p99_ms")
    rows = [["at once", "requests", "errors", "per second", *(key.replace("_", " ") for key in quantiles)]]
    for one in results["levels"]:
        counts = [str(one["concurrency"]), f"{one['requests']:,}", str(one["errors"])]
        times = ["–" if one[key] is None else f"{one[key]:.1f}" for key in quantiles]
        rows.append([*counts, f"{one['per_second']:,.0f}", *times])
    if budget is not None:
        slowest = [one["p99_ms"] for one in results["levels"]]
        rows[0].append(f"p99 in {budget:g} ms")
        for row, time_ms in zip(rows[1:], slowest, strict=True):
            row.append("yes" if time_ms is not None and time_ms <= budget else "no")
    for line in table(rows):
        console.say(line)
    if budget is None:
        console.say("There is no budget to compare this with yet: [problem] latency_ms of params.toml.")
    memory_mb, golden, refused = results["memory_mb"], results["golden"], results["refused"]
    if results["cold_start_s"] is not None:
        console.say(f"cold start   {results['cold_start_s']:.1f} s from the start to the first answer")
    if memory_mb["start"] is not None:
        console.say(f"memory       {memory_mb['start']:.0f} MiB before, {memory_mb['end']:.0f} MiB after")
    if results["where"]["of"] == "client":
        console.say("where        this machine, which asked; what the API runs on is not known here")
    console.say(f"golden rows  {golden['rows']} asked, {golden['differing']} answered otherwise than offline")
    console.say(f"bad requests {refused['tried']} sent, {refused['named']} refused by the field's name")


def faults(results: Json, model: str | None) -> list[str]:
    """A sentence for each thing that is not as it must be."""
    errors = sum(one["errors"] for one in results["levels"])
    failing = [f"{path} ({status})" for path, status in results["endpoints"].items() if status != 200]
    golden, refused = results["golden"], results["refused"]
    unnamed = refused["tried"] - refused["named"]
    values = {
        f"{errors} requests got no answer or another one than 200.": errors,
        f"{golden['differing']} golden rows are answered otherwise than offline: other features, another "
        "model, or golden predictions that are older than the model.": golden["differing"],
        f"{unnamed} bad requests are not refused by the field's name, such as "
        f"{', '.join(refused['examples'][:1])}.": unnamed,
        f"These endpoints do not answer 200: {', '.join(failing)}.": failing,
        f"The server's model is {results['model']}, the one in models/ {model}.": results["model"] != model,
    }
    return [words for words, so in values.items() if so]


@contextmanager
def api(url: str | None, request: Json) -> Iterator[tuple[Caller, float | None]]:
    """A caller of the API at `url`, or of a server of our own and seconds to its first answer."""
    if url:
        with closing(Caller(url)) as caller:
            try:
                caller.get("/health")
            except (OSError, http.client.HTTPException) as error:
                raise ProjectError(
                    f"No API answers at {url} ({error}). Start it, or leave --url out."
                ) from error
            yield caller, None
        return
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", f"{package().name}.api", "--host", "127.0.0.1", "--port", str(port)]
    began = time.perf_counter()
    with tempfile.TemporaryFile() as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            with closing(Caller(f"http://127.0.0.1:{port}")) as caller:
                yield caller, round(first_answer(caller, process, request, log) - began, 3)
        finally:
            process.terminate()


def first_answer(caller: Caller, process: subprocess.Popen[bytes], request: Json, log: Any) -> float:
    """When the first prediction came. Raises ProjectError with the server's last line where none comes."""
    ends = time.perf_counter() + PATIENCE
    while process.poll() is None and time.perf_counter() < ends:
        with suppress(OSError, http.client.HTTPException):
            if caller.post("/predict", request)[0] == 200:
                return time.perf_counter()
        time.sleep(0.01)
    log.seek(0)
    last = engine.last(log.read().decode("utf-8", "replace"))
    raise ProjectError(f"The server does not answer. Its last line: {last}")


def _parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog=f"python -m {package().name} load", description=__doc__, allow_abbrev=False
    )
    seconds, connections = server.in_range(0.1, 86_400), server.in_range(1, 1000)
    made.add_argument("--url", help="an API that runs already, such as http://127.0.0.1:8000")
    made.add_argument("--seconds", type=seconds, default=SECONDS, help=f"for each level ({SECONDS:g})")
    made.add_argument(
        "--concurrency", type=connections, nargs="+", default=CONCURRENCY, help="connections at once (1 8)"
    )
    return made
