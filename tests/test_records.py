"""Records as the command reads them: which count, which do not and why."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from poc2prod_kit.run.hashing import of_value

from poc2prod import records, shapes
from poc2prod.evidence import observed
from poc2prod.project import Facts

GOLDEN = {"rows": 3, "differing": 0, "largest_difference": None}
FOUND = {"files": 2, "findings": 0, "examples": []}
WHOLE: dict[str, dict[str, Any]] = {
    "lint": {
        "format": FOUND,
        "lint": FOUND,
        "types": FOUND,
        "complexity": {"limit": 10, "worst": {"name": "f", "value": 3}, "over": []},
        "golden": GOLDEN,
    },
    "ci": {
        "provider": "github",
        "repository": "o/r",
        "run": "u",
        "commit": "c",
        "ref": "",
        "jobs": {"a": "success"},
    },
}


def put(root: Path, kind: str = "ci", *, sealed: bool = True, called: str = "", **changes: Any) -> str:
    """Write a record, by default with this kind's whole results and of the present source; its name."""
    content: dict[str, Any] = {
        "schema": 1,
        "kind": kind,
        "when": "2026-01-02T03:04:05Z",
        "source": Facts(str(root)).source(),
        "model": None,
        "data": None,
        "tools": {},
        "results": WHOLE.get(kind, {}),
    } | changes
    content["seal"] = of_value(content) if sealed else "0" * 64
    day = str(content["when"])[:10].replace("-", "")
    name = called or f"{content['kind']}-{day}-{content['seal'][:12]}.json"
    (root / "records").mkdir(exist_ok=True)
    (root / "records" / name).write_text(json.dumps(content), encoding="utf-8")
    return name


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project of one module."""
    (tmp_path / "src/x").mkdir(parents=True)
    (tmp_path / "src/x/__main__.py").write_text("a = 1\n", encoding="utf-8")
    return tmp_path


def broken(root: Path, kind: str = "ci") -> list[str]:
    return [item.broken for item in records.records(Facts(str(root)), kind)]


def test_the_newest_of_this_source_counts(root: Path) -> None:
    """Not one of another source, though it is newer; nor an older one."""
    put(root, when="2026-01-01T00:00:00Z")
    name = put(root)
    put(root, when="2026-01-03T00:00:00Z", source="0" * 64)
    found = records.current(Facts(str(root)), "ci")
    assert isinstance(found, records.Record)
    assert (found.name, found.results) == (name, WHOLE["ci"])


def test_of_one_time_the_last_by_name_counts(root: Path) -> None:
    """As with SOURCE_DATE_EPOCH; the broken beside them are not counted."""
    names = {put(root), put(root, tools={"python": "3.13"}), put(root, tools={"python": "3.14"})}
    put(root, sealed=False)
    facts = Facts(str(root))
    found = records.current(facts, "ci")
    assert isinstance(found, records.Record)
    assert (found.name, {one.name for one in records.whole(facts, "ci")}) == (max(names), names)
    assert observed.standing(facts, "ci").text.endswith(", the last by name of 3 with that time")


def test_one_of_another_source_is_stale_and_says_what_to_run(root: Path) -> None:
    """With both hashes."""
    name = put(root, "lint", source="0" * 64)
    facts = Facts(str(root))
    said = (
        f"records/{name} is of another source (00000000 then, {str(facts.source())[:8]} now): the source "
        "changed after it"
    )
    assert records.current(facts, "lint") == records.Lacking(said, "python -m x lint", True)


def test_without_a_whole_one_it_says_what_is_wrong_with_the_broken(root: Path) -> None:
    """And how to make one."""
    name = put(root, sealed=False)
    why = "was edited: its seal is not the hash of what it says"
    said = f"no record of kind ci in records/; records/{name} {why}"
    todo = "poc2prod record add FILE, with the ci record that the newest run of the workflow kept"
    assert records.current(Facts(str(root)), "ci") == records.Lacking(said, todo, False)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sealed": False}, "was edited: its seal is not the hash of what it says"),
        ({"schema": 2}, "has schema 2; this version reads 1"),
        ({"schema": True}, "has schema True; this version reads 1"),
        ({"when": "2999-01-01T00:00:00Z"}, "is dated 2999-01-01, in the future"),
        ({"when": "2026-01-02"}, "has no proper time: when must be like 2026-05-31T14:03:22Z"),
        (
            {"when": "2026-1-02T03:04:05Z"},
            "has no proper time: when must be like 2026-05-31T14:03:22Z",
        ),
        ({"source": "abc"}, "has no proper source hash"),
        ({"source": None}, "the record.source must be text"),
        ({"tools": {"ruff": 1}}, "the record.tools.ruff must be text"),
        ({"results": {**WHOLE["ci"], "jobs": []}}, "results.jobs must be a table"),
        ({"results": {}}, "results.provider is missing"),
        ({"results": []}, "the record.results must be a table"),
    ],
)
def test_what_is_no_whole_record_counts_for_nothing(root: Path, changes: dict[str, Any], said: str) -> None:
    """Edited by hand, of another schema, from the future, of another shape."""
    put(root, **changes)
    assert broken(root) == [said]


def test_a_renamed_record_counts_for_nothing(root: Path) -> None:
    """Neither as another kind nor as another day's."""
    name = put(root, called="ci-20300101-000000000000.json")
    due = put(root)
    (root / "records" / due).rename(root / "records" / f"lint{due[2:]}")
    assert (broken(root), broken(root, "lint")) == (
        [f"was renamed: its content gives the name {due}"],
        [f"was renamed: its content gives the name {due}"],
    )
    assert name != due


