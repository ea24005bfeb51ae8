"""Small readers of JSON and TOML values whose types are not known."""

from collections.abc import Sequence
from math import isfinite
from typing import Any, TypeGuard

from ..project import Facts


def fields(value: Any, *keys: str) -> dict[str, Any]:
    """The table at these keys; empty if there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def items_at(value: Any, key: str) -> list[Any]:
    """The list at a key; empty if there is none."""
    result = value.get(key) if isinstance(value, dict) else None
    return result if isinstance(result, list) else []


def entries(value: Any, key: str) -> list[dict[str, Any]]:
    """The tables in the list at a key."""
    return [item for item in items_at(value, key) if isinstance(item, dict)]


def is_number(value: Any) -> TypeGuard[float]:
    """Whether a value is a finite number; True and False are not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value)


def some(texts: Sequence[str], most: int = 2, separator: str = ", ") -> str:
    """The first texts, and how many more there are."""
    more = f" and {len(texts) - most} more" if len(texts) > most else ""
    return separator.join(texts[:most]) + more


def texts(facts: Facts, key: str) -> list[str]:
    """The list at a dotted key of params.toml, as texts; empty if there is none."""
    return [str(item) for item in items_at({"": facts.param(key)}, "")]
