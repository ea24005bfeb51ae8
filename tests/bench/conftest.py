"""What the bench shares: the finished project on its day, and the counts at the end."""

from __future__ import annotations

import locale
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from bench.finished import TODAY, check, unpacked


@pytest.fixture(scope="session")
def projects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archives, unpacked; the finished project's records are those of this version's checks."""
    folder = unpacked(tmp_path_factory.mktemp("bench"))
    check(folder / "finished")
    return folder


@pytest.fixture(autouse=True)
def _on_its_day(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The bench's day; time zone and locale are as they were afterwards."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", TODAY)
    for name in ("TZ", "LC_ALL", "LANG"):
        monkeypatch.setenv(name, os.environ.get(name, ""))
    yield
    monkeypatch.undo()
    locale.setlocale(locale.LC_ALL, "C")
    if hasattr(time, "tzset"):
        time.tzset()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many faults were caught, and how many harmless changes changed nothing."""
    passed = [item.nodeid for item in terminalreporter.stats.get("passed", []) if item.when == "call"]
    run = passed + [item.nodeid for item in terminalreporter.stats.get("failed", [])]
    names = ("test_fault", "test_claimed_fault", "test_harmless")
    counts = {name: sum(f"::{name}[" in node for node in passed) for name in names}
    totals = {name: sum(f"::{name}[" in node for node in run) for name in counts}
    if any(totals.values()):
        terminalreporter.write_line(
            f"bench: {counts['test_fault']} of {totals['test_fault']} faults caught, "
            f"{counts['test_claimed_fault']} of {totals['test_claimed_fault']} told as claimed, "
            f"{counts['test_harmless']} of {totals['test_harmless']} harmless changes without an alarm"
        )
