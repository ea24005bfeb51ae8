"""I.10 from the report, and the reports and causes that it cites."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from evidence.modelled import Modelled

from poc2prod.evidence import improve, proposals

CHECKS = (
    *("answers", "report", "declared", "inputs", "of_this_model", "learning_curve", "slope", "counted"),
    *("ranked", "evidenced", "within_budget"),
)
Results = dict[str, Any]


def test_an_honest_list_passes_every_check(modelled: Modelled) -> None:
    """All findings pass."""
    assert modelled.outcomes("improve") == dict.fromkeys(CHECKS, "pass")


def another_model(found: Results) -> None:
    found["model"]["id"] = "0" * 64


def a_shorter_curve(found: Results) -> None:
    found["learning_curve"].pop()


def a_higher_end(found: Results) -> None:
    score = found["learning_curve"][-1]["score"]
    score.update(value=score["value"] + 0.9, low=score["low"] + 0.9, high=score["high"] + 0.9)


def an_inverted_point(found: Results) -> None:
    score = found["learning_curve"][0]["score"]
    score["low"], score["high"] = score["high"], score["low"]


def a_steeper_slope(found: Results) -> None:
    found["doubling"]["gain"] += 0.01


def a_surer_slope(found: Results) -> None:
    found["doubling"]["low"] += 0.01


def another_verdict(found: Results) -> None:
    found["doubling"]["verdict"] = "cannot tell"


def invented_causes(found: Results) -> None:
    found["causes"] = {"wrong label": 9}


def an_empty_list(found: Results) -> None:
    found["next"] = []


def no_action(found: Results) -> None:
    found["next"][0]["action"] = " "


def another_rank(found: Results) -> None:
    found["next"][0]["rank"] = 2


def a_step_of_part_two(found: Results) -> None:
    found["next"][0]["step"] = "docker"


def invented_evidence(found: Results) -> None:
    found["next"][0]["evidence"] = "Everybody knows that this helps by 10 %."


def no_evidence(found: Results) -> None:
    found["next"][0]["evidence"] = ""


def a_rounder_number(found: Results) -> None:
    found["next"][0]["evidence"] = found["next"][0]["evidence"].replace("better by 0.1", "better by 0.2")


def another_count(found: Results) -> None:
    found["next"][1]["evidence"] = (
        "99 of the 99 wrong cases with a cause in docs/errors.csv: 'missing feature'."
    )


def another_cause(found: Results) -> None:
    found["next"][1]["evidence"] = found["next"][1]["evidence"].replace("missing feature", "rare case")


def chance_as_a_cause(found: Results) -> None:
    count = found["causes"].pop("missing feature")
    found["causes"]["pure chance"] = count
    found["next"][1]["evidence"] = found["next"][1]["evidence"].replace("missing feature", "pure chance")


def the_slope_left_out(found: Results) -> None:
    found["next"] = [{**found["next"][1], "rank": 1}]


def another_budget(found: Results) -> None:
    found["next"][0]["constraint"] = "the latency budget of 500 ms"


def no_budget(found: Results) -> None:
    found["next"][0]["action"] = "Take features that explain its errors, then a stronger model."


@pytest.mark.parametrize(
    ("change", "check"),
    [
        (another_model, "of_this_model"),
        (a_shorter_curve, "learning_curve"),
        (a_higher_end, "learning_curve"),
        (an_inverted_point, "learning_curve"),
        (a_steeper_slope, "slope"),
        (a_surer_slope, "slope"),
        (another_verdict, "slope"),
        (invented_causes, "counted"),
        (an_empty_list, "ranked"),
        (no_action, "ranked"),
        (another_rank, "ranked"),
        (a_step_of_part_two, "ranked"),
        (no_evidence, "ranked"),
        (invented_evidence, "evidenced"),
        (a_rounder_number, "evidenced"),
        (another_count, "evidenced"),
        (another_cause, "evidenced"),
        (chance_as_a_cause, "evidenced"),
        (the_slope_left_out, "evidenced"),
        (another_budget, "within_budget"),
        (no_budget, "within_budget"),
    ],
)
def test_an_edited_report_fails_where_it_was_edited(
    modelled: Modelled, change: Callable[[Results], None], check: str
) -> None:
    """A curve, a slope, a count or a next step that nothing speaks for."""
    modelled.edit("improve", change)
    assert modelled.outcomes("improve")[check] == "fail"


def test_causes_written_since_make_the_list_stale(modelled: Modelled) -> None:
    """That is work done, no fault."""
    modelled.causes(cause="wrong label")
    outcome, text = modelled.said("improve", "counted")
    assert (outcome, text.endswith("(docs/errors.csv has changed since)")) == ("stale", True)


def test_no_evidence_and_no_steps_agree(modelled: Modelled) -> None:
    """Good enough is an answer."""
    modelled.edit(
        "improve", lambda found: found.update(next=[], causes={}, doubling={"verdict": "cannot tell"})
    )
    found = modelled.outcomes("improve")
    assert (found["ranked"], found["within_budget"]) == ("pass", "skipped")


def test_without_a_budget_no_step_can_keep_to_it(modelled: Modelled) -> None:
    """Unknown, and what to set."""
    modelled.replace("params.toml", "latency_ms = 100\n", "")
    assert modelled.outcomes("improve")["within_budget"] == "unknown"


GAPS = {"gap": "training to validation", "value": 0.0272191, "low": 0.0116013, "high": 0.0428369}
WEAK = {
    "column": "age",
    "value": "over 49 to 63",
    "n": 1015,
    "verdict": "worse",
    "score": {"value": 0.745876},
    "difference": {"value": -0.104416, "low": -0.144012, "high": -0.0648201},
}
IDLE = {
    "count": 3,
    "alike": [{"features": ["a", "b"]}],
    "features": [{"feature": "c", "value": 0.0, "low": None}, {"feature": "a", "value": 0.0, "low": 0.0}],
}


SLICE = (
    "age = over 49 to 63 (1015 rows): f1 0.746, -0.104 against the rest (-0.144 to -0.0648); "
    "1 weak of 5 slices judged."
)
LABELS = "12 of 800 training labels are beyond what the model expects (expected 2)."
UNUSED = "1 of 3 features make no difference beyond noise when shuffled: c."
GAP = "training to validation: r2 worse by 0.0272 (0.0116 to 0.0428)."


@pytest.mark.parametrize(
    ("evidence", "source", "text"),
    [
        (GAP, "gap", GAP),
        (GAP.replace("0.0272", "0.0282"), "gap", GAP),
        (SLICE, "slice", SLICE),
        (SLICE.replace("-0.104", "-0.204"), "slice", SLICE),
        (SLICE.replace("1015", "10"), "slice", SLICE),
        (LABELS, "labels", LABELS),
        (LABELS.replace("12", "20"), "labels", LABELS),
        (UNUSED, "unused", UNUSED),
        (UNUSED.replace("1 of 3", "2 of 3").replace("c.", "a, c."), "unused", UNUSED),
        ("It feels right.", "", ""),
    ],
)
def test_evidence_is_traced_to_its_source(modelled: Modelled, evidence: str, source: str, text: str) -> None:
    """Every kind of evidence, true and false."""
    modelled.edit(
        "evaluate",
        lambda found: found.update(metric="r2", gaps={"overfit": GAPS}, bottleneck={"cause": "overfit"}),
    )
    modelled.edit(
        "interpret",
        lambda found: found.update(
            metric="f1",
            slices={"rows": [WEAK], "judged": 5},
            importance=IDLE,
            suspects={"alarm": True, "beyond_belief": 12, "rows_judged": 800, "expected": 2},
        ),
    )
    wrong = "" if evidence == text or not text else f"says {evidence!r}, the reports {text!r}"
    assert proposals.traced(modelled.facts(), evidence) == (source, wrong)


def test_the_owner_signs_the_list(modelled: Modelled) -> None:
    """Answers, choices, next steps and results."""
    found = improve.signed(modelled.facts())
    assert found["reports/improve.json#next"] == ["data: Get more rows.", "features: Mend it."]
    assert {"docs/improve.md#next", "reports/improve.json#results"} < set(found)


def test_chance_is_counted_and_need_not_be_proposed(modelled: Modelled) -> None:
    """Where all errors are chance, a list without that cause is whole."""
    modelled.causes(cause="chance")
    modelled.run_models("improve")
    modelled.edit("improve", lambda found: found.update(next=found["next"][:1]))
    found = modelled.outcomes("improve")
    assert (found["counted"], found["ranked"], found["evidenced"]) == ("pass", "pass", "pass")


def test_a_curve_over_many_rows_says_of_how_many(modelled: Modelled, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is fitted on a share of them."""
    found = modelled.facts().results("improve")["learning_curve"]
    monkeypatch.setattr("poc2prod.evidence.predictions.MOST", found[-2]["rows"])
    modelled.edit("improve", lambda results: results["learning_curve"].pop())
    modelled.edit("improve", lambda results: results["learning_curve"][-1].update(score=found[-1]["score"]))
    outcome, text = modelled.said("improve", "learning_curve")
    told = f"to {found[-2]['rows']:,} of {found[-1]['rows']:,} rows, ending at the score of the model"
    assert (outcome, text.endswith(told)) == ("pass", True), text
