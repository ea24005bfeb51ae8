"""II.1 contract: what a request and an answer hold, written down as OpenAPI with examples."""

from __future__ import annotations

import json
from typing import Any

from poc2prod_kit.run import atomic, hashing
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.project import Project
from poc2prod_kit.run.report import Finding, Report
from poc2prod_kit.serving import examples, fields, openapi, request_types, served_document

from . import api

OPENAPI, EXAMPLES = "contract/openapi.json", examples.EXAMPLES


def run(project: Project) -> Report:
    """Write the document of the endpoints, and good and bad requests, each tried as the API would."""
    about = fields.about(project)
    document, requests = openapi.document(about), tried(project, about["columns"])
    write(project, OPENAPI, document)
    write(project, EXAMPLES, {"schema": 2, **requests})
    answered, unnamed = served_document.document(about, api.app)
    results = {
        "fields": about["columns"],
        "openapi": project.hash(OPENAPI),
        "served": hashing.of_value(answered),
        "examples": {kind: len(found) for kind, found in requests.items()},
    }
    return Report(results, [OPENAPI, EXAMPLES], _differing(document, answered, unnamed))


def tried(project: Project, columns: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Good requests, which are accepted, and bad ones, each refused for the field that is wrong in it."""
    kind = request_types.request_type(columns)
    good = examples.good(project, columns, kind, meant=True)
    first = good[0]["request"]
    bad = examples.bad(columns, first)
    for one in bad:
        if examples.refused(kind, examples.changed(first, one)) != [one["field"]]:
            raise ProjectError(
                f"A request that is wrong in {one['field']!r} ({one['why']}) is not refused for it. "
                "Compare schema.toml's entry of that column with its values."
            )
    return {"good": good, "bad": bad}


def _differing(document: Any, answered: Any, unnamed: list[str]) -> list[Finding]:
    """What callers would find otherwise than it is written down."""
    found = []
    if document != answered:
        text = (
            f"{OPENAPI} is not what api.py serves: callers read the one and meet the other. Make them agree."
        )
        found.append(Finding("served_otherwise", text))
    if unnamed:
        text = (
            f"api.py answers {', '.join(unnamed)}, which {OPENAPI} does not name. Describe it, or remove it."
        )
        found.append(Finding("unnamed_endpoint", text))
    return found


def write(project: Project, name: str, content: dict[str, Any]) -> None:
    """Write JSON as it is committed: in its own order, UTF-8, indented by 1."""
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    atomic.write_text(project.root / name, text + "\n")
