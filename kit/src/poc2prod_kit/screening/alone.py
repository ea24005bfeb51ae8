"""How well one column alone predicts the target, out of fold."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence

from poc2prod_kit.screening.numbers import ranks
from poc2prod_kit.screening.sample import MISSING, Column, Sample
from poc2prod_kit.tables.sampling import GOLDEN, WHOLE

MEASURES = {"binary": "AUC", "multiclass": "balanced accuracy", "regression": "R²"}
FOLDS, BLOCKS = 3, 30
BINS, ROWS_OF_A_BIN = 64, 5
FAR, APART = {"binary": 0.9, "multiclass": 0.9, "regression": 0.8}, 1 / 3

Cells = Sequence[tuple[int, Hashable]]


def folds(sample: Sample) -> list[int]:
    """The fold of each labelled row: groups whole, else by blocks of time, else spread evenly."""
    if sample.roles.group:
        codes = sample.columns[sample.roles.group].codes
        return [(codes[row] or row) % FOLDS for row in sample.labelled]
    if sample.roles.time:
        size = max(len(sample.in_time) // BLOCKS, 1)
        block = {row: place // size % FOLDS for place, row in enumerate(sample.in_time)}
        return [block.get(row, 0) for row in sample.labelled]
    return [sample.places[row] * GOLDEN % WHOLE * FOLDS // WHOLE for row in sample.labelled]


def score(sample: Sample, column: Column, fold: Sequence[int]) -> float | None:
    """AUC, balanced accuracy or R² of the mean target in each bin of the column (words: each word's).

    Out of fold. None for texts that hardly repeat, and where the column or target does not vary.
    """
    level_of = levels(sample, column)
    if level_of is None or len(sample.target.counts) < 2 or not column.counts:
        return None
    cells = [(fold, level_of[row]) for fold, row in zip(fold, sample.labelled, strict=True)]
    if sample.outcome == "regression":
        return _r_squared(cells, sample.y)
    table: dict[tuple[int, Hashable], Counter[int]] = defaultdict(Counter)
    for (cell, label), n in Counter(zip(cells, sample.labels, strict=True)).items():
        table[cell][label] = n
    return _of_classes(table, sample.outcome)


def of_ranks(sample: Sample, column: Column) -> float | None:
    """As `score` of a regression, of the ranks of the target: few huge values do not decide it."""
    level_of = levels(sample, column)
    if level_of is None:
        return None
    cells = [(fold, level_of[row]) for fold, row in zip(folds(sample), sample.labelled, strict=True)]
    return _r_squared(cells, ranks(sample.y))


def cut_off(score: float) -> str:
    """Three digits, not rounded up."""
    return f"{int(score * 1000) / 1000:.3f}"


def ranked(scores: dict[str, float | None]) -> list[tuple[str, float]]:
    """The columns that have a score, the best first."""
    known = [(name, value) for name, value in scores.items() if value is not None]
    return sorted(known, key=lambda pair: (-pair[1], pair[0]))


def stands_out(best: Sequence[tuple[str, float]], outcome: str) -> bool:
    """Whether the first of these columns, the best first, does far better alone than the others.

    Far: AUC or balanced accuracy of .9; and it lacks at most a third of what the next lacks to 1. Numbers
    to predict are left out: a quantity that honestly goes with another is usual, as last year's price.
    """
    if outcome == "regression" or len(best) < 2 or best[0][1] < FAR[outcome]:
        return False
    return 1 - best[0][1] <= APART * (1 - best[1][1])


def levels(sample: Sample, column: Column) -> Sequence[Hashable] | None:
    """Each row's bin of about equally many rows, or its code where the column holds words."""
    distinct, known = len(column.counts), column.counts.total()
    if not column.numeric and column.type != "date":
        return column.codes if distinct <= sample.rows / 5 else None
    bins = min(BINS, known // ROWS_OF_A_BIN)
    values = dict(zip(column.codes, column.floats, strict=True))
    place, before = {MISSING: -1}, 0
    for value, code in sorted((value, code) for code, value in values.items() if value is not None):
        del value
        place[code] = before * bins // max(known, 1)
        before += column.counts[code]
    return [place.get(code, -1) for code in column.codes]


def _of_classes(table: dict[tuple[int, Hashable], Counter[int]], outcome: str) -> float:
    whole: Counter[int] = Counter()
    levels: dict[Hashable, Counter[int]] = defaultdict(Counter)
    inside: dict[int, Counter[int]] = defaultdict(Counter)
    for (fold, level), counts in table.items():
        levels[level] += counts
        inside[fold] += counts
        whole += counts
    labels = sorted(whole)
    hits: Counter[int] = Counter()
    scored: dict[float, Counter[int]] = defaultdict(Counter)
    for (fold, level), counts in table.items():
        rest, mean = levels[level] - counts, whole - inside[fold]
        chances = {
            label: (rest[label] + mean[label] / max(mean.total(), 1)) / (rest.total() + 1) for label in labels
        }
        best = max(labels, key=lambda label: chances[label])
        hits[best] += counts[best]
        scored[chances[labels[-1]]] += counts
    if outcome == "multiclass":
        return sum(hits[label] / whole[label] for label in labels) / len(labels)
    below, area = 0.0, 0.0
    negative, positive = labels
    for _, counts in sorted(scored.items()):
        area += counts[positive] * (below + counts[negative] / 2)
        below += counts[negative]
    return area / (whole[negative] * whole[positive])


def _r_squared(cells: Cells, y: Sequence[float]) -> float | None:
    sums: dict[tuple[int, Hashable], list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    middle = sum(y) / len(y)
    for cell, value in zip(cells, y, strict=True):
        item, off = sums[cell], value - middle
        item[0] += 1
        item[1] += off
        item[2] += off * off
    levels: dict[Hashable, list[float]] = defaultdict(lambda: [0.0, 0.0])
    inside: dict[int, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for (fold, level), (n, total, _) in sums.items():
        for item in (levels[level], inside[fold]):
            item[0] += n
            item[1] += total
    left = 0.0
    for (fold, level), (n, total, squares) in sums.items():
        outside = len(y) - inside[fold][0]
        mean = -inside[fold][1] / outside if outside else 0.0
        guess = (levels[level][1] - total + mean) / (levels[level][0] - n + 1)
        left += squares - 2 * guess * total + n * guess * guess
    whole = sum(squares for _, _, squares in sums.values())
    return 1 - left / whole if whole > 0 else None
