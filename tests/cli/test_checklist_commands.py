"""The commands on a small project: what they print, keep and return."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import Command, tree

ME = ("--as", "Ada <ada@x.org>")


def test_status_on_nothing_explains_itself(poc2prod: Command, tmp_path: Path) -> None:
    """A folder without a project: first that, and what to do; then everything unknown. Nothing is written."""
    (tmp_path / "empty").mkdir()
    done = poc2prod("status", "--project", str(tmp_path / "empty"))
    assert (done.code, done.out.count("? unknown"), done.err) == (0, 3, "")
    assert done.out.splitlines()[0] == (
        f"No project here: {tmp_path.resolve() / 'empty'} and the folders above have no poc2prod.toml or"
        " params.toml."
    )
    assert tree(tmp_path / "empty") == {}


def test_a_misspelt_command_names_the_nearest(poc2prod: Command) -> None:
    """Exit 2, with what was probably meant and all there are."""
    done = poc2prod("staus")
    said = "error: There is no command 'staus'. Did you mean status? The commands: new, status,"
    assert (done.code, done.err.startswith(said)) == (2, True)


def test_check_keeps_what_it_found_and_twice_the_same(poc2prod: Command, root: Path) -> None:
    """Exit code 3 while evidence is missing; the records have no clock."""
    assert poc2prod("check", "--project", str(root)).code == 3
    before = tree(root / ".poc2prod/checks")
    assert poc2prod("check", "--project", str(root)).code == 3
    assert (len(before), tree(root / ".poc2prod/checks")) == (10, before)


def test_status_tells_changes_since_the_check(poc2prod: Command, root: Path) -> None:
    """What passed and whose input changed is stale; the input is named."""
    poc2prod("check", "--project", str(root))
    text = (root / "params.toml").read_text(encoding="utf-8")
    (root / "params.toml").write_text(text.replace("memory_mb = 500", "memory_mb = 600"), encoding="utf-8")
    steps = json.loads(poc2prod("status", "--json", "--project", str(root)).out)["steps"]
    assert [
        (s["verdict"], s["reason"], s["todo"]) for s in steps if s["slug"] in ("approaches", "roadmap")
    ] == [
        ("pass", "", ""),
        ("stale", "params.toml#roadmap.memory_mb changed since it was checked", "poc2prod check"),
    ]


def test_signing_makes_the_problem_pass(poc2prod: Command, root: Path) -> None:
    """What is signed is shown and kept; a change is told by old and new."""
    assert poc2prod("check", "problem", "--project", str(root)).code == 3
    done = poc2prod("sign", "problem", *ME, "--yes", "--project", str(root))
    assert (done.code, "    problem.target = 0.8" in done.out.splitlines()) == (0, True)
    assert poc2prod("check", "problem", "--project", str(root)).code == 0
    text = (root / "params.toml").read_text(encoding="utf-8")
    (root / "params.toml").write_text(text.replace("target = 0.8", "target = 0.7"), encoding="utf-8")
    assert "params.toml#problem.target: 0.8 → 0.7" in poc2prod("check", "problem", "--project", str(root)).out


def test_nothing_is_signed_that_nobody_was_asked_about(poc2prod: Command, root: Path) -> None:
    """Without a terminal: shown, exit 2, the option that says yes, and no event."""
    done = poc2prod("sign", "problem", *ME, "--project", str(root))
    said = "There is no terminal for a prompt. If you have read what is shown, use --yes."
    assert (done.code, done.err) == (2, f"error: {said}\n")
    assert not (root / ".poc2prod/events").exists()


@pytest.mark.parametrize("call", [("sign", "problem"), ("waive", "split"), ("checkin",), ("iterate",)])
def test_nothing_is_recorded_outside_a_project(poc2prod: Command, tmp_path: Path, call: tuple[str]) -> None:
    """That is said before anything is asked for, such as who one is."""
    (tmp_path / "empty").mkdir()
    done = poc2prod(*call, "--project", str(tmp_path / "empty"))
    assert (done.code, done.out, done.err[:22]) == (2, "", "error: No project here")
    assert tree(tmp_path / "empty") == {}


@pytest.mark.parametrize("call", [("next",), ("check",)])
def test_outside_a_project_only_that_is_said(poc2prod: Command, tmp_path: Path, call: tuple[str]) -> None:
    """How to get to one, in five lines."""
    (tmp_path / "empty").mkdir()
    done = poc2prod(*call, "--project", str(tmp_path / "empty"))
    assert (done.out[:15], len(done.out.splitlines()), done.err) == ("No project here", 5, "")


def test_sign_without_an_identity_is_a_wrong_call(poc2prod: Command, root: Path) -> None:
    """Git knows nobody, and --as was not given."""
    done = poc2prod("sign", "problem", "--project", str(root))
    assert (done.code, done.err) == (
        2,
        "error: git has no user.name and user.email. Use --as 'Name <mail@example.org>'.\n",
    )


def test_show_lists_what_is_open(poc2prod: Command, root: Path) -> None:
    """By line, with its name."""
    page = root / "docs/roadmap.md"
    page.write_text(
        page.read_text(encoding="utf-8").replace("We decided about stop together.", "TODO"), encoding="utf-8"
    )
    found = [
        q
        for q in json.loads(poc2prod("show", "I.3", "--json", "--project", str(root)).out)["questions"]
        if not q["answered"]
    ]
    assert [q["name"] for q in found] == ["stop"]


@pytest.mark.parametrize("step", ["interpret", "evaluate", "improve"])
def test_the_last_steps_say_their_order(poc2prod: Command, root: Path, step: str) -> None:
    """Causes, the pipeline, the test part, the next steps, the signature, the check."""
    lines = poc2prod("show", step, "--project", str(root)).out.splitlines()
    start = lines.index("Finish Part I in this order, so that nothing has to run twice:")
    assert [line.split("   when")[0] for line in lines[start + 1 : start + 8]] == [
        "  1. write the cause of each error into docs/errors.csv",
        "  2. python -m app poc",
        "  3. python -m app evaluate --open-test",
        "  4. python -m app improve",
        "  5. answer docs/improve.md",
        "  6. poc2prod sign improve --role owner",
        "  7. poc2prod check",
    ]


def test_waivers_are_refused_without_owner_day_and_reason(poc2prod: Command, root: Path) -> None:
    """Each is named; so is a day that is past, and Part I as not applicable."""
    where = ("--project", str(root))
    calls = [
        ("waive", "split", "--owner", "A", "--until", "2999-01-01"),
        ("waive", "split", "--reason", "r", "--until", "2999-01-01"),
        ("waive", "split", "--reason", "r", "--owner", "A", "--until", "soon"),
        ("waive", "split", "--reason", "r", "--owner", "A", "--until", "2020-01-01"),
        ("waive", "split", "--reason", "r", "--not-applicable"),
    ]
    assert [poc2prod(*call, *ME, *where).code for call in calls] == [2] * 5
    assert not (root / ".poc2prod/events").exists()


def test_gate_says_what_to_do_first_and_what_it_leaned_on(poc2prod: Command, root: Path) -> None:
    """Failures before what is missing; waivers at the end."""
    text = (root / "params.toml").read_text(encoding="utf-8")
    (root / "params.toml").write_text(text.replace("memory_mb = 500", "memory_mb = 0"), encoding="utf-8")
    poc2prod(
        "waive",
        "split",
        "--owner",
        "A",
        "--until",
        "2999-01-01",
        "--reason",
        "later",
        *ME,
        "--project",
        str(root),
    )
    done = poc2prod("gate", "poc", "--json", "--project", str(root))
    found = json.loads(done.out)
    assert (done.code, found["refused"][0]["slug"], [item["slug"] for item in found["waived"]]) == (
        1,
        "roadmap",
        ["split"],
    )


def test_iterate_keeps_the_closing_verdicts(poc2prod: Command, root: Path) -> None:
    """They stay readable by their number."""
    poc2prod("check", "--project", str(root))
    assert poc2prod("iterate", *ME, "--project", str(root)).code == 0
    closed = json.loads(poc2prod("status", "--iteration", "1", "--json", "--project", str(root)).out)[
        "closed"
    ]
    assert (closed[0]["closing"]["approaches"], len(closed[0]["closing"])) == ("pass", 21)


def test_checkin_is_recorded(poc2prod: Command, root: Path) -> None:
    """With whom, and what was decided."""
    assert poc2prod("checkin", "--with", "Bob", "--decided", "go on", *ME, "--project", str(root)).code == 0
    event = json.loads(next((root / ".poc2prod/events").iterdir()).read_text(encoding="utf-8"))
    assert (event["kind"], event["with"], event["decided"], event["who"]) == (
        "check-in",
        "Bob",
        "go on",
        ME[1],
    )


def test_an_unresolved_merge_is_said(poc2prod: Command, root: Path) -> None:
    """Seen from MERGE_HEAD; git is not started."""
    (root / ".git").mkdir()
    (root / ".git/MERGE_HEAD").write_text("0\n", encoding="utf-8")
    lines = poc2prod("status", "--project", str(root)).out.splitlines()
    assert "! A merge is not resolved: run the pipeline, then poc2prod check and git add." in lines


def test_next_names_the_command(poc2prod: Command, root: Path) -> None:
    """One thing, why, and what to type."""
    found = json.loads(poc2prod("next", "--json", "--project", str(root)).out)
    assert (found["step"], found["command"]) == ("approaches", "poc2prod check")


def test_settings_that_cannot_be_read_are_said_once(poc2prod: Command, root: Path) -> None:
    """File, line and what; every step unknown; no signature is said to be of other content; nothing kept."""
    where = ("--project", str(root))
    poc2prod("sign", "problem", *ME, "--yes", *where)
    poc2prod("check", *where)
    before = tree(root / ".poc2prod/checks")
    text = (root / "params.toml").read_text(encoding="utf-8")
    (root / "params.toml").write_text(text.replace("target = 0.8", "target = "), encoding="utf-8")
    said = "params.toml is not TOML: line 9, column 10: invalid value. "
    checked, gate = poc2prod("check", *where), poc2prod("gate", "poc", *where)
    assert (checked.code, checked.out) == (3, f"{said}Until it is fixed, nothing can be checked.\n")
    assert (gate.code, gate.out) == (3, f"Gate poc: closed. {said}Until it is fixed, nothing is known.\n")
    assert tree(root / ".poc2prod/checks") == before
    found = json.loads(poc2prod("status", "--json", *where).out)
    reasons = {(step["verdict"], step["reason"]) for step in found["steps"]}
    assert (reasons, found["next"]["text"].startswith(said)) == (
        {("unknown", "params.toml cannot be read")},
        True,
    )
    signed = poc2prod("sign", "problem", *ME, "--yes", *where)
    assert (signed.code, signed.err) == (2, f"error: {said}Fix this first.\n")
