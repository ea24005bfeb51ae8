"""Whether validation rows agree with near twins in training more often than chance and relatives explain.

Honest twins meet by chance and agree as often as the model's own probabilities expect; copies agree always.
The method, and what it was held against: docs/evidence/split.md and the project's kit/twins.py.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Sequence
from itertools import compress
from math import sqrt
from operator import add, mul, sub
from typing import NamedTuple

from .alike import Codes, codes

FEWEST = 5
MANY = 30
WINDOW = 25
ROUNDS = 50


class Agreement(NamedTuple):
    """Rows with a twin, how many of them agree, how many should, and three z values."""

    rows: int
    observed: float
    expected: float
    z: float
    z_of_single_twins: float
    z_against_training_pairs: float


def agreement(
    columns: Sequence[Codes],
    labels: Sequence[Hashable],
    late: Sequence[bool],
    given: Sequence[float],
    clusters: Sequence[Hashable] | None,
) -> Agreement | None:
    """`columns`: codes of training and validation rows; `late` marks those of `given` and `clusters`.

    None where fewer than 5 validation rows have a twin.
    """
    key: Codes = [0] * len(late)
    for column in columns:
        key = list(map(add, key, column))
    named = codes("label", labels)
    pairs = list(map(add, key, named))
    share, count = _agreement(key, pairs, late)
    has = [place for place, twins in enumerate(count) if twins]
    if len(has) < FEWEST:
        return None
    relatives = [[one[place] for place in has] for one in _almost(columns, key, pairs, late, given)]
    mixed = _mixed([given[place] for place in has], relatives)
    expected = list(given)
    for place, chance in zip(has, mixed, strict=True):
        expected[place] = chance
    excess = list(map(sub, share, expected))
    exchanged = list(map(sub, share, _among_training(key, labels, late)))
    own = [one for one, side in zip(key, late, strict=True) if side]
    units: list[Sequence[Hashable]] = [own] if clusters is None else [own, list(clusters)]

    def least(values: list[float], chosen: list[int]) -> float:
        return min(_z(values, unit, expected, chosen) for unit in units)

    return Agreement(
        len(has),
        sum(share[place] for place in has) / len(has),
        sum(mixed) / len(has),
        least(excess, has),
        least(excess, [place for place in has if count[place] == 1]),
        least(exchanged, [place for place in has if count[place] > 1]),
    )


def same_nearby(guess: Sequence[float], y: Sequence[float]) -> list[float]:
    """Share of the 50 rows with the nearest predictions whose label is exactly the row's."""
    order = sorted(range(len(y)), key=lambda place: guess[place])
    ordered = [y[place] for place in order]
    found = [0.0] * len(y)
    for rank, place in enumerate(order):
        around = ordered[max(0, rank - WINDOW) : rank] + ordered[rank + 1 : rank + 1 + WINDOW]
        found[place] = around.count(ordered[rank]) / max(len(around), 1)
    return found


def _agreement(key: Codes, pairs: Codes, late: Sequence[bool]) -> tuple[list[float], list[int]]:
    """For each validation row: the share of its key's training rows that have its label, and their number.

    `pairs`: key and label of each row as one code.
    """
    early = [not side for side in late]
    every, alike = Counter(compress(key, early)), Counter(compress(pairs, early))
    count = [every[one] for one in compress(key, late)]
    return [alike[one] / (n or 1) for one, n in zip(compress(pairs, late), count, strict=True)], count


def _among_training(key: Codes, labels: Sequence[Hashable], late: Sequence[bool]) -> list[float]:
    """For each validation row: how often two training rows of its key have one label; 0 without two."""
    groups: dict[int, Counter[Hashable]] = defaultdict(Counter)
    for one, label, side in zip(key, labels, late, strict=True):
        if not side:
            groups[one][label] += 1
    same = {}
    for one, counts in groups.items():
        n = counts.total()
        same[one] = sum(count * (count - 1) for count in counts.values()) / max(n * (n - 1), 1)
    return [same.get(one, 0.0) for one, side in zip(key, late, strict=True) if side]


def _almost(
    columns: Sequence[Codes],
    key: Codes,
    pairs: Codes,
    late: Sequence[bool],
    given: Sequence[float],
) -> Iterator[list[float]]:
    """For each column: agreement with training rows that differ in it alone, the model as one more."""
    share, count = _agreement(key, pairs, late)
    for column in columns:
        wider, total = _agreement(list(map(sub, key, column)), list(map(sub, pairs, column)), late)
        yield [
            (w * t - s * c + g) / (t - c + 1)
            for w, t, s, c, g in zip(wider, total, share, count, given, strict=True)
        ]


def _mixed(model: list[float], relatives: list[list[float]]) -> list[float]:
    """The mixture of the model's chances and those by relatives under which the labels are likeliest (EM)."""
    rows = list(zip(model, *relatives, strict=True))
    known = Counter(row for row in rows if max(row) > 0)
    columns, counts = list(zip(*known, strict=True)), list(known.values())
    weight = [1 / (len(relatives) + 1)] * (len(relatives) + 1)
    for _ in range(ROUNDS if known else 0):
        whole = [n / max(sum(map(mul, row, weight)), 1e-300) for row, n in zip(known, counts, strict=True)]
        fresh = [share * sum(map(mul, column, whole)) for share, column in zip(weight, columns, strict=True)]
        weight = [value / sum(fresh) for value in fresh]
    return [sum(map(mul, row, weight)) for row in rows]


def _z(values: list[float], unit: Sequence[Hashable], expected: list[float], chosen: list[int]) -> float:
    """Sum over the root of its clusters' summed squares; below 30 rows over the error under chance alone."""
    few = len(chosen) < MANY
    sums: dict[Hashable, float] = defaultdict(float)
    for place in chosen:
        chance = expected[place]
        sums[unit[place]] += sqrt(max(chance * (1 - chance), 0.0)) if few else values[place]
    spread = max(sqrt(sum(total * total for total in sums.values())), 1.0 if few else 1e-9)
    return sum(values[place] for place in chosen) / spread
