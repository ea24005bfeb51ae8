"""Twins: rows with the same features on two sides. Honest ones meet by chance; copies also share
their label.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from poc2prod_kit.run.project import Project
from poc2prod_kit.run.report import Finding
from poc2prod_kit.scoring.metrics import Predicted
from poc2prod_kit.splitting import clusters
from poc2prod_kit.splitting.strategies import PARTS
from poc2prod_kit.tables import targets

SHOWN = 20
UNUSUAL = 4.0
CONFIRMED = 3.0
LEAST_EXCESS = 0.03
FEWEST = 5
MANY = 30
NEAR_UNIQUE = 0.5
LONG_TEXT = 25
WINDOW = 25
Floats = npt.NDArray[np.float64]
Keys = npt.NDArray[np.uint64]


def compared_columns(project: Project, table: pd.DataFrame) -> list[str]:
    """The feature columns: all but the target, id, time, group and what [data] excludes."""
    roles = ("target", "id", "time", "group")
    out = {*(project.param(f"data.{role}", "") for role in roles), *project.param("data.exclude", [])}
    return [name for name in table if name not in out]


def exact(column: pd.Series) -> Keys:
    """A 64-bit hash of each cell; missing cells are alike."""
    known = column.astype(str).where(column.notna(), "\x00") if column.dtype == object else column
    return pd.util.hash_pandas_object(known, index=False).to_numpy()


def near(column: pd.Series) -> Keys:
    """As `exact`, with numbers to 2 significant digits and text casefolded, trimmed, without punctuation."""
    if column.dtype.kind == "M":
        return exact(column.dt.normalize())
    if column.dtype.kind in "fiu":
        number = column.to_numpy(dtype=float)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            unit = 10.0 ** (np.floor(np.log10(np.abs(number))) - 1)
            rounded = np.where(number == 0, 0.0, np.round(np.round(number / unit) * unit, 12))
        return exact(pd.Series(rounded, dtype=float))
    codes, words = pd.factorize(column)
    plain = pd.Series(words, dtype=object).astype(str).str.casefold().str.replace(r"[^\w\s]", "", regex=True)
    folded = exact(plain.str.split().str.join(" ").astype(object))
    return np.append(folded, np.uint64(0))[codes]


def combine(keys: list[Keys]) -> Keys:
    """One key a row out of one a column (FNV-like, order matters)."""
    total = np.full(len(keys[0]) if keys else 0, 14695981039346656037, dtype=np.uint64)
    for key in keys:
        total = (total ^ key) * np.uint64(1099511628211)
        total ^= total >> np.uint64(29)
    return total


def across(
    project: Project, rows: pd.DataFrame, part: pd.Series, y: pd.Series
) -> tuple[dict[str, Any], list[Finding]]:
    """Exact and near twins for each pair of parts, and rows that can only be copies."""
    columns = compared_columns(project, rows)
    if not columns:
        return {"columns": 0}, []
    keys = {
        "exact": combine([exact(rows[name]) for name in columns]),
        "near": combine([near(rows[name]) for name in columns]),
    }
    side = part.to_numpy()
    counts: dict[str, Any] = {"columns": len(columns)}
    for later, earlier in (("validation", "train"), ("test", "train"), ("test", "validation")):
        counts[f"{later}_in_{earlier}"] = {
            kind: int(np.isin(key[side == later], key[side == earlier]).sum()) for kind, key in keys.items()
        }
    whole = combine([keys["exact"], exact(y.astype(object) if y.dtype == object else y)])
    telling = _telling(project, rows, columns, y, whole)
    counts["telling_columns"] = telling
    if not _chance_excluded(project, rows, telling):
        counts["copies"] = None
        return counts, []
    complete = rows[[name for name in telling if name in rows]].notna().all(axis=1).to_numpy()
    copied = (side != "train") & complete & np.isin(whole, whole[(side == "train") & complete])
    counts["copies"] = int(copied.sum())
    unseen = int((side != "train").sum())
    if copied.sum() < max(2, 0.005 * unseen):
        return counts, []
    text = (
        f"{counts['copies']} of {unseen} validation and test rows stand in training too, alike in "
        f"every feature and in the target; {' and '.join(map(repr, telling[:2]))} exclude chance. "
        "They are judged by memory: remove the copies, or give them a common group."
    )
    return counts, [Finding("copies_across_split", text, tuple(telling), tuple(rows.index[copied][:SHOWN]))]


def _telling(
    project: Project, rows: pd.DataFrame, columns: list[str], y: pd.Series, whole: Keys
) -> list[str]:
    """Columns in which, copies aside, at least half of the values differ: numbers with a fraction,
    texts, the target.
    """
    once = ~pd.Series(whole).duplicated().to_numpy()
    target = (
        {str(project.param("data.target")): y} if project.param("problem.outcome") == "regression" else {}
    )
    found = []
    for name, column in {**{name: rows[name] for name in columns}, **target}.items():
        values = column[once].dropna()
        fractions = values.dtype.kind == "f" and bool((values % 1 != 0).mean() > NEAR_UNIQUE)
        if (fractions or values.dtype == object) and values.nunique() >= NEAR_UNIQUE * max(len(values), 1):
            found.append(name)
    return found


def _chance_excluded(project: Project, rows: pd.DataFrame, telling: list[str]) -> bool:
    """Two telling columns, or one long text."""
    texts = [name for name in telling if name in rows and rows[name].dtype == object]
    return len(telling) >= 2 or any(rows[name].dropna().str.len().median() >= LONG_TEXT for name in texts)


def check(
    project: Project, table: pd.DataFrame, part: pd.Series, predicted: Predicted, y: npt.NDArray[Any]
) -> tuple[dict[str, Any], list[Finding]]:
    """Whether validation rows agree with their near twins in training more often than a model and relatives
    expect.

    `predicted` and `y` are of the validation rows in the table's order. Observed: the share of a row's
    training twins
    with its label. Expected: the probability that the model gives that label (regression: how many of the
    rows with the
    nearest predictions have it), mixed with the shares among rows that differ in one column, in the
    proportions
    that make the labels likeliest: so an underfit model alone raises nothing. z = Σ (observed - expected)
    over the root
    of the sum of squared clusters.
    """
    columns = compared_columns(project, table)
    used = part[part.isin(PARTS[:2])].reindex(table.index).dropna()
    if not columns or not len(y):
        return {"rows": 0, "z": None}, []
    rows, side = table.loc[used.index], (used == "validation").to_numpy()
    labels = targets.target(project, rows)
    label = pd.factorize(labels, use_na_sentinel=False)[0]
    cells = [near(rows[name]) for name in columns]
    key = combine(cells)
    observed, twins_of = _agreement(key, label, side)
    has = twins_of > 0
    if has.sum() < FEWEST:
        return {"rows": int(has.sum()), "z": None}, []
    model = _given(project, predicted, y)
    expected = model.copy()
    expected[has] = _mixed(model[has], [share[has] for share in _almost(cells, key, label, side, model)])
    excess = observed - expected
    exchanged = observed - _among_training(key, label, side)
    validation = rows[side]
    units = [unit for unit in (key[side], clusters.of(project, validation)) if unit is not None]
    z = {
        name: min(_z(values[chosen], unit[chosen], expected[chosen]) for unit in units)
        for name, values, chosen in (
            ("z", excess, has),
            ("z_of_single_twins", excess, twins_of == 1),
            ("z_against_training_pairs", exchanged, twins_of > 1),
        )
    }
    results = {
        "rows": int(has.sum()), "of": len(y), "observed": float(observed[has].mean()),
        "expected": float(expected[has].mean()), "threshold": UNUSUAL, **z,
    }  # fmt: skip
    confirmed = z["z"] >= UNUSUAL and z["z_against_training_pairs"] >= CONFIRMED
    small = results["observed"] - results["expected"] < LEAST_EXCESS
    if small or (z["z_of_single_twins"] < UNUSUAL and not confirmed):
        return results, []
    text = (
        f"{results['rows']} of {len(y)} validation rows have twins in training and share their "
        f"label in {results['observed']:.0%} of "
        f"the cases, where {results['expected']:.0%} are expected (z = {z['z']:.1f}): some are "
        f"copies, or rows of one entity. Remove copies, or give what belongs together a common group."
    )
    alike = np.flatnonzero(has)[np.argsort(-excess[has], kind="stable")[:SHOWN]]
    return results, [Finding("copies_across_split", text, rows=tuple(validation.index[alike]))]


def _agreement(key: Keys, label: npt.NDArray[np.int_], side: npt.NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """For each validation row: share of the training rows of its key that have its label, and their
    number.
    """
    frame = pd.DataFrame({"key": key, "label": label})
    train = frame[~side]
    every = train.groupby("key").size()
    alike = train.groupby(["key", "label"]).size()
    own = frame[side]
    total = own["key"].map(every).fillna(0).to_numpy(dtype=float)
    same = alike.reindex(pd.MultiIndex.from_frame(own)).fillna(0).to_numpy(dtype=float)
    return same / np.maximum(total, 1), total


def _among_training(key: Keys, label: npt.NDArray[np.int_], side: npt.NDArray[np.bool_]) -> Floats:
    """For each validation row: how often two training rows of its key have the same label; 0 without two."""
    train = pd.DataFrame({"key": key[~side], "label": label[~side]})
    each = train.groupby(["key", "label"]).size()
    every = train.groupby("key").size()
    alike = (each * (each - 1)).groupby("key").sum() / (every * (every - 1)).clip(lower=1)
    return pd.Series(key[side]).map(alike).fillna(0).to_numpy(dtype=float)


def _almost(
    cells: list[Keys], key: Keys, label: npt.NDArray[np.int_], side: npt.NDArray[np.bool_], model: Floats
) -> Iterator[Floats]:
    """For each column: agreement with the training rows that differ in it alone, the model counting
    as one more.
    """
    share, count = _agreement(key, label, side)
    alike = share * count
    for left_out in range(len(cells)):
        others = [cell for at, cell in enumerate(cells) if at != left_out] or [np.zeros_like(key)]
        wider, total = _agreement(combine(others), label, side)
        yield (wider * total - alike + model) / (total - count + 1)


def _given(project: Project, predicted: Predicted, y: npt.NDArray[Any]) -> Floats:
    """The chance of each row's own label by the model."""
    if project.param("problem.outcome") == "regression":
        return _same_nearby(predicted.value.astype(float), y)
    if predicted.true is not None:
        return predicted.true
    chance = predicted.value.astype(float)
    return np.where(y.astype(float) == 1, chance, 1 - chance)


