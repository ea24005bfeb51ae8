"""The proof that a feature of a row depends on that row alone.

Change everything else, build again, compare bit by bit.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LinearRegression

from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.project import Project
from poc2prod_kit.run.report import Finding

SINGLE_ROWS, FEWEST_SINGLE, SINGLE_CELLS = 25, 3, 20_000
UNSEEN = "never seen before"

TOLD = {
    "fitted_on_all_rows": "{} of training rows changes when only rows outside training change: it is "
    "computed over all rows. Compute it from the row alone, or let the encoder learn it from training rows.",
    "leak": "{} changes when only the target changes: the rule reads the answer. Remove it.",
    "depends_on_other_rows": "{} of a row is another when the row is built alone: it depends on the rows "
    "beside it, so a single request will get another value than training did. Compute it from the row alone.",
}


def prove(project: Project, table: pd.DataFrame, part: pd.Series) -> tuple[dict[str, Any], list[Finding]]:
    """What changed in the training rows' features when other cells were changed; findings name the features.

    others: every cell of all rows outside training is shuffled, made extreme or unseen, the rest as it was.
    target: the target of every row is shuffled. alone: some rows are built without the others.
    """
    build = project.code.features.build
    train = (part.reindex(table.index) == "train").to_numpy()
    before = build(project, table)[train]
    findings, others = [], []
    try:
        after = build(project, perturbed(table, ~train, project.param("seed")))[train]
        others = differing(before, after) or encoded_differently(project, before, after)
    except ProjectError as error:
        text = f"A rule fails on values that training has not seen, as live requests will hold: {error}"
        findings.append(Finding("rule_breaks", text))
    target = differing(before, build(project, retargeted(project, table))[train])
    alone = differing_alone(project, table[train], before)
    named = {
        "fitted_on_all_rows": others,
        "leak": target,
        "depends_on_other_rows": [name for name in alone if name not in others + target],
    }
    findings += [
        Finding(kind, TOLD[kind].format(", ".join(names)), tuple(names))
        for kind, names in named.items()
        if names
    ]
    rows = {
        "rows": len(table),
        "training_rows": int(train.sum()),
        "perturbed_rows": int((~train).sum()),
    }
    return {**rows, "others": others, "target": target, "alone": alone}, findings


def differing(one: pd.DataFrame, other: pd.DataFrame) -> list[str]:
    """The features that are not the same in every bit."""
    names = [str(name) for name in one]
    return [name for name in names if name not in other or not _same(one[name], other[name])]


def _same(one: pd.Series, other: pd.Series) -> bool:
    if one.dtype != other.dtype:
        return False
    if one.dtype == object:
        return bool((one.to_numpy() == other.to_numpy()).all())
    return one.to_numpy().tobytes() == other.to_numpy().tobytes()


def encoded_differently(project: Project, one: pd.DataFrame, other: pd.DataFrame) -> list[str]:
    """["the encoder"] where preprocessors fitted on the two give matrices that differ in any bit, else []."""
    if one.empty or not one.notna().to_numpy().any():
        return []
    # One estimator of each sort that preprocessors tell apart: those that take missing values, and the others.
    # The project's own would make their settings an input of this step.
    for estimator in (LinearRegression(), HistGradientBoostingRegressor()):
        encoders = (project.code.features.preprocessor(frame, estimator) for frame in (one, other))
        first, second = map(_encoded, encoders, (one, other))
        if first.shape != second.shape or first.tobytes() != second.tobytes():
            return ["the encoder"]
    return []


def _encoded(encoder: Any, frame: pd.DataFrame) -> np.ndarray[Any, Any]:
    with np.errstate(all="ignore"):
        made = encoder.fit_transform(frame)
    return made.data if sparse.issparse(made) else made


def differing_alone(project: Project, table: pd.DataFrame, before: pd.DataFrame) -> list[str]:
    """The features that differ when each of some rows is built by itself."""
    rows = max(FEWEST_SINGLE, min(SINGLE_ROWS, SINGLE_CELLS // max(1, before.shape[1])))
    places = np.unique(np.linspace(0, max(len(table) - 1, 0), rows).astype(int))[: len(table)]
    results: dict[str, None] = {}
    for place in places:
        one = slice(place, place + 1)
        again = project.code.features.build(project, table.iloc[one])
        results |= dict.fromkeys(differing(before.iloc[one], again))
    return list(results)


def perturbed(table: pd.DataFrame, rows: np.ndarray[Any, Any], seed: int) -> pd.DataFrame:
    """The table with every cell of these rows changed.

    A third shuffled, a third extreme or unseen, a third missing.
    """
    generator = np.random.default_rng(seed)
    changed = table.copy()
    places = np.flatnonzero(rows)
    for column in changed:
        values = table[column].to_numpy(copy=True)
        fate = generator.integers(0, 3, len(places))
        values[places] = generator.permutation(values[places])
        values[places[fate == 1]] = _extreme(values)
        values[places[fate == 2]] = np.datetime64("NaT", "us") if values.dtype.kind == "M" else np.nan
        changed[column] = values
    return changed


def _extreme(values: np.ndarray[Any, Any]) -> Any:
    if values.dtype.kind == "M":
        return np.datetime64("1901-01-01")
    if values.dtype == object:
        return UNSEEN
    known = values[~np.isnan(values)]
    return float(np.abs(known).max() * 1e6 + 1) if len(known) else 1e6


def retargeted(project: Project, table: pd.DataFrame) -> pd.DataFrame:
    """The table with the target of its rows shuffled."""
    name = project.param("data.target")
    changed = table.copy()
    changed[name] = np.random.default_rng(project.param("seed")).permutation(table[name].to_numpy())
    return changed
