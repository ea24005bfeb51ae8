"""Rows that are the same: with different labels (twins), or altogether (duplicates)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from math import ceil

from .frame import Frame, Remark, Series, about, at_most, count, percent, relatives


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
    if not mixed or not frame.outcome:
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
    yield Remark("twins", f"{text} {_ceiling(frame, groups)}", names, min(0.25 + 3 * affected / whole, 0.9))


def _ceiling(frame: Frame, groups: list[list[int]]) -> str:
    """What the best possible model scores on these very rows."""
    whole = len(frame.labelled)
    if frame.classes:
        lost = sum(len(g) - max(Counter(frame.target.codes[row] for row in g).values()) for g in groups)
        if lost < 0.001 * whole:
            return f"Whatever a model answers, it is wrong on at least {lost:,} of them."
        best = at_most(1 - lost / whole)
        return f"With these features no model can be right on more than {best} of the labelled rows."
    values = frame.target.floats()
    labels = [value for value in values if value is not None]
    total = _scatter(labels)
    inside = sum(_scatter([v for row in g if (v := values[row]) is not None]) for g in groups)
    best = 1 - inside / total if total else 0.0
    return f"With these features no model can exceed an R² of {ceil(best * 1000) / 1000:.3f} on these rows."


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
    pair = frame.name((groups[0][0], groups[0][1]))
    share = len(repeats) / frame.rows
    few = all(len(s.counts) <= 50 for s in series)
    why = (
        "Few distinct values make that likely by chance"
        if few
        else "If they are copies, a random split puts them on both sides"
    )
    verb = "repeats" if len(repeats) == 1 else "repeat"
    text = (
        f"{count(len(repeats), 'row')} ({percent(len(repeats), frame.rows)}) {verb} an earlier row in every "
        "column"
        f"{_left_out(aside)}, for one {pair[1]} that of {pair[0]}. {why}."
    )
    yield Remark("duplicates", text, frame.name(repeats), (0.1 if few else 0.25) + min(2 * share, 0.5))


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
