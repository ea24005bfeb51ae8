"""Rows that are alike: repeated rows, rows with equal inputs, twins on two sides; chance or copies."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from math import exp, floor, log, log10
from operator import add, sub
from typing import Any, NamedTuple

from .cells import Value
from .labels import Label

FEWEST, FINE = 3, 30
Codes = list[int]


def codes(name: str, values: Iterable[Any]) -> Codes:
    """A number for each cell, equal for equal cells, missing ones too; 61 bits, for this process only."""
    listed = list(values)
    known = {value: hash(f"{name}\x1f{value!r}") for value in set(listed)}
    return [known[value] for value in listed]


def together(columns: Iterable[Codes]) -> Codes:
    """One number a row: the sum of the columns' codes."""
    total: Codes = []
    for column in columns:
        total = list(map(add, total, column)) if total else column
    return total


def pairs(rows: Iterable[int]) -> int:
    """How many pairs of rows are equal."""
    return sum(count * (count - 1) // 2 for count in Counter(rows).values())


def repeated(rows: Sequence[int]) -> tuple[int, list[int]]:
    """(groups of equal rows, the places of rows that repeat an earlier one)."""
    seen: set[int] = set()
    again = [place for place, row in enumerate(rows) if row in seen or seen.add(row)]  # type: ignore[func-returns-value]
    return len({rows[place] for place in again}), again


class Chance(NamedTuple):
    """Pairs of rows with equal inputs: how many, how many by chance, and the values of the finest column."""

    found: int
    expected: float
    finest: int

    @property
    def copied(self) -> bool:
        """Whether there are more equal rows than the table's own near misses explain."""
        mean = max(self.expected, 0.05)
        enough = self.found >= FEWEST and self.finest >= FINE and self.found > 3 * mean
        return enough and _at_least(self.found, mean) < 0.001


def chance(columns: Mapping[str, Codes]) -> Chance:
    """Whether equal inputs come about by chance: docs/evidence/data.md, "Copied or chance"."""
    total = together(columns.values())
    found = pairs(total)
    expected, finest = 0.0, 0
    for own in columns.values() if found >= FEWEST else ():
        counts = Counter(own)
        finest = max(finest, len(counts))
        match = sum((count / len(own)) ** 2 for count in counts.values())
        if len(counts) > 1:
            expected = max(expected, (pairs(map(sub, total, own)) - found) * match / (1 - match))
    return Chance(found, expected, finest)


def _at_least(count: int, mean: float) -> float:
    """The chance that a Poisson number of that mean, well below `count`, is `count` or more."""
    term, total, step = -mean, 0.0, 0
    for number in range(1, count + 1):
        term += log(mean / number)
    share = exp(term)
    while share > total * 1e-15 and step < 10_000:
        total += share
        step += 1
        share *= mean / (count + step)
    return total


class Twins(NamedTuple):
    """Labelled rows of equal inputs: groups, rows, of them contradicting; the ceiling, or sd in groups."""

    groups: int
    rows: int
    contradicting_groups: int
    contradicting_rows: int
    ceiling: float | None
    sd_within: float | None


def twins(inputs: Codes, labels: Sequence[Label], regression: bool) -> Twins:
    """How far the labels of rows with equal inputs agree."""
    groups: dict[int, list[Any]] = defaultdict(list)
    for row, label in zip(inputs, labels, strict=True):
        if label is not None:
            groups[row].append(label)
    several = [group for group in groups.values() if len(group) > 1]
    mixed = [group for group in several if len(set(group)) > 1]
    rows = sum(map(len, several))
    ceiling = within = None
    if regression:
        squares = sum(sum((y - sum(group) / len(group)) ** 2 for y in group) for group in several)
        free = rows - len(several)
        within = (squares / free) ** 0.5 if free else None
    elif rows:
        ceiling = sum(max(Counter(group).values()) for group in several) / rows
    return Twins(len(several), rows, len(mixed), sum(map(len, mixed)), ceiling, within)


def near(value: Value) -> Value:
    """A number to 2 significant digits, a text without case, punctuation and outer spaces, a date's day."""
    if isinstance(value, float):
        if value == 0:
            return 0.0
        unit = 10.0 ** (floor(log10(abs(value))) - 1)
        return round(round(value / unit) * unit, 12) if unit else value
    if isinstance(value, str):
        return " ".join(re.sub(r"[^\w\s]", "", value.casefold()).split())
    return value.replace(hour=0, minute=0, second=0, microsecond=0) if isinstance(value, datetime) else None


def near_codes(name: str, values: Iterable[Value]) -> Codes:
    """As `codes`, of values that are nearly alike."""
    listed = list(values)
    known = {value: hash(f"{name}\x1f{near(value)!r}") for value in set(listed)}
    return [known[value] for value in listed]


SIDES = (("validation", "train"), ("test", "train"), ("test", "validation"))


def across(rows: Sequence[int], parts: Sequence[str]) -> dict[str, int]:
    """Rows of a later part that have an equal in an earlier one, for each pair of parts."""
    sides: dict[str, list[int]] = defaultdict(list)
    for row, part in zip(rows, parts, strict=True):
        sides[part].append(row)
    known = {part: set(values) for part, values in sides.items()}
    return {
        f"{later}_in_{earlier}": sum(row in known.get(earlier, ()) for row in sides.get(later, ()))
        for later, earlier in SIDES
    }
