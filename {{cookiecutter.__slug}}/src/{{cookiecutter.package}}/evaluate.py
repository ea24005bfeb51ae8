"""I.9 evaluate: how good the selected model is, what limits it, and whether it reaches the target."""

from __future__ import annotations

from typing import Any

from poc2prod_kit.inspection import test_evaluations
from poc2prod_kit.models import selected_model
from poc2prod_kit.models.selected_model import Rows, SelectedModel
from poc2prod_kit.run import report
from poc2prod_kit.run.project import Project
from poc2prod_kit.run.report import Report
from poc2prod_kit.scoring import calibration, comparisons, costs, gaps, shift
from poc2prod_kit.scoring.metrics import Predicted

MOST_ROWS = 50_000


def run(project: Project) -> Report:
    """Training beside validation (and test, once opened), gaps, shift, calibration, and the target."""
    # Load
    split, model = report.results(project, "split"), selected_model.load(project)
    most = project.param("evaluate.rows", MOST_ROWS)
    train = selected_model.rows(project, "train", most=most)
    validation = selected_model.rows(project, "validation", most=most)

    # Predict. On validation rows take what `baseline` wrote, so that both steps score the same numbers.
    train_predictions = comparisons.predictions(project, model, train, train, "train", "validation")
    predictions = comparisons.stored_predictions(project, model, validation)

    # Score
    parts = {
        "training": {
            "basis": "in-sample: the rows the models were fitted on",
            **scores(model, train, train_predictions),
        },
        "validation": {
            "basis": "rows that only the choice of model has seen",
            **scores(model, validation, predictions),
        },
    }
    opened, outputs = test_evaluations.state(project, model)
    test = opened.pop("test", None)
    if test is not None:
        parts["test"] = test

    # Compare
    metric, human = model.metric, comparisons.human(project)
    reached = {name: part["scores"]["kept"][metric.name] for name, part in parts.items()}
    at_random = comparisons.random_split(
        project, model, train, validation, split["strategy"], reached["validation"]
    )
    target, findings = test_evaluations.against_target(project, metric, test, opened)
    between = gaps.of_parts(
        metric, reached, level(project, human), at_random.get("random"), at_random.get("honest")
    )
    moved = shift.look(train, validation, project.param("seed"))
    figures: list[str] = []
    calibrated = calibration.of_model(project, model, validation, predictions["kept"], figures)

    # Write
    results: dict[str, Any] = {
        "model": model.named,
        "metric": metric.name,
        "parts": parts,
        "human": human,
        "incumbent": comparisons.incumbent(project, model, validation, predictions["kept"]),
        "random_split": at_random,
        "shift": moved,
        "target": target,
        "looks": opened,
        "opening": opened.get("file"),
        "gaps": between,
        "bottleneck": gaps.bottleneck(between),
        "calibration": calibrated,
        "figures": figures,
    }
    if model.outcome == "binary":
        results["threshold"] = costs.threshold(project)
    miscalibrated = calibration.findings(calibrated, results.get("threshold", costs.EVEN))
    return Report(results, outputs, [*findings, *shift.findings(moved), *miscalibrated])


def scores(model: SelectedModel, rows: Rows, predictions: dict[str, Predicted]) -> dict[str, Any]:
    """Every metric of every model on these rows; `n` is smaller than `rows` where they are a sample."""
    return {"rows": rows.total, "n": len(rows.y), "scores": comparisons.scores(model, rows, predictions)}


def level(project: Project, human: dict[str, Any]) -> tuple[str, float] | None:
    """What a model could reach: a person's level, else the target; None where neither is known."""
    if human["known"]:
        return "human level", float(human["value"])
    target = project.param("problem.target", None)
    return None if target is None else ("target", float(target))


def open_test(project: Project) -> dict[str, Any]:
    """Look at the test part on purpose; the look is recorded and counted. Run `evaluate` after it.

    Returns the opening's `file`, whether it is `new`, and the number of `looks` so far (distinct models).
    """
    report.results(project, "split")
    model = selected_model.load(project)
    train = selected_model.rows(project, "train", most=MOST_ROWS)
    test = selected_model.rows(project, "test", most=MOST_ROWS)
    return test_evaluations.evaluate(project, model, train, test)
