"""The model that baseline kept, and the rows that interpret, evaluate and improve look at."""

from __future__ import annotations

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
    """Rows of one part: as read, as features, their truth and their clusters (None: each row its own)."""

    table: pd.DataFrame
    matrix: pd.DataFrame
    y: Array
    clusters: Array | None
    of: int

    def take(self, which: Array) -> Rows:
        """The rows at these places or under this mask."""
        cluster = None if self.clusters is None else self.clusters[which]
        return Rows(self.table.iloc[which], self.matrix.iloc[which], self.y[which], cluster, self.of)


@dataclass(frozen=True)
class Kept:
    """The kept model: its role in the comparison, the name it was built by, its content's id."""

    role: str
    name: str
    model: Any
    content_id: str
    outcome: str
    metric: Metric


def both(one: Rows, other: Rows) -> Rows:
    """The rows of the one, then those of the other."""
    cluster = (
        None
        if one.clusters is None or other.clusters is None
        else np.concatenate([one.clusters, other.clusters])
    )
    y = np.concatenate([one.y, other.y])
    return Rows(
        pd.concat([one.table, other.table]),
        pd.concat([one.matrix, other.matrix]),
        y,
        cluster,
        one.of + other.of,
    )


def load(project: Project) -> Kept:
    """The model that `baseline` kept; refuses a report that is missing or older than what it rests on."""
    said = report.results(project, "baseline")
    role = said["kept"]
    name = said["models"].get(role, role)
    outcome = project.param("problem.outcome")
    return Kept(
        role,
        name,
        fitting.selected(project),
        project.hash(fitting.MODEL),
        outcome,
        metrics.chosen(project),
    )


def rows(project: Project, *names: str, most: int | None = None) -> Rows:
    """The rows of these parts, at most `most`, drawn by the hash of their ids. `of` says out of how many."""
    part = split_file.parts(project)
    table = project.table()
    table = table[part.reindex(table.index).isin(names)]
    count = len(table)
    if most is not None:
        table = table[folds.sample(table.index, most)]
    y = targets.target(project, table).to_numpy()
    return Rows(table, project.code.features.build(project, table), y, clusters.of(project, table), count)


def fit(project: Project, name: str, taught: Rows) -> Any:
    """A model of that kind fitted on these rows."""
    with one_thread():
        return fitting.fit(project, name, taught.matrix, taught.y)


def predict(project: Project, model: Any, seen: Rows) -> Predicted:
    """What a model says of these rows, rounded as on disk."""
    return say(model, seen.matrix, seen.y, project.param("problem.outcome"))


def say(model: Any, matrix: pd.DataFrame, y: Array | None, outcome: str) -> Predicted:
    """What a model says of these features, in one thread: many small looks gain nothing from more."""
    with one_thread():
        return fitting.predict(model, matrix, y, outcome)


def one_thread() -> AbstractContextManager[Any]:
    """Numeric libraries work in one thread inside the block."""
    limited: AbstractContextManager[Any] = _threads().limit(limits=1)
    return limited


@cache
def _threads() -> ThreadpoolController:
    return ThreadpoolController()


def probabilities(model: Any, matrix: pd.DataFrame, classes: Array) -> metrics.Floats:
    """The probability of each class, 0 for a class that the model never saw. Shape (n, classes)."""
    with one_thread():
        made = model.predict_proba(matrix)
    place = {label: index for index, label in enumerate(classes)}
    full = np.zeros((len(matrix), len(classes)))
    for column, label in enumerate(model.classes_):
        if label in place:
            full[:, place[label]] = made[:, column]
    return full


def score(metric: Metric, seen: Rows, predicted: Predicted) -> dict[str, Any]:
    """The metric of these rows with its interval; null where there is none (one class only, no rows)."""
    return estimates.score(metric, seen.y, predicted, seen.clusters)


def gain(metric: Metric, better: float, worse: float) -> float:
    """How much better one value of the metric is than another, positive for better."""
    return better - worse if metric.higher_is_better else worse - better
