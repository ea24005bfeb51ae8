"""I.7 baseline: a dummy, a simple model and a candidate on the same rows, compared pair by pair."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from . import data, features, split
from .kit import clusters, files, intervals, metrics, models, report, rulebook
from .kit.project import Project
from .kit.report import Report

PREDICTIONS = "data/predictions/validation.csv.gz"
MODEL = "models/model.skops"


def run(project: Project) -> Report:
    """Fit every model on the training rows, predict the validation rows, keep the simplest that is as good."""
    report.results(project, "split")
    table, part = project.table(), split.parts(project)
    train, validation = table[part == "train"], table[part == "validation"]
    outcome, metric = project.param("problem.outcome"), chosen_metric(project)
    y, truth = data.target(project, train).to_numpy(), data.target(project, validation).to_numpy()
    matrix, seen = features.build(project, train), features.build(project, validation)
    fitted = {role: models.build(name, project, matrix).fit(matrix, y) for role, name in roles(project).items()}
    said = {role: models.predict(model, seen, truth, outcome) for role, model in fitted.items()}
    for name in project.param("baseline.rules", []):
        said[name] = rule_of_thumb(project, name, table[part.isin(["train", "validation"])], part, validation)
    cluster = clusters.of(project, validation)
    scores = {role: score(metric, truth, predicted, cluster) for role, predicted in said.items()}
    pairs = {other: difference(metric, truth, said["candidate"], said[other], cluster) for other in said if other != "candidate"}
    kept = "candidate" if better(metric, pairs["simple"]) else "simple"
    models.save(fitted[kept], project.root / MODEL)
    write_predictions(project, validation.index, truth, said)
    results = {"metric": metric.name, "scores": scores, "candidate_minus": pairs, "kept": kept, "models": roles(project)}
    return Report(results, [PREDICTIONS, MODEL])


def chosen_metric(project: Project) -> metrics.Metric:
    """The metric that [problem] names."""
    return metrics.named(project.param("problem.metric"), project.param("problem.outcome"))


def roles(project: Project) -> dict[str, str]:
    """Which model plays which role."""
    return {"dummy": "dummy", **{role: project.param(f"baseline.{role}") for role in ("simple", "candidate")}}


def rule_of_thumb(project: Project, name: str, known: pd.DataFrame, part: pd.Series, rows: pd.DataFrame) -> metrics.Predicted:
    """What a rule of rules.py says of the rows."""
    y = data.target(project, known)
    return metrics.Predicted(models.rounded(rulebook.rule(name)(known, y, part.loc[known.index] == "train", rows).to_numpy(dtype=float)))


def score(metric: metrics.Metric, y: np.ndarray, predicted: metrics.Predicted, cluster: Any) -> dict[str, Any]:
    """The metric with its interval."""
    return intervals.estimate(*metric.compute(y, predicted), cluster).as_dict()


def difference(metric: metrics.Metric, y: np.ndarray, one: metrics.Predicted, other: metrics.Predicted, cluster: Any) -> dict[str, Any]:
    """The metric of one less that of the other, on the same rows, with its interval."""
    (first, influence), (second, less) = metric.compute(y, one), metric.compute(y, other)
    return intervals.estimate(first - second, influence - less, cluster).as_dict()


def better(metric: metrics.Metric, pair: dict[str, Any]) -> bool:
    """Whether the difference is an improvement beyond its interval."""
    return bool(pair["low"] > 0) if metric.higher_is_better else bool(pair["high"] < 0)


def write_predictions(project: Project, ids: pd.Index, y: np.ndarray, said: dict[str, metrics.Predicted]) -> None:
    """One row an id: the truth and what each model said."""
    columns: dict[str, Any] = {"id": ids, "y": y}
    for role, predicted in said.items():
        columns[role] = predicted.value
        if predicted.true is not None:
            columns[f"{role}.p"] = predicted.true
    files.write_csv(project.root / PREDICTIONS, pd.DataFrame(columns))
