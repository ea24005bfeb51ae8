"""I.8 interpret: feature importance, slices, worst errors, suspected label errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from poc2prod_kit.inspection import causes, importance, label_errors, slices, worst_errors
from poc2prod_kit.models import selected_model
from poc2prod_kit.models.selected_model import Kept, Rows
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.project import Project
from poc2prod_kit.run.report import Finding, Report
from poc2prod_kit.scoring.metrics import Floats, Predicted
from poc2prod_kit.splitting import folds
from poc2prod_kit.summary import plots

FOLDS = 3
SHOWN = 20
CURVE_ROWS = 500


def run(project: Project) -> Report:
    """Look at validation rows with the kept model, and at training rows with models that never saw them."""
    model = selected_model.load(project)
    most = project.param("interpret.rows", 20000)
    seen = selected_model.rows(project, "validation", most=most)
    said = selected_model.predict(project, model.model, seen)
    ranked = importances(project, model, seen)
    top = [item["feature"] for item in ranked["features"]][: project.param("interpret.top", 6)]
    cases = worst_errors.worst(model.outcome, seen, said, top)
    lines = readable(project, model, seen, cases, ranked)
    if not project.param("data.committed", False):
        cases = [{name: value for name, value in case.items() if name != "values"} for case in cases]
    labels, findings = label_suspects(project, model, selected_model.rows(project, "train", most=most))
    results = {
        "model": {"id": model.content_id, "role": model.role, "name": model.name},
        "metric": model.metric.name,
        "rows": {"validation": seen.of, "looked_at": len(seen.y)},
        "importance": ranked,
        "dependence": dependence(model, seen, top),
        "slices": sliced(project, model, seen, said),
        "worst_errors": {"count": int(worst_errors.wrong(model.outcome, seen.y, said).sum()), "rows": cases},
        "errors_file": {"name": worst_errors.FILE, "seeded": len(cases), "causes": causes.file(project)},
        "suspects": labels,
    }
    causes.seed(project, lines)
    results["figures"] = plots.of_interpret(project.root, results)
    return Report(results, [], findings)


def readable(
    project: Project, model: Kept, seen: Rows, cases: list[dict[str, Any]], ranked: dict[str, Any]
) -> list[worst_errors.Record]:
    """The worst cases for docs/errors.csv: labels and cells as they stand in the table."""
    when = [project.param(f"data.{role}", "") for role in ("time", "group")]
    features = [*when, *(str(item["feature"]) for item in ranked["features"])]
    target = project.param("data.target")
    event = f"{target} = {project.param('problem.positive')}" if model.outcome == "binary" else ""
    return worst_errors.described(seen, cases, features, target, event)


def importances(project: Project, model: Kept, seen: Rows) -> dict[str, Any]:
    """Each feature's permutation importance, and that of features which stand for one another, together."""
    repeats, seed = project.param("interpret.repeats", 5), project.param("seed")

    def say(matrix: pd.DataFrame, y: Any) -> Predicted:
        return selected_model.say(model.model, matrix, y, model.outcome)

    found = importance.ranked(say, model.metric, seen.matrix, seen.y, seen.clusters, repeats, seed)
    groups = importance.alike(seen.matrix[: importance.SCREENING_ROWS], [item["feature"] for item in found])
    together = [
        {
            "features": names,
            **importance.permutation(
                say, model.metric, seen.matrix, seen.y, seen.clusters, names, repeats, seed
            ),
        }
        for names in groups
    ]
    return {
        "count": seen.matrix.shape[1],
        "repeats": repeats,
        "features": found[:SHOWN],
        "alike": together[:SHOWN],
    }


def dependence(model: Kept, seen: Rows, top: list[str]) -> list[dict[str, Any]]:
    """The mean prediction along each top feature, others as they are (partial dependence), with its rows."""
    few = seen.matrix[folds.sample(seen.matrix.index, CURVE_ROWS)]
    classes = list(pd.Series(seen.y).value_counts().index[:3]) if model.outcome == "multiclass" else []

    def mean(matrix: pd.DataFrame) -> Floats:
        if model.outcome == "multiclass":
            return selected_model.probabilities(model.model, matrix, np.array(classes, dtype=object))
        return np.asarray(selected_model.say(model.model, matrix, None, model.outcome).value, dtype=float)

    found = []
    for name in top:
        values, counts = importance.grid(seen.matrix[name])
        found.append(
            {
                **importance.curve(mean, few, name, values),
                "rows": counts,
                **({"classes": classes} if classes else {}),
            }
        )
    return found


