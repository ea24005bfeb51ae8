"""What the project says while it works: lines wrapped to the terminal, no control characters on a pipe."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

PATIENCE = 2.0
NARROWEST, WIDEST = 40, 100


class Console:
    """Writes to one stream; headings are bold only on a terminal where NO_COLOR is not set."""

    def __init__(self, stream: TextIO | None = None, width: int | None = None) -> None:
        self.stream = stream or sys.stdout
        self.width = width or max(NARROWEST, min(WIDEST, shutil.get_terminal_size((WIDEST, 24)).columns))
        plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
        # The old console of Windows prints the codes as they are; its new terminal sets WT_SESSION.
        able = sys.platform != "win32" or "WT_SESSION" in os.environ
        self.bold = self.stream.isatty() and able and not plain
        self._lock = threading.Lock()

    def say(self, line: str = "") -> None:
        """One line as it is."""
        self._write(line + "\n")

    def heading(self, line: str) -> None:
        """One line that stands out where that is possible."""
        self.say(f"\033[1m{line}\033[0m" if self.bold else line)

    def paragraph(self, text: str, first: str = "", rest: str | None = None) -> None:
        """Text wrapped to the width, its lines indented by `first` and `rest`."""
        for line in wrapped(text, self.width, first, rest):
            self.say(line)

    @contextmanager
    def progress(self, name: str, what: str, patience: float = PATIENCE) -> Iterator[None]:
        """Say what is going on once it takes longer than `patience` seconds, then how long it took."""
        began, shown = time.monotonic(), threading.Event()

        def show() -> None:
            shown.set()
            self._write(shortened(f"  {name:<10} {what}", self.width - 12) + " ... ")

        timer = threading.Timer(patience, show)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()
            if shown.is_set():
                self._write(f"{time.monotonic() - began:.1f} s\n")

    def _write(self, text: str) -> None:
        with self._lock:
            self.stream.write(text)
            self.stream.flush()


def wrapped(text: str, width: int, first: str = "", rest: str | None = None) -> list[str]:
    """The text in lines of at most `width` characters; longer words (paths, names) and line ends stay."""
    later = first if rest is None else rest
    items: list[str] = []
    for line in text.split("\n"):
        items += textwrap.wrap(
            line,
            width,
            initial_indent=later if items else first,
            subsequent_indent=later,
            break_long_words=False,
            break_on_hyphens=False,
        )
    return items


def shortened(text: str, width: int) -> str:
    """The text, cut so that it fits in `width` characters: at its last comma or colon, else at a word."""
    if len(text) <= width:
        return text
    room = text[: width + 1]
    clause = max(room.rfind(sign) for sign in (", ", ": ", "; "))
    if clause > width / 3:
        return text[:clause]
    cut = text[:width].rpartition(" ")[0].rstrip(" ,:;")
    return cut or text[:width]


def table(rows: list[list[str]], gap: str = "  ") -> list[str]:
    """Rows of cells in aligned columns: the first to the left, numbers to the right."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return [
        gap.join(
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
