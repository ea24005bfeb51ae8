"""Where digits can be compared: the pinned versions on one Python."""

from __future__ import annotations

import re
import sys
from importlib.metadata import version

from bakes import ROOT

PYTHON = (3, 11)
LOCK = ROOT / "requirements-dev.lock"
NAMES = ("numpy", "pandas", "scikit-learn", "scipy")


def elsewhere() -> str:
    """Why digits cannot be compared here; empty where they can."""
    if sys.version_info[:2] != PYTHON:
        return f"digits are compared on Python {PYTHON[0]}.{PYTHON[1]} alone"
    text = LOCK.read_text(encoding="utf-8")
    pinned = {name: re.findall(rf"^{name}==(\S+)", text, re.MULTILINE) for name in NAMES}
    other = [f"{name} {version(name)}" for name in NAMES if version(name) not in pinned[name]]
    return f"digits are compared with {LOCK.name} alone, and here is {', '.join(other)}" if other else ""
