"""The command uses its own copy of the library, and reads the numbers of a project's copy unexecuted."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT
from poc2prod_kit.run import results_versions

from poc2prod.files import Root, Unreadable
from poc2prod.project import Facts, Now
from poc2prod.vendored import place, read

WHEEL = "vendor/poc2prod_kit-0.1.0+vendored-py3-none-any.whl"


def wheel(root: Path, text: str, name: str = WHEEL) -> None:
    """A wheel with these numbers."""
    (root / "vendor").mkdir(exist_ok=True)
    with zipfile.ZipFile(root / name, "w") as archive:
        archive.writestr(results_versions.FILE, text)


def imported(code: str, first: Path) -> subprocess.CompletedProcess[str]:
    """Run code with another library first on the path."""
    begin = f"import sys; sys.path[:0] = [{str(first)!r}, {str(ROOT / 'src')!r}]; "
    return subprocess.run(
        [sys.executable, "-c", begin + code], capture_output=True, text=True, cwd=first, check=False
    )


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A folder with another poc2prod_kit."""
    (tmp_path / "poc2prod_kit").mkdir()
    (tmp_path / "poc2prod_kit" / "__init__.py").write_text("", encoding="utf-8")
    return tmp_path


def test_our_own_copy_wins(other: Path) -> None:
    """Over one that is first on the path."""
    done = imported("import poc2prod; from poc2prod_kit.run import hashing; print(hashing.__file__)", other)
    assert done.stdout.strip() == str(ROOT / "kit/src/poc2prod_kit/run/hashing.py"), done.stderr


def test_another_copy_that_is_loaded_is_refused(other: Path) -> None:
    """By its place."""
    done = imported("import poc2prod_kit; import poc2prod", other)
    assert f"Another copy of poc2prod_kit is loaded already: {other}" in done.stderr


def test_the_numbers_are_those_of_the_project(tmp_path: Path) -> None:
    """Of its wheel; of an unpacked library before it; of ours where there is none."""
    files = Root(str(tmp_path))
    assert (place(files), read(files, "")) == ("", results_versions.all_steps())
    wheel(tmp_path, '{"evaluate": 7}')
    assert (place(files), read(files, WHEEL)) == (WHEEL, {"evaluate": 7})
    assert Facts(str(tmp_path)).now("poc2prod-kit#evaluate") == Now("7", "recomputed")
    assert Facts(str(tmp_path)).now("poc2prod-kit#split") == Now(None, "recomputed")
    unpacked = tmp_path / "vendor/poc2prod_kit/src" / results_versions.FILE
    unpacked.parent.mkdir(parents=True)
    unpacked.write_text('{"evaluate": 8}', encoding="utf-8")
    assert Facts(str(tmp_path)).now("poc2prod-kit#evaluate") == Now("8", "recomputed")


@pytest.mark.parametrize("text", ["", "[]", '{"evaluate": "1"}', '{"evaluate": true}', "import os"])
def test_numbers_that_are_none_are_damage(tmp_path: Path, text: str) -> None:
    """They are parsed, never executed."""
    wheel(tmp_path, text)
    assert isinstance(read(Root(str(tmp_path)), WHEEL), Unreadable)


@pytest.mark.parametrize("content", [b"", b"PK", b"no zip"])
def test_a_damaged_wheel_is_damage(tmp_path: Path, content: bytes) -> None:
    """Its reason names it."""
    (tmp_path / "vendor").mkdir()
    (tmp_path / WHEEL).write_bytes(content)
    assert str(read(Root(str(tmp_path)), WHEEL)).startswith(
        f"{WHEEL} holds no results versions: it is damaged"
    )


def test_of_two_wheels_none_is_taken(tmp_path: Path) -> None:
    """It is not known which one is installed."""
    wheel(tmp_path, '{"evaluate": 7}')
    wheel(tmp_path, '{"evaluate": 8}', WHEEL.replace("0.1.0", "0.2.0"))
    assert Facts(str(tmp_path)).now("poc2prod-kit#evaluate") == Now("unreadable", "recomputed")
