"""Faults of I.9: a test part opened in passing or too often, a target set late, numbers without rows."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

from bench import hands
from bench.hands import TEST
from bench.registry import fault


@fault("evaluate", "fail", "changed after the result", "problem", "improve")
def target_lowered_after_the_opening(project: Path) -> None:
    """The target changed to what was reached, signed again, hashes brought up to date."""
    hands.choose(project, "problem", "target", "0.7")
    hands.retell(project)
    hands.act(
        project,
        "sign",
        "problem",
        hands.STAKEHOLDER,
        role="stakeholder",
        content=hands.content(project, "problem"),
    )


@fault("evaluate", "fail|unknown", "changed after the result", "problem", "baseline", "interpret", "improve")
def metric_chosen_after_the_opening(project: Path) -> None:
    """Another metric than the test part was opened for."""
    hands.choose(project, "problem", "metric", '"f1"')


@fault("evaluate", "unknown", "needs a test evaluation")
def opening_deleted(project: Path) -> None:
    """The opening is gone, and the report that knows of it was written anew without it."""
    name = f"reports/openings/{hands.opening(project).name}"
    hands.opening(project).unlink()
    hands.revise(project, "reports/evaluate.json", lambda value: value["inputs"].pop(name))
    hands.report(project, "evaluate", lambda found: found["looks"].update(looks=0, files=[], current=[]))
    hands.revise(project, "reports/evaluate.json", hands.seal)


@fault("evaluate", "fail", "is missing now")
def opening_deleted_behind_the_report(project: Path) -> None:
    """The opening is gone; the report counts it."""
    hands.opening(project).unlink()


@fault("evaluate", "fail|stale", "test scores.kept.roc_auc")
def opening_with_a_better_result(project: Path) -> None:
    """The result inside the opening edited; its name is of other fields."""
    path = hands.opening(project)
    value = json.loads(path.read_text("utf-8"))
    value["results"]["scores"]["kept"]["roc_auc"].update(value=0.9, low=0.88, high=0.92)
    path.write_text(json.dumps(value), "utf-8")
    hands.report(
        project, "evaluate", lambda found: found["parts"]["test"].update(scores=value["results"]["scores"])
    )
    hands.retell(project)


@fault("evaluate", "fail", "was edited")
def opening_with_another_target(project: Path) -> None:
    """The target inside the opening edited, its name kept."""
    path = hands.opening(project)
    value = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**value, "target": 0.7}), "utf-8")
    hands.retell(project)


@fault("evaluate", "unknown|fail", "needs a test evaluation")
def opening_of_another_model(project: Path) -> None:
    """An opening of a model that is not kept."""
    hands.reopen(project, lambda value: value.update(model="2" * 64))
    hands.retell(project)


@fault("evaluate", "unknown|fail", "needs a test evaluation")
def opening_of_another_split(project: Path) -> None:
    """An opening of another split."""
    hands.reopen(project, lambda value: value.update(split="3" * 64))
    hands.retell(project)


@fault("evaluate", "fail|unknown|stale", "is missing now", "improve")
def openings_of_another_project(project: Path) -> None:
    """Another project's openings."""
    hands.swap(project, "households", "reports/openings")


@fault("evaluate", "fail", "the report counts 1 models evaluated on the test rows, the files 21")
def opened_twenty_times_as_if_once(project: Path) -> None:
    """Twenty more models looked at; the report speaks of one look."""
    for place in range(20):
        hands.reopen(project, partial(dict.update, model=f"{place:064x}"), keep=True)


@fault("evaluate", "fail", "missed", "problem", "improve")
def target_missed(project: Path) -> None:
    """A target that the whole interval misses, in force at the opening."""
    hands.choose(project, "problem", "target", "0.9")
    hands.reopen(project, lambda value: value.update(target=0.9))
    hands.retell(project)


