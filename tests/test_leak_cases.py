"""Cases of leaks and of classes that come late: files in tests/data/cases, each with its right answer."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from bakes import clean_environment, run
from poc2prod_kit.tables.roles import Roles

from poc2prod import user_data

CASES = Path(__file__).parent / "data" / "cases"
# folder, what `new` is called with, id of the finding that stops I.6, a part of its text
LEAKS = [
    (
        "leak-in-a-regression",
        {"target": "rate"},
        "leak:sub_grade",
        "sub_grade alone predicts rate with R² 0.999 on rows held out",
    ),
    (
        "one-column-exceeds-another",
        {"target": "won", "id": "id"},
        "exceeds:votes_for>votes_against",
        "Whether votes_for exceeds votes_against tells won on 100 % of the 1,500 labelled rows",
    ),
    (
        "a-word-gives-it-away",
        {"target": "churned", "id": "id"},
        "leak:note",
        'note says "cancelled" in 96.4 % of the rows with churned = yes and in 0.0 % of the others',
    ),
]


def project_of(folder: Path, case: str, **roles: str) -> Path:
    """A project of the case's table."""
    project = folder / "made"
    command = [sys.executable, "-m", "poc2prod", "new", str(project), "--no-input", "--no-git"]
    command += ["--data", str(CASES / case / "data.csv")]
    command += [word for role, name in roles.items() for word in (f"--{role}", name)]
    subprocess.run(command, check=True, capture_output=True, env=clean_environment())
    return project


def findings(project: Path, step: str) -> list[dict[str, Any]]:
    """The findings of a step's report."""
    found = json.loads((project / "reports" / f"{step}.json").read_text(encoding="utf-8"))
    return list(found["results"]["findings"])


@pytest.mark.parametrize(("case", "roles", "name", "text"), LEAKS)
def test_new_names_the_leak_first(case: str, roles: dict[str, str], name: str, text: str) -> None:
    """Before anything is made, the leak is the first thing said."""
    named = Roles(roles["target"], id=roles.get("id", ""))
    read = user_data.read(CASES / case / "data.csv", named, "", committed=False)
    first = read.findings[0]
    assert (first.id, first.step, text in first.text) == (name, "features", True)


@pytest.mark.slow
@pytest.mark.parametrize(("case", "roles", "name", "text"), LEAKS)
def test_poc_names_the_leak_first(
    tmp_path: Path, case: str, roles: dict[str, str], name: str, text: str
) -> None:
    """`poc` has it as a finding of I.6, shows it first, and `check` does not pass."""
    project = project_of(tmp_path, case, **roles)
    done = run(project, sys.executable, "-m", "made", "poc")
    assert done.returncode == 0, done.stderr
    assert findings(project, "features")[0]["id"] == name
    first = " ".join(done.stdout.split("Check these first")[1].split())
    assert first.startswith(f"1. {text}")


@pytest.mark.slow
def test_one_class_in_training(tmp_path: Path) -> None:
    """`split` stops with a sentence that names the first positive's day."""
    project = project_of(tmp_path, "one-class-in-training", target="fraud", time="day")
    done = run(project, sys.executable, "-m", "made", "poc")
    said = " ".join((done.stdout + done.stderr).split())
    assert done.returncode
    assert "The step split stopped: none of the 540 training rows has fraud = yes" in said
    assert "112 of all 900 rows have it, the first of 2023-08-23, and training ends with 2023-06-29" in said
    assert "Traceback" not in said


@pytest.mark.slow
def test_class_only_in_test(tmp_path: Path) -> None:
    """A finding of `split`; the test part can be judged all the same, and the command counts it again."""
    project = project_of(tmp_path, "class-only-in-test", target="kind", time="day")
    for words in (["poc"], ["evaluate", "--open-test"], ["poc"]):
        done = run(project, sys.executable, "-m", "made", *words)
        assert done.returncode == 0, done.stderr
    (found,) = [one for one in findings(project, "split") if one["kind"] == "class_missing"]
    assert found["text"].startswith(
        "22.2 % of the test rows (40 of 180) are of a class that no training row has: kind = new (40 rows, "
        "2023-10-02 to 2023-10-27)."
    )
    checked = run(
        project, sys.executable, "-m", "poc2prod", "check", "split", environment=clean_environment()
    )
    assert "class_missing:kind: 22.2 % of the test rows" in " ".join(checked.stdout.split())
