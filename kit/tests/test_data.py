"""The data step: target, manifest, report."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import raw_tables as tables
from poc2prod_kit.rules import synthetic
from poc2prod_kit.run import report
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.serving import parity
from poc2prod_kit.tables import describe
from poc2prod_kit.tables.schema import Column
from project import data


def project(root: Path, labels: list[Any], problem: dict[str, Any]) -> Any:
    """A table whose target holds `labels`, ten times over."""
    rows = "".join(f"{number}.5,{label}\n" for number, label in enumerate(labels * 10))
    return tables.make(root, {"a.csv": "x,y\n" + rows}, problem)


@pytest.mark.parametrize(
    ("labels", "positive"),
    [
        (["no", "yes", "NA"], "yes"),
        ([2, 1, ""], "1"),
        (["0.0", "1.0", "NA"], "1"),
        (["0", "1", "NA"], 1),
        (["False", "True", ""], "true"),
        (["FALSE", "TRUE", ""], True),
        (["nein", "ja", ""], "ja"),
    ],
)
def test_binary_labels(tmp_path: Path, labels: list[Any], positive: Any) -> None:
    """However yes and no are written, the positive value is 1, the other 0, and missing stays missing."""
    made = project(tmp_path, labels, {"positive": positive})
    found = data.target(made, made.table()).head(3).tolist()
    assert [str(value) for value in found] == ["0.0", "1.0", "nan"]


def test_a_negative_value_can_be_the_positive_one(tmp_path: Path) -> None:
    """`positive` may be the no: what counts as an event is the team's choice."""
    made = project(tmp_path, ["yes", "no"], {"positive": "no"})
    assert data.target(made, made.table()).head(2).tolist() == [0.0, 1.0]


@pytest.mark.parametrize(
    ("labels", "problem", "said"),
    [
        (
            ["a", "b"],
            {"positive": "c"},
            "[problem] positive = 'c' never occurs in y, which has 'a' (10 rows), 'b' (10 rows).",
        ),
        (
            ["yes", "no"],
            {"positive": "ja"},
            "[problem] positive = 'ja' never occurs in y, which has 'yes' (10 rows), 'no' (10 rows).",
        ),
        (
            [0, 1, 2],
            {},
            "y has 3 values and [problem] outcome is binary: '0' (10 rows), '1' (10 rows), '2' (10 rows). "
            'Set outcome = "multiclass", or leave the other rows out with a rule in [data] population.',
        ),
        (
            ["loyal", "gone", "Gone"],
            {"positive": "gone"},
            "y has 3 values and [problem] outcome is binary: 'loyal' (10 rows), 'gone' (10 rows), "
            "'Gone' (10 rows). Some differ only in how they are spelled: map them to one spelling in cleaning.toml.",
        ),
        (
            ["a", "b"],
            {"outcome": "regression"},
            "y is a column of type category (such as 'a'), and [problem] outcome is regression, "
            'which needs a number. Set outcome = "multiclass" or "binary", or name another target.',
        ),
        (
            ["a", "b"],
            {"outcome": "rank"},
            "[problem] outcome = 'rank' is none of binary, multiclass, regression.",
        ),
        (
            ["a", "b", "b"],
            {"outcome": ""},
            "[problem] outcome of params.toml is empty. y has two values, a and b; a counts as positive. "
            'Replace the line outcome = "" by:\noutcome = "binary"\npositive = "a"\nmetric = "roc_auc"',
        ),
        (["1"], {}, "y has one value: there is nothing to predict. Name another target."),
    ],
)
def test_a_target_that_cannot_be_learnt_is_refused(
    tmp_path: Path, labels: list[Any], problem: dict[str, Any], said: str
) -> None:
    """The error names what stands in the column and what to write instead."""
    with pytest.raises(ProjectError) as caught:
        data.run(project(tmp_path, labels, problem))
    assert str(caught.value) == said


def test_classes_written_as_numbers(tmp_path: Path) -> None:
    """Numbers that name classes are text, as people write them."""
    made = project(tmp_path, [1, 2, 3], {"outcome": "multiclass"})
    assert data.target(made, made.table()).head(3).tolist() == ["1", "2", "3"]


