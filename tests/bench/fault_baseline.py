"""Faults of I.7: numbers that the predictions do not give, a rival left out, rows chosen afterwards."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

from bench import hands
from bench.hands import VALIDATION
from bench.registry import fault

Y, DUMMY, SIMPLE, CANDIDATE = 1, 2, 3, 4


@fault("baseline", "fail", "scores.simple")
def metric_rounded_up(project: Path) -> None:
    """.837 becomes .84."""
    hands.put(project, "baseline", "scores.simple.value", 0.84)
    hands.retell(project)


@fault("baseline", "fail", "scores.simple")
def interval_inverted(project: Path) -> None:
    """Low and high change places."""

    def invert(found: Any) -> None:
        one = found["scores"]["simple"]
        one["low"], one["high"] = one["high"], one["low"]

    hands.report(project, "baseline", invert)
    hands.retell(project)


@fault("baseline", "fail", "scores.simple")
def interval_narrowed(project: Path) -> None:
    """An interval as if every row stood for itself."""
    hands.report(project, "baseline", lambda found: found["scores"]["simple"].update(low=0.83, high=0.845))
    hands.retell(project)


@fault("baseline", "fail", "scores.simple")
def rows_as_clusters(project: Path) -> None:
    """As many clusters as rows."""
    hands.report(project, "baseline", lambda found: found["scores"]["simple"].update(clusters=953))
    hands.retell(project)


@fault("baseline", "fail", "other_metrics.accuracy.simple")
def other_metric_edited(project: Path) -> None:
    """A metric that nobody looks at first."""
    hands.put(project, "baseline", "other_metrics.accuracy.simple.value", 0.9)
    hands.retell(project)


@fault("baseline", "fail", "validation.csv.gz has the hash")
def predictions_replaced(project: Path) -> None:
    """Better predictions below the same report."""
    _sharpen(project)


@fault("baseline", "fail", "scores.")
def predictions_replaced_and_rehashed(project: Path) -> None:
    """Better predictions, and every hash brought up to date."""
    _sharpen(project)
    hands.retell(project)


@fault("baseline", "fail", "another y than the data")
def truth_edited_and_rehashed(project: Path) -> None:
    """The truth bent to the predictions."""
    lines = hands.rows(project, VALIDATION)
    for line in lines[1:]:
        line[Y] = str(int(float(line[SIMPLE]) > 0.5))
    hands.put_rows(project, VALIDATION, lines)
    hands.retell(project)


@fault("baseline", "fail", "missing")
def hard_rows_left_out_and_rehashed(project: Path) -> None:
    """The twenty worst rows are not among the predictions."""
    lines = hands.rows(project, VALIDATION)
    wrong = sorted(lines[1:], key=lambda line: -abs(float(line[Y]) - float(line[SIMPLE])))[:20]
    hands.put_rows(project, VALIDATION, [line for line in lines if line not in wrong])
    hands.report(project, "baseline", lambda found: found["predictions"].update(rows=933, sampled_from=933))
    hands.retell(project)


@fault("baseline", "fail", "twice")
def easy_rows_twice_and_rehashed(project: Path) -> None:
    """A hundred easy rows counted twice."""
    lines = hands.rows(project, VALIDATION)
    easy = sorted(lines[1:], key=lambda line: abs(float(line[Y]) - float(line[SIMPLE])))[:100]
    hands.put_rows(project, VALIDATION, [*lines, *easy])
    hands.retell(project)


@fault("baseline", "fail", "rows of the data")
def predictions_of_another_project(project: Path) -> None:
    """Another project's predictions, hashes brought up to date."""
    hands.swap(project, "households", VALIDATION)
    hands.retell(project)


@fault("baseline", "fail|stale", "validation.csv.gz has the hash")
def report_of_another_project(project: Path) -> None:
    """Another project's report."""
    hands.swap(project, "households", "reports/baseline.json")


@fault("baseline", "fail", "the report says 1052 of 1052")
def report_of_another_project_rehashed(project: Path) -> None:
    """Another project's numbers below this project's hashes."""
    hands.swap(project, "households", "reports/baseline.json")
    hands.retell(project)


@fault("baseline", "stale|fail|unknown", "seed")
def report_of_another_seed(project: Path) -> None:
    """The luckier of two seeds' reports."""
    hands.swap(project, "seed", "reports/baseline.json")


@fault("baseline", "fail", "its seal does not match")
def number_edited_in_the_report_alone(project: Path) -> None:
    """One number in the report, and nothing else."""
    hands.put(project, "baseline", "scores.simple.value", 0.84)


@fault("baseline", "fail", "dummy missing")
def dummy_left_out(project: Path) -> None:
    """No dummy among the scores."""
    hands.report(project, "baseline", lambda found: found["scores"].__delitem__("dummy"))
    hands.retell(project)


@fault("baseline", "fail", "dummy")
def dummy_left_out_of_predictions(project: Path) -> None:
    """No dummy among the predictions either."""
    hands.put_rows(
        project, VALIDATION, [line[:DUMMY] + line[SIMPLE:] for line in hands.rows(project, VALIDATION)]
    )
    hands.report(project, "baseline", lambda found: found["scores"].__delitem__("dummy"))
    hands.retell(project)


@fault("baseline", "fail", "the dummy predicts")
def dummy_weakened(project: Path) -> None:
    """A dummy worse than the training share."""
    lines = hands.rows(project, VALIDATION)
    for line in lines[1:]:
        line[DUMMY] = "0.1"
    hands.put_rows(project, VALIDATION, lines)
    hands.retell(project)


