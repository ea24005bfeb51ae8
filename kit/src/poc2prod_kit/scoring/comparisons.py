"""What each says of a part: the kept model, the dummy, the simple one, rules of thumb, people, incumbent."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from poc2prod_kit.models import baselines, selected_model
from poc2prod_kit.models.selected_model import Kept, Rows
from poc2prod_kit.run import csv_files
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.project import Project
from poc2prod_kit.scoring import estimates, metrics
from poc2prod_kit.scoring.metrics import Predicted
from poc2prod_kit.splitting import split_file


def said(project: Project, model: Kept, train: Rows, seen: Rows, *parts: str) -> dict[str, Predicted]:
    """Predictions of these rows: `kept`, `dummy`, `simple` (fitted again on training rows), rules of thumb.

    `parts`: whose truth the rules may know.
    """
    found = {"kept": selected_model.predict(project, model.model, seen)}
    for role, name in baselines.roles(project).items():
        if role in ("dummy", "simple") and role != model.role:
            found[role] = selected_model.predict(project, selected_model.fit(project, name, train), seen)
    table, part = project.table(), split_file.parts(project)
    known = table[part.reindex(table.index).isin(parts)]
    for name in project.param("baseline.rules", []):
        found[name] = baselines.rule_of_thumb(project, name, known, part, seen.table)
    return found


def written(project: Project, model: Kept, seen: Rows) -> dict[str, Predicted]:
    """The validation predictions as `baseline` wrote them, the kept model's under `kept`."""
    file = (
        csv_files.read_csv(project.path(baselines.PREDICTIONS))
        .set_index("id")
        .reindex(seen.table.index.astype(str))
    )
    found = {}
    for role in file:
        if role != "y" and not (role.endswith(".p") and role[:-2] in file):
            value = file[role].to_numpy()
            true = file[f"{role}.p"].to_numpy(dtype=float) if f"{role}.p" in file else None
            found["kept" if role == model.role else role] = Predicted(
                value.astype(object).astype(str) if true is not None else value.astype(float), true
            )
    return found


def scores(model: Kept, seen: Rows, of: dict[str, Predicted]) -> dict[str, dict[str, Any]]:
    """Every metric that fits the outcome, of every model, with intervals."""
    fitting = [metric for metric in metrics.METRICS.values() if model.outcome in metric.outcomes]
    return {
        role: {metric.name: selected_model.score(metric, seen, predicted) for metric in fitting}
        for role, predicted in of.items()
    }


def leads(model: Kept, seen: Rows, of: dict[str, Predicted]) -> dict[str, dict[str, Any]]:
    """The kept model's metric less that of each other, row by row on the same rows, with its interval."""
    return {
        role: estimates.difference(model.metric, seen.y, of["kept"], predicted, seen.clusters)
        for role, predicted in of.items()
        if role != "kept"
    }


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


def incumbent(project: Project, model: Kept, seen: Rows, ours: Predicted) -> dict[str, Any]:
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
    theirs = frame.drop_duplicates("id").set_index("id")["prediction"].reindex(seen.table.index.astype(str))
    here = theirs.notna().to_numpy()
    if here.sum() < 2:
        raise ProjectError(
            f"{name} names {int(here.sum())} of the {len(here)} validation rows; "
            "at least 2 are needed. Look at its ids."
        )
    rows, value = seen.take(here), theirs[here]
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
    mine = Predicted(ours.value[here], None if ours.true is None else ours.true[here])
    pair = estimates.difference(metric, rows.y, mine, other, rows.clusters)
    return {
        "known": True,
        "file": name,
        "rows": int(here.sum()),
        "of": len(here),
        "metric": metric.name,
        "score": selected_model.score(metric, rows, other),
        "kept_minus_incumbent": pair,
    }
