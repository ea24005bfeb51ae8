"""The library's own inference code: one understanding of tables for command and project."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from . import template

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = "poc2prod_kit"


def load_infer(root: Path | None = None) -> ModuleType:
    """The library's module tables/infer.py: of this command's own copy, whatever else is installed."""
    folder = template.kit()
    if folder not in sys.path:
        sys.path.insert(0, folder)
    return import_module(f"{PACKAGE}.tables.infer")