def _same_nearby(guess: Floats, y: npt.NDArray[Any]) -> Floats:
    """Share of the 50 validation rows with the nearest predictions whose label is exactly the row's."""
    order = np.argsort(guess, kind="stable")
    ordered, same, seen = y[order].astype(float), np.zeros(len(y)), np.zeros(len(y))
    for step in range(1, min(WINDOW, len(y) - 1) + 1):
        equal = ordered[step:] == ordered[:-step]
        same[step:] += equal
        same[:-step] += equal
        seen[step:] += 1
        seen[:-step] += 1
    share = np.zeros(len(y))
    share[order] = same / np.maximum(seen, 1)
    return share


def _mixed(model: Floats, relatives: list[Floats]) -> Floats:
    """The mixture of the model's chances and those by relatives under which the labels are likeliest
    (EM, 50 steps).
    """
    chances = np.column_stack([model, *relatives])
    weight = np.full(chances.shape[1], 1 / chances.shape[1])
    known = chances.max(axis=1) > 0
    for _ in range(50 if known.any() else 0):
        part = chances[known] * weight
        weight = (part / np.maximum(part.sum(axis=1, keepdims=True), 1e-300)).mean(axis=0)
        weight /= weight.sum()
    mixed: Floats = chances @ weight
    return mixed


def _z(excess: Floats, unit: npt.NDArray[Any], expected: Floats) -> float:
    """Sum over the root of the summed squares of its clusters; below 30 rows over the error under chance
    alone.

    That error takes the rows of a cluster as wholly dependent, and is at least 1: one row more than expected.
    """
    few = len(excess) < MANY
    each = np.sqrt(np.clip(expected * (1 - expected), 0, None)) if few else excess
    sums = np.bincount(pd.factorize(unit)[0], weights=each)
    spread = max(math.sqrt(float(sums @ sums)), 1.0 if few else 1e-9)
    return float(excess.sum() / spread)
