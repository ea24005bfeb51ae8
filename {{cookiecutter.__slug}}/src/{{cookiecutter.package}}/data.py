"""I.4 data: read the table and check it against schema.toml."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
from poc2prod_kit.run import atomic
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.project import Project
from poc2prod_kit.run.report import Report
from poc2prod_kit.tables import checks, describe, roles
from poc2prod_kit.tables import table as tables
from poc2prod_kit.tables.targets import target

MANIFEST = "data/manifest.json"


def run(project: Project) -> Report:
    """Write the manifest of the raw files, hold every row against the schema, look for contradictions."""
    table = project.table()
    roles.check(project)
    y = target(project, table)
    if y.nunique() < 2:
        there = "one value" if y.nunique() else "no values"
        raise ProjectError(f"{y.name} has {there}: there is nothing to predict. Name another target.")
    files = write_manifest(project, table)
    described = describe.columns(project.schema, table)
    results, findings = checks.check(project, table, y)
    results |= {"rows": len(table), "files": files, "columns": described}
    results |= {"notable": describe.notable(described, len(table))}
    return Report(results, [MANIFEST], findings)


def write_manifest(project: Project, table: pd.DataFrame) -> list[dict[str, Any]]:
    """Each raw file with its bytes on disk, hash of its content, rows, and where it comes from."""
    rows = tables.reading(table).rows
    origins = {
        **_known_origins(project),
        **dict.fromkeys(rows if project.param("data.origin", "") else (), project.param("data.origin", "")),
    }
    files = [
        {
            "name": name,
            "bytes": project.path(name).stat().st_size,
            "sha256": project.hash(name),
            "rows": rows[name],
            "origin": origins.get(name, "given by the user"),
        }
        for name in rows
    ]
    atomic.write_json(project.root / MANIFEST, {"schema": 1, "rows": len(table), "files": files})
    return files


def _known_origins(project: Project) -> dict[str, str]:
    """The origins that the manifest on disk gives; none where there is no readable manifest."""
    try:
        files = json.loads((project.root / MANIFEST).read_text(encoding="utf-8"))["files"]
        return {str(file["name"]): str(file["origin"]) for file in files if file.get("origin")}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
