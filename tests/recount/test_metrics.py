"""The tool's metrics and intervals are the project's."""

from __future__ import annotations

from math import isnan
from typing import Any

import pytest
from formulas import CASES, FIXTURE, expected, name

from poc2prod.recount.intervals import estimate
from poc2prod.recount.metrics import METRICS, Predicted
from poc2prod.recount.student import quantile


@pytest.mark.parametrize("case", CASES, ids=name)
def test_metric_and_interval_meet_the_fixture(case: dict[str, Any]) -> None:
    """Value, interval, standard error, rows and clusters agree with the numbers in the file."""
    rows = FIXTURE[case["outcome"]]
    measured = METRICS[case["metric"]](rows["y"], Predicted(rows["value"], rows.get("true")))
    clusters = FIXTURE["clusters"] if case["clustered"] else None
    assert list(estimate(*measured, clusters)) == pytest.approx(expected(case), rel=1e-9, nan_ok=True)


@pytest.mark.parametrize(
    ("freedom", "due"),
    [(1, 12.7062047364), (2, 4.30265272991), (9, 2.26215716285), (30, 2.04227245630), (2223, 1.96103170448)],
)
def test_t_quantiles_are_those_of_the_tables(freedom: int, due: float) -> None:
    """Quantiles at .975, as in NIST's table of critical values."""
    assert quantile(0.975, freedom) == pytest.approx(due, rel=1e-8)


def test_one_cluster_has_no_interval() -> None:
    """Nothing can be said of the spread between clusters with one cluster."""
    found = estimate(1.0, [0.5, -0.5], ["a", "a"])
    assert (found.value, isnan(found.low), found.clusters) == (1.0, True, 1)


def test_auc_of_one_class_is_not_defined() -> None:
    """Without a negative row there is no pair to order."""
    assert isnan(METRICS["roc_auc"]([1.0, 1.0], Predicted([0.2, 0.4]))[0])
