"""The command `lock`, with uv played: what it is asked to pin, and what a person is told."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.serving import locks

PYPROJECT = """
[project]
name = "x"
requires-python = ">=3.12"
dependencies = ["poc2prod-kit[pipeline]==1+vendored"]
[project.optional-dependencies]
dev = ["poc2prod-kit[export,serving]==1+vendored", "pytest>=8"]
"""
API = """
[dependency-groups]
api = ["poc2prod-kit[serving]==1+vendored"]
"""
NUMPY = f"numpy==2 \\\n    --hash=sha256:{'0' * 64} \\\n    --hash=sha256:{'1' * 64}\n"
WHEEL = f"vendor/poc2prod_kit-1+vendored-py3-none-any.whl \\\n    --hash=sha256:{'2' * 64}\n"
PANDAS = f"pandas==3 \\\n    --hash=sha256:{'3' * 64}\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project to pin, as working folder, and uv at hand."""
    (tmp_path / "pyproject.toml").write_text(PYPROJECT + API, encoding="utf-8")
    (tmp_path / "params.toml").write_text("", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(locks, "uv", lambda: "uv")
    return tmp_path


Calls = list[tuple[list[str], str]]


def played(monkeypatch: pytest.MonkeyPatch, code: int = 0, made: str = NUMPY + WHEEL + PANDAS) -> Calls:
    """What uv was called with, and what it was given to read; it writes `made` to every lock."""
    calls: Calls = []

    def run(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        calls.append((command, options["input"]))
        (options["cwd"] / command[-1]).write_text(made, encoding="utf-8")
        return subprocess.CompletedProcess(command, code, "", "no version of fastapi fits\n")

    monkeypatch.setattr(subprocess, "run", run)
    return calls


def test_the_locks_are_pinned_for_every_system_with_hashes(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All that is asked for first; then the steps' and the API's, held to its versions, the wheel left out."""
    calls = played(monkeypatch)
    (folder / "src").mkdir()
    monkeypatch.chdir(folder / "src")
    assert locks.main(["--upgrade"]) == 0
    begin, held = ["uv", "pip", "compile", *locks.OPTIONS], ["--constraints", "-"]
    end = ["--python-version", "3.12", "--upgrade", "--output-file"]
    assert calls == [
        ([*begin, "pyproject.toml", "--all-extras", *end, "requirements-dev.lock"], ""),
        ([*begin, "pyproject.toml", *held, *end, "requirements.lock"], NUMPY + PANDAS),
        ([*begin, "--group", "api", *held, *end, "requirements-api.lock"], NUMPY + PANDAS),
    ]
    assert capsys.readouterr().out == (
        "requirements-dev.lock, requirements.lock, requirements-api.lock hold what pyproject.toml asks for. "
        "Install them, run the tests, build the image.\n"
    )
    assert {"--universal", "--generate-hashes", "--no-emit-index-url"} <= set(locks.OPTIONS)


def test_without_an_api_there_are_two(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proof of concept alone has no image."""
    (folder / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    played(monkeypatch)
    assert locks.write(folder) == ["requirements-dev.lock", "requirements.lock"]


@pytest.mark.parametrize(
    "line", ["vendor/poc2prod_kit\n", "-e ./vendor/poc2prod_kit\n", "./vendor/poc2prod_kit\n"]
)
def test_an_unpacked_library_is_left_out(folder: Path, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    """A folder has no hash, so it is installed apart."""
    played(monkeypatch, made=NUMPY + line + PANDAS)
    for lock in locks.write(folder):
        assert (folder / lock).read_text(encoding="utf-8") == NUMPY + PANDAS


@pytest.mark.parametrize(
    ("asked", "lowest"),
    [(">=3.11,<3.15", "3.11"), ("<3.15, >= 3.12.1", "3.12.1"), ("~=3.13", "3.13"), ("==3.12.*", "3.12")],
)
def test_locks_are_for_the_lowest_python_that_is_asked_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch, asked: str, lowest: str
) -> None:
    """However its range is written, and whatever an editor puts before the first line."""
    text = "\ufeff" + API + PYPROJECT.replace(">=3.12", asked)
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    calls = played(monkeypatch)
    locks.write(folder)
    pythons = [command[command.index("--python-version") + 1] for command, _ in calls]
    assert pythons == [lowest] * 3


def test_a_python_that_is_not_named_is_told(folder: Path) -> None:
    """Before uv is started."""
    text = PYPROJECT.replace('requires-python = ">=3.12"\n', "")
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ProjectError, match=r"^pyproject\.toml must name the lowest Python"):
        locks.write(folder)


def test_what_uv_cannot_pin_is_told_in_its_words(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lock and the reason."""
    played(monkeypatch, code=1)
    with pytest.raises(
        ProjectError, match=r"^uv could not make requirements-dev\.lock: no version of fastapi"
    ):
        locks.main([])


def test_an_unreadable_pyproject_is_told(folder: Path) -> None:
    """Before uv is started."""
    (folder / "pyproject.toml").write_text("[project\n", encoding="utf-8")
    with pytest.raises(ProjectError, match=r"^pyproject\.toml cannot be read"):
        locks.main([])


def test_without_uv_it_says_where_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither on PATH nor beside Python."""
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    with pytest.raises(ProjectError, match=r"^uv makes the locks, and it is not here: https"):
        locks.uv()


def test_another_option_is_a_wrong_call(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is run."""
    assert (locks.main(["--now"]), capsys.readouterr().err) == (2, "usage: lock [--upgrade]\n")
