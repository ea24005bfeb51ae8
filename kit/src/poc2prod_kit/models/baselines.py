"""The models that are compared: which plays which role, and what a rule of thumb predicts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from poc2prod_kit.models import fitting
from poc2prod_kit.models.selected_model import Rows
from poc2prod_kit.rules import rulebook
from poc2prod_kit.run import csv_files
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.project import Project
from poc2prod_kit.scoring.metrics import Metric, Predicted
from poc2prod_kit.splitting import folds, split_file
from poc2prod_kit.tables import targets

MOST_WRITTEN = 50_000
PREDICTIONS = "data/predictions/validation.csv.gz"


def roles(project: Project) -> dict[str, str]:
    """The name of the model in each role: dummy, simple, candidate."""
    names = [fitting.DUMMY, *project.code.estimators]
    chosen = {role: project.param(f"baseline.{role}", among=names) for role in ("simple", "candidate")}
    return {"dummy": fitting.DUMMY, **chosen}


def rule_of_thumb(project: Project, name: str, rows: pd.DataFrame, *parts: str) -> Predicted:
    """What a rule of rules.py predicts for `rows`.

    A probability (binary), a number (regression) or a label (multiclass). The rule is given the rows of
    these parts, their target, which of them are training rows, and the rows to predict.
    """
    table = project.table()
    part = split_file.parts(project).reindex(table.index)
    known = table[part.isin(parts)]
    y = targets.target(project, known)
    try:
        made = rulebook.rule(project.code.rules, name)(known, y, part.loc[known.index] == "train", rows)
        values = pd.Series(made).to_numpy()
    except ProjectError:
        raise
    except Exception as error:
        raise ProjectError(f"rules.py, {name}: it ended with {type(error).__name__}: {error}.") from error
    if len(values) != len(rows) or pd.isna(values).any():
        raise ProjectError(
            f"rules.py, {name}: it must predict each of the {len(rows)} rows; "
            f"{int(pd.isna(values).sum())} are missing."
        )
    if project.param("problem.outcome") == "multiclass":
        return Predicted(values, (values == y.loc[rows.index].to_numpy()).astype(float))
    return Predicted(fitting.rounded(values.astype(float)))


def as_table(rows: Rows, predictions: Mapping[str, Predicted]) -> pd.DataFrame:
    """One row an id: the truth `y`, and each model's prediction (`<role>`; multiclass: its label, and in
    `<role>.p` the probability that it gave the true class).
    """
    columns: dict[str, Any] = {"id": rows.table.index, "y": rows.y}
    for role, y_pred in predictions.items():
        columns[role] = y_pred.value
        if y_pred.true is not None:
            columns[f"{role}.p"] = y_pred.true
    return pd.DataFrame(columns)


def write_predictions(
    project: Project, metric: Metric, rows: Rows, predictions: Mapping[str, Predicted]
) -> dict[str, Any]:
    """Write data/predictions/validation.csv.gz; above 50,000 rows those with the smallest hash of their id.

    Returns what was written and, where it is a sample, the scores on it: the file gives these, not those of
    all rows.
    """
    some = folds.sample(rows.table.index, MOST_WRITTEN)
    sample = rows.take(some)
    sampled = {role: y_pred.take(some) for role, y_pred in predictions.items()}
    csv_files.write_csv(project.root / PREDICTIONS, as_table(sample, sampled))
    written: dict[str, Any] = {"predictions": {"rows": int(some.sum()), "sampled_from": len(some)}}
    if not some.all():
        scores = {role: metric.score(sample, y_pred) for role, y_pred in sampled.items()}
        written["scores_of_sample"] = scores
    return written
