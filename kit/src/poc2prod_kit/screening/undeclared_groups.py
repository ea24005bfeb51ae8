"""Relations that nobody declared: a column that names entities, or a date that orders the labels."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from math import sqrt
from typing import Any

from poc2prod_kit.screening.finding import SHOWN, Finding
from poc2prod_kit.screening.numbers import ranks
from poc2prod_kit.tables.dressed import measured

STEP = "split"
FEWEST_LEVELS = 20
LARGEST_GROUP, SMALLEST_GROUP = 30.0, 1.2
UNUSUAL = 5.0
DATE_LIKENESS = 0.1
CLASSES = 20
BORN = re.compile(r"birth|born|dob", re.IGNORECASE)
Values = Sequence[Any]


class Labels:
    """The target in units of its joint variance: ranks of a number, or the 20 largest classes."""

    def __init__(self, labels: Values, regression: bool) -> None:
        self.scale = 1.0
        n = max(len(labels), 1)
        if regression:
            placed = ranks([float(label) for label in labels])
            middle = sum(placed) / n
            self.classes: dict[Any, float] = {}
            self.rows: list[Any] = [value - middle for value in placed]
            self.scale = sqrt(sum(value * value for value in self.rows) / n) or 1.0
            self.rows = [value / self.scale for value in self.rows]
            return
        self.rows = list(labels)
        self.classes = {label: number / n for label, number in Counter(labels).most_common(CLASSES)}
        self.scale = sqrt(sum(share * (1 - share) for share in self.classes.values())) or 1.0

    def mean(self, rows: Sequence[int]) -> list[float]:
        """The mean label of some rows: one number, or one a class."""
        if not self.classes:
            return [sum(self.rows[row] for row in rows) / len(rows)]
        counts = Counter(self.rows[row] for row in rows)
        return [(counts[label] / len(rows) - share) / self.scale for label, share in self.classes.items()]

    def product(self, one: int, other: int) -> float:
        """How alike two rows' labels are: 1 on average for the same row, 0 for two at random."""
        a, b = self.rows[one], self.rows[other]
        if not self.classes:
            return float(a * b)
        p, q = self.classes.get(a, 0.0), self.classes.get(b, 0.0)
        squares = sum(share * share for share in self.classes.values())
        return ((a == b and p > 0) - p - q + squares) / self.scale**2


def groups(values: Values, train: Sequence[bool], labels: Labels) -> float | None:
    """How surely rows with one value share their target across the split, as z; None where the values name no
    entities.

    z of the products of a level's mean label in training and outside it, less those of the next levels. Of
    numbers, one side less the level below, the other less the level above: what varies smoothly along an
    ordered column (an age, a price) cancels, what belongs to the entity does not.
    """
    inside: dict[Any, list[int]] = defaultdict(list)
    outside: dict[Any, list[int]] = defaultdict(list)
    for row, (value, side) in enumerate(zip(values, train, strict=True)):
        if value is not None:
            (inside if side else outside)[value].append(row)
    if not _entities(values, len(inside.keys() | outside.keys())):
        return None
    levels = sorted(inside)
    ordered = _ordered(values)
    products = []
    for at in range(1, len(levels) - 1):
        rows = outside.get(levels[at])
        if not rows:
            continue
        own, other = labels.mean(inside[levels[at]]), labels.mean(rows)
        below, above = ([0.0] * len(own),) * 2
        if ordered:
            below, above = labels.mean(inside[levels[at - 1]]), labels.mean(inside[levels[at + 1]])
        alike = sum((o - b) * (i - a) for i, o, b, a in zip(own, other, below, above, strict=True))
        products.append(alike * sqrt(len(rows)))
    return _z(products) if len(products) >= FEWEST_LEVELS / 2 else 0.0


def neighbours(moments: Values, labels: Labels) -> tuple[float, float]:
    """Correlation of the target between rows next to each other in time, and its z."""
    rows = sorted((row for row, when in enumerate(moments) if when is not None), key=lambda row: moments[row])
    # Few moments order nothing: of rows with the same date, none comes before the other.
    if len({moments[row] for row in rows}) < FEWEST_LEVELS:
        return 0.0, 0.0
    products = [labels.product(a, b) for a, b in pairwise(rows)]
    return sum(products) / len(products), _z(products)


def _z(products: Sequence[float]) -> float:
    spread = sqrt(sum(one * one for one in products))
    return sum(products) / spread if spread else 0.0


def _entities(values: Values, levels: int) -> bool:
    """Whether the values could name things met several times: many levels of few rows each."""
    known = [value for value in values if value is not None]
    if levels < FEWEST_LEVELS or not SMALLEST_GROUP <= len(known) / levels <= LARGEST_GROUP:
        return False
    sentences = sum(isinstance(value, str) and len(re.findall(r"\s", value)) > 1 for value in known)
    return sentences <= 0.5 * len(known) and not measured(
        [value for value in known if isinstance(value, str)]
    )


def _ordered(values: Values) -> bool:
    """Whether the values are numbers, or texts of which most are."""
    known = [value for value in values if value is not None]
    return not any(isinstance(value, str) for value in known) or (
        sum(_is_number(str(value)) for value in known) > 0.5 * len(known)
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def find(
    columns: Mapping[str, Values],
    train: Sequence[bool],
    target: Values,
    ids: Sequence[str],
    *,
    regression: bool,
    time: bool,
    group: bool,
) -> tuple[dict[str, Any], list[Finding]]:
    """Columns that look like a group on two sides whose rows share labels, or a date that orders labels.

    `columns`: dates, categories, texts and whole numbers without a role; `train`: whether a row is a training
    row; `time`, `group`: whether dates and entities are to be looked at.
    """  # fmt: skip
    labels = Labels(target, regression)
    results: dict[str, dict[str, Any]] = {"groups": {}, "dates": {}}
    findings = []
    for name, values in columns.items():
        if any(isinstance(value, datetime) for value in values):
            if time and not BORN.search(name):
                likeness, z = neighbours(values, labels)
                results["dates"][name] = {"correlation": likeness, "z": z}
                if likeness >= DATE_LIKENESS and z >= UNUSUAL:
                    findings.append(_order(name, likeness, z))
        elif group and (certain := groups(values, train, labels)) is not None:
            results["groups"][name] = {"z": certain}
            if certain >= UNUSUAL:
                findings.append(_group(name, values, train, ids, certain))
    return results, findings


def _order(name: str, likeness: float, z: float) -> Finding:
    text = (
        f"Rows that follow each other in {name!r} have similar targets (correlation {likeness:.2f}, z = "
        f"{z:.1f}), and they stand on both sides of the split. If the model is used on later rows, set time "
        f'= "{name}" in [data].'
    )
    return Finding("order", text, (name,), STEP, likeness)


def _group(name: str, values: Values, train: Sequence[bool], ids: Sequence[str], z: float) -> Finding:
    in_training = {value for value, side in zip(values, train, strict=True) if side and value is not None}
    later = [place for place, side in enumerate(train) if not side]
    related = [place for place in later if values[place] in in_training]
    text = (
        f"{name!r} looks like a group on two sides: {len(related):,} of {len(later):,} validation and test "
        "rows share its value with training rows, and rows that share it share their target more than "
        f'chance allows (z = {z:.1f}). If new rows bring new values of it, set group = "{name}" in [data] '
        "of params.toml and run `poc` again."
    )
    share = len(related) / max(len(later), 1)
    rows = tuple(ids[place] for place in related[:SHOWN])
    return Finding("group", text, (name,), STEP, share, rows)
