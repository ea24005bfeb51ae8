"""Faults planted in a table are named by the project that is made of it; clean tables raise nothing."""

from __future__ import annotations

import csv
import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from bakes import clean_environment, succeed

Row = dict[str, Any]
ROWS = 900


def table(seed: int = 3, rows: int = ROWS, noise: float = 0.7) -> list[Row]:
    """A binary question that a model can answer well, but not perfectly."""
    draw = random.Random(seed)
    made = []
    for number in range(rows):
        x = [draw.gauss(0, 1) for _ in range(4)]
        kind = draw.choice(["plain", "striped", "dotted"])
        score = 2.2 * x[0] - 1.4 * x[1] + (1.2 if kind == "striped" else 0) + draw.gauss(0, noise)
        cells = {f"x{place}": f"{value:.4f}" for place, value in enumerate(x)}
        made.append(
            {"row": f"r{number:04}", **cells, "pattern": kind, "sold": "yes" if score > 0.3 else "no"}
        )
    return made


def write(path: Path, rows: list[Row]) -> Path:
    """The rows as a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def findings(
    folder: Path, rows: list[Row], target: str, *options: str, edit: Callable[[Path], None] | None = None
) -> list[dict[str, Any]]:
    """Everything that the project made of these rows says a person should look at."""
    data = write(folder / "table.csv", rows)
    project = folder / "planted"
    command = [sys.executable, "-m", "poc2prod", "new", str(project), "--no-input", "--no-git"]
    command += ["--data", str(data), "--target", target, *options]
    subprocess.run(command, check=True, capture_output=True, env=clean_environment())
    if edit:
        edit(project)
    succeed(project, sys.executable, "-m", "planted", "poc")
    reports = sorted((project / "reports").glob("*.json"))
    found = [json.loads(report.read_text(encoding="utf-8"))["results"]["findings"] for report in reports]
    return [finding for report in found for finding in report]


def kinds(found: Iterable[dict[str, Any]]) -> set[str]:
    """The kinds of the findings."""
    return {finding["kind"] for finding in found}


def named(found: Iterable[dict[str, Any]], kind: str) -> dict[str, Any]:
    """The one finding of that kind."""
    return next(finding for finding in found if finding["kind"] == kind)


@pytest.mark.slow
def test_a_column_that_is_the_label_with_noise(tmp_path: Path) -> None:
    """A number that knows the label up to noise is named as a leak."""
    draw, rows = random.Random(1), table()
    for row in rows:
        row["risk"] = f"{(row['sold'] == 'yes') + draw.gauss(0, 0.15):.3f}"
    found = findings(tmp_path, rows, "sold", "--id", "row")
    assert named(found, "leak")["columns"] == ["risk"]


@pytest.mark.slow
def test_a_column_that_is_known_too_late(tmp_path: Path) -> None:
    """The delay at departure foretells the answer so well that someone must be asked if it is known."""
    draw, rows = random.Random(1), table(noise=2.0)
    for row in rows:
        row["started"] = f"{(row['sold'] == 'yes') + draw.gauss(0, 0.3):.3f}"
    found = findings(tmp_path, rows, "sold", "--id", "row")
    assert named(found, "leak")["columns"] == ["started"]


@pytest.mark.slow
def test_columns_that_sum_to_the_target(tmp_path: Path) -> None:
    """Two columns whose sum is the target are named together."""
    draw, rows = random.Random(2), table()
    for row in rows:
        walk, ride = draw.randrange(40), round(30 + 12 * float(row["x0"]) + draw.gauss(0, 6))
        row.update(walk=walk, ride=ride, trips=walk + ride)
        del row["sold"]
    found = findings(tmp_path, rows, "trips", "--id", "row")
    assert set(named(found, "parts")["columns"]) == {"walk", "ride"}


@pytest.mark.slow
def test_a_group_on_two_sides(tmp_path: Path) -> None:
    """Rows of one shop share their label; nobody declared the shop as a group."""
    draw = random.Random(4)
    shops = {f"shop {number}": draw.gauss(0, 2) for number in range(120)}
    rows = table(noise=0.3)
    for row in rows:
        row["shop"] = draw.choice(sorted(shops))
        row["sold"] = "yes" if shops[row["shop"]] + 0.5 * float(row["x0"]) > 0 else "no"
    found = findings(tmp_path, rows, "sold", "--id", "row")
    assert named(found, "group")["columns"] == ["shop"]


@pytest.mark.slow
def test_copies_across_the_split(tmp_path: Path) -> None:
    """Forty rows stand twice under other ids: the sides of a random split share them."""
    rows = table()
    copies = [{**row, "row": f"c{place:04}"} for place, row in enumerate(rows[100:140])]
    assert "copies_across_split" in kinds(findings(tmp_path, rows + copies, "sold", "--id", "row"))


@pytest.mark.slow
def test_a_statistic_fitted_on_all_rows(tmp_path: Path) -> None:
    """A feature less the mean of all rows lets the validation rows into training."""

    def edit(project: Path) -> None:
        features = project / "src" / "planted" / "features.py"
        text = features.read_text(encoding="utf-8")
        before = "    return pd.DataFrame(columns, index=table.index)\n"
        assert before in text
        centred = '    columns["x1"] = table["x1"] - table["x1"].mean()\n'
        features.write_text(text.replace(before, centred + before), encoding="utf-8")

    found = findings(tmp_path, table(), "sold", "--id", "row", edit=edit)
    assert named(found, "fitted_on_all_rows")["columns"] == ["x1"]


@pytest.mark.slow
def test_contradicting_twins(tmp_path: Path) -> None:
    """Twenty rows stand twice, with the opposite label."""
    rows = table()
    other = {"yes": "no", "no": "yes"}
    twins = [{**row, "row": f"t{place}", "sold": other[row["sold"]]} for place, row in enumerate(rows[:20])]
    found = named(findings(tmp_path, rows + twins, "sold", "--id", "row"), "contradictions")
    assert set(found["rows"]) <= {row["row"] for row in rows[:20] + twins}


@pytest.mark.slow
def test_a_label_spelled_two_ways(tmp_path: Path) -> None:
    """One class stands as `Yorkshire Terrier` and, now and then, as `yorkshire terrier`."""
    draw, rows = random.Random(6), table()
    for row in rows:
        breed = "Yorkshire Terrier" if row["sold"] == "yes" else draw.choice(["Beagle", "Great Dane"])
        row["breed"] = breed.lower() if breed == "Yorkshire Terrier" and draw.random() < 0.1 else breed
        del row["sold"]
    found = named(findings(tmp_path, rows, "breed", "--id", "row"), "spelling")
    assert "yorkshire terrier" in found["text"]


@pytest.mark.slow
def test_flipped_labels(tmp_path: Path) -> None:
    """Three in a hundred labels are flipped, in a table that a model answers well."""
    draw, rows = random.Random(8), table(rows=1500, noise=0.2)
    flipped = set()
    for row in rows:
        if draw.random() < 0.03:
            row["sold"] = {"yes": "no", "no": "yes"}[row["sold"]]
            flipped.add(row["row"])
    found = named(findings(tmp_path, rows, "sold", "--id", "row"), "flipped_labels")
    assert len(flipped & set(found["rows"])) > len(found["rows"]) / 2


def bundled(name: str) -> tuple[list[Row], str]:
    """One of scikit-learn's bundled tables, with an id."""
    from sklearn import datasets

    frame = getattr(datasets, f"load_{name}")(as_frame=True).frame
    frame.insert(0, "row", [f"r{number:04}" for number in range(len(frame))])
    return frame.to_dict("records"), "target"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["iris", "wine", "breast_cancer", "diabetes", "table"])
def test_a_clean_table_raises_nothing(tmp_path: Path, name: str) -> None:
    """Real and made tables without a planted fault have no finding."""
    rows, target = (table(), "sold") if name == "table" else bundled(name)
    found = findings(tmp_path, rows, target, "--id", "row")
    assert [(finding["kind"], finding["text"]) for finding in found] == []


@pytest.mark.slow
@pytest.mark.parametrize("demo", ["employment", "bikeshare"])
def test_the_demos_raise_nothing(tmp_path: Path, demo: str) -> None:
    """The demos are worked as an expert would, so nothing is left to find."""
    project = tmp_path / "demo_project"
    command = [
        sys.executable,
        "-m",
        "poc2prod",
        "new",
        str(project),
        "--no-input",
        "--no-git",
        "--set",
        f"demo={demo}",
    ]
    subprocess.run(command, check=True, capture_output=True, env=clean_environment())
    succeed(project, sys.executable, "-m", "demo_project", "poc")
    reports = [
        json.loads(path.read_text(encoding="utf-8")) for path in sorted((project / "reports").glob("*.json"))
    ]
    assert [finding["text"] for report in reports for finding in report["results"]["findings"]] == []
