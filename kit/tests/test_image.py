"""The command `image`, with a played engine: what it asks for, what it says, what it leaves behind."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.serving import api_probe, engine, export_step, health, image

GOLDEN = [({"age": 1}, {"prediction": True, "probability": 0.75})]
DOCKERFILE = "FROM python:3.13.0-slim AS base\nFROM base AS source\nFROM node:22.1.0 as pages\nFROM base\n"
VERSION = {"model": "m", "source": "s", "data": None, "version": "0.1.0"}


class Api(BaseHTTPRequestHandler):
    """Answers as the API in a container does; `said` is what it predicts, `ready` its state."""

    protocol_version = "HTTP/1.1"
    said: dict[str, Any] = {}  # noqa: RUF012
    ready = 200

    def do_GET(self) -> None:
        """/version, and /ready."""
        self.answer(self.ready if self.path == "/ready" else 200, VERSION)

    def do_POST(self) -> None:
        """A prediction, whatever is asked."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(200, self.said)

    def answer(self, status: int, content: dict[str, Any]) -> None:
        """JSON."""
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The port of a played API that answers as offline."""
    monkeypatch.setattr(Api, "said", {**GOLDEN[0][1], "model": "m"})
    with ThreadingHTTPServer(("127.0.0.1", 0), Api) as server:
        server.block_on_close = False
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


class Played(engine.Engine):
    """An engine whose answers are given by the first words of what it is asked; it keeps what that was."""

    def __init__(self, port: int = 1, **changes: Any) -> None:
        super().__init__("docker")
        self.asked: list[tuple[str, ...]] = []
        self.port, self.exit = port, changes.get("exit", 0)
        self.state = {
            "Running": True,
            "Health": {"Status": "healthy"},
            "ExitCode": self.exit,
            **changes.get("state", {}),
        }
        self.inside = changes.get("inside", "10001:10001\n")
        self.images: dict[str, dict[str, Any]] = changes.get(
            "images", {"x:local": {"Id": "sha256:ab", "Size": 3e8}}
        )
        self.built = changes.get("built", 0)

    def call(self, *arguments: str) -> tuple[int, str, str]:
        """Play one command."""
        self.asked.append(arguments)
        match arguments:
            case "image", "inspect", name:
                return (0, json.dumps([self.images[name]]), "") if name in self.images else (1, "[]", "none")
            case "container", "inspect", _:
                return 0, json.dumps([{"State": self.state}]), ""
            case "port", *_:
                return 0, f"127.0.0.1:{self.port}\n", ""
            case "exec", *_:
                return 0, self.inside, ""
            case "logs", *_:
                return 0, "first\n", "the last words\n"
        return 0, "", ""

    def show(self, *arguments: str) -> int:
        """Play a build or a pull."""
        self.asked.append(arguments)
        return int(self.built)


def test_a_container_gets_no_right_it_does_not_need(port: int) -> None:
    """Read-only, no capability, no new privilege, a port of this machine alone; removed when it was asked."""
    played = Played(port)
    found = image.observed(played, "x:local", GOLDEN, "s")
    run = next(words for words in played.asked if words[0] == "run")
    name = run[3]
    assert run == (
        *("run", "--detach", "--name", name, "--init", "--read-only", "--tmpfs", "/tmp:size=64m"),
        *("--cap-drop", "ALL"),
        *("--security-opt", "no-new-privileges", "--memory", "512m", "--pids-limit", "256"),
        *("--publish", "127.0.0.1::8000", "x:local"),
    )
    assert played.asked[-1] == ("rm", "--force", "--volumes", name)
    stop, start = found.pop("stop"), found.pop("start_s")
    assert (stop["exit"], start < 60) == (0, True)
    assert found == {
        "digest": "sha256:ab",
        "size_mb": 300.0,
        "user": "10001:10001",
        "read_only": True,
        "health": "healthy",
        "golden": {"rows": 1, "differing": 0, "largest_difference": 0.0},
        "model": "m",
    }
    assert image.faults({**found, "stop": stop}, "m") == []


def test_each_thing_that_is_not_as_it_must_be_is_said(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another answer, another model, root, a file system that can be written, an exit code."""
    monkeypatch.setattr(Api, "said", {"prediction": True, "probability": 0.8, "model": "m"})
    found = image.observed(Played(port, inside="0:0\n/\n/app\n", exit=137), "x:local", GOLDEN, "s")
    wrong = image.faults(found, "another")
    assert wrong == [
        "1 of 1 golden rows are answered otherwise than offline: build the image anew, or write the golden "
        "predictions anew if the model changed on purpose (python -m project api --golden).",
        "The image serves the model m, models/ holds another: build it anew.",
        "It runs as 0:0, which is root: say USER 10001 in the Dockerfile.",
        "It could write to its own file system.",
        "It ended with 137 when it was asked to stop, not with 0.",
    ]


@pytest.mark.parametrize(
    "state", [{"Health": {"Status": "unhealthy"}}, {"Running": False, "Health": {"Status": "starting"}}]
)
def test_a_container_that_does_not_get_well_is_taken_away_and_its_words_told(state: dict[str, Any]) -> None:
    """Unhealthy or gone: no waiting, its last words, and no container left."""
    played, began = Played(state=state), time.monotonic()
    with pytest.raises(ProjectError) as told:
        image.observed(played, "x:local", GOLDEN, "s")
    assert time.monotonic() - began < 30
    assert str(told.value) == ("The container did not become healthy. It said last: first\nthe last words")
    assert played.asked[-1][:2] == ("rm", "--force")


