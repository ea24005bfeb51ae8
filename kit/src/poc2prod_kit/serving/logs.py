"""JSON logs, a line each on standard output, written by a thread: a pipe that nobody reads stops no request."""

from __future__ import annotations

import atexit
import json
import logging
import os
import queue
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from logging.handlers import QueueHandler, QueueListener
from pathlib import Path
from typing import Any

MOST_WAITING, PATIENCE = 10_000, 1.0
STANDARD_OUTPUT = 1


class JsonFormatter(logging.Formatter):
    """One record as one line of JSON: time (UTC), level, event, and what `extra={"values": ...}` adds.

    Of an exception its type and place alone: its message may quote a request.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        when = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line = {"time": f"{when}.{int(record.msecs):03}Z", "level": record.levelname.lower()}
        line |= {"event": record.getMessage().strip(), **getattr(record, "values", {})}
        if record.exc_info and record.exc_info[1]:
            line |= _of_exception(record.exc_info[1])
        return json.dumps(line)


class DroppingQueueHandler(QueueHandler):
    """Puts records into a bounded queue, and calls `dropped` for each that has no room there."""

    def __init__(self, waiting: queue.Queue[Any], dropped: Callable[[], Any]) -> None:
        super().__init__(waiting)
        self.dropped = dropped

    def enqueue(self, record: logging.LogRecord) -> None:
        """Put it, or drop it; never wait."""
        try:
            self.queue.put_nowait(record)
        except queue.Full:
            self.dropped()


class LineHandler(logging.Handler):
    """Writes lines to a file descriptor, unbuffered; what cannot be written is lost."""

    def __init__(self, descriptor: int = STANDARD_OUTPUT) -> None:
        super().__init__()
        self.descriptor = descriptor

    def createLock(self) -> None:  # noqa: N802 (logging's own name)
        """No lock: one thread writes, and the interpreter must not wait at its exit while that is blocked."""
        self.lock = None

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line, which blocks while a pipe is full."""
        with suppress(OSError):
            os.write(self.descriptor, f"{record.getMessage()}\n".encode())


def configure(dropped: Callable[[], Any], descriptor: int = STANDARD_OUTPUT) -> None:
    """Let all that this process logs come out as JSON lines; `dropped` is called for each that is lost.

    At exit, wait at most a second for what is not yet written.
    """
    waiting: queue.Queue[Any] = queue.Queue(MOST_WAITING)
    handler = DroppingQueueHandler(waiting, dropped)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    listener = QueueListener(waiting, LineHandler(descriptor))
    listener.start()
    atexit.register(_drain, waiting)


def _drain(waiting: queue.Queue[Any]) -> None:
    """Wait until all is written, a second at most: `listener.stop` would wait for ever for a full pipe."""
    ends = time.monotonic() + PATIENCE
    while waiting.unfinished_tasks and time.monotonic() < ends:
        time.sleep(0.01)


def _of_exception(error: BaseException) -> dict[str, str]:
    """Type and place; also of the first exception, where this one was raised from another."""
    found = {"error": type(error).__name__, "at": _places(error)}
    cause = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    return found if cause is error else {**found, "cause": type(cause).__name__, "cause_at": _places(cause)}


def _places(error: BaseException) -> str:
    """The last five frames, innermost first; frames of rules.py in any case."""
    frames = [(Path(one.filename).name, one) for one in reversed(traceback.extract_tb(error.__traceback__))]
    shown = [*frames[:5], *(one for one in frames[5:] if one[0] == "rules.py")][:10]
    return " < ".join(f"{name}:{frame.lineno} {frame.name}" for name, frame in shown)
