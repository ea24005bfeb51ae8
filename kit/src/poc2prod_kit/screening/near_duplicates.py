"""Rows with nearly the same features on two sides of a split. Honest ones meet by chance; copies also share
their label.

The method, and what it was held against: docs/evidence/split.md.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import compress
from math import floor, log10, sqrt
from operator import add, mul, sub
from statistics import median
from typing import Any, NamedTuple

from poc2prod_kit.screening.duplicates import Codes, codes, together

PAIRS = (("validation", "train"), ("test", "train"), ("test", "validation"))
UNUSUAL, CONFIRMED, LEAST_EXCESS = 4.0, 3.0, 0.03
FEWEST, MANY = 5, 30
LONG_TEXT, NEAR_UNIQUE = 25, 0.5
LEAST_COPIES, COPIED_SHARE = 2, 0.005
WINDOW, ROUNDS = 25, 50
LABEL = "\x1flabel"

Values = Sequence[Any]


def near(value: Any) -> Any:
    """A number to 2 significant digits, a text without case, punctuation and outer spaces, a date's day."""
    if isinstance(value, float):
        if value == 0:
            return 0.0
        unit = 10.0 ** (floor(log10(abs(value))) - 1)
        return round(round(value / unit) * unit, 12) if unit else value
    if isinstance(value, str):
        return " ".join(re.sub(r"[^\w\s]", "", value.casefold()).split())
    return value.replace(hour=0, minute=0, second=0, microsecond=0) if isinstance(value, datetime) else value


def near_codes(name: str, values: Iterable[Any]) -> list[int]:
    """As `codes`, of values that are nearly alike."""
    listed = list(values)
    known = {value: near(value) for value in dict.fromkeys(listed)}
    return codes(name, [known[value] for value in listed])


# Rows of a split, without a model


def across(
    columns: Mapping[str, Values], labels: Values, parts: Sequence[str], target: str = ""
) -> tuple[dict[str, Any], list[int]]:
    """(exact and near duplicates for each pair of parts, places of rows that can only be copies).

    `columns`: the features of the rows of the three parts; `target`: the name of a number to predict, "" for
    classes.
    """
    if not columns:
        return {"columns": 0}, []
    exact = together(codes(name, values) for name, values in columns.items())
    nearly = _shared(together(near_codes(name, values) for name, values in columns.items()), parts)
    results: dict[str, Any] = {"columns": len(columns)}
    for pair, number in _shared(exact, parts).items():
        results[pair] = {"exact": number, "near": nearly[pair]}
    whole = list(map(add, exact, codes(LABEL, labels)))
    telling = _telling({**columns, **({target: labels} if target else {})}, whole)
    results["telling_columns"], results["copies"] = telling, None
    fine = [columns[name] for name in telling if name in columns]
    if len(telling) < 2 and not any(map(_long, fine)):
        return results, []
    complete = [all(values[at] is not None for values in fine) for at in range(len(parts))]
    rows = list(zip(whole, parts, complete, strict=True))
    in_training = {row for row, part, full in rows if part == "train" and full}
    copied = [
        at for at, (row, part, full) in enumerate(rows) if part != "train" and full and row in in_training
    ]
    results["copies"] = len(copied)
    return results, copied


def copied(result: Mapping[str, Any], later: int) -> bool:
    """Whether so many of the `later` validation and test rows are copies that the split does not pass."""
    return bool(result.get("copies")) and result["copies"] >= max(LEAST_COPIES, COPIED_SHARE * later)


def _shared(rows: Codes, parts: Sequence[str]) -> dict[str, int]:
    """Rows of a later part that have an equal in an earlier one, for each pair of parts."""
    sides: dict[str, list[int]] = defaultdict(list)
    for row, part in zip(rows, parts, strict=True):
        sides[part].append(row)
    known = {part: set(values) for part, values in sides.items()}
    return {
        f"{later}_in_{earlier}": sum(row in known.get(earlier, ()) for row in sides.get(later, ()))
        for later, earlier in PAIRS
    }


def _telling(columns: Mapping[str, Values], whole: Codes) -> list[str]:
    """Columns in which, copies aside, at least half of the values differ: numbers with a fraction, texts,
    the target.
    """
    first: dict[int, int] = {}
    for place, row in enumerate(whole):
        first.setdefault(row, place)
    items = []
    for name, values in columns.items():
        known = [values[place] for place in first.values() if values[place] is not None]
        texts = any(isinstance(value, str) for value in known)
        numbers = [value for value in known if isinstance(value, float)]
        fractions = len(numbers) == len(known) > 0 and (
            sum(value % 1 != 0 for value in numbers) > NEAR_UNIQUE * len(numbers)
        )
        if (texts or fractions) and len(set(known)) >= NEAR_UNIQUE * max(len(known), 1):
            items.append(name)
    return items


