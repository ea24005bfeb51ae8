"""Put the API under load, ask it what it must know, and record how it did: `python -m <package> load`."""

from __future__ import annotations

import argparse
import http.client
import json
import os
import platform
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from importlib import metadata
from pathlib import Path
from typing import Any

from poc2prod_kit.run.console import Console, table
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.paths import package
from poc2prod_kit.run.project import Project
from poc2prod_kit.serving import api_probe, engine, export_step, records, server
from poc2prod_kit.serving.api_probe import Caller

Json = dict[str, Any]
SECONDS, CONCURRENCY = 10.0, (1, 8)
PATIENCE = 60.0
TOOLS = ("fastapi", "onnxruntime", "pydantic", "uvicorn")
MEGABYTE = 1024 * 1024


def main(arguments: Sequence[str]) -> int:
    """Measure, print and record; 0 where all was answered as it must be, else 1. Raises ProjectError."""
    given = _options().parse_args(arguments)
    project, console = Project(), Console()
    engine.interruptible()
    if not given.url:
        server.refresh(project, console)
    source = records.source_of(project.root)
    results = observed(project, console, given, source)
    path = records.write(project.root, "latency", results, tools=_tools(), of=source)
    budget = project.param("problem.latency_ms", None)
    report(console, results, float(budget) if budget is not None else None)
    console.say(f"recorded     {path.relative_to(project.root).as_posix()}")
    wrong = faults(results, records.model_id(project.root))
    for fault in wrong:
        console.paragraph(fault)
    return 1 if wrong else 0


def observed(project: Project, console: Console, given: argparse.Namespace, source: str) -> Json:
    """What the record holds: latency by level, memory, cold start, golden rows, refusals, endpoints."""
    good, bad = api_probe.requests(project.root)
    golden = [(one["request"], one["answer"]) for one in export_step.read(project)["rows"]]
    with _api(given.url, good[0]) as (caller, process, cold):
        model = of_here(caller, source)
        console.say(
            f"asking       {caller.url}, {given.seconds:g} s each with {_listed(given.concurrency)} at once"
        )
        before = memory(caller, process)
        levels = [level(caller.url, good, number, given.seconds) for number in given.concurrency]
        after = memory(caller, process)
        return {
            "levels": levels,
            "seconds": given.seconds,
            "memory_mb": {"start": before, "end": after},
            "cold_start_s": cold,
            "where": {
                "processors": os.cpu_count(),
                "system": platform.platform(terse=True),
                "of": "client" if given.url else "client and server",
            },
            "golden": api_probe.compare(caller, golden),
            "refused": api_probe.refused(caller, bad),
            "endpoints": api_probe.endpoints(caller, good[0]),
            "model": model,
        }


def of_here(caller: Caller, source: str) -> str | None:
    """Its model. Raises ProjectError where the API runs another source than the one that is here."""
    version = api_probe.version(caller)
    if version.get("source") != source:
        raise ProjectError(
            f"The API at {caller.url} runs the source {version.get('source')}, here it is {source}, so it is "
            "not measured: start it anew from what is here, or leave --url out."
        )
    return version.get("model")