def test_an_image_of_another_source_is_not_recorded(
    port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """--no-build with the image of an earlier day: a sentence, no record, no container left."""
    played = Played(port)
    monkeypatch.setattr(engine, "find", lambda: played)
    monkeypatch.setattr(engine, "interruptible", lambda: None)
    monkeypatch.setattr(image, "Project", lambda: SimpleNamespace(root=tmp_path))
    monkeypatch.setattr(export_step, "read", lambda _: {"rows": [{"request": {}, "answer": {}}]})
    (tmp_path / "Dockerfile").write_text(DOCKERFILE, encoding="utf-8")
    with pytest.raises(ProjectError, match=r"^The image holds the source s, here it is [0-9a-f]{64}, so no"):
        image.main(["--tag", "x:local", "--no-build"])
    assert not (tmp_path / "records").exists()
    assert played.asked[-1][:2] == ("rm", "--force")


def test_an_interrupted_run_leaves_no_container(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    """Ctrl-C while it is asked."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(api_probe, "compare", interrupted)
    played = Played(port)
    with pytest.raises(KeyboardInterrupt):
        image.observed(played, "x:local", GOLDEN, "s")
    assert played.asked[-1][:2] == ("rm", "--force")


def test_a_container_that_does_not_answer_is_a_sentence() -> None:
    """Healthy, but nobody listens at its port."""
    with pytest.raises(
        ProjectError, match=r"^The container is healthy and does not answer \(.*said last: first\n"
    ):
        image.observed(Played(port=1), "x:local", GOLDEN, "s")


def test_an_image_that_was_not_built_is_named() -> None:
    """--no-build without an image."""
    with pytest.raises(ProjectError, match=r"^There is no image y:local\. Build it: leave --no-build out\.$"):
        image.observed(Played(), "y:local", GOLDEN, "s")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What a build reads of a project."""
    (tmp_path / "Dockerfile").write_text(DOCKERFILE, encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text('\ufeff[project]\nversion = "1.2.3"\n', encoding="utf-8")
    return tmp_path


def test_a_build_is_told_the_source_and_gets_the_options_that_were_passed_on(folder: Path) -> None:
    """The base is fetched first where it is not there, so that its digest can be told."""
    played = Played()
    image.build(played, folder, "x:local", "s", ["--network", "host"])
    shown = [words for words in played.asked if words[0] in ("pull", "build")]
    assert shown == [
        ("pull", "python:3.13.0-slim"),
        (
            *("build", "--tag", "x:local", "--build-arg", "SOURCE=s", "--build-arg", "VERSION=1.2.3"),
            *("--network", "host", str(folder)),
        ),
    ]


def test_a_build_that_fails_is_a_sentence(folder: Path) -> None:
    """The engine has shown why."""
    played = Played(images={"python:3.13.0-slim": {"Id": "ab"}}, built=1)
    with pytest.raises(
        ProjectError,
        match=r"^The image could not be built: docker says above why\. .*--network host$",
    ):
        image.build(played, folder, "x:local", "s", [])


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({"RepoDigests": ["python@sha256:12"], "Id": "34"}, "sha256:12"),
        ({"RepoDigests": [], "Id": "34"}, "sha256:34"),
        (None, None),
    ],
)
def test_the_base_is_recorded_by_name_and_digest(
    folder: Path, known: dict[str, Any] | None, expected: str | None
) -> None:
    """As the Dockerfile names it for its last stage; the registry's digest, the engine's id, or none."""
    base = image.base_name(folder)
    played = Played(images={base: known} if known else {})
    assert (base, played.digest(base)) == ("python:3.13.0-slim", expected)


@pytest.mark.parametrize("text", ["", "ARG BASE\nFROM ${BASE}\n"])
def test_a_dockerfile_that_names_no_base_is_told(folder: Path, text: str) -> None:
    """So is one that is not there."""
    (folder / "Dockerfile").write_text(text, encoding="utf-8")
    with pytest.raises(ProjectError, match="must name its base"):
        image.base_name(folder)
    (folder / "Dockerfile").unlink()
    with pytest.raises(ProjectError, match="is not there"):
        image.base_name(folder)


def test_no_engine_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither docker nor podman."""
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ProjectError) as told:
        engine.find()
    assert str(told.value) == (
        "No container engine answers (docker is not installed; podman is not installed). "
        "Install or start one, and try again."
    )


def test_an_engine_that_is_not_running_is_told_in_its_own_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """docker is installed, but what it needs was not started; podman answers, so it is taken."""
    monkeypatch.setattr(shutil, "which", lambda name: name)
    down = (1, "", "Cannot connect to the Docker daemon.\n")
    monkeypatch.setattr(
        engine.Engine, "call", lambda self, *_: down if self.name == "docker" else (0, "", "")
    )
    assert engine.find().name == "podman"
    monkeypatch.setattr(engine.Engine, "call", lambda *_: down)
    with pytest.raises(
        ProjectError, match=r"docker says: Cannot connect to the Docker daemon\.; podman says"
    ):
        engine.find()


@pytest.mark.parametrize(
    "arguments", [["--no-build", "--", "--no-cache"], ["--tag=-x"], ["--network", "host"]]
)
def test_a_wrong_call_is_told_before_anything_is_done(arguments: list[str]) -> None:
    """Options of the build stand after --, and only where something is built."""
    with pytest.raises(SystemExit) as ended:
        image._options(arguments)
    assert ended.value.code == 2


def test_the_health_check_asks_whether_it_is_ready(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """200 is well; another answer, or none, is not."""
    assert health.ready(port)
    monkeypatch.setattr(Api, "ready", 503)
    assert not health.ready(port)
    assert not health.ready(1)
