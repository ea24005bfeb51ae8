"""Start the API: `serve` makes what it needs first; `python -m <package>.api` runs on what is there."""

from __future__ import annotations

import argparse
import os
import signal
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
from poc2prod_kit.serving.source import source_hash

if TYPE_CHECKING:
    from fastapi import FastAPI

    from poc2prod_kit.run.console import Console
    from poc2prod_kit.run.project import Project

DEFAULTS = {"HOST": "127.0.0.1", "PORT": 8000, "WORKERS": 1}
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
    """`serve`: refresh the steps contract and api if they are stale, then serve. Raises ProjectError."""
    given = _parser(f"{package().name} serve").parse_args(arguments)
    from poc2prod_kit.run.console import Console
    from poc2prod_kit.run.project import Project

    refresh(Project(), Console())
    return _serve(given)


def run(create: Callable[[], FastAPI], arguments: Sequence[str] | None = None) -> int:
    """Serve `create` of the package's api.py until SIGTERM or Ctrl-C; 0 when stopped, 2 if a person must act."""
    given = _parser(f"{package().name}.api").parse_args(arguments)
    try:
        return _serve(given, create)
    except ProjectError as error:
        sys.stderr.write(f"{error}\n")
        return 2


def _serve(given: argparse.Namespace, create: Callable[[], FastAPI] | None = None) -> int:
    import uvicorn

    # Uvicorn raises the signal that stopped it once more when it has stopped, which would end this process by it.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    with tempfile.TemporaryDirectory(prefix="metrics-") as folder:
        if given.workers > 1:
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        # Several workers each make their own API; this one shows before that they can.
        api = create() if create else None
        served = api if api and given.workers == 1 else f"{package().name}.api:create"
        options = {"factory": isinstance(served, str), "workers": given.workers, **OPTIONS}
        uvicorn.run(served, host=given.host, port=given.port, **options)
    return 0


def refresh(project: Project, console: Console) -> None:
    """Run the steps that the server needs, where their reports are stale, and say so."""
    from poc2prod_kit.run import steps

    if stale := steps.stale(project, STEPS):
        console.say(f"Running what the server needs first: {' and '.join(stale)}.")
        steps.run(project, stale, console)


def about(root: Path, model: dict[str, Any]) -> dict[str, str | None]:
    """What /version answers: the model's id, the hashes of its data and of the source, the version."""
    # The source as it was written down when the image was built, else computed.
    written = root / "source.txt"
    source = written.read_text(encoding="utf-8").strip() if written.is_file() else source_hash(root)
    return {"model": model["model"], "data": model.get("data"), "source": source, "version": _version(root)}


def _parser(name: str) -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog=f"python -m {name}",
        description="Answer HTTP. The environment's HOST, PORT and WORKERS are the defaults.",
        allow_abbrev=False,
    )
    host, port, workers = (os.environ.get(key, str(usual)) for key, usual in DEFAULTS.items())
    made.add_argument("--host", default=host, help="address to listen on (127.0.0.1)")
    made.add_argument("--port", type=in_range(0, 65535), default=port, help="0: any free one (8000)")
    made.add_argument("--workers", type=in_range(1, 256), default=workers, help="processes (1)")
    return made


def in_range(low: float, high: float) -> Callable[[str], Any]:
    """A reader of numbers from `low` to `high` for argparse: whole ones where `low` is one."""

    def parsed(text: str) -> float:
        try:
            number = type(low)(text)
        except ValueError:
            number = high + 1
        if not low <= number <= high:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number from {low} to {high}")
        return number

    return parsed


def _version(root: Path) -> str | None:
    """The version: as installed, else, as in the image, which runs it from src/, as in pyproject.toml."""
    with suppress(metadata.PackageNotFoundError):
        return metadata.version(package().name.replace("_", "-"))
    with suppress(OSError, ValueError, KeyError):
        content = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8-sig"))
        return str(content["project"]["version"])
    return None
