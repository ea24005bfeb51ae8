"""Shift: can a classifier tell training rows from validation rows, and by which columns?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier

from poc2prod_kit.inspection import importance
from poc2prod_kit.models import selected_model
from poc2prod_kit.models.selected_model import Rows
from poc2prod_kit.run.report import Finding
from poc2prod_kit.scoring import intervals, metrics
from poc2prod_kit.scoring.metrics import Predicted
from poc2prod_kit.splitting import folds
from poc2prod_kit.summary.wording import listed

Array = np.ndarray[Any, Any]
MOST = 4000
LATE = np.array([1.0])
SIZES = ((0.55, "hardly any"), (0.65, "small"), (0.8, "moderate"), (1.01, "large"))


def look(train: Rows, validation: Rows, seed: int) -> dict[str, Any]:
    """The AUC of telling the two parts apart, its interval, the size in words, and the columns that tell.

    Out of fold, whole clusters together. An AUC of .5: they cannot be told apart. The time column is no
    feature, so time itself does not count.
    """
    some = [part.take(folds.sample(part.table.index, MOST)) for part in (train, validation)]
    X = pd.concat([_numbers(part.X, some[0].X) for part in some], ignore_index=True)
    is_later = np.repeat([0.0, 1.0], [len(part.y) for part in some])
    ids = pd.Index([*some[0].table.index, *some[1].table.index])
    clusters = [part.clusters for part in some if part.clusters is not None]
    cluster = np.concatenate(clusters) if len(clusters) == len(some) else None
    fold = folds.assign(ids, cluster, 2, "shift")
    # The trees cannot bin a column without any value in the rows that they are fitted on.
    X = X[[name for name in X if all(X.loc[fold != number, name].notna().any() for number in (0, 1))]]
    if not X.shape[1] or min(len(set(is_later[fold == number])) for number in (0, 1)) < 2:
        return {"verdict": "cannot tell", "why": "too few features or clusters", "columns": []}
    with selected_model.one_thread():
        fitted = [_classifier(seed).fit(X[fold != number], is_later[fold != number]) for number in (0, 1)]

    def predict(rows: pd.DataFrame, _: Array) -> Predicted:
        again = np.tile(fold, len(rows) // len(fold))
        made = np.empty(len(rows))
        for number in (0, 1):
            made[again == number] = selected_model.probabilities(fitted[number], rows[again == number], LATE)[
                :, 0
            ]
        return Predicted(made)

    metric = metrics.METRICS["roc_auc"]
    auc = intervals.estimate(*metric.compute(is_later, predict(X, is_later)), cluster).as_dict()
    beyond_chance = bool(auc["low"] > 0.5)
    columns = _telling(predict, X, is_later, cluster, seed, some) if beyond_chance else []
    return {
        "auc": auc,
        "rows": len(is_later),
        "verdict": size(auc["low"]) if beyond_chance else "none seen",
        "columns": columns,
    }


def findings(found: dict[str, Any]) -> list[Finding]:
    """A large shift is something to look at before any number of validation is believed."""
    if found["verdict"] != "large":
        return []
    auc, telling = found["auc"], found["columns"]
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
    made = {}
    for name in X:
        column = X[name]
        if pd.api.types.is_numeric_dtype(column):
            made[name] = column.astype(float)
        else:
            shares = known[name].value_counts(normalize=True).sort_index(key=lambda index: index.astype(str))
            place = {level: number for number, level in enumerate(shares.index)}
            made[name] = column.map(place).fillna(-1).astype(float)
    telling = {name: column for name, column in made.items() if known[name].nunique() > 1}
    return pd.DataFrame(telling, index=X.index)


def _telling(
    predict: Any, X: pd.DataFrame, is_later: Array, cluster: Array | None, seed: int, some: list[Rows]
) -> list[dict[str, Any]]:
    result = importance.ranked(predict, metrics.METRICS["roc_auc"], X, is_later, cluster, 2, seed)
    return [
        {
            "feature": item["feature"],
            "auc_lost": item["value"],
            "low": item["low"],
            **_compared(item["feature"], some),
        }
        for item in result[:5]
        if np.isfinite(item["low"]) and item["low"] > 0
    ]


def _compared(name: str, some: list[Rows]) -> dict[str, Any]:
    one, other = (part.X[name] for part in some)
    if pd.api.types.is_numeric_dtype(one):
        return {"training_mean": float(one.mean()), "validation_mean": float(other.mean())}
    first, second = one.value_counts(normalize=True), other.value_counts(normalize=True)
    level = (
        (second.subtract(first, fill_value=0)).abs().sort_index(key=lambda index: index.astype(str)).idxmax()
    )
    return {
        "level": str(level),
        "training_share": float(first.get(level, 0.0)),
        "validation_share": float(second.get(level, 0.0)),
    }
