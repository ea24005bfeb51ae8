"""contract/openapi.json: the document of all endpoints, made from the columns and what is predicted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from poc2prod_kit.serving import answers, request_types
from poc2prod_kit.serving.answers import described

Schema = dict[str, Any]
PROBLEM = "application/problem+json"
NAIVE = "an ISO 8601 date, or date and time; with an offset it is turned into UTC, else taken as it is"
REFUSED = {
    400: "The body is not valid JSON, or ended early.",
    408: "The body did not arrive in time.",
    413: "The body is larger than the service reads.",
    415: "The body is not `application/json` in UTF-8, or it is compressed.",
    422: "Fields are missing, unknown or hold what they may not; `errors` names them.",
    500: "Something went wrong in the service.",
}
REQUEST_ID = {
    "description": "The caller's own, where it sent one, else a new one",
    "schema": {"type": "string"},
}
BROKEN = {500: REFUSED[500]}
UNREADY = {503: "The service is starting or stopping.", **BROKEN}


def document(about: Mapping[str, Any]) -> Schema:
    """OpenAPI 3.1 of all endpoints, in a stable order; `about` is what kit/service/fields.py makes."""
    columns = about["columns"]
    example = {column["name"]: column["example"] for column in columns}
    answer, said = answers.schema(about["target"], about.get("threshold")), answers.example(about["target"])
    batch = {
        "type": "object",
        "additionalProperties": False,
        "required": ["rows"],
        "properties": {"rows": _rows(about["limits"]["largest_batch"])},
    }
    schemas = {"Row": row_schema(columns), "Batch": batch, **answers.schemas(answer)}
    return {
        "openapi": "3.1.0",
        "info": {key: about[key] for key in ("title", "version", "description") if about.get(key)},
        "paths": {
            "/predict": _post("predict", "Predict one row", "Row", example, "Answer", said),
            "/predict/batch": _post(
                "predict_batch", "Predict several rows, answered in their order", "Batch",
                {"rows": [example]}, "BatchAnswer", answers.batched(said),
            ),
            **_observed(),
        },
        "components": {"schemas": schemas, "responses": _responses(), "headers": {"RequestID": REQUEST_ID}},
    }  # fmt: skip


def row_schema(columns: Sequence[request_types.Column]) -> Schema:
    """What a row may hold: exactly what kit/service/shapes.py accepts."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [column["name"] for column in columns if not column.get("nullable")],
        "properties": {column["name"]: _cell(column) for column in columns},
    }


def _cell(column: request_types.Column) -> Schema:
    made = _plain(column)
    if column.get("nullable"):
        made["type"] = [made["type"], "null"]
        if "enum" in made:
            made["enum"] = [*made["enum"], None]
    if said := described(column, NAIVE if column["type"] == "date" else ""):
        made["description"] = said
    if column.get("unit"):
        made["x-unit"] = column["unit"]
    return {**made, "examples": [column["example"]]}


def _plain(column: request_types.Column) -> Schema:
    kind = column["type"]
    if kind == "boolean":
        return {"type": "boolean"}
    if kind == "date":
        return {"type": "string", "pattern": request_types.DATE}
    if kind in request_types.LARGEST:
        low, high = request_types.limits(column)
        return {"type": kind, "minimum": low, "maximum": high}
    if kind == "category" and column.get("values"):
        return {"type": "string", "enum": list(column["values"])}
    return {"type": "string", "minLength": 1, "maxLength": request_types.LONGEST[kind]}


def _rows(largest: int) -> Schema:
    return {"type": "array", "minItems": 1, "maxItems": largest, "items": _ref("Row")}


def _post(name: str, summary: str, takes: str, example: Any, gives: str, said: Any) -> Schema:
    body = {"schema": _ref(takes), "examples": {"usual": {"value": example}}}
    return {
        "post": {
            "operationId": name,
            "summary": summary,
            "requestBody": {"required": True, "content": {"application/json": body}},
            "responses": {
                "200": _answer("The prediction", gives, {"examples": {"usual": {"value": said}}}),
                **_problems(REFUSED),
            },
        }
    }


def _observed() -> Schema:
    """The endpoints that tell how the service is."""
    text = {"text/plain": {"schema": {"type": "string"}}}
    json = {"application/json": {"schema": {"type": "object"}}}
    health = _answer("It answers", "Health", {})
    return {
        "/health": _get("health", "Whether the process answers", health, BROKEN),
        "/ready": _get(
            "ready", "Whether it takes requests", _answer("It takes requests", "Ready", {}), UNREADY
        ),
        "/metrics": _get("metrics", "Numbers for Prometheus", _made("Prometheus' text format", text), BROKEN),
        "/version": _get("version", "What is served", _answer("What is served", "Version", {}), BROKEN),
        "/openapi.json": _get("openapi", "This document", _made("This document", json), BROKEN),
    }


def _get(name: str, summary: str, answer: Schema, wrong: Mapping[int, str]) -> Schema:
    responses = {"200": answer, **_problems(wrong)}
    return {"get": {"operationId": name, "summary": summary, "responses": responses}}


def _answer(words: str, name: str, more: Schema) -> Schema:
    return _made(words, {"application/json": {"schema": _ref(name), **more}})


def _made(words: str, content: Schema) -> Schema:
    header = {"$ref": "#/components/headers/RequestID"}
    return {"description": words, "headers": {"X-Request-ID": header}, "content": content}


def _problems(wrong: Mapping[int, str]) -> Schema:
    return {str(code): {"$ref": f"#/components/responses/Problem{code}"} for code in wrong}


def _responses() -> Schema:
    """The problems, each described once."""
    content = {PROBLEM: {"schema": _ref("Problem")}}
    return {f"Problem{code}": _made(words, content) for code, words in {**REFUSED, **UNREADY}.items()}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}
