"""Columns that add up, subtract or multiply to the target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

LEFT = 1e-5
FEWEST = 40
MOST_PARTS = 12


@dataclass(frozen=True)
class Parts:
    """The columns' weights, the constant, the share of rows where it holds, whether in logarithms."""

    weights: dict[str, float]
    constant: float
    share: float
    logarithms: bool

    def formula(self) -> str:
        """The sum or product in words."""
        if self.logarithms:
            return " × ".join(
                f"{name}^{weight:.3g}" if abs(weight - 1) > 1e-3 else name
                for name, weight in self.weights.items()
            )
        terms = [
            f"{'−' if w < 0 else '+'} {'' if abs(abs(w) - 1) < 1e-3 else f'{abs(w):.4g} × '}{name}"
            for name, w in self.weights.items()
        ]
        small = abs(self.constant) < 1e-6 * max(abs(w) for w in self.weights.values())
        text = " ".join(terms).removeprefix("+ ")
        return text if small else f"{text} {'−' if self.constant < 0 else '+'} {abs(self.constant):.4g}"


def parts_of(columns: pd.DataFrame, y: pd.Series) -> Parts | None:
    """The fewest columns of which a weighted sum (or product of powers) is the target; None where there are
    none.

    Fitted by least squares on half the rows, judged on the other half: what is left must be below 1e-5 of the
    variance.
    One column alone is not meant here. Missing cells count as 0 where too few rows are complete.
    """
    target, names = y.to_numpy(dtype=float), [str(name) for name in columns]
    complete = columns.notna().all(axis=1).to_numpy()
    x = columns.fillna(0.0).clip(-1e100, 1e100).to_numpy(dtype=float)
    rows = complete if complete.sum() >= max(FEWEST, 2 * x.shape[1] + 10) else np.ones(len(x), dtype=bool)
    found = _search(names, x[rows], target[rows], False)
    if found:
        return found
    positive = [place for place in range(x.shape[1]) if (x[rows, place] > 0).all()]
    if len(positive) < 2 or not (target[rows] > 0).all():
        return None
    return _search(
        [names[place] for place in positive], np.log(x[rows][:, positive]), np.log(target[rows]), True
    )


def _search(names: list[str], x: Any, y: Any, logarithms: bool) -> Parts | None:
    spread = x.std(axis=0)
    use = [
        place for place in range(x.shape[1]) if spread[place] > 1e-12 * max(1.0, np.abs(x[:, place]).max())
    ]
    if len(use) < 2 or len(y) < max(FEWEST, 2 * len(use) + 10) or y.std() == 0:
        return None
    if _left(x[:, use], y) > LEFT:
        return None
    for place in sorted(use, key=lambda item: abs(np.corrcoef(x[:, item], y)[0, 1])):
        fewer = [item for item in use if item != place]
        if fewer and _left(x[:, fewer], y) <= LEFT:
            use = fewer
    if not 2 <= len(use) <= MOST_PARTS:
        return None
    weights, constant = _solve(x[:, use], y)
    miss = np.abs(x[:, use] @ weights + constant - y) <= 0.02 * y.std()
    return Parts(
        {names[place]: float(w) for place, w in zip(use, weights, strict=True)},
        float(constant),
        float(miss.mean()),
        logarithms,
    )


def _solve(x: Any, y: Any) -> tuple[Any, float]:
    centre, scale = x.mean(axis=0), x.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    weights = np.linalg.lstsq((x - centre) / scale, y - y.mean(), rcond=1e-10)[0] / scale
    return weights, float(y.mean() - centre @ weights)


def _left(x: Any, y: Any) -> float:
    """Share of the variance left on the odd rows by a fit on the even rows."""
    weights, constant = _solve(x[::2], y[::2])
    rest = y[1::2] - x[1::2] @ weights - constant
    return float((rest**2).mean() / max(y[1::2].var(), 1e-300))
