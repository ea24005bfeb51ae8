"""Rows drawn and folded by hash, whole clusters together: the same rows wherever and whenever it runs."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pandas as pd

from poc2prod_kit.scoring.metrics import Floats

Array = np.ndarray[Any, Any]


def hashed(values: Array | pd.Index, salt: str = "") -> Floats:
    """A number in [0, 1) for each value, by SHA-256 of salt and text; equal values get equal numbers."""
    codes, unique = pd.factorize(np.asarray(values, dtype=object))
    numbers = [hashlib.sha256(f"{salt}\x1f{value}".encode()).digest()[:8] for value in unique]
    return np.array([int.from_bytes(number, "big") for number in numbers], dtype=float)[codes] / 2.0**64


def sample(ids: pd.Index, most: int) -> Array:
    """Which rows to look at: all, or the `most` with the smallest hash of their id. Shape (n,), boolean."""
    if len(ids) <= most:
        return np.ones(len(ids), dtype=bool)
    numbers = hashed(ids)
    return numbers <= np.partition(numbers, most - 1)[most - 1]


def order(ids: pd.Index, clusters: Array | None, salt: str = "") -> Floats:
    """For each row the share (0, 1] of rows no later when whole clusters, else rows, queue by hash."""
    keys = np.asarray(ids if clusters is None else clusters, dtype=object)
    codes, unique = pd.factorize(keys)
    queue = np.argsort(hashed(unique, salt), kind="stable")
    after = np.empty(len(unique))
    after[queue] = np.cumsum(np.bincount(codes)[queue]) / len(codes)
    return after[codes]


def assign(ids: pd.Index, clusters: Array | None, count: int, salt: str = "") -> Array:
    """The fold of each row, 0 to count − 1: whole clusters, about equally many rows a fold."""
    share = order(ids, clusters, salt)
    return np.minimum(np.ceil(share * count).astype(int) - 1, count - 1)
