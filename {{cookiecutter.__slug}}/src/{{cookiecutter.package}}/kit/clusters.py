"""Which rows belong together: an interval counts clusters of related rows, not rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from .project import Project

FEWEST_WEEKS = 8


def of(project: Project, rows: pd.DataFrame) -> np.ndarray[Any, Any] | None:
    """The cluster of each row: its group; else the ISO week where 8 or more are spanned, else the day; else none."""
    group, time = project.param("data.group", ""), project.param("data.time", "")
    if group:
        return rows[group].astype(str).to_numpy()
    if not time or rows[time].dtype.kind != "M":
        return None
    week = rows[time].dt.strftime("%G-W%V")
    block = project.param("evaluate.block", "auto")
    if block == "week" or (block == "auto" and week.nunique() >= FEWEST_WEEKS):
        return week.to_numpy()
    return rows[time].dt.strftime("%Y-%m-%d").to_numpy()
