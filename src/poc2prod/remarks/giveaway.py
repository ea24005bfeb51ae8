"""Columns that give the target away."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import combinations

from .frame import MISSING, Frame, Remark, Series, percent

FEWEST = 40
ASK = "Is it known when a prediction is due? If not, exclude it."
ASK_ALL = "Are they known when a prediction is due? If not, exclude them."
FEW_VALUES = 50
SMALLEST = 20
PROBE = 5000
WORD = re.compile(r"[^\w]+|_")


def listed(names: Sequence[str], how: str) -> str:
    """Further columns of which the same is true: " (a, b, c and 3 more: likewise)"."""
    if not names:
        return ""
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f" ({', '.join(names[:3])}{more}: {how})"


def candidates(frame: Frame) -> list[Series]:
    """Columns that could give the target away: all that vary but it and the id."""
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


def _evenly(frame: Frame, series: Series) -> float:
    """Share of rows told right by the value, in each class alike, however rare; 0.0 beyond 50 values.

    A copy of the label in which one row in twenty is wrong reaches .95 for any balance of the classes.
    """
    if len(series.counts) > FEW_VALUES:
        return 0.0
    sizes = frame.target.counts
    if min(sizes.values()) < SMALLEST:
        return 0.0
    tallies: dict[int, Counter[int]] = {}
    for row in frame.labelled:
        tallies.setdefault(series.codes[row], Counter())[frame.target.codes[row]] += 1
    shares = dict.fromkeys(sizes, 0.0)
    for tally in tallies.values():
        label = max(tally, key=lambda code: tally[code] / sizes[code])
        shares[label] += max(tally[label] - 1, 0) / sizes[label]
    return sum(shares.values()) / len(shares)


def _tells(frame: Frame, series: Series) -> tuple[float, str, str]:
    """(share of rows told, how, name) of a column that alone tells the label; (0, "", "") of any other."""
    whole, classes = len(frame.labelled), len(frame.target.counts)
    right, cut = _cut_tells(frame, series)
    if gain(right, frame) >= 0.9:
        return right / whole, f"Whether {series.name} is above {cut:g}", series.name
    right = others_tell(frame, series)
    if gain(right, frame) >= (0.98 if frame.entity(series) else 0.9):
        return right / whole, f"The value of {series.name}", series.name
    evenly = _evenly(frame, series)
    if (evenly * classes - 1) / (classes - 1) >= 0.87:
        return evenly, f"In each class the value of {series.name}", series.name
    return 0.0, "", ""


def alone_tell(frame: Frame) -> Iterator[Remark]:
    """Columns that alone tell the label, and pairs of which the larger tells it."""
    if not frame.classes or len(frame.labelled) < FEWEST:
        return
    known = {series.name for series in candidates(frame) if _blank(frame, series)[1]}
    found = []
    for series in candidates(frame):
        share, how, name = _tells(frame, series) if series.name not in known else (0.0, "", "")
        if how and frame.numbering(series):
            yield _sorted(frame, series, share)
        elif how:
            found.append((share, how, name))
    found.sort(key=lambda item: -item[0])
    if found:
        (share, how, _), *rest = found
        yield _told(frame, share, f"{how} alone", [name for _, _, name in rest])
    yield from _larger_tells(frame, known | {name for *_, name in found})


def _sorted(frame: Frame, series: Series, share: float) -> Remark:
    text = (
        f"The rows are sorted by {frame.target.name}: {series.name}, which numbers them, tells it on "
        f"{percent(share, 1)}. Exclude {series.name}, or make it the id."
    )
    return Remark("sorted", text, (), 0.96)


def _told(frame: Frame, share: float, how: str, also: Sequence[str] = ()) -> Remark:
    text = (
        f"{how} tells {frame.target.name} on {percent(share, 1)} of the {len(frame.labelled):,} labelled rows"
        f"{listed(also, 'much the same')}. {ASK_ALL if also else ASK}"
    )
    return Remark("giveaway", text, (), 1.0 if share > 0.999 else 0.96)


def _blank(frame: Frame, series: Series) -> tuple[int, int, int]:
    """(label, its rows without a value, all rows without) where the two are nearly the same; else 0s."""
    if not series.missing:
        return 0, 0, 0
    labels = frame.target
    empty = Counter(labels.codes[row] for row in frame.labelled if series.codes[row] == MISSING)
    for label, n in empty.items():
        of_label = labels.counts[label]
        if n >= SMALLEST and n >= 0.99 * max(of_label, empty.total()) and of_label < len(frame.labelled):
            return label, n, empty.total()
    return 0, 0, 0


def blanks_tell(frame: Frame) -> Iterator[Remark]:
    """Columns that are missing exactly where the label is X."""
    if not frame.classes or len(frame.labelled) < FEWEST:
        return
    found = [(s, told) for s in candidates(frame) if (told := _blank(frame, s))[1]]
    if not found:
        return
    found.sort(key=lambda item: item[1][2] - item[1][1])
    (series, (label, n, empty)), *rest = found
    target = frame.target
    text = (
        f"{series.name} is empty in {n:,} of the {target.counts[label]:,} rows where {target.name} is "
        f"{target.texts[label]}, and in {empty - n:,} of all others, as if filled in after the fact"
        f"{listed([s.name for s, _ in rest], 'likewise')}. {ASK_ALL if rest else ASK}"
    )
    yield Remark("blank-giveaway", text, (), 0.97)


def names_tell(frame: Frame) -> Iterator[Remark]:
    """A text, path or code that spells the label (a folder name, for one), or a word in it that marks it."""
    if not frame.classes or len(frame.labelled) < FEWEST:
        return
    labels = frame.target
    known = {labels.texts[code].casefold() for code in labels.counts}
    for series in candidates(frame):
        if series.type not in ("category", "text") or len(series.counts) <= FEW_VALUES:
            continue
        words = [set(WORD.split(text.casefold())) - {""} for text in series.texts]
        right = sum(
            words[series.codes[row]] & known == {labels.texts[labels.codes[row]].casefold()}
            for row in frame.labelled
        )
        if gain(right, frame) >= 0.9:
            share = right / len(frame.labelled)
            yield _told(frame, share, f"{series.name} spells the label, and so")
        elif marked := _marking(frame, series, words):
            word, label, inside, outside = marked
            text = (
                f'{series.name} says "{word}" in {percent(inside, 1)} of the rows with {labels.name} = '
                f"{labels.texts[label]} and in {percent(outside, 1)} of the others. {ASK}"
            )
            yield Remark("giveaway", text, (), 0.96)


def _marking(frame: Frame, series: Series, words: Sequence[set[str]]) -> tuple[str, int, float, float] | None:
    """(word, label, share of its rows with it, share of the others) of the best word that tells one label."""
    rows = frame.labelled[:: max(len(frame.labelled) // PROBE, 1)]
    tallies: dict[str, Counter[int]] = {}
    sizes = Counter(frame.target.codes[row] for row in rows)
    for row in rows:
        for word in words[series.codes[row]]:
            tallies.setdefault(word, Counter())[frame.target.codes[row]] += 1
    best: tuple[float, str, int] = (0.0, "", 0)
    for word, tally in tallies.items():
        for label, n in tally.items():
            others = len(rows) - sizes[label]
            if sizes[label] >= SMALLEST and others >= SMALLEST:
                best = max(best, (n / sizes[label] - (tally.total() - n) / others, word, label))
    apart, word, label = best
    if apart < 0.87:
        return None
    having = Counter(frame.target.codes[row] for row in frame.labelled if word in words[series.codes[row]])
    size = frame.target.counts[label]
    return word, label, having[label] / size, (having.total() - having[label]) / (len(frame.labelled) - size)


def _larger_tells(frame: Frame, told: Collection[str]) -> Iterator[Remark]:
    """Two numbers of which the larger tells a binary label (votes for, against), not one alone."""
    if frame.outcome != "binary":
        return
    labels = frame.target.codes
    columns = {
        s.name: s.floats()
        for s in candidates(frame)
        if s.numeric and len(s.counts) > 2 and s.name not in told
    }
    probe = frame.labelled[:: max(len(frame.labelled) // 200, 1)]
    found = []
    for one, other in combinations(list(columns)[:40], 2):
        if _larger(columns[one], columns[other], labels, probe) < 0.97 * len(probe):
            continue
        right = _larger(columns[one], columns[other], labels, frame.labelled)
        if gain(right, frame) >= 0.95:
            found.append((right, f"Whether {one} exceeds {other}"))
    if found:
        right, how = max(found)
        yield _told(frame, right / len(frame.labelled), how)


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


RULES = (alone_tell, blanks_tell, names_tell)
