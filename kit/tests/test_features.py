"""Features: defined once, from their row alone, and reproduced by the golden rows."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from poc2prod_kit.rules import golden, leakage_test, rulebook, synthetic
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.project import Project
from project import features

SCHEMA = """
[[column]]
name = "a b"
type = "number"
nullable = true
minimum = 0
maximum = 9
unit = "kg"
[[column]]
name = "class"
type = "category"
nullable = true
values = ["x", "y"]
meaning = "a class"
[[column]]
name = "free.text"
type = "text"
[[column]]
name = "born"
type = "date"
formats = ["%Y-%m-%d"]
minimum = "2019-01-01"
maximum = "2020-12-31"
[[column]]
name = "seen"
type = "date"
formats = ["%Y-%m-%dT%H:%M"]
[[column]]
name = "y"
type = "number"
"""
PARAMS = """
seed = 1
[data]
files = ["data/raw/t.csv"]
target = "y"
time = "seen"
exclude = []
[problem]
outcome = "regression"
metric = "mae"
[features]
rules = [{rules}]
"""
ROWS = """a b,class,free.text,born,seen,y
1.5,x,two words,2020-02-01,2020-03-02T05:00,1
,,,,,2
"""
RULES = sys.modules["project.rules"]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Project]:
    """A project in a temporary folder with these rules."""

    def made(**rules: Callable[[Any], Any]) -> Project:
        for name, function in rules.items():
            function.__module__ = RULES.__name__
            monkeypatch.setattr(RULES, name, function, raising=False)
        (tmp_path / "data" / "raw").mkdir(parents=True)
        (tmp_path / "data" / "raw" / "t.csv").write_text(ROWS, encoding="utf-8")
        (tmp_path / "schema.toml").write_text(SCHEMA, encoding="utf-8")
        named = ", ".join(f'"{name}"' for name in rules)
        (tmp_path / "params.toml").write_text(PARAMS.format(rules=named), encoding="utf-8")
        return Project(tmp_path)

    return made


def many(n: int = 60) -> pd.DataFrame:
    """A larger table of that schema."""
    generator = np.random.default_rng(0)
    days = pd.to_timedelta(generator.integers(0, 900, n), "D")
    return pd.DataFrame(
        {
            "a b": generator.normal(size=n),
            "class": np.array(generator.choice(["x", "y"], n), dtype=object),
            "free.text": np.array(["some words"] * n, dtype=object),
            "born": pd.Timestamp(2019, 1, 1) + days,
            "seen": pd.Timestamp(2022, 1, 1) + days,
            "y": generator.normal(size=n),
        },
        index=pd.Index([f"r{place}" for place in range(n)], name="row_id"),
    )


def halves(table: pd.DataFrame) -> pd.Series:
    """The first half trains, the second validates."""
    return pd.Series(
        np.where(np.arange(len(table)) < len(table) / 2, "train", "validation"), index=table.index
    )


def changed(project: Project) -> dict[str, list[str]]:
    """What the proof found to change."""
    results, _ = leakage_test.prove(project, many(), halves(many()))
    return {key: results[key] for key in ("others", "target", "alone")}


def test_each_kind_of_column_gives_its_features(make: Callable[..., Project]) -> None:
    """Numbers as they are, categories with (missing), texts as counts, dates as the parts that can differ."""
    project = make()
    made = features.build(project, project.table())
    row = {str(name): made[name].iloc[0] for name in made}
    assert row == {
        "a b": 1.5, "class": "x", "free.text.characters": 9.0, "free.text.words": 2.0,
        "born.year": 2020.0, "born.month": 2.0,
        "born.day_of_week": 5.0, "born.days_before": 30.0 + 5 / 24, "seen.day_of_week": 0.0, "seen.hour": 5.0,
    }  # fmt: skip
    assert made.iloc[1].drop("class").isna().all()
    assert made["class"].iloc[1] == "(missing)"


def test_a_feature_is_defined_once(make: Callable[..., Project]) -> None:
    """The definition says where a feature comes from, and a rule named like a column gets its own name."""
    heavy = lambda row: row["a b"] > 1  # noqa: E731
    heavy.__doc__ = "1 from one kilogram on.\n\nMore."
    project = make(**{"class": heavy})
    defined = features.definitions(project)
    assert defined[0] == {
        "name": "a b",
        "column": "a b",
        "how": "number",
        "kind": "number",
        "meaning": "",
        "unit": "kg",
    }
    rule = {
        "name": "class (rule)",
        "rule": "class",
        "how": "rule",
        "kind": "number",
        "meaning": "1 from one kilogram on.",
    }
    assert defined[-1] == rule
    assert [one["name"] for one in defined] == list(features.build(project, project.table()))


def test_honest_features_do_not_change(make: Callable[..., Project]) -> None:
    """Features of a row alone stay as they are whatever happens to other rows and to targets."""
    project = make(doubled=lambda row: 2 * row["a b"])
    assert changed(project) == {"others": [], "target": [], "alone": []}


def patched(monkeypatch: pytest.MonkeyPatch, name: str, compute: Callable[[pd.DataFrame], pd.Series]) -> None:
    """Let features.build add a feature that is computed over a whole table."""
    build = features.build
    monkeypatch.setattr(
        features, "build", lambda project, table: build(project, table).assign(**{name: compute(table)})
    )


def test_a_mean_over_all_rows_is_found(make: Callable[..., Project], monkeypatch: pytest.MonkeyPatch) -> None:
    """A feature less the mean of the table at hand is fitted on validation rows too."""
    project = make()
    patched(monkeypatch, "centred", lambda table: table["a b"] - table["a b"].mean())
    results, findings = leakage_test.prove(project, many(), halves(many()))
    assert results["others"] == ["centred"]
    assert [(item.kind, item.columns) for item in findings] == [("fitted_on_all_rows", ("centred",))]


def test_a_target_mean_over_all_rows_is_found(
    make: Callable[..., Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A feature that averages targets changes with other rows, with the target, and alone."""
    project = make()
    patched(monkeypatch, "usual", lambda table: table["y"].groupby(table["class"]).transform("mean"))
    assert changed(project) == {"others": ["usual"], "target": ["usual"], "alone": ["usual"]}


