"""JSON logs, a line each on standard output, written by a thread: a pipe that nobody reads stops no request."""

from __future__ import annotations

import atexit
import json
import logging
import os
import threading
import traceback
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from logging.handlers import QueueHandler
from pathlib import Path
from typing import Any

STANDARD_OUTPUT = 1
# Lines that may wait; seconds between two writes; seconds to wait for the last one at exit.
MOST_WAITING, PAUSE, PATIENCE = 10_000, 0.1, 1.0
# Linux writes so many bytes to a pipe at once, so that lines of several workers do not mix.
AT_ONCE = 4096


class JsonFormatter(logging.Formatter):
    """One record as one line of JSON: time (UTC), level, event, and what `extra={"values": ...}` adds.

    Of an exception its type and place alone: its message may quote a request.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"time": when.replace("+00:00", "Z"), "level": record.levelname.lower()}
        line |= {"event": record.getMessage().strip(), **getattr(record, "values", {})}
        if record.exc_info and record.exc_info[1]:
            line |= _of_exception(record.exc_info[1])
        return json.dumps(line)


class DroppingQueueHandler(QueueHandler):
    """Puts lines into a bounded queue, and calls `dropped` for each that has no room there."""

    def __init__(self, waiting: deque[str], dropped: Callable[[], Any]) -> None:
        super().__init__(waiting)  # type: ignore[arg-type]
        self.setFormatter(JsonFormatter())
        self.waiting, self.dropped = waiting, dropped

    def prepare(self, record: logging.LogRecord) -> str:
        """The line."""
        return self.format(record) + "\n"

    def enqueue(self, line: Any) -> None:
        """Put it, or drop it; never wait."""
        if len(self.waiting) < MOST_WAITING:
            self.waiting.append(line)
        else:
            self.dropped()


class Writer(threading.Thread):
    """Writes the lines of a queue to a file descriptor, some at a time.

    Not logging's QueueListener: that wakes for every record, which costs a request more than its prediction
    does, and waits for a full pipe when it is stopped.
    """

    def __init__(self, waiting: deque[str], descriptor: int) -> None:
        super().__init__(daemon=True)
        self.waiting, self.descriptor, self.stopped = waiting, descriptor, threading.Event()

    def run(self) -> None:
        """Write until stopped, then what is left."""
        while not self.stopped.wait(PAUSE):
            self.write()
        self.write()

    def write(self) -> None:
        """Write what is there; a full pipe blocks this thread alone, and a closed one loses the lines."""
        text = ""
        for line in [self.waiting.popleft() for _ in range(len(self.waiting))]:
            if text and len(text) + len(line) > AT_ONCE:
                self._write(text)
                text = ""
            text += line
        self._write(text)

    def stop(self) -> None:
        """Write what is left, and wait for that a second at most."""
        self.stopped.set()
        self.join(PATIENCE)

    def _write(self, text: str) -> None:
        with suppress(OSError):
            os.write(self.descriptor, text.encode("ascii"))


def configure(dropped: Callable[[], Any], descriptor: int = STANDARD_OUTPUT) -> Writer:
    """Let all that this process logs come out as JSON lines; `dropped` is called for each that is lost."""
    waiting: deque[str] = deque()
    root = logging.getLogger()
    root.handlers[:] = [DroppingQueueHandler(waiting, dropped)]
    root.setLevel(logging.INFO)
    writer = Writer(waiting, descriptor)
    writer.start()
    atexit.register(writer.stop)
    return writer


def _of_exception(error: BaseException) -> dict[str, str]:
    """Type and place; also of the first exception, where this one was raised from another."""
    results = {"error": type(error).__name__, "at": _places(error)}
    cause = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    return (
        results if cause is error else {**results, "cause": type(cause).__name__, "cause_at": _places(cause)}
    )


def _places(error: BaseException) -> str:
    """The last five frames, innermost first; frames of rules.py in any case."""
    frames = [(Path(one.filename).name, one) for one in reversed(traceback.extract_tb(error.__traceback__))]
    shown = [*frames[:5], *(one for one in frames[5:] if one[0] == "rules.py")][:10]
    return " < ".join(f"{name}:{frame.lineno} {frame.name}" for name, frame in shown)
