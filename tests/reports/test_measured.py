"""What the project's reports say of the model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from poc2prod.project import Facts
from poc2prod.reports.measured import Calibration, Estimate, Measured, Score, measured, places, shown


def interval(value: float, low: Any, high: Any) -> dict[str, Any]:
    """An estimate as a report has it."""
    return {"value": value, "low": low, "high": high, "n": 10}


def facts(root: Path, evaluate: Any, baseline: Any = None, metric: str = "mae") -> Facts:
    """A project with these results."""
    (root / "reports").mkdir()
    for step, results in (("evaluate", evaluate), ("baseline", baseline or {"metric": metric})):
        report = {"schema": 1, "step": step, "inputs": {}, "outputs": {}, "results": results}
        (root / f"reports/{step}.json").write_text(json.dumps(report), encoding="utf-8")
    (root / "params.toml").write_text("[problem]\ntarget = 5\n", encoding="utf-8")
    return Facts(str(root))


def part(**scores: Any) -> dict[str, Any]:
    """A part of evaluate's results, scored in the mean absolute error."""
    return {"rows": 10, "scores": {name: {"mae": score} for name, score in scores.items()}}


def test_the_validation_part_and_the_leads(tmp_path: Path) -> None:
    """The kept model comes first; a lead is positive where the model is better, also if lower is better."""
    parts = {
        "validation": part(dummy=interval(9, 8, 10), kept=interval(4, 3.5, 4.5), by_age=interval(6, 5, 7))
    }
    baseline = {
        "kept": "candidate", "candidate_minus": {"dummy": interval(-5, -6, -4)},
        "kept_minus_rules": {"by_age": interval(-2, -3, -1)},
    }  # fmt: skip
    evaluate = {"metric": "mae", "parts": parts, "target": {"verdict": "unknown"}}
    assert measured(facts(tmp_path, evaluate, baseline)) == Measured(
        "mae", "the mean size of an error, in the unit of the target; 0 is perfect",
        True, "validation", 10,
        (
            Score("kept", "kept", Estimate(4, 3.5, 4.5)), Score("rule", "by_age", Estimate(6, 5, 7)),
            Score("dummy", "dummy", Estimate(9, 8, 10)),
        ),
        {"by_age": Estimate(2, 1, 3), "dummy": Estimate(5, 4, 6)}, 5, "unknown", (), 2,
    )  # fmt: skip


def test_the_test_part_goes_before(tmp_path: Path) -> None:
    """Once it was opened; the differences stay those of the validation part."""
    parts = {
        "validation": part(kept=interval(4, 3, 5)),
        "test": part(kept={**interval(5, 4, 6), "clusters": 4}),
    }
    evaluate = {"metric": "mae", "parts": parts, "target": {"verdict": "reached"}}
    baseline = {"kept": "candidate", "candidate_minus": {"dummy": interval(-5, -6, -4)}}
    found = measured(facts(tmp_path, evaluate, baseline))
    assert found is not None
    assert (found.part, found.kept, found.leads, found.target_verdict, found.clusters) == (
        "test",
        Score("kept", "kept", Estimate(5, 4, 6)),
        {"dummy": Estimate(5, 4, 6)},
        "reached",
        4,
    )


@pytest.mark.parametrize(
    ("metric", "leads", "of"),
    [("mae", {"by_age": Estimate(2, 1, 3)}, "test"), ("rmse", {"dummy": Estimate(5, 4, 6)}, "validation")],
)
def test_differences_of_the_test_part_go_before(
    tmp_path: Path, metric: str, leads: dict[str, Estimate], of: str
) -> None:
    """Where its opening recorded them, in the metric that counts."""
    pairs = {"kept_minus": {"by_age": interval(-2, -3, -1)}, "metric": metric}
    parts = {"test": part(kept=interval(5, 4, 6)) | pairs}
    baseline = {"kept": "candidate", "candidate_minus": {"dummy": interval(-5, -6, -4)}}
    found = measured(facts(tmp_path, {"metric": "mae", "parts": parts}, baseline))
    assert found is not None
    assert (found.leads, found.leads_part) == (leads, of)


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [("miscalibrated", Calibration(0.46, 0.38, None)), ("no miscalibration beyond noise", None)],
)
def test_probabilities_that_are_off(tmp_path: Path, verdict: str, expected: Calibration | None) -> None:
    """The bin that weighs most, of those that can be read."""
    bins = [
        {"n": 90, "predicted": 0.1, "observed": {"value": 0.12}},
        {"n": 90, "predicted": 0.46, "observed": {"value": 0.38}},
        {"n": 90, "predicted": "0.9", "observed": 0.1},
    ]
    parts = {"validation": part(kept=interval(4, 3, 5))}
    evaluate = {"metric": "mae", "parts": parts, "calibration": {"verdict": verdict, "bins": bins}}
    found = measured(facts(tmp_path, evaluate))
    assert found is not None
    assert found.calibration == expected


@pytest.mark.parametrize(
    "evaluate",
    [
        {"metric": "mae"},
        {"metric": ["mae"], "parts": {"validation": part(kept=interval(1, 0, 2))}},
        {"metric": "mae", "parts": {"validation": {"scores": {"kept": {"mae": {"value": "4"}}}}}},
        {"metric": "mae", "parts": {"validation": part(kept=interval(float("nan"), 0, 1))}},
        {"metric": "mae", "parts": [1]},
    ],
)
def test_what_is_no_score_is_not_told(tmp_path: Path, evaluate: Any) -> None:
    """A damaged report gives nothing rather than a guess."""
    assert measured(facts(tmp_path, evaluate)) is None


def test_no_report_is_no_measurement(tmp_path: Path) -> None:
    """Before the first run nothing is told."""
    assert measured(Facts(str(tmp_path))) is None


@pytest.mark.parametrize(
    ("half", "decimals"), [(0.0134, 3), (0.0013, 4), (0.5, 2), (134.0, 0), (1e-12, 6), (0.0, 3)]
)
def test_decimals_follow_the_interval(half: float, decimals: int) -> None:
    """Two digits of the narrowest half width, within reason."""
    assert places([Estimate(1, 1 - half, 1 + half)]) == decimals


def test_numbers_are_shown_in_full() -> None:
    """With thousands separators, no minus before zero, and a question mark for none."""
    assert [shown(1234.567, 1), shown(-0.0001, 2), shown(None, 2)] == ["1,234.6", "0.00", "?"]
