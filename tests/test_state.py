"""Events: written whole, read in order, damage listed, branches merged without conflict."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from poc2prod import state
from poc2prod.files import Root

FOLDER = Path(".poc2prod/events")


def talk(root: Path, text: str) -> state.Event:
    """One check-in."""
    files = Root(str(root))
    return state.write(
        files, state.read(files), "check-in", "", "Ada <ada@x.org>", "", **{"with": "Bob", "decided": text}
    )


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """In order, each knowing of those before it."""
    one, two = talk(tmp_path, "a"), talk(tmp_path, "b")
    log = state.read(Root(str(tmp_path)))
    assert (log.events, log.damage, log.newest, log.before(one, two), log.before(two, one)) == (
        (one, two),
        (),
        (two.name,),
        True,
        False,
    )


def test_the_same_day_gives_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SOURCE_DATE_EPOCH fixes the day."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    events = [talk(tmp_path / name, "a") for name in ("p", "q")]
    assert [event.when for event in events] == ["1970-01-02"] * 2
    assert events[0].name == events[1].name


def test_writers_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    """All events of eight writers are there and whole; no scratch file is left."""
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda number: talk(tmp_path, str(number)), range(40)))
    log = state.read(Root(str(tmp_path)))
    assert (sorted(e.name for e in made), log.damage) == (sorted(e.name for e in log.events), ())
    assert {path.suffix for path in (tmp_path / FOLDER).iterdir()} == {".json"}


def test_two_branches_merge_in_any_order(tmp_path: Path) -> None:
    """The union of both folders, neither knowing of the other."""
    one, two = talk(tmp_path / "p", "a"), talk(tmp_path / "q", "b")
    for name in (two.name,):
        content = (tmp_path / "q" / FOLDER / f"{name}.json").read_bytes()
        (tmp_path / "p" / FOLDER / f"{name}.json").write_bytes(content)
    log = state.read(Root(str(tmp_path / "p")))
    assert (log.before(one, two), log.before(two, one), log.newest) == (
        False,
        False,
        tuple(sorted((one.name, two.name))),
    )


def test_an_edited_event_counts_for_nobody(tmp_path: Path) -> None:
    """Its content no longer gives its name; reformatting does no harm."""
    event = talk(tmp_path, "a")
    path = tmp_path / FOLDER / f"{event.name}.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    path.write_bytes(json.dumps(content, indent=8).replace("\n", "\r\n").encode())
    assert state.read(Root(str(tmp_path))).damage == ()
    path.write_text(json.dumps(content | {"decided": "b"}), encoding="utf-8")
    assert state.read(Root(str(tmp_path))).damage == (
        state.Damage(event.name, "", "was edited: its content does not match its name"),
    )


def test_a_missing_parent_is_listed(tmp_path: Path) -> None:
    """An event that was taken away is missed by those after it."""
    one, two = talk(tmp_path, "a"), talk(tmp_path, "b")
    (tmp_path / FOLDER / f"{one.name}.json").unlink()
    assert state.read(Root(str(tmp_path))).damage == (
        state.Damage(one.name, "", f"is missing; {two.name} came after it"),
    )


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff"])
def test_damaged_files_are_listed(tmp_path: Path, content: bytes) -> None:
    """A file that contains no event is damage, not an error."""
    talk(tmp_path, "a")
    (tmp_path / FOLDER / "00000009-0123456789abcdef.json").write_bytes(content)
    assert [item.name for item in state.read(Root(str(tmp_path))).damage] == ["00000009-0123456789abcdef"]
