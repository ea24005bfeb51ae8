"""Reading a request's body: its type, how long it may be, and how long it may take."""

from __future__ import annotations

import asyncio

from starlette.requests import ClientDisconnect, Request

from .problem import ProblemError

SECONDS = 10.0
CLOSE = {"Connection": "close"}


async def body(request: Request, largest: int, seconds: float = SECONDS) -> bytes:
    """The body, as bytes of JSON; at most `largest` bytes within `seconds`. Raises ProblemError."""
    _check_type(request)
    length = request.headers.get("content-length")
    if length is not None and (not length.isdecimal() or int(length) > largest):
        raise too_large(largest)
    try:
        async with asyncio.timeout(seconds):
            read = await _read(request, largest)
    except TimeoutError:
        detail = f"The body did not arrive within {seconds:g} seconds."
        raise ProblemError(408, detail, headers=CLOSE) from None
    except ClientDisconnect:
        raise ProblemError(400, "The body ended early.", headers=CLOSE) from None
    if not read:
        raise ProblemError(400, "The body is empty.", [{"field": "", "message": "must be valid JSON"}])
    return read


def too_large(largest: int) -> ProblemError:
    """413, and the connection closes: the rest of the body is not read."""
    return ProblemError(413, f"The body may have at most {largest} bytes.", headers=CLOSE)


async def _read(request: Request, largest: int) -> bytes:
    """All of the body; the pieces are joined only where there are several."""
    pieces, size = [], 0
    async for piece in request.stream():
        pieces.append(piece)
        size += len(piece)
        if size > largest:
            raise too_large(largest)
    return b"".join(pieces)


def _check_type(request: Request) -> None:
    kind = request.headers.get("content-type", "")
    media, _, rest = kind.partition(";")
    charset = rest.partition("charset=")[2].strip().strip('"').lower()
    if media.strip().lower() != "application/json" or charset not in ("", "utf-8", "utf8"):
        raise ProblemError(415, "The body must be JSON in UTF-8: Content-Type: application/json.")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise ProblemError(415, "The body must not be compressed.", headers={"Accept-Encoding": "identity"})
