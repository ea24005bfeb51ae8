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
dependencies = ["numpy>=1.26"]
[project.optional-dependencies]
api = ["fastapi>=0.115", "numpy>=1.26"]
export = ["onnx>=1.17"]
dev = ["x[api,export]", "pytest>=8"]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project to pin, as working folder, and uv at hand."""
    (tmp_path / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    (tmp_path / "params.toml").write_text("", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(locks, "uv", lambda: "uv")
    return tmp_path


def played(monkeypatch: pytest.MonkeyPatch, code: int = 0) -> list[tuple[list[str], str, Path]]:
    """What uv was called with, what it was given to read, and where."""
    calls: list[tuple[list[str], str, Path]] = []

    def run(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        calls.append((command, options["input"], options["cwd"]))
        return subprocess.CompletedProcess(command, code, "", "no version of fastapi fits\n")

    monkeypatch.setattr(subprocess, "run", run)
    return calls


def test_both_locks_are_pinned_for_every_system_with_hashes(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All that the project needs less itself; then the API's alone, held to the versions of the first."""
    calls = played(monkeypatch)
    (folder / "src").mkdir()
    monkeypatch.chdir(folder / "src")
    assert locks.main(["--upgrade"]) == 0
    common = ["uv", "pip", "compile", "-", *locks.OPTIONS, "--python-version", "3.12"]
    upgraded = ["--upgrade", "--output-file"]
    everything = ["numpy>=1.26", "fastapi>=0.115", "numpy>=1.26", "onnx>=1.17", "pytest>=8"]
    assert calls == [
        ([*common, *upgraded, "requirements.lock"], "\n".join(everything), folder),
        (
            [*common, "--constraints", "requirements.lock", *upgraded, "requirements-api.lock"],
            "fastapi>=0.115\nnumpy>=1.26",
            folder,
        ),
    ]
    assert capsys.readouterr().out == (
        "requirements.lock and requirements-api.lock hold what pyproject.toml asks for. "
        "Install it, run the tests, build the image.\n"
    )
    assert {"--universal", "--generate-hashes", "--no-emit-index-url"} <= set(locks.OPTIONS)


@pytest.mark.parametrize(
    ("asked", "lowest"),
    [(">=3.11,<3.15", "3.11"), ("<3.15, >= 3.12.1", "3.12.1"), ("~=3.13", "3.13"), ("==3.12.*", "3.12")],
)
def test_locks_are_for_the_lowest_python_that_is_asked_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch, asked: str, lowest: str
) -> None:
    """However its range is written, and whatever an editor puts before the first line."""
    text = "\ufeff" + PYPROJECT.replace(">=3.12", asked)
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    calls = played(monkeypatch)
    locks.write(folder)
    pythons = [command[command.index("--python-version") + 1] for command, _, _ in calls]
    assert pythons == [lowest, lowest]


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
        ProjectError, match=r"^uv could not make requirements\.lock: no version of fastapi fits$"
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
