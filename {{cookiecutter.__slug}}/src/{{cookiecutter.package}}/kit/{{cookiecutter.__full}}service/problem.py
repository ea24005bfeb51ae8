"""Errors over HTTP, as RFC 9457 has it: application/problem+json with the fields that are wrong."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from pydantic import ValidationError
from starlette.responses import Response

MOST_ERRORS, LONGEST_NAME, MOST_VALUES = 20, 100, 10
KINDS = {"int": "a whole number", "float": "a number", "bool": "true or false", "string": "text"}
BODY = ""


class ProblemError(Exception):
    """What a request is refused for: the status, one sentence, the fields concerned, further headers."""

    def __init__(
        self,
        status: int,
        detail: str,
        errors: Iterable[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, dict(headers or {})
        self.errors = list(errors)

    def response(self, request_id: str) -> Response:
        """The answer that says so."""
        content = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "errors": self.errors,
            "request_id": request_id,
        }
        body = json.dumps(content, ensure_ascii=True).encode()
        return Response(body, self.status, self.headers, "application/problem+json")


def invalid(error: ValidationError) -> ProblemError:
    """The problem that pydantic found: 400 where the body is no JSON, else 422 with each wrong field."""
    found = error.errors(include_url=False, include_input=False)
    if found[0]["type"] == "json_invalid":
        return ProblemError(
            400, "The body is not valid JSON.", [{"field": BODY, "message": "must be valid JSON"}]
        )
    errors = [{"field": field(one["loc"]), "message": message(one)} for one in found[:MOST_ERRORS]]
    more = len(found) - len(errors)
    rest = f" {more} more are not listed." if more else ""
    count = "1 field is wrong." if len(found) == 1 else f"{len(found)} fields are wrong."
    return ProblemError(422, count + rest, errors)


def field(place: tuple[int | str, ...]) -> str:
    """The name of a field: `age`, in a batch `rows.3.age`; "" is the body itself."""
    name = ".".join(str(part) for part in place)
    return name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}…"


def message(one: Mapping[str, Any]) -> str:
    """What is wrong with a field, in our words and without the value that was sent."""
    kind, context = str(one["type"]), one.get("ctx", {})
    if kind in FIXED:
        return FIXED[kind]
    for start, words in KINDS.items():
        if kind.startswith(f"{start}_"):
            return f"must be {words}"
    if kind in BOUNDS:
        word, key = BOUNDS[kind]
        return f"must be {word} {context[key]:.15g}"
    if kind in ("literal_error", "enum"):
        return f"must be one of {_few(str(context['expected']))}"
    if kind in ("too_long", "too_short"):
        most = context.get("max_length", context.get("min_length"))
        end = "most" if kind == "too_long" else "least"
        return f"must have at {end} {most} {'item' if most == 1 else 'items'}"
    if kind == "value_error" and "error" in context:
        return str(context["error"])
    return "is not valid"


FIXED = {
    "missing": "is required",
    "extra_forbidden": "is not a field of this model",
    "finite_number": "must be a finite number",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "list_type": "must be a list",
    "none_required": "must be null",
    "string_unicode": "must be valid Unicode",
    "string_too_long": "is too long",
    "string_too_short": "must not be empty",
    "datetime_from_date_parsing": "must be a date or a date and time, as ISO 8601 writes it",
    "datetime_parsing": "must be a date or a date and time, as ISO 8601 writes it",
    "datetime_type": "must be a date or a date and time, as ISO 8601 writes it",
    "date_parsing": "must be a date, as ISO 8601 writes it",
    "date_type": "must be a date, as ISO 8601 writes it",
}
BOUNDS = {
    "greater_than": ("more than", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("less than", "lt"),
    "less_than_equal": ("at most", "le"),
}


def _few(values: str) -> str:
    listed = values.replace(" or ", ", ").split(", ")
    return ", ".join(listed[:MOST_VALUES]) + (", …" if len(listed) > MOST_VALUES else "")
