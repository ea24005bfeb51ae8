"""Start the API: `serve` makes what it needs first; `python -m <package>.api` runs on what is there."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module, metadata
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
GRACE, LINGER, LEAVE = 30, 0.3, 0.3


def main(arguments: Sequence[str]) -> int:
    """`serve`: refresh the steps contract and api if they are stale, then serve in a process of its own."""
    given = _options("serve").parse_args(arguments)
    from poc2prod_kit.run.console import Console
    from poc2prod_kit.run.project import Project

    refresh(Project(), Console())
    command = [sys.executable, "-m", f"{package().name}.api", "--host", given.host]
    command += ["--port", str(given.port), "--workers", str(given.workers), "--linger", str(given.linger)]
    return passed_on(command)


def run(create: Callable[[], FastAPI], arguments: Sequence[str] | None = None) -> int:
    """Serve what `create` makes until SIGTERM or Ctrl-C; 0 when stopped, 2 if a person must act."""
    given = _options("api").parse_args(arguments)
    try:
        _serve(create, given)
    except ProjectError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def refresh(project: Project, console: Console) -> None:
    """Run the steps that the server needs, where their reports are stale, saying so."""
    from poc2prod_kit.run import steps

    if behind := steps.stale(project, STEPS):
        console.say(f"Making what the server needs first: {' and '.join(behind)}.")
        steps.run(project, behind, console)


def about(root: Path | None, model: dict[str, Any]) -> dict[str, str | None]:
    """What is served: the model's id, the data it learned from, and, with `root`, source and version."""
    known = {"model": model["model"], "data": model.get("data")}
    if root is None:
        return {**known, "source": None, "version": None}
    return {**known, "source": _source(root), "version": _version(root)}


def passed_on(command: Sequence[str]) -> int:
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


def _options(name: str) -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog=f"python -m {package().name} serve" if name == "serve" else f"python -m {package().name}.api",
        description="Answer HTTP. HOST, PORT, WORKERS and LINGER of the environment say the same.",
        allow_abbrev=False,
    )
    made.add_argument("--host", default=os.environ.get("HOST", HOST), help=f"address to listen on ({HOST})")
    made.add_argument(
        "--port", type=_port, default=os.environ.get("PORT", str(PORT)), help=f"0: any free ({PORT})"
    )
    made.add_argument(
        "--workers",
        type=_workers,
        default=os.environ.get("WORKERS", str(WORKERS)),
        help=f"processes ({WORKERS})",
    )
    made.add_argument(
        "--linger",
        type=_seconds,
        default=os.environ.get("LINGER", str(LINGER)),
        help=f"seconds for which /ready says that it stops before it takes no more connections ({LINGER:g})",
    )
    return made


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: give a number from 0 to 65535")
    return int(text)


def _workers(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 256:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of processes: give 1 to 256")
    return int(text)


def _seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 600:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds: give 0 to 600")
    return number


def _serve(create: Callable[[], FastAPI], given: argparse.Namespace) -> None:
    import uvicorn

    from poc2prod_kit.serving import logs

    log = logs.Log()
    logs.capture(log)
    options: dict[str, Any] = {"log_config": None, "access_log": False, "server_header": False}
    options |= {"timeout_graceful_shutdown": GRACE, "timeout_keep_alive": 30, "ws": "none", "lifespan": "on"}
    options["http"] = _protocol()
    os.environ["LINGER"] = str(given.linger)
    with _listening(given.host, given.port) as listening:
        port = listening.getsockname()[1]
        if given.workers == 1:
            _stop_gently()
            server = uvicorn.Server(uvicorn.Config(create(), **options))
            _quietly_stopped()
            log.event("info", "listening", host=given.host, port=port, workers=1)
            server.run(sockets=[listening])
            return
    with tempfile.TemporaryDirectory(prefix="metrics-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        create()  # what a person must change is said once, here, and not by each worker
        log.event("info", "listening", host=given.host, port=port, workers=given.workers)
        _let_go()
        made = f"{__name__}:worker"
        uvicorn.run(made, factory=True, host=given.host, port=port, workers=given.workers, **options)


def _protocol() -> Any:
    """How HTTP is spoken: within limits of our own. Without httptools it is h11, which has a limit itself."""
    try:
        from poc2prod_kit.serving.protocol import Bounded
    except ImportError:
        return "auto"
    return Bounded


def worker() -> FastAPI:
    """What one of several processes serves, which stops as one alone does."""
    _stop_gently()
    made: FastAPI = import_module(f"{package().name}.api").create()
    return made


def _stop_gently() -> None:
    """Let servers of this process, told to stop, say so first, then take no more connections, then end.

    Each for a moment: LINGER is how long a load balancer has to see that /ready says 503; then what is on its
    way is answered, and each answer asks for its connection to be closed. Uvicorn starts its workers itself,
    with a server of its own class, so that class is what is changed.
    """
    import uvicorn

    served = uvicorn.Server.main_loop

    async def main_loop(self: uvicorn.Server) -> None:
        await served(self)
        service = self.lifespan.state["service"]
        service.state = "stopping"
        await asyncio.sleep(float(os.environ["LINGER"]))
        for listening in self.servers:
            listening.close()
        service.closing = True
        await asyncio.sleep(LEAVE)

    uvicorn.Server.main_loop = main_loop  # type: ignore[method-assign]


def _let_go() -> None:
    """Let the parent of several workers, told to stop, leave the port to them: they close it when it is time.

    Else connections would wait, where nobody takes them, for as long as the last answers last.
    """
    from uvicorn.supervisors import Multiprocess

    terminated = Multiprocess.terminate_all

    def terminate_all(self: Multiprocess) -> None:
        terminated(self)
        for listening in self.sockets:
            listening.close()

    Multiprocess.terminate_all = terminate_all  # type: ignore[method-assign]


def _quietly_stopped() -> None:
    """Uvicorn raises the signal once more when it has stopped: let that end with 0."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)


def _listening(host: str, port: int) -> socket.socket:
    """A bound socket. Raises ProjectError where the address cannot be had."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        made = socket.socket(family, kind)
    except OSError as error:
        raise ProjectError(f"--host {host} is not an address of this machine ({error.strerror}).") from error
    try:
        if os.name == "posix":
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(2048)
    except OSError as error:
        made.close()
        raise ProjectError(
            f"Port {port} of {host} cannot be had ({error.strerror}). "
            "Stop what listens there, or give another --port."
        ) from error
    return made


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
        said = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8-sig"))
        return str(said["project"]["version"])
    return None
