"""The step `api`: export the serving model, hold it against the fitted one and the golden predictions."""

from __future__ import annotations

import json
from typing import Any

from poc2prod_kit.models import selected_model
from poc2prod_kit.run import atomic, report
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.project import Project
from poc2prod_kit.run.report import Finding, Report
from poc2prod_kit.serving import api_probe, examples, export, parity, schemas, scorer

GOLDEN = "tests/golden/predictions.json"


def run(project: Project) -> Report:
    """Write models/serving.*, and what they were found to say; changed golden predictions are a finding."""
    report.results(project, "features")
    report.results(project, "contract")
    model = selected_model.load(project)
    exported, compared = made(project, model)
    outputs, served = exported.write(project.root), exported.scorer
    predicted = answers(project, served)
    path = project.root / GOLDEN
    if not path.is_file():
        _write(project, model.content_id, predicted)
    before = read(project)
    results = {
        "model": model.content_id,
        "kind": model.name,
        **compared,
        "predictions": compare(before, predicted),
        "serving": {
            "bytes": (project.root / (scorer.ONNX if exported.onnx else scorer.FITTED)).stat().st_size
        },
    }
    findings = []
    if results["predictions"]["differing"]:
        cause = (
            "the model is the same, so the code around it changed what it says"
            if before["model"] == model.content_id
            else "the model was fitted anew"
        )
        text = (
            f"{results['predictions']['differing']} of {len(predicted)} golden predictions are not what "
            f"{GOLDEN} holds: {cause}. If that is meant, run `api --golden` and commit the file."
        )
        findings.append(Finding("golden_predictions", text))
    return Report(results, outputs, findings)


def made(project: Project, model: selected_model.SelectedModel) -> tuple[export.Export, dict[str, Any]]:
    """The export in ONNX where that gives the fitted model's scores, else the fitted pipeline itself.

    With it what was compared, `served_by`, and for a pipeline `why`.
    """
    try:
        exported = export.by_onnx(project, model)
        return exported, {"served_by": "onnx", **parity.check(project, model, exported.scorer)}
    except (export.NotConvertibleError, parity.DiffersError) as error:
        exported = export.by_pipeline(project, model)
        compared = parity.check(project, model, exported.scorer)
        return exported, {"served_by": "pipeline", "why": str(error), **compared}


def write_golden(project: Project) -> None:
    """Write tests/golden/predictions.json anew: what the service answers to the good examples from now on."""
    model = selected_model.load(project)
    served = made(project, model)[0].scorer
    _write(project, model.content_id, answers(project, served))


def answers(project: Project, served: scorer.Scorer) -> list[dict[str, Any]]:
    """Each good example of the contract as `request`, with the `answer` of /predict, less the model's id."""
    content = json.loads(project.path(examples.EXAMPLES).read_text(encoding="utf-8"))
    row = schemas.row_model(served.about["columns"])
    requests = [one["request"] for one in content["good"]]
    rows = [schemas.as_row(row.model_validate(one)) for one in requests]
    y_pred = served.predict(rows)
    return [{"request": one, "answer": answer} for one, answer in zip(requests, y_pred, strict=True)]


def read(project: Project) -> dict[str, Any]:
    """tests/golden/predictions.json: `model` and `rows`; ProjectError where it cannot be read."""
    try:
        content: dict[str, Any] = json.loads(project.path(GOLDEN).read_text(encoding="utf-8"))
        if content["schema"] == 1 and all({"request", "answer"} <= set(row) for row in content["rows"]):
            return content
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise ProjectError(
        f"{GOLDEN} cannot be read. Restore it from git, or run `api --golden` to write it anew."
    )


def golden_pairs(project: Project) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Each golden prediction as its request and its answer."""
    return [(one["request"], one["answer"]) for one in read(project)["rows"]]


def compare(before: dict[str, Any], now: list[dict[str, Any]]) -> dict[str, Any]:
    """How many golden predictions differ: other requests, another answer, or numbers by more than 1e-5."""
    rows = before["rows"]
    pairs = zip(now, rows, strict=False)
    items = [one["answer"] if one["request"] == other["request"] else None for one, other in pairs]
    lacking = [None] * (len(rows) - len(items))
    result = api_probe.compared([*items, *lacking], [row["answer"] for row in rows])
    return {**result, "differing": result["differing"] + max(len(now) - len(rows), 0)}


def _write(project: Project, model: str, rows: list[dict[str, Any]]) -> None:
    content = {"schema": 1, "model": model, "rows": rows}
    atomic.write_json(project.root / GOLDEN, content, sort_keys=False)
