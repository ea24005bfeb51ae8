"""The one middleware: request id, numbers, log line, and an answer for errors that nobody expected."""

from __future__ import annotations

import re
import secrets
import time
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from poc2prod_kit.serving.problem import ProblemError

if TYPE_CHECKING:
    from poc2prod_kit.serving.app import Service

SANE = re.compile(rb"[A-Za-z0-9._:/+=-]{1,128}").fullmatch
GONE = 499


class Middleware:
    """Around everything that answers HTTP."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self.app, self.service = app, service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, service, status = time.perf_counter(), self.service, GONE
        given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
        request_id = given.decode() if SANE(given) else secrets.token_hex(16)
        scope["request_id"] = request_id

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"].append((b"x-request-id", request_id.encode()))
                if service.closing:
                    message["headers"].append((b"connection", b"close"))
            await send(message)

        service.metrics.in_flight.inc()
        try:
            await self.app(scope, receive, answer)
        except Exception as error:
            service.log.error(request_id, error)
            if status != GONE:
                raise
            await ProblemError(500, "Something went wrong here, not with the request.").response(request_id)(
                scope, receive, answer
            )
        finally:
            seconds = time.perf_counter() - began
            service.metrics.in_flight.dec()
            route = scope.get("route")
            service.metrics.answered(route.path if route else "other", status, seconds)
            service.log.request(request_id, scope["method"], scope["path"], status, seconds * 1000)