def level(url: str, bodies: Sequence[Json], concurrency: int, seconds: float) -> Json:
    """Ask /predict with so many connections, from a process of its own; what client.py says of it."""
    asks = {"url": url, "path": "/predict", "bodies": list(bodies), "concurrency": concurrency}
    command = [sys.executable, str(Path(__file__).with_name("client.py"))]
    done = subprocess.run(
        command, input=json.dumps({**asks, "seconds": seconds}), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ProjectError(
            f"The load generator stopped: {done.stderr.strip().splitlines()[-1:]}. Run it again."
        )
    found: Json = json.loads(done.stdout)
    return found


def memory(caller: Caller, process: int | None) -> float | None:
    """Megabytes that the server holds: by its own /metrics, else by `ps` if it is ours; None if unknown."""
    found = re.search(rb"^process_resident_memory_bytes (\S+)", caller.get("/metrics")[1], re.MULTILINE)
    if found:
        return round(float(found[1]) / MEGABYTE, 1)
    if process is None or os.name != "posix":
        return None
    with suppress(OSError, ValueError):
        asks = ["ps", "-o", "rss=", "-p", str(process)]
        return round(int(subprocess.run(asks, capture_output=True, check=False).stdout) / 1024, 1)
    return None


def report(console: Console, results: Json, budget: float | None) -> None:
    """Print it: a line a level, then what else was asked."""
    names = {"p50_ms": "p50 ms", "p95_ms": "p95 ms", "p99_ms": "p99 ms"}
    head = ["at once", "requests", "errors", "per second", *names.values()]
    rows = [
        [str(one["concurrency"]), f"{one['requests']:,}", str(one["errors"]), f"{one['per_second']:,.0f}"]
        + ["–" if one[key] is None else f"{one[key]:.1f}" for key in names]
        for one in results["levels"]
    ]
    if budget is not None:
        head.append(f"p99 in {budget:g} ms")
        kept = [one["p99_ms"] is not None and one["p99_ms"] <= budget for one in results["levels"]]
        rows = [[*row, "yes" if good else "no"] for row, good in zip(rows, kept, strict=True)]
    for line in table([head, *rows]):
        console.say(line)
    if budget is None:
        console.say("There is no budget to hold this against yet: [problem] latency_ms of params.toml.")
    held = results["memory_mb"]
    if results["cold_start_s"] is not None:
        console.say(f"cold start   {results['cold_start_s']:.1f} s from the start to the first answer")
    if held["start"] is not None:
        console.say(f"memory       {held['start']:.0f} MiB before, {held['end']:.0f} MiB after")
    if results["where"]["of"] == "client":
        console.say("where        this machine, which asked; what the API runs on is not known here")
    golden, refused = results["golden"], results["refused"]
    console.say(f"golden rows  {golden['rows']} asked, {golden['differing']} answered otherwise than offline")
    console.say(f"bad requests {refused['tried']} sent, {refused['named']} refused by the field's name")


def faults(results: Json, model: str | None) -> list[str]:
    """A sentence for each thing that is not as it must be."""
    errors = sum(one["errors"] for one in results["levels"])
    failing = [f"{path} ({status})" for path, status in results["endpoints"].items() if status != 200]
    golden, refused = results["golden"], results["refused"]
    found = {
        f"{errors} requests got no answer or another one than 200.": errors,
        f"{golden['differing']} golden rows are answered otherwise than offline: bad features, another "
        "model, or golden predictions that are older than the model.": golden["differing"],
        f"{refused['tried'] - refused['named']} bad requests are not refused by the field's name, such as "
        f"{', '.join(refused['examples'][:1])}.": refused["tried"] - refused["named"],
        f"These endpoints do not answer 200: {', '.join(failing)}.": failing,
        f"The server's model is {results['model']}, the one in models/ {model}.": results["model"] != model,
    }
    return [words for words, so in found.items() if so]


@contextmanager
def _api(url: str | None, request: Json) -> Iterator[tuple[Caller, int | None, float | None]]:
    """The API at `url`, or a server of our own; its process, and seconds to its first answer."""
    if url:
        caller = Caller(url)
        try:
            caller.get("/health")
        except (OSError, http.client.HTTPException) as error:
            raise ProjectError(f"Nobody answers at {url} ({error}). Start it, or leave --url out.") from error
        with closing(caller):
            yield caller, None, None
        return
    with tempfile.TemporaryFile() as log, started(log) as (process, port, began):
        caller = Caller(f"http://127.0.0.1:{port}")
        cold = first_answer(caller, process, request, log) - began
        with closing(caller):
            yield caller, process.pid, round(cold, 3)


@contextmanager
def started(log: Any) -> Iterator[tuple[subprocess.Popen[bytes], int, float]]:
    """A server on a free port of this machine, its log in that file; the port, and when it started."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", f"{package().name}.api", "--host", "127.0.0.1", "--port", str(port)]
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            yield process, port, began
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
    said = log.read().decode("utf-8", "replace").strip().splitlines()[-1:]
    raise ProjectError(f"The server does not answer. It said last: {''.join(said)[:500] or 'nothing'}")


def _options() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog=f"python -m {package().name} load", description=__doc__, allow_abbrev=False
    )
    made.add_argument("--url", help="an API that runs already, such as http://127.0.0.1:8000")
    made.add_argument("--seconds", type=_positive, default=SECONDS, help=f"for each level ({SECONDS:g})")
    made.add_argument(
        "--concurrency", type=_number, nargs="+", default=list(CONCURRENCY), help="connections at once (1 8)"
    )
    return made


def _positive(text: str) -> float:
    number = float(text)
    if not 0.1 <= number <= 86_400:
        raise argparse.ArgumentTypeError(f"{text} is out of range: 0.1 to 86400")
    return number


def _number(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 1000:
        raise argparse.ArgumentTypeError(f"{text} is out of range: 1 to 1000")
    return number


def _tools() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in TOOLS:
        with suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found


def _listed(numbers: Sequence[int]) -> str:
    return " and ".join(map(str, numbers))
