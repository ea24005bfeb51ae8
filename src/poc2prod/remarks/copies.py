"""Rows that are the same: with different labels (twins), or altogether (duplicates)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from math import ceil
from operator import sub
from random import Random

from .frame import Frame, Remark, Series, about, at_most, count, percent, relatives

WORTH = 0.02
OFTEN = 0.2
MOST_ASKED = 20_000
MOST_COLUMNS = 40


def _alike(rows: Sequence[int], series: Sequence[Series]) -> list[list[int]]:
    """Groups of two and more rows that agree in all these columns, in order of appearance."""
    groups: dict[tuple[int, ...], list[int]] = defaultdict(list)
    if series:
        for row, key in zip(
            rows, zip(*([s.codes[row] for row in rows] for s in series), strict=True), strict=True
        ):
            groups[key].append(row)
    return [group for group in groups.values() if len(group) > 1]


def _left_out(names: Sequence[str]) -> str:
    return f" ({', '.join(names)} left aside)" if names else ""


def twins(frame: Frame) -> Iterator[Remark]:
    """Rows with the same features and different labels: the best that any model can reach."""
    codes, texts = frame.target.codes, frame.target.texts
    groups = _alike(frame.labelled, frame.features)
    mixed = [group for group in groups if len({codes[row] for row in group}) > 1]
    if not mixed or not frame.outcome or len(frame.features) < 2:
        return
    affected, whole = sum(map(len, mixed)), len(frame.labelled)
    first = mixed[0][0]
    second = next(row for row in mixed[0] if codes[row] != codes[first])
    names = frame.name((first, second))
    text = (
        f"{count(affected, 'row')} ({percent(affected, whole)}) agree in every "
        f"feature{_left_out(frame.aside)} with a row that has "
        f"another {frame.target.name}: {names[0]} has {texts[codes[first]]}, {names[1]} has "
        f"{texts[codes[second]]}."
    )
    lost, said = _ceiling(frame, groups)
    if frame.classes or lost >= WORTH:
        yield Remark("twins", f"{text} {said}", names, min(0.25 + 3 * lost, 0.9))


def _ceiling(frame: Frame, groups: list[list[int]]) -> tuple[float, str]:
    """(what is out of reach, in words) of the best possible model's score on these very rows."""
    whole = len(frame.labelled)
    if frame.classes:
        lost = sum(len(g) - max(Counter(frame.target.codes[row] for row in g).values()) for g in groups)
        if lost < 0.005 * whole:
            return lost / whole, f"Whatever a model answers, it is wrong on at least {lost:,} of them."
        share = at_most(1 - lost / whole)
        said = f"With these features no model can be right on more than {share} of the labelled rows."
        return lost / whole, said
    values = frame.target.floats()
    labels = [value for value in values if value is not None]
    total = _scatter(labels)
    inside = sum(_scatter([v for row in g if (v := values[row]) is not None]) for g in groups)
    best = ceil((1 - inside / total) * 1000) / 1000 if total else 0.0
    return 1 - best, f"With these features no model can exceed an R² of {best:.3f} on these rows."


def _scatter(values: Sequence[float]) -> float:
    mean = sum(values) / len(values) if values else 0.0
    return sum((value - mean) ** 2 for value in values)


def duplicates(frame: Frame) -> Iterator[Remark]:
    """Rows that repeat an earlier one in every column but the id."""
    rising = [s.name for s in frame.columns.values() if s.type == "integer" and frame.numbering(s)]
    aside = [frame.roles.id] if frame.roles.id else rising[:1]
    series = [s for s in frame.columns.values() if s.name not in aside]
    groups = _alike(range(frame.rows), series)
    repeats = [row for group in groups for row in group[1:]]
    if not repeats:
        return
    share = len(repeats) / frame.rows
    if _likely(series):
        if share >= OFTEN:
            text = (
                f"The {frame.rows:,} rows are only {count(frame.rows - len(repeats), 'different one')}"
                f"{_left_out(aside)}: a random split puts equal rows on both sides."
            )
            yield Remark("duplicates", text, (), 0.3)
        return
    if share < 0.0005:
        return
    pair = frame.name((groups[0][0], groups[0][1]))
    verb = "repeats" if len(repeats) == 1 else "repeat"
    text = (
        f"{count(len(repeats), 'row')} ({percent(len(repeats), frame.rows)}) {verb} an earlier row in every "
        f"column{_left_out(aside)}, for one {pair[1]} that of {pair[0]}. If they are copies, a random split "
        "puts them on both sides."
    )
    yield Remark("duplicates", text, frame.name(repeats), 0.25 + min(2 * share, 0.5))


def _pairs(sizes: Iterable[int]) -> int:
    return sum(n * (n - 1) // 2 for n in sizes)


def _likely(series: Sequence[Series]) -> bool:
    """Whether rows agree by chance, judged by the pairs that agree in all columns but one.

    If column c takes one value in two rows with chance s, then of the pairs that agree in all others s agree
    in c too: so many are expected. Copies go beyond that for every c. Asks up to 20,000 rows, 40 columns.
    """
    varying = sorted((s for s in series if len(s.counts) > 1), key=lambda s: -len(s.counts))[:MOST_COLUMNS]
    step = max(len(series[0].codes) // MOST_ASKED, 1)
    draw = Random(0)
    marks = [[draw.getrandbits(62) for _ in s.texts] for s in varying]
    cells = [[mark[code] for code in s.codes[::step]] for mark, s in zip(marks, varying, strict=True)]
    wholes = list(map(sum, zip(*cells, strict=True)))
    exact, expected = _pairs(Counter(wholes).values()), 0.0
    for column in cells:
        near = _pairs(Counter(map(sub, wholes, column)).values()) - exact
        same = _pairs(Counter(column).values()) / max(_pairs([len(column)]), 1)
        expected = max(expected, near * same / max(1 - same, 1e-9))
    return exact <= 2 * expected


def repeated_texts(frame: Frame) -> Iterator[Remark]:
    """A free text that stands on several rows."""
    for series in (s for s in frame.features if s.type == "text"):
        sizes = list(series.counts.values())
        repeated = sum(n for n in sizes if n > 1)
        if repeated < 0.01 * frame.rows:
            continue
        share = relatives([*sizes, *[1] * series.missing], frame.rows)
        labels = defaultdict(set)
        for row in frame.labelled:
            labels[series.codes[row]].add(frame.target.codes[row])
        several = sum(len(found) > 1 for code, found in labels.items() if code)
        text = (
            f"{count(repeated, 'row')} share their {series.name} with another row: in a random split "
            f"{about(share)} of the test rows "
            "would have theirs in training."
        )
        text += (
            f" {count(several, 'such text has', 'such texts have')} more than one {frame.target.name}."
            if frame.classes and several
            else ""
        )
        again = (row for row, code in enumerate(series.codes) if series.counts[code] > 1)
        yield Remark("repeated-text", text, frame.name(again), 0.3 + 0.5 * share)


RULES = (twins, duplicates, repeated_texts)
