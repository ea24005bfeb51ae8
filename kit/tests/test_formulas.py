"""The project's metrics and intervals meet the fixture that the tool's meet too."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from formulas import CASES, FIXTURE, expected, name
from poc2prod_kit.scoring import intervals, metrics


@pytest.mark.parametrize("case", CASES, ids=name)
def test_metric_and_interval_meet_the_fixture(case: dict[str, Any]) -> None:
    """Value, interval, standard error, rows and clusters agree with the numbers in the file."""
    rows = FIXTURE[case["outcome"]]
    true = np.array(rows["true"]) if "true" in rows else None
    predicted = metrics.Predicted(np.array(rows["value"]), true)
    measured = metrics.METRICS[case["metric"]].compute(np.array(rows["y"]), predicted)
    clusters = np.array(FIXTURE["clusters"]) if case["clustered"] else None
    assert list(intervals.estimate(*measured, clusters).values()) == pytest.approx(
        expected(case), rel=1e-9, nan_ok=True
    )
