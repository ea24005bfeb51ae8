"""Does one column alone give the target away? Rules with their thresholds; what they were measured on.

Docs/evidence/features.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import rankdata, spearmanr
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

Array = np.ndarray[Any, Any]

SEPARATES = {"binary": 0.99, "multiclass": 0.985, "regression": 0.9999}
FAR, APART = {"binary": 0.9, "multiclass": 0.9, "regression": 0.8}, 1 / 3
FOUND = 0.85
FEWEST_OF_A_CLASS = 10
CLOSE = 0.95
SLOPE = 0.005
EXACT = 0.9999
PURE_ROWS, PURE_CHANCE = 20, 1e-9
NEXT = 0.95
COMMON = 0.05
LARGEST = 1e100


@dataclass(frozen=True)
class Look:
    """How well a column alone does out of fold (AUC, balanced accuracy or R²); what is suspicious (or "").

    `lag`: it is the target of the row before.
    """

    score: float
    alarm: str = ""
    lag: bool = False


def look(column: pd.Series, y: pd.Series, outcome: str, fold: Array, order: Array | None = None) -> Look:
    """Look at one column; `fold` gives each row's fold, `order` the rows' places in time, if any."""
    values, truth = as_numbers(column), y.to_numpy()
    if values is None or len(set(truth)) < 2:
        return Look(float("nan"))
    missing, lag = np.isnan(values), False
    score = out_of_fold(values, truth, outcome, fold, column.dtype.kind == "O")
    if outcome == "regression":
        target = truth.astype(float)
        alarm = (
            presence(missing, common_value(target))
            or shifted(values, target, order)
            or equal(values, target, order)
        )
        alarm = alarm or (
            f"alone explains {score:.2%} of the target's variance." if score >= SEPARATES[outcome] else ""
        )
    else:
        codes = pd.factorize(truth, sort=True)[0]
        lag = order is not None and _agrees(values, codes.astype(float), order, -1)
        alarm = presence(missing, codes) or shifted(values, codes.astype(float), order)
        if not alarm and not lag:
            name = "AUC" if outcome == "binary" else "balanced accuracy"
            alone = f"alone reaches {name} {score:.3f}." if score >= SEPARATES[outcome] else ""
            alarm = copy(values, codes) or alone
    return Look(score, alarm, lag)


def stands_out(alone: list[tuple[str, float]], outcome: str) -> bool:
    """Whether the first of these columns, the best alone come first, does far better alone than the others.

    Far: AUC or balanced accuracy of .9; and it lacks at most a third of what the next lacks to 1. Numbers
    are left out: a quantity that honestly goes with another is usual, as last year's price with this year's.
    """
    known = [score for _, score in alone if np.isfinite(score)]
    if outcome == "regression" or len(known) < 2 or known[0] < FAR[outcome]:
        return False
    return 1 - known[0] <= APART * (1 - known[1])


def as_numbers(column: pd.Series) -> Array | None:
    """Numbers as they are, dates as days, texts as codes in order of the alphabet.

    None for texts that hardly repeat.
    """
    if column.dtype.kind == "M":
        return ((column - pd.Timestamp(1970, 1, 1)) / pd.Timedelta(days=1)).to_numpy(dtype=float)
    if column.dtype.kind == "O":
        codes, levels = pd.factorize(column, sort=True)
        if len(levels) > len(column) / 5:
            return np.where(codes < 0, np.nan, 0.0) if (codes < 0).any() else None
        return np.where(codes < 0, np.nan, codes.astype(float))
    return np.clip(column.to_numpy(dtype=float), -LARGEST, LARGEST)


def copy(values: Array, codes: Array) -> str:
    """A column with a level for each class that finds at least 85 % of each class: the label, or the label
    with flips.

    The mean over classes must be 85 %, and each class's share may lie below it by 2 standard errors. Classes
    of fewer
    than 10 rows do not count. By class, so that a rare class is not outvoted.
    """
    level = pd.factorize(values, use_na_sentinel=False)[0]
    table = np.zeros((level.max() + 1, codes.max() + 1))
    np.add.at(table, (level, codes), 1)
    counts = table.sum(axis=0)
    if not 2 <= len(table) <= len(counts) + 1:
        return ""
    share = table / np.maximum(counts, 1)
    best = share.argmax(axis=0)
    enough = counts >= FEWEST_OF_A_CLASS
    if enough.sum() < 2 or len(set(best[enough])) < enough.sum():
        return ""
    found = share.max(axis=0)[enough]
    slack = 2 * np.sqrt(FOUND * (1 - FOUND) / counts[enough])
    if found.mean() < FOUND or (found + slack < FOUND).any():
        return ""
    hits = float(table[best, np.arange(len(counts))].sum() / counts.sum())
    return (
        f"has a value for each class and agrees with the target on {hits:.1%} of the rows: it looks "
        f"like the label itself."
    )


def presence(missing: Array, codes: Array | None) -> str:
    """A column that is filled in (or empty) when, or only when, the target has one value."""
    if codes is None or missing.all() or not missing.any():
        return ""
    for one in np.unique(codes):
        is_it = codes == one
        if min(is_it.sum(), (~is_it).sum()) < FEWEST_OF_A_CLASS:
            continue
        for side, words in ((missing, "missing"), (~missing, "filled in")):
            if min(side[is_it].mean(), (~side)[~is_it].mean()) >= FOUND:
                return (
                    f"is {words} just when the target has one value ({(side == is_it).mean():.1%} "
                    f"of the rows)."
                )
            count, base = int(side.sum()), float(is_it.mean())
            if count >= PURE_ROWS and is_it[side].all() and base**count < PURE_CHANCE:
                return f"is {words} in {count} rows, and all of them have the same target."
    return ""


def common_value(target: Array) -> Array | None:
    """Regression: 1 where the target has its most common value, if that is at least 5 % of the rows."""
    levels, counts = np.unique(target, return_counts=True)
    return (target == levels[counts.argmax()]).astype(int) if counts.max() >= COMMON * len(target) else None


def equal(values: Array, target: Array, order: Array | None) -> str:
    """A column that is the target scaled, transformed, or with a little noise.

    With noise: the regression of the column on the target has slope 1 and meets the target's mean, within 3
    standard
    errors (or .005), and explains 95 %. A lag of the target is not meant: its slope is the autocorrelation.
    """
    known = ~np.isnan(values)
    x, y = values[known], target[known]
    if (
        len(x) < 20
        or x.std() == 0
        or y.std() == 0
        or (order is not None and _agrees(values, target, order, -1))
    ):
        return ""
    with np.errstate(all="ignore"):
        r = float(np.corrcoef(x, y)[0, 1])
    if not np.isfinite(r):
        return ""
    if r**2 >= EXACT:
        return f"is the target up to a factor and a shift (correlation {r:.5f})."
    if len(np.unique(y)) >= 20 and abs(float(spearmanr(x, y).statistic)) >= EXACT:
        return "puts the rows in the very order of the target: it is a function of it."
    slope, error = r * x.std() / y.std(), np.sqrt(max(1 - r**2, 0.0) / len(x)) * x.std() / y.std()
    off = abs(x.mean() - y.mean()) / y.std()
    if r**2 >= CLOSE and abs(slope - 1) <= max(3 * error, SLOPE) and off <= max(3 * error, SLOPE):
        return f"is the target with a little noise (slope {slope:.3f}, correlation {r:.4f})."
    return ""


def shifted(values: Array, target: Array, order: Array | None) -> str:
    """A column that holds the target of the next row in time, on 95 % of the rows where it changes."""
    if order is None or not _agrees(values, target, order, 1):
        return ""
    return "holds the target of the next row in time."


def _agrees(values: Array, target: Array, order: Array, step: int) -> bool:
    """Whether the column equals the target `step` rows later, also where the target changes."""
    x, y = values[order], target[order]
    here, there = (slice(0, -step), slice(step, None)) if step > 0 else (slice(-step, None), slice(0, step))
    other, now = y[there], y[here]
    kinds = np.unique(target)
    column = x[here]
    if len(kinds) == 2:
        pair = np.unique(column[~np.isnan(column)])
        if len(pair) != 2:
            return False
        column = np.where(np.isnan(column), np.nan, kinds[(column == pair[1]).astype(int)])
    differs = (other != now) & ~np.isnan(column)
    return bool(
        differs.sum() >= (10 if step > 0 else 3)
        and np.isclose(column[differs], other[differs], rtol=1e-6).mean() >= NEXT
    )


def out_of_fold(values: Array, truth: Array, outcome: str, fold: Array, words: bool) -> float:
    """AUC, balanced accuracy or R² of a small tree (for words.

    Each word's mean) that sees this column alone, out of fold.
    """
    classes = pd.factorize(truth, sort=True)[0] if outcome != "regression" else truth.astype(float)
    count = int(classes.max()) + 1 if outcome != "regression" else 1
    aims = np.eye(count)[classes] if outcome == "multiclass" else classes.astype(float)[:, None]
    said = np.tile(aims.mean(axis=0), (len(aims), 1))
    for one in np.unique(fold):
        here, there = fold == one, fold != one
        if there.any():
            said[here] = (_by_word if words else _by_tree)(values, aims, there, here, outcome)
    if outcome == "regression":
        return float(1 - ((said[:, 0] - truth) ** 2).sum() / max(((truth - truth.mean()) ** 2).sum(), 1e-300))
    if outcome == "binary":
        up = classes == 1
        ranks = rankdata(said[:, 0])
        return float((ranks[up].mean() - (up.sum() + 1) / 2) / max((~up).sum(), 1))
    hits = said.argmax(axis=1) == classes
    return float(np.mean([hits[classes == one].mean() for one in np.unique(classes)]))


def _by_tree(values: Array, aims: Array, there: Array, here: Array, outcome: str) -> Array:
    least = max(2, int(there.sum()) // 200)
    kind: Any = DecisionTreeRegressor if outcome == "regression" else DecisionTreeClassifier
    tree = kind(max_leaf_nodes=64, min_samples_leaf=least, random_state=0)
    x = np.clip(values, -1e30, 1e30).astype(np.float32)[:, None]
    if outcome == "regression":
        return np.asarray(tree.fit(x[there], aims[there, 0]).predict(x[here])).reshape(-1, 1)
    codes = aims.argmax(axis=1) if outcome == "multiclass" else aims[:, 0]
    tree.fit(x[there], codes[there])
    made = np.zeros((int(here.sum()), aims.shape[1] if outcome == "multiclass" else 2))
    made[:, tree.classes_.astype(int)] = tree.predict_proba(x[here])
    return made if outcome == "multiclass" else made[:, 1:]


def _by_word(values: Array, aims: Array, there: Array, here: Array, outcome: str) -> Array:
    level = np.where(np.isnan(values), -1, values).astype(int) + 1
    counts = np.bincount(level[there], minlength=level.max() + 1)[:, None]
    total = np.stack(
        [np.bincount(level[there], weights=aim[there], minlength=level.max() + 1) for aim in aims.T], axis=1
    )
    means = (total + aims[there].mean(axis=0)) / (counts + 1)
    return np.asarray(means[level[here]])
