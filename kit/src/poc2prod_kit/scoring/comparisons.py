"""Predictions side by side: the selected model, dummy, simple model, rules of thumb, people, incumbent."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from poc2prod_kit.models import baselines, fitting
from poc2prod_kit.models.selected_model import Rows, SelectedModel
from poc2prod_kit.run import csv_files
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.project import Project
from poc2prod_kit.scoring import gaps, metrics
from poc2prod_kit.scoring.metrics import Predicted


def predictions(
    project: Project, model: SelectedModel, train: Rows, rows: Rows, *parts: str
) -> dict[str, Predicted]:
    """Predictions of `rows`: `kept` (the selected model), `dummy`, `simple` (fitted again), rules of thumb.

    `parts`: whose target the rules may know.
    """
    made = {"kept": model.predict(rows)}
    for role, name in baselines.roles(project).items():
        if role in ("dummy", "simple") and role != model.role:
            made[role] = fitted(project, model, name, train, rows)
    for name in project.param("baseline.rules", []):
        made[name] = baselines.rule_of_thumb(project, name, rows.table, *parts)
    return made


def fitted(project: Project, model: SelectedModel, name: str, train: Rows, rows: Rows) -> Predicted:
    """Predictions of `rows` by the model of that name in models.py, fitted on `train`."""
    return fitting.predict(fitting.fit(project, name, train.X, train.y), rows.X, rows.y, model.outcome)


def stored_predictions(project: Project, model: SelectedModel, rows: Rows) -> dict[str, Predicted]:
    """The validation predictions as `baseline` wrote them, the selected model's under `kept`."""
    file = csv_files.read_csv(project.path(baselines.PREDICTIONS)).set_index("id")
    file = file.reindex(rows.table.index.astype(str))
    made = {}
    for role in file:
        if role != "y" and not (role.endswith(".p") and role[:-2] in file):
            value = file[role].to_numpy()
            true = file[f"{role}.p"].to_numpy(dtype=float) if f"{role}.p" in file else None
            made["kept" if role == model.role else role] = Predicted(
                value.astype(object).astype(str) if true is not None else value.astype(float), true
            )
    return made


def scores(model: SelectedModel, rows: Rows, predictions: dict[str, Predicted]) -> dict[str, dict[str, Any]]:
    """Every metric that fits the outcome, of every model, with intervals."""
    return {
        role: {metric.name: metric.score(rows, y_pred) for metric in model.metrics}
        for role, y_pred in predictions.items()
    }


def differences(
    model: SelectedModel, rows: Rows, predictions: dict[str, Predicted]
) -> dict[str, dict[str, Any]]:
    """The selected model's metric less that of each other, row by row on the same rows, with its interval."""
    return {
        role: model.metric.difference(rows, predictions["kept"], y_pred)
        for role, y_pred in predictions.items()
        if role != "kept"
    }


def random_split(
    project: Project,
    model: SelectedModel,
    train: Rows,
    validation: Rows,
    strategy: str,
    honest: dict[str, Any],
) -> dict[str, Any]:
    """What the selected kind of model scores on a random split of the same rows, against the honest split.

    Both splits have the same sizes. Where rows were sampled, the honest score is of a model fitted on the
    sampled training rows too.
    """
    if strategy not in ("time", "group"):
        return {"why": f"the split is {strategy}: there is no other split to compare it with"}

    def refitted(train: Rows, validation: Rows) -> dict[str, Any]:
        y_pred = fitted(project, model, model.name, train, validation)
        return model.metric.score(validation, y_pred)

    both = train.also(validation)
    # Sorted again, so that only which rows train differs, and not in which order an estimator sees them.
    order = np.random.default_rng(project.param("seed")).permutation(len(both.y))
    at_random = refitted(both.take(np.sort(order[: len(train.y)])), both.take(np.sort(order[len(train.y) :])))
    if len(train.y) < train.total or len(validation.y) < validation.total:
        honest = refitted(train, validation)
    gap = gaps.between(model.metric, "random split to honest split", at_random, honest)
    words = {
        "worse": "The random split flatters: believe the honest one.",
        "not worse": "The random split does not flatter here.",
        "cannot tell": "The difference is within its noise.",
    }[gap["verdict"]]
    text = (
        f"A random split would have promised {model.metric.name} {gaps.reached(at_random)}; "
        f"the {strategy} split gives {gaps.reached(honest)}. {words}"
    )
    return {"random": at_random, "honest": honest, "gap": gap, "strategy": strategy, "text": text}


def human(project: Project) -> dict[str, Any]:
    """What a person reaches, as [evaluate] says, in the primary metric; or that it is unknown."""
    level = project.param("evaluate.human", None)
    if level is None:
        return {"known": False, "text": "unknown: [evaluate] human is not set"}
    if isinstance(level, bool) or not isinstance(level, (int, float)):
        raise ProjectError(
            f"[evaluate] human = {level!r} must be a number: "
            "what a person reaches in the metric of [problem]."
        )
    source = project.param("evaluate.human_source", "")
    return {
        "known": True,
        "value": float(level),
        "source": source,
        "text": source or "no source given: set [evaluate] human_source",
    }


def incumbent(project: Project, model: SelectedModel, rows: Rows, y_pred: Predicted) -> dict[str, Any]:
    """What is in use today against the kept model, on the validation rows that its file names, row by row."""
    name = project.param("evaluate.incumbent", "")
    if not name:
        return {"known": False, "text": "unknown: [evaluate] incumbent names no file of predictions"}
    path = project.path(name)
    if not path.is_file():
        raise ProjectError(f"{name} is not there; [evaluate] incumbent of params.toml names it.")
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    if not {"id", "prediction"} <= set(frame):
        raise ProjectError(
            f"{name} needs the columns id and prediction; it has {', '.join(map(str, frame))}."
        )
    theirs = frame.drop_duplicates("id").set_index("id")["prediction"].reindex(rows.table.index.astype(str))
    here = theirs.notna().to_numpy()
    if here.sum() < 2:
        raise ProjectError(
            f"{name} names {int(here.sum())} of the {len(here)} validation rows; "
            "at least 2 are needed. Look at its ids."
        )
    rows, value = rows.take(here), theirs[here]
    metric = model.metric
    if model.outcome == "multiclass":
        metric = metrics.METRICS["accuracy"] if metric.name == "log_loss" else metric
        other = Predicted(value.to_numpy(), np.asarray(value.to_numpy() == rows.y, dtype=float))
    else:
        number = pd.to_numeric(value, errors="coerce")
        if number.isna().any():
            wrong = number.isna()
            raise ProjectError(
                f"{name}: {value[wrong].iloc[0]!r} is not a number (id {number.index[wrong][0]})."
            )
        other = Predicted(number.to_numpy(dtype=float))
    pair = metric.difference(rows, y_pred.take(here), other)
    return {
        "known": True,
        "file": name,
        "rows": int(here.sum()),
        "of": len(here),
        "metric": metric.name,
        "score": metric.score(rows, other),
        "kept_minus_incumbent": pair,
    }
