"""A messy table: each finding ends by one command, the checklist agrees, and the API cleans requests alike."""

from __future__ import annotations

import csv
import json
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bakes import clean_environment, succeed

Rows = list[dict[str, Any]]


def table() -> Rows:
    """Two numbers and a city tell something of a label; every row is another."""
    draw, rows = random.Random(7), []
    for number in range(900):
        age, city = draw.randint(18, 90), draw.choice(["Berlin", "Hamburg", "Munich"])
        x = round(draw.gauss(age / 30, 1), 3)
        label = "yes" if draw.random() < 1 / (1 + 2.7 ** (1.8 - x)) else "no"
        rows.append(
            {"id": number, "age": age, "city": city, "x": x, "z": round(draw.random(), 4), "y": label}
        )
    return rows


def spelled(rows: Rows) -> None:
    """A city written with a space behind it."""
    for row in rows[:84:7]:
        row["city"] = "berlin "


def impossible(rows: Rows) -> None:
    """999 for an age that nobody asked for."""
    for row in rows[3:223:11]:
        row["age"] = 999


def copied(rows: Rows) -> None:
    """Rows that were entered twice, under another id."""
    rows += [{**row, "id": 900 + number} for number, row in enumerate(rows[:120:3])]


def told(rows: Rows) -> None:
    """A column that is filled in once the label is known."""
    for row in rows:
        row["closed"] = "2" if row["y"] == "yes" else "1"


def exceeding(rows: Rows) -> None:
    """Two counts of which the larger one tells the label."""
    draw = random.Random(8)
    for row in rows:
        low, high = sorted(draw.sample(range(2000), 2))
        row["for"], row["against"] = (high, low) if row["y"] == "yes" else (low, high)


# Copies come last, so that they are copies
MESSES: dict[str, Callable[[Rows], None]] = {
    "spelling:city": spelled, "impossible:age": impossible, "leak:closed": told,
    "exceeds:for>against": exceeding, "duplicates": copied,
}  # fmt: skip


def clean(project: Path, *arguments: str) -> str:
    """What `python -m messy clean …` prints."""
    return " ".join(succeed(project, sys.executable, "-m", "messy", "clean", *arguments).split())


@pytest.mark.slow
def test_each_finding_ends_by_one_command(tmp_path: Path) -> None:
    """Listed with its remedy, ended, gone when the rows are looked at again; the raw file keeps its bytes."""
    rows, data, project = table(), tmp_path / "table.csv", tmp_path / "messy"
    for mess in MESSES.values():
        mess(rows)
    with data.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    raw = data.read_bytes()
    options = ("--no-input", "--no-git", "--data", str(data), "--target", "y", "--id", "id")
    succeed(tmp_path, sys.executable, "-m", "poc2prod", "new", str(project), *options)
    succeed(project, sys.executable, "-m", "messy", "data", "split", "features")

    listed = clean(project)
    for finding in MESSES:
        assert f"{finding}: " in listed
        assert "->" in listed.partition(f"{finding}: ")[2]
        ended = clean(project, finding, "--who", "Ada")
        assert ("It is no longer found." in ended) == (
            finding in ("spelling:city", "impossible:age", "duplicates")
        )
    assert clean(project) == "No finding about cells, rows or columns is open."
    assert (project / "data" / "raw" / "table.csv").read_bytes() == raw

    succeed(project, sys.executable, "-m", "messy", "poc")
    results = json.loads((project / "reports" / "data.json").read_text(encoding="utf-8"))["results"]
    assert results["findings"] == []
    assert results["cleaning"]["rows_dropped"] == 40
    assert {one["finding"]: one["cells"] for one in results["cleaning"]["rules"]} == {
        "spelling:city": 12, "impossible:age": 20,
    }  # fmt: skip
    checked = subprocess.run(
        [sys.executable, "-m", "poc2prod", "check", "data", "split", "features", "--json"], cwd=project,
        capture_output=True, text=True, encoding="utf-8", env=clean_environment(), check=False,
    )  # fmt: skip
    findings = [one for step in json.loads(checked.stdout)["steps"] for one in step["findings"]]
    assert [one["text"] for one in findings if one["outcome"] == "fail"] == []
    assert {one["outcome"] for one in findings if one["check"] == "screened"} == {"pass"}

    succeed(project, sys.executable, "-m", "messy", "contract", "api")
    asked = """
import json, sys
from pathlib import Path
from messy import pipeline, rules
from poc2prod_kit.serving import scorer
print(json.dumps(scorer.load(Path(), rules).predict(json.loads(sys.argv[1]))))
"""
    same: Rows = [
        {"age": 999.0, "city": "berlin ", "x": 1.2, "z": 0.5},
        {"city": "Berlin", "x": 1.2, "z": 0.5},
    ]
    done = succeed(project, sys.executable, "-c", asked, json.dumps(same))
    messy, plain = json.loads(done)
    assert messy == plain
