"""The first true things about a team's data: pure, standard library, no printing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

from .remarks import amounts, columns, copies, giveaway, population, spelling, structure
from .remarks.frame import Frame, Remark, Roles, read

__all__ = ["Remark", "look"]

FAMILIES = (amounts, giveaway, copies, structure, population, spelling, columns)
RULES = tuple(rule for family in FAMILIES for rule in family.RULES)


def _outcome(kit: ModuleType, table: Any, frame: Frame) -> tuple[str, str]:
    """What kind of target it is and its positive value; ("", "") where it cannot be predicted."""
    target = frame.target
    counts = Counter({target.texts[code]: n for code, n in target.counts.items()})
    column = next(column for column in table.columns if column.name == target.name)
    try:
        kind, positive, _ = kit.outcome(table, column, counts)
    except kit.InferenceError:
        return "", ""
    return kind, positive


def _scoped(frame: Frame, remark: Remark) -> Remark:
    """Say of how many rows a remark speaks, where that is not all."""
    if frame.rows == frame.total:
        return remark
    scope = f"Of {frame.rows:,} of {frame.total:,} rows, evenly spaced: "
    return replace(remark, text=scope + remark.text)


def look(
    kit: ModuleType,
    path: Path,
    table: Any,
    *,
    target: str,
    id: str = "",
    time: str = "",
    group: str = "",
    sensitive: Sequence[str] = (),
) -> list[Remark]:
    """What is true and worth knowing about the table, the weightiest first.

    `kit` is the template's infer module, `table` what its infer() said of the file at `path`; the others
    name columns of it. Raises the kit's InferenceError where the file cannot be read.
    """
    roles = Roles(target, id, time, group, tuple(sensitive))
    frame = read(kit, path, table, roles, ("", ""))
    kind, positive = _outcome(kit, table, frame)
    frame = replace(frame, outcome=kind, positive=positive)
    remarks = [_scoped(frame, remark) for rule in RULES for remark in rule(frame)]
    return _varied(sorted(remarks, key=lambda remark: -remark.weight))


def _varied(remarks: Sequence[Remark]) -> list[Remark]:
    """The strongest of each kind first, so that the first lines are of different kinds."""
    first = {remark.kind: remark for remark in reversed(remarks)}
    return [*(r for r in remarks if first[r.kind] is r), *(r for r in remarks if first[r.kind] is not r)]
