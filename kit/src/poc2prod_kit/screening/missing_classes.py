"""Classes that one part of a split holds and another does not."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from poc2prod_kit.screening.finding import Finding, count, percent

KIND = "class_missing"
# By chance fewer than one part in a hundred lacks a class of which it would have five rows (e to the -5).
EXPECTED = 5
MOST = 5


def find(
    target: str, labels: Sequence[str], parts: Sequence[str], when: Sequence[Any] | None
) -> Finding | None:
    """Later rows of classes that no training row has, and frequent classes that a later part lacks.

    `labels`, `parts`: of the rows in a part; `when`: their moments, where rows have one.
    """
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for (part, label), n in Counter(zip(parts, labels, strict=True)).items():
        counts[part][label] = n

    def named(part: str, classes: Sequence[str]) -> str:
        """The first of some classes, each with its rows in a part and their days."""
        return ", ".join(
            f"{target} = {label} ({count(counts[part][label], 'row')}{_days(part, label, labels, parts, when)})"
            for label in classes[:MOST]
        )

    train, sentences, share = counts["train"], list[str](), 0.0
    for part in ("validation", "test"):
        own, whole = counts[part], counts[part].total()
        new = sorted((label for label in own if label not in train), key=lambda label: (-own[label], label))
        if new:
            n = sum(own[label] for label in new)
            share = max(share, n / whole)
            sentences.append(
                f"{percent(n, whole)} of the {part} rows ({n:,} of {whole:,}) are of a class that no training "
                f"row has: {named(part, new)}. No model can learn it, so each of these rows counts as an error. Let "
                "training include it ([split] train_until and validation_until, where the split is by time), "
                "or leave these rows out with a rule in [data] population."
            )
        gone = [
            label for label in sorted(train)
            if not own[label] and train[label] / train.total() * whole >= EXPECTED
        ]  # fmt: skip
        if gone:
            n = sum(train[label] for label in gone)
            share = max(share, n / train.total())
            sentences.append(
                f"No {part} row is of a class that {percent(n, train.total())} of the training rows have: "
                f"{named('train', gone)}. The {part} score says nothing about it."
            )
    return Finding(KIND, " ".join(sentences), (target,), "split", share) if sentences else None


def _days(
    part: str, label: str, labels: Sequence[str], parts: Sequence[str], when: Sequence[Any] | None
) -> str:
    """The first and last moment of a class in a part: ", 2023-10-02 to 2023-10-27"."""
    if when is None:
        return ""
    moments = [
        moment
        for moment, own, side in zip(when, labels, parts, strict=True)
        if own == label and side == part and moment is not None
    ]
    if not moments:
        return ""
    first, last = (_day(moment) for moment in (min(moments), max(moments)))
    return f", {first}" if first == last else f", {first} to {last}"


def _day(moment: Any) -> str:
    return moment.date().isoformat() if hasattr(moment, "date") else f"{moment:g}"
