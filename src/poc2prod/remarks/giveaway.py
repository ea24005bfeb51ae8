"""Columns that give the target away."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from math import sqrt

from .frame import MISSING, Frame, Remark, Series, percent

FEWEST = 40
ASK = "Is it known when a prediction is due? If not, exclude it."


def _candidates(frame: Frame) -> list[Series]:
    roles = frame.roles
    return [s for s in frame.columns.values() if s.name not in (roles.target, roles.id) and len(s.counts) > 1]


def gain(right: int, frame: Frame) -> float:
    """How much of the way from the most frequent class to all rows right."""
    most, whole = max(frame.target.counts.values()), len(frame.labelled)
    return (right - most) / (whole - most) if whole > most else 0.0


def others_tell(frame: Frame, series: Series) -> int:
    """Rows whose label is that of most *other* rows with this value; 0 where many values are single."""
    if list(series.counts.values()).count(1) > 0.1 * frame.rows:
        return 0
    labels, codes = frame.target.codes, series.codes
    pairs = Counter((codes[row], labels[row]) for row in frame.labelled)
    tops: dict[int, list[int]] = {}
    for (value, _), n in pairs.items():
        tops[value] = sorted([*tops.get(value, []), n])[-2:]
    right = 0
    for (value, _), n in pairs.items():
        top = tops[value]
        rival = top[0] if len(top) > 1 and n == top[-1] else (0 if len(top) == 1 else top[-1])
        right += n if n - 1 > rival else 0
    return right


def _cut_tells(frame: Frame, series: Series) -> tuple[int, float]:
    """The best cut of a number for a binary target; (0, 0.0) where a probe of the rows shows none."""
    if not series.numeric or frame.outcome != "binary":
        return 0, 0.0
    labels, values = frame.target.codes, series.floats()
    probe = frame.labelled[:: max(len(frame.labelled) // 2000, 1)]
    right, _ = _threshold(values, labels, probe)
    most = max(Counter(labels[row] for row in probe).values())
    if len(probe) < len(frame.labelled) and right - most < 0.8 * (len(probe) - most):
        return 0, 0.0
    return _threshold(values, labels, frame.labelled)


def _threshold(
    values: Sequence[float | None], labels: Sequence[int], rows: Sequence[int]
) -> tuple[int, float]:
    """(rows right, threshold) of the best single cut for two labels; missing values count as wrong."""
    ordered = sorted((v, labels[row]) for row in rows if (v := values[row]) is not None)
    if not ordered:
        return 0, 0.0
    first = ordered[0][1]
    right = sum(label != first for _, label in ordered)
    whole, best, cut = len(ordered), (0, 0.0), 0.0
    for (value, label), following in zip(ordered, [*ordered[1:], None], strict=True):
        right += 1 if label == first else -1
        if following and following[0] > value:
            cut = value
            best = max(best, (max(right, whole - right), cut))
    return best


def values_tell(frame: Frame) -> Iterator[Remark]:
    """A column of which each value has (nearly) one label."""
    if not frame.classes or len(frame.labelled) < FEWEST:
        return
    for series in _candidates(frame):
        right, cut = _cut_tells(frame, series)
        if gain(right, frame) >= 0.9:
            yield _told(frame, series, right, f"Whether {series.name} is above {cut:g} alone", 0.98)
            continue
        right = others_tell(frame, series)
        if gain(right, frame) >= 0.98:
            yield _told(frame, series, right, f"The value of {series.name} alone", 1.0)


def _told(frame: Frame, series: Series, right: int, how: str, weight: float) -> Remark:
    whole = len(frame.labelled)
    share = percent(right, whole)
    text = f"{how} tells {frame.target.name} on {share} of the {whole:,} labelled rows. {ASK}"
    return Remark("giveaway", text, (), weight)


def blanks_tell(frame: Frame) -> Iterator[Remark]:
    """A column that is missing exactly where the label is X."""
    if not frame.classes or len(frame.labelled) < FEWEST:
        return
    labels = frame.target.codes
    for series in _candidates(frame):
        if not series.missing:
            continue
        empty = Counter(labels[row] for row in frame.labelled if series.codes[row] == MISSING)
        for label, n in empty.items():
            agree, of_label = n, frame.target.counts[label]
            if (
                agree >= 20
                and agree >= 0.99 * max(of_label, empty.total())
                and of_label < len(frame.labelled)
            ):
                text = (
                    f"{series.name} is empty in {agree:,} of the {of_label:,} rows where "
                    f"{frame.target.name} is "
                    f"{frame.target.texts[label]}, and in {empty.total() - agree:,} of all others: it is "
                    f"filled in after the fact. {ASK}"
                )
                yield Remark("blank-giveaway", text, (), 0.97)


def names_tell(frame: Frame) -> Iterator[Remark]:
    """A text, path or code that spells the label (a folder name, for one)."""
    if not frame.classes or len(frame.labelled) < FEWEST:
        return
    labels = frame.target
    known = {labels.texts[code].casefold() for code in labels.counts}
    for series in _candidates(frame):
        if series.type not in ("category", "text") or len(series.counts) < 0.5 * frame.rows:
            continue
        words = [known & set(re.split(r"[^\w]+|_", text.casefold())) for text in series.texts]
        right = sum(
            words[series.codes[row]] == {labels.texts[labels.codes[row]].casefold()} for row in frame.labelled
        )
        if gain(right, frame) >= 0.98:
            yield _told(frame, series, right, f"{series.name} spells the label, and so", 1.0)


def correlation(first: Sequence[float], second: Sequence[float]) -> float:
    """Pearson's r; 0 where one does not vary."""
    n = len(first)
    mean_a, mean_b = sum(first) / n, sum(second) / n
    aa = sum((a - mean_a) ** 2 for a in first)
    bb = sum((b - mean_b) ** 2 for b in second)
    ab = sum((a - mean_a) * (b - mean_b) for a, b in zip(first, second, strict=True))
    return ab / sqrt(aa * bb) if aa > 0 and bb > 0 else 0.0