def _truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:50])


def _huge(path: Path) -> None:
    os.truncate(path, 2 << 30)


def _link(path: Path) -> None:
    other = path.parent.parent.parent / "elsewhere.json"
    path.replace(other)
    path.symlink_to(other)


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.skipif(os.name == "nt", reason="links and pipes are others there")
@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (_truncated, "is not JSON"),
        (_huge, "has 2,147,483,648 bytes"),
        (_link, "leads out of the project"),
        (_pipe, "is not a regular file"),
    ],
)
def test_a_harmed_file_is_named_and_stops_nothing(
    tmp_path: Path, harm: Callable[[Path], None], said: str
) -> None:
    """Cut, huge, a link out of the project, a pipe."""
    folder = tmp_path / "p"
    (folder / "src").mkdir(parents=True)
    harm(folder / "records" / put(folder))
    assert [item[: len(said)] for item in broken(folder)] == [said]


def test_what_was_read_is_an_input(root: Path) -> None:
    """The names of the kind, each file of it, and the source; another kind's record is none."""
    put(root, "lint")
    name = put(root)
    facts = Facts(str(root))
    with facts.recording() as read:
        records.current(facts, "ci")
    before = {item: facts.now(item).hash for item in read}
    assert set(before) == {"records/ci-*.json", f"records/{name}", "source"}
    put(root, "lint", when="2026-01-03T00:00:00Z")
    assert {item: Facts(str(root)).now(item).hash for item in read} == before
    put(root, when="2026-01-03T00:00:00Z")
    (root / "src/x/__main__.py").write_text("a = 2\n", encoding="utf-8")
    now = {item: Facts(str(root)).now(item).hash for item in read}
    assert {item for item in read if now[item] != before[item]} == {"records/ci-*.json", "source"}


@pytest.mark.skipif(os.name == "nt", reason="sparse files are others there")
def test_a_source_without_a_hash_says_why(root: Path) -> None:
    """No record can be held against it."""
    put(root)
    (root / "src/large.bin").touch()
    os.truncate(root / "src/large.bin", 2 << 30)
    found = records.current(Facts(str(root)), "ci")
    assert isinstance(found, records.Lacking)
    assert found.text == (
        "no record can be held against the source, which cannot be hashed: src/large.bin has 2,147,483,648 "
        "bytes; at most 268,435,456 belong to source: keep it in data/, which is hashed apart"
    )


@pytest.mark.parametrize(
    ("value", "shape", "said"),
    [
        (1, int, ""),
        (True, int, "results must be a whole number from 0"),
        (-1, int, "results must be a whole number from 0"),
        (1, float, ""),
        (float("nan"), float, "results must be a number from 0"),
        (float("inf"), float, "results must be a number from 0"),
        (1, bool, "results must be true or false"),
        (None, shapes.Maybe(str), ""),
        (1, shapes.Maybe(str), "results must be text"),
        ([1, "a"], [int], "results[1] must be a whole number from 0"),
        ({"a": {"b": "c"}}, {"a": {"b": int}}, "results.a.b must be a whole number from 0"),
        ({"a": 1}, shapes.Each(str), "results.a must be text"),
    ],
)
def test_shapes(value: object, shape: object, said: str) -> None:
    """The first thing that is wrong, by its place."""
    assert shapes.wrong(value, shape) == said


def test_a_file_larger_than_any_record_is_not_read(root: Path) -> None:
    """Nor does it count."""
    put(root, results={**WHOLE["ci"], "run": "u" * (4 << 20)})
    assert "at most 4,194,304 are read" in records.records(Facts(str(root)), "ci")[0].broken
