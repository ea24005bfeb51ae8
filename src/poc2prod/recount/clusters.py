"""Which rows belong together: an interval counts clusters of related rows. Rules: docs/formulas.md."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from datetime import date, datetime

from poc2prod_kit.tables.typed import Value

FEWEST, NESTED = 8, 0.9
MONDAY = date(1969, 12, 29)


def of(
    ids: Sequence[str],
    groups: Sequence[Value] | None,
    when: Sequence[Value] | None,
    block: str = "auto",
    *,
    dated: bool = False,
) -> list[Hashable] | None:
    """The cluster of each row, or None where rows count one by one.

    `groups` and `when`: the columns that [data] group and time name; `dated`: the time column is one of
    dates; `block`: [evaluate] block.
    """
    blocks = _blocks(when, block, dated) if when is not None else None
    if groups is None:
        return blocks
    named: list[Hashable] = [
        f"\x1f{row}" if value is None else str(value) for row, value in zip(ids, groups, strict=True)
    ]
    if blocks is not None and when is not None and dated and _weekly(when) and _nested(named, blocks):
        return blocks
    return named


def at(clusters: Sequence[Hashable] | None, places: Sequence[int]) -> list[Hashable] | None:
    """The clusters of the rows at these places."""
    return None if clusters is None else [clusters[place] for place in places]


def _week(moment: Value) -> int:
    return (moment.date() - MONDAY).days // 7 if isinstance(moment, datetime) else -1


def _weekly(when: Sequence[Value]) -> bool:
    return len({_week(moment) for moment in when if moment is not None}) >= FEWEST


def _blocks(when: Sequence[Value], block: str, dated: bool) -> list[Hashable] | None:
    if dated:
        if block == "week" or (block == "auto" and _weekly(when)):
            return [_week(moment) for moment in when]
        return [moment.date() if isinstance(moment, datetime) else None for moment in when]
    several = len({moment for moment in when if moment is not None}) >= FEWEST
    return [None if moment is None else str(moment) for moment in when] if several else None


def _nested(groups: Sequence[Hashable], blocks: Sequence[Hashable]) -> bool:
    inside: dict[Hashable, set[Hashable]] = defaultdict(set)
    for group, block in zip(groups, blocks, strict=True):
        inside[group].add(block)
    single = sum(len(result) == 1 for result in inside.values())
    return single >= NESTED * len(inside) and len(inside) > len(set(blocks))
