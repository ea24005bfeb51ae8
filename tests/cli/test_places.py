"""Checkouts that are unlike the usual: read-only, without hard links, a worktree, two iterations at once."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from conftest import Command, tree

from poc2prod import state
from poc2prod.files import Root

ME = ("--as", "Ada <ada@x.org>")


def close_to_writers(monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    """Refuse what a read-only checkout refuses, to root too."""
    makedirs, opened = os.makedirs, os.open

    def refuse(path: str | Path, *more: object, **named: object) -> None:
        if not Path(path).is_dir():
            raise PermissionError(13, "Permission denied", str(path))
        makedirs(path, *more, **named)  # type: ignore[arg-type]

    def read(path: str | Path, flags: int, *more: int, **named: int) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) and str(path).startswith(str(root)):
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, flags, *more, **named)

    monkeypatch.setattr(os, "makedirs", refuse)
    monkeypatch.setattr(os, "open", read)


def test_a_read_only_checkout_can_be_looked_at(
    poc2prod: Command, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What only reads works as ever; what would record or keep says why it cannot, and leaves nothing."""
    where, before = ("--project", str(root)), tree(root)
    close_to_writers(monkeypatch, root.resolve())
    looks = (("status",), ("next",), ("show", "data"), ("gate", "poc"), ("report",))
    assert [poc2prod(*call, *where).code for call in looks] == [0, 0, 0, 3, 0]
    signed, checked = poc2prod("sign", "problem", *ME, "--yes", *where), poc2prod("check", *where)
    said = "cannot be written (Permission denied)"
    assert (signed.code, signed.err.startswith("error: .poc2prod/events/00000001-")) == (1, True)
    assert signed.err.endswith(f".json {said}. Is the checkout read-only?\n")
    assert (checked.code, checked.err) == (
        1,
        f"error: .poc2prod/checks/approaches.json {said}. Is the checkout read-only?\n",
    )
    assert tree(root) == before


@pytest.mark.parametrize("error", [OSError(95, "not supported"), AttributeError(), NotImplementedError()])
def test_events_need_no_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Where a file system has none, the event is created all the same, never over one that is there."""

    def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr(os, "link", refuse)
    files = Root(str(tmp_path))
    log = state.read(files)
    made = [state.write(files, log, "check-in", "", "Ada <ada@x.org>", "", **{"with": "Bob", "decided": ""})]
    path = tmp_path / state.FOLDER / f"{made[0].name}.json"
    stamp = path.stat().st_mtime_ns
    made += [state.write(files, log, "check-in", "", "Ada <ada@x.org>", "", **{"with": "Bob", "decided": ""})]
    assert [event.name for event in state.read(files).events] == [made[0].name] == [made[1].name]
    assert (path.stat().st_mtime_ns, list(path.parent.iterdir())) == (stamp, [path])


def test_a_worktree_is_a_checkout(poc2prod: Command, root: Path, tmp_path: Path) -> None:
    """Its .git is a file; a merge under way is the worktree's own."""
    apart = tmp_path / "main/.git/worktrees/p"
    apart.mkdir(parents=True)
    (root / ".git").write_text(f"gitdir: {apart}\n", encoding="utf-8")
    said = "! A merge is not resolved: run the pipeline, then poc2prod check and git add."
    assert said not in poc2prod("status", "--project", str(root)).out.splitlines()
    (apart / "MERGE_HEAD").write_text("0\n", encoding="utf-8")
    assert said in poc2prod("status", "--project", str(root)).out.splitlines()


def test_of_two_iterations_one_is_chosen(poc2prod: Command, root: Path, tmp_path: Path) -> None:
    """Opened on two branches and merged: first one must be chosen, by its name; then the other is gone."""
    other = tmp_path / "other"
    shutil.copytree(root, other)
    for place, why in ((root, "drift"), (other, "more rows")):
        assert poc2prod("iterate", "--because", why, *ME, "--project", str(place)).code == 0
    shutil.copytree(other / state.FOLDER, root / state.FOLDER, dirs_exist_ok=True)
    names = sorted(path.stem for path in (root / state.FOLDER).iterdir())
    where = ("--project", str(root))
    again, wrong = poc2prod("iterate", *ME, *where), poc2prod("iterate", "--choose", "x", *ME, *where)
    assert (again.code, again.err) == (
        1,
        f"error: Two iterations are open. Choose one: poc2prod iterate --choose {names[0]}\n",
    )
    assert (wrong.code, wrong.err) == (
        2,
        f"error: --choose 'x': the open iterations are {', '.join(names)}.\n",
    )
    chosen = poc2prod("iterate", "--choose", names[1], *ME, *where)
    assert (chosen.code, chosen.out) == (0, f"Continuing with {names[1]}.\n")
    found = json.loads(poc2prod("status", "--json", *where).out)
    assert (found["iteration"], [note for note in found["notes"] if "iterations" in note]) == (2, [])
    closed = json.loads(poc2prod("status", "--iteration", "1", "--json", *where).out)["closed"]
    assert [item["event"] for item in closed] == [names[1]]
