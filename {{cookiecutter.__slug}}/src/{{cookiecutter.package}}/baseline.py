"""I.7 baseline: a dummy, a simple model and a candidate on the same rows, compared pair by pair."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from poc2prod_kit.models import baselines, fitting
from poc2prod_kit.models.baselines import PREDICTIONS
from poc2prod_kit.run import csv_files, report
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.project import Project
from poc2prod_kit.run.report import Finding, Report
from poc2prod_kit.scoring import metrics
from poc2prod_kit.scoring.estimates import better, difference, score
from poc2prod_kit.splitting import clusters, copies, folds
from poc2prod_kit.splitting.split_file import parts
from poc2prod_kit.tables.targets import target

from . import features

MODEL = fitting.MODEL
MOST_WRITTEN = 50_000
Array = np.ndarray[Any, Any]


def run(project: Project) -> Report:
    """Fit every model on the training rows, predict validation rows, keep the simplest that is as good."""
    report.results(project, "split")
    table, metric = project.table(), metrics.chosen(project)
    part = parts(project).reindex(table.index)
    train, validation = table[part == "train"], table[part == "validation"]
    if train.empty or validation.empty:
        raise ProjectError(
            "There are no training or no validation rows. Look at the sizes in reports/split.json, and "
            "mend [split]."
        )
    y, truth = target(project, train).to_numpy(), target(project, validation).to_numpy()
    matrix, seen = features.build(project, train), features.build(project, validation)
    fitted = {role: fitting.fit(project, name, matrix, y) for role, name in baselines.roles(project).items()}
    outcome = project.param("problem.outcome")
    said = {role: fitting.predict(model, seen, truth, outcome) for role, model in fitted.items()}
    known = table[part.isin(["train", "validation"])]
    for name in project.param("baseline.rules", []):
        said[name] = baselines.rule_of_thumb(project, name, known, part, validation)
    cluster = clusters.of(project, validation)
    results, findings = judge(project, metric, truth, said, cluster)
    kept = results["kept"]
    fitting.save(fitted[kept], project.root / MODEL, project.code.trusted_types)
    results |= {
        "models": baselines.roles(project),
        "unfinished": [role for role, model in fitted.items() if not fitting.converged(model)],
    }
    results |= write_predictions(project, metric, validation.index, truth, said, cluster)
    results["twins"], copied = copies.check(project, table, part, said[kept], truth)
    return Report(results, [PREDICTIONS, MODEL], [*findings, *copied])


def judge(
    project: Project,
    metric: metrics.Metric,
    y: Array,
    said: dict[str, metrics.Predicted],
    cluster: Array | None,
) -> tuple[dict[str, Any], list[Finding]]:
    """Scores, paired differences, which model is kept, and what a person should know about that."""
    outcome = project.param("problem.outcome")
    others = {
        name: one for name, one in metrics.METRICS.items() if outcome in one.outcomes and name != metric.name
    }
    pairs = {
        name: difference(metric, y, said["candidate"], said[name], cluster)
        for name in said
        if name != "candidate"
    }
    lift = difference(metric, y, said["simple"], said["dummy"], cluster)
    kept = "candidate" if better(metric, pairs["simple"]) else "simple"
    results = {
        "metric": metric.name,
        "higher_is_better": metric.higher_is_better,
        "scores": {name: score(metric, y, one, cluster) for name, one in said.items()},
        "other_metrics": {
            name: {role: score(one, y, predicted, cluster) for role, predicted in said.items()}
            for name, one in others.items()
        },
        "candidate_minus": pairs,
        "simple_minus_dummy": lift,
        "kept": kept,
        "why": "the candidate is better than the simple model beyond the interval of their difference"
        if kept == "candidate"
        else "the simple model is kept: the candidate is not better beyond the interval of their difference",
    }
    rules = [name for name in said if name not in ("dummy", "simple", "candidate")]
    rivals = {name: difference(metric, y, said[kept], said[name], cluster) for name in rules}
    return {**results, "kept_minus_rules": rivals}, remarks(metric, results, pairs["dummy"], lift, rivals)


def remarks(
    metric: metrics.Metric,
    results: dict[str, Any],
    candidate: dict[str, Any],
    simple: dict[str, Any],
    rivals: dict[str, Any],
) -> list[Finding]:
    """Findings: the metric is not defined, nothing was learned, a rule of thumb does as well."""
    if not np.isfinite(results["scores"]["simple"]["value"]):
        text = (
            f"{metric.name} is not defined on the validation rows: they hold one class, or no "
            f"variation. Choose another metric or split."
        )
        return [Finding("metric_undefined", text)]
    found = []
    if candidate["clusters"] == 1:
        text = (
            "All validation rows are of one group or one block of time, so nothing tells a difference "
            "between models from chance, and the simple model is kept unjudged. "
            "Get rows of more groups, or split otherwise."
        )
        found.append(Finding("one_cluster", text))
    if np.isfinite(candidate["low"]) and not better(metric, candidate) and not better(metric, simple):
        text = (
            f"Nothing was learned: candidate less dummy is {shown(candidate)}, simple less dummy is "
            f"{shown(simple)} ({metric.name}), neither better beyond its interval. Look at the features, the "
            "labels or the question before any other model."
        )
        found.append(Finding("nothing_learned", text))
    for name, pair in rivals.items():
        if np.isfinite(pair["low"]) and not better(metric, pair):
            text = (
                f"The rule of thumb {name} is as good as the kept model: {results['kept']} less {name} is "
                f"{shown(pair)} ({metric.name}). Use the rule, or find what the model does not see."
            )
            found.append(Finding("rule_as_good", text))
    return found


def shown(pair: dict[str, Any]) -> str:
    """A difference with its interval in words."""
    return f"{pair['value']:.3g} [{pair['low']:.3g}, {pair['high']:.3g}]"


def write_predictions(
    project: Project,
    metric: metrics.Metric,
    ids: pd.Index,
    y: Array,
    said: dict[str, metrics.Predicted],
    cluster: Any,
) -> dict[str, Any]:
    """One row an id: the truth and what each model said; above 50,000 rows those with the smallest hash of
    their id.

    Returns what was written and, where it is a sample, the scores on it: the file gives these, not those of
    all rows.
    """
    some = folds.sample(ids, MOST_WRITTEN)
    columns: dict[str, Any] = {"id": ids[some], "y": y[some]}
    for role, predicted in said.items():
        columns[role] = predicted.value[some]
        if predicted.true is not None:
            columns[f"{role}.p"] = predicted.true[some]
    csv_files.write_csv(project.root / PREDICTIONS, pd.DataFrame(columns))
    written = {"predictions": {"rows": int(some.sum()), "sampled_from": len(ids)}}
    if some.all():
        return written
    few = {
        n: metrics.Predicted(p.value[some], None if p.true is None else p.true[some]) for n, p in said.items()
    }
    inside = None if cluster is None else cluster[some]
    return {
        **written,
        "scores_of_sample": {name: score(metric, y[some], one, inside) for name, one in few.items()},
    }
