"""What one value becomes as a feature: the same functions for a training table and for a single request."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

MISSING = "(missing)"
LARGEST = 1e100
_WORD = re.compile(r"\S+")
_DAY = timedelta(days=1)


def number(value: Any) -> float | None:
    """The value as a float within ±1e100, beyond which squares overflow.

    None for none, NaN and infinities.
    """
    if value is None:
        return None
    made = float(value)
    if made - made != 0.0:
        return None
    return LARGEST if made > LARGEST else -LARGEST if made < -LARGEST else made


def characters(value: str) -> float:
    """How many characters the text has."""
    return float(len(value))


def words(value: str) -> float:
    """How many words the text has, parted by white space."""
    return float(len(_WORD.findall(value)))


def days_before(value: datetime, until: datetime) -> float:
    """Days from the one date to the other."""
    return (until - value) / _DAY


PARTS: dict[str, Callable[[Any], float]] = {
    "characters": characters,
    "words": words,
    "year": lambda value: float(value.year),
    "month": lambda value: float(value.month),
    "day": lambda value: float(value.day),
    "day_of_week": lambda value: float(value.weekday()),
    "hour": lambda value: float(value.hour),
    "minute": lambda value: float(value.minute),
}


def outcome(made: Any) -> float | str | None:
    """What a rule returned, as a feature: a number, a category, or None for missing.

    Raises TypeError for anything else.
    """
    if made is None or isinstance(made, str):
        return made
    if isinstance(made, (bool, int, float)) or hasattr(made, "__float__"):
        return number(made)
    raise TypeError(f"it returned {type(made).__name__}, and not a number, a text or None")
