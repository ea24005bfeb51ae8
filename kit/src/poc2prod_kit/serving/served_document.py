"""What the API of api.py serves, asked in this process without a model: its document and its endpoints."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.serving import answers

DOCUMENT = "/openapi.json"
LIKE_GET = {"HEAD", "OPTIONS"}


class StandIn:
    """In place of a model: answers every row with the example of an answer."""

    def __init__(self, about: Mapping[str, Any]) -> None:
        self.about = {**about, "model": answers.MODEL_ID}

    def predict(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The same for each row, less the model's id."""
        said = answers.batched(answers.example(self.about["target"]))["predictions"]
        return [dict(said[0]) for _ in rows]


def document(about: Mapping[str, Any], app: Callable[[Any], Any]) -> tuple[dict[str, Any], list[str]]:
    """The document that the API serves, and endpoints that it does not name, such as `POST /feedback`."""
    routes: list[Any] = [route for route in app(StandIn(about)).routes if hasattr(route, "endpoint")]
    asked = next((route for route in routes if getattr(route, "path", "") == DOCUMENT), None)
    if asked is None:
        raise ProjectError(f"api.py has no endpoint {DOCUMENT}, so callers cannot read the contract. Add it.")
    found: dict[str, Any] = json.loads(asyncio.run(asked.endpoint()).body)
    there = {
        (method, route.path)
        for route in routes
        for method in (getattr(route, "methods", None) or {"WEBSOCKET"}) - LIKE_GET
    }
    named = {(method.upper(), path) for path, methods in found["paths"].items() for method in methods}
    return found, [f"{method} {path}" for method, path in sorted(there - named)]
