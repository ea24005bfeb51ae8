"""Whether the libraries that make the numbers are those of requirements-dev.lock."""

from __future__ import annotations

import re
import sys
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest

LOCK = Path(__file__).parents[1] / "requirements-dev.lock"
# Other versions of these give other digits, or other bytes of a saved model.
PYTHON = (3, 11)
NUMBERS = ("numpy", "pandas", "scikit-learn", "scipy", "skops")


@cache
def differing() -> str:
    """Those that are installed in another version, such as "scipy 1.18.1 (locked: 1.17.1)"; empty if none."""
    locked = dict(re.findall(r"^([\w-]+)==(\S+)", LOCK.read_text(encoding="utf-8"), re.MULTILINE))
    installed = {name: metadata.version(name) for name in NUMBERS}
    return ", ".join(
        f"{name} {version} (locked: {locked[name]})"
        for name, version in installed.items()
        if version != locked[name]
    )


def elsewhere() -> str:
    """Why digits cannot be compared here, on the pinned versions and Python 3.11 alone; empty where they can."""
    if sys.version_info[:2] != PYTHON:
        return f"compares digits on Python {PYTHON[0]}.{PYTHON[1]} alone"
    return f"compares digits, which other versions change: {differing()}" if differing() else ""


def needed() -> None:
    """Skip the test that calls this, because it compares digits or bytes, where the libraries differ."""
    if differing():
        pytest.skip(f"compares digits, which other versions change: {differing()}")
