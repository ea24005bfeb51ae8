"""Commands that take turns (A B C A B C …), so that a machine that slows down slows them all."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

Seconds = dict[str, list[float]]


class Command(NamedTuple):
    """What to run, where, and with which variables beside the user's own."""

    arguments: list[str]
    folder: Path
    variables: Mapping[str, str] = {}
    codes: tuple[int, ...] = (0,)


def turns(
    commands: Mapping[str, Command],
    runs: int,
    before: Callable[[], object] = lambda: None,
    once: Callable[[Command], float] | None = None,
) -> Seconds:
    """Seconds of each run of each command; a first turn is not counted. `before` runs ahead of each.

    `once`: how a run is measured, `elapsed` if not given; `cpu` for a machine that has other work.
    """
    once = once or elapsed
    seconds: Seconds = {name: [] for name in commands}
    for turn in range(runs + 1):
        for name, command in commands.items():
            before()
            took = once(command)
            if turn:
                seconds[name].append(took)
    return seconds


def cpu(command: Command) -> float:
    """CPU seconds of one run and of the processes that it starts. Not on Windows. SystemExit as `elapsed`."""
    begin = os.times()
    elapsed(command)
    end = os.times()
    return end.children_user + end.children_system - begin.children_user - begin.children_system


def elapsed(command: Command) -> float:
    """Seconds of one run. SystemExit with what it printed where it ends as it should not."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    begin = time.perf_counter()
    done = subprocess.run(
        command.arguments, cwd=command.folder, env={**environment, **command.variables}, capture_output=True
    )
    took = time.perf_counter() - begin
    if done.returncode not in command.codes or b"Traceback" in done.stderr:
        sys.exit(f"{command.arguments} ended with {done.returncode}\n{done.stderr.decode(errors='replace')}")
    return took


def table(title: str, seconds: Seconds) -> str:
    """A Markdown table: each one's median, and the medians of its ratios and differences, run by run, to
    the first.
    """
    first = next(iter(seconds.values()))
    lines = [f"| {title} | median | ratio to the first | over the first |", "|---|---|---|---|"]
    for name, times in seconds.items():
        pairs = list(zip(times, first, strict=True))
        ratio = statistics.median(mine / other for mine, other in pairs)
        more = statistics.median(mine - other for mine, other in pairs)
        lines.append(
            f"| {name} | {statistics.median(times) * 1000:.0f} ms | {ratio:.2f} | {more * 1000:.0f} ms |"
        )
    return "\n".join(lines)
