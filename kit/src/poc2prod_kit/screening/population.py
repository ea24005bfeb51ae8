"""Who is in the table: parts whose label is fixed, and groups too small to speak of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from math import log

from poc2prod_kit.screening.finding import Finding, percent
from poc2prod_kit.screening.leaks import gain, others_tell
from poc2prod_kit.screening.sample import MISSING, Column, Sample

FEWEST = 50
SMALL = 30


def _surprising(sample: Sample, rows: int, label: int) -> bool:
    """Whether so many rows of one label are no chance (less than one in 10^9), and a part that matters."""
    share = sample.target.counts[label] / len(sample.labelled)
    return rows >= max(FEWEST, 0.01 * len(sample.labelled)) and rows * log(share) < log(1e-9)


def _tallies(sample: Sample, column: Column) -> dict[int, Counter[int]]:
    results: dict[int, Counter[int]] = {}
    for row in sample.labelled:
        results.setdefault(column.codes[row], Counter())[sample.target.codes[row]] += 1
    results.pop(MISSING, None)
    return results


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


def _ends(sample: Sample, column: Column) -> Iterator[tuple[str, int, int]]:
    """(in words, rows, label) where the low or the high end of a whole number has one label."""
    tallies = _tallies(sample, column)
    ascending = sorted((n, code) for code in tallies if (n := column.numbers[code]) is not None)
    for word, codes in (("below", ascending), ("above", ascending[::-1])):
        values, rows, label = _edge([tallies[code] for _, code in codes]) if codes else (0, 0, MISSING)
        if values > 1:
            yield f"{column.name} {word} {codes[values][0]:g}", rows, label


def fixed(sample: Sample) -> Iterator[Finding]:
    """A part of the table in which the label never varies: by definition, perhaps: it lifts any score."""
    if sample.outcome != "binary" or len(sample.labelled) < 200:
        return
    items: list[tuple[str, int, int]] = []
    for column in sample.features:
        parts: list[tuple[str, int, int]] = []
        if column.type == "integer":
            parts = list(_ends(sample, column))
        elif column.type == "category" and len(column.counts) <= 50:
            single = {code: tally for code, tally in _tallies(sample, column).items() if len(tally) == 1}
            parts = [
                (f"{column.name} = {column.texts[c]}", t.total(), next(iter(t))) for c, t in single.items()
            ]
        parts = [part for part in parts if _surprising(sample, part[1], part[2])]
        told = parts and gain(others_tell(sample, column), sample) >= 0.98
        if parts and not told and sum(rows for _, rows, _ in parts) <= 0.34 * len(sample.labelled):
            items.append(max(parts, key=lambda part: part[1]))
    if items:
        yield _said(sample, max(items, key=lambda part: part[1]))


def _said(sample: Sample, part: tuple[str, int, int]) -> Finding:
    where, rows, label = part
    share = percent(rows, len(sample.labelled))
    text = (
        f"All {rows:,} rows with {where} ({share}) have {sample.target.name} = {sample.target.texts[label]}. "
        "If that is so by "
        "definition, they lift any score without skill: say who is in the population and leave them out."
    )
    return Finding("fixed-label", text, weight=0.5 + min(rows / len(sample.labelled), 0.3))


def small_slices(sample: Sample) -> Iterator[Finding]:
    """Values of a sensitive column with too few rows for a rate."""
    for name in sample.roles.sensitive:
        column = sample.columns[name]
        few = sorted((n, column.texts[code]) for code, n in column.counts.items() if n < SMALL)
        if few and len(column.counts) <= 50:
            shown = ", ".join(f"{text} ({n})" for n, text in few[:5])
            text = f"{name} has values with fewer than {SMALL} rows: {shown}. Give no rate on them."
            yield Finding("small-slice", text, (name,), weight=0.4)


RULES = (fixed, small_slices)
