"""Signals as one exception, which can be held back while something must not be cut in two."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class Interrupted(BaseException):
    """A signal asked the program to end. Not an Exception: no one but the entry point may swallow it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_code = 128 + number


_held = 0
_pending: list[int] = []


def _handle(number: int, _frame: FrameType | None) -> None:
    """Raise once: what cleans up after the first signal is not cut off by a second."""
    if _held:
        _pending.append(number)
        return
    for other in SIGNALS:
        signal.signal(other, signal.SIG_IGN)
    raise Interrupted(number)


def install() -> None:
    """Turn SIGINT, SIGTERM and SIGHUP into Interrupted, except those the caller ignores (nohup)."""
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _handle)


@contextmanager
def held() -> Iterator[None]:
    """Hold signals back until the block ends; child processes started inside it do not get them either."""
    global _held
    masks = hasattr(signal, "pthread_sigmask")
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS) if masks else set()
    _held += 1
    try:
        yield
    finally:
        _held -= 1
        if masks:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if _pending and not _held:
            _handle(_pending.pop(), None)
