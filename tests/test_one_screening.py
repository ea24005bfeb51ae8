"""What `new` says of a table, `poc` says too, and I.6 does not pass before an entry in [findings] ends it."""

from __future__ import annotations

import csv
import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from bakes import clean_environment, succeed

Row = dict[str, Any]


def votes() -> list[Row]:
    """Whether one count exceeds the other tells who won; neither does alone."""
    draw, rows = random.Random(1), []
    for number in range(600):
        one, other = draw.sample(range(2000), 2)
        rows.append(
            {
                "id": number, "votes_for": one, "votes_against": other, "region": draw.choice("NSEW"),
                "won": "yes" if one > other else "no",
            }
        )  # fmt: skip
    return rows


def notes() -> list[Row]:
    """A word in a free text tells who left."""
    draw, rows = random.Random(2), []
    words = ["alpha", "beta", "gamma", "delta", "river", "stone", "light", "paper"]
    for number in range(600):
        left = draw.random() < 0.4
        said = [draw.choice(words) for _ in range(7)]
        if left and draw.random() < 0.96:
            said[draw.randrange(7)] = "cancelled"
        rows.append(
            {
                "id": number,
                "age": draw.randrange(20, 80),
                "note": " ".join([*said, f"x{number}"]),
                "churned": left,
            }
        )
    return rows


CASES = {
    "exceeds:votes_for>votes_against": (
        votes,
        "won",
        "Whether votes_for exceeds votes_against tells won on 100 %",
    ),
    "leak:note": (notes, "churned", 'note says "cancelled" in 9'),
}


def command(*arguments: str, folder: Path | None = None) -> Any:
    """What `poc2prod … --json` prints."""
    done = subprocess.run(
        [sys.executable, "-m", "poc2prod", *arguments, "--json"],
        capture_output=True, text=True, encoding="utf-8", env=clean_environment(), cwd=folder, check=False,
    )  # fmt: skip
    return json.loads(done.stdout)


def screened(project: Path) -> list[dict[str, str]]:
    """What `check` finds of the screening of I.6."""
    (row,) = command("check", "features", folder=project)["steps"]
    return [one for one in row["findings"] if one["check"] == "screened"]


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_what_new_says_stays_said(tmp_path: Path, name: str) -> None:
    """The same id and sentence in three places; an entry with how, reason and who ends it."""
    rows, target, begins = CASES[name]
    data, project = tmp_path / "table.csv", tmp_path / "told"
    with data.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows()[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows())
    options = ("--no-input", "--no-git", "--data", str(data), "--target", target, "--id", "id")
    made = command("new", str(project), *options)
    said = {one["id"]: one["text"] for one in made["data"]["findings"] if one["step"]}
    assert list(said) == [name]
    assert said[name].startswith(begins)

    succeed(project, sys.executable, "-m", "told", "poc")
    report = json.loads((project / "reports" / "features.json").read_text(encoding="utf-8"))
    assert {one["id"]: one["text"] for one in report["results"]["findings"]} == said

    (found,) = screened(project)
    assert (found["outcome"], found["text"]) == ("fail", f"{name}: {said[name]}")
    assert f'[findings."{name}"]' in found["todo"]

    params = project / "params.toml"
    entry = f'\n[findings."{name}"]\nhow = "known"\nreason = "it is counted in time"\nwho = "Ada"\n'
    params.write_text(params.read_text(encoding="utf-8") + entry, encoding="utf-8")
    (found,) = screened(project)
    assert (found["outcome"], found["basis"]) == ("pass", "attested")
