"""I.7 baseline: a dummy, a simple model and a candidate, compared on the same rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from poc2prod_kit.models import baselines, fitting, model_file, selected_model
from poc2prod_kit.models.selected_model import Rows
from poc2prod_kit.run import report
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.project import Project
from poc2prod_kit.run.report import Finding, Report
from poc2prod_kit.scoring import metrics
from poc2prod_kit.scoring.metrics import Metric, Predicted
from poc2prod_kit.splitting import copies
from poc2prod_kit.splitting.split_file import parts
from poc2prod_kit.summary.wording import bracketed


def run(project: Project) -> Report:
    """Fit every model on the training rows, predict validation rows, select the simplest that is as good."""
    # Load
    report.results(project, "split")
    metric, outcome = metrics.chosen(project), project.param("problem.outcome")
    train, validation = selected_model.rows(project, "train"), selected_model.rows(project, "validation")
    if not len(train.y) or not len(validation.y):
        raise ProjectError(
            "There are no training or no validation rows. Look at the sizes in reports/split.json, and "
            "mend [split]."
        )

    # Fit and predict
    names = baselines.roles(project)
    fitted = {role: fitting.fit(project, name, train.X, train.y) for role, name in names.items()}
    predictions = {
        role: fitting.predict(model, validation.X, validation.y, outcome) for role, model in fitted.items()
    }
    for rule in project.param("baseline.rules", []):
        predictions[rule] = baselines.rule_of_thumb(project, rule, validation.table, "train", "validation")

    # Score and compare
    results, findings = judge(project, metric, validation, predictions)
    selected = results["kept"]
    duplicates, copied = copies.check(
        project, project.table(), parts(project), predictions[selected], validation.y
    )

    # Write
    model_file.save(fitted[selected], project.root / fitting.MODEL, project.code.trusted_types)
    results |= {
        "models": names,
        "unfinished": [role for role, model in fitted.items() if not fitting.converged(model)],
        "twins": duplicates,
        **baselines.write_predictions(project, metric, validation, predictions),
    }
    if project.code.trusted_types:
        results["trusted_types"] = list(project.code.trusted_types)
    return Report(results, [baselines.PREDICTIONS, fitting.MODEL], [*findings, *copied])


def judge(
    project: Project, metric: Metric, rows: Rows, predictions: dict[str, Predicted]
) -> tuple[dict[str, Any], list[Finding]]:
    """Scores, paired differences, which model is selected, and what a person should know about that.

    Intervals count clusters: related rows (a household, a week) are one piece of evidence.
    """

    def minus(one: str, others: list[str]) -> dict[str, Any]:
        return {other: metric.difference(rows, predictions[one], predictions[other]) for other in others}

    def scores(one: Metric) -> dict[str, Any]:
        return {role: one.score(rows, y_pred) for role, y_pred in predictions.items()}

    rules = [name for name in predictions if name not in ("dummy", "simple", "candidate")]
    candidate_minus = minus("candidate", [name for name in predictions if name != "candidate"])
    # The simple model stays unless the candidate is better beyond the interval of their paired difference.
    selected = "candidate" if metric.better(candidate_minus["simple"]) else "simple"
    results = {
        "metric": metric.name,
        "higher_is_better": metric.higher_is_better,
        "scores": scores(metric),
        "other_metrics": {
            name: scores(other) for name, other in metrics.of(project).items() if name != metric.name
        },
        "candidate_minus": candidate_minus,
        "simple_minus_dummy": minus("simple", ["dummy"])["dummy"],
        "kept_minus_rules": minus(selected, rules),
        "kept": selected,
        "why": "the candidate is better than the simple model beyond the interval of their difference"
        if selected == "candidate"
        else "the simple model is kept: the candidate is not better beyond the interval of their difference",
    }
    return results, remarks(metric, results)


def remarks(metric: Metric, results: dict[str, Any]) -> list[Finding]:
    """Findings: the metric is not defined, nothing was learned, a rule of thumb does as well."""
    if not np.isfinite(results["scores"]["simple"]["value"]):
        text = (
            f"{metric.name} is not defined on the validation rows: they hold one class, or no "
            f"variation. Choose another metric or split."
        )
        return [Finding("metric_undefined", text)]
    findings = []
    candidate, simple = results["candidate_minus"]["dummy"], results["simple_minus_dummy"]
    if candidate["clusters"] == 1:
        text = (
            "All validation rows are of one group or one block of time, so nothing tells a difference "
            "between models from chance, and the simple model is kept unjudged. "
            "Get rows of more groups, or split otherwise."
        )
        findings.append(Finding("one_cluster", text))
    if np.isfinite(candidate["low"]) and not metric.better(candidate) and not metric.better(simple):
        text = (
            f"Nothing was learned: candidate less dummy is {bracketed(candidate)}, simple less dummy is "
            f"{bracketed(simple)} ({metric.name}), neither better beyond its interval. Look at the features, "
            "the labels or the question before any other model."
        )
        findings.append(Finding("nothing_learned", text))
    for name, pair in results["kept_minus_rules"].items():
        if np.isfinite(pair["low"]) and not metric.better(pair):
            text = (
                f"The rule of thumb {name} is as good as the kept model: {results['kept']} less {name} is "
                f"{bracketed(pair)} ({metric.name}). Use the rule, or find what the model does not see."
            )
            findings.append(Finding("rule_as_good", text))
    return findings
