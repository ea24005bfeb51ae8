"""Rows that belong together: ids that repeat, entities, time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from math import comb, sqrt

from poc2prod_kit.screening import undeclared_groups
from poc2prod_kit.screening.entities import identifying, panel, timely, words
from poc2prod_kit.screening.finding import Finding, about, count, in_other_parts, option, percent
from poc2prod_kit.screening.numbers import correlation
from poc2prod_kit.screening.sample import MISSING, Column, Sample

FEW_GROUPS = 30


def _likeness(sample: Sample, column: Column) -> str:
    """How much more alike the labels of two rows of one group are than those of any two; "" where not."""
    groups = [labels for code, labels in sample.tallies(column).items() if code != MISSING]
    inside = sum(comb(labels.total(), 2) for labels in groups)
    whole = sample.target.counts
    if not sample.classes or inside < 100:
        return ""
    same = sum(comb(n, 2) for labels in groups for n in labels.values()) / inside
    chance = sum(comb(n, 2) for n in whole.values()) / comb(whole.total(), 2)
    if same < chance + 0.01:
        return ""
    return (
        f" Two of its rows share their label in {percent(same, 1)} of pairs; "
        f"any two rows do in {percent(chance, 1)}."
    )


def _together(sample: Sample, column: Column) -> tuple[int, int, float]:
    sizes = list(column.counts.values())
    singles = [1] * column.missing
    return len(sizes), sum(n for n in sizes if n > 1), in_other_parts(sizes + singles, sample.rows)


def repeated_id(sample: Sample) -> Iterator[Finding]:
    """The id column repeats: it is a group."""
    if not sample.roles.id:
        return
    column = sample.columns[sample.roles.id]
    repeated = [code for code, n in column.counts.items() if n > 1]
    if repeated:
        _, rows, share = _together(sample, column)
        names = tuple(column.texts[code] for code in repeated[:10])
        text = (
            f"{column.name} is no id: {count(len(repeated), 'value')} stand on {rows:,} rows ({names[0]} on "
            f"{column.counts[repeated[0]]}). It is a group: pass --group {option(column.name)}; in a random "
            f"split {about(share)} of the test rows would have a row of the same one in training."
        )
        yield Finding("id-repeats", text, rows=names, weight=0.97)
    if column.missing:
        empty = [row for row, code in enumerate(column.codes) if code == MISSING]
        text = f"{column.name} is empty in {count(len(empty), 'row')}."
        yield Finding("id-missing", text, rows=sample.name(empty), weight=0.8)


def unnamed_id(sample: Sample) -> Iterator[Finding]:
    """A column that tells all rows apart, though no id was named."""
    if sample.roles.id:
        return
    taken = (sample.roles.time, sample.roles.group)
    items = [
        s
        for s in sample.columns.values()
        if s.name not in taken and s.name in sample.numberings and not timely(s)
    ]
    if items:
        best = min(items, key=lambda s: not identifying(s.name))
        text = (
            f"{best.name} is different in each of the {sample.rows:,} rows, like an id: pass --id "
            f"{option(best.name)}, or exclude it."
        )
        yield Finding("id-unnamed", text, weight=0.3, proposes=("id", best.name))


def unnamed_group(sample: Sample) -> Iterator[Finding]:
    """A column that repeats like a customer number, though no group was named."""
    roles = sample.roles
    if roles.group:
        return
    items = [
        s
        for s in sample.columns.values()
        if s.name not in (roles.target, roles.id, roles.time) and s.name in sample.entities
    ]
    if not items:
        return
    column = max(items, key=lambda s: (panel(s, sample.columns), identifying(s.name), len(s.counts)))
    distinct, _, share = _together(sample, column)
    text = (
        f"{column.name} repeats: {distinct:,} values on {column.counts.total():,} rows. If each is one "
        f"entity (a customer, a device), a random split puts a relative in training for {about(share)} of "
        f"the test rows: pass --group {option(column.name)}."
    )
    text += _likeness(sample, column)
    yield Finding("group-unnamed", text, weight=0.55 + 0.3 * share, proposes=("group", column.name))


def grouped(sample: Sample) -> Iterator[Finding]:
    """What a random split would do to the groups that were named."""
    if not sample.roles.group:
        return
    column = sample.columns[sample.roles.group]
    distinct, rows, share = _together(sample, column)
    if not rows:
        text = f"{column.name} never repeats: as a group it holds nothing together."
        yield Finding("group-alone", text, weight=0.5)
        return
    text = (
        f"{sample.rows:,} rows belong to {distinct:,} values of {column.name}. In a random split "
        f"{about(share)} of the test rows would have a relative in training, and the score would flatter; "
        "groups are kept whole."
    )
    yield Finding("random-split-groups", text + _likeness(sample, column), weight=0.4 + 0.5 * share)


def few_groups(sample: Sample) -> Iterator[Finding]:
    """So few groups were named that no part of the split holds enough of them for an interval to say much."""
    column = sample.columns[sample.roles.group] if sample.roles.group else None
    distinct = len(column.counts) if column else 0
    if column is None or not 1 < distinct < FEW_GROUPS or sample.rows < 2 * distinct:
        return
    each = max(round(0.2 * distinct), 1)
    interval = "no interval can be given" if each == 1 else "every interval will be very wide"
    text = (
        f"{column.name} has only {distinct} values, and groups are kept whole: validation and test get about "
        f"{count(each, 'group')} each, so {interval}, however many rows there are. Get rows of more "
        f"groups; or, if later predictions are for these same {distinct}, leave out --group and split by "
        "time or by row."
    )
    yield Finding("few-groups", text, weight=0.95 if each < 3 else 0.75)


def _ordered(sample: Sample, column: Column) -> list[int]:
    moments = column.floats
    rows = [row for row in sample.labelled if moments[row] is not None]
    return sorted(rows, key=lambda row: (moments[row], row))


def _scores(sample: Sample, rows: Sequence[int]) -> tuple[list[float], str]:
    """The target as a number in these rows, and what its mean is called."""
    target = sample.target
    if sample.outcome == "regression":
        values = target.floats
        return [v for row in rows if (v := values[row]) is not None], f"the mean of {target.name}"
    label = sample.positive or target.texts[target.counts.most_common(1)[0][0]]
    return [
        float(target.texts[target.codes[row]] == label) for row in rows
    ], f"the share of {target.name} = {label}"


def drift(sample: Sample) -> Iterator[Finding]:
    """How the label moves from the first to the last fifth of the time, where it moves more than chance."""
    if not sample.roles.time or not sample.outcome:
        return
    column = sample.columns[sample.roles.time]
    rows = _ordered(sample, column)
    fifth = len(rows) // 5
    if fifth < 20 or len(column.counts) < 5:
        return
    (first, what), (last, _) = _scores(sample, rows[:fifth]), _scores(sample, rows[-fifth:])
    mean, later = sum(first) / fifth, sum(last) / fifth
    spread = sqrt((_variance(first) + _variance(last)) / fifth)
    if abs(later - mean) < 4 * spread or mean == later:
        return
    share = "share" in what
    before, after = (f"{100 * m:.1f} %" if share else f"{m:,.4g}" for m in (mean, later))
    text = (
        f"From the first to the last fifth of {column.name} {what} goes from {before} to {after}: a random "
        "split hides that, a split by time shows it."
    )
    yield Finding("drift", text, weight=0.7)


def _variance(values: Sequence[float]) -> float:
    mean = sum(values) / len(values)
    return sum((v - mean) ** 2 for v in values) / max(len(values) - 1, 1)


def neighbours(sample: Sample) -> Iterator[Finding]:
    """How alike rows are that follow each other in time: what a random split lets a model copy."""
    if not sample.roles.time or not sample.outcome or len(sample.labelled) < 100:
        return
    column = sample.columns[sample.roles.time]
    rows = _ordered(sample, column)
    if len(column.counts) < 0.5 * len(rows):
        return
    scores, _ = _scores(sample, rows)
    following = list(pairwise(scores))
    r = correlation(*zip(*following, strict=True)) if following else 0.0
    if r > max(0.2, 4 / sqrt(len(rows))):
        text = (
            f"Rows that follow each other in {column.name} are alike: {sample.target.name} correlates at "
            f"{r:.2f} with the row before. A random split puts nearly every test row between two training "
            "rows, and the score would flatter; split by time."
        )
        yield Finding("random-split-time", text, weight=0.5 + 0.4 * r)


def unnamed_time(sample: Sample) -> Iterator[Finding]:
    """A date column, though no time was named."""
    if sample.roles.time:
        return
    taken = {sample.roles.target, *sample.roles.exclude}
    columns = [
        s
        for s in sample.columns.values()
        if s.name not in taken and not undeclared_groups.BORN.search(s.name)
    ]
    dates = [s for s in columns if s.type == "date" and len(s.counts) > 4]
    counted = [s for s in columns if s.type == "integer" and _counts_time(sample, s)]
    if not (dates or counted):
        return
    column, why = _orders(sample, dates) if dates else _orders(sample, counted)
    moments = [m for m in column.floats if m is not None]
    if not moments:
        return
    if column.type == "date":
        first, last = (
            datetime.fromtimestamp(m, UTC).date().isoformat() for m in (min(moments), max(moments))
        )
        holds = f"{column.name} holds dates from {first} to {last}"
    else:
        holds = f"{column.name} runs from {min(moments):.0f} to {max(moments):.0f}"
    text = (
        f"{holds}{why}. If predictions are for later rows, pass --time {option(column.name)}: a random split "
        "would train on the future."
    )
    yield Finding("time-unnamed", text, weight=0.6, proposes=("time", column.name))


def _orders(sample: Sample, columns: Sequence[Column]) -> tuple[Column, str]:
    """Which of several columns says when a row was, and why.

    The one in whose order the rows stand; of years the one that no other exceeds, since a year of birth or
    make is not after the row's own. Of dates, what ends a row comes after what begins it: so the first.
    """
    if len(columns) == 1:
        return columns[0], ""
    for column in columns:
        values = [value for value in column.floats if value is not None]
        if all(a <= b for a, b in pairwise(values)):
            return column, ", in the order of the rows"
    if columns[0].type == "date":
        return columns[0], ""
    for column in columns:
        others = [one for one in columns if one is not column and one.name not in sample.numberings]
        if column.name not in sample.numberings and all(_never_exceeds(one, column) for one in others):
            return (
                column,
                f" ({', '.join(one.name for one in others)} is never later, as a year of birth or make)",
            )
    return columns[0], ""


def _never_exceeds(one: Column, other: Column) -> bool:
    pairs = zip(one.floats, other.floats, strict=True)
    return all(a <= b for a, b in pairs if a is not None and b is not None)


def _counts_time(sample: Sample, column: Column) -> bool:
    """Whether a whole number named like time is a year, or counts the rows."""
    values = [value for value in column.numbers if value is not None]
    if not timely(column) and not ("year" in column.name.casefold() and len(values) > 2):
        return False
    years = len(values) > 2 and (
        all(1800 <= value <= 2100 for value in values)
        or (words(column.name)[-1:] == ["year"] and all(50 <= value < 100 for value in values))
    )
    return years or (timely(column) and column.name in sample.numberings)


RULES = (repeated_id, unnamed_id, unnamed_group, grouped, few_groups, drift, neighbours, unnamed_time)
