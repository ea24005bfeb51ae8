"""I.9 from the report, the predictions and the openings of the test part."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
from evidence.modelled import TEST, VALIDATION, Modelled, told

from poc2prod.checklist import step
from poc2prod.evidence import judge, predictions

CHECKS = (
    *("report", "declared", "inputs", "opened_on_purpose", "against_target", "of_this_model"),
    *("human", "side_by_side", "gaps", "shift", "remarks"),
)
Results = dict[str, Any]


@pytest.fixture
def opened(modelled: Modelled) -> Modelled:
    """The same with an opening."""
    modelled.open_test()
    modelled.run_models("evaluate", "improve")
    return modelled


def test_before_an_opening_the_target_is_unknown(modelled: Modelled) -> None:
    """All else passes."""
    expected = {
        **dict.fromkeys(CHECKS, "pass"),
        "against_target": "unknown",
        "test_part": "skipped",
        "incumbent": "skipped",
    }
    assert modelled.outcomes("evaluate") == expected


def test_after_an_opening_everything_passes(opened: Modelled) -> None:
    """The test numbers are those of the test predictions."""
    assert opened.outcomes("evaluate") == {
        **dict.fromkeys(CHECKS, "pass"),
        "test_part": "pass",
        "incumbent": "skipped",
    }


def better_validation(found: Results) -> None:
    found["parts"]["validation"]["scores"]["kept"]["roc_auc"]["value"] += 0.01


def inverted_training(found: Results) -> None:
    item = found["parts"]["training"]["scores"]["kept"]["brier"]
    item["low"], item["high"] = item["high"], item["low"]


def no_training(found: Results) -> None:
    found["parts"]["training"]["scores"] = {}


def fewer_rows(found: Results) -> None:
    found["parts"]["training"]["rows"] -= 1


def another_gap(found: Results) -> None:
    next(iter(found["gaps"].values()))["value"] += 0.01


def a_gap_less(found: Results) -> None:
    found["gaps"].popitem()


def another_verdict(found: Results) -> None:
    next(iter(found["gaps"].values()))["verdict"] = "made up"


def another_bottleneck(found: Results) -> None:
    found["bottleneck"]["cause"] = "shift"


def another_shift(found: Results) -> None:
    auc = {
        "value": 0.9,
        "low": 0.8,
        "high": 1.0,
        "standard_error": 0.1 / 2.262157163,
        "n": 10,
        "clusters": 10,
    }
    found["shift"] = {"auc": auc, "verdict": "small", "columns": []}


def a_human(found: Results) -> None:
    found["human"] = {"known": True, "value": 0.5}


def another_model(found: Results) -> None:
    found["model"]["id"] = "f" * 64


def hidden_miss(found: Results) -> None:
    found["target"] = {"verdict": "missed"}


def more_looks(found: Results) -> None:
    found["looks"]["looks"] = 0


def better_test(found: Results) -> None:
    found["parts"]["test"]["scores"]["kept"]["brier"]["value"] -= 0.01


@pytest.mark.parametrize(
    ("change", "check"),
    [
        (better_validation, "side_by_side"),
        (inverted_training, "side_by_side"),
        (no_training, "side_by_side"),
        (fewer_rows, "side_by_side"),
        (another_gap, "gaps"),
        (a_gap_less, "gaps"),
        (another_verdict, "gaps"),
        (another_bottleneck, "gaps"),
        (another_shift, "shift"),
        (a_human, "human"),
        (another_model, "of_this_model"),
        (hidden_miss, "remarks"),
        (more_looks, "opened_on_purpose"),
        (better_test, "test_part"),
    ],
)
def test_an_edited_report_fails_where_it_was_edited(
    opened: Modelled, change: Callable[[Results], None], check: str
) -> None:
    """Numbers, gaps and words that do not follow."""
    opened.edit("evaluate", change)
    assert opened.outcomes("evaluate")[check] == "fail"


@pytest.mark.parametrize(
    ("source", "outcome"), [('human = 0.9\nhuman_source = "two experts"', "pass"), ("human = 0.9", "unknown")]
)
def test_a_human_level_needs_its_source(modelled: Modelled, source: str, outcome: str) -> None:
    """A number without a source is not known."""
    modelled.replace("params.toml", "[evaluate]\n", f"[evaluate]\n{source}\n")
    modelled.edit("evaluate", lambda found: found.update(human={"known": True, "value": 0.9}))
    assert modelled.outcomes("evaluate")["human"] == outcome


def test_a_target_set_after_the_opening_fails(opened: Modelled) -> None:
    """Old and new are named; so it is after a new run."""
    opened.replace("params.toml", "target = 0.7", "target = 0.6")
    expected = (
        "fail",
        "the target was 0.7 at the test evaluation and is 0.6 now: changed after the result",
    )
    assert opened.said("evaluate", "against_target") == expected
    opened.run_models("evaluate")
    assert opened.said("evaluate", "against_target") == expected


def test_a_target_that_was_not_set_fails_too(modelled: Modelled) -> None:
    """It was chosen with the result in sight."""
    modelled.open_test(target=None)
    modelled.run_models("evaluate")
    assert modelled.said("evaluate", "against_target")[0] == "fail"


def test_a_metric_chosen_after_the_opening_fails(opened: Modelled) -> None:
    """As a target would."""
    opened.param("metric", '"accuracy"')
    assert opened.said("evaluate", "against_target")[0] == "fail"


def test_opened_again_for_an_easier_target_the_hardest_counts(modelled: Modelled) -> None:
    """Two openings, one missed."""
    modelled.open_test(target=0.999)
    modelled.open_test(target=0.7)
    modelled.run_models("evaluate")
    outcome, text = modelled.said("evaluate", "against_target")
    assert (
        outcome,
        "against the target 0.999 (the hardest one at a test evaluation; now 0.7): missed" in text,
    ) == (
        "fail",
        True,
    )


@pytest.mark.parametrize(("target", "word"), [("0.5", "reached"), ("0.9", "cannot tell")])
def test_what_an_interval_says_of_the_target(modelled: Modelled, target: str, word: str) -> None:
    """Wholly better, or spanning it: both pass, and say which."""
    modelled.replace("params.toml", "target = 0.7", f"target = {target}")
    modelled.open_test(target=float(target))
    modelled.run_models()
    outcome, text = modelled.said("evaluate", "against_target")
    assert (outcome, word in text) == ("pass", True)


@pytest.mark.parametrize(
    ("verdict", "count"), [("miscalibrated", 1), ("no miscalibration beyond noise", 0), (None, 0)]
)
def test_probabilities_that_are_off_are_told(opened: Modelled, verdict: str | None, count: int) -> None:
    """They fail nothing, and stand among what was found."""
    told = {"verdict": verdict, "expected_calibration_error": 0.0796, "noise_high": 0.0242}
    opened.edit("evaluate", lambda results: results.update(calibration=told))
    found = judge(step("evaluate"), opened.facts()).findings
    said = [item.text for item in found if item.check == "remarks" and item.outcome == "pass"]
    off = (
        "the probabilities are miscalibrated: off by 0.0796 on average on validation rows, and noise "
        "explains at most 0.0242"
    )
    assert said.count(off) == count


def paired(opened: Modelled) -> dict[str, Any]:
    """The kept model's leads on the test part, as they are."""
    facts = opened.facts()
    others = [role for role in predictions.part(facts, "test").by_model if role != "kept"]
    return {role: told(predictions.difference(facts, "test", "kept", role, "roc_auc")) for role in others}


