"""Structured logs: one line of JSON for each request and event, in a single write to standard output."""

from __future__ import annotations

import logging
import os
import sys
import time
import traceback
from contextlib import suppress
from json.encoder import encode_basestring_ascii as quoted
from pathlib import Path
from typing import Any

LONGEST_PATH = 200


class Log:
    """Writes lines to a file descriptor. What cannot be written is lost: serving goes on."""

    def __init__(self, descriptor: int | None = None) -> None:
        self.descriptor = _standard_output() if descriptor is None else descriptor
        self._second, self._text = -1, ""

    def request(self, request_id: str, method: str, path: str, status: int, ms: float) -> None:
        """A request that has been answered. Neither its query nor its contents are told."""
        level = "info" if status < 500 else "error"
        self._write(
            f'{{"time": "{self._now()}", "level": "{level}", "request_id": "{request_id}", '
            f'"method": {quoted(method)}, "path": {quoted(path[:LONGEST_PATH])}, '
            f'"status": {status}, "ms": {ms:.3f}}}\n'
        )

    def event(self, level: str, event: str, **values: str | float) -> None:
        """Anything else worth telling, with further values."""
        pairs = "".join(
            f", {quoted(name)}: {quoted(value) if isinstance(value, str) else value}"
            for name, value in values.items()
        )
        self._write(f'{{"time": "{self._now()}", "level": "{level}", "event": {quoted(event)}{pairs}}}\n')

    def error(self, request_id: str, error: BaseException) -> None:
        """An error that nobody expected: its kind and place, no more. Its words may quote the request.

        Where it was raised from another one, as where a rule failed, that one's kind and place are told too.
        """
        said = {"kind": type(error).__name__, "at": _places(error)}
        if (cause := _cause(error)) is not error:
            said |= {"cause": type(cause).__name__, "cause_at": _places(cause)}
        self.event("error", "unexpected error", request_id=request_id, **said)

    def _now(self) -> str:
        """UTC with milliseconds; the seconds are formatted once each."""
        now = time.time()
        second = int(now)
        if second != self._second:
            self._second, self._text = second, time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        return f"{self._text}.{int((now - second) * 1000):03}Z"

    def _write(self, line: str) -> None:
        with suppress(OSError):
            os.write(self.descriptor, line.encode("ascii"))


class Handler(logging.Handler):
    """Passes what libraries log on to a Log."""

    def __init__(self, log: Log) -> None:
        super().__init__(logging.INFO)
        self.log = log

    def emit(self, record: logging.LogRecord) -> None:
        values: dict[str, Any] = {"logger": record.name}
        if record.exc_info and record.exc_info[0]:
            values["kind"] = record.exc_info[0].__name__
        self.log.event(record.levelname.lower(), record.getMessage().strip(), **values)


def capture(log: Log) -> None:
    """Let all that is logged in this process come out as lines of JSON."""
    root = logging.getLogger()
    root.handlers[:] = [Handler(log)]
    root.setLevel(logging.INFO)


def _cause(error: BaseException) -> BaseException:
    """The first error of those that were raised one from the other."""
    while error.__cause__ is not None:
        error = error.__cause__
    return error


def _places(error: BaseException) -> str:
    """Where it was raised, and by whom that was called: the last five; of rules.py in any case."""
    frames = traceback.extract_tb(error.__traceback__)
    named = [(Path(frame.filename).name, frame) for frame in reversed(frames)]
    shown = [*named[:5], *(one for one in named[5:] if one[0] == "rules.py")][:10]
    return " < ".join(f"{name}:{frame.lineno} {frame.name}" for name, frame in shown)


def _standard_output() -> int:
    try:
        return sys.stdout.fileno()
    except (AttributeError, OSError, ValueError):
        return 1