@fault("evaluate", "fail", "missed", "problem", "improve")
def easier_target_opened_beside_the_missed_one(project: Path) -> None:
    """A second opening with a lower target: the hardest in force counts."""
    hands.reopen(project, lambda value: value.update(target=0.9), keep=True)
    names = [
        f"reports/openings/{path.name}" for path in sorted((project / "reports/openings").glob("*.json"))
    ]
    hands.report(project, "evaluate", lambda found: found["looks"].update(files=names))
    hands.retell(project)


@fault("evaluate", "fail", "kept_minus")
def lead_on_the_test_part_made_up(project: Path) -> None:
    """Differences to the other models that the test predictions do not give, in opening and report."""
    lead = {"value": 0.2, "low": 0.15, "high": 0.25, "standard_error": 0.025, "n": 990, "clusters": 538}
    pairs = dict.fromkeys(set(hands.rows(project, TEST)[0]) - {"id", "y", "kept"}, lead)
    hands.reopen(project, lambda value: value["results"].update(kept_minus=pairs))
    hands.report(
        project,
        "evaluate",
        lambda found: found["parts"]["test"].update(kept_minus=pairs, metric="roc_auc"),
    )
    hands.retell(project)


@fault("evaluate", "fail", "is not the file of the test evaluation")
def test_predictions_replaced(project: Path) -> None:
    """Better test predictions, hashes brought up to date in the reports."""
    _sharpen(project)
    hands.retell(project)


@fault("evaluate", "fail", "scores.kept")
def test_predictions_replaced_in_the_opening_too(project: Path) -> None:
    """Better test predictions, and their hash in the opening as well."""
    _sharpen(project)
    _into_opening(project)


@fault("evaluate", "fail", "rows, the test part")
def hard_test_rows_left_out(project: Path) -> None:
    """The worst test rows are not among the predictions; opening and hashes brought up to date."""
    lines = hands.rows(project, TEST)
    kept = lines[0].index("kept")
    worst = sorted(lines[1:], key=lambda line: -abs(float(line[1]) - float(line[kept])))[:30]
    hands.put_rows(project, TEST, [line for line in lines if line not in worst])
    _into_opening(project)


@fault("evaluate", "fail", "the test part")
def validation_rows_as_test_rows(project: Path) -> None:
    """The validation part's predictions under the test part's name."""
    lines = hands.rows(project, hands.VALIDATION)
    lines[0][3] = "kept"
    hands.put_rows(project, TEST, lines)
    _into_opening(project)


@fault("evaluate", "fail", "is not the target in the data")
def test_truth_edited(project: Path) -> None:
    """The truth of the test rows bent to the predictions; opening and hashes brought up to date."""
    lines = hands.rows(project, TEST)
    kept = lines[0].index("kept")
    for line in lines[1:]:
        line[1] = str(int(float(line[kept]) > 0.5))
    hands.put_rows(project, TEST, lines)
    _into_opening(project)


@fault("evaluate", "fail", "test scores.kept.roc_auc")
def test_score_rounded_up(project: Path) -> None:
    """.827 becomes .83 in the report."""
    hands.put(project, "evaluate", "parts.test.scores.kept.roc_auc.value", 0.83)
    hands.retell(project)


@fault("evaluate", "fail", "parts.validation.scores.")
def validation_score_rounded_up(project: Path) -> None:
    """.837 becomes .84 in the report."""
    hands.put(project, "evaluate", "parts.validation.scores.kept.roc_auc.value", 0.84)
    hands.retell(project)


@fault("evaluate", "fail", "training roc_auc of kept")
def training_interval_inverted(project: Path) -> None:
    """The training interval from high to low."""

    def invert(found: Any) -> None:
        one = found["parts"]["training"]["scores"]["kept"]["roc_auc"]
        one["low"], one["high"] = one["high"], one["low"]

    hands.report(project, "evaluate", invert)
    hands.retell(project)


@fault("evaluate", "fail", "gap")
def gap_left_out(project: Path) -> None:
    """A gap that tells against the model is not in the report."""
    hands.report(project, "evaluate", lambda found: found["gaps"].pop("overfit"))
    hands.retell(project)


