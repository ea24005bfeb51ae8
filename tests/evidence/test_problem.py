"""I.2 from a page, params.toml and the target column."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from outcomes import outcomes, replace, text

from poc2prod.checklist import step
from poc2prod.evidence import judge, rows, target
from poc2prod.project import Facts

ALL = ("answers", "outcome", "positive", "metric", "target_set", "costs", "latency")


def test_a_problem_that_is_whole_passes(root: Path) -> None:
    """Answers, outcome, metric, target, costs and latency."""
    assert outcomes(root, "problem") == dict.fromkeys(ALL, "pass")


@pytest.mark.parametrize(
    ("old", "new", "check", "outcome"),
    [
        ('outcome = "binary"', 'outcome = "regression"', "outcome", "fail"),
        ('outcome = "binary"', 'outcome = "multiclass"', "outcome", "fail"),
        ('outcome = "binary"', 'outcome = "yes"', "outcome", "unknown"),
        ('metric = "roc_auc"', 'metric = "rmse"', "metric", "fail"),
        ('metric = "roc_auc"', 'metric = "good"', "metric", "fail"),
        ("target = 0.8", 'target = "high"', "target_set", "fail"),
        ("target = 0.8", "target = 80", "target_set", "fail"),
        ("target = 0.8", "target = nan", "target_set", "fail"),
        ("target = 0.8", "target = true", "target_set", "fail"),
        ("target = 0.8", "", "target_set", "unknown"),
        ('positive = "1"', 'positive = "yes"', "positive", "fail"),
        ("cost_false_positive = 1", "", "costs", "unknown"),
        ("cost_false_positive = 1", "cost_false_positive = -1", "costs", "fail"),
        ("latency_ms = 100", "latency_ms = 0", "latency", "fail"),
        ('target = "y"', 'target = "z"', "outcome", "unknown"),
    ],
)
def test_what_does_not_fit_is_named(root: Path, old: str, new: str, check: str, outcome: str) -> None:
    """A metric of another outcome, a target that is no number, costs or a budget that are missing."""
    replace(root, "params.toml", old, new)
    assert outcomes(root, "problem")[check] == outcome


def test_both_values_are_said(root: Path) -> None:
    """The reason shows what was declared and what the data hold."""
    replace(root, "params.toml", 'outcome = "binary"', 'outcome = "regression"')
    assert text(root, "problem", "outcome") == (
        "[problem] outcome = 'regression', but y has 2 values in 3 rows (0, 1): "
        "so few values look like classes"
    )


def test_rows_that_are_not_here_are_believed_from_the_schema(root: Path) -> None:
    """Absent rows never fail: the finding is then claimed."""
    (root / "data/raw/t.csv.gz").unlink()
    assert (
        text(root, "problem", "outcome")
        == "binary: schema.toml says y is of type 'boolean'; its rows are not here"
    )


def test_a_damaged_table_is_unknown(root: Path) -> None:
    """A cut gzip file is neither a pass nor a crash."""
    (root / "data/raw/t.csv.gz").write_bytes(gzip.compress(b"x,y\n1,0\n" * 999)[:-20])
    assert outcomes(root, "problem")["outcome"] == "unknown"


def test_the_table_of_later_steps_gives_the_same_target_and_no_further_inputs(root: Path) -> None:
    """Read once for all steps where schema.toml fits the file, else by this step alone."""
    alone = target.read(Facts(str(root)))
    whole = '[[column]]\nname = "x"\ntype = "integer"\n[[column]]\nname = "y"\ntype = "boolean"\n'
    (root / "schema.toml").write_text(whole, encoding="utf-8")
    facts = Facts(str(root))
    with facts.recording() as read:
        found = target.read(facts)
    assert (found, rows.read(facts) is not None) == (alone, True)
    names = ("files", "target", "decimal", "encoding", "quote", "separator", "thousands")
    assert read == {*(f"params.toml#data.{name}" for name in names), "data/raw/t.csv.gz", "schema.toml"}


def test_all_that_is_missing_is_named_with_what_to_do(root: Path) -> None:
    """Both costs, not the first alone."""
    replace(root, "params.toml", "cost_false_positive = 1", "")
    replace(root, "params.toml", "cost_false_negative = 2.5", "")
    found = judge(step("problem"), Facts(str(root))).findings
    assert [item[3:] for item in found if item.check == "costs"] == [
        (
            "[problem] cost_false_positive and cost_false_negative not set: "
            "what does each kind of error cost?",
            "set [problem] cost_false_positive and cost_false_negative in params.toml",
        )
    ]