@pytest.mark.parametrize(
    ("change", "outcome", "says"),
    [
        (lambda part: None, "pass", "as in the predictions"),
        (lambda part: part["kept_minus"]["dummy"].update(value=0.9), "fail", "test kept_minus.dummy.value: "),
        (
            lambda part: part["kept_minus"].pop("simple"),
            "fail",
            "test kept_minus must have by_price, dummy, simple",
        ),
        (
            lambda part: part.update(metric="joy"),
            "fail",
            "test kept_minus is in 'joy', which is not a metric here",
        ),
        (lambda part: part.pop("kept_minus"), "fail", "reports/evaluate.json: test kept_minus is missing"),
    ],
)
def test_leads_on_the_test_part_are_counted_again(
    opened: Modelled, change: Callable[[Any], object], outcome: str, says: str
) -> None:
    """Those of the report; that they are there, where the opening has them."""
    pairs = paired(opened)
    path = next((opened.root / "reports/openings").glob("*.json"))
    content = json.loads(path.read_text(encoding="utf-8"))
    content["results"]["kept_minus"] = pairs
    path.write_text(json.dumps(content), encoding="utf-8")
    told_ = json.loads(json.dumps({"kept_minus": pairs, "metric": "roc_auc"}))
    change(told_)
    opened.edit("evaluate", lambda results: results["parts"]["test"].pop("kept_minus"))
    opened.edit("evaluate", lambda results: results["parts"]["test"].update(told_))
    found = opened.said("evaluate", "test_part")
    assert (found[0], says in found[1]) == (outcome, True), found


def test_a_column_made_from_some_rows_is_a_claim(opened: Modelled) -> None:
    """[evaluate] rows asks for fewer than there are, so that it is not counted again."""
    opened.replace("params.toml", "[evaluate]\n", "[evaluate]\nrows = 20\n")
    found = judge(step("evaluate"), opened.facts()).findings
    said = [item for item in found if item.check == "side_by_side" and "on 20 of" in item.text]
    assert [(item.outcome, item.basis) for item in said] == [("pass", "claimed")]


