"""Numbers that are means of the target over rows that share something: target encodings made on all rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from math import sqrt

from poc2prod_kit.screening import numbers
from poc2prod_kit.screening.sample import MISSING, Column, Sample

# A column that is a mean of the target has so many values, is it in so many rows, and is written so finely
# (against the standard error of such a mean) that chance does not make it one.
FEWEST, FEWEST_VALUES, NEARLY_ALL, FINE = 30, 5, 0.95, 0.1
# Correlation of value × rows − sum with the value, which is −1 for a mean that is shrunk to a constant.
SHRUNK = 0.999
PAIRS, MOST_GROUPS = 30, 40


def find(sample: Sample, columns: Sequence[Column]) -> Iterator[tuple[Column, str, int, int]]:
    """(column, of what it is the mean over which rows, rows where that holds, rows that can tell).

    Either over the rows that share the number, whatever made them one group; or over those that share another
    column, without the row itself or shrunk to a constant. None where only some of the rows are looked at,
    since the means of all are not those of some; and none for several classes.
    """
    target, y = sample.target, dict[int, float]()
    if sample.outcome == "regression":
        y = {row: target.floats[row] or 0.0 for row in sample.labelled}
        what = f"the mean of {target.name}"
    elif sample.outcome == "binary" and sample.positive in target.texts:
        positive = target.texts.index(sample.positive)
        y = {row: float(target.codes[row] == positive) for row in sample.labelled}
        what = f"the share of {target.name} = {sample.positive}"
    if not y or sample.rows < sample.total:
        return
    groups = [
        _Group(one, y)
        for one in sample.columns.values()
        if one is not target and FEWEST_VALUES <= len(one.counts) <= sample.rows / 2
    ][:MOST_GROUPS]
    _, spread = numbers.moments(list(y.values()))
    for column in columns:
        if len(column.counts) < FEWEST_VALUES:
            continue
        result = _own_mean(column, y, spread)
        others = iter(one for one in groups if one.column is not column and not result)
        while not result and (other := next(others, None)):
            result = _mean_by(column, other, y, spread)
        if result:
            yield column, f"{what} {result[0]}", result[1], result[2]


Sums = dict[int, tuple[int, float]]


class _Group:
    """A column whose values could be what a mean was taken over.

    `rows`: those that share their value with another; `pairs`: two rows with one value, to see at once
    whether a column varies within it.
    """

    def __init__(self, column: Column, y: Mapping[int, float]) -> None:
        self.column, self.sums = column, _sums(column, y)
        self.rows = [row for row in y if (code := column.codes[row]) and self.sums[code][0] > 1]
        first: dict[int, int] = {}
        both = ((first.setdefault(column.codes[row], row), row) for row in self.rows)
        self.pairs = list(islice(((a, b) for a, b in both if a != b), PAIRS))

    def same(self, column: Column) -> bool:
        """Whether another column has one value within each value of this one, on some pairs of rows."""
        return all(column.codes[a] == column.codes[b] for a, b in self.pairs)


def _sums(column: Column, y: Mapping[int, float]) -> Sums:
    """For each value: labelled rows, and the sum of their targets."""
    codes = list(map(column.codes.__getitem__, y))
    totals: dict[int, float] = defaultdict(float)
    for code, value in zip(codes, y.values(), strict=True):
        totals[code] += value
    return {code: (n, totals[code]) for code, n in Counter(codes).items() if code != MISSING}


def _own_mean(column: Column, y: Mapping[int, float], spread: float) -> tuple[str, int, int] | None:
    """(words, rows where it holds, rows that can tell) where each value is the mean target of its rows."""
    if len(column.counts) > 0.9 * column.counts.total():  # hardly any value is a mean of several rows
        return None
    room, right, whole, telling = 0.501 * column.last_digit, 0, 0, 0
    for code, (n, total) in _sums(column, y).items():
        if n > 1 and room < FINE * spread / sqrt(n):
            telling += 1
            whole += n
            right += n * (abs(total / n - (column.numbers[code] or 0.0)) <= room + 1e-9 * abs(total))
    if telling < FEWEST_VALUES or whole < FEWEST or right < NEARLY_ALL * whole:
        return None
    return "over the rows that share this value", right, whole


def _mean_by(
    column: Column, group: _Group, y: Mapping[int, float], spread: float
) -> tuple[str, int, int] | None:
    """As `_own_mean`, over the other rows with the same value of another column, or shrunk to a constant."""
    codes, values = group.column.codes, column.numbers
    room = 0.501 * column.last_digit

    def holds(some: Sequence[int]) -> int:
        total = 0
        for row in some:
            n, summed = group.sums[codes[row]]
            own = values[column.codes[row]]
            total += own is not None and abs((summed - y[row]) / (n - 1) - own) <= room + 1e-9 * abs(own)
        return total

    first_rows = group.rows[:PAIRS]
    if len(group.rows) < FEWEST or room >= FINE * spread:
        return None
    if holds(first_rows) >= 0.5 * len(first_rows):
        known = [row for row in group.rows if column.codes[row] != MISSING]
        right = holds(known)
        if len(known) >= FEWEST and right >= NEARLY_ALL * len(known):
            return f"over the other rows of the same {group.column.name}", right, len(known)
    if not group.same(column):
        return None
    # (sum + k × constant) / (rows + k), so value × rows − sum falls along a line as the value rises
    first: dict[int, int] = {}
    known = [row for row in group.rows if column.codes[row] != MISSING]
    same = sum(first.setdefault(codes[row], column.codes[row]) == column.codes[row] for row in known)
    own = {code: values[cell] or 0.0 for code, cell in first.items()}
    off = [own[code] * group.sums[code][0] - group.sums[code][1] for code in own]
    if len(own) < 2 * FEWEST_VALUES or same < NEARLY_ALL * len(known):
        return None
    if numbers.correlation(list(own.values()), off) > -SHRUNK:
        return None
    return f"over the rows of the same {group.column.name}, shrunk to a constant", same, len(known)
