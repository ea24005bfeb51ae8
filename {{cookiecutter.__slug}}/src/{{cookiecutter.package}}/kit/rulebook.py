"""Find a business rule of rules.py by the name that params.toml gives it, and ask it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

import numpy as np
import pandas as pd

from .. import rules
from .errors import ProjectError


def rule(name: str) -> Callable[..., Any]:
    """The function of that name in rules.py."""
    found = getattr(rules, name, None)
    if name.startswith("_") or not inspect.isfunction(found) or found.__module__ != rules.__name__:
        known = [
            item
            for item, value in vars(rules).items()
            if inspect.isfunction(value) and not item.startswith("_")
        ]
        near = get_close_matches(name, known, 1)
        hint = f" Did you mean {near[0]}?" if near else f" It has: {', '.join(known) or 'none yet'}."
        raise ProjectError(
            f"params.toml names a rule {name!r}, but rules.py has no function of that name.{hint}"
        )
    return found


def meaning(name: str) -> str:
    """The first line of the rule's docstring: what it means."""
    return (inspect.getdoc(rule(name)) or "").partition("\n")[0]


def feature(name: str, table: pd.DataFrame) -> pd.Series:
    """What a feature rule gives for each row: numbers, or text as categories.

    Raises ProjectError naming the rule.
    """
    given = table.copy(deep=False)
    try:
        made = rule(name)(given)
    except Exception as error:
        told = f"{type(error).__name__}: {error}"
        raise ProjectError(
            f"rules.py, {name}: it ended with {told}. It is given the table with the columns of schema.toml."
        ) from error
    if not isinstance(made, pd.Series) or not made.index.equals(table.index):
        raise ProjectError(
            f"rules.py, {name}: it must return a Series with one value for each row of the table."
        )
    if pd.api.types.is_numeric_dtype(made):
        numbers = made.astype(float)
        return numbers.where(np.isfinite(numbers)).clip(-1e100, 1e100)
    return made.astype(object).where(made.notna(), "(missing)").astype(str).astype(object)
