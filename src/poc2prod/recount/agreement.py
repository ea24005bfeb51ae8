"""How far raters agree beyond chance: Cohen's kappa for two, Fleiss's for more, with each row's influence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from math import nan

from poc2prod_kit.tables.typed import Value

Measured = tuple[float, list[float]]
Votes = Sequence[Sequence[Value]]


def cohen(first: Sequence[Value], second: Sequence[Value]) -> Measured:
    """Cohen's kappa (1960) of two raters' labels of the same rows; NaN where nothing varies."""
    n = max(len(first), 1)
    one, other = ({label: count / n for label, count in Counter(side).items()} for side in (first, second))
    by_chance = sum(share * other.get(label, 0.0) for label, share in one.items())
    agree = [float(a == b) for a, b in zip(first, second, strict=True)]
    towards = [
        other.get(a, 0.0) + one.get(b, 0.0) - 2 * by_chance for a, b in zip(first, second, strict=True)
    ]
    return _kappa(agree, by_chance, towards)


def fleiss(votes: Votes) -> Measured:
    """Fleiss's kappa (1971) of the labels of each row, two or more; None where a rater gave none."""
    rows = [Counter(label for label in row if label is not None) for row in votes]
    agree, shares = [], Counter[Value]()
    for row in rows:
        raters = row.total()
        agree.append(sum(count * (count - 1) for count in row.values()) / (raters * (raters - 1)))
        for label, count in row.items():
            shares[label] += count / raters / len(rows)  # type: ignore[assignment]
    by_chance = float(sum(share * share for share in shares.values()))
    towards = [
        2 * (sum(count / row.total() * shares[label] for label, count in row.items()) - by_chance)
        for row in rows
    ]
    return _kappa(agree, by_chance, towards)


def _kappa(agree: list[float], by_chance: float, towards: list[float]) -> Measured:
    if not agree or by_chance >= 1:
        return nan, [nan] * len(agree)
    seen = sum(agree) / len(agree)
    rest = 1 - by_chance
    return (seen - by_chance) / rest, [
        (one - seen) / rest - (1 - seen) / rest**2 * drift for one, drift in zip(agree, towards, strict=True)
    ]


def share(columns: Sequence[Sequence[Value]]) -> float:
    """How often two raters who labelled the same row agree."""
    equal = total = 0
    for one, other in combinations(columns, 2):
        both = [(a, b) for a, b in zip(one, other, strict=True) if a is not None and b is not None]
        equal, total = equal + sum(a == b for a, b in both), total + len(both)
    return equal / total if total else nan
