"""One hash for each kind of input, the same on every machine."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import pytest
from poc2prod_kit.run import hashing
from poc2prod_kit.run.errors import ProjectError


def test_text_is_hashed_with_newlines_as_lf(tmp_path: Path) -> None:
    """A checkout on Windows has the same hash."""
    unix, windows = tmp_path / "a.md", tmp_path / "b.md"
    unix.write_bytes(b"one\ntwo\n")
    windows.write_bytes(b"one\r\ntwo\r\n")
    assert hashing.of_file(unix) == hashing.of_file(windows) == hashlib.sha256(b"one\ntwo\n").hexdigest()


def test_data_are_hashed_after_decompression(tmp_path: Path) -> None:
    """Packed again with another time or level, a table is the same; a csv keeps its bytes."""
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"a\r\n1\r\n", mtime=1))
    assert hashing.of_file(path) == hashlib.sha256(b"a\r\n1\r\n").hexdigest()


def test_toml_is_hashed_by_what_it_says(tmp_path: Path) -> None:
    """Comments and order change nothing; a value does."""
    one, same, other = (tmp_path / f"{name}.toml" for name in ("one", "same", "other"))
    one.write_text("a = 1 # note\nb = 2\n", encoding="utf-8")
    same.write_text("b = 2\na = 1\n", encoding="utf-8")
    other.write_text("b = 2\na = 1.5\n", encoding="utf-8")
    assert hashing.of_file(one) == hashing.of_file(same) != hashing.of_file(other)


def test_a_cut_off_file_is_named(tmp_path: Path) -> None:
    """A gzip file that a killed copy left behind is an error for people, not a traceback."""
    path = tmp_path / "split.csv.gz"
    path.write_bytes(gzip.compress(b"id,part\n" * 1000)[:-10])
    with pytest.raises(ProjectError, match=r"^split\.csv\.gz is damaged"):
        hashing.of_file(path)


def test_a_hash_is_computed_once_until_the_file_changes(tmp_path: Path) -> None:
    """The second question reads nothing; a changed file is read again."""
    path, asked = tmp_path / "a.csv", []

    def compute(file: Path) -> str:
        asked.append(file.name)
        return file.read_text(encoding="utf-8")

    path.write_text("one", encoding="utf-8")
    first = [hashing.once(compute, path) for _ in range(3)]
    path.write_text("three", encoding="utf-8")
    assert [*first, hashing.once(compute, path)] == ["one", "one", "one", "three"]
    assert asked == ["a.csv", "a.csv"]


def test_local_modules_are_followed(tmp_path: Path) -> None:
    """Imports of the package count, direct or not, relative or not; other libraries do not."""
    package = tmp_path / "shop"
    (package / "kit" / "tools").mkdir(parents=True)
    files = {
        "split.py": "import json\nfrom . import data\nfrom .kit import plots\n",
        "data.py": "import shop.kit.files\nfrom shop.kit.tools import saw\n",
        "kit/plots.py": "from .. import rules\n",
        "kit/files.py": "",
        "kit/tools/__init__.py": "",
        "kit/tools/saw.py": "",
        "rules.py": "",
        "features.py": "",
    }
    for name, text in files.items():
        (package / name).write_text(text, encoding="utf-8")
    found = hashing.local_modules(package / "split.py", package)
    assert {path.relative_to(package).as_posix() for path in found} == set(files) - {"features.py"}
