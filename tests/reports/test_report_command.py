"""poc2prod report and the gate's formats, on a project on disk."""

from __future__ import annotations

import json
import xml.etree.ElementTree as Xml
from pathlib import Path

import pytest
from conftest import Command
from sample_project import build

FORMATS = ("text", "markdown", "json", "junit", "html")
DAY = "1780185600"


@pytest.fixture
def project(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sample project on a fixed day, made with a hostile name, entered."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", DAY)
    root = build(Path.cwd())
    (root / ".poc2prod").mkdir(exist_ok=True)
    answers = {"answers": {"project_name": "<b>a|b</b> @team", "description": "\x1b[31m<i>"}}
    (root / ".poc2prod/template.json").write_text(json.dumps(answers), encoding="utf-8")
    return root


@pytest.mark.parametrize("format_", FORMATS)
def test_the_same_state_and_day_give_the_same_bytes(project: Path, poc2prod: Command, format_: str) -> None:
    """Twice written, in another order of the environment's variables, is once written."""
    made = []
    for name in ("a", "b"):
        ended = poc2prod("report", "--format", format_, "--output", name)
        assert (ended.code, ended.out, ended.err) == (0, "", f"Wrote {name}.\n")
        made.append(Path(name).read_bytes())
    assert made[0] == made[1]
    assert made[0].endswith(b"\n")
    assert b"\r" not in made[0]


def test_what_is_printed_is_what_is_written(project: Path, poc2prod: Command) -> None:
    """To a pipe as to a file."""
    poc2prod("report", "--format", "html", "--output", "r.html")
    assert poc2prod("report", "--format", "html").out == Path("r.html").read_text(encoding="utf-8")


def test_a_report_changes_nothing_in_the_project(project: Path, poc2prod: Command) -> None:
    """It looks afresh and keeps nothing."""
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    poc2prod("report")
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("format_", ["text", "markdown", "html"])
def test_a_hostile_project_name_is_text(project: Path, poc2prod: Command, format_: str) -> None:
    """For both audiences."""
    for audience in ("team", "stakeholder"):
        out = poc2prod("report", "--format", format_, "--audience", audience).out
        assert ("\x1b" in out, "<b>a|b</b>" in out) == (False, format_ == "text")


def test_the_exit_code_carries_a_verdict_only_when_asked(project: Path, poc2prod: Command) -> None:
    """Reports end with 0; --exit-code ends as status would."""
    codes = [
        poc2prod(*call).code for call in (["report"], ["report", "--exit-code"], ["status", "--exit-code"])
    ]
    assert codes == [0, codes[2], codes[2]]
    assert codes[2] in (1, 3)


@pytest.mark.parametrize("format_", ["json", "junit"])
def test_stakeholders_get_no_machine_format(project: Path, poc2prod: Command, format_: str) -> None:
    """The call is wrong, and says what is allowed."""
    ended = poc2prod("report", "--audience", "stakeholder", "--format", format_)
    assert (ended.code, ended.out) == (2, "")
    said = "error: --audience stakeholder supports text, markdown, html"
    assert ended.err.strip() == f"{said}, not --format {format_}."


def test_a_folder_is_no_output(project: Path, poc2prod: Command) -> None:
    """Nothing is written, and no scratch file is left."""
    Path("folder").mkdir()
    ended = poc2prod("report", "--output", "folder")
    assert (ended.code, ended.err.strip()) == (2, "error: --output folder is a folder; name a file in it.")
    assert [path.name for path in Path.cwd().iterdir() if ".tmp" in path.name] == []


def test_a_gate_speaks_junit_and_markdown(project: Path, poc2prod: Command) -> None:
    """With the same exit code as in words; unknown steps are failures, later steps are absent."""
    words, xml, page = (
        poc2prod("gate", "poc", *more) for more in ((), ("--format", "junit"), ("--format", "markdown"))
    )
    root = Xml.fromstring(xml.out)
    assert (xml.code, page.code, root.get("tests")) == (words.code, words.code, "10")
    assert root.get("failures") == words.out.split("closed, ")[1].split(" of ")[0]
    assert page.out.split("\n")[0] == "## " + words.out.split("\n")[0].rstrip(".")


def test_a_gate_that_holds_nothing_has_no_tests(project: Path, poc2prod: Command) -> None:
    """Still valid XML."""
    ended = poc2prod("gate", "--format", "junit")
    assert (ended.code, Xml.fromstring(ended.out).get("tests")) == (0, "0")


def test_a_folder_that_is_no_project_is_reported_as_unknown(home: Path, poc2prod: Command) -> None:
    """With an explanation on stderr, in every format, for both audiences."""
    for format_ in FORMATS:
        ended = poc2prod("report", "--format", format_)
        assert (ended.code, ended.err[:15]) == (0, "No project here")
    assert poc2prod("report", "--audience", "stakeholder").out.startswith("work\nAs of ")
