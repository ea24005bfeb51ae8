"""Does a column give the target away? The part of docs/evidence/features.md that needs no model."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from math import isfinite, sqrt
from typing import Any

from .cells import Value
from .labels import Label

FOUND, FEWEST_OF_A_CLASS, FEWEST_ROWS = 0.85, 10, 20
EXACT, CLOSE, SLOPE = 0.9999, 0.95, 0.005
PURE_ROWS, PURE_CHANCE = 20, 1e-9
LEFT, MOST_PARTS, LARGEST = 1e-5, 12, 1e100


def look(values: Sequence[Value], labels: Sequence[Label], regression: bool, *, lagged: bool = False) -> str:
    """What is suspicious about a column, or "". `lagged`: rows follow in time, so likeness may be a lag."""
    if len({label for label in labels if label is not None}) < 2:
        return ""
    if not regression:
        return presence(values, labels) or ("" if lagged else copy(values, labels))
    common, count = Counter(labels).most_common(1)[0]
    often = count >= 0.05 * len(labels)
    alarm = presence(values, [float(label == common) for label in labels]) if often else ""
    pairs = [
        (number, float(label))
        for value, label in zip(values, labels, strict=True)
        if (number := as_number(value)) is not None and isinstance(label, float)
    ]
    return alarm or equal([x for x, _ in pairs], [y for _, y in pairs], lagged=lagged)


def as_number(value: Value) -> float | None:
    """A number as it is, a date in days; None for texts and missing values."""
    if isinstance(value, datetime):
        return (value - datetime(1970, 1, 1)).total_seconds() / 86_400
    return max(-LARGEST, min(LARGEST, value)) if isinstance(value, float) else None


def copy(values: Sequence[Value], labels: Sequence[Label]) -> str:
    """A column with a value for each class (one more is allowed) that finds at least 85 % of each class."""
    table: dict[Label, Counter[Value]] = defaultdict(Counter)
    for value, label in zip(values, labels, strict=True):
        table[label][value] += 1
    levels = len({value for counts in table.values() for value in counts})
    if not 2 <= levels <= len(table) + 1:
        return ""
    enough = [counts for counts in table.values() if counts.total() >= FEWEST_OF_A_CLASS]
    tops = [counts.most_common(1)[0] for counts in enough]
    if len(enough) < 2 or len({value for value, _ in tops}) < len(enough):
        return ""
    shares = [count / counts.total() for counts, (_, count) in zip(enough, tops, strict=True)]
    slack = [2 * sqrt(FOUND * (1 - FOUND) / counts.total()) for counts in enough]
    if sum(shares) / len(shares) < FOUND or any(
        one + more < FOUND for one, more in zip(shares, slack, strict=True)
    ):
        return ""
    hits = sum(count for _, count in tops) / sum(counts.total() for counts in enough)
    return f"has a value for each class and agrees with the target on {hits:.1%} of the rows"


def presence(values: Sequence[Value], labels: Sequence[Label]) -> str:
    """A column that is filled in (or empty) when, or only when, the target has one value."""
    gone = [value is None for value in values]
    if all(gone) or not any(gone):
        return ""
    counts = Counter(labels)
    n, missing = len(gone), sum(gone)
    empty = Counter(label for label, lost in zip(labels, gone, strict=True) if lost)
    for one, rows in counts.items():
        if min(rows, n - rows) < FEWEST_OF_A_CLASS:
            continue
        inside = empty[one] / rows
        outside = (missing - empty[one]) / (n - rows)
        for words, here, there, side, pure in (
            ("missing", inside, 1 - outside, missing, empty[one] == missing),
            ("filled in", 1 - inside, outside, n - missing, rows - empty[one] == n - missing),
        ):
            if min(here, there) >= FOUND:
                return f"is {words} just when the target has one value"
            if side >= PURE_ROWS and pure and (rows / n) ** side < PURE_CHANCE:
                return f"is {words} in {side} rows, and all of them have the same target"
    return ""


def equal(x: Sequence[float], y: Sequence[float], *, lagged: bool = False) -> str:
    """A column that is the target scaled, transformed, or with a little noise."""
    if len(x) < FEWEST_ROWS:
        return ""
    r = correlation(x, y)
    if not isfinite(r):
        return ""
    if r * r >= EXACT:
        return f"is the target up to a factor and a shift (correlation {r:.5f})"
    if len(set(y)) >= FEWEST_ROWS and abs(correlation(ranks(x), ranks(y))) >= EXACT:
        return "puts the rows in the very order of the target"
    if lagged or r * r < CLOSE:
        return ""
    (mean_x, sd_x), (mean_y, sd_y) = _moments(x), _moments(y)
    slope, error = r * sd_x / sd_y, sqrt(max(1 - r * r, 0.0) / len(x)) * sd_x / sd_y
    room = max(3 * error, SLOPE)
    if abs(slope - 1) <= room and abs(mean_x - mean_y) / sd_y <= room:
        return f"is the target with a little noise (slope {slope:.3f}, correlation {r:.4f})"
    return ""


def _moments(x: Sequence[float]) -> tuple[float, float]:
    mean = sum(x) / len(x)
    return mean, sqrt(sum((one - mean) * (one - mean) for one in x) / len(x))


def correlation(x: Sequence[float], y: Sequence[float]) -> float:
    """Pearson's correlation; NaN where one does not vary."""
    (mean_x, sd_x), (mean_y, sd_y) = _moments(x), _moments(y)
    if not (sd_x > 0 and sd_y > 0 and isfinite(sd_x) and isfinite(sd_y)):
        return float("nan")
    return sum((a - mean_x) / sd_x * ((b - mean_y) / sd_y) for a, b in zip(x, y, strict=True)) / len(x)


