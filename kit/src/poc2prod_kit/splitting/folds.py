"""Rows drawn and folded by hash, whole clusters together: the same rows wherever and whenever it runs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from poc2prod_kit.scoring.metrics import Floats
from poc2prod_kit.splitting.strategies import position

Array = np.ndarray[Any, Any]


def sample(ids: pd.Index, most: int) -> Array:
    """Which rows to look at: all, or the `most` with the smallest hash of their id. Shape (n,), boolean."""
    if len(ids) <= most:
        return np.ones(len(ids), dtype=bool)
    numbers = position(ids, "")
    return numbers <= np.partition(numbers, most - 1)[most - 1]


def order(ids: pd.Index, clusters: Array | None, salt: str = "") -> Floats:
    """For each row the share (0, 1] of rows no later when whole clusters, else rows, queue by hash."""
    keys = np.asarray(ids if clusters is None else clusters, dtype=object)
    codes, unique = pd.factorize(keys)
    queue = np.argsort(position(unique, salt), kind="stable")
    after = np.empty(len(unique))
    after[queue] = np.cumsum(np.bincount(codes)[queue]) / len(codes)
    return after[codes]


def assign(ids: pd.Index, clusters: Array | None, count: int, salt: str = "") -> Array:
    """The fold of each row, 0 to count − 1: whole clusters, about equally many rows a fold."""
    share = order(ids, clusters, salt)
    return np.minimum(np.ceil(share * count).astype(int) - 1, count - 1)
