"""Columns that give the target away: one alone, one that exceeds another, several that make up the target.

The thresholds, and what they were measured on: docs/evidence/features.md.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from functools import partial
from itertools import combinations, pairwise
from math import log, sqrt

from poc2prod_kit.screening import alone, numbers, target_means
from poc2prod_kit.screening.entities import timely
from poc2prod_kit.screening.finding import ASK, Finding, percent
from poc2prod_kit.screening.sample import MISSING, Column, Sample
from poc2prod_kit.tables import sampling

STEP = "features"
FEWEST = 30
FEWEST_OF_A_CLASS, FEWEST_MISSING = 10, 20
# A share of each class by which a column is the label with errors, or is filled in just for one class.
AGREES = 0.85
PURE_CHANCE = 1e-9
SEPARATES = {"binary": 0.99, "multiclass": 0.985, "regression": 0.98}
# From this R² on ranks are tried too: a few huge targets hide a column that gives away all the others.
# An honest y = exp(x) with 10 % noise reaches .989 in ranks.
SKEWED, RANKED, TOGETHER = 0.3, 0.99, 0.9
TELLS, ENTITY_TELLS = {"binary": 0.9, "multiclass": 0.98}, 0.98
FEW_VALUES = 50
PROBE, SCORED = 2000, 20_000
EXACT, NOISY, IN_ORDER, CLOSE, SLOPE = 0.999999, 0.97, 0.999, 0.95, 0.005
NEXT, FEWEST_NEXT, FEWEST_LAGS = 0.95, 10, 3
LATE = 0.01
COMMON = 0.05
MOST_COLUMNS, MOST_WEIGHTED = 40, 100
WORD = re.compile(r"[^\w]+|_")

Pairs = Sequence[tuple[float, float]]


def find(sample: Sample, scores: dict[str, float | None]) -> Iterator[Finding]:
    """All leaks. `scores`: how well each column does alone, see `scored`."""
    if not sample.outcome or len(sample.labelled) < FEWEST:
        return
    results = {
        column.name: result for column in candidates(sample) if (result := single(sample, column, scores))
    }
    yield from results.values()
    yield from _lags(sample, results)
    yield from _stands_out(sample, scores, results)
    yield from _late(sample)
    yield from _target_means(sample, results)
    if sample.classes:
        yield from _larger_tells(sample, scores, results)
    if sample.outcome == "regression":
        yield from _parts(sample, results)


def candidates(sample: Sample) -> list[Column]:
    """Columns that could give the target away: all that vary but those with a role."""
    return [
        one
        for one in sample.columns.values()
        if one.name not in sample.roles.special and len(one.counts) + bool(one.missing) > 1
    ]


def scored(sample: Sample) -> dict[str, float | None]:
    """How well each column does alone, on at most about 20,000 rows; None where that cannot be said."""
    if not sample.outcome or len(sample.labelled) < FEWEST:
        return {}
    few = drawn(sample)
    fold = alone.folds(few)
    names = [one.name for one in candidates(sample) if one.name not in sample.numberings]
    return {name: alone.score(few, few.columns[name], fold) for name in names}


def drawn(sample: Sample) -> Sample:
    """At most about 20,000 of the rows."""
    return sample.only(sampling.drawn(sample.places, min(SCORED / sample.total, 1.0)))


def single(sample: Sample, column: Column, scores: dict[str, float | None]) -> Finding | None:
    """The strongest reason why a column alone gives the target away, if there is one."""
    if result := _presence(sample, column) or _next(sample, column):
        return result
    if len(column.counts) < 2 or _is_lag(sample, column):
        return None
    own = scores.get(column.name)
    if sample.classes:
        return (
            _tells(sample, column)
            or _agrees(sample, column)
            or _separates(sample, column, own)
            or _names(sample, column)
        )
    return _same_number(sample, column) or _fixes(sample, column) or _explains(sample, column, own)


def _leak(column: Column, text: str, share: float, weight: float = 0.96) -> Finding:
    return Finding("leak", text, (column.name,), STEP, share, weight=weight)


def _predicts(sample: Sample, how: str, share: float) -> str:
    whole = len(sample.labelled)
    return f"{how} tells {sample.target.name} on {percent(share, 1)} of the {whole:,} labelled rows. {ASK}"


def gain(right: int, sample: Sample) -> float:
    """How much of the way from the most frequent class to all rows right."""
    most, whole = max(sample.target.counts.values()), len(sample.labelled)
    return (right - most) / (whole - most) if whole > most else 0.0


# One column: classes


def _tells(sample: Sample, column: Column) -> Finding | None:
    """A threshold, or the value, that is nearly always followed by one label."""
    whole = len(sample.labelled)
    right, cut = _cut(sample, column)
    how = f"Whether {column.name} is above {cut or 0:g} alone"
    if gain(right, sample) < TELLS["binary"]:
        right, how = others_tell(sample, column), f"The value of {column.name} alone"
        if gain(right, sample) < (ENTITY_TELLS if column.name in sample.entities else TELLS[sample.outcome]):
            return None
    share = right / whole
    if column.name in sample.numberings:
        text = (
            f"The rows are sorted by {sample.target.name}: {column.name}, which numbers them, tells it on "
            f"{percent(share, 1)}. Exclude {column.name}, or make it the id."
        )
        return _leak(column, text, share)
    return _leak(column, _predicts(sample, how, share), share, 1.0 if share > 0.999 else 0.96)


def others_tell(sample: Sample, column: Column) -> int:
    """Rows whose label is that of most *other* rows with this value; 0 where many values are single."""
    if list(column.counts.values()).count(1) > 0.1 * sample.rows:
        return 0
    ends = (sorted([0, *tally.values()])[-2:] for tally in sample.tallies(column).values())
    return sum(most for rival, most in ends if most - 1 > rival)


def _cut(sample: Sample, column: Column) -> tuple[int, float]:
    """(rows right, threshold) of the best cut of a number for two labels; 0 where a probe shows none."""
    if not column.numeric or sample.outcome != "binary":
        return 0, 0.0
    rows = sample.labelled
    probe = rows[:: max(len(rows) // PROBE, 1)]
    right, _ = _threshold(sample, column, probe)
    most = max(Counter(sample.target.codes[row] for row in probe).values())
    if len(probe) < len(rows) and right - most < 0.8 * (len(probe) - most):
        return 0, 0.0
    return _threshold(sample, column, rows)


def _threshold(sample: Sample, column: Column, rows: Sequence[int]) -> tuple[int, float]:
    """The best single cut; rows without a value count as wrong."""
    labels, values = sample.target.codes, column.floats
    ordered = sorted((v, labels[row]) for row in rows if (v := values[row]) is not None)
    if not ordered:
        return 0, 0.0
    first = ordered[0][1]
    right = sum(label != first for _, label in ordered)
    whole, best = len(ordered), (0, 0.0)
    for (value, label), following in zip(ordered, [*ordered[1:], None], strict=True):
        right += 1 if label == first else -1
        if following and following[0] > value:
            best = max(best, (max(right, whole - right), value))
    return best


def _agrees(sample: Sample, column: Column) -> Finding | None:
    """A column with a value for each class that finds at least 85 % of each class: the label with errors.

    The mean over classes must be 85 %, and each class's share may lie below it by 2 standard errors; classes
    of fewer than 10 rows do not count. By class, so that a rare class is not outvoted.
    """
    if not 2 <= len(column.counts) + bool(column.missing) <= len(sample.target.counts) + 1:
        return None
    table: dict[int, Counter[int]] = defaultdict(Counter)
    for (value, label), n in sample.pairs(column).items():
        table[label][value] = n
    enough = [counts for counts in table.values() if counts.total() >= FEWEST_OF_A_CLASS]
    tops = [counts.most_common(1)[0] for counts in enough]
    if len(enough) < 2 or len({value for value, _ in tops}) < len(tops):
        return None
    shares = [n / counts.total() for counts, (_, n) in zip(enough, tops, strict=True)]
    slack = [2 * sqrt(AGREES * (1 - AGREES) / counts.total()) for counts in enough]
    if sum(shares) / len(shares) < AGREES or any(a + b < AGREES for a, b in zip(shares, slack, strict=True)):
        return None
    share = sum(n for _, n in tops) / sum(counts.total() for counts in enough)
    text = (
        f"{column.name} has a value for each class of {sample.target.name} and agrees with it on "
        f"{percent(share, 1)} of the rows: it looks like the label itself. {ASK}"
    )
    return _leak(column, text, share)


def _separates(sample: Sample, column: Column, own: float | None) -> Finding | None:
    """A column that alone predicts the class as only the target itself can."""
    if own is None or own < SEPARATES[sample.outcome]:
        return None
    measure = alone.MEASURES[sample.outcome]
    return _leak(
        column, f"{column.name} alone predicts {sample.target.name} with {measure} {own:.3f}. {ASK}", own
    )


def _presence(sample: Sample, column: Column) -> Finding | None:
    """A column that is empty (or filled in) when, or only when, the target has one value."""
    if not column.missing or not column.counts:
        return None
    labels, n = sample.target, len(sample.labelled)
    sizes, empty = labels.counts, sample.tallies(column)[MISSING]
    gone = empty.total()
    asked = list(sizes) if sample.classes else [sizes.most_common(1)[0][0]]
    items: list[tuple[float, bool, str]] = []
    for label in asked:
        size = sizes[label]
        if min(size, n - size) < FEWEST_OF_A_CLASS or (not sample.classes and size < COMMON * n):
            continue
        for word, inside, outside in (
            ("is empty", empty[label], gone - empty[label]),
            ("has a value", size - empty[label], n - size - gone + empty[label]),
        ):
            only = inside >= FEWEST_MISSING and not outside and inside * log(size / n) < log(PURE_CHANCE)
            if only or min(inside / size, 1 - outside / (n - size)) >= AGREES:
                text = (
                    f"{column.name} {word} in {inside:,} of the {size:,} rows where {labels.name} is "
                    f"{labels.texts[label]}, and in {outside:,} of all others, as if filled in after the "
                    "fact. "
                )
                items.append(((inside + n - size - outside) / n, word == "is empty", text + ASK))
    if not items:
        return None
    share, _, text = max(items)
    return _leak(column, text, share, 0.97)


def _names(sample: Sample, column: Column) -> Finding | None:
    """A text, path or code that spells the label (a folder name, for one), or a word in it that marks it."""
    if column.type not in ("category", "text") or len(column.counts) <= FEW_VALUES:
        return None
    labels = sample.target
    known = {labels.texts[code].casefold() for code in labels.counts}
    words = [set(WORD.split(text.casefold())) - {""} for text in column.texts]
    right = sum(
        words[column.codes[row]] & known == {labels.texts[labels.codes[row]].casefold()}
        for row in sample.labelled
    )
    if gain(right, sample) >= TELLS["binary"]:
        share = right / len(sample.labelled)
        return _leak(column, _predicts(sample, f"{column.name} spells the label, and so", share), share)
    return _marked(sample, column, words)


def _marked(sample: Sample, column: Column, words: Sequence[set[str]]) -> Finding | None:
    """A word that stands in most rows of one label and in few others."""
    rows = sample.labelled[:: max(len(sample.labelled) // (2 * PROBE), 1)]
    tallies: dict[str, Counter[int]] = defaultdict(Counter)
    sizes = Counter(sample.target.codes[row] for row in rows)
    for row in rows:
        for word in words[column.codes[row]]:
            tallies[word][sample.target.codes[row]] += 1
    best: tuple[float, str, int] = (0.0, "", 0)
    for word, tally in tallies.items():
        for label, n in tally.items():
            others = len(rows) - sizes[label]
            if min(sizes[label], others) >= FEWEST_MISSING:
                best = max(best, (n / sizes[label] - (tally.total() - n) / others, word, label))
    apart, word, label = best
    if apart < 0.87:
        return None
    labels, whole = sample.target, len(sample.labelled)
    having = Counter(labels.codes[row] for row in sample.labelled if word in words[column.codes[row]])
    size = labels.counts[label]
    outside = having.total() - having[label]
    text = (
        f'{column.name} says "{word}" in {percent(having[label], size)} of the rows with {labels.name} = '
        f"{labels.texts[label]} and in {percent(outside, whole - size)} of the others. {ASK}"
    )
    return _leak(column, text, (having[label] + whole - size - outside) / whole)


# One column: rows that follow each other in time


def _next(sample: Sample, column: Column) -> Finding | None:
    """A column that holds the target of the next row in time, on 95 % of the rows where it changes."""
    differs, equal = _shifted(sample, column, 1)
    if differs < FEWEST_NEXT or equal < NEXT * differs:
        return None
    text = (
        f"{column.name} is {sample.target.name} of the row after in {sample.roles.time}, on {equal:,} of the "
        f"{differs:,} rows where it changes. {ASK}"
    )
    return _leak(column, text, equal / differs, 0.98)


def _is_lag(sample: Sample, column: Column) -> bool:
    """Whether a column is the target of the row before, which is known in time."""
    differs, equal = _shifted(sample, column, -1)
    return differs >= FEWEST_LAGS and equal >= NEXT * differs


def _lags(sample: Sample, reported: Collection[str]) -> Iterator[Finding]:
    """Columns that are the target of the row before: told, no problem."""
    for column in candidates(sample):
        if column.name not in reported and _is_lag(sample, column):
            text = f"{column.name} is {sample.target.name} of the row before in {sample.roles.time}."
            yield Finding("lag", text, (column.name,), weight=0.6)


def _shifted(sample: Sample, column: Column, step: int) -> tuple[int, int]:
    """Rows where the target changes to the next (previous) row, and those whose cell is the changed one."""
    changes = [(a, b)[::step] for a, b in sample.changes]
    if not changes or len(column.counts) < 2:
        return 0, 0
    target = sample.target
    pairs = Counter((column.codes[here], target.codes[there]) for here, there in changes)
    pairs = Counter({(cell, label): n for (cell, label), n in pairs.items() if cell != MISSING})
    alike, meant = _written(column), _written(target)
    if len(alike) == len(meant) == 2:
        # 0 beside no, 1 beside yes: the lower value stands for the lower one
        alike, meant = ({code: str(at) for at, code in enumerate(_in_order(one))} for one in (column, target))
    return pairs.total(), sum(n for (cell, label), n in pairs.items() if alike[cell] == meant[label])


def _in_order(column: Column) -> list[int]:
    """The codes of a column's values, the lowest first."""
    return sorted(column.counts, key=lambda code: (column.numbers[code] or 0.0, column.texts[code]))


