"""HTTP/1.1 with limits: how long a request's head may be, and how long it and what comes after may take."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

LARGEST_HEAD = 64 * 1024
SECONDS = 10.0


class Bounded(HttpToolsProtocol):
    """A connection that is closed where a head does not end, or a body goes on after its answer.

    What comes whole in one piece, as nearly all requests do, starts no timer.
    """

    _head = _counted = _new = False
    _size = 0
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """One from which nothing comes at all lasts as long as an idle one."""
        super().connection_made(transport)
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )

    def connection_lost(self, exc: Exception | None) -> None:
        """No timer outlives it."""
        self._stop()
        self._unset_keepalive_if_required()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what comes, in further pieces, of a head, or of what follows a body's last chunk."""
        self._new = not self._counted
        super().data_received(data)
        if not self._counted or self.transport.is_closing():
            return
        if self._head and self._deadline is None:
            self._deadline = self.loop.call_later(SECONDS, self._refuse, 408)
        self._size = 0 if self._new else self._size + len(data)
        if self._size > LARGEST_HEAD:
            self._refuse(431)

    def on_message_begin(self) -> None:
        """A head begins."""
        self._head = self._counted = self._new = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """It has ended."""
        self._head = self._counted = False
        self._stop()
        super().on_headers_complete()

    def on_chunk_header(self) -> None:
        """A chunk begins; the last one has no body, but may have further headers."""
        self._counted = self._new = True

    def on_body(self, body: bytes) -> None:
        """A piece of the body, which kit/service/limits.py counts."""
        self._counted = False
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Nothing of the request is left."""
        self._counted = False
        self._stop()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Where the answer came early, what is left of the request has to end soon."""
        super().on_response_complete()
        if self.cycle.more_body and self.cycle.response_complete and not self.transport.is_closing():
            self._stop()
            self._deadline = self.loop.call_later(SECONDS, self.transport.close)

    def _refuse(self, status: int) -> None:
        """Close it, and say why unless an answer is on its way."""
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete:
            self.transport.write(STATUS_LINE[status] + b"content-length: 0\r\nconnection: close\r\n\r\n")
        self.transport.close()

    def _stop(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
