"""What the endpoints stand on: reading and checking bodies, answering, and knowing whether it is ready."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, Protocol, TypeVar

from fastapi import FastAPI
from pydantic_core import to_json
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.paths import package
from poc2prod_kit.serving import limits, request_types, request_validation
from poc2prod_kit.serving.logs import Log
from poc2prod_kit.serving.metrics import Metrics
from poc2prod_kit.serving.middleware import Middleware
from poc2prod_kit.serving.problem import ProblemError

T = TypeVar("T")
Of = TypeVar("Of", covariant=True)
LARGEST_AT_ONCE = 16 * 1024
STARTING, READY, STOPPING = "starting", "ready", "stopping"


class Scorer(Protocol):
    """A loaded model (kit/service/scorer.py), or what stands for one in a test."""

    about: dict[str, Any]

    def predict(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Each row's answer, as /predict gives it, less the model's id."""


class Kind(Protocol[Of]):
    """What a body must be (kit/service/checked.py)."""

    def validate_json(self, body: bytes, /) -> Of:
        """What the body holds. Raises ProblemError."""


class Service:
    """One scorer behind HTTP. `state`: starting, ready, stopping. When `closing`, answers end connections."""

    def __init__(self, scorer: Scorer, about: dict[str, str | None], log: Log | None = None) -> None:
        self.scorer, self.about, self.state = scorer, about, STARTING
        self.closing = False
        self.log = log or Log()
        self.metrics = Metrics(scorer.about, {name: value or "" for name, value in about.items()})
        limit, columns = scorer.about["limits"], scorer.about["columns"]
        self.largest_body = int(limit["largest_body_kb"]) * 1024
        self.row, self.batch = (
            request_validation.Row(columns),
            request_validation.Batch(columns, limit["largest_batch"]),
        )
        self._thread = ThreadPoolExecutor(1, "batch")

    def api(self) -> FastAPI:
        """An API without endpoints: one middleware, and errors as problem+json."""
        made = FastAPI(
            openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False, lifespan=self._life
        )
        made.add_middleware(Middleware, service=self)
        made.add_exception_handler(ProblemError, _refuse)
        made.add_exception_handler(HTTPException, _refuse_http)
        made.state.service = self
        return made

    @asynccontextmanager
    async def _life(self, _: FastAPI) -> AsyncIterator[dict[str, Any]]:
        """Ready until the server stops; `server.py` says when it begins to."""
        self.state = READY
        yield {"service": self}
        self.state = STOPPING
        self.metrics.close()

    def prove(self) -> None:
        """Predict a row of the columns' own examples. Raises ProjectError if that gives no number."""
        example = {column["name"]: column["example"] for column in self.scorer.about["columns"]}
        try:
            said = self.scorer.predict([request_types.row(self.row.validate_json(to_json(example)))])[0]
            numbers = [said.get("probability", said["prediction"]), *said.get("probabilities", {}).values()]
            if not all(math.isfinite(one) for one in numbers if isinstance(one, float)):
                raise ValueError(f"it predicts {said}")
        except Exception as error:
            raise ProjectError(
                f"The model in models/ does not answer the example of its own columns ({error}). "
                f"Make it anew: python -m {package().name} api"
            ) from error

    async def read(self, request: Request, kind: Kind[T], then: Callable[[T], dict[str, Any]]) -> Response:
        """Read the body as that type, do `then` with it, and answer with what it returns.

        A large body is parsed and scored in a thread, one at a time, so that single rows need not wait.
        """
        body = await limits.body(request.scope, request.receive, self.largest_body)

        def answer() -> bytes:
            return to_json(then(kind.validate_json(body)))

        if len(body) <= LARGEST_AT_ONCE:
            return Response(answer(), media_type="application/json")
        made = await asyncio.get_running_loop().run_in_executor(self._thread, answer)
        return Response(made, media_type="application/json")

    def predict(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The scorer's answers, counted."""
        answers = self.scorer.predict([request_types.row(row) for row in rows])
        self.metrics.predicted(answers)
        return answers


async def _refuse(request: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)
    return error.response(request.scope["request_id"])


async def _refuse_http(request: Request, error: Exception) -> Response:
    """Unknown paths and wrong methods, in our words."""
    assert isinstance(error, HTTPException)
    words = {404: "There is no such path.", 405: "This path does not take that method."}
    detail = words.get(error.status_code, "The request cannot be answered.")
    return ProblemError(error.status_code, detail, headers=error.headers).response(
        request.scope["request_id"]
    )
