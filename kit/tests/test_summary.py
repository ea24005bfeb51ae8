"""The page that ends a run, in words and numbers that a stakeholder can read."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from poc2prod_kit.run import paths
from poc2prod_kit.run.console import Console
from poc2prod_kit.run.project import Project
from poc2prod_kit.summary import page, wording

PARAMS = """[data]
files = ["data/raw/flats.csv"]
target = "price"
population = ["for_sale"]
[problem]
outcome = "regression"
"""
SCHEMA = """[[column]]
name = "price"
type = "number"
meaning = "what was paid: the target"
unit = "euro"
"""
STEPS = ("data", "split", "baseline", "evaluate", "improve")


def estimate(value: float, half: float, n: int = 200) -> dict[str, Any]:
    """An estimate with an interval of that half width."""
    return {"value": value, "low": value - half, "high": value + half, "n": n}


def reports() -> dict[str, dict[str, Any]]:
    """What the steps wrote of a regression."""
    findings = [{"kind": "spelling", "text": "Oslo and oslo.", "rows": ["r1", "r2", "r3", "r4"]}]
    return {
        "data": {"findings": findings},
        "split": {
            "strategy": "random",
            "reason": "no time and no group column.",
            "sizes": {"train": 600, "validation": 200, "test": 200, "excluded": 10},
            "excluded": {"outside_population": 7, "without_label": 3},
            "findings": [{"kind": "leak", "text": "fee gives the price away.", "columns": ["fee"]}],
        },
        "baseline": {
            "metric": "mae",
            "kept": "candidate",
            "models": {"candidate": "gradient_boosting", "simple": "linear", "dummy": "dummy"},
            "scores": {
                "dummy": estimate(91234, 4100),
                "simple": estimate(50012, 2500),
                "candidate": estimate(40210, 2100),
            },
            "candidate_minus": {"dummy": estimate(-51024, 4000), "simple": estimate(-9802, 900)},
        },
        "evaluate": {"bottleneck": {"text": "Too little data."}, "opening": None},
        "improve": {"next": [{"text": "Get more rows. Go back to `data`: the curve still falls."}]},
    }


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with a form of two open questions and an answered one."""
    (tmp_path / "params.toml").write_text(PARAMS, encoding="utf-8")
    (tmp_path / "schema.toml").write_text(SCHEMA, encoding="utf-8")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "problem.md").write_text(
        "<!-- q:a -->\n# Q\n_Open._\n<!-- q:b -->\n# R\nYes, as …\n<!-- q:c -->\n# S\n_Open._\n",
        encoding="utf-8",
    )
    return Project(tmp_path)


def write(project: Project, found: dict[str, dict[str, Any]]) -> None:
    """Write these results as reports."""
    (project.root / "reports").mkdir(exist_ok=True)
    for step, results in found.items():
        content = {"schema": 1, "step": step, "inputs": {}, "outputs": {}, "results": results}
        (project.root / "reports" / f"{step}.json").write_text(json.dumps(content), encoding="utf-8")


def shown(project: Project, width: int = 90, steps: Sequence[str] = STEPS) -> str:
    """The summary as it is printed on a pipe."""
    out = io.StringIO()
    page.show(project, Console(out, width), steps, seconds=12.4)
    return out.getvalue()