def sliced(project: Project, model: Kept, seen: Rows, said: Predicted) -> dict[str, Any]:
    """The metric on each slice of the sensitive columns and of those in [interpret] slices."""
    columns = list(
        dict.fromkeys([*project.param("data.sensitive", []), *project.param("interpret.slices", [])])
    )
    for name in columns:
        if name not in seen.table:
            raise ProjectError(
                f"[interpret] slices (or [data] sensitive) names {name!r}, which is not a column of the data."
            )
    smallest = project.param("interpret.smallest_slice", 30)
    found = slices.look(model.metric, seen.table, columns, seen.y, said, seen.clusters, smallest)
    judged = sum("p" in item for item in found)
    return {"columns": columns, "smallest": smallest, "judged": judged, "correction": "Holm", "rows": found}


def label_suspects(project: Project, model: Kept, taught: Rows) -> tuple[dict[str, Any], list[Finding]]:
    """The training rows that models of the kept kind, fitted on other folds, find hardest to believe."""
    units = len(taught.y) if taught.clusters is None else len(set(taught.clusters))
    if units < 2 * FOLDS:
        return {"reason": f"{units} clusters of training rows are too few to fold", "rows": []}, []
    guess, classes = out_of_fold(project, model, taught)
    if model.outcome == "regression":
        doubt = label_errors.of_numbers(taught.y.astype(float), guess)
        believed: Any = guess
    else:
        codes = pd.Categorical(taught.y, categories=classes).codes.astype(int)
        doubt = label_errors.of_classes(guess, codes)
        believed = guess[:, 1] if model.outcome == "binary" else classes[guess.argmax(axis=1)]
    first = np.lexsort((taught.table.index.astype(str), -doubt.loss))[: max(SHOWN, min(200, doubt.observed))]
    rows = [
        {
            "id": str(taught.table.index[i]),
            "label": taught.y[i],
            "out_of_fold": believed[i],
            "loss": doubt.loss[i],
        }
        for i in first[:SHOWN]
    ]
    found = {
        "rows_judged": len(taught.y),
        "of": taught.of,
        "folds": FOLDS,
        "share_flipped": doubt.share,
        "p_value": doubt.p_value,
        "expected": doubt.expected,
        "beyond_belief": doubt.observed,
        "alarm": doubt.alarm,
        "rows": rows,
    }
    ids = tuple(str(taught.table.index[i]) for i in first[: doubt.observed])
    return found, [flipped(project, model, doubt, ids)] if doubt.alarm else []


def out_of_fold(project: Project, model: Kept, taught: Rows) -> tuple[Any, Any]:
    """What models of the kept kind say of rows in folds they were not fitted on, whole clusters together.

    For numbers a second round leaves out of the fits the 5 % of rows that were worst in the first: gross
    outliers would otherwise bend the model that is to judge them.
    """
    fold = folds.assign(taught.table.index, taught.clusters, FOLDS, "suspects")
    classes = np.array(sorted(set(taught.y))) if model.outcome != "regression" else np.zeros(1)
    everything = np.ones(len(taught.y), dtype=bool)
    guess = _folded(project, model, taught, fold, classes, everything)
    if model.outcome != "regression":
        return guess, classes
    first = label_errors.of_numbers(taught.y.astype(float), guess[:, 0]).loss
    usual = first <= np.quantile(first, 0.95)
    return _folded(project, model, taught, fold, classes, usual)[:, 0], classes


def _folded(project: Project, model: Kept, taught: Rows, fold: Any, classes: Any, usual: Any) -> Floats:
    guess = np.zeros((len(taught.y), len(classes)))
    for number in range(FOLDS):
        fitted = selected_model.fit(project, model.name, taught.take((fold != number) & usual))
        other = taught.matrix[fold == number]
        if model.outcome == "regression":
            guess[fold == number, 0] = selected_model.say(fitted, other, None, model.outcome).value
        else:
            guess[fold == number] = selected_model.probabilities(fitted, other, classes)
    return guess


def flipped(project: Project, model: Kept, doubt: label_errors.Suspicion, ids: tuple[str, ...]) -> Finding:
    """More labels look wrong than a calibrated model expects."""
    target = project.param("data.target")
    if model.outcome == "regression":
        what = (
            f"{doubt.observed} training rows have a {target!r} far off what rows like them have, "
            f"where {doubt.expected:.2g} would be usual."
        )
    else:
        what = (
            f"About {doubt.share:.1%} of the training labels in {target!r} look flipped; "
            f"{doubt.observed} are more likely wrong than right."
        )
    return Finding(
        "flipped_labels",
        f"{what} Look at these rows first, worst first: correct at the source what is wrong; "
        "what is right asks for a feature that tells why.",
        (target,),
        ids,
    )
