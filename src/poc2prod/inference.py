"""The library's own inference code: one understanding of tables for command and project."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def load_infer(root: Path | None = None) -> ModuleType:
    """The library's module tables/infer.py."""
    return import_module("poc2prod_kit.tables.infer")