def test_a_part_without_a_positive_row_is_no_error(tmp_path: Path) -> None:
    """A validation part may lack a class; the whole table may not."""
    made = project(tmp_path, ["a", "b"], {"positive": "b"})
    assert data.target(made, made.table().iloc[[0, 2]]).tolist() == [0.0, 0.0]


def test_names_in_data_must_be_columns(tmp_path: Path) -> None:
    """A role that names no column is refused, with the nearest."""
    made = tables.make(tmp_path, {"a.csv": "amount,y\n1,1\n2,0\n"}, exclude=["amuont"])
    with pytest.raises(ProjectError) as caught:
        data.run(made)
    said = "[data] exclude = 'amuont' is not a column; the columns are amount, y. Did you mean 'amount'?"
    assert str(caught.value) == said


def test_the_manifest_and_two_runs(tmp_path: Path) -> None:
    """The manifest holds size, hash, rows and origin; a known origin is kept; two runs agree."""
    made = project(tmp_path, ["a", "b"], {"positive": "b"})
    raw = (tmp_path / "data/raw/a.csv").read_bytes()
    entry = {
        "name": "data/raw/a.csv",
        "bytes": len(raw),
        "sha256": hashlib.sha256(raw).hexdigest(),
        "rows": 20,
    }
    (tmp_path / "data/manifest.json").write_text(
        json.dumps({"files": [{"name": "data/raw/a.csv", "origin": "sales.csv"}]})
    )
    first = report.plain(data.run(made).results)
    written = (tmp_path / "data/manifest.json").read_bytes()
    assert json.loads(written) == {"schema": 1, "rows": 20, "files": [{**entry, "origin": "sales.csv"}]}
    assert report.plain(data.run(type(made)(tmp_path)).results) == first
    assert (tmp_path / "data/manifest.json").read_bytes() == written


def test_rows_are_drawn_of_dates_that_pandas_has_no_nanoseconds_for(tmp_path: Path) -> None:
    """A column may reach from 0001-01-01 to 9999-12-31, both of them written by many a database."""
    made = tables.make(tmp_path, {"a.csv": "until,y\n2020-01-01,1\n"})
    made.params["seed"] = 1
    until = {"name": "until", "type": "date", "minimum": "0001-01-01", "maximum": "9999-12-31"}
    tables.columns(tmp_path, until)
    assert synthetic.draw(made, 3)["until"][:2] == ["0001-01-01T00:00:00", "9999-12-31T00:00:00"]
    column = Column("until", "date", minimum="1601-01-01", maximum="9999-12-31")
    drawn = parity._cells(column, None, 500, np.random.default_rng(1)).dropna().dt.year
    assert (drawn.min() < 1677, drawn.max() > 2262) == (True, True)


def test_columns_are_described() -> None:
    """A number has its range, a category its most frequent values, text its longest length."""
    values = pd.Series(["b", "a", "b", None], dtype=object)
    assert describe.describe(Column("c", "category"), values) == {
        "type": "category", "missing": 1, "distinct": 2,
        "top": [{"value": "b", "count": 2}, {"value": "a", "count": 1}],
    }  # fmt: skip
    numbers = report.plain(describe.describe(Column("n", "number"), pd.Series([1.0, 2.0, 6.0])))
    assert numbers == {
        "type": "number", "missing": 0, "distinct": 3,
        "minimum": 1.0, "median": 2.0, "maximum": 6.0, "mean": 3.0, "sd": 2.16025,
    }  # fmt: skip
    assert describe.describe(Column("t", "text"), values) == {
        "type": "text",
        "missing": 1,
        "distinct": 2,
        "longest": 1,
    }


def test_huge_numbers_are_described_without_a_warning() -> None:
    """The spread of 1e300 is beyond what a number can hold."""
    found = describe.describe(Column("huge", "number"), pd.Series([1e300, 0.0, 2.0]))
    assert (found["maximum"], found["median"], found["sd"]) == (1e300, 2.0, float("inf"))
