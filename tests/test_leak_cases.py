"""Cases of leaks and of classes that come late: files in tests/data/cases, each with its right answer."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from bakes import clean_environment, run
from poc2prod_kit.tables.roles import Roles

from poc2prod import user_data
from poc2prod.collect import collect

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


def read(path: Path, target: str, **roles: str) -> user_data.UserData:
    """A table as `new` reads it."""
    source = collect([str(path)], "", None, path.parent)
    return user_data.read(source, Roles(target, id=roles.get("id", "")), "", committed=False)


@pytest.mark.parametrize(("case", "roles", "name", "text"), LEAKS)
def test_new_names_the_leak_first(case: str, roles: dict[str, str], name: str, text: str) -> None:
    """Before anything is made, the leak is the first thing said."""
    first = read(CASES / case / "data.csv", **roles).findings[0]
    assert (first.id, first.step, text in first.text) == (name, "features", True)


GAME = {1: "won", 0: "drawn", -1: "lost"}


def rows(outcome: str) -> pd.DataFrame:
    """2,000 rows with a number, areas, days and kinds; the target y is a class or a number."""
    draw = np.random.default_rng(5)
    table = pd.DataFrame(
        {
            "x": draw.normal(size=2000).round(3),
            "area": draw.choice([f"area {place}" for place in range(60)], 2000),
            "kind": draw.choice(list("pqr"), 2000),
            "a": draw.integers(1, 500, 2000),
            "b": draw.integers(100, 900, 2000),
            "start": pd.Timestamp("2023-01-01") + pd.to_timedelta(draw.integers(0, 7_000_000, 2000), "s"),
        }
    )
    noisy = table["x"] + draw.normal(size=2000)
    table["y"] = (50 + 2 * noisy).round(2) if outcome == "regression" else np.where(noisy > 0, "yes", "no")
    return table


def named(folder: Path, table: pd.DataFrame) -> dict[str, str]:
    """Sentence by id of what stops I.6."""
    table.to_csv(folder / "t.csv", index=False)
    found = read(folder / "t.csv", target="y").findings
    return {one.id: one.text for one in found if one.step == "features"}


def means(table: pd.DataFrame) -> dict[str, pd.Series]:
    """Encodings of the area by the target: plain, without the row itself, and shrunk to the mean of all."""
    y = table["y"] if pd.api.types.is_numeric_dtype(table["y"]) else (table["y"] == "yes") * 1.0
    by = y.groupby(table["area"])
    total, size = by.transform("sum"), by.transform("size")
    return {
        "over the rows that share this value": by.transform("mean").round(3),
        "over the other rows of the same area": ((total - y) / (size - 1)).round(4),
        "over the rows of the same area, shrunk to a constant": ((total + 9 * y.mean()) / (size + 9)).round(
            4
        ),
    }


@pytest.mark.parametrize("outcome", ["binary", "regression"])
def test_target_means(tmp_path: Path, outcome: str) -> None:
    """A target encoding made on all rows is named; one made on other rows is not."""
    table = rows(outcome)
    what = "the mean of y" if outcome == "regression" else "the share of y = yes"
    assert named(tmp_path, table) == {}
    for how, values in means(table).items():
        found = named(tmp_path, table.assign(rate=values))
        assert list(found) == ["leak:rate"]
        assert found["leak:rate"].startswith(f"rate is {what} {how}, on 2,000 of 2,000 rows:")
    half = table.index % 2 == 0
    honest = table["area"].map(next(iter(means(table[half]).values())).groupby(table["area"][half]).first())
    assert named(tmp_path, table.assign(rate=honest)) == {}


@pytest.mark.parametrize(
    ("change", "name", "text"),
    [
        (
            lambda t: {"y": (100 * t["a"] / t["b"]).round(1)},
            "parts:a+b",
            "100 * a / b is y on every row",
        ),
        (
            lambda t: {"end": t["start"] + pd.to_timedelta((60 * t["y"]).round(), "s")},
            "parts:start+end",
            "end - start in minutes is y on every row",
        ),
        (
            lambda t: {"y": (np.sin(t["b"] / 99) * 9 + t["x"] / 5).round(3)},
            "leak:b",
            "b alone predicts y with R² 0.99",
        ),
        (
            lambda t: {"grade": t["area"], "y": (np.exp(t["area"].str[5:].astype(int) / 6) + t["x"] / 99).round(3)},
            "leak:grade",
            "grade alone predicts y with R² 0.9",
        ),
    ],
)  # fmt: skip
def test_leaks_in_regressions(
    tmp_path: Path, change: Callable[[pd.DataFrame], dict[str, Any]], name: str, text: str
) -> None:
    """A rounded ratio, the time between two dates, a curve that is no line, and levels of a skewed target."""
    table = rows("regression")
    found = named(tmp_path, table.assign(**change(table)))
    assert found[name].startswith(text)


@pytest.mark.parametrize(
    ("change", "name", "text"),
    [
        (
            lambda t: {"b": t["a"].to_numpy()[::-1], "y": np.sign(t["a"] - t["a"].to_numpy()[::-1]).map(GAME)},
            "exceeds:a>b",
            "Whether a exceeds, equals or is below b tells y on 100 % of the 2,000 labelled rows",
        ),
        (
            lambda t: {"end": t["start"] + pd.to_timedelta(np.where(t["y"] == "yes", 1, -1) * (1 + t["a"] % 9), "D")},
            "exceeds:start>end",
            "Whether start exceeds end tells y on 100 % of the 2,000 labelled rows",
        ),
        (
            lambda t: {"y": t["area"].str[-1], "why": np.where(t["area"].str[-1] == "3", t["kind"], "")},
            "leak:why",
            "why has a value in ",
        ),
        (
            lambda t: {"y": t["area"].str[-1], "why": np.where(t["area"].str[-1] == "3", "", t["kind"])},
            "leak:why",
            "why is empty in ",
        ),
    ],
)  # fmt: skip
def test_leaks_in_classes(
    tmp_path: Path, change: Callable[[pd.DataFrame], dict[str, Any]], name: str, text: str
) -> None:
    """The larger of two for three classes and of two dates; a cell filled for one class, or for all but one."""
    table = rows("binary")
    found = named(tmp_path, table.assign(**change(table)))
    assert found[name].startswith(text)


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
