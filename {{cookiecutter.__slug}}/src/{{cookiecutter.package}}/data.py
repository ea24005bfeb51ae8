"""I.4 data: what the table holds, and whether it is what schema.toml says."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd

from .kit import checks
from .kit.errors import ProjectError
from .kit.metrics import Floats
from .kit.project import Project
from .kit.report import Report


def run(project: Project) -> Report:
    """Write the manifest of the raw files, hold every row against the schema, look for contradictions."""
    table = project.table()
    write_manifest(project, len(table))
    results, findings = checks.check(project, table)
    return Report(results, ["data/manifest.json"], findings)


def write_manifest(project: Project, rows: int) -> None:
    """Each raw file with its size, hash and origin."""
    files = [
        {"name": name, "bytes": project.path(name).stat().st_size, "sha256": project.hash(name)}
        for name in project.param("data.files")
    ]
    text = json.dumps({"schema": 1, "rows": rows, "files": files}, sort_keys=True, indent=1, ensure_ascii=False)
    (project.root / "data" / "manifest.json").write_text(text + "\n", encoding="utf-8", newline="\n")


def target(project: Project, table: pd.DataFrame) -> pd.Series:
    """The target of each row: 1 or 0 (binary), a number (regression) or a label (multiclass); NaN if missing."""
    name, outcome = project.param("data.target"), project.param("problem.outcome")
    if name not in table:
        raise ProjectError(f"[data] target = {name!r} is not a column; the columns are {', '.join(table)}.")
    column = table[name]
    if outcome == "regression":
        return column
    if outcome == "multiclass":
        return column if column.dtype == object else column.map(lambda value: f"{value:g}", na_action="ignore")
    return _binary(project, column)


def _binary(project: Project, column: pd.Series) -> pd.Series:
    positive = project.param("problem.positive")
    if column.dtype == object:
        return (column == positive).astype(float).where(column.notna())
    number = 1.0 if project.schema[str(column.name)].type == "boolean" and positive not in ("0", "no") else float(positive)
    return (column == number).astype(float).where(column.notna())


def labels(project: Project, ids: pd.Index) -> np.ndarray | Floats:
    """The target of the rows with these ids."""
    return target(project, project.table().loc[ids]).to_numpy()