def test_a_feature_of_the_answer_is_found(
    make: Callable[..., Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A feature of the row's own target changes with the target only."""
    project = make()
    patched(monkeypatch, "answer", lambda table: table["y"] * 2)
    assert changed(project) == {"others": [], "target": ["answer"], "alone": []}


def test_a_rule_that_reads_the_answer_is_refused(make: Callable[..., Project]) -> None:
    """A feature rule is not given the target, and is told so by name."""
    project = make(answer=lambda row: row["y"] * 2)
    with pytest.raises(ProjectError) as told:
        features.build(project, project.table())
    expected = (
        "A rule of rules.py reads y, the target, which nobody knows when a prediction is due. "
        "Take it out of [features] rules, or compute it from other columns."
    )
    assert str(told.value) == expected


def test_a_rule_that_remembers_rows_is_found(make: Callable[..., Project]) -> None:
    """A rule with a memory gives a row another value when other rows came before it."""
    seen: list[float] = []

    def centred(row: Any) -> float:
        seen.append(row["a b"])
        return float(row["a b"] - sum(seen) / len(seen))

    found = changed(make(centred=centred))
    assert {name: columns for name, columns in found.items() if columns} == {
        "others": ["centred"],
        "target": ["centred"],
        "alone": ["centred"],
    }


def test_a_rule_sees_plain_values_and_no_empty_cells(make: Callable[..., Project]) -> None:
    """Numbers are floats, dates datetimes, texts str; an empty cell ends the rule, or is None to `get`."""
    rows: list[dict[str, Any]] = []

    def copied(row: Any) -> float | None:
        rows.append(dict(row))
        return None if row.get("a b") is None else 1.0

    project = make(copied=copied, other=lambda row: row["a b"] + 1)
    made = features.build(project, project.table())
    first = {
        "a b": 1.5,
        "class": "x",
        "free.text": "two words",
        "born": datetime(2020, 2, 1),
        "seen": datetime(2020, 3, 2, 5),
    }
    assert rows == [first, {}]
    assert [type(value) for value in rows[0].values()] == [float, str, str, datetime, datetime]
    assert made[["copied", "other"]].fillna(-1.0).to_numpy().tolist() == [[1.0, 2.5], [-1.0, -1.0]]


def test_a_rule_that_fails_is_named(make: Callable[..., Project]) -> None:
    """An error inside a rule names the rule, and no traceback is needed to mend it."""

    def broken(row: Any) -> Any:
        return row["weight"]

    project = make(broken=broken)
    with pytest.raises(ProjectError) as told:
        features.build(project, project.table())
    expected = (
        "rules.py, broken: it ended with LookupError: 'weight' is not a column of schema.toml, which has "
        "a b, class, free.text, born, seen. It is given one row: the columns of schema.toml by name, "
        'without the empty ones; row.get("column") gives None for those.'
    )
    assert str(told.value) == expected


def test_an_unknown_rule_is_answered_with_the_nearest(make: Callable[..., Project]) -> None:
    """A misspelt rule is refused with the one that was probably meant."""
    make(doubled=lambda row: row["a b"])
    with pytest.raises(ProjectError) as told:
        rulebook.rule(sys.modules["project.rules"], "doubeld")
    expected = (
        "params.toml names a rule 'doubeld', but rules.py has no function of that name. Did you mean doubled?"
    )
    assert str(told.value) == expected


def test_golden_rows_are_written_once_and_held(
    make: Callable[..., Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows drawn from the schema are labelled so.

    When the code changes, the file stays and the difference is a finding.
    """
    project = make(doubled=lambda row: 2 * row["a b"])
    results, findings, files = golden.compare(project)
    assert results["golden"] == {"rows": 18, "origin": "synthetic", "differing_values": 0}
    assert (findings, files) == ([], [golden.FILE])
    before = (project.root / golden.FILE).read_bytes()
    other = lambda row: 3 * row["a b"]  # noqa: E731
    other.__module__ = RULES.__name__
    monkeypatch.setattr(RULES, "doubled", other)
    results, findings, _ = golden.compare(project)
    rows = json.loads(before)["rows"]
    differing = sum(row["features"]["doubled"] not in (None, 0.0) for row in rows)
    assert results["golden"]["differing_values"] == differing
    assert [(item.kind, item.columns) for item in findings] == [("golden_rows", ("doubled",))]
    assert (project.root / golden.FILE).read_bytes() == before


def test_the_sample_follows_the_table(make: Callable[..., Project]) -> None:
    """A sample of other columns, or of real rows where none may be shown, is written anew; else it stays."""
    project = make()
    synthetic.refresh_sample(project)
    sample, label = (project.root / name for name in (synthetic.SAMPLE, synthetic.LABEL))
    whole = sample.read_bytes()
    sample.write_bytes(whole.replace(b"alpha", b"ALPHA"))
    ours = sample.read_bytes()
    synthetic.refresh_sample(project)
    assert sample.read_bytes() == ours
    sample.write_bytes(b"another,table\n1,2\n")
    synthetic.refresh_sample(project)
    assert sample.read_bytes() == whole
    sample.write_bytes(whole + b"0,x,mine,2020-01-01,2020-01-01T05:00,1\n")
    label.write_text('{"origin": "real", "rows": 201}', encoding="utf-8")
    assert synthetic.refresh_sample(project)[0] == {"rows": 200, "origin": "synthetic"}
    assert sample.read_bytes() == whole


def test_golden_rows_hold_the_odd_cases(make: Callable[..., Project]) -> None:
    """Nulls and a category never seen are among the golden rows; the target is not among their inputs."""
    project = make()
    golden.write_golden(project)
    rows = json.loads((project.root / golden.FILE).read_text(encoding="utf-8"))["rows"]
    assert [rows[-2]["input"]["a b"], rows[-1]["input"]["class"]] == ["", "never seen before"]
    assert [rows[-2]["features"]["a b"], rows[-1]["features"]["class"]] == [None, "never seen before"]
    assert all("y" not in row["input"] for row in rows)