@fault("baseline", "fail", "employed_at_that_age missing")
def rule_left_out(project: Path) -> None:
    """The rule that is as good as the model is not compared."""
    hands.put_rows(project, VALIDATION, [line[:-1] for line in hands.rows(project, VALIDATION)])
    hands.report(project, "baseline", lambda found: found["scores"].__delitem__("employed_at_that_age"))
    hands.retell(project)


@fault("baseline", "fail", "so simple is selected")
def candidate_kept_inside_the_noise(project: Path) -> None:
    """The complicated model kept, though it is not better."""
    hands.put(project, "baseline", "kept", "candidate")
    hands.retell(project)


@fault("baseline", "fail", "candidate_minus.simple")
def difference_made_up(project: Path) -> None:
    """The candidate better than the simple model, says the report."""
    hands.report(
        project,
        "baseline",
        lambda found: found["candidate_minus"]["simple"].update(value=0.02, low=0.01, high=0.03),
    )
    hands.retell(project)


@fault("baseline", "fail", "no more than noise")
def candidate_no_better_than_the_dummy(project: Path) -> None:
    """A candidate that says the same of everybody."""
    lines = hands.rows(project, VALIDATION)
    for place, line in enumerate(lines[1:]):
        line[CANDIDATE] = f"0.6{place * 7919 % 1000:03d}"
    hands.put_rows(project, VALIDATION, lines)
    hands.retell(project)


@fault("baseline", "fail", "rule_as_good")
def finding_deleted(project: Path) -> None:
    """The finding that the rule is as good, taken out of the report."""
    hands.put(project, "baseline", "findings", [])
    hands.retell(project)


@fault("baseline", "fail", "12 copies")
def copies_found_and_ignored(project: Path) -> None:
    """The step found copies across the split, and nobody did anything."""
    hands.report(
        project,
        "baseline",
        lambda found: found["findings"].append({"kind": "copies_across_split", "text": "12 copies"}),
    )
    hands.retell(project)


@fault("baseline", "fail", "higher_is_better")
def worse_called_better(project: Path) -> None:
    """Lower is better, says the report."""
    hands.put(project, "baseline", "higher_is_better", False)
    hands.retell(project)


@fault("baseline", "fail", "the report has 'nearest'")
def another_model_compared(project: Path) -> None:
    """The simple model of the report is not the one that [baseline] names."""
    hands.put(project, "baseline", "models.simple", "nearest")
    hands.retell(project)


@fault("baseline", "fail", "not a probability")
def probability_above_one(project: Path) -> None:
    """A prediction of 1.7."""
    lines = hands.rows(project, VALIDATION)
    lines[5][SIMPLE] = "1.7"
    hands.put_rows(project, VALIDATION, lines)
    hands.retell(project)


@fault("baseline", "fail|unknown", "nan")
def prediction_missing(project: Path) -> None:
    """A prediction that is no number."""
    lines = hands.rows(project, VALIDATION)
    lines[5][SIMPLE] = "nan"
    hands.put_rows(project, VALIDATION, lines)
    hands.retell(project)


@fault("baseline", "unknown|fail", "validation.csv.gz")
def predictions_deleted(project: Path) -> None:
    """The committed predictions are gone."""
    (project / VALIDATION).unlink()


@fault("baseline", "fail|unknown", "validation.csv.gz")
def predictions_emptied(project: Path) -> None:
    """0 bytes."""
    hands.write(project, VALIDATION, b"")


@fault("baseline", "stale", "baseline.gradient_boosting.max_iter")
def parameter_changed(project: Path) -> None:
    """Another parameter than the model was fitted with."""
    hands.choose(project, "baseline.gradient_boosting", "max_iter", "600")


@fault("baseline", "fail|unknown", "models/model.skops")
def model_that_runs_code(project: Path) -> None:
    """A file that is a pickle under the model's name."""
    hands.write(project, "models/model.skops", b"cos\nsystem\n(S'true'\ntR.")


@fault("baseline", "fail", "names")
def model_of_strange_types(project: Path) -> None:
    """An archive that names a type which runs code when it is loaded."""
    path = project / "models/model.skops"
    path.parent.mkdir(exist_ok=True)
    tree = {"__class__": "system", "__module__": "os", "__loader__": "ReduceNode", "content": {}}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("schema.json", json.dumps(tree))


@fault("baseline", "fail", "outputs do not name")
def model_left_out_of_the_outputs(project: Path) -> None:
    """A report that does not say which model it made."""
    hands.forget(project, "baseline", "outputs", "models/model.skops")


@fault("baseline", "fail", "scores.")
def columns_of_two_models_swapped(project: Path) -> None:
    """The simple model's predictions under the candidate's name."""
    lines = hands.rows(project, VALIDATION)
    lines[0][SIMPLE], lines[0][CANDIDATE] = lines[0][CANDIDATE], lines[0][SIMPLE]
    hands.put_rows(project, VALIDATION, lines)
    hands.retell(project)


@fault("baseline", "stale", "src/letters/baseline.py", "interpret", "evaluate")
def code_of_the_model_changed(project: Path) -> None:
    """The step's own code changed since it ran."""
    path = project / "src/letters/baseline.py"
    path.write_text(path.read_text("utf-8") + "\n\nTRIES = 3\n", "utf-8")


def _sharpen(project: Path) -> None:
    lines = hands.rows(project, VALIDATION)
    for line in lines[1:]:
        for place in (SIMPLE, CANDIDATE):
            line[place] = f"{0.7 * float(line[place]) + 0.3 * float(line[Y]):.6g}"
    hands.put_rows(project, VALIDATION, lines)
