"""Errors over HTTP, as RFC 9457 has it: application/problem+json with the fields that are wrong."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Set
from http import HTTPStatus
from itertools import islice
from typing import Any

from pydantic_core import ErrorDetails
from starlette.responses import Response

from poc2prod_kit.serving import request_types

MOST_ERRORS, LONGEST_NAME = 20, 100
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


def unreadable() -> ProblemError:
    """400: the body is no JSON."""
    return ProblemError(
        400, "The body is not valid JSON.", [{"field": BODY, "message": "must be valid JSON"}]
    )


def wrong(found: Iterable[ErrorDetails], known: Set[str]) -> ProblemError:
    """422 with the first fields that are wrong, and no look at what is wrong beyond them."""
    first = list(islice(found, MOST_ERRORS + 1))
    errors = [{"field": field(one["loc"], known), "message": message(one)} for one in first[:MOST_ERRORS]]
    count = "1 field is wrong." if len(first) == 1 else f"{len(first)} fields are wrong."
    if len(first) > MOST_ERRORS:
        count = f"More than {MOST_ERRORS} fields are wrong. The first {MOST_ERRORS} are listed."
    return ProblemError(422, count, errors)


def field(place: tuple[int | str, ...], known: Set[str] = frozenset()) -> str:
    """The name of a field: `age`, in a batch `rows.3.age`; "" is the body itself.

    Known ones are named whole, what callers made up is cut.
    """
    name = ".".join(str(part) for part in place)
    return name if len(name) <= LONGEST_NAME or place[-1] in known else f"{name[:LONGEST_NAME]}…"


def message(one: Mapping[str, Any]) -> str:
    """What is wrong with a field, in our words and without the value that was sent."""
    kind, context = str(one["type"]), one.get("ctx", {})
    if kind in FIXED:
        return FIXED[kind]
    if kind in BOUNDS:
        word, key = BOUNDS[kind]
        return f"must be {word} {context[key]:.15g}"
    if kind in LENGTHS:
        word, key = LENGTHS[kind]
        return f"must have at {word} {context[key]} {'item' if context[key] == 1 else 'items'}"
    if kind == request_types.UNLISTED:
        return f"must be one of {context['values']}"
    if kind == "value_error" and "error" in context:
        return str(context["error"])
    return "is not valid"


FIXED = {
    "missing": "is required",
    "extra_forbidden": "is not a field of this model",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "string_type": "must be text",
    "string_unicode": "must be valid Unicode",
    "string_too_long": "is too long",
    "string_too_short": "must not be empty",
    "dict_type": "must be an object",
    "list_type": "must be a list",
}
BOUNDS = {"greater_than_equal": ("at least", "ge"), "less_than_equal": ("at most", "le")}
LENGTHS = {"too_long": ("most", "max_length"), "too_short": ("least", "min_length")}
