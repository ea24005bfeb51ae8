"""Start the API: `serve` makes what it needs first; `python -m <package>.api` runs on what is there."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.paths import package
from poc2prod_kit.serving.commands import STEPS

if TYPE_CHECKING:
    from fastapi import FastAPI

    from poc2prod_kit.run.console import Console
    from poc2prod_kit.run.project import Project

HOST, PORT, WORKERS = "127.0.0.1", 8000, 1
OPTIONS: dict[str, Any] = {
    "log_config": None,
    "access_log": False,
    "server_header": False,
    "ws": "none",
    "timeout_keep_alive": 30,
    # After SIGTERM uvicorn takes no more connections and waits so long for the answers that are on their way.
    "timeout_graceful_shutdown": 30,
    # Uvicorn kills a worker that does not answer its ping in time: on a quarter of a CPU, several workers that
    # start at once take longer than the 5 seconds that it waits otherwise.
    "timeout_worker_healthcheck": 120,
}


def main(arguments: Sequence[str]) -> int:
    """`serve`: refresh the steps contract and api if they are stale, then serve in a process of its own."""
    given = _parser("serve").parse_args(arguments)
    from poc2prod_kit.run.console import Console
    from poc2prod_kit.run.project import Project

    refresh(Project(), Console())
    command = [sys.executable, "-m", f"{package().name}.api", "--host", given.host]
    return run_process([*command, "--port", str(given.port), "--workers", str(given.workers)])


def run(create: Callable[[], FastAPI], arguments: Sequence[str] | None = None) -> int:
    """Serve `create` of the package's api.py until SIGTERM or Ctrl-C; 0 when stopped, 2 if a person must act."""
    import uvicorn

    given = _parser("api").parse_args(arguments)
    # Uvicorn raises the signal that stopped it once more when it has stopped, which would end this process by it.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    with tempfile.TemporaryDirectory(prefix="metrics-") as folder:
        if given.workers > 1:
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        try:
            api = create()
        except ProjectError as error:
            sys.stderr.write(f"{error}\n")
            return 2
        where = {"host": given.host, "port": given.port}
        if given.workers == 1:
            uvicorn.run(api, **where, **OPTIONS)
        else:
            del api  # each worker makes its own; this one showed that they can
            made = f"{package().name}.api:create"
            uvicorn.run(made, factory=True, workers=given.workers, **where, **OPTIONS)
    return 0


def refresh(project: Project, console: Console) -> None:
    """Run the steps that the server needs, where their reports are stale, and say so."""
    from poc2prod_kit.run import steps

    if stale := steps.stale(project, STEPS):
        console.say(f"Running what the server needs first: {' and '.join(stale)}.")
        steps.run(project, stale, console)


def about(root: Path, model: dict[str, Any]) -> dict[str, str | None]:
    """What /version answers: the model's id, the hashes of its data and of the source, the version."""
    known = {"model": model["model"], "data": model.get("data")}
    return {**known, "source": _source(root), "version": _version(root)}


def run_process(command: Sequence[str]) -> int:
    """Run a command in its own process, pass signals on to it, and end as it ends."""
    with subprocess.Popen(command) as process:
        for name in ("SIGTERM", "SIGHUP"):
            if number := getattr(signal, name, None):
                signal.signal(number, lambda sent, _: process.send_signal(sent))
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:  # the terminal sends Ctrl-C to both
                continue


def _parser(name: str) -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog=f"python -m {package().name} serve" if name == "serve" else f"python -m {package().name}.api",
        description="Answer HTTP. The environment's HOST, PORT and WORKERS are the defaults.",
        allow_abbrev=False,
    )
    host, port, workers = (os.environ.get(key, str(usual)) for key, usual in DEFAULTS.items())
    made.add_argument("--host", default=host, help=f"address to listen on ({HOST})")
    made.add_argument("--port", type=_in_range(0, 65535), default=port, help=f"0: any free one ({PORT})")
    made.add_argument("--workers", type=_in_range(1, 256), default=workers, help=f"processes ({WORKERS})")
    return made


DEFAULTS = {"HOST": HOST, "PORT": PORT, "WORKERS": WORKERS}


def _in_range(low: int, high: int) -> Callable[[str], int]:
    def parsed(text: str) -> int:
        if not text.isdecimal() or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number from {low} to {high}")
        return int(text)

    return parsed


def _source(root: Path) -> str | None:
    """The hash of the source: as written down when the image was built, else computed."""
    written = root / "source.txt"
    if written.is_file():
        return written.read_text(encoding="utf-8").strip() or None
    try:
        from poc2prod_kit.serving.source import source_hash
    except ImportError:
        return None
    return source_hash(root)


def _version(root: Path) -> str | None:
    """The version: as installed, else, as in the image, which runs it from src/, as in pyproject.toml."""
    with suppress(metadata.PackageNotFoundError):
        return metadata.version(package().name.replace("_", "-"))
    with suppress(OSError, ValueError, KeyError):
        content = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8-sig"))
        return str(content["project"]["version"])
    return None