@fault("evaluate", "fail", "overfit.verdict: the report says")
def cannot_tell_called_not_worse(project: Path) -> None:
    """An interval that spans zero is called not worse."""
    hands.put(project, "evaluate", "gaps.overfit.verdict", "not worse")
    hands.retell(project)


@fault("evaluate", "fail", "the bottleneck is")
def bottleneck_renamed(project: Path) -> None:
    """Another bottleneck than the gaps give."""
    hands.put(project, "evaluate", "bottleneck.cause", "underfit")
    hands.retell(project)


@fault("evaluate", "fail", "shift")
def shift_played_down(project: Path) -> None:
    """A shift called by a smaller word than its interval."""

    def soften(found: Any) -> None:
        found["shift"]["auc"].update(low=0.85, value=0.88, high=0.91)

    hands.report(project, "evaluate", soften)
    hands.retell(project)


@fault("evaluate", "fail|stale", "evaluate.human", "improve")
def human_level_changed(project: Path) -> None:
    """Another human level than the report compares with."""
    hands.choose(project, "evaluate", "human", "0.6")


@fault("evaluate", "fail", "[evaluate] human is 0.6")
def human_level_changed_and_rehashed(project: Path) -> None:
    """Another human level, hashes brought up to date."""
    hands.choose(project, "evaluate", "human", "0.6")
    hands.retell(project)


@fault("evaluate", "unknown", "without a source")
def human_level_without_source(project: Path) -> None:
    """A human level from nowhere."""
    hands.choose(project, "evaluate", "human_source", '""')
    hands.report(project, "evaluate", lambda found: found["human"].update(source=""))
    hands.retell(project)


@fault("evaluate", "unknown", "without a source")
def human_source_to_be_written(project: Path) -> None:
    """TODO as a source."""
    hands.choose(project, "evaluate", "human_source", '"TODO"')
    hands.retell(project)


@fault("evaluate", "fail", "the report is of model")
def report_of_another_model(project: Path) -> None:
    """The evaluation of a model that is not kept."""
    hands.report(project, "evaluate", lambda found: found["model"].update(id="0" * 64))
    hands.retell(project)


@fault("evaluate", "fail|stale", "test.csv.gz")
def report_of_another_project(project: Path) -> None:
    """Another project's report."""
    hands.swap(project, "households", "reports/evaluate.json")


@fault("evaluate", "stale|fail|unknown", "existed when evaluate ran")
def report_of_another_seed(project: Path) -> None:
    """Another seed's report."""
    hands.swap(project, "seed", "reports/evaluate.json")


@fault("evaluate", "fail", "missed target")
def finding_deleted(project: Path) -> None:
    """The report says missed, and does not list it as a finding."""
    hands.put(project, "evaluate", "target.verdict", "missed")
    hands.retell(project)


@fault("evaluate", "fail|unknown", "test.csv.gz")
def test_predictions_deleted(project: Path) -> None:
    """The committed predictions of the test rows are gone."""
    (project / TEST).unlink()


@fault("evaluate", "unknown", "is empty")
def report_emptied(project: Path) -> None:
    """0 bytes."""
    hands.write(project, "reports/evaluate.json", b"")


@fault("evaluate", "stale|fail|unknown", "model", "baseline", "interpret", "improve")
def model_trained_after_the_opening(project: Path) -> None:
    """Another model than the test part was opened for."""
    hands.retrain(project)


@fault("evaluate", "fail", "was not set", "improve")
def target_set_after_the_opening(project: Path) -> None:
    """No target was in force when the test part was opened."""
    hands.reopen(project, lambda value: value.update(target=None))
    hands.retell(project)


def _sharpen(project: Path) -> None:
    lines = hands.rows(project, TEST)
    kept = lines[0].index("kept")
    for line in lines[1:]:
        line[kept] = f"{0.6 * float(line[kept]) + 0.4 * float(line[1]):.6g}"
    hands.put_rows(project, TEST, lines)


def _into_opening(project: Path) -> None:
    from poc2prod.project import Facts

    now = Facts(str(project)).now(TEST).hash
    path = hands.opening(project)
    value = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**value, "outputs": {TEST: now}}), "utf-8")
    hands.retell(project)
