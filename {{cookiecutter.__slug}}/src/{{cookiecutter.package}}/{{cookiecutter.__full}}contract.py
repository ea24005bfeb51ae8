"""II.1 contract: what a request and an answer hold, written down as OpenAPI with examples."""

from __future__ import annotations

import json
from typing import Any

from .kit import atomic, hashing
from .kit.errors import ProjectError
from .kit.project import Project
from .kit.report import Report
from .kit.service import examples, fields, openapi, shapes

OPENAPI, EXAMPLES = "contract/openapi.json", "contract/examples.json"


def run(project: Project) -> Report:
    """Write the document of the endpoints, and good and bad requests, each tried as the API would."""
    about = fields.about(project)
    document, requests = openapi.document(about), tried(project, about["columns"])
    write(project, OPENAPI, document)
    write(project, EXAMPLES, {"schema": 1, **requests})
    results = {
        "fields": about["columns"],
        "openapi": project.hash(OPENAPI),
        "served": hashing.of_value(document),
        "examples": {kind: len(found) for kind, found in requests.items()},
    }
    return Report(results, [OPENAPI, EXAMPLES])


def tried(project: Project, columns: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Good requests, which are accepted, and bad ones, each refused for the field that is wrong in it."""
    kind = shapes.request_type(columns)
    good = examples.good(project, columns, kind)
    usual = {column["name"]: column["example"] for column in columns}
    bad = examples.bad(columns, good[0]["request"] if good else usual)
    for one in bad:
        if examples.refused(kind, one["request"]) != [one["field"]]:
            raise ProjectError(
                f"A request that is wrong in {one['field']!r} ({one['why']}) is not refused for it. "
                "Compare schema.toml's entry of that column with its values."
            )
    return {"good": good or [{"origin": "schema.toml", "request": usual}], "bad": bad}


def write(project: Project, name: str, content: dict[str, Any]) -> None:
    """Write JSON as it is committed: in its own order, UTF-8, indented by 1."""
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    atomic.write_text(project.root / name, text + "\n")
