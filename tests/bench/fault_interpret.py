"""Faults of I.8: reports of another model, slices and errors tidied up, causes that nobody looked for."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from bench import hands
from bench.registry import fault

ERRORS = "docs/errors.csv"


@fault("interpret", "fail", "the report is of model")
def report_of_another_model(project: Path) -> None:
    """Importance and slices of a model that is not kept."""
    hands.report(project, "interpret", lambda found: found["model"].update(id="0" * 64))
    hands.retell(project)


@fault("interpret", "fail", "was selected")
def report_of_another_role(project: Path) -> None:
    """The candidate explained, the simple model kept."""
    hands.report(project, "interpret", lambda found: found["model"].update(role="candidate"))
    hands.retell(project)


@fault("interpret", "fail|stale", "employment_2015.csv.gz")
def report_of_another_project(project: Path) -> None:
    """Another project's report."""
    hands.swap(project, "households", "reports/interpret.json")


@fault("interpret", "fail|stale|unknown", "model")
def report_of_another_seed(project: Path) -> None:
    """The report of another seed's model, hashes brought up to date."""
    hands.swap(project, "seed", "reports/interpret.json")
    hands.revise(
        project, "reports/interpret.json", lambda value: value["results"]["model"].update(id="1" * 64)
    )
    hands.retell(project)


@fault("interpret", "unknown|fail", "importance")
def importance_left_out(project: Path) -> None:
    """No feature is said to matter."""
    hands.report(project, "interpret", lambda found: found["importance"].update(features=[]))
    hands.retell(project)


@fault("interpret", "fail", "importance")
def importance_interval_inverted(project: Path) -> None:
    """An interval from high to low."""

    def invert(found: Any) -> None:
        one = found["importance"]["features"][0]
        one["low"], one["high"] = one["high"], one["low"]

    hands.report(project, "interpret", invert)
    hands.retell(project)


@fault("interpret", "fail", "sorted")
def importance_reordered(project: Path) -> None:
    """A harmless feature moved to the top of the list."""
    hands.report(project, "interpret", lambda found: found["importance"]["features"].reverse())
    hands.retell(project)


@fault("interpret", "fail", "no dependence curve")
def curves_left_out(project: Path) -> None:
    """No curve of any feature."""
    hands.put(project, "interpret", "dependence", [])
    hands.retell(project)


@fault("interpret", "fail", "is missing")
def weak_slice_deleted(project: Path) -> None:
    """The weakest slice taken out of the report."""

    def drop(found: Any) -> None:
        rows = found["slices"]["rows"]
        rows.remove(min(rows, key=lambda row: (row["score"] or {"value": 1})["value"] or 1))

    hands.report(project, "interpret", drop)
    hands.retell(project)


@fault("interpret", "fail", "recomputed")
def slice_verdict_softened(project: Path) -> None:
    """A slice that is worse is called none."""

    def soften(found: Any) -> None:
        next(row for row in found["slices"]["rows"] if row["verdict"] in ("worse", "better"))["verdict"] = (
            "none"
        )

    hands.report(project, "interpret", soften)
    hands.retell(project)


@fault("interpret", "fail", "age =")
def slice_score_raised(project: Path) -> None:
    """A slice's score rounded up."""

    def lift(found: Any) -> None:
        next(row for row in found["slices"]["rows"] if row["column"] == "age" and row["score"])["score"][
            "value"
        ] = 0.9

    hands.report(project, "interpret", lift)
    hands.retell(project)


@fault("interpret", "fail", "small")
def small_slice_not_marked(project: Path) -> None:
    """A slice of few rows that does not say so."""

    def hide(found: Any) -> None:
        next(row for row in found["slices"]["rows"] if row["small"])["small"] = False

    hands.report(project, "interpret", hide)
    hands.retell(project)


@fault("interpret", "fail", "race")
def sensitive_column_left_out(project: Path) -> None:
    """One sensitive column is not looked at."""

    def drop(found: Any) -> None:
        found["slices"]["columns"].remove("race")
        found["slices"]["rows"] = [row for row in found["slices"]["rows"] if row["column"] != "race"]

    hands.report(project, "interpret", drop)
    hands.retell(project)


