"""Which rows of a large table are looked at: evenly spaced, the same for whoever reads it."""

from __future__ import annotations

from collections.abc import Iterable

MOST = 100_000
# The golden ratio's fractional part times 2^64. Multiples of it are spread evenly and follow no period of
# the rows, such as the 24 hours of a day, as every second or every eighth row would.
GOLDEN = 0x9E3779B97F4A7C15
WHOLE = 1 << 64


def drawn(places: Iterable[int], share: float) -> list[int]:
    """Which of these rows, by their place among all rows from 0, belong to a sample of `share` of all.

    A smaller share is part of a larger one.
    """
    limit = int(share * WHOLE)
    return [at for at, place in enumerate(places) if place * GOLDEN % WHOLE < limit]