def _written(column: Column) -> dict[int, str]:
    """The values as text, numbers in one notation."""
    numbers = column.numbers if column.numeric else [None] * len(column.texts)
    return {
        code: column.texts[code] if (number := numbers[code]) is None else f"{number:.9g}"
        for code in column.counts
    }


# One column: numbers to predict

SHAPES: tuple[tuple[str, Callable[[float], float]], ...] = (
    ("on another scale", lambda y: y),
    ("as a logarithm", log),
    ("as a reciprocal", lambda y: 1 / y),
    ("as a square root", sqrt),
    ("squared", lambda y: y * y),
)


def _same_number(sample: Sample, column: Column) -> Finding | None:
    """A number that is the target rewritten, or the target up to noise."""
    if not column.numeric or len(column.counts) < 3 or column.name in sample.numberings:
        return None
    pairs = _known(sample, column)
    if len(pairs) < max(FEWEST, 0.3 * len(sample.labelled)):
        return None
    if not _likeness(pairs[:: max(len(pairs) // PROBE, 1)])[0]:
        return None
    strength, how = _likeness(pairs)
    if not strength:
        return None
    text = f"{column.name} is {sample.target.name} {how}, on {len(pairs):,} rows. "
    weight = 0.99 if strength > 1 else 0.95 if strength > 0.99 else 0.85
    return _leak(column, text + ("Exclude it." if strength == 2 else ASK), min(strength, 1.0), weight)


def _known(sample: Sample, column: Column) -> Pairs:
    """(value, target) of the rows that have both, in the order of time."""
    x, y = column.floats, sample.target.floats
    return [(a, b) for row in sample.in_time if (a := x[row]) is not None and (b := y[row]) is not None]


def _likeness(pairs: Pairs) -> tuple[float, str]:
    """(strength, what is said) of a column that is the target in other words; (0, "") of any other."""
    x, y = [a for a, _ in pairs], [b for _, b in pairs]
    r = abs(numbers.correlation(x, y))
    rho = abs(numbers.correlation(numbers.ranks(x), numbers.ranks(y)))
    if r < NOISY and rho < IN_ORDER:
        return 0.0, ""
    together, steps = _steps(pairs)
    if together >= 0.98 and (shape := _shape(pairs)):
        return 2.0, shape
    if rho >= IN_ORDER and together >= 0.98:
        return 1.0 + rho, f"in its order (rank correlation {alone.cut_off(rho)})"
    if r >= NOISY and (steps >= 0.9 or _with_noise(x, y, r)):
        return r, f"up to little noise (correlation {alone.cut_off(r)})"
    return 0.0, ""


def _steps(pairs: Pairs) -> tuple[float, float]:
    """(share of steps, row to row, that go in one direction, r of the steps): low for a common trend."""
    steps = [(c - a, d - b) for (a, b), (c, d) in pairwise(pairs) if a != c or b != d]
    moved = [(a > 0) == (b > 0) for a, b in steps if a and b]
    same = sum(moved) / len(moved) if moved else 0.0
    r = numbers.correlation([a for a, _ in steps], [b for _, b in steps]) if steps else 0.0
    return max(same, 1 - same), abs(r)


def _shape(pairs: Pairs) -> str:
    """How the column is the target rewritten; "" where it is not exactly that."""
    positive = min(y for _, y in pairs) > 0
    for text, rewritten in SHAPES if positive else SHAPES[:1]:
        if abs(numbers.correlation([x for x, _ in pairs], [rewritten(y) for _, y in pairs])) >= EXACT:
            return text
    return ""


def _with_noise(x: Sequence[float], y: Sequence[float], r: float) -> bool:
    """Whether the regression of the column on the target has slope 1, meets its mean, and explains 95 %."""
    (mean_x, sd_x), (mean_y, sd_y) = numbers.moments(x), numbers.moments(y)
    room = max(3 * sqrt(max(1 - r * r, 0.0) / len(x)) * sd_x / sd_y, SLOPE)
    return r * r >= CLOSE and abs(r * sd_x / sd_y - 1) <= room and abs(mean_x - mean_y) / sd_y <= room


def _fixes(sample: Sample, column: Column) -> Finding | None:
    """A column of whose every value all rows have the same number to predict."""
    target, rows = sample.target, len(sample.labelled)
    coded = column.type == "text" or len(column.counts) < 5 or (column.numeric and column.type != "integer")
    if coded or len(target.counts) < 10 or target.counts.most_common(1)[0][1] > 0.5 * rows:
        return None
    first: dict[int, int] = {}
    same = again = 0
    for row in sample.labelled:
        code = column.codes[row]
        if code != MISSING and code in first:
            again += 1
            same += target.codes[first[code]] == target.codes[row]
        first.setdefault(code, row)
    if again < max(FEWEST, 0.3 * rows) or same < 0.99 * again:
        return None
    text = (
        f"Rows that share their {column.name} share their {target.name}, in {percent(same, again)} of cases: "
        f"{column.name} fixes it. {ASK}"
    )
    return _leak(column, text, same / again, 0.94)


def _explains(sample: Sample, column: Column, own: float | None) -> Finding | None:
    """A column that alone explains a number, or its ranks, out of fold: by a curve, or by each value's mean.

    Dates and times explain whatever grows, so they are left out, and so is a number that has the target's
    trend but not its steps from row to row.
    """
    if own is None or own < SKEWED or timely(column):
        return None
    what = sample.target.name
    if own < SEPARATES["regression"]:
        few = drawn(sample)
        own, what = alone.of_ranks(few, few.columns[column.name]) or 0.0, f"the ranks of {what}"
        if own < RANKED:
            return None
    if column.numeric and _steps(_curve(sample, column))[1] < TOGETHER:
        return None
    text = f"{column.name} alone predicts {what} with R² {alone.cut_off(own)} on rows held out. {ASK}"
    return _leak(column, text, own)


def _curve(sample: Sample, column: Column) -> Pairs:
    """(the mean target of the row's bin of the column, its own target) in the order of time."""
    levels, y = alone.levels(sample, column) or [], sample.target.floats
    sums: dict[Hashable, list[float]] = defaultdict(lambda: [0.0, 0.0])
    known = [(levels[row], value) for row in sample.in_time if (value := y[row]) is not None]
    for level, value in known:
        item = sums[level]
        item[0] += 1
        item[1] += value
    return [(sums[level][1] / sums[level][0], value) for level, value in known]


# Columns beside each other


def _stands_out(
    sample: Sample, scores: dict[str, float | None], reported: Collection[str]
) -> Iterator[Finding]:
    """One column that alone does far better than any other, as what is known too late does."""
    used = {name: own for name, own in scores.items() if name not in sample.roles.exclude}
    best = alone.ranked(used)
    if not alone.stands_out(best, sample.outcome):
        return
    (name, score), (other, less) = best[:2]
    column = sample.columns[name]
    if name in reported or _is_lag(sample, column):
        return
    measure = alone.MEASURES[sample.outcome]
    text = f"{name} alone reaches {measure} {score:.3g}, the next column, {other}, {less:.3g}. {ASK}"
    yield _leak(column, text, score, 0.9)


def _target_means(sample: Sample, reported: Collection[str]) -> Iterator[Finding]:
    """Numbers that are the target's mean (the share of a class) over some rows, their own labels included."""
    asked = [one for one in candidates(sample) if one.numeric and one.name not in reported]
    for column, how, right, whole in target_means.find(sample, asked):
        text = (
            f"{column.name} is {how}, on {right:,} of {whole:,} rows: it was computed with the labels that are "
            "to be predicted. Compute it from training rows alone, or exclude it."
        )
        yield _leak(column, text, right / whole, 0.98)


def _late(sample: Sample) -> Iterator[Finding]:
    """Dates after the row's own moment: what they say cannot be known then."""
    time = sample.roles.time
    if not time or sample.columns[time].type != "date":
        return
    now = sample.columns[time].floats
    for column in candidates(sample):
        if column.type != "date":
            continue
        both = [
            (row, a // 86_400 > b // 86_400)
            for row, (a, b) in enumerate(zip(column.floats, now, strict=True))
            if a is not None and b is not None
        ]
        late = [row for row, after in both if after]
        if len(late) > LATE * len(both):
            text = (
                f"{column.name} lies after {time} in {len(late):,} of {len(both):,} rows: it tells of what "
                f"happened later. {ASK}"
            )
            share = len(late) / len(both)
            yield Finding("late", text, (column.name,), STEP, share, *sample.shown(late), 0.9)


def _larger_tells(
    sample: Sample, scores: dict[str, float | None], reported: Collection[str]
) -> Iterator[Finding]:
    """Two numbers or dates of which the larger tells the class (votes for, against), not one alone."""
    rows = sample.labelled
    probe = rows[:: max(len(rows) // 200, 1)]
    columns = [one for one in candidates(sample) if len(one.counts) > 2 and one.name not in reported]
    if len(columns) > MOST_COLUMNS:  # each of the two goes with the class, if less than both
        columns.sort(key=lambda one: -(scores.get(one.name) or 0.0))
    for kind in (True, False):
        alike = [one for one in columns if one.numeric is kind and (kind or one.type == "date")]
        for one, other in combinations(alike[:MOST_COLUMNS], 2):
            larger = partial(_larger, sample, one.floats, other.floats)
            if larger(probe)[0] < 0.97 * len(probe):
                continue
            right, label = larger(rows)
            if gain(right, sample) < 0.95:
                continue
            verb, names = "exceeds", (one.name, other.name)
            if label.get(0, label[-1]) == label[1]:
                names = names[::-1]
            elif label.get(0, label[-1]) != label[-1]:
                verb = "exceeds, equals or is below"
            text = _predicts(sample, f"Whether {names[0]} {verb} {names[1]}", right / len(rows))
            yield Finding("exceeds", text, names, STEP, right / len(rows), weight=0.99)


def _larger(
    sample: Sample, one: Sequence[float | None], other: Sequence[float | None], rows: Sequence[int]
) -> tuple[int, dict[int, int]]:
    """(rows with the most frequent label of those that compare alike, that label); 0 where it is the same."""
    labels = sample.target.codes
    tallies: dict[int, Counter[int]] = defaultdict(Counter)
    for row in rows:
        a, b = one[row], other[row]
        if a is not None and b is not None:
            tallies[(a > b) - (a < b)][labels[row]] += 1
    tops = {sign: tally.most_common(1)[0] for sign, tally in tallies.items()}
    label = {sign: code for sign, (code, _) in tops.items()}
    differ = {1, -1} <= set(label) and label[1] != label[-1]
    return (sum(n for _, n in tops.values()) if differ else 0), label


Forms = tuple[tuple[str, int, Callable[..., float]], ...]
SUMS: Forms = (
    ("{0} + {1}", 2, lambda a, b: a + b),
    ("{0} - {1}", 2, lambda a, b: a - b),
    ("{1} - {0}", 2, lambda a, b: b - a),
    ("{0} + {1} + {2}", 3, lambda a, b, c: a + b + c),
)
RATIOS: Forms = (
    ("{0} * {1}", 2, lambda a, b: a * b),
    ("{0} / {1}", 2, lambda a, b: a / b if b else float("nan")),
    ("{1} / {0}", 2, lambda a, b: b / a if a else float("nan")),
    ("100 * {0} / {1}", 2, lambda a, b: 100 * a / b if b else float("nan")),
    ("100 * {1} / {0}", 2, lambda a, b: 100 * b / a if a else float("nan")),
)


def _apart(unit: float, later: int, a: float, b: float) -> float:
    return later * (b - a) / unit


BETWEEN: Forms = tuple(
    (f"{names} in {name}", 2, partial(_apart, unit, later))
    for name, unit in (("days", 86_400), ("hours", 3_600), ("minutes", 60), ("seconds", 1))
    for names, later in (("{1} - {0}", 1), ("{0} - {1}", -1))
)


def _parts(sample: Sample, reported: Collection[str]) -> Iterator[Finding]:
    """Columns whose sum, difference, product or quotient is the target, or of which a weighted one is."""
    numeric = _closest(sample, [one for one in candidates(sample) if one.numeric])
    columns = {one.name: one.floats for one in numeric}
    whole, content = len(sample.labelled), set[tuple[str, ...]]()
    for formula, names, right in _exact(sample, dict(list(columns.items())[:MOST_COLUMNS])):
        if any(set(known) <= set(names) for known in content):
            continue
        content.add(names)
        where = "every row" if right == sample.rows else f"{right:,} of {whole:,} rows"
        where = f"all {whole:,} labelled rows" if right == whole < sample.rows else where
        text = f"{formula} is {sample.target.name} on {where}: these columns are the target. Exclude them."
        yield Finding("parts", text, names, STEP, right / whole, weight=1.0)
    if not content:
        yield from _weighted(sample, {name: one for name, one in columns.items() if name not in reported})


def _closest(sample: Sample, columns: list[Column]) -> list[Column]:
    """The columns, or of many the 100 whose ranks correlate most with the target's: parts go with their sum."""
    if len(columns) <= MOST_COLUMNS:
        return columns
    rows = sample.labelled[:: max(len(sample.labelled) // PROBE, 1)]
    y = numbers.ranks([sample.target.floats[row] or 0.0 for row in rows])

    def near(column: Column) -> float:
        return -abs(numbers.correlation(numbers.ranks([column.floats[row] or 0.0 for row in rows]), y))

    return sorted(columns, key=near)[:MOST_WEIGHTED]


def _exact(
    sample: Sample, columns: dict[str, list[float | None]]
) -> Iterator[tuple[str, tuple[str, ...], int]]:
    """(formula, columns, labelled rows on which it holds) of each that holds on nearly all.

    Products and ratios to the last digit of the target, which may be rounded, and the time between two dates
    to one digit; sums exactly, since within a digit a small column can be added to any.
    """
    dates = {one.name: one.floats for one in candidates(sample) if one.type == "date"}
    dates |= {one.name: one.floats for one in [sample.columns.get(sample.roles.time)] if one}
    labels, rows, digit = sample.target.floats, sample.labelled, sample.target.last_digit
    probe = rows[:: max(len(rows) // 50, 1)]
    _, spread = numbers.moments([labels[row] or 0.0 for row in probe])
    dates = dict(list(dates.items())[:MOST_COLUMNS])
    groups = [(SUMS, columns, 0.0), (RATIOS, columns, 0.5 * digit), (BETWEEN, dates, digit)]
    for forms, known, room in groups:
        room *= spread > 20 * digit
        for form, width, combine in forms:
            for names in combinations(known, width):
                holds = partial(_holds, [known[name] for name in names], labels, combine, room)
                if not holds(probe[:3]) or holds(probe) < 0.9 * len(probe):
                    continue
                if (right := holds(rows)) >= 0.99 * len(rows):
                    yield form.format(*names), names, right


def _holds(
    chosen: Sequence[Sequence[float | None]],
    labels: Sequence[float | None],
    combine: Callable[..., float],
    room: float,
    rows: Sequence[int],
) -> int:
    total = 0
    for row in rows:
        values, label = [column[row] for column in chosen], labels[row]
        if label is not None and None not in values:
            total += abs(combine(*values) - label) <= max(1e-6 * max(1.0, abs(label)), 1.001 * room)
    return total


def _weighted(sample: Sample, columns: dict[str, list[float | None]]) -> Iterator[Finding]:
    """A weighted sum, or a product of powers, that is the target; empty cells count as 0 where too few rows
    are complete.
    """
    rows = [row for row in sample.labelled if sample.target.floats[row] is not None]
    rows = rows[:: max(len(rows) // PROBE, 1)]
    complete = [row for row in rows if all(one[row] is not None for one in columns.values())]
    rows = complete if len(complete) >= max(numbers.FEWEST, 2 * len(columns) + 10) else rows
    x = {name: [one[row] or 0.0 for row in rows] for name, one in columns.items()}
    y = [sample.target.floats[row] or 0.0 for row in rows]
    summed = numbers.weighted_sum(x, y)
    result = summed or numbers.weighted_product(x, y)
    if not result:
        return
    formula = _sum(result) if summed else " × ".join(
        name if abs(power - 1) < 1e-3 else f"{name}^{power:.3g}" for name, power in result.items()
    )  # fmt: skip
    text = (
        f"{sample.target.name} is {formula}, up to a constant: these columns are known only when the target "
        "is. Exclude them."
    )
    yield Finding("parts", text, tuple(result), STEP, 1.0, weight=1.0)


def _sum(weights: dict[str, float]) -> str:
    terms = [
        f"{'−' if w < 0 else '+'} {'' if abs(abs(w) - 1) < 1e-3 else f'{abs(w):.4g} × '}{name}"
        for name, w in weights.items()
    ]
    return " ".join(terms).removeprefix("+ ")
