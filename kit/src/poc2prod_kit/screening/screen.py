"""All that screening has to say of a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from typing import NamedTuple

from poc2prod_kit.screening import contents, duplicates, leaks, recognised, relations, spelling
from poc2prod_kit.screening.finding import Finding
from poc2prod_kit.screening.sample import Sample

DESCRIPTIONS = (*duplicates.DESCRIPTIONS, *relations.RULES, *contents.RULES, *recognised.DESCRIPTIONS)


class Screened(NamedTuple):
    """The findings, the weightiest first; and how well each column does alone (None: it cannot be said)."""

    findings: list[Finding]
    scores: dict[str, float | None]


def problems(sample: Sample) -> Screened:
    """What must end before I.4 and I.6 pass."""
    scores = leaks.scored(sample)
    return Screened(_sorted(sample, (item for item in _problems(sample, scores) if item.step)), scores)


def everything(sample: Sample) -> Screened:
    """The problems and what else is worth knowing, the strongest of each kind first."""
    scores = leaks.scored(sample)
    descriptions = (item for rule in DESCRIPTIONS for item in rule(sample))
    ordered = _sorted(sample, chain(_problems(sample, scores), descriptions))
    first = {item.kind: item for item in reversed(ordered)}
    return Screened(sorted(ordered, key=lambda item: first[item.kind] is not item), scores)


def _problems(sample: Sample, scores: dict[str, float | None]) -> Iterator[Finding]:
    yield from leaks.find(sample, scores)
    unusual = (contents.impossible, contents.placeholders, contents.stray)
    for rule in (duplicates.find, spelling.find, *unusual, recognised.bookkeeping):
        yield from rule(sample)


def _sorted(sample: Sample, findings: Iterable[Finding]) -> list[Finding]:
    """The weightiest first, each saying of how many rows it speaks where that is not all."""
    result = sorted(findings, key=lambda item: (-item.weight, item.id))
    if sample.rows == sample.total:
        return result
    scope = f"Of {sample.rows:,} of {sample.total:,} rows, evenly spaced: "
    return [replace(item, text=scope + item.text) for item in result]
