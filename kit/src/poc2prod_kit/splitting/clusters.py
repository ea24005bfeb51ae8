"""Which rows belong together: an interval counts clusters of related rows, not rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from poc2prod_kit.run.project import Project

FEWEST_WEEKS = 8
FEWEST_MOMENTS = 8
NESTED = 0.9

Labels = npt.NDArray[Any]


def of(project: Project, rows: pd.DataFrame) -> Labels | None:
    """The cluster of each row, shape (n,), or none where rows count one by one.

    Groups; but weeks where these hold whole groups (9 of 10 lie in one week) and there are 8 or more. Without
    groups: the ISO week where the rows span 8 or more, else the day; a time given as a number (a year) where
    it takes 8 or more values. `[evaluate] block` = day or week overrules the choice of block.
    """
    group, time = project.param("data.group", ""), project.param("data.time", "")
    block = _blocks(rows[time], project.param("evaluate.block", "auto")) if time else None
    if not group:
        return block
    groups = group_of(rows, group)
    if block is not None and _weekly(rows[time]) and _nested(groups, block):
        return block
    return groups


def group_of(rows: pd.DataFrame, group: str) -> Labels:
    """The group of each row as text; a row without one is a group of its own."""
    column = rows[group]
    alone = "\x1f" + rows.index.to_series().astype(str)
    return column.astype(str).where(column.notna(), alone).to_numpy(dtype=object)


def _weekly(when: pd.Series) -> bool:
    return when.dtype.kind == "M" and _weeks(when).nunique() >= FEWEST_WEEKS


def _weeks(when: pd.Series) -> pd.Series:
    """Days since Monday, 29 December 1969, in weeks: one number an ISO week."""
    return (when.dt.normalize() - pd.Timestamp(1969, 12, 29)).dt.days // 7


def _blocks(when: pd.Series, block: str) -> Labels | None:
    if when.dtype.kind == "M":
        week = block == "week" or (block == "auto" and _weekly(when))
        days = _weeks(when) * 7 if week else (when.dt.normalize() - pd.Timestamp(1969, 12, 29)).dt.days
        return np.asarray(days.astype(float).fillna(-1.0).to_numpy())
    return when.astype(str).to_numpy(dtype=object) if when.nunique() >= FEWEST_MOMENTS else None


def _nested(groups: Labels, block: Labels) -> bool:
    """Whether most groups lie within one block."""
    pairs = pd.DataFrame({"group": groups, "block": block}).groupby("group")["block"].nunique()
    return bool((pairs == 1).mean() >= NESTED) and len(pairs) > len(pd.unique(block))
