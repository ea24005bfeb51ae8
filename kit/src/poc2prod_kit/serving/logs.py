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


class LineHandler(logging.Handler):
    """Lets lines wait for a thread that writes them, and calls `dropped` for each that has no room.

    Not logging's QueueListener: that wakes for every record, which costs a request more than its prediction
    does, and waits for a full pipe when it is stopped.
    """

    def __init__(self, dropped: Callable[[], Any], descriptor: int = STANDARD_OUTPUT) -> None:
        super().__init__()
        self.setFormatter(JsonFormatter())
        self.dropped, self.descriptor = dropped, descriptor
        self.waiting: deque[str] = deque()
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self._write, daemon=True)

    def emit(self, record: logging.LogRecord) -> None:
        """Let the line wait, or drop it; never wait oneself."""
        if len(self.waiting) < MOST_WAITING:
            self.waiting.append(self.format(record) + "\n")
        else:
            self.dropped()

    def stop(self) -> None:
        """Write what is left, and wait for that a second at most."""
        self.stopped.set()
        self.thread.join(PATIENCE)

    def _write(self) -> None:
        # A full pipe blocks this thread alone, and a closed one loses the lines.
        while not self.stopped.wait(PAUSE) or self.waiting:
            while self.waiting:
                text = self.waiting.popleft()
                while self.waiting and len(text) + len(self.waiting[0]) <= AT_ONCE:
                    text += self.waiting.popleft()
                with suppress(OSError):
                    os.write(self.descriptor, text.encode("ascii"))


def configure(dropped: Callable[[], Any], descriptor: int = STANDARD_OUTPUT) -> LineHandler:
    """Let all that this process logs come out as JSON lines; `dropped` is called for each that is lost."""
    root, handler = logging.getLogger(), LineHandler(dropped, descriptor)
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    handler.thread.start()
    atexit.register(handler.stop)
    return handler


def _of_exception(error: BaseException) -> dict[str, str]:
    """Type and place; also of the first exception, where this one was raised from another."""
    results, cause = {"error": type(error).__name__, "at": _places(error)}, error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    if cause is not error:
        results |= {"cause": type(cause).__name__, "cause_at": _places(cause)}
    return results


def _places(error: BaseException) -> str:
    """The last five frames, innermost first; frames of rules.py in any case."""
    frames = [(Path(one.filename).name, one) for one in reversed(traceback.extract_tb(error.__traceback__))]
    shown = [*frames[:5], *(one for one in frames[5:] if one[0] == "rules.py")][:10]
    return " < ".join(f"{name}:{frame.lineno} {frame.name}" for name, frame in shown)
