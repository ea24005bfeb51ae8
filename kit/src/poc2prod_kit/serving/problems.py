"""Errors as RFC 9457 has them: application/problem+json, with the fields that are wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"
MOST_ERRORS, LONGEST = 20, 200
MEANINGS = {
    400: "The body is not valid JSON.",
    413: "The body is larger than the service reads.",
    422: "Fields are missing, unknown or not valid; `errors` names them.",
    500: "An error inside the service.",
    503: "The service cannot predict.",
}


class Problem(BaseModel):
    """What a request is refused for."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[dict[str, str]] = Field(
        default=[],
        description='`field` and `message` of what is wrong; the field of a batch is such as rows.3.age, "" is '
        "the body itself",
    )


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What FastAPI's `responses` takes: these statuses, each answered with a problem."""
    content = {MEDIA_TYPE: {"schema": Problem.model_json_schema(mode="serialization")}}
    return {status: {"description": MEANINGS[status], "content": content} for status in statuses}


def problem(
    status: int, detail: str, errors: Sequence[dict[str, str]] = (), headers: Mapping[str, str] | None = None
) -> Response:
    """The response that says so."""
    title = HTTPStatus(status).phrase
    content = Problem(title=title, status=status, detail=detail, errors=list(errors))
    # ensure_ascii: a key of the request may hold half a surrogate pair, which UTF-8 cannot encode.
    return Response(content.model_dump_json(ensure_ascii=True), status, headers, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Let an app answer all errors with problems."""
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(Exception, _broken)


async def _invalid(_: Request, error: Exception) -> Response:
    """422 with the first fields that are wrong; 400 where the body is no JSON."""
    assert isinstance(error, RequestValidationError)
    result = error.errors()
    if result[0]["type"] == "json_invalid":
        return problem(400, MEANINGS[400], [{"field": "", "message": "must be valid JSON"}])
    errors = [_named(one) for one in result[:MOST_ERRORS]]
    detail = "1 field is wrong." if len(result) == 1 else f"{len(result)} fields are wrong."
    if len(result) > MOST_ERRORS:
        detail = f"More than {MOST_ERRORS} fields are wrong. The first {MOST_ERRORS} are listed."
    return problem(422, detail, errors)


async def _refused(_: Request, error: Exception) -> Response:
    """Unknown paths, wrong methods, and what else ends with a status."""
    assert isinstance(error, HTTPException)
    return problem(error.status_code, str(error.detail), headers=error.headers)


async def _broken(request: Request, _: Exception) -> Response:
    """500. The error itself goes to the log: its message may quote the request, or how the service works."""
    headers = {"X-Request-ID": request.scope.get("request_id", "")}
    return problem(500, "An error inside the service; the request is not its cause.", headers=headers)


def _named(error: Mapping[str, Any]) -> dict[str, str]:
    """Field and message of an error, without the value that was sent; a name that the caller made up is cut."""
    texts = {"field": ".".join(map(str, error["loc"][1:])), "message": str(error["msg"])}
    texts["message"] = texts["message"].removeprefix("Value error, ")
    return {key: text if len(text) <= LONGEST else f"{text[:LONGEST]}…" for key, text in texts.items()}
