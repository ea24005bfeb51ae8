"""Shift: can a classifier tell training rows from validation rows, and by which columns?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier

from poc2prod_kit.inspection import importance
from poc2prod_kit.models import fitting
from poc2prod_kit.models.selected_model import Rows
from poc2prod_kit.run.report import Finding
from poc2prod_kit.scoring.metrics import METRICS, Predicted
from poc2prod_kit.splitting import folds
from poc2prod_kit.summary.wording import listed

Array = np.ndarray[Any, Any]
MOST = 4000
AUC = METRICS["roc_auc"]
LATE = np.array([1.0])
SIZES = ((0.55, "hardly any"), (0.65, "small"), (0.8, "moderate"), (1.01, "large"))


def look(train: Rows, validation: Rows, seed: int) -> dict[str, Any]:
    """The AUC of telling the two parts apart, its interval, the size in words, and the columns that tell.

    Out of fold, whole clusters together. An AUC of .5: they cannot be told apart. The time column is no
    feature, so time itself does not count.
    """
    some = [part.take(folds.sample(part.table.index, MOST)) for part in (train, validation)]
    numbers = [
        replace(part, X=_numbers(part.X, some[0].X), y=np.full(len(part.y), later))
        for part, later in zip(some, (0.0, 1.0), strict=True)
    ]
    both = numbers[0].also(numbers[1])
    fold = folds.assign(both.table.index, both.clusters, 2, "shift")
    # The trees cannot bin a column without any value in the rows that they are fitted on.
    usable = [both.X[fold != number].notna().any() for number in (0, 1)]
    both = replace(both, X=both.X.loc[:, usable[0] & usable[1]].reset_index(drop=True))
    if not both.X.shape[1] or min(len(set(both.y[fold == number])) for number in (0, 1)) < 2:
        return {"verdict": "cannot tell", "why": "too few features or clusters", "columns": []}
    with fitting.threads(len(both.y)):
        fitted = [_classifier(seed).fit(both.X[fold != number], both.y[fold != number]) for number in (0, 1)]

    def predict(X: pd.DataFrame, _: Array) -> Predicted:
        again = np.tile(fold, len(X) // len(fold))
        made = np.empty(len(X))
        for number in (0, 1):
            made[again == number] = fitting.probabilities(fitted[number], X[again == number], LATE)[:, 0]
        return Predicted(made)

    auc = AUC.score(both, predict(both.X, both.y))
    beyond_chance = bool(auc["low"] > 0.5)
    return {
        "auc": auc,
        "rows": len(both.y),
        "verdict": size(auc["low"]) if beyond_chance else "none seen",
        "columns": _telling(importance.ranked(predict, AUC, both, 2, seed), some) if beyond_chance else [],
    }


def findings(shift: dict[str, Any]) -> list[Finding]:
    """A large shift is something to look at before any number of validation is believed."""
    if shift["verdict"] != "large":
        return []
    auc, telling = shift["auc"], shift["columns"]
    words = [_worded(item) for item in telling]
    by = f" What tells them apart: {listed(words)}." if words else ""
    high = min(auc["high"], 1.0)
    text = (
        "Training and validation rows are of different kinds: a classifier tells which with an AUC of "
        f"{auc['value']:.3g} ({auc['low']:.3g} to {high:.3g}; 0.5 would be alike).{by} "
        "Ask why, and whether the rows to come are like the one or the other."
    )
    return [Finding("shift", text, tuple(item["feature"] for item in telling))]


def _worded(item: dict[str, Any]) -> str:
    if "level" in item:
        shares = f"{item['training_share']:.0%} in training, {item['validation_share']:.0%} in validation"
        return f"{item['feature']} = {item['level']} ({shares})"
    means = f"mean {item['training_mean']:.4g} in training, {item['validation_mean']:.4g} in validation"
    return f"{item['feature']} ({means})"


def size(low: float) -> str:
    """In words: how far apart the parts are at least (lower end of the interval of the AUC)."""
    return next(word for limit, word in SIZES if low < limit)


def _classifier(seed: int) -> HistGradientBoostingClassifier:
    return HistGradientBoostingClassifier(
        max_iter=40, max_leaf_nodes=8, min_samples_leaf=40, early_stopping=False, random_state=seed
    )


def _numbers(X: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Columns that vary in the `known` rows as numbers: categories by their place among the known ones, or −1."""
    made = {}
    for name in (name for name in X if known[name].nunique() > 1):
        if pd.api.types.is_numeric_dtype(X[name]):
            made[name] = X[name].astype(float)
        else:
            levels = sorted(known[name].dropna().unique(), key=str)
            made[name] = pd.Series(pd.Index(levels).get_indexer(X[name]), X.index, dtype=float)
    return pd.DataFrame(made, index=X.index)


def _telling(ranked: list[dict[str, Any]], some: list[Rows]) -> list[dict[str, Any]]:
    """Of the five most important columns those that tell the parts apart beyond chance, and how they differ."""
    return [
        {
            "feature": item["feature"],
            "auc_lost": item["value"],
            "low": item["low"],
            **_compared(*(part.X[item["feature"]] for part in some)),
        }
        for item in ranked[:5]
        if np.isfinite(item["low"]) and item["low"] > 0
    ]


def _compared(train: pd.Series, validation: pd.Series) -> dict[str, Any]:
    """The means; of categories the one whose share differs most."""
    if pd.api.types.is_numeric_dtype(train):
        return {"training_mean": float(train.mean()), "validation_mean": float(validation.mean())}
    one, other = train.value_counts(normalize=True), validation.value_counts(normalize=True)
    apart = other.subtract(one, fill_value=0).abs()
    level = apart.sort_index(key=lambda index: index.astype(str)).idxmax()
    return {
        "level": str(level),
        "training_share": float(one.get(level, 0.0)),
        "validation_share": float(other.get(level, 0.0)),
    }
