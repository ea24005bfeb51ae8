"""Find a business rule of rules.py by the name that params.toml gives it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import rules
from .errors import ProjectError


def rule(name: str) -> Callable[..., Any]:
    """The function of that name in rules.py."""
    found = getattr(rules, name, None)
    if not callable(found) or name.startswith("_"):
        raise ProjectError(f"params.toml names a rule {name!r}, but rules.py has no function of that name.")
    return found  # type: ignore[no-any-return]
