"""Rows that belong together: ids that repeat, entities, time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from math import sqrt

from .amounts import correlation
from .entities import identifying, panel, timely, words
from .frame import MISSING, Frame, Remark, Series, about, count, option, percent, relatives

FEW_GROUPS = 30


def _likeness(frame: Frame, series: Series) -> str:
    """How much more alike the labels of two rows of one group are than those of any two; "" where not."""
    groups: dict[int, Counter[int]] = {}
    for row in frame.labelled:
        if series.codes[row] != MISSING:
            groups.setdefault(series.codes[row], Counter())[frame.target.codes[row]] += 1
    inside = sum(_pairs(g.total()) for g in groups.values())
    labels = frame.target.counts
    if not frame.classes or inside < 100:
        return ""
    same = sum(_pairs(n) for g in groups.values() for n in g.values()) / inside
    chance = sum(map(_pairs, labels.values())) / _pairs(labels.total())
    if same < chance + 0.01:
        return ""
    return (
        f" Two of its rows share their label in {percent(same, 1)} of pairs; "
        f"any two rows do in {percent(chance, 1)}."
    )


def _pairs(n: int) -> int:
    return n * (n - 1) // 2


def _together(frame: Frame, series: Series) -> tuple[int, int, float]:
    sizes = list(series.counts.values())
    singles = [1] * series.missing
    return len(sizes), sum(n for n in sizes if n > 1), relatives(sizes + singles, frame.rows)


def repeated_id(frame: Frame) -> Iterator[Remark]:
    """The id column repeats: it is a group."""
    if not frame.roles.id:
        return
    series = frame.columns[frame.roles.id]
    repeated = [code for code, n in series.counts.items() if n > 1]
    if repeated:
        _, rows, share = _together(frame, series)
        names = tuple(series.texts[code] for code in repeated[:10])
        text = (
            f"{series.name} is no id: {count(len(repeated), 'value')} stand on {rows:,} rows ({names[0]} on "
            f"{series.counts[repeated[0]]}). It is a group: pass --group {option(series.name)}; in a random "
            f"split {about(share)} of the test rows would have a row of the same one in training."
        )
        yield Remark("id-repeats", text, names, 0.97)
    if series.missing:
        lines = tuple(f"line {frame.lines[row]}" for row, code in enumerate(series.codes) if code == MISSING)
        yield Remark("id-missing", f"{series.name} is empty in {count(len(lines), 'row')}.", lines[:10], 0.8)


def unnamed_id(frame: Frame) -> Iterator[Remark]:
    """A column that tells all rows apart, though no id was named."""
    if frame.roles.id:
        return
    taken = (frame.roles.time, frame.roles.group)
    found = [
        s for s in frame.columns.values() if s.name not in taken and frame.numbering(s) and not timely(s)
    ]
    if found:
        best = min(found, key=lambda s: not identifying(s.name))
        text = (
            f"{best.name} is different in each of the {frame.rows:,} rows, like an id: pass --id "
            f"{option(best.name)}, or exclude it."
        )
        yield Remark("id-unnamed", text, (), 0.3)


def unnamed_group(frame: Frame) -> Iterator[Remark]:
    """A column that repeats like a customer number, though no group was named."""
    roles = frame.roles
    if roles.group:
        return
    found = [
        s
        for s in frame.columns.values()
        if s.name not in (roles.target, roles.id, roles.time) and frame.entity(s)
    ]
    if not found:
        return
    series = max(found, key=lambda s: (panel(s, frame.columns), identifying(s.name), len(s.counts)))
    distinct, _, share = _together(frame, series)
    text = (
        f"{series.name} repeats: {distinct:,} values on {series.counts.total():,} rows. If each is one "
        f"entity (a customer, a device), a random split puts a relative in training for {about(share)} of "
        f"the test rows: pass --group {option(series.name)}."
    )
    yield Remark("group-unnamed", text + _likeness(frame, series), (), 0.55 + 0.3 * share)


def grouped(frame: Frame) -> Iterator[Remark]:
    """What a random split would do to the groups that were named."""
    if not frame.roles.group:
        return
    series = frame.columns[frame.roles.group]
    distinct, rows, share = _together(frame, series)
    if not rows:
        text = f"{series.name} never repeats: as a group it holds nothing together."
        yield Remark("group-alone", text, (), 0.5)
        return
    text = (
        f"{frame.rows:,} rows belong to {distinct:,} values of {series.name}. In a random split "
        f"{about(share)} of the test rows "
        "would have a relative in training, and the score would flatter; groups are kept whole."
    )
    yield Remark("random-split-groups", text + _likeness(frame, series), (), 0.4 + 0.5 * share)


def few_groups(frame: Frame) -> Iterator[Remark]:
    """So few groups were named that no part of the split holds enough of them for an interval to say much."""
    series = frame.columns[frame.roles.group] if frame.roles.group else None
    distinct = len(series.counts) if series else 0
    if series is None or not 1 < distinct < FEW_GROUPS or frame.rows < 2 * distinct:
        return
    each = max(round(0.2 * distinct), 1)
    interval = "no interval can be given" if each == 1 else "every interval will be very wide"
    text = (
        f"{series.name} has only {distinct} values, and groups are kept whole: validation and test get about "
        f"{count(each, 'group')} each, so {interval}, however many rows there are. Get rows of more "
        f"groups; or, if later predictions are for these same {distinct}, leave out --group and split by "
        "time or by row."
    )
    yield Remark("few-groups", text, (), 0.95 if each < 3 else 0.75)


def _ordered(frame: Frame, series: Series) -> list[int]:
    moments = series.moments
    rows = [row for row in frame.labelled if moments[row] is not None]
    return sorted(rows, key=lambda row: (moments[row], row))


def _scores(frame: Frame, rows: Sequence[int]) -> tuple[list[float], str]:
    """The target as a number in these rows, and what its mean is called."""
    target = frame.target
    if frame.outcome == "regression":
        values = target.floats()
        return [v for row in rows if (v := values[row]) is not None], f"the mean of {target.name}"
    label = frame.positive or target.texts[target.counts.most_common(1)[0][0]]
    return [
        float(target.texts[target.codes[row]] == label) for row in rows
    ], f"the share of {target.name} = {label}"


def drift(frame: Frame) -> Iterator[Remark]:
    """How the label moves from the first to the last fifth of the time, where it moves more than chance."""
    if not frame.roles.time or not frame.outcome:
        return
    series = frame.columns[frame.roles.time]
    rows = _ordered(frame, series)
    fifth = len(rows) // 5
    if fifth < 20 or len(series.counts) < 5:
        return
    (first, what), (last, _) = _scores(frame, rows[:fifth]), _scores(frame, rows[-fifth:])
    mean, later = sum(first) / fifth, sum(last) / fifth
    spread = sqrt((_variance(first) + _variance(last)) / fifth)
    if abs(later - mean) < 4 * spread or mean == later:
        return
    share = "share" in what
    before, after = (f"{100 * m:.1f} %" if share else f"{m:,.4g}" for m in (mean, later))
    text = (
        f"From the first to the last fifth of {series.name} {what} goes from {before} to {after}: a random "
        "split hides that, "
        "a split by time shows it."
    )
    yield Remark("drift", text, (), 0.7)


def _variance(values: Sequence[float]) -> float:
    mean = sum(values) / len(values)
    return sum((v - mean) ** 2 for v in values) / max(len(values) - 1, 1)


def neighbours(frame: Frame) -> Iterator[Remark]:
    """How alike rows are that follow each other in time: what a random split lets a model copy."""
    if not frame.roles.time or not frame.outcome or len(frame.labelled) < 100:
        return
    series = frame.columns[frame.roles.time]
    rows = _ordered(frame, series)
    if len(series.counts) < 0.5 * len(rows):
        return
    scores, _ = _scores(frame, rows)
    following = list(pairwise(scores))
    r = correlation(*zip(*following, strict=True)) if following else 0.0
    if r > max(0.2, 4 / sqrt(len(rows))):
        text = (
            f"Rows that follow each other in {series.name} are alike: {frame.target.name} correlates at "
            f"{r:.2f} with the row before. "
            "A random split puts nearly every test row between two training rows, and the score would "
            "flatter; split by time."
        )
        yield Remark("random-split-time", text, (), 0.5 + 0.4 * r)


def unnamed_time(frame: Frame) -> Iterator[Remark]:
    """A date column, though no time was named."""
    if frame.roles.time:
        return
    columns = [s for s in frame.columns.values() if s.name != frame.roles.target]
    dates = [s for s in columns if s.type == "date" and len(s.counts) > 4]
    counted = [s for s in columns if s.type == "integer" and timely(s) and _counts_time(frame, s)]
    for series in (dates or counted)[:1]:
        moments = [m for m in series.moments if m is not None]
        if not moments:
            continue
        if series.type == "date":
            first, last = (
                datetime.fromtimestamp(m, UTC).date().isoformat() for m in (min(moments), max(moments))
            )
            holds = f"{series.name} holds dates from {first} to {last}"
        else:
            holds = f"{series.name} runs from {min(moments):.0f} to {max(moments):.0f}"
        text = (
            f"{holds}. If predictions are for later rows, pass --time {option(series.name)}: a random split "
            "would train on the future."
        )
        yield Remark("time-unnamed", text, (), 0.6)


def _counts_time(frame: Frame, series: Series) -> bool:
    """Whether a whole number named like time is a year, or counts the rows."""
    values = [value for value in series.numbers if value is not None]
    years = len(values) > 2 and (
        all(1800 <= value <= 2100 for value in values)
        or (words(series.name)[-1:] == ["year"] and all(50 <= value < 100 for value in values))
    )
    return years or frame.numbering(series)


RULES = (repeated_id, unnamed_id, unnamed_group, grouped, few_groups, drift, neighbours, unnamed_time)