def numbers_tell(frame: Frame) -> Iterator[Remark]:
    """A number that is the target up to scale and noise."""
    if frame.outcome != "regression" or len(frame.labelled) < FEWEST:
        return
    labels = frame.target.floats()
    for series in _candidates(frame):
        if not series.numeric:
            continue
        pairs = [
            (v, y) for v, y in zip(series.floats(), labels, strict=True) if v is not None and y is not None
        ]
        if len(pairs) < max(FEWEST, 0.5 * len(frame.labelled)):
            continue
        r = correlation(*zip(*pairs, strict=True))
        if abs(r) >= 0.97:
            text = (
                f"{series.name} and {frame.target.name} correlate at {_cut(r)} over {len(pairs):,} rows. "
                f"{ASK}"
            )
            yield Remark("giveaway", text, (), 0.95 if abs(r) > 0.99 else 0.85)


def _cut(r: float) -> str:
    return f"{int(r * 1000) / 1000:.3f}"


def _close(found: float, wanted: float) -> bool:
    return abs(found - wanted) <= 1e-6 * max(1.0, abs(wanted))


FORMS: tuple[tuple[str, int, Callable[..., float]], ...] = (
    ("{0} + {1}", 2, lambda a, b: a + b),
    ("{0} - {1}", 2, lambda a, b: a - b),
    ("{1} - {0}", 2, lambda a, b: b - a),
    ("{0} * {1}", 2, lambda a, b: a * b),
    ("{0} / {1}", 2, lambda a, b: a / b if b else float("nan")),
    ("{1} / {0}", 2, lambda a, b: b / a if a else float("nan")),
    ("{0} + {1} + {2}", 3, lambda a, b, c: a + b + c),
)


def sums_tell(frame: Frame) -> Iterator[Remark]:
    """Two or three columns whose sum, difference, product or quotient is the target."""
    if frame.outcome != "regression" or len(frame.labelled) < FEWEST:
        return
    series = [s for s in _candidates(frame) if s.numeric][:40]
    columns = {s.name: s.floats() for s in series}
    labels = frame.target.floats()
    probe = frame.labelled[:: max(len(frame.labelled) // 50, 1)]
    for form, width, combine in FORMS:
        for names in combinations(columns, width):
            chosen = [columns[name] for name in names]
            if _holds(chosen, labels, probe, combine) < 0.9 * len(probe):
                continue
            agreeing = _holds(chosen, labels, frame.labelled, combine)
            if agreeing >= 0.99 * len(frame.labelled):
                where = (
                    "on every row"
                    if agreeing == len(frame.labelled)
                    else f"on {agreeing:,} of {len(frame.labelled):,} rows"
                )
                text = (
                    f"{form.format(*names)} is {frame.target.name} {where}: these columns are the target. "
                    "Exclude them."
                )
                yield Remark("parts-of-target", text, (), 1.0)


def _holds(
    chosen: Sequence[Sequence[float | None]],
    labels: Sequence[float | None],
    rows: Sequence[int],
    combine: Callable[..., float],
) -> int:
    total = 0
    for row in rows:
        values, label = [column[row] for column in chosen], labels[row]
        total += label is not None and None not in values and _close(combine(*values), label)
    return total


def larger_tells(frame: Frame) -> Iterator[Remark]:
    """Two numbers of which the larger tells a binary label (votes for and against)."""
    if frame.outcome != "binary" or len(frame.labelled) < FEWEST:
        return
    labels = frame.target.codes
    columns = {s.name: s.floats() for s in _candidates(frame) if s.numeric and len(s.counts) > 2}
    probe = frame.labelled[:: max(len(frame.labelled) // 200, 1)]
    for one, other in combinations(list(columns)[:40], 2):
        if _larger(columns[one], columns[other], labels, probe) < 0.97 * len(probe):
            continue
        right = _larger(columns[one], columns[other], labels, frame.labelled)
        if gain(right, frame) >= 0.95:
            yield _told(frame, frame.columns[one], right, f"Whether {one} exceeds {other}", 0.96)


def _larger(
    one: Sequence[float | None], other: Sequence[float | None], labels: Sequence[int], rows: Sequence[int]
) -> int:
    tallies: Counter[tuple[bool, int]] = Counter()
    for row in rows:
        a, b = one[row], other[row]
        if a is not None and b is not None:
            tallies[a > b, labels[row]] += 1
    first = next(iter(tallies), (True, 0))[1]
    straight = sum(n for (above, label), n in tallies.items() if above == (label == first))
    return max(straight, tallies.total() - straight)


RULES = (sums_tell, values_tell, blanks_tell, names_tell, numbers_tell, larger_tells)