@fault("interpret", "stale|fail", "data.sensitive", "data", "split", "features", "improve")
def sensitive_column_added(project: Path) -> None:
    """A column declared sensitive since the step ran."""
    hands.edit(project, "params.toml", 'sensitive = ["sex", ', 'sensitive = ["sex", "military", ')


@fault("interpret", "fail", "worst error 1 is")
def worst_error_deleted(project: Path) -> None:
    """The worst error taken out of the table."""
    hands.report(project, "interpret", lambda found: found["worst_errors"]["rows"].pop(0))
    hands.retell(project)


@fault("interpret", "fail", "errors, the predictions")
def errors_counted_down(project: Path) -> None:
    """Fewer wrong rows than there are."""
    hands.put(project, "interpret", "worst_errors.count", 20)
    hands.retell(project)


@fault("interpret", "unknown", ERRORS)
def causes_deleted(project: Path) -> None:
    """No file of causes."""
    (project / ERRORS).unlink()


@fault("interpret", "unknown", "errors.csv")
def causes_of_zero_bytes(project: Path) -> None:
    """An empty file of causes."""
    hands.write(project, ERRORS, b"")


@fault("interpret", "unknown", "0 of 20 errors have a cause")
def causes_left_empty(project: Path) -> None:
    """Twenty rows, no cause."""
    _causes(project, lambda line: [*line[:3], "", ""])


@fault("interpret", "unknown", "0 of 20 errors have a cause")
def causes_to_be_written(project: Path) -> None:
    """TODO in every row."""
    _causes(project, lambda line: [*line[:3], "TODO", ""])


@fault("interpret", "unknown", "19 of 20 errors have a cause")
def one_cause_missing(project: Path) -> None:
    """Nineteen of twenty."""
    lines = _lines(project)
    lines[4][4] = "?"
    _write(project, lines)


@fault("interpret", "unknown", "rows that are no longer errors")
def causes_for_rows_that_are_right(project: Path) -> None:
    """Twenty causes, of rows that the model gets right."""
    right = [
        line[0]
        for line in hands.rows(project, hands.VALIDATION)[1:]
        if abs(float(line[1]) - float(line[3])) < 0.2
    ]
    lines = _lines(project)
    _write(project, [lines[0], *[[row, *line[1:]] for row, line in zip(right, lines[1:], strict=False)]])


@fault("interpret", "unknown", "errors have a cause")
def one_cause_written_twenty_times_for_one_row(project: Path) -> None:
    """Twenty lines, all of one row."""
    lines = _lines(project)
    _write(project, [lines[0], *[lines[1]] * 20])


@fault("interpret", "unknown", "no column 'id'")
def causes_without_their_header(project: Path) -> None:
    """The first line is gone."""
    _write(project, _lines(project)[1:])


@fault("interpret", "unknown", "questions open: slices")
def slices_without_words(project: Path) -> None:
    """A list of slices and no word on them."""
    hands.answer(project, "interpret", "slices", "")


@fault("interpret", "unknown", "questions open: learned")
def importance_without_words(project: Path) -> None:
    """An importance list and no words."""
    hands.answer(project, "interpret", "learned", "N/A")


@fault("interpret", "fail", "alarm")
def alarm_of_labels_silenced(project: Path) -> None:
    """The labels raise an alarm, and the finding is taken out."""
    hands.put(project, "interpret", "suspects.alarm", True)
    hands.retell(project)


@fault("interpret", "unknown|fail", "suspected")
def suspects_left_out(project: Path) -> None:
    """No list of labels that look wrong."""
    hands.put(project, "interpret", "suspects.rows", [])
    hands.retell(project)


@fault("interpret", "unknown", "does not name these inputs: models/model.skops")
def model_left_out_of_the_inputs(project: Path) -> None:
    """A report that depends on no model would outlive all of them."""
    hands.forget(project, "interpret", "inputs", "models/model.skops")


@fault("interpret", "stale|fail", "models/model.skops", "baseline", "evaluate")
def model_trained_again(project: Path) -> None:
    """Another model lies where the kept one was."""
    hands.retrain(project)


def _lines(project: Path) -> list[list[str]]:
    with (project / ERRORS).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def _write(project: Path, lines: list[list[str]]) -> None:
    with (project / ERRORS).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(lines)


def _causes(project: Path, change: Any) -> None:
    lines = _lines(project)
    _write(project, [lines[0], *map(change, lines[1:])])
