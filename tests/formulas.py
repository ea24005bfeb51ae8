"""One fixture that the project's metrics and the tool's must both meet: tests/data/formulas.json.

Its numbers stand in the file, so a change of either side that moves one is seen, and a change of both has to
be said there.
"""

from __future__ import annotations

import json
from math import nan
from pathlib import Path
from typing import Any

FIXTURE: dict[str, Any] = json.loads(
    (Path(__file__).parent / "data" / "formulas.json").read_text(encoding="utf-8")
)
CASES: list[dict[str, Any]] = FIXTURE["cases"]


def name(case: dict[str, Any]) -> str:
    """A readable name of the case."""
    return "-".join([case["outcome"], case["metric"], "clustered" if case["clustered"] else "rows"])


def expected(case: dict[str, Any]) -> list[float]:
    """Value, low, high, standard error, rows and clusters; null as NaN."""
    return [nan if number is None else number for number in case["expected"]]
