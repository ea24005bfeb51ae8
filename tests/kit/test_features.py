"""Features: defined once, from their row alone, and reproduced by the golden rows."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from project import features
from project.kit import golden, proof, rulebook, synthetic
from project.kit.errors import ProjectError
from project.kit.project import Project

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

    def made(**rules: Callable[[pd.DataFrame], Any]) -> Project:
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
    results, _ = proof.prove(project, many(), halves(many()))
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
    heavy = lambda table: table["a b"] > 1  # noqa: E731
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
    project = make(doubled=lambda table: 2 * table["a b"])
    assert changed(project) == {"others": [], "target": [], "alone": []}


def test_a_mean_over_all_rows_is_found(make: Callable[..., Project]) -> None:
    """A rule that subtracts the mean of the table at hand is fitted on validation rows too."""
    project = make(centred=lambda table: table["a b"] - table["a b"].mean())
    results, findings = proof.prove(project, many(), halves(many()))
    assert results["others"] == ["centred"]
    assert [(item.kind, item.columns) for item in findings] == [("fitted_on_all_rows", ("centred",))]


def test_a_target_mean_over_all_rows_is_found(make: Callable[..., Project]) -> None:
    """A rule that averages targets changes with other rows, with the target, and alone."""
    project = make(usual=lambda table: table["y"].groupby(table["class"]).transform("mean"))
    assert changed(project) == {"others": ["usual"], "target": ["usual"], "alone": ["usual"]}


def test_a_rule_that_reads_the_answer_is_found(make: Callable[..., Project]) -> None:
    """A rule of the row's own target changes with the target only."""
    project = make(answer=lambda table: table["y"] * 2)
    assert changed(project) == {"others": [], "target": ["answer"], "alone": []}


def test_a_rule_that_fails_is_named(make: Callable[..., Project]) -> None:
    """An error inside a rule names the rule, and no traceback is needed to mend it."""
    project = make(broken=lambda table: table["weight"])
    with pytest.raises(ProjectError) as told:
        features.build(project, project.table())
    expected = (
        "rules.py, broken: it ended with KeyError: 'weight'. It is given the table with the "
        "columns of schema.toml."
    )
    assert str(told.value) == expected


def test_an_unknown_rule_is_answered_with_the_nearest(make: Callable[..., Project]) -> None:
    """A misspelt rule is refused with the one that was probably meant."""
    make(doubled=lambda table: table["a b"])
    with pytest.raises(ProjectError) as told:
        rulebook.rule("doubeld")
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
    project = make(doubled=lambda table: 2 * table["a b"])
    results, findings, files = golden.compare(project)
    assert results["golden"] == {"rows": 18, "origin": "synthetic", "differing_values": 0}
    assert results["sample"] == {"rows": 200, "origin": "synthetic"}
    assert (findings, files) == ([], [golden.FILE, synthetic.SAMPLE, synthetic.LABEL])
    before = (project.root / golden.FILE).read_bytes()
    other = lambda table: 3 * table["a b"]  # noqa: E731
    other.__module__ = RULES.__name__
    monkeypatch.setattr(RULES, "doubled", other)
    results, findings, _ = golden.compare(project)
    rows = json.loads(before)["rows"]
    differing = sum(row["features"]["doubled"] not in (None, 0.0) for row in rows)
    assert results["golden"]["differing_values"] == differing
    assert [(item.kind, item.columns) for item in findings] == [("golden_rows", ("doubled",))]
    assert (project.root / golden.FILE).read_bytes() == before


def test_golden_rows_hold_the_odd_cases(make: Callable[..., Project]) -> None:
    """Nulls and a category never seen are among the golden rows; the target is not among their inputs."""
    project = make()
    golden.write_golden(project)
    rows = json.loads((project.root / golden.FILE).read_text(encoding="utf-8"))["rows"]
    assert [rows[-2]["input"]["a b"], rows[-1]["input"]["class"]] == ["", "never seen before"]
    assert [rows[-2]["features"]["a b"], rows[-1]["features"]["class"]] == [None, "never seen before"]
    assert all("y" not in row["input"] for row in rows)
