"""A load generator of the standard library: so many connections, each asking again once it was answered.

Run as a process of its own, so that it shares no interpreter with what it measures: a JSON object on standard
input says what to send, one on standard output what came back.
"""

from __future__ import annotations

import asyncio
import json
import math
import ssl
import sys
import time
from itertools import cycle
from typing import Any
from urllib.parse import urlsplit

GRACE = 30.0


class Connection(asyncio.Protocol):
    """One connection that sends the next request when the answer to the last one is complete."""

    def __init__(self, level: Level) -> None:
        self.level = level
        self.done = asyncio.get_running_loop().create_future()
        self.buffer = b""
        self.began = 0.0
        self.waiting = self.answered = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.WriteTransport)
        self.transport = transport
        self.ask()

    def ask(self) -> None:
        """Send the next request, or stop when the time is over."""
        if time.perf_counter() >= self.level.ends:
            self.transport.close()
            return
        self.waiting, self.answered, self.buffer = True, False, b""
        self.began = time.perf_counter()
        self.transport.write(next(self.level.requests))

    def data_received(self, data: bytes) -> None:
        """Count an answer once it is whole."""
        self.buffer += data
        head, found, body = self.buffer.partition(b"\r\n\r\n")
        if not found or not _whole(head, body):
            return
        self.answer(head)

    def answer(self, head: bytes) -> None:
        """Count it, and send the next unless the connection ends with this one."""
        self.level.answered(head, time.perf_counter() - self.began)
        self.waiting, self.answered = False, True
        if b"\r\nconnection: close" in head.lower():
            self.transport.close()
        else:
            self.ask()

    def connection_lost(self, error: Exception | None) -> None:
        """A connection that ends while an answer is due is an error, unless its end says that it is whole."""
        head, found, _ = self.buffer.partition(b"\r\n\r\n")
        told = _fields(head).keys() & {b"content-length", b"transfer-encoding"}
        if self.waiting and found and not told and error is None:
            self.level.answered(head, time.perf_counter() - self.began)
            self.waiting = False
        self.level.errors += self.waiting
        if not self.done.done():
            self.done.set_result(None)


class Level:
    """What one number of connections brought."""

    def __init__(self, given: dict[str, Any]) -> None:
        address = urlsplit(given["url"])
        self.host, self.path = address.hostname or "127.0.0.1", address.path.rstrip("/")
        self.ssl = ssl.create_default_context() if address.scheme == "https" else None
        self.port = address.port or (443 if self.ssl else 80)
        self.concurrency, self.seconds = int(given["concurrency"]), float(given["seconds"])
        self.requests = cycle([self.request(given["path"], body) for body in given["bodies"]])
        self.times: list[float] = []
        self.errors, self.ends = 0, math.inf

    def request(self, path: str, body: Any) -> bytes:
        """The bytes of a POST request."""
        content = json.dumps(body).encode()
        head = (
            f"POST {self.path}{path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        return head.encode() + content

    def answered(self, head: bytes, seconds: float) -> None:
        """Keep how long an answer took, and whether it was one."""
        self.times.append(seconds)
        self.errors += head[9:12] != b"200"

    async def run(self) -> dict[str, Any]:
        """Ask until the time is over; how many were answered, and how fast."""
        began = time.perf_counter()
        self.ends = began + self.seconds
        await asyncio.gather(*(self.connect() for _ in range(self.concurrency)))
        took = time.perf_counter() - began
        return {
            "concurrency": self.concurrency,
            "requests": len(self.times),
            "errors": self.errors,
            "per_second": round(len(self.times) / took, 1),
            **{f"p{share}_ms": self.quantile(share) for share in (50, 95, 99)},
        }

    async def connect(self) -> None:
        """Keep one connection busy, in place of which another comes if the server closes it."""
        loop = asyncio.get_running_loop()
        while time.perf_counter() < self.ends:
            try:
                _, one = await loop.create_connection(
                    lambda: Connection(self), self.host, self.port, ssl=self.ssl
                )
            except OSError:
                self.errors += 1
                await asyncio.sleep(0.05)
                continue
            try:
                async with asyncio.timeout(self.ends - time.perf_counter() + GRACE):
                    await one.done
            except TimeoutError:
                self.errors += 1
                one.waiting = False
                one.transport.abort()

    def quantile(self, share: int) -> float | None:
        """Milliseconds within which so many percent were answered."""
        if not self.times:
            return None
        times = sorted(self.times)
        return round(times[min(math.ceil(len(times) * share / 100), len(times)) - 1] * 1000, 3)


def _fields(head: bytes) -> dict[bytes, bytes]:
    """The fields of a header by their names in small letters."""
    pairs = [line.partition(b":") for line in head.split(b"\r\n")[1:]]
    return {name.strip().lower(): value.strip().lower() for name, _, value in pairs}


def _whole(head: bytes, body: bytes) -> bool:
    """Whether a body is complete, by its length or its chunks; else the connection's end says so."""
    fields = _fields(head)
    if fields.get(b"transfer-encoding", b"").endswith(b"chunked"):
        return _chunked(body)
    return b"content-length" in fields and len(body) >= int(fields[b"content-length"])


def _chunked(body: bytes) -> bool:
    """Whether the last chunk, which is empty, and what may follow it are there (RFC 9112, 7.1)."""
    at = 0
    while (end := body.find(b"\r\n", at)) >= 0:
        size = int(body[at:end].partition(b";")[0], 16)
        if not size:
            return b"\r\n\r\n" in body[end:]
        at = end + 2 + size + 2
    return False


if __name__ == "__main__":
    json.dump(asyncio.run(Level(json.load(sys.stdin)).run()), sys.stdout)
