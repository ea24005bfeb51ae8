"""Numbers that are means of the target over rows that share something: target encodings made on all rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from math import sqrt

from poc2prod_kit.screening import numbers
from poc2prod_kit.screening.sample import MISSING, Column, Sample

# A column that is a mean of the target has so many values, is it in so many rows, and is written so finely
# (against the standard error of such a mean) that chance does not make it one.
FEWEST, FEWEST_VALUES, NEARLY_ALL, FINE = 30, 5, 0.95, 0.1
# Correlation of value × rows − sum with the value, which is −1 for a mean that is shrunk to a constant.
SHRUNK = 0.999
PROBE, MOST_GROUPS = 2000, 40


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
        one
        for one in sample.columns.values()
        if one is not target and FEWEST_VALUES <= len(one.counts) <= sample.rows / 2
    ][:MOST_GROUPS]
    sums = {one.name: _sums(one, y) for one in groups}
    for column in columns:
        if len(column.counts) < FEWEST_VALUES:
            continue
        result = _own_mean(column, y)
        others = iter(one for one in groups if one is not column and not result)
        while not result and (other := next(others, None)):
            result = _mean_by(column, other, sums[other.name], y)
        if result:
            yield column, f"{what} {result[0]}", result[1], result[2]


Sums = dict[int, tuple[int, float]]


def _sums(column: Column, y: Mapping[int, float]) -> Sums:
    """For each value: labelled rows, and the sum of their targets."""
    counts: Counter[int] = Counter()
    totals: dict[int, float] = defaultdict(float)
    for row, value in y.items():
        counts[column.codes[row]] += 1
        totals[column.codes[row]] += value
    return {code: (n, totals[code]) for code, n in counts.items() if code != MISSING}


def _own_mean(column: Column, y: Mapping[int, float]) -> tuple[str, int, int] | None:
    """(words, rows where it holds, rows that can tell) where each value is the mean target of its rows."""
    _, spread = numbers.moments(list(y.values()))
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
    column: Column, other: Column, sums: Sums, y: Mapping[int, float]
) -> tuple[str, int, int] | None:
    """As `_own_mean`, over the other rows with the same value of another column, or shrunk to a constant."""
    room, values = 0.501 * column.last_digit, column.numbers
    _, spread = numbers.moments(list(y.values()))
    if room >= FINE * spread:
        return None
    rows = [
        row for row in y if column.codes[row] != MISSING and (code := other.codes[row]) and sums[code][0] > 1
    ]
    probe = rows[:: max(len(rows) // PROBE, 1)]
    if len(probe) < FEWEST:
        return None

    def holds(some: Sequence[int]) -> int:
        total = 0
        for row in some:
            n, summed = sums[other.codes[row]]
            own = values[column.codes[row]] or 0.0
            total += abs((summed - y[row]) / (n - 1) - own) <= room + 1e-9 * abs(own)
        return total

    if holds(probe[:10]) and holds(probe) >= NEARLY_ALL * len(probe):
        return f"over the other rows of the same {other.name}", holds(rows), len(rows)
    # (sum + k × constant) / (rows + k), so value × rows − sum falls along a line as the value rises
    first: dict[int, int] = {}
    if any(first.setdefault(other.codes[row], column.codes[row]) != column.codes[row] for row in probe):
        return None
    own = {code: values[cell] or 0.0 for code, cell in first.items()}
    off = [own[code] * sums[code][0] - sums[code][1] for code in own]
    if len(own) < 2 * FEWEST_VALUES or numbers.correlation(list(own.values()), off) > -SHRUNK:
        return None
    same = sum(first.get(other.codes[row]) == column.codes[row] for row in rows)
    return f"over the rows of the same {other.name}, shrunk to a constant", same, len(rows)
