"""II.1 contract: what a request and an answer hold, as OpenAPI with examples; and the golden rows."""

from __future__ import annotations

from typing import Any

from poc2prod_kit.rules import golden
from poc2prod_kit.run import atomic
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.project import Project
from poc2prod_kit.run.report import Report
from poc2prod_kit.serving import examples, fields, schemas

from . import api

OPENAPI, EXAMPLES = "contract/openapi.json", examples.EXAMPLES


class NoModel:
    """Stands for a model where only the document of the endpoints is asked for."""

    def __init__(self, about: dict[str, Any]) -> None:
        self.about = {**about, "model": ""}

    def predict(self, rows: Any) -> list[dict[str, Any]]:
        """Never called."""
        raise NotImplementedError


def run(project: Project) -> Report:
    """Write the OpenAPI document of api.py, and good and bad requests; compare the golden rows."""
    about = fields.about(project)
    compared, findings, files = golden.compare(project)
    requests = tried(project, about["columns"])
    # Their own order of keys, which says what belongs together.
    atomic.write_json(project.root / OPENAPI, api.app(NoModel(about)).openapi(), sort_keys=False)
    atomic.write_json(project.root / EXAMPLES, {"schema": 2, **requests}, sort_keys=False)
    results = {
        "fields": about["columns"],
        "openapi": project.hash(OPENAPI),
        "examples": {kind: len(found) for kind, found in requests.items()},
        **compared,
    }
    return Report(results, [OPENAPI, EXAMPLES, *files], findings)


def write_golden(project: Project) -> None:
    """Write the golden rows anew: what the features of some rows are from now on."""
    golden.write_golden(project)


def tried(project: Project, columns: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Good requests, which are accepted, and bad ones, each refused for the field that is wrong in it."""
    row = schemas.row_model(columns)
    good = examples.good(project, columns, row)
    first = good[0]["request"]
    bad = examples.bad(columns, first)
    for one in bad:
        if examples.refused(row, examples.changed(first, one)) != [one["field"]]:
            raise ProjectError(
                f"A request that is wrong in {one['field']!r} ({one['why']}) is not refused for it. "
                "Compare schema.toml's entry of that column with its values."
            )
    return {"good": good, "bad": bad}
