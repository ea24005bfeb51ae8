"""Rows that are equal, rows whose inputs are equal, and whether that is chance or copying."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Hashes = npt.NDArray[np.uint64]
FEWEST = 3
FINE = 30


def column_hashes(column: pd.Series) -> Hashes:
    """A number for each cell, the same for equal cells (missing ones too), spread over 64 bits."""
    codes = pd.factorize(column, use_na_sentinel=True)[0]
    return _mixed(codes.astype(np.int64).view(np.uint64) + np.uint64(_salt(str(column.name))))


def hashed(table: pd.DataFrame) -> dict[str, Hashes]:
    """The hashes of every column, by its name."""
    return {str(name): column_hashes(table[name]) for name in table}


def together(hashes: dict[str, Hashes], columns: Iterable[str]) -> Hashes:
    """The sum of the columns' hashes: equal for rows that are equal in all of them. At least one column."""
    first, *others = (hashes[name] for name in columns)
    total = first.copy()
    for other in others:
        total += other
    return total


def _salt(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little")


def _mixed(values: Hashes) -> Hashes:
    """SplitMix64's finaliser (Steele, Lea and Flood, 2014)."""
    with np.errstate(over="ignore"):
        values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def pairs(hashes: npt.NDArray[Any]) -> float:
    """How many pairs of rows are equal."""
    counts = np.unique(hashes, return_counts=True)[1].astype(float)
    return float((counts * (counts - 1) / 2).sum())


@dataclass(frozen=True)
class Chance:
    """Pairs of rows with equal inputs: how many there are, how many chance gives, and which it looks like.

    `copied` is true where there are at least 3 pairs, more than three times as many as expected, a column
    with at least 30 distinct values, and less than 1 chance in 1,000 of a Poisson number that large.
    """

    found: float
    expected: float
    finest: int

    @property
    def copied(self) -> bool:
        """Whether there are more equal rows than the table's own near misses explain."""
        from scipy.stats import poisson

        mean = max(self.expected, 0.05)
        rare = float(poisson.sf(self.found - 1, mean)) < 0.001
        return self.found >= FEWEST and self.finest >= FINE and self.found > 3 * mean and rare


def chance(hashes: dict[str, Hashes], columns: list[str]) -> Chance:
    """Whether equal inputs come about by chance in this table.

    For each column j: D pairs of rows agree in every other column and differ in j; two rows of the table
    agree in j with probability m. Honest rows would then agree in j as well D·m/(1-m) times. `expected` is
    the largest over j.
    """
    total = together(hashes, columns)
    found = pairs(total)
    expected, finest = 0.0, 0
    for name in columns if found >= FEWEST else ():
        own = hashes[name]
        counts = np.unique(own, return_counts=True)[1].astype(float)
        finest = max(finest, len(counts))
        match = float(((counts / len(own)) ** 2).sum())
        if match < 1:
            expected = max(expected, (pairs(total - own) - found) * match / (1 - match))
    return Chance(found, expected, finest)


def groups(hashes: Hashes) -> npt.NDArray[np.int64]:
    """For each row the number of its group of equals, by appearance; -1 for a row without an equal."""
    codes = pd.factorize(hashes)[0]
    several = np.bincount(codes, minlength=1)[codes] > 1
    numbers = np.full(len(hashes), -1, dtype=np.int64)
    numbers[several] = pd.factorize(codes[several])[0]
    return numbers
