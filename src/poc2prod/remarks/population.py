"""Who is in the table: parts whose label is fixed, and groups too small to speak of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from math import log

from .frame import MISSING, Frame, Remark, Series, percent
from .giveaway import gain, others_tell

FEWEST = 50
SMALL = 30


def _surprising(frame: Frame, rows: int, label: int) -> bool:
    """Whether so many rows of one label are no chance (less than one in 10^9), and a part that matters."""
    share = frame.target.counts[label] / len(frame.labelled)
    return rows >= max(FEWEST, 0.01 * len(frame.labelled)) and rows * log(share) < log(1e-9)


def _tallies(frame: Frame, series: Series) -> dict[int, Counter[int]]:
    found: dict[int, Counter[int]] = {}
    for row in frame.labelled:
        found.setdefault(series.codes[row], Counter())[frame.target.codes[row]] += 1
    found.pop(MISSING, None)
    return found


def _edge(ordered: list[Counter[int]]) -> tuple[int, int, int]:
    """(values, rows, label) of the run of one label at the start; no rows unless what follows soon is usual.

    Behind a definition the labels mix at once; beside a strong feature they thin out over many values.
    """
    (label,) = ordered[0] if len(ordered[0]) == 1 else (MISSING,)
    values = next((at for at, tally in enumerate(ordered) if set(tally) != {label}), len(ordered))
    following: Counter[int] = Counter()
    for tally in ordered[values:]:
        following += tally
        if following.total() >= SMALL:
            break
    whole = sum((tally for tally in ordered[values:]), Counter())
    usual = whole[label] / max(whole.total(), 1)
    mixed = following.total() >= SMALL and following[label] <= (0.8 + 0.2 * usual) * following.total()
    return (
        (values, sum(tally.total() for tally in ordered[:values]), label)
        if mixed and values
        else (0, 0, label)
    )


def _ends(frame: Frame, series: Series) -> Iterator[tuple[str, int, int]]:
    """(in words, rows, label) where the low or the high end of a whole number has one label."""
    tallies = _tallies(frame, series)
    ascending = sorted((n, code) for code in tallies if (n := series.numbers[code]) is not None)
    for word, codes in (("below", ascending), ("above", ascending[::-1])):
        values, rows, label = _edge([tallies[code] for _, code in codes]) if codes else (0, 0, MISSING)
        if values > 1:
            yield f"{series.name} {word} {codes[values][0]:g}", rows, label


def fixed(frame: Frame) -> Iterator[Remark]:
    """A part of the table in which the label never varies: by definition, perhaps: it lifts any score."""
    if frame.outcome != "binary" or len(frame.labelled) < 200:
        return
    found: list[tuple[str, int, int]] = []
    for series in frame.features:
        parts: list[tuple[str, int, int]] = []
        if series.type == "integer":
            parts = list(_ends(frame, series))
        elif series.type == "category" and len(series.counts) <= 50:
            single = {code: tally for code, tally in _tallies(frame, series).items() if len(tally) == 1}
            parts = [
                (f"{series.name} = {series.texts[c]}", t.total(), next(iter(t))) for c, t in single.items()
            ]
        parts = [part for part in parts if _surprising(frame, part[1], part[2])]
        told = parts and gain(others_tell(frame, series), frame) >= 0.98
        if parts and not told and sum(rows for _, rows, _ in parts) <= 0.34 * len(frame.labelled):
            found.append(max(parts, key=lambda part: part[1]))
    if found:
        yield _said(frame, max(found, key=lambda part: part[1]))


def _said(frame: Frame, part: tuple[str, int, int]) -> Remark:
    where, rows, label = part
    share = percent(rows, len(frame.labelled))
    text = (
        f"All {rows:,} rows with {where} ({share}) have {frame.target.name} = {frame.target.texts[label]}. "
        "If that is so by "
        "definition, they lift any score without skill: say who is in the population and leave them out."
    )
    return Remark("fixed-label", text, (), 0.5 + min(rows / len(frame.labelled), 0.3))


def small_slices(frame: Frame) -> Iterator[Remark]:
    """Values of a sensitive column with too few rows for a rate."""
    for name in frame.roles.sensitive:
        series = frame.columns[name]
        few = sorted((n, series.texts[code]) for code, n in series.counts.items() if n < SMALL)
        if few and len(series.counts) <= 50:
            shown = ", ".join(f"{text} ({n})" for n, text in few[:5])
            yield Remark(
                "small-slice",
                f"{name} has values with fewer than {SMALL} rows: {shown}. Give no rate on them.",
                (),
                0.4,
            )


RULES = (fixed, small_slices)
