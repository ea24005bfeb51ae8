"""poc2prod record: records brought in and listed."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path

import pytest
from conftest import Command, tree
from test_records import put


@pytest.fixture
def here(home: Path) -> Path:
    """The working folder as a project of one module, and beside it a record of it that is not there yet."""
    work = Path.cwd()
    (work / "src/x").mkdir(parents=True)
    (work / "src/x/__main__.py").write_text("a = 1\n", encoding="utf-8")
    (work / "poc2prod.toml").write_text("", encoding="utf-8")
    return work


def elsewhere(here: Path, **changes: object) -> Path:
    """A record of the project in a file called otherwise, outside of it."""
    name = put(here, **changes)  # type: ignore[arg-type]
    return (here / "records" / name).rename(here.parent / "artifact (1).json")


def named(path: Path) -> str:
    content = json.loads(path.read_text(encoding="utf-8"))
    return f"records/ci-20260102-{content['seal'][:12]}.json"


def test_a_record_is_copied_under_its_own_name(poc2prod: Command, here: Path) -> None:
    """Twice changes nothing and says so."""
    path = elsewhere(here)
    name = named(path)
    first = poc2prod("record", "add", str(path))
    before = tree(here)
    second = poc2prod("record", "add", str(path))
    assert (first.code, first.out, first.err) == (0, f"{name} added: of the current source.\n", "")
    assert (second.code, second.out) == (0, f"{name} already present: of the current source.\n")
    assert (tree(here), [name for name in before if name.startswith("records")]) == (before, [name])


def test_one_of_another_source_is_kept_and_said_to_count_for_nothing(poc2prod: Command, here: Path) -> None:
    """An observation of what was."""
    path = elsewhere(here, source="0" * 64)
    done = poc2prod("record", "add", str(path))
    assert done.code == 0
    assert f"{named(path)} added: of another source (00000000, now " in done.out
    assert "so it does not count now." in done.out


def test_a_zip_of_records_will_do(poc2prod: Command, here: Path) -> None:
    """What is called like no record is left where it is."""
    path = elsewhere(here)
    name = Path(named(path)).name
    with zipfile.ZipFile(here.parent / "records.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(path, name)
        archive.writestr("../ci-evil.json", "{}")
        archive.writestr("checklist.xml", "<a/>")
    done = poc2prod("record", "add", str(here.parent / "records.zip"))
    assert (done.code, done.out) == (0, f"records/{name} added: of the current source.\n")
    assert [file for file in tree(here) if "ci-" in file] == [f"records/{name}"]


def test_a_zip_of_the_folder_will_do(poc2prod: Command, here: Path) -> None:
    """As whoever packs records/ makes; what only begins like a record is left where it is."""
    path = elsewhere(here)
    name = Path(named(path)).name
    with zipfile.ZipFile(here.parent / "records.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("records/", "")
        archive.write(path, f"records/{name}")
        archive.writestr("__MACOSX/records/._" + name, "x")
        archive.writestr("site/test-results.json", "{}")
    done = poc2prod("record", "add", str(here.parent / "records.zip"))
    assert (done.code, done.out) == (0, f"records/{name} added: of the current source.\n")


def test_all_records_of_a_zip_are_brought_in(poc2prod: Command, here: Path) -> None:
    """However many there are."""
    path = elsewhere(here)
    with zipfile.ZipFile(here.parent / "records.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(250):
            archive.writestr(f"notes-{number}.txt", "")
        archive.write(path, Path(named(path)).name)
    done = poc2prod("record", "add", str(here.parent / "records.zip"))
    assert (done.code, [file for file in tree(here) if "ci-" in file]) == (0, [named(path)])


def test_a_zip_of_too_many_records_is_refused(poc2prod: Command, here: Path) -> None:
    """None is left out without a word."""
    with zipfile.ZipFile(here.parent / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(5_001):
            archive.writestr(f"ci-20260101-{number:012}.json", "")
    done = poc2prod("record", "add", str(here.parent / "a.zip"))
    said = "a.zip holds 5,001 records of 0 bytes; at most 5,000 of 268,435,456 bytes are read at once."
    assert (done.code, said in done.err, done.err.count("\n")) == (1, True, 1)


def test_of_several_files_one_bad_adds_none(poc2prod: Command, here: Path) -> None:
    """It is named, with why; exit 1."""
    path, bad = elsewhere(here), here.parent / "bad.json"
    bad.write_text(path.read_text(encoding="utf-8").replace("success", "failure"), encoding="utf-8")
    done = poc2prod("record", "add", str(path), str(bad))
    said = f"error: {bad} was edited: its seal is not the hash of what it says. Nothing was added.\n"
    assert (done.code, done.out, done.err) == (1, "", said)
    assert list((here / "records").iterdir()) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty. Nothing was added."),
        (b"[]", "is not a record. Nothing was added."),
        (b"\xff\xfe{", "is not JSON: "),
        (b'{"kind": "\x1b[2J", "schema": 1, "seal": ""}', "is not JSON: "),
        (b'{"kind": "odd", "schema": 1, "seal": ""}', "is of a kind this version does not know: odd."),
        (b" " * (4 << 20) + b"{}", "has 4,194,306 bytes; a record has at most 4,194,304."),
        (b"PK\x03\x04 nothing", "cannot be unpacked (File is not a zip file). Download it again."),
    ],
)
def test_a_file_that_is_no_record_is_refused(
    poc2prod: Command, here: Path, content: bytes, said: str
) -> None:
    """One sentence, exit 1, nothing written."""
    path = here.parent / "a.json"
    path.write_bytes(content)
    done = poc2prod("record", "add", str(path))
    assert (done.code, f"a.json {said}" in done.err, done.err.count("\n")) == (1, True, 1)
    assert not (here / "records").exists()


def test_a_bomb_in_a_zip_is_refused(poc2prod: Command, here: Path) -> None:
    """Nothing is unpacked beyond a record's size."""
    with zipfile.ZipFile(here.parent / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ci-20260101-000000000000.json", b" " * (50 << 20))
    done = poc2prod("record", "add", str(here.parent / "a.zip"))
    assert (done.code, "has over 4,194,304 bytes; no record has." in done.err) == (1, True)


@pytest.mark.parametrize("arguments", [("add",), ("add", "nowhere.json"), ("add", "src"), ("lsit",)])
def test_a_wrong_call_is_exit_2(poc2prod: Command, here: Path, arguments: tuple[str, ...]) -> None:
    """No file, none there, a folder, a misspelt word."""
    assert poc2prod("record", *arguments).code == 2


def test_a_damaged_record_is_not_written_over(poc2prod: Command, here: Path) -> None:
    """Somebody must look at it first."""
    path = elsewhere(here)
    name = named(path)
    (here / name).write_text("{", encoding="utf-8")
    done = poc2prod("record", "add", str(path))
    said = f"error: {name} exists with other content: delete it, then add the record again.\n"
    assert (done.code, done.err, (here / name).read_text(encoding="utf-8")) == (1, said, "{")


@pytest.mark.skipif(os.name == "nt" or not hasattr(os, "geteuid"), reason="links need a right there")
def test_a_records_folder_that_leads_elsewhere_is_not_written(poc2prod: Command, here: Path) -> None:
    """Whoever made that link."""
    path = elsewhere(here)
    (here / "records").rmdir()
    (here.parent / "out").mkdir()
    (here / "records").symlink_to(here.parent / "out")
    done = poc2prod("record", "add", str(path))
    assert (done.code, "leads out of the project through a link" in done.err) == (1, True)
    assert list((here.parent / "out").iterdir()) == []


def test_the_list_says_what_counts(poc2prod: Command, here: Path) -> None:
    """Kind, day, name, and why one does not; what is called like no record is named too."""
    lint, ci = put(here, "lint"), put(here, source="0" * 64)
    put(here, called="ci-20260102-ffffffffffff.json", sealed=False)
    (here / "records/notes.json").write_text("{}", encoding="utf-8")
    done = poc2prod("record")
    lines = done.out.splitlines()
    assert (done.code, lines[0]) == (0, f"lint  2026-01-02  {lint}  of the current source")
    assert lines[1].startswith(f"ci    2026-01-02  {ci}    of another source (00000000, now ")
    assert lines[2:] == [
        "ci    -           ci-20260102-ffffffffffff.json    was edited: its seal is not the hash of what it "
        "says, so it does not count",
        "records/notes.json does not have the name of a record, so it does not count.",
    ]
    said = json.loads(poc2prod("record", "list", "--json").out)
    assert [(one["name"], one["current"]) for one in said["records"]] == [
        (lint, True),
        (ci, False),
        ("ci-20260102-ffffffffffff.json", False),
    ]


def test_without_records_it_says_how_to_make_some(poc2prod: Command, here: Path) -> None:
    """By the project's own command."""
    assert poc2prod("record", "list").out == (
        "No records in records/ yet. To make them: python -m x observe; "
        "one from CI: poc2prod record add FILE\n"
    )
