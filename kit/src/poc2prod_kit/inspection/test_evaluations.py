"""Openings of the test part: one immutable file for each model, split, data, metric and target looked at."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from poc2prod_kit.run import hashing, libraries, report
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.project import Project

FOLDER = "reports/openings"
SAME = ("model", "split", "data")


def subject(project: Project, model_id: str, split_file: str) -> dict[str, Any]:
    """What an opening is of."""
    return {
        "model": model_id,
        "split": project.hash(split_file),
        "data": {name: project.hash(name) for name in project.param("data.files")},
        "metric": project.param("problem.metric"),
        "target": project.param("problem.target", None),
    }


def write(project: Project, of: dict[str, Any], results: dict[str, Any], outputs: list[str]) -> Path:
    """Write the opening; one that is there already stays as it is."""
    path = project.root / FOLDER / f"{hashing.of_value(of)}.json"
    if not path.exists():
        made = {name: project.hash(name) for name in outputs}
        content = {
            "schema": 1,
            **of,
            "results": report.plain(results),
            "outputs": made,
            "libraries": libraries.versions(),
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(content, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False)
        path.write_text(text + "\n", encoding="utf-8", newline="\n")
    return path


def read(project: Project) -> list[dict[str, Any]]:
    """All openings, by file name, each with its `name`; an unreadable one is an error that names it."""
    found = []
    for path in sorted((project.root / FOLDER).glob("*.json")):
        name = f"{FOLDER}/{path.name}"
        try:
            content = json.loads(project.path(name).read_text(encoding="utf-8"))
            whole = isinstance(content, dict) and {*SAME, "metric", "target", "results", "outputs"} <= set(
                content
            )
        except (OSError, ValueError):
            whole = False
        if not whole:
            raise ProjectError(
                f"{name} is not an opening that can be read. Restore it from git: openings are never edited."
            )
        found.append({**content, "name": name})
    return found


def current(all_of_them: list[dict[str, Any]], of: dict[str, Any]) -> list[dict[str, Any]]:
    """The openings of this model on this split and data, whatever the metric and target then were."""
    return [item for item in all_of_them if all(item[key] == of[key] for key in SAME)]


def explained(all_of_them: list[dict[str, Any]], of: dict[str, Any]) -> str:
    """How libraries changed since the nearest earlier model was looked at with these rows; empty if not."""
    earlier = [item for item in all_of_them if (item["split"], item["data"]) == (of["split"], of["data"])]
    changed = [libraries.changes(item.get("libraries"), libraries.versions()) for item in earlier]
    return min(changed, key=len, default="")


def looks(all_of_them: list[dict[str, Any]]) -> int:
    """How many distinct models were looked at with the test part."""
    return len({item["model"] for item in all_of_them})
