"""How far the people who labelled the rows agree, beyond chance."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from poc2prod_kit.scoring.intervals import estimate
from poc2prod_kit.tables.violations import shown

Floats = npt.NDArray[np.float64]
MOST = 5


def agreement(
    table: pd.DataFrame, raters: list[str], clusters: npt.NDArray[np.generic] | None = None
) -> dict[str, Any]:
    """Kappa over all raters (two: Cohen's, more: Fleiss's), for each pair, and the most confused labels.

    Rows that at least two raters labelled count. `share` is how often two raters of a row agree.
    """
    known, kappa = _agreement(table[raters], clusters)
    pairs = {
        f"{one} / {other}": _agreement(table[[one, other]], clusters)[1]
        for one, other in combinations(raters, 2)
    }
    return {
        "raters": raters,
        "rows": len(known),
        "method": "cohen" if len(raters) == 2 else "fleiss",
        "share": _share(known),
        "kappa": kappa,
        "pairs": pairs,
        "confused": confused(known),
    }


def _agreement(
    labels: pd.DataFrame, clusters: npt.NDArray[np.generic] | None
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The rows that two raters or more labelled, and kappa over all raters with its interval."""
    several = (labels.notna().sum(axis=1) >= 2).to_numpy()
    known = labels[several]
    flat, names = pd.factorize(pd.Series(known.to_numpy(dtype=object).ravel()))
    codes = flat.reshape(known.shape)
    if codes.shape[1] == 2:
        value, influence = cohen(codes[:, 0], codes[:, 1], len(names))
    else:
        value, influence = fleiss((codes[:, :, None] == np.arange(len(names))).sum(axis=1).astype(float))
    return known, estimate(value, influence, None if clusters is None else clusters[several])


def cohen(first: npt.NDArray[np.int64], second: npt.NDArray[np.int64], count: int) -> tuple[float, Floats]:
    """Cohen's kappa (1960) of two raters' codes, and each row's influence; NaN where nothing varies."""
    shares = [np.bincount(codes, minlength=count) / max(len(codes), 1) for codes in (first, second)]
    by_chance = float(shares[0] @ shares[1])
    towards = shares[1][first] + shares[0][second] - 2 * by_chance
    return _kappa((first == second).astype(float), by_chance, towards)


def fleiss(votes: Floats) -> tuple[float, Floats]:
    """Fleiss's kappa (1971) of counts of votes (rows, labels); each row has two raters or more.

    A row's agreement is the share of its pairs of raters that agree; a label's share is the mean over rows.
    """
    raters = votes.sum(axis=1)
    agree = (votes * (votes - 1)).sum(axis=1) / (raters * (raters - 1))
    within = votes / raters[:, None]
    shares = within.mean(axis=0) if len(votes) else np.zeros(votes.shape[1])
    by_chance = float(shares @ shares)
    return _kappa(agree, by_chance, 2 * (within @ shares - by_chance))


def _kappa(agree: Floats, by_chance: float, towards: Floats) -> tuple[float, Floats]:
    if not len(agree) or by_chance >= 1:
        return float("nan"), np.full(len(agree), np.nan)
    seen = float(agree.mean())
    influence = (agree - seen) / (1 - by_chance) - (1 - seen) / (1 - by_chance) ** 2 * towards
    return (seen - by_chance) / (1 - by_chance), influence


def _share(labels: pd.DataFrame) -> float:
    equal = total = 0
    for one, other in combinations(labels, 2):
        both = labels[[one, other]].dropna()
        equal, total = equal + int((both[one] == both[other]).sum()), total + len(both)
    return equal / total if total else float("nan")


def confused(labels: pd.DataFrame) -> list[dict[str, Any]]:
    """The 5 pairs of labels that two raters gave to one row most often, with the ids of 5 rows."""
    counts: Counter[tuple[str, str]] = Counter()
    rows: dict[tuple[str, str], list[str]] = {}
    for one, other in combinations(labels, 2):
        differ = labels[[one, other]].dropna()
        differ = differ[differ[one] != differ[other]]
        for row, first, second in zip(differ.index, differ[one], differ[other], strict=True):
            low, high = sorted((shown(first), shown(second)))
            counts[low, high] += 1
            rows.setdefault((low, high), []).append(str(row))
    top = sorted(counts, key=lambda pair: (-counts[pair], pair))[:MOST]
    return [
        {"labels": list(pair), "count": counts[pair], "rows": list(dict.fromkeys(rows[pair]))[:MOST]}
        for pair in top
    ]
