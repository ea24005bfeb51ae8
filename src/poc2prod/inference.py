"""The library's own inference code: one understanding of tables for command and project."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from . import template

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = "poc2prod_kit"


def load_infer(root: Path | None = None) -> ModuleType:
    """The library's module tables/infer.py: of this command's own copy, whatever else is installed."""
    template.use_kit()
    return import_module(f"{PACKAGE}.tables.infer")
