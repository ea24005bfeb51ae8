"""Reading a request's body: its type, how long it may be, and how long it may take."""

from __future__ import annotations

import asyncio

from starlette.types import Receive, Scope

from poc2prod_kit.serving.problem import ProblemError

SECONDS = 10.0
CLOSE = {"Connection": "close"}
NOTHING = [{"field": "", "message": "must be valid JSON"}]


async def body(scope: Scope, receive: Receive, largest: int, seconds: float = SECONDS) -> bytes:
    """The body, as bytes of JSON; at most `largest` bytes within `seconds`. Raises ProblemError."""
    _check_headers(scope, largest)
    try:
        async with asyncio.timeout(seconds):
            read = await _read(receive, largest)
    except TimeoutError:
        raise ProblemError(
            408, f"The body did not arrive within {seconds:g} seconds.", headers=CLOSE
        ) from None
    if not read:
        raise ProblemError(400, "The body is empty.", NOTHING)
    return read


async def _read(receive: Receive, largest: int) -> bytes:
    """All of the body, joined where it came in pieces."""
    pieces, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ProblemError(400, "The body ended early.", headers=CLOSE)
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        if size > largest:
            raise _too_large(largest)
        more = message.get("more_body", False)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _check_headers(scope: Scope, largest: int) -> None:
    kind = b""
    for name, value in scope["headers"]:
        if name == b"content-type":
            kind = value
        elif name == b"content-length" and (not value.isdigit() or int(value) > largest):
            raise _too_large(largest)
        elif name == b"content-encoding" and value.strip().lower() != b"identity":
            raise ProblemError(
                415, "The body must not be compressed.", headers={"Accept-Encoding": "identity", **CLOSE}
            )
    if kind != b"application/json" and not _is_json(kind.decode("latin-1").lower()):
        raise ProblemError(
            415, "The body must be JSON in UTF-8: Content-Type: application/json.", headers=CLOSE
        )


def _is_json(kind: str) -> bool:
    media, *parameters = (part.strip() for part in kind.split(";"))
    charsets = [part.partition("=")[2].strip('"') for part in parameters if part.startswith("charset=")]
    return media == "application/json" and set(charsets) <= {"utf-8", "utf8"}


def _too_large(largest: int) -> ProblemError:
    """413, and the connection closes: the rest of the body is not read."""
    return ProblemError(413, f"The body may have at most {largest} bytes.", headers=CLOSE)