def test_the_whole_summary(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Question, split, each model with its interval, the gap to the dummy, what to look at and to do."""
    monkeypatch.setattr(paths, "_package", [Path("flats")])
    write(project, reports())
    assert (
        shown(project)
        == """
The question
  Predict price (what was paid): a number. 1,000 of 1,010 rows are used; 10 are excluded:
  outside population 7, without label 3.
  Split at random (600 training, 200 validation, 200 test). Reason: no time and no group
  column.
How good, and how certain
  On 200 validation rows, mae: the mean size of an error in euro; lower is better.
                                      mae     95 % interval
    dummy                          91,200  87,100 to 95,300
    simple (linear)                50,000  47,500 to 52,500
    candidate (gradient_boosting)  40,200  38,100 to 42,300  <- selected
  The candidate is better than the dummy by 51,000 (95 % interval 47,000 to 55,000).
  For comparison: no target is set, and human performance is unknown.
What limits it
  Too little data.
Check these first
  1. fee gives the price away.
  2. Oslo and oslo. Rows: r1, r2, r3 and 1 more.
What to do next
  - Resolve the first finding above, then run `poc` again: until then every number here is
    doubtful.
  - Agree on what is good enough before the next result: docs/problem.md and [problem]
    target.
  - Answer the questions that are due: docs/problem.md (2 questions).
  - Then, in this order: when all choices are made, evaluate on the test rows: python -m
    flats evaluate --open-test; `poc`; docs/improve.md; signatures.
All numbers are in reports/. This run took 12 s.
"""
    )


def test_no_better_than_the_dummy_is_said(project: Project) -> None:
    """A difference whose interval spans zero is no difference."""
    found = reports()
    found["baseline"]["candidate_minus"]["dummy"] = estimate(-100, 4000)
    write(project, found)
    text = " ".join(shown(project).split())
    assert (
        "The candidate is not significantly better than the dummy: "
        "the 95 % interval of the gain is -3,900 to 4,100." in text
    )


def test_worse_than_the_dummy_is_said(project: Project) -> None:
    """And by how much."""
    found = reports()
    found["baseline"]["candidate_minus"]["dummy"] = estimate(5000, 400)
    write(project, found)
    said = "The candidate is worse than the dummy by 5,000 (95 % interval 4,600 to 5,400)."
    assert said in " ".join(shown(project).split())


def test_the_simple_model_that_is_kept_is_explained(project: Project) -> None:
    """It is as good as the candidate."""
    found = reports()
    found["baseline"] |= {"kept": "simple", "simple_minus_dummy": estimate(-41222, 4000)}
    found["baseline"]["candidate_minus"]["simple"] = estimate(-20, 900)
    write(project, found)
    said = (
        "The simple model is better than the dummy by 41,200 (95 % interval 37,200 to 45,200). "
        "The candidate is not significantly better than the simple model: the "
        "95 % interval of the gain is -880 to 920. "
        "So the simple model is selected."
    )
    assert said in " ".join(shown(project).split())


def test_missing_reports_are_said_and_the_rest_is_shown(project: Project) -> None:
    """After a step that failed, the summary of the earlier ones still stands."""
    found = reports()
    write(project, {"data": found["data"], "split": found["split"]})
    text = shown(project)
    assert "Note: The step baseline has no report yet." in text
    assert "Split at random" in text


def test_at_most_seven_findings_are_shown(project: Project) -> None:
    """The rest is counted with the name of its report."""
    found = reports()
    found["data"]["findings"] = [{"kind": "spelling", "text": f"Column {n}."} for n in range(9)]
    write(project, found)
    assert page.findings(found)[-1] == "3 more in reports/data.json."
    assert len(page.findings(found)) == 8


@pytest.mark.parametrize("width", [40, 60, 100])
def test_prose_fits_the_terminal(project: Project, width: int) -> None:
    """No line is wider than the terminal."""
    write(project, reports())
    assert [line for line in shown(project, width).split("\n") if len(line) > width] == []


@pytest.mark.parametrize(
    ("value", "half", "expected"),
    [
        (0.83697, 0.0135, "0.837"),
        (36.126, 5.9, "36.1"),
        (91234.0, 4100.0, "91,200"),
        (0.0000123456, 0.0000004, "0.00001235"),
        (1.23456e-12, 3e-14, "1.23e-12"),
        (4.2e17, 1e15, "4.2e+17"),
        (-0.001, 0.2, "0.00"),
    ],
)
def test_numbers_have_the_digits_that_their_interval_supports(
    value: float, half: float, expected: str
) -> None:
    """Tiny and huge ones too."""
    assert wording.number(value, wording.places([estimate(value, half)])) == expected


def test_what_is_no_number_is_a_question_mark() -> None:
    """Null in a report, where a metric cannot be computed."""
    assert [wording.number(value) for value in (None, float("nan"), float("inf"))] == ["?", "?", "?"]


def test_intervals_stop_at_what_a_metric_can_be() -> None:
    """No AUC above 1, no error below 0; a difference or R² may be negative."""
    cases = [("roc_auc", 0.99, 0.02), ("mae", 0.5, 0.9), ("r2", 0.1, 0.3), ("", 0.1, 0.3)]
    said = [wording.interval(estimate(value, half), 2, metric) for metric, value, half in cases]
    assert said == ["0.97 to 1.00", "0.00 to 1.40", "-0.20 to 0.40", "-0.20 to 0.40"]


@pytest.mark.parametrize(
    ("pair", "expected"),
    [
        (
            {"value": -500.0, "low": None, "high": None, "clusters": 1},
            "The candidate is better than the dummy by 500.000 (no interval, because all rows are of "
            "one group).",
        ),
        (
            {"value": 0.667, "low": None, "high": None, "clusters": 30},
            "The candidate is worse than the dummy by 0.667 (no interval, because no row differs from "
            "another).",
        ),
        (
            {"value": None, "low": None, "high": None, "clusters": 30},
            "The candidate cannot be compared with the dummy: the metric is undefined on these rows.",
        ),
        (
            {"value": 0.0, "low": 0.0, "high": 0.0, "clusters": 30},
            "The candidate has exactly the same score as the dummy.",
        ),
    ],
)
def test_a_difference_without_an_interval_is_still_said(
    project: Project, pair: dict[str, Any], expected: str
) -> None:
    """With its reason, instead of that nothing can be told."""
    found = reports()
    found["baseline"]["candidate_minus"]["dummy"] = pair
    write(project, found)
    assert expected in " ".join(shown(project).split())


def test_a_random_split_is_told_with_both_numbers(project: Project) -> None:
    """What it promised, what the honest split gives, and which is to be believed."""
    found = reports()
    found["evaluate"]["random_split"] = {
        "strategy": "group",
        "random": estimate(30000, 2000),
        "honest": estimate(40210, 2100),
        "gap": {"verdict": "worse"},
    }
    write(project, found)
    said = (
        "A random split would have given 30,000 (28,000 to 32,000); the group split gives 40,200 "
        "(38,100 to 42,300). The random split is too optimistic: its validation rows resemble training rows."
    )
    assert said in " ".join(shown(project).split())


def test_a_single_reason_for_leaving_rows_out_needs_no_second_count(project: Project) -> None:
    """The sentence ends `10 do not: without label`, and does not say 10 again."""
    found = reports()
    found["split"]["excluded"] = {"without_label": 10}
    write(project, found)
    assert "1,000 of 1,010 rows are used; 10 are excluded: without label." in " ".join(shown(project).split())


def test_an_opened_test_part_is_told_at_once(project: Project) -> None:
    """Who opens it reads its score without opening a report."""
    found = reports()
    found["evaluate"] = {
        "metric": "mae",
        "parts": {"test": {"scores": {"kept": {"mae": estimate(41000, 2000)}}}},
        "looks": {"text": "Looks at the test part so far: 1 model(s)."},
        "findings": [],
    }
    write(project, found)
    out = io.StringIO()
    page.show_steps(project, Console(out, 100), ["evaluate"])
    assert (
        out.getvalue()
        == """evaluate: done, 0 findings. Report: reports/evaluate.json
  On the test rows: mae 41,000 (39,000 to 43,000). Looks at the test part so far: 1 model(s).
"""
    )


def test_a_key_that_no_step_reads_is_named_after_a_single_step_too(project: Project) -> None:
    """`[split] validaton` is not passed over in silence when split alone runs."""
    path = project.root / "params.toml"
    path.write_text(path.read_text() + "[split]\nvalidaton = 0.3\n")
    write(project, reports())
    out = io.StringIO()
    page.show_steps(Project(project.root), Console(out, width=90), ["split"])
    note = "Note: params.toml, [split] validaton is used by no step: did you mean [split] validation?"
    assert note in " ".join(out.getvalue().split())


def test_probabilities_that_are_off_are_told_once(project: Project) -> None:
    """In a sentence of the summary, unless a finding tells it already."""
    bins = [{"n": 100, "predicted": 0.4, "observed": {"value": 0.3}}]
    off = {"verdict": "miscalibrated", "expected_calibration_error": 0.1, "noise": 0.01, "noise_high": 0.02}
    found = reports()
    found["evaluate"]["calibration"] = {**off, "bins": bins}
    write(project, found)
    assert "The probabilities do not mean what they say" in shown(project)
    found["evaluate"]["findings"] = [{"kind": "miscalibrated", "text": "They are off."}]
    write(project, found)
    assert "The probabilities do not mean" not in shown(project)


def test_the_best_column_is_named_and_asked_about_where_it_is_far(project: Project) -> None:
    """The question comes from AUC .9 on, and not where a finding asks it already."""
    probes = {"score": "AUC", "alone": [{"column": "begun", "score": 0.93}], "far": True}
    found = reports()
    found["features"] = {"findings": [], "probes": probes}
    write(project, found)
    assert (
        "best single column, over all rows used: begun (AUC 0.930). Is it known at prediction time?"
        in " ".join(shown(project, steps=("features", *STEPS)).split())
    )
    found["features"]["findings"] = [{"kind": "far_alone", "text": "begun is far.", "columns": ["begun"]}]
    write(project, found)
    assert "Is it known at prediction time" not in shown(project, steps=("features", *STEPS))


def test_a_simpler_model_that_does_as_well_on_the_test_part_is_told(project: Project) -> None:
    """The pair tells, not the two intervals; one clearly worse is not named."""
    found = reports()
    pairs = {"simple": estimate(200, 900), "dummy": estimate(-40000, 3000)}
    test = {"scores": {"kept": {"mae": estimate(41000, 2000)}}, "kept_minus": pairs, "metric": "mae"}
    found["evaluate"] = {"metric": "mae", "parts": {"test": test}, "looks": {"text": ""}}
    write(project, found)
    text = " ".join(shown(project).split())
    assert "On the same test rows: The selected model is not significantly better than the simple" in text
    assert "the selected model is better than dummy" not in text.lower().partition("on the same test rows")[2]
    test["metric"] = "rmse"
    write(project, found)
    assert "On the same test rows" not in shown(project)


def test_golden_rows_come_after_what_makes_the_model_doubtful() -> None:
    """They matter once an API answers; a kind that no list names comes before them."""
    found = {
        "features": {"findings": [{"kind": "golden_rows", "text": "Golden rows differ."}]},
        "baseline": {"findings": [{"kind": "rule_as_good", "text": "A rule does as well."}]},
    }
    assert page.findings(found) == ["1. A rule does as well.", "2. Golden rows differ."]


@pytest.mark.parametrize(("step", "told"), [("contract", "api"), ("api", "observe"), ("data", "")])
def test_steps_towards_production_name_the_next_command(project: Project, step: str, told: str) -> None:
    """`contract` and `api` are run one by one, so each says what comes next; `poc` runs the others."""
    write(project, {step: {"findings": []}})
    out = io.StringIO()
    page.show_steps(project, Console(out, 100), [step])
    assert out.getvalue().partition("Next: python -m project ")[2].partition(" ")[0] == told
