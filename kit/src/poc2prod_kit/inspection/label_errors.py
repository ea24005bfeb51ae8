"""Training rows whose labels look wrong: those that folds which never saw them find hardest to believe.

Classes. The out-of-fold probabilities are calibrated on the logits (temperature, and for two classes a
shift). A table may be noisy by nature, and then the calibrated model expects its surprises: the chance of one
falls as the model's confidence grows. Flipped labels do not care about confidence. So the share ε of labels
that are flipped at random is fitted with the calibration, P(label) = (1 − ε)·q + ε·(1 − q)/(K − 1), and
tested against ε = 0 by the likelihood ratio.
Numbers. Residuals are scaled by the median of their size among rows with similar predictions, and their tail
is that of Student's t through their 50 % and 90 % quantiles: heavy tails and counts that spread more where
they are larger expect their outliers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import brentq, minimize
from scipy.special import log_softmax
from scipy.stats import chi2, poisson
from scipy.stats import t as student

from poc2prod_kit.models import fitting
from poc2prod_kit.models.selected_model import Rows, SelectedModel
from poc2prod_kit.run.project import Project
from poc2prod_kit.run.report import Finding
from poc2prod_kit.scoring.metrics import Floats
from poc2prod_kit.splitting import folds

Array = np.ndarray[Any, Any]
FOLDS, SHOWN = 3, 20
TINY = 1e-6
# An alarm asks people to read rows, so it needs all of these: a p value that chance does not reach in ten
# thousand tables, enough labels to look at, and a model that is good enough to accuse a label.
SURE = 1e-4
FEWEST, SMALLEST_SHARE, MOST_SHARE = 5, 0.004, 0.1
MOST_DOUBT = 0.15  # mean distance of the calibrated probability from a sure answer
WORST_FIT = 0.5  # share of the variance that the model may leave
LIGHTEST, HEAVIEST = 100.0, 0.5  # degrees of freedom of the tail: nearly normal, heavier than Cauchy's
BINS = 20
OF_NORMAL = 0.7413  # the standard deviation of a normal distribution over its interquartile range


@dataclass(frozen=True)
class Suspicion:
    """Of n rows: the loss by which they are ranked, and how many labels are wrong beyond what is expected."""

    loss: Floats
    wrong: Floats
    share: float
    p_value: float
    expected: float
    observed: int
    alarm: bool


def of_model(project: Project, model: SelectedModel, train: Rows) -> tuple[dict[str, Any], list[Finding]]:
    """The training rows whose labels look wrong to models of the selected kind, fitted on other folds."""
    units = len(train.y) if train.clusters is None else len(set(train.clusters))
    if units < 2 * FOLDS:
        return {"reason": f"{units} clusters of training rows are too few to fold", "rows": []}, []
    predicted, classes = _out_of_fold(project, model, train)
    if model.outcome == "regression":
        doubt = of_numbers(train.y.astype(float), predicted)
        shown: Any = predicted
    else:
        doubt = of_classes(predicted, pd.Categorical(train.y, categories=classes).codes.astype(int))
        shown = predicted[:, 1] if model.outcome == "binary" else classes[predicted.argmax(axis=1)]
    ids = train.table.index.astype(str)
    worst = np.lexsort((ids, -doubt.loss))[: max(SHOWN, min(200, doubt.observed))]
    results = {
        "rows_judged": len(train.y),
        "of": train.total,
        "folds": FOLDS,
        "share_flipped": doubt.share,
        "p_value": doubt.p_value,
        "expected": doubt.expected,
        "beyond_belief": doubt.observed,
        "alarm": doubt.alarm,
        "rows": [
            {"id": ids[i], "label": train.y[i], "out_of_fold": shown[i], "loss": doubt.loss[i]}
            for i in worst[:SHOWN]
        ],
    }
    rows = tuple(ids[i] for i in worst[: doubt.observed])
    return results, [_finding(project, model, doubt, rows)] if doubt.alarm else []


def _out_of_fold(project: Project, model: SelectedModel, train: Rows) -> tuple[Any, Any]:
    """Out-of-fold predictions and the classes, whole clusters together.

    The folds go by hash (splitting.folds) and not by sklearn's GroupKFold, so that a row keeps its fold when
    others come or go. For numbers a second round leaves out of the fits the 5 % of rows that were worst in
    the first: gross outliers would otherwise bend the model that is to judge them.
    """
    fold = folds.assign(train.table.index, train.clusters, FOLDS, "suspects")
    numbers = model.outcome == "regression"
    classes = np.zeros(1) if numbers else np.array(sorted(set(train.y)))

    def cross_predict(usual: Array) -> Floats:
        predicted = np.zeros((len(train.y), len(classes)))
        for number in range(FOLDS):
            others, X = train.take((fold != number) & usual), train.X[fold == number]
            fitted = fitting.fit(project, model.name, others.X, others.y)
            if numbers:
                predicted[fold == number, 0] = fitting.predict(fitted, X, None, model.outcome).value
            else:
                predicted[fold == number] = fitting.probabilities(fitted, X, classes)
        return predicted

    predicted = cross_predict(np.ones(len(train.y), dtype=bool))
    if not numbers:
        return predicted, classes
    loss = of_numbers(train.y.astype(float), predicted[:, 0]).loss
    return cross_predict(loss <= np.quantile(loss, 0.95))[:, 0], classes


def _finding(project: Project, model: SelectedModel, doubt: Suspicion, ids: tuple[str, ...]) -> Finding:
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


def of_classes(probabilities: Floats, codes: Array) -> Suspicion:
    """probabilities: (n, K) out of fold; codes: (n,) the class given to each. `wrong`: chance of a flip."""
    logits = np.log(np.clip(probabilities, TINY, 1.0))
    count, binary = logits.shape[1], logits.shape[1] == 2
    rows = np.arange(len(codes))

    def calibrated(knobs: Floats) -> Floats:
        shifted = logits * np.exp(knobs[0])
        if binary:
            shifted = shifted + np.array([0.0, knobs[1]])
        return np.asarray(np.exp(log_softmax(shifted, axis=1)[rows, codes]))

    def likelihood(knobs: Floats, flips: float) -> float:
        q = calibrated(knobs)
        return -float(np.log(np.clip((1 - flips) * q + flips * (1 - q) / (count - 1), 1e-300, None)).sum())

    plain = minimize(lambda knobs: likelihood(knobs, 0.0), np.zeros(2), method="Nelder-Mead")
    noisy = minimize(
        lambda knobs: likelihood(knobs[:2], _share(knobs[2])),
        [*plain.x, -4.0],
        method="Nelder-Mead",
        options={"maxiter": 600},
    )
    better = plain.fun - noisy.fun > 1e-6
    share, q = _share(noisy.x[2]) if better else 0.0, calibrated(noisy.x[:2])
    p_value = float(chi2.sf(2 * (plain.fun - noisy.fun), 1)) / 2 if better else 0.5
    flipped = share * (1 - q) / (count - 1)
    wrong = flipped / np.clip(flipped + (1 - share) * q, 1e-300, None)
    observed = int((wrong > 0.5).sum())
    doubt = float((1 - np.maximum(q, 1 - q)).mean())
    alarm = p_value < SURE and share > SMALLEST_SHARE and observed >= FEWEST and doubt < MOST_DOUBT
    expected = float((wrong > 0.5).sum() - wrong[wrong > 0.5].sum())
    return Suspicion(
        -np.log(np.clip(calibrated(plain.x), TINY, 1)), wrong, share, p_value, expected, observed, alarm
    )


def _share(knob: float) -> float:
    return float(0.4 / (1 + np.exp(-knob)))


def of_numbers(y_true: Floats, y_pred: Floats) -> Suspicion:
    """truth, guess: (n,) out of fold. `loss`: residuals in scales; outliers: beyond 1 row in 20 tables.

    A guess beyond the range of the truth is the model's fault, not the label's, and counts as the range's
    end. A label less than the target's own spread away from its guess is no gross error, however exact the
    model is elsewhere.
    """
    y_pred = np.clip(y_pred, y_true.min(), y_true.max())
    size = np.abs(y_true - y_pred)
    far = size > np.subtract(*np.quantile(y_true, (0.75, 0.25))) * OF_NORMAL
    loss = size / _scale(y_pred, size)
    freedom, middle = _tail(loss)
    limit = float(student.isf(0.05 / (2 * len(loss)), freedom)) * middle
    expected = float(2 * student.sf(limit / middle, freedom) * len(loss))
    observed = int((loss > limit).sum())
    p_value = float(poisson.sf(observed - 1, expected))
    gap, gap_p = _gap(loss)
    if gap_p < min(p_value, SURE**2):
        observed, p_value, limit = gap, gap_p, float(np.sort(loss)[::-1][gap])
    usual = loss <= limit
    spread = float(((y_true[usual] - y_true[usual].mean()) ** 2).sum())
    good = float(((y_true - y_pred)[usual] ** 2).sum()) < WORST_FIT * spread
    most = MOST_SHARE * len(loss)
    enough = max(FEWEST, SMALLEST_SHARE * len(loss)) <= int((far & ~usual).sum()) <= observed <= most
    alarm = bool(enough and good and p_value < SURE)
    return Suspicion(loss, (~usual).astype(float), observed / len(loss), p_value, expected, observed, alarm)


def _gap(loss: Floats) -> tuple[int, float]:
    """The rank below which sorted residuals leave the widest gap, and the chance of it in a power-law tail.

    In such a tail k·(ln x_k − ln x_(k+1)) is exponential with one mean for all k (Rényi, 1953); the mean is
    that of the ranks from a tenth to a fifth of the rows. Bonferroni over the ranks looked at.
    """
    logs = np.log(np.clip(np.sort(loss)[::-1], 1e-12, None))
    most = int(MOST_SHARE * len(loss))
    if most <= FEWEST:
        return 0, 1.0
    ranks = np.arange(1, len(logs))
    spacings = ranks * (logs[:-1] - logs[1:])
    usual = max(float(spacings[most : 2 * most].mean()), 0.3)
    best = FEWEST - 1 + int(spacings[FEWEST - 1 : most].argmax())
    return int(ranks[best]), float(min(1.0, most * np.exp(-spacings[best] / usual)))


def _scale(y_pred: Floats, size: Floats) -> Floats:
    """Median residual size among rows of similar prediction, interpolated; at least a tenth of all rows'."""
    floor = max(float(np.median(size)), float(size.mean()) * 0.01, 1e-12) / 10
    blocks = np.array_split(np.argsort(y_pred, kind="stable"), max(1, min(BINS, len(y_pred) // 50)))
    centres = [float(y_pred[block].mean()) for block in blocks]
    return np.interp(y_pred, centres, [max(float(np.median(size[block])), floor) for block in blocks])


def _tail(loss: Floats) -> tuple[float, float]:
    """Degrees of freedom and scale of the t distribution through |residual|'s 50 % and 90 % quantiles."""
    half, most = (max(float(value), 1e-12) for value in np.quantile(loss, [0.5, 0.9]))

    def miss(freedom: float) -> float:
        return float(student.ppf(0.95, freedom) / student.ppf(0.75, freedom)) - most / half

    freedom = (
        LIGHTEST
        if miss(LIGHTEST) > 0
        else HEAVIEST
        if miss(HEAVIEST) < 0
        else float(brentq(miss, HEAVIEST, LIGHTEST))
    )
    return freedom, half / float(student.ppf(0.75, freedom))
