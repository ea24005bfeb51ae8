"""A hostile project is read safely: nothing outside, nothing that hangs, damage as a value."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from poc2prod.files import JSON_LIMIT, Damaged, Root, Unreadable
from poc2prod.project import Facts, Now


def facts(root: Path) -> Facts:
    """Facts of a folder."""
    return Facts(str(root))


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/../../x", "..\\x", "C:/x", "a\0b"])
def test_names_that_lead_out_are_refused(tmp_path: Path, name: str) -> None:
    """No name reaches outside of the root."""
    with pytest.raises(Damaged):
        Root(str(tmp_path)).place(name)


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no symlinks here")
@pytest.mark.parametrize("link", ["a.json", "folder"])
def test_links_that_lead_out_are_refused(tmp_path: Path, link: str) -> None:
    """Neither a linked file nor a linked folder is read."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out/a.json").write_text("1", encoding="utf-8")
    root = tmp_path / "p"
    root.mkdir()
    (root / link).symlink_to(tmp_path / ("out/a.json" if link == "a.json" else "out"))
    name = "a.json" if link == "a.json" else "folder/a.json"
    assert facts(root).json(name) == Unreadable(
        name, "leads out of the project through a link, so it is not read"
    )


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs here")
def test_a_fifo_does_not_hang(tmp_path: Path) -> None:
    """Only regular files are read."""
    os.mkfifo(tmp_path / "a.json")
    assert facts(tmp_path).json("a.json") == Unreadable("a.json", "is not a regular file")


def test_a_huge_file_is_refused_by_its_size(tmp_path: Path) -> None:
    """Nothing of it is read."""
    with (tmp_path / "a.json").open("wb") as file:
        file.truncate(2 << 30)
    assert facts(tmp_path).json("a.json") == Unreadable(
        "a.json", f"has 2,147,483,648 bytes; at most {JSON_LIMIT:,} are read"
    )


@pytest.mark.parametrize("content", [b"[" * 100_000, b"\xff\xfe", b"", b'{"a": 1, "a": 2}', b"{"])
def test_damaged_json_is_a_value(tmp_path: Path, content: bytes) -> None:
    """Deep nesting, other encodings, emptiness and keys given twice."""
    (tmp_path / "a.json").write_bytes(content)
    assert isinstance(facts(tmp_path).json("a.json"), Unreadable)


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    """A small file that unpacks to gigabytes is given up."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data/x.csv.gz").write_bytes(gzip.compress(bytes(300 << 20), 9, mtime=0))
    assert facts(tmp_path).now("data/x.csv.gz") == Now("unreadable", "recomputed")


def test_paths_are_mapped(tmp_path: Path) -> None:
    """[paths] says where a name really lies."""
    (tmp_path / "poc2prod.toml").write_text(
        '[paths]\nreports = "out/json"\n"params.toml" = "conf.toml"\n', encoding="utf-8"
    )
    (tmp_path / "out/json").mkdir(parents=True)
    (tmp_path / "out/json/a.json").write_text("7", encoding="utf-8")
    (tmp_path / "conf.toml").write_text("seed = 3\n", encoding="utf-8")
    found = facts(tmp_path)
    assert (found.json("reports/a.json"), found.param("seed")) == (7, 3)


def test_what_is_read_is_recorded(tmp_path: Path) -> None:
    """Also what is absent, and what was computed once for several checks."""
    found = facts(tmp_path)
    with found.recording() as read:
        found.param("a.b")
        found.json("reports/x.json")
    with found.recording() as first:
        found.shared("k", lambda: found.param("c"))
    with found.recording() as second:
        found.shared("k", lambda: found.param("c"))
    assert (read, first, second) == (
        {"params.toml#a.b", "reports/x.json"},
        {"params.toml#c"},
        {"params.toml#c"},
    )


def test_nothing_there_is_no_error(tmp_path: Path) -> None:
    """An empty folder gives absent values."""
    found = facts(tmp_path)
    assert (found.param("a"), found.report("data"), found.form("problem"), found.damage) == (
        None,
        None,
        None,
        [],
    )
