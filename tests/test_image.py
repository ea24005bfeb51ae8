"""The container for real: built, started without rights, asked, stopped. Skipped where no engine answers."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bakes import clean_environment, run
from conftest import ROOT

NETWORK = ("--network", "host")


def engine() -> str:
    """Why nothing can be built here, or ""."""
    if not shutil.which("docker"):
        return "docker is not installed"
    asked = subprocess.run(["docker", "version"], capture_output=True, text=True, check=False)
    return f"no engine answers: {asked.stderr.strip()[-100:]}" if asked.returncode else ""


pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(engine()), reason=engine() or "an engine answers")]


@pytest.fixture(scope="module", params=["employment", "bikeshare"])
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A demo with its model and its contract; each worker builds images of its own name."""
    folder = tmp_path_factory.mktemp(request.param) / "made"
    package = f"p2p_{request.param}_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    answers = ("--set", f"demo={request.param}", "--set", f"package={package}")
    done = run(ROOT, sys.executable, "-m", "poc2prod", "new", str(folder), "--no-input", "--no-git", *answers)
    assert done.returncode == 0, done.stderr
    for steps in (["poc"], ["contract", "api"]):
        done = python(folder, *steps)
        assert done.returncode == 0, done.stderr
    yield folder
    subprocess.run(["docker", "image", "rm", "--force", tag(folder)], capture_output=True, check=False)


def python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command of the project, and the engine that this process knows."""
    known = {key: value for key, value in os.environ.items() if key.startswith("DOCKER")}
    environment = clean_environment(PYTHONPATH=str(folder / "src"), **known)
    package = next(path.parent.name for path in folder.glob("src/*/__main__.py"))
    return run(folder, sys.executable, "-m", package, *arguments, environment=environment)


def docker(*arguments: str) -> str:
    """What docker prints."""
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def tag(folder: Path) -> str:
    """The name of its image."""
    package = next(path.parent.name for path in folder.glob("src/*/__main__.py"))
    return f"{package.replace('_', '-')}:local"


def last_record(folder: Path) -> dict[str, Any]:
    """The newest record of an image."""
    newest = max(folder.glob("records/image-*.json"), key=lambda path: path.stat().st_mtime_ns)
    found: dict[str, Any] = json.loads(newest.read_text(encoding="utf-8"))
    return found


def test_the_image_answers_as_the_pipeline_does(project: Path) -> None:
    """Built, read-only, not root, healthy, stopped with 0; golden rows, model and source are those here."""
    done = python(project, "image", "--", *NETWORK)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    said = last_record(project)
    found = said["results"]
    golden = json.loads((project / "tests/golden/predictions.json").read_text(encoding="utf-8"))
    kept = ("name", "user", "read_only", "health", "model")
    assert {key: found[key] for key in kept} == {
        "name": tag(project),
        "user": "10001:10001",
        "read_only": True,
        "health": "healthy",
        "model": golden["model"],
    }
    assert (found["golden"]["rows"], found["golden"]["differing"]) == (len(golden["rows"]), 0)
    assert (found["stop"]["exit"], found["size_mb"] < 400, found["stop"]["seconds"] < 10) == (0, True, True)
    labels = json.loads(docker("image", "inspect", tag(project)))[0]["Config"]["Labels"]
    prefix = "org.opencontainers.image."
    assert {key.removeprefix(prefix): value for key, value in labels.items() if key.startswith(prefix)} == {
        "title": tag(project).partition(":")[0],
        "licenses": "MIT",
        "version": "0.1.0",
        "revision": said["source"],
    }
    assert (
        docker("ps", "--all", "--quiet", "--filter", "name=smoke-", "--filter", f"ancestor={tag(project)}")
        == ""
    )


@pytest.mark.parametrize("project", ["employment"], indirect=True)
def test_the_image_holds_nothing_but_what_serves(project: Path) -> None:
    """No rows, no tests, no fitted model, no pandas, no pip beside the packages, no .env lying about."""
    (project / ".env").write_text("PASSWORD=1\n", encoding="utf-8")
    (project / "src" / ".env").write_text("PASSWORD=1\n", encoding="utf-8")
    done = python(project, "image", "--", *NETWORK)
    assert done.returncode == 0, done.stderr
    there = docker("run", "--rm", tag(project), "find", "/app", "-not", "-path", "/app/src/*", "-type", "f")
    assert sorted(there.splitlines()) == [
        *("/app/contract/examples.json", "/app/contract/openapi.json"),
        *("/app/models/serving.json", "/app/models/serving.onnx"),
        *("/app/params.toml", "/app/pyproject.toml", "/app/schema.toml", "/app/source.txt"),
    ]
    hidden = docker("run", "--rm", tag(project), "find", "/app/src", "-name", ".*")
    installed = docker("run", "--rm", tag(project), "ls", "/opt/venv/lib/python3.13/site-packages").split()
    assert (hidden, {"pandas", "sklearn", "scipy", "pip", "matplotlib"} & set(installed)) == ("", set())


@pytest.mark.parametrize("project", ["employment"], indirect=True)
def test_an_image_of_other_code_is_not_taken_for_this_one(project: Path) -> None:
    """A rule changed after the build: what is asked then is another source, so it is not recorded."""
    assert python(project, "image", "--", *NETWORK).returncode == 0
    rules = next(project.glob("src/*/rules.py"))
    before, recorded = rules.read_text(encoding="utf-8"), sorted((project / "records").iterdir())
    rules.write_text(before + "\nCHANGED = 1\n", encoding="utf-8")
    done = python(project, "image", "--no-build")
    rules.write_text(before, encoding="utf-8")
    assert (done.returncode, "The image holds the source" in done.stderr) == (2, True)
    assert sorted((project / "records").iterdir()) == recorded
