"""Golden rows: rows as text and their features, which training and the API must both reproduce."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pandas as pd

from poc2prod_kit.rules import synthetic
from poc2prod_kit.run import atomic
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.project import Project
from poc2prod_kit.run.report import Finding

FILE = "tests/golden/rows.json"
ROWS = 16
CLOSE = 1e-9
UNSEEN = "never seen before"


def compare(project: Project) -> tuple[dict[str, Any], list[Finding], list[str]]:
    """Build the golden rows' features and compare them with the file, which is written where it is absent.

    Returns what was compared, a finding where values differ, and the file's name.
    """
    synthetic.origin(project)  # read in every run, so that the first report names the same inputs as the next
    if not (project.root / FILE).is_file():
        write_golden(project)
    content = _read(project)
    differing = differences(project, content)
    findings = []
    if differing:
        names = tuple(dict.fromkeys(name for _, name in differing))
        text = (
            f"{len(differing)} values of {FILE} are not what the code computes now ({', '.join(names[:5])}): "
            "whoever relies on the contract gets other features than before. If the change is meant, run "
            "`contract --golden` and commit the file."
        )
        rows = tuple(dict.fromkeys(str(row) for row, _ in differing))
        findings.append(Finding("golden_rows", text, names, rows))
    compared = {"rows": len(content["rows"]), "origin": content["origin"], "differing_values": len(differing)}
    return {"golden": compared}, findings, [FILE]


def write_golden(project: Project) -> None:
    """Write tests/golden/rows.json anew.

    Rows by chance, extremes, nulls and a category never seen, with their features.
    """
    kind = synthetic.origin(project)
    rows = synthetic.draw(project, ROWS) if kind == "synthetic" else synthetic.real(project, _places(project))
    target = project.param("data.target")
    roles = {target, *(project.param(f"data.{role}", "") for role in ("id", "group", "time"))}
    origins = [kind] * len(rows[target])
    for name, cells in rows.items():
        usual, text = cells[0], project.schema[name].type in ("category", "text")
        cells += [usual, usual] if name in roles else ["", UNSEEN if text else usual]
    origins += ["synthetic: nulls", "synthetic: unseen"]
    made = project.code.features.build(project, synthetic.typed(project, rows))
    entries = [
        {
            "origin": origin,
            "input": {name: cells[place] for name, cells in rows.items() if name != target},
            "features": {str(name): _plain(made[name].iloc[place]) for name in made},
        }
        for place, origin in enumerate(origins)
    ]
    content = {"schema": 1, "origin": kind, "rows": entries}
    atomic.write_json(project.root / FILE, content, sort_keys=False)


def differences(project: Project, content: dict[str, Any]) -> list[tuple[int, str]]:
    """(row number from 1, feature) where file and code differ, numbers by over 1e-9 of their size."""
    entries = content["rows"]
    rows = {name: [str(entry["input"].get(name, "")) for entry in entries] for name in project.schema}
    made = project.code.features.build(project, synthetic.typed(project, rows))
    items = []
    for place, entry in enumerate(entries):
        now = {str(name): _plain(made[name].iloc[place]) for name in made}
        then, absent = entry["features"], object()
        items += [
            (place + 1, name)
            for name in {**now, **then}
            if not _same(now.get(name, absent), then.get(name, absent))
        ]
    return items


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, (int, float)):
        return math.isclose(one, other, rel_tol=CLOSE, abs_tol=1e-12)
    return bool(one == other)


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value
    return None if pd.isna(value) else float(f"{value:.12g}")


def _places(project: Project) -> list[int]:
    """Some rows by hash, and rows with the least and largest values of numeric columns."""
    places = synthetic.sample_ids(project)
    table = project.table().iloc[places]
    chosen = dict.fromkeys(np.linspace(0, len(places) - 1, ROWS // 2).astype(int).tolist())
    for name, column in project.schema.items():
        if column.numeric and table[name].notna().any() and len(chosen) < ROWS:
            values = table[name].to_numpy()
            chosen |= dict.fromkeys([int(np.nanargmin(values)), int(np.nanargmax(values))])
    return sorted(places[place] for place in list(chosen)[:ROWS])


def _read(project: Project) -> dict[str, Any]:
    try:
        content = json.loads((project.root / FILE).read_text(encoding="utf-8"))
        if content["schema"] == 1 and all(
            isinstance(row["input"], dict) and isinstance(row["features"], dict) for row in content["rows"]
        ):
            return {"rows": content["rows"], "origin": str(content["origin"])}
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise ProjectError(
        f"{FILE} cannot be read. Restore it from git, or run `contract --golden` to write it anew."
    )