def _long(values: Values) -> bool:
    lengths = [len(value) for value in values if isinstance(value, str)]
    return bool(lengths) and median(lengths) >= LONG_TEXT


# Validation rows beside training rows, with a model's predictions


class Agreement(NamedTuple):
    """Rows with a near duplicate, how many of them agree, how many should, and three z values."""

    rows: int
    observed: float
    expected: float
    z: float
    z_of_single_twins: float
    z_against_training_pairs: float

    @property
    def copied(self) -> bool:
        """Whether they agree beyond chance: single ones, or several beyond training rows among themselves."""
        confirmed = self.z >= UNUSUAL and self.z_against_training_pairs >= CONFIRMED
        beyond = self.observed - self.expected >= LEAST_EXCESS
        return beyond and (self.z_of_single_twins >= UNUSUAL or confirmed)


def agreement(
    columns: Sequence[Codes],
    labels: Sequence[Hashable],
    late: Sequence[bool],
    given: Sequence[float],
    clusters: Sequence[Hashable] | None,
) -> tuple[Agreement | None, list[int]]:
    """How far validation rows agree with near duplicates in training; and the rows that have one, the most
    surprising first, by their place among the validation rows.

    `columns`: near codes of training and validation rows; `late` marks the validation rows, which `given`
    (the model's chance of each one's own label) and `clusters` are of. None where fewer than 5 have one.
    Observed: the share of a row's near duplicates with its label. Expected: what the model gives that label,
    mixed with the shares among rows that differ in one column, in the proportions that make the labels
    likeliest, so that an underfit model alone raises nothing. z = Σ (observed - expected) over the root of
    the sum of squared clusters.
    """
    key = together(columns)
    pairs = list(map(add, key, codes(LABEL, labels)))
    share, count = _agreement(key, pairs, late)
    has = [place for place, number in enumerate(count) if number]
    if len(has) < FEWEST:
        return None, has
    relatives = [[one[place] for place in has] for one in _almost(columns, key, pairs, late, given)]
    mixed = _mixed([given[place] for place in has], relatives)
    expected = list(given)
    for place, chance in zip(has, mixed, strict=True):
        expected[place] = chance
    excess = list(map(sub, share, expected))
    exchanged = list(map(sub, share, _among_training(key, labels, late)))
    own = list(compress(key, late))
    units: list[Sequence[Hashable]] = [own] if clusters is None else [own, list(clusters)]

    def least(values: list[float], chosen: list[int]) -> float:
        return min(_z(values, unit, expected, chosen) for unit in units)

    result = Agreement(
        len(has),
        sum(share[place] for place in has) / len(has),
        sum(mixed) / len(has),
        least(excess, has),
        least(excess, [place for place in has if count[place] == 1]),
        least(exchanged, [place for place in has if count[place] > 1]),
    )
    return result, sorted(has, key=lambda place: -excess[place])


def same_nearby(guess: Sequence[float], y: Sequence[float]) -> list[float]:
    """Share of the 50 rows with the nearest predictions whose label is exactly the row's."""
    order = sorted(range(len(y)), key=lambda place: guess[place])
    ordered = [y[place] for place in order]
    result = [0.0] * len(y)
    for rank, place in enumerate(order):
        around = ordered[max(0, rank - WINDOW) : rank] + ordered[rank + 1 : rank + 1 + WINDOW]
        result[place] = around.count(ordered[rank]) / max(len(around), 1)
    return result


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
    return [same.get(one, 0.0) for one in compress(key, late)]


def _almost(
    columns: Sequence[Codes], key: Codes, pairs: Codes, late: Sequence[bool], given: Sequence[float]
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
    """Sum over the root of its clusters' summed squares; below 30 rows over the error under chance alone.

    That error takes the rows of a cluster as wholly dependent, and is at least 1: one row more than expected.
    """
    few = len(chosen) < MANY
    sums: dict[Hashable, float] = defaultdict(float)
    for place in chosen:
        chance = expected[place]
        sums[unit[place]] += sqrt(max(chance * (1 - chance), 0.0)) if few else values[place]
    spread = max(sqrt(sum(total * total for total in sums.values())), 1.0 if few else 1e-9)
    return sum(values[place] for place in chosen) / spread
