"""poc2prod gate: which stage is held, what it says of it, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import Command

from poc2prod.evidence import Judged
from poc2prod.evidence.finding import passed

SETTINGS = "checks = 1\n"


def settings(root: Path, text: str) -> None:
    """poc2prod.toml with these lines after the first."""
    (root / "poc2prod.toml").write_text(SETTINGS + text, encoding="utf-8")


def test_no_stage_is_held_unless_asked(poc2prod: Command, root: Path) -> None:
    """With "none", it says what the stage that the project is in still lacks, and ends with 0."""
    settings(root, '[gate]\nenforce = "none"\n')
    done, held = (poc2prod("gate", *stage, "--project", str(root)) for stage in ((), ("poc",)))
    note = '[gate] enforce in poc2prod.toml is "none", so no stage is enforced and the exit code is 0.\n'
    assert (held.code, held.out.startswith("Gate poc: closed, ")) == (3, True)
    assert (done.code, done.out) == (0, held.out + note)


def test_the_stage_in_the_settings_is_held(poc2prod: Command, root: Path) -> None:
    """[gate] enforce says the same as naming the stage, and ends as that does."""
    settings(root, '[gate]\nenforce = "poc"\n')
    done, named = (poc2prod("gate", *stage, "--project", str(root)) for stage in ((), ("poc",)))
    assert (done.code, done.out) == (3, named.out)


def test_json_tells_whether_a_stage_is_held(poc2prod: Command, root: Path) -> None:
    """And whether what was looked at is done, which is another question."""
    settings(root, "")
    found = [
        json.loads(poc2prod("gate", *stage, "--json", "--project", str(root)).out)
        for stage in ((), ("pre-production",))
    ]
    assert [(one["stage"], one["held"], one["open"]) for one in found] == [
        ("poc", False, False),
        ("pre-production", True, False),
    ]


def test_settings_that_name_no_stage_are_refused(poc2prod: Command, root: Path) -> None:
    """Another word, and a key where a section belongs, do not count as none."""
    said = []
    for text in ('[gate]\nenforce = "proof"\n', 'gate = "poc-2"\n'):
        settings(root, text)
        done = poc2prod("gate", "--project", str(root))
        said.append((done.code, done.err))
    end = "in poc2prod.toml: it must be none, poc, pre-production, production.\n"
    assert said == [
        (2, f"error: [gate] enforce = 'proof' {end}"),
        (2, f"error: [gate] enforce = 'poc-2' {end}"),
    ]


def test_settings_that_cannot_be_read_hold_nothing_open(poc2prod: Command, root: Path) -> None:
    """A broken line must not switch an enforced gate off."""
    settings(root, '[gate\nenforce = "poc"\n')
    done = poc2prod("gate", "--project", str(root))
    assert (done.code, "poc2prod.toml" in done.err, done.out) == (2, True, "")


def test_a_pass_with_a_remark_is_named(
    poc2prod: Command, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever goes through sees what a pass leaned on."""
    told = passed("test mae 3 (2 to 4) against the target 3: cannot tell, the interval includes it")
    judged = Judged((told._replace(check="against_target"),), {})
    monkeypatch.setattr("poc2prod.survey.judge", lambda step, facts: judged)
    monkeypatch.setattr("poc2prod.survey.signed", lambda step, facts: {})
    done = poc2prod("gate", "poc", "--project", str(root))
    assert (
        "  passed, with a remark: I.9 Evaluate: target 3: cannot tell, the interval includes it\n" in done.out
    )
    found = json.loads(poc2prod("gate", "poc", "--json", "--project", str(root)).out)
    assert "evaluate" in [one["slug"] for one in found["remarked"]]


def test_a_folder_without_a_project_opens_no_gate(poc2prod: Command, tmp_path: Path) -> None:
    """Nothing is known of it, whatever is held."""
    done = poc2prod("gate", "--project", str(tmp_path))
    assert (done.code, done.out.startswith("No project here")) == (3, True)
