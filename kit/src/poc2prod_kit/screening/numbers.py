"""Correlation, ranks and least squares of plain lists, with the standard library."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from math import log, sqrt
from operator import mul

LEFT = 1e-5
FEWEST = 40
MOST_PARTS = 12

Vector = Sequence[float]


def moments(x: Vector) -> tuple[float, float]:
    """Mean and standard deviation (of the rows themselves, not of a larger population)."""
    mean = sum(x) / len(x)
    off = [one - mean for one in x]
    return mean, sqrt(sum(map(mul, off, off)) / len(x))


def correlation(x: Vector, y: Vector) -> float:
    """Pearson's r; 0 where one does not vary."""
    (mean_x, sd_x), (mean_y, sd_y) = moments(x), moments(y)
    if not sd_x * sd_y > 0:
        return 0.0
    return sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True)) / (sd_x * sd_y * len(x))


def ranks(values: Vector) -> list[float]:
    """Ranks from 1, the mean rank among equals."""
    counts = Counter(values)
    middle, before = {}, 0
    for value in sorted(counts):
        middle[value] = before + (counts[value] + 1) / 2
        before += counts[value]
    return [middle[value] for value in values]


def weighted_sum(columns: Mapping[str, Vector], y: Vector) -> dict[str, float]:
    """The fewest columns of which a weighted sum and a constant is y, with their weights; none where none is.

    Fitted by least squares on every other row, judged on the rest: less than 1e-5 of the variance is left.
    """
    mean, sd = moments(y) if len(y) >= FEWEST else (0.0, 0.0)
    scaled, scales = {}, {}
    for name, values in columns.items():
        middle, spread = moments(values) if sd else (0.0, 0.0)
        if spread > 1e-12 * max(1.0, abs(middle)):
            scaled[name], scales[name] = [(one - middle) / spread for one in values], spread
    if len(scaled) < 2 or len(y) < max(FEWEST, 2 * len(scaled) + 10):
        return {}
    basis = [*scaled.values(), [1.0] * len(y), [(one - mean) / sd for one in y]]
    fitted, held_out = _products([x[::2] for x in basis]), _products([x[1::2] for x in basis])
    use = list(range(len(scaled)))
    if _left(fitted, held_out, use)[0] > LEFT:
        return {}
    for place in sorted(use, key=lambda at: abs(fitted[at][-1])):
        fewer = [at for at in use if at != place]
        if len(fewer) > 1 and _left(fitted, held_out, fewer)[0] <= LEFT:
            use = fewer
    names = list(scaled)
    weights = _left(fitted, held_out, use)[1]
    results = {names[at]: weight * sd / scales[names[at]] for at, weight in zip(use, weights, strict=False)}
    return results if 2 <= len(results) <= MOST_PARTS else {}


def weighted_product(columns: Mapping[str, Vector], y: Vector) -> dict[str, float]:
    """As `weighted_sum`, of the logarithms: columns of which a product of powers is y."""
    positive = {name: values for name, values in columns.items() if min(values, default=0) > 0}
    if len(positive) < 2 or min(y, default=0) <= 0:
        return {}
    return weighted_sum(
        {name: list(map(log, values)) for name, values in positive.items()}, list(map(log, y))
    )


def _products(basis: Sequence[Vector]) -> list[list[float]]:
    """The products of each two of the vectors."""
    made = [[sum(map(mul, one, other)) for other in basis[: at + 1]] for at, one in enumerate(basis)]
    return [[made[max(a, b)][min(a, b)] for b in range(len(basis))] for a in range(len(basis))]


def _left(
    fitted: list[list[float]], held_out: list[list[float]], use: list[int]
) -> tuple[float, list[float]]:
    """(share of the variance left on the held-out rows, weights) by least squares on the fitted rows.

    The last vector is y, the last but one the constant.
    """
    size = len(fitted)
    chosen = [*use, size - 2]
    weights = solved([[fitted[a][b] for b in chosen] + [fitted[a][-1]] for a in chosen])
    rest = held_out[-1][-1] - 2 * sum(w * held_out[at][-1] for w, at in zip(weights, chosen, strict=True))
    for one, at in zip(weights, chosen, strict=True):
        rest += one * sum(w * held_out[at][other] for w, other in zip(weights, chosen, strict=True))
    n = held_out[-2][-2]
    variance = held_out[-1][-1] - held_out[-2][-1] ** 2 / n
    return (max(rest, 0.0) / variance if variance > 0 else 1.0), weights


def solved(matrix: list[list[float]]) -> list[float]:
    """The solution of linear equations, a row each with its right-hand side last (Gauss-Jordan, pivoting).

    A column that the others give gets the weight 0.
    """
    size = len(matrix)
    pivots: dict[int, int] = {}
    free = list(range(size))
    for column in range(size):
        row = max(free, key=lambda at: abs(matrix[at][column]), default=-1)
        if row < 0 or abs(matrix[row][column]) < 1e-9 * size:
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
