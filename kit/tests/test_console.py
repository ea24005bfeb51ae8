"""What the project says while it works."""

from __future__ import annotations

import io
import re
import time

import pytest
from poc2prod_kit.run import console


class Terminal(io.StringIO):
    """A stream that calls itself a terminal."""

    def isatty(self) -> bool:
        """Always."""
        return True


def test_a_quick_step_says_nothing() -> None:
    """What ends before the patience is over leaves no line."""
    out = io.StringIO()
    with console.Console(out, 60).progress("split", "which rows teach", patience=5):
        pass
    assert out.getvalue() == ""


def test_a_slow_step_says_what_it_does_and_its_seconds() -> None:
    """The line names the step and its purpose, and ends with the seconds; no control characters."""
    out = io.StringIO()
    with console.Console(out, 60).progress("split", "which rows teach", patience=0.01):
        time.sleep(0.1)
    assert re.sub(r"\d\.\d", "N", out.getvalue()) == "  split      which rows teach ... N s\n"


def test_a_failing_slow_step_ends_its_line() -> None:
    """An error in a step that has already been announced starts on a line of its own."""
    out = io.StringIO()

    def fail() -> None:
        with console.Console(out, 60).progress("data", "counts", patience=0.01):
            time.sleep(0.1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert out.getvalue().endswith(" s\n")


@pytest.mark.parametrize(
    ("stream", "setting", "expected"),
    [(Terminal, "", "\033[1mTitle\033[0m\n"), (Terminal, "1", "Title\n"), (io.StringIO, "", "Title\n")],
)
def test_bold_only_where_a_person_looks(
    stream: type[io.StringIO], setting: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Headings are bold on a terminal, and plain on a pipe or with NO_COLOR."""
    monkeypatch.setenv("NO_COLOR", setting)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("WT_SESSION", "1")
    out = stream()
    console.Console(out, 60).heading("Title")
    assert out.getvalue() == expected


def test_paragraphs_fit_the_width_and_keep_long_words_whole() -> None:
    """Lines are wrapped and indented; a path is never broken."""
    text = "see docs/a-very-long-name-of-a-file.md for it"
    assert console.wrapped(text, 20, "- ", "  ") == [
        "- see",
        "  docs/a-very-long-name-of-a-file.md",
        "  for it",
    ]


def test_tables_are_aligned() -> None:
    """The first column to the left, the others to the right, no spaces at the end."""
    rows = [["", "mae", ""], ["dummy", "121.0", ""], ["linear", "6.5", "<- kept"]]
    assert console.table(rows) == ["          mae", "dummy   121.0", "linear    6.5  <- kept"]


def test_long_purposes_are_cut_at_a_word() -> None:
    """No line of progress is wider than the terminal."""
    assert console.shortened("one two, three", 10) == "one two"
    assert console.shortened("one two, three four five", 20) == "one two"
    assert console.shortened("one two, three four five six seven", 30) == "one two, three four five six"


def test_lines_to_copy_stay_lines() -> None:
    """What a message gives to paste into a file is not run together."""
    lines = console.wrapped("Replace it by:\na = 1\nb = 2", 40, "  ", "    ")
    assert lines == ["  Replace it by:", "    a = 1", "    b = 2"]
