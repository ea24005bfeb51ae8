"""The model that baseline selected, and the rows that interpret, evaluate and improve look at."""

from __future__ import annotations

import warnings
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import ThreadpoolController

from poc2prod_kit.models import fitting
from poc2prod_kit.run import report
from poc2prod_kit.run.project import Project
from poc2prod_kit.scoring import estimates, metrics
from poc2prod_kit.scoring.metrics import Metric, Predicted
from poc2prod_kit.splitting import clusters, folds, split_file
from poc2prod_kit.tables import targets

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Rows:
    """n rows of one part: as read, their features X, the true y, and their clusters (None: each row its own).

    `total`: how many rows the part has, where these are a sample of them.
    """

    table: pd.DataFrame
    X: pd.DataFrame
    y: Array
    clusters: Array | None
    total: int

    def take(self, which: Array) -> Rows:
        """The rows at these places or under this mask."""
        cluster = None if self.clusters is None else self.clusters[which]
        return Rows(self.table.iloc[which], self.X.iloc[which], self.y[which], cluster, self.total)


@dataclass(frozen=True)
class SelectedModel:
    """The model that `baseline` selected: its role there, its name in models.py, its content's id.

    `metric` is the one that [problem] names, `metrics` are all that fit the outcome.
    """

    role: str
    name: str
    pipeline: Any
    content_id: str
    outcome: str
    metric: Metric
    metrics: tuple[Metric, ...] = ()


def both(one: Rows, other: Rows) -> Rows:
    """The rows of the one, then those of the other."""
    clustered = one.clusters is not None and other.clusters is not None
    return Rows(
        pd.concat([one.table, other.table]),
        pd.concat([one.X, other.X]),
        np.concatenate([one.y, other.y]),
        np.concatenate([one.clusters, other.clusters]) if clustered else None,
        one.total + other.total,
    )


def load(project: Project) -> SelectedModel:
    """The selected model; refuses a report that is missing or older than what it rests on."""
    results = report.results(project, "baseline")
    role = results["kept"]
    return SelectedModel(
        role,
        results["models"].get(role, role),
        fitting.selected(project),
        project.hash(fitting.MODEL),
        project.param("problem.outcome"),
        metrics.chosen(project),
        tuple(metrics.of(project).values()),
    )


def rows(project: Project, *names: str, most: int | None = None) -> Rows:
    """The rows of these parts, at most `most`, drawn by the hash of their ids."""
    part = split_file.parts(project)
    table = project.table()
    table = table[part.reindex(table.index).isin(names)]
    total = len(table)
    if most is not None:
        table = table[folds.sample(table.index, most)]
    X, y = project.code.features.build(project, table), targets.target(project, table).to_numpy()
    return Rows(table, X, y, clusters.of(project, table), total)


def fit(project: Project, name: str, train: Rows) -> Any:
    """A pipeline of that name in models.py, fitted on these rows."""
    with one_thread():
        return fitting.fit(project, name, train.X, train.y)


def predict(project: Project, pipeline: Any, rows: Rows) -> Predicted:
    """A pipeline's predictions of these rows, rounded as on disk."""
    return predict_features(pipeline, rows.X, rows.y, project.param("problem.outcome"))


def predict_features(pipeline: Any, X: pd.DataFrame, y_true: Array | None, outcome: str) -> Predicted:
    """Predictions from features, in one thread: many small predictions gain nothing from more."""
    with one_thread():
        return fitting.predict(pipeline, X, y_true, outcome)


def one_thread() -> AbstractContextManager[Any]:
    """Numeric libraries work in one thread inside the block."""
    limited: AbstractContextManager[Any] = _threads().limit(limits=1)
    return limited


@cache
def _threads() -> ThreadpoolController:
    return ThreadpoolController()


def probabilities(pipeline: Any, X: pd.DataFrame, classes: Array) -> metrics.Floats:
    """The probability of each class, 0 for a class that training did not hold. Shape (n, classes)."""
    with one_thread(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "X does not have valid feature names", UserWarning)
        known = pipeline.predict_proba(X)
    place = {label: index for index, label in enumerate(classes)}
    full = np.zeros((len(X), len(classes)))
    for column, label in enumerate(pipeline.classes_):
        if label in place:
            full[:, place[label]] = known[:, column]
    return full


def score(metric: Metric, rows: Rows, y_pred: Predicted) -> dict[str, Any]:
    """The metric of these rows with its interval; null where there is none (one class only, no rows)."""
    return estimates.score(metric, rows.y, y_pred, rows.clusters)
