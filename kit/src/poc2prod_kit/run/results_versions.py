"""The version of each step's results: raised when this library makes other numbers, and only then.

The numbers stand in results_versions.json, so that they can be read of any copy of the library, packed or
not, without running it.
"""

from __future__ import annotations

import json
from functools import cache

# An input's name is this, `#` and the step.
LIBRARY = "poc2prod-kit"
FILE = "poc2prod_kit/run/results_versions.json"


@cache
def all_steps() -> dict[str, int]:
    """The number of each step's results that this library makes."""
    with open(__file__.removesuffix(".py") + ".json", encoding="utf-8") as file:  # noqa: PTH123
        return parsed(file.read())


def parsed(text: str) -> dict[str, int]:
    """The numbers by step. ValueError where the text is no table of numbers."""
    content = json.loads(text)
    if not isinstance(content, dict) or not all(type(number) is int for number in content.values()):
        raise ValueError("it is no table of numbers")
    return content
