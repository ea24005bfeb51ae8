"""What tests of the command share: a home of their own, and the command as a function."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from poc2prod import evidence
from poc2prod.cli import run
from poc2prod.evidence.finding import Finding

ROOT = Path(__file__).parents[1]
HARD = 'O\'Brien "Q" \\ {{ 7*7 }} <b>é漢🎉'


def pytest_configure() -> None:
    """Shells let what they start in the background ignore Ctrl-C; what tests start must not inherit that."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code and what it printed."""

    code: int
    out: str
    err: str


Command = Callable[..., Ended]


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder but git's, by its path."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in paths if ".git" not in p.parts}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty HOME and an empty working directory; no settings of git or Cookiecutter from outside."""
    folder, work = tmp_path / "home", tmp_path / "work"
    folder.mkdir()
    work.mkdir()
    for name in [n for n in os.environ if n.startswith(("GIT_", "XDG_", "COOKIECUTTER"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.chdir(work)
    return folder


@pytest.fixture
def poc2prod(home: Path, capfd: pytest.CaptureFixture[str]) -> Command:
    """The command in this process, run in the empty working directory."""

    def call(*arguments: str) -> Ended:
        capfd.readouterr()
        code = run(list(arguments))
        out, err = capfd.readouterr()
        return Ended(code, out, err)

    return call


@pytest.fixture(autouse=True)
def _mistakes_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that fails by a mistake of its own, which no project's file can cause, fails its test."""
    crashed = evidence._crashed

    def seen(error: Exception) -> Finding:
        if isinstance(error, NameError | ImportError | AssertionError | SyntaxError):
            raise error
        return crashed(error)

    monkeypatch.setattr(evidence, "_crashed", seen)


@pytest.fixture
def identity(home: Path) -> None:
    """A user whom git knows."""
    (home / ".gitconfig").write_text("[user]\nname = Ada\nemail = ada@example.org\n", encoding="utf-8")


def _build(source: Path, kind: str, folder: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(folder)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    return next(folder.iterdir())


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the checkout."""
    return _build(ROOT, "wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sdist of the checkout."""
    return _build(ROOT, "sdist", tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="session")
def sdist_wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel built from the unpacked sdist."""
    folder = tmp_path_factory.mktemp("unpacked")
    shutil.unpack_archive(sdist, folder, filter="data")
    return _build(next(folder.iterdir()), "wheel", tmp_path_factory.mktemp("sdist_wheel"))