def test_without_a_target_nothing_is_reached(opened: Modelled) -> None:
    """Unknown, and where to set it."""
    opened.replace("params.toml", "target = 0.7\n", "")
    assert opened.said("evaluate", "against_target") == (
        "unknown",
        "no target is set",
    )


def test_an_edited_opening_is_told_from_its_name(opened: Modelled) -> None:
    """Its name is the hash of what it is of."""
    path = next((opened.root / "reports/openings").glob("*.json"))
    path.write_text(json.dumps({**json.loads(path.read_text()), "target": 0.1}))
    outcome, text = opened.said("evaluate", "opened_on_purpose")
    assert (outcome, "was edited" in text) == ("fail", True)


def test_an_opening_that_has_gone_is_missed(opened: Modelled) -> None:
    """The report knew of it."""
    path = next((opened.root / "reports/openings").glob("*.json"))
    path.unlink()
    assert opened.said("evaluate", "opened_on_purpose") == (
        "fail",
        f"reports/openings/{path.name} existed when evaluate ran and is missing now",
    )


def test_many_looks_are_said(opened: Modelled) -> None:
    """Another model's opening counts as a look."""
    opened.model(
        {"__class__": "Pipeline", "__module__": "sklearn.pipeline", "__loader__": "ObjectNode", "n": 2}
    )
    opened.run_models("baseline")
    opened.open_test()
    opened.run_models()
    assert opened.said("evaluate", "opened_on_purpose") == (
        "pass",
        "2 models evaluated on the test rows (2 files); each evaluation makes the next score more optimistic",
    )


def test_numbers_of_an_opening_that_were_raised_fail(opened: Modelled) -> None:
    """Though its name says nothing of them."""
    path = next((opened.root / "reports/openings").glob("*.json"))
    content = json.loads(path.read_text())
    content["results"]["scores"]["kept"]["roc_auc"]["low"] += 0.05
    path.write_text(json.dumps(content))
    assert opened.outcomes("evaluate")["test_part"] == "fail"


def test_validation_rows_do_not_pass_for_test_rows(opened: Modelled) -> None:
    """Copied over, with the opening's hash renewed."""
    text = gzip.decompress((opened.root / VALIDATION).read_bytes()).decode().replace("candidate", "kept", 1)
    opened.pack(TEST, text)
    assert opened.outcomes("evaluate")["test_part"] == "fail"
    path = next((opened.root / "reports/openings").glob("*.json"))
    content = json.loads(path.read_text())
    content["outputs"][TEST] = opened.facts().now(TEST).hash
    path.write_text(json.dumps(content))
    outcome, said = opened.said("evaluate", "test_part")
    assert (outcome, "has 48 rows, the test part 48" in said) == ("fail", True)


def test_another_split_has_no_opening(opened: Modelled) -> None:
    """What was opened was another test part."""
    text = gzip.decompress((opened.root / "data/split.csv.gz").read_bytes()).decode()
    opened.pack(
        "data/split.csv.gz",
        text.replace("test", "x").replace("validation", "test").replace("x", "validation"),
    )
    assert opened.outcomes("evaluate")["against_target"] == "unknown"


@pytest.mark.parametrize(("prediction", "outcome"), [("0.3", "pass"), ("0.95", "fail")])
def test_an_incumbent_is_compared_row_by_row(modelled: Modelled, prediction: str, outcome: str) -> None:
    """Score and paired difference are counted again."""
    from evidence.modelled import told

    from poc2prod.evidence import incumbents, predictions

    ids = predictions.part(modelled.facts(), "validation").ids
    text = "id,prediction\n" + "".join(f"{row},{0.3 + place / 100}\n" for place, row in enumerate(ids))
    modelled.write("data/incumbent.csv", text)
    modelled.replace("params.toml", "[evaluate]\n", '[evaluate]\nincumbent = "data/incumbent.csv"\n')
    score, pair = incumbents.compared(modelled.facts(), "data/incumbent.csv", "roc_auc")
    made = {
        "known": True,
        "file": "data/incumbent.csv",
        "score": told(score),
        "kept_minus_incumbent": told(pair),
    }
    modelled.run_models("evaluate")
    modelled.edit("evaluate", lambda found: found.update(incumbent=made))
    modelled.write("data/incumbent.csv", text.replace(f"{ids[0]},0.3\n", f"{ids[0]},{prediction}\n"))
    assert modelled.outcomes("evaluate")["incumbent"] == outcome


def test_test_predictions_that_a_clone_lacks_come_back_without_a_new_look(opened: Modelled) -> None:
    """Where the rows are, the command is named; where they are not either, it would not help."""
    (opened.root / TEST).unlink()
    found = next(
        item for item in judge(step("evaluate"), opened.facts()).findings if item.check == "test_part"
    )
    assert (found.outcome, found.text, found.todo) == (
        "unknown",
        f"{TEST} is not in git, and not here beside the rows",
        f"python -m {opened.facts().package} evaluate --open-test writes it again "
        "(it counts as the same test evaluation)",
    )