def ranks(x: Sequence[float]) -> list[float]:
    """Ranks from 1, equal values sharing their mean."""
    ordered = sorted(range(len(x)), key=x.__getitem__)
    found = [0.0] * len(x)
    start = 0
    while start < len(ordered):
        end = start
        while end < len(ordered) and x[ordered[end]] == x[ordered[start]]:
            end += 1
        for place in ordered[start:end]:
            found[place] = (start + end + 1) / 2
        start = end
    return found


def sum_of(columns: Mapping[str, Sequence[Any]], y: Sequence[float]) -> list[str]:
    """The columns of which a weighted sum is the target; none where there is no such sum.

    Fitted on every other row, judged on the rest: less than 1e-5 of the variance is left. Missing cells
    count as 0.
    """
    names, x = [], []
    for name, values in columns.items():
        numbers = [value if isinstance(value, float) else 0.0 for value in values]
        mean, sd = _moments(numbers)
        if sd > 1e-12 * max(1.0, abs(mean)) and isfinite(sd):
            names.append(name)
            x.append([(one - mean) / sd for one in numbers])
    mean, sd = _moments(y) if y else (0.0, 0.0)
    if len(names) < 2 or not sd or len(y) < max(40, 2 * len(names) + 10):
        return []
    aim = [(one - mean) / sd for one in y]
    if _left(x, aim) > LEFT:
        return []
    use = list(range(len(names)))
    for place in sorted(use, key=lambda at: abs(correlation(x[at], aim))):
        fewer = [at for at in use if at != place]
        if len(fewer) > 1 and _left([x[at] for at in fewer], aim) <= LEFT:
            use = fewer
    return [names[at] for at in use] if 2 <= len(use) <= MOST_PARTS else []


def _left(x: Sequence[Sequence[float]], y: Sequence[float]) -> float:
    """Share of the variance left on the odd rows by least squares on the even rows."""
    ones = [1.0] * len(y)
    basis = [*x, ones]
    taught = [[column[at] for at in range(0, len(y), 2)] for column in basis]
    aim = [y[at] for at in range(0, len(y), 2)]
    matrix = [
        [sum(a * b for a, b in zip(one, other, strict=True)) for other in taught]
        + [sum(a * b for a, b in zip(one, aim, strict=True))]
        for one in taught
    ]
    weights = _solved(matrix)
    rest = [
        y[at] - sum(weight * column[at] for weight, column in zip(weights, basis, strict=True))
        for at in range(1, len(y), 2)
    ]
    variance = _moments([y[at] for at in range(1, len(y), 2)])[1] ** 2
    return sum(one * one for one in rest) / len(rest) / variance if variance else 1.0


def _solved(matrix: list[list[float]]) -> list[float]:
    """Gauss-Jordan with pivoting; a column that the others give gets the weight 0."""
    size = len(matrix)
    pivots: dict[int, int] = {}
    free = list(range(size))
    for column in range(size):
        row = max(free, key=lambda at: abs(matrix[at][column]), default=-1)
        if row < 0 or abs(matrix[row][column]) < 1e-9 * len(matrix):
            continue
        free.remove(row)
        pivots[column] = row
        top = [value / matrix[row][column] for value in matrix[row]]
        matrix[row] = top
        for other in range(size):
            if other != row and matrix[other][column]:
                factor = matrix[other][column]
                matrix[other] = [a - factor * b for a, b in zip(matrix[other], top, strict=True)]
    return [matrix[pivots[column]][-1] if column in pivots else 0.0 for column in range(size)]
