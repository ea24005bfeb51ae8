"""Docker or Podman, asked through its command: build an image, run it without rights, take it away again."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.paths import package

ENGINES = ("docker", "podman")
PORT, PATIENCE, GRACE = 8000, 60.0, 35
SHOWN = 5
OPTIONS = "what stands after -- goes to `docker build`, such as -- --no-cache --network host"
CONFINED = (
    *("--read-only", "--tmpfs", "/tmp:size=64m", "--cap-drop", "ALL"),
    *("--security-opt", "no-new-privileges", "--memory", "512m", "--pids-limit", "256"),
)
Json = dict[str, Any]


class Engine:
    """One engine, by the name of its command. Raises ProjectError with the engine's own words."""

    def __init__(self, name: str) -> None:
        self.name = name

    def call(self, *arguments: str) -> tuple[int, str, str]:
        """Run the command with these arguments: exit code, output, errors."""
        command = [self.name, *arguments]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", check=False)
        return done.returncode, done.stdout, done.stderr

    def show(self, *arguments: str) -> int:
        """Run the command with its output shown as it comes; its exit code."""
        return subprocess.run([self.name, *arguments], check=False).returncode

    def say(self, *arguments: str) -> str:
        """What the command prints."""
        code, out, wrong = self.call(*arguments)
        if code:
            raise ProjectError(f"{self.name} {arguments[0]} failed: {last(wrong or out)}")
        return out.strip()

    def version(self) -> str:
        """The version of the engine, not of its command."""
        content: Json = json.loads(self.say("version", "--format", "json"))
        side = content.get("Server") or content.get("Client") or {}
        return str(side.get("Version", "unknown"))

    def inspect(self, kind: str, name: str) -> Json | None:
        """What the engine knows of an image or container; None where there is none of that name."""
        code, out, _ = self.call(kind, "inspect", name)
        items: list[Json] = [] if code else json.loads(out)
        return items[0] if items else None

    def build(self, root: Path, tag: str, options: Sequence[str]) -> float:
        """Build the image of a folder, showing the engine's output; seconds that it took."""
        began = time.monotonic()
        # Podman's own format of images knows no health check.
        known = ("--format", "docker") if self.name == "podman" else ()
        if self.show("build", *known, "--tag", tag, *options, str(root)):
            again = f"If no name resolved there: python -m {package().name} image -- --network host"
            more = "" if any(word.startswith("--network") for word in options) else f" {again}"
            raise ProjectError(f"The image could not be built: {self.name} says above why.{more}")
        return round(time.monotonic() - began, 1)

    def digest(self, image: str) -> str | None:
        """By which digest a registry knows an image, else the engine's own id; None if it is not here."""
        result = self.inspect("image", image)
        if result is None:
            return None
        known = [name.partition("@")[2] for name in result.get("RepoDigests") or []]
        return known[0] if known else own_id(result)


def interruptible() -> None:
    """Let SIGTERM and SIGHUP end a command as Ctrl-C does, so that nothing that it started stays behind."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    for name in ("SIGTERM", "SIGHUP"):
        if number := getattr(signal, name, None):
            signal.signal(number, interrupt)


def find() -> Engine:
    """The first engine that answers. Raises ProjectError where none does."""
    heard = []
    for name in ENGINES:
        if not shutil.which(name):
            heard.append(f"{name} is not installed")
            continue
        code, _, wrong = Engine(name).call("version")
        if not code:
            return Engine(name)
        heard.append(f"{name} says: {last(wrong)}")
    raise ProjectError(
        f"No container engine answers ({'; '.join(heard)}). Install or start one, and try again."
    )


def own_id(image: Json) -> str:
    """The id of an inspected image, with the name of its hash."""
    return "sha256:" + str(image["Id"]).removeprefix("sha256:")


def last(text: str) -> str:
    """The last line of a text, for a message."""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "nothing")[:300]


class Container:
    """A running container, and when it was started."""

    def __init__(self, engine: Engine, name: str) -> None:
        self.engine, self.name, self.began = engine, name, time.monotonic()

    def address(self) -> str:
        """Where its port is reached on this machine, as http://127.0.0.1:32768."""
        line = self.engine.say("port", self.name, f"{PORT}/tcp").splitlines()[0]
        return f"http://127.0.0.1:{line.rpartition(':')[2]}"

    def healthy(self) -> float:
        """Wait until the engine finds it healthy; seconds since its start."""
        while time.monotonic() - self.began < PATIENCE:
            state = self.state()
            health = (state.get("Health") or state.get("Healthcheck") or {}).get("Status")
            if health == "healthy":
                return round(time.monotonic() - self.began, 2)
            if health == "unhealthy" or not state.get("Running"):
                break
            time.sleep(0.1)
        raise ProjectError(f"The container did not become healthy. It said last: {self.words()}")

    def state(self) -> Json:
        """What the engine says of it now."""
        return dict((self.engine.inspect("container", self.name) or {}).get("State", {}))

    def words(self) -> str:
        """The last lines that it logged."""
        _, out, wrong = self.engine.call("logs", "--tail", str(SHOWN), self.name)
        return (out + wrong).strip()[-1000:] or "nothing"

    def inside(self, code: str) -> str:
        """What a Python program prints inside it."""
        return self.engine.say("exec", self.name, "python", "-c", code)

    def stop(self) -> Json:
        """Ask it to end, as an orchestrator does: its exit code, and seconds until it had ended."""
        began = time.monotonic()
        self.engine.say("stop", "--time", str(GRACE), self.name)
        return {"exit": self.state().get("ExitCode"), "seconds": round(time.monotonic() - began, 2)}


@contextmanager
def started(engine: Engine, image: str) -> Iterator[Container]:
    """A container of the image without rights; gone when the block ends, however it ends."""
    name = f"smoke-{os.getpid()}-{time.time_ns():x}"
    made = Container(engine, name)
    try:
        # Python as process 1 does not end when it is told to stop while it starts. Podman may lack an init.
        first = ("--init",) if engine.name == "docker" else ()
        published = ("--publish", f"127.0.0.1::{PORT}")
        engine.say("run", "--detach", "--name", name, *first, *CONFINED, *published, image)
        yield made
    finally:
        engine.call("rm", "--force", "--volumes", name)
