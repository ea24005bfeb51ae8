"""The model that baseline selected, and the rows that interpret, evaluate and improve look at."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from poc2prod_kit.models import fitting, model_file
from poc2prod_kit.run import report
from poc2prod_kit.run.project import Project
from poc2prod_kit.scoring import metrics
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

    def also(self, other: Rows) -> Rows:
        """These rows, then the others. Clusters of the two that are equal stay one cluster."""
        clustered = self.clusters is not None and other.clusters is not None
        return Rows(
            pd.concat([self.table, other.table]),
            pd.concat([self.X, other.X]),
            np.concatenate([self.y, other.y]),
            np.concatenate([self.clusters, other.clusters]) if clustered else None,
            self.total + other.total,
        )


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

    @property
    def named(self) -> dict[str, str]:
        """Which model it is, as reports say it."""
        return {"id": self.content_id, "role": self.role, "name": self.name}

    def predict(self, rows: Rows) -> Predicted:
        """Its predictions of these rows, rounded as on disk."""
        return fitting.predict(self.pipeline, rows.X, rows.y, self.outcome)


def load(project: Project) -> SelectedModel:
    """The selected model; refuses a report that is missing or older than what it rests on."""
    results = report.results(project, "baseline")
    role, content_id = results["kept"], project.hash(fitting.MODEL)
    return SelectedModel(
        role,
        results["models"].get(role, role),
        _loaded(project.path(fitting.MODEL), content_id, tuple(project.code.trusted_types)),
        content_id,
        project.param("problem.outcome"),
        metrics.chosen(project),
        tuple(metrics.of(project).values()),
    )


@lru_cache(maxsize=2)
def _loaded(path: Path, content_id: str, trusted: tuple[str, ...]) -> Any:
    """Once a process while the content is the same: three steps of `poc` load it."""
    return model_file.load(path, trusted)


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
