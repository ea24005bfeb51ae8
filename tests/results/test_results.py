"""Results change only with the number of their step, and a digest that was committed stays."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from bakes import ROOT
from locked import elsewhere
from results.tables import NAMES, digests

FILE = Path(__file__).with_name("numbers.json")


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_other_numbers_have_another_results_version(name: str, tmp_path: Path) -> None:
    """Where this fails, raise the step's number in results_versions.json and run tests/results/write.py."""
    if why := elsewhere():
        pytest.skip(why)
    kept = json.loads(FILE.read_text(encoding="utf-8"))
    made = digests(name, tmp_path)
    assert len(made) == 7
    assert {key: kept.get(key, "no digest") for key in made} == made


@pytest.mark.parametrize("commit", ["HEAD", "HEAD^"])
def test_no_digest_that_was_committed_is_edited(commit: str) -> None:
    """Against the last commit, and what that one changed."""
    name = FILE.relative_to(ROOT).as_posix()
    shown = subprocess.run(
        ["git", "show", f"{commit}:{name}"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if shown.returncode:
        pytest.skip(f"git does not show {name} of {commit}: {shown.stderr.strip()}")
    before, now = json.loads(shown.stdout), json.loads(FILE.read_text(encoding="utf-8"))
    assert {key: now.get(key) for key in before} == before
