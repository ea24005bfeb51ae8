"""ASGI middleware: the largest body, and what is observed of each request."""

from __future__ import annotations

import logging
import random
import re
import time

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from poc2prod_kit.serving.metrics import Metrics
from poc2prod_kit.serving.problems import problem

SANE = re.compile(rb"[A-Za-z0-9._:/+=-]{1,128}").fullmatch
LONGEST_PATH = 200
# The status that nginx logs for a caller who left before the answer.
GONE = 499
log = logging.getLogger(__name__)


class BodyLimit:
    """Refuses bodies of more than `largest` bytes with 413, by Content-Length or while they arrive.

    FastAPI's own `max_body_size` answers in plain text where Content-Length is too large.
    """

    def __init__(self, app: ASGIApp, largest: int) -> None:
        self.app, self.largest = app, largest
        self.detail = f"The body may have at most {largest} bytes."

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if int(_header(scope, b"content-length") or 0) > self.largest:
            await problem(413, self.detail)(scope, receive, send)
            return
        size = 0

        async def limited() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > self.largest:
                raise HTTPException(413, self.detail)
            return message

        await self.app(scope, limited, send)


def _header(scope: Scope, name: bytes) -> bytes:
    return next((value for key, value in scope["headers"] if key == name), b"")


class Observe:
    """Gives each request an id (the caller's own where it sent one), counts it, and logs one line."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), GONE
        given = _header(scope, b"x-request-id")
        request_id = given.decode() if SANE(given) else f"{random.getrandbits(128):032x}"
        scope["request_id"] = request_id

        async def observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"].append((b"x-request-id", request_id.encode()))
            await send(message)

        self.metrics.in_flight.inc()
        try:
            await self.app(scope, receive, observed)
        except Exception:
            status = 500
            raise
        finally:
            seconds = time.perf_counter() - began
            route = scope.get("route")
            self.metrics.in_flight.dec()
            self.metrics.answered(route.path if route else "other", status, seconds)
            # Neither the query nor the body: they hold what callers sent.
            values = {
                "request_id": request_id,
                "method": scope["method"],
                "path": scope["path"][:LONGEST_PATH],
            }
            values |= {"status": status, "ms": round(seconds * 1000, 3)}
            level = logging.ERROR if status >= 500 else logging.INFO
            # Not log.log, which looks for the caller's file and line first, at half the cost of the line.
            log.handle(log.makeRecord(log.name, level, "", 0, "request", (), None, extra={"values": values}))
