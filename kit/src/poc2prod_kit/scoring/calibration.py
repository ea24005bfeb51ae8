"""Whether predictions mean what they say: reliability of probabilities, bias and spread of numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import confusion_matrix

from poc2prod_kit.inspection.slices import bands
from poc2prod_kit.models import fitting
from poc2prod_kit.models.selected_model import Rows, SelectedModel
from poc2prod_kit.run import report
from poc2prod_kit.run.project import Project
from poc2prod_kit.run.report import Finding
from poc2prod_kit.scoring import intervals
from poc2prod_kit.scoring.costs import EVEN
from poc2prod_kit.scoring.metrics import Floats, Predicted
from poc2prod_kit.summary import plots

Array = np.ndarray[Any, Any]
BINS = 10
BLOCKS = 12
FAR, SURE = 0.03, 3.0


def of_model(
    project: Project, model: SelectedModel, validation: Rows, y_pred: Predicted, figures: list[str]
) -> dict[str, Any]:
    """Calibration of the selected model on the validation rows; its figures are added to `figures`."""
    if model.outcome == "regression":
        number = y_pred.value.astype(float)
        residual = number - validation.y.astype(float)
        result = of_numbers(project, validation.table, residual, number, validation.clusters)
        plots.residuals(project.root, result["blocks"], f"{project.param('data.target')}", figures)
        return result
    if model.outcome == "binary":
        probability, hit = y_pred.value.astype(float), validation.y.astype(float)
        counts = {
            name: np.histogram(probability[hit == value], 25, (0, 1))[0].tolist()
            for name, value in (("yes", 1), ("no", 0))
        }
        event = f"{project.param('data.target')} = {project.param('problem.positive')}"
        plots.scores(project.root, counts, event, figures)
    else:
        classes = np.array(sorted(set(validation.y) | set(model.pipeline.classes_)), dtype=object)
        every = fitting.probabilities(model.pipeline, validation.X, classes)
        probability = every.max(axis=1)
        hit = (classes[every.argmax(axis=1)] == validation.y).astype(float)
        _confusion(project, validation, y_pred, figures)
    result = of_probabilities(probability, hit, validation.clusters)
    plots.calibration(project.root, report.plain(result["bins"]), "probability", figures)
    return result


def _confusion(project: Project, validation: Rows, y_pred: Predicted, figures: list[str]) -> None:
    """The confusion of the 12 commonest classes, all others as one."""
    common = list(pd.Series(validation.y).value_counts().index[:12])
    names = sorted(common) + (["(other)"] if set(validation.y) | set(y_pred.value) > set(common) else [])
    y_true, labels = (np.where(np.isin(y, common), y, "(other)") for y in (validation.y, y_pred.value))
    plots.confusion(project.root, names, confusion_matrix(y_true, labels, labels=names).tolist(), figures)


def of_probabilities(probability: Floats, hit: Floats, cluster: Array | None) -> dict[str, Any]:
    """Ten bins of equally many rows, each with mean probability and share observed; the calibration error.

    error = Σ n_b/n · |observed_b − predicted_b|. `noise`: what a perfectly calibrated model of this many rows
    and clusters shows on average, Σ n_b/n · s_b·√(2/π), s_b being the standard error of a bin; `noise_high`:
    1.645 standard deviations above that.
    """
    place = np.searchsorted(
        np.unique(np.quantile(probability, np.linspace(0, 1, BINS + 1)[1:-1])), probability, side="left"
    )
    bins, errors = [], []
    for number in np.unique(place):
        here = place == number
        share, predicted = float(hit[here].mean()), float(probability[here].mean())
        gap = hit[here] - probability[here]
        own = None if cluster is None else cluster[here]
        observed = intervals.estimate(intervals.Share(share), hit[here] - share, own)
        plain = float(np.sqrt(max((probability[here] * (1 - probability[here])).mean(), 1e-12) / here.sum()))
        spread = intervals.estimate(float(gap.mean()), gap - gap.mean(), own)["standard_error"]
        errors.append((here.mean(), abs(share - predicted), np.fmax(plain, spread)))
        bins.append({"n": int(here.sum()), "predicted": predicted, "observed": observed})
    weight, gaps, noise = np.array(errors).T
    # The mean size of a normal deviation is s·√(2/π), and its variance s²·(1 − 2/π).
    level = float((weight * noise).sum() * np.sqrt(2 / np.pi))
    high = level + 1.645 * float(np.sqrt((weight**2 * noise**2).sum() * (1 - 2 / np.pi)))
    error = float((weight * gaps).sum())
    verdict = "no miscalibration beyond noise" if error <= high else "miscalibrated"
    return {
        "bins": bins,
        "expected_calibration_error": error,
        "noise": level,
        "noise_high": high,
        "verdict": verdict,
    }


def findings(calibration: dict[str, Any], threshold: float) -> list[Finding]:
    """Probabilities that are off by 3 points or more, and that far beyond noise (3 standard deviations).

    `threshold`: the probability from which yes is the cheaper answer, .5 where no costs are given.
    """
    error = calibration.get("expected_calibration_error")
    if error is None:
        return []
    beyond = calibration["noise"] + SURE * (calibration["noise_high"] - calibration["noise"]) / 1.645
    if not error > max(FAR, beyond):
        return []
    use = "Before costs, thresholds or prices rest on them: "
    if threshold != EVEN:
        use = (
            f"Yes is said from {threshold:.3g} on, by the costs in [problem], so they decide what it costs: "
        )
    text = (
        f"{miscalibration(calibration)} {use}find out why (later rows differ, a model too flexible, a wrong "
        "label), or go by the order alone. See reports/figures/calibration.svg."
    )
    return [Finding("miscalibrated", text)]


def miscalibration(calibration: dict[str, Any]) -> str:
    """A sentence where probabilities do not mean what they say, beyond noise; "" where they do."""
    if calibration.get("verdict") != "miscalibrated":
        return ""
    worst = max(
        calibration["bins"], key=lambda one: one["n"] * abs(one["predicted"] - one["observed"]["value"])
    )
    return (
        "The probabilities do not mean what they say: on validation rows they are off by "
        f"{calibration['expected_calibration_error']:.2g} on average, and noise explains at most "
        f"{calibration['noise_high']:.2g}. Where {worst['predicted']:.0%} are promised, "
        f"{worst['observed']['value']:.0%} come true."
    )


def of_numbers(
    project: Project, rows: pd.DataFrame, residual: Floats, y_pred: Floats, cluster: Array | None
) -> dict[str, Any]:
    """Mean residual (prediction − truth) with interval, and spread, by time block or prediction quarter."""
    label, order, by = _blocks(project, rows, y_pred)
    total = intervals.estimate(float(residual.mean()), residual - residual.mean(), cluster)
    items = []
    for block in order:
        here = np.asarray(label == block)
        part, mean = residual[here], float(residual[here].mean())
        own = None if cluster is None else cluster[here]
        if by == "time":  # one week of clusters is too few, so within a block days count
            own = rows.loc[here, project.param("data.time")].dt.strftime("%Y-%m-%d").to_numpy(dtype=object)
        low, high = np.quantile(part, [0.1, 0.9])
        bias = intervals.estimate(mean, part - mean, own)
        items.append(
            {"block": block, "n": int(here.sum()), "bias": bias, "p10": float(low), "p90": float(high)}
        )
    spread = [float(value) for value in np.quantile(residual, [0.05, 0.25, 0.5, 0.75, 0.95])]
    return {
        "bias": total,
        "by": by,
        "blocks": items,
        "residual_quantiles": dict(zip(("5", "25", "50", "75", "95"), spread, strict=True)),
    }


def _blocks(project: Project, rows: pd.DataFrame, y_pred: Floats) -> tuple[Array, list[str], str]:
    time = project.param("data.time", "")
    if time and rows[time].dtype.kind == "M":
        forms = [rows[time].dt.strftime(form).fillna("(missing)") for form in ("%G-W%V", "%Y-%m", "%Y")]
        label = next((form for form in forms if form.nunique() <= BLOCKS), forms[-1])
        return label.to_numpy(dtype=object), sorted(set(label)), "time"
    predicted = pd.Series(y_pred, index=rows.index)
    label = bands(predicted)
    order = predicted.groupby(label).mean().sort_values().index
    return label.to_numpy(dtype=object), [str(name) for name in order], "prediction"
