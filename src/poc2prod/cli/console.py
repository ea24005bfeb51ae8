"""Output: wrapped on a terminal, plain in a pipe, without colour if NO_COLOR is set."""

import os
import shutil
import sys
import textwrap
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

import click


def clean(text: str) -> str:
    """The text with control characters escaped, so that data cannot control the terminal."""
    return "".join(
        c if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs") else f"\\x{ord(c):02x}" for c in text
    )


def say(text: str = "", *, indent: int = 0, first: str = "", bold: bool = False) -> None:
    """Print one paragraph on stdout."""
    start, rest = " " * indent + first, " " * (indent + len(first))
    width = min(shutil.get_terminal_size().columns, 100) if sys.stdout.isatty() else 0
    body = clean(text)
    lines = textwrap.wrap(
        body, max(width, 30), initial_indent=start, subsequent_indent=rest, break_on_hyphens=False
    )
    shown = "\n".join(lines) if width and text else start + body
    click.echo(click.style(shown, bold=True) if bold else shown, color=color())


def note(text: str) -> None:
    """Print one line on stderr, such as progress."""
    click.echo(clean(text), err=True, color=color())


@contextmanager
def slow(text: str) -> Iterator[None]:
    """On a terminal, print a progress line if this takes more than two seconds."""
    if not sys.stderr.isatty():
        yield
        return
    timer = threading.Timer(2.0, note, [f"{text} …"])
    # A daemon thread does not keep the process alive after an error.
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def color() -> bool | None:
    """The `color` argument of click.echo: no colour with NO_COLOR, else click decides."""
    return False if os.environ.get("NO_COLOR") else None
