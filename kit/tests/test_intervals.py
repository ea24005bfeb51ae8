"""Intervals from influences."""

from __future__ import annotations

import numpy as np
import pytest
from poc2prod_kit.scoring import intervals, metrics
from poc2prod_kit.scoring.metrics import Predicted


def test_the_interval_of_a_mean_is_students() -> None:
    """Mean of 1, 2, 3, 4: standard error √(5/12), t with 3 degrees of freedom 3.182446."""
    values = np.array([1.0, 2.0, 3.0, 4.0])
    found = intervals.estimate(2.5, values - 2.5)
    error = np.sqrt(5 / 12)
    assert tuple(found.values()) == pytest.approx(
        (2.5, 2.5 - 3.182446 * error, 2.5 + 3.182446 * error, error, 4, 4), abs=1e-6
    )


def test_rows_of_one_cluster_count_once() -> None:
    """Every row twice, clustered: as if each stood once."""
    once = np.array([-1.0, 0.0, 1.0])
    twice = intervals.estimate(5.0, np.repeat(once, 2), np.array(["a", "a", "b", "b", "c", "c"]))
    assert twice["standard_error"] == pytest.approx(intervals.estimate(5.0, once)["standard_error"])
    assert (twice["n"], twice["clusters"]) == (6, 3)


def test_auc_has_the_variance_of_delong() -> None:
    """Positives placed 1/2 and 1, negatives 1 and 1/2: variances 1/8 and 1/8, so (1/8)/2 + (1/8)/2 = 1/8.

    Ours divides by n/(n − 1) of all rows, DeLong's by each class's: the same within (n − 1)/n · m/(m − 1).
    """
    y, score = np.array([0.0, 0.0, 1.0, 1.0]), np.array([0.1, 0.4, 0.35, 0.8])
    found = intervals.estimate(*metrics.roc_auc(y, Predicted(score)))
    assert found["standard_error"] ** 2 == pytest.approx(1 / 8 * (4 / 3) / 2)


@pytest.mark.parametrize("clusters", [None, np.array(["a", "b"])])
def test_two_rows_have_a_wide_interval(clusters: np.ndarray | None) -> None:
    """One degree of freedom: t = 12.7062."""
    found = intervals.estimate(0.5, np.array([0.5, -0.5]), clusters)
    assert found["high"] - found["low"] == pytest.approx(2 * 12.7062 * 0.5, rel=1e-5)


@pytest.mark.parametrize(
    ("value", "influence", "clusters"),
    [
        (0.7, [0.1, -0.1], ["a", "a"]),
        (float("nan"), [np.nan, np.nan], ["a", "b"]),
        (1.0, [0.0, 0.0], ["a", "b"]),
        (0.7, [0.0], ["a"]),
    ],
)
def test_no_interval_without_variation(value: float, influence: list[float], clusters: list[str]) -> None:
    """One cluster, an undefined value, or rows that are all alike: null, not an interval of width 0."""
    found = intervals.estimate(value, np.array(influence), np.array(clusters))
    assert [found["low"], found["high"], found["standard_error"]] == pytest.approx([np.nan] * 3, nan_ok=True)


def test_the_bound_of_a_share_is_the_one_at_which_such_luck_is_one_in_twenty() -> None:
    """299 right out of 299: at least 99 %, by the tables of Clopper and Pearson; 3/n is about the same."""
    low, high = intervals.bound(1.0, 299)
    assert high == 1.0
    assert 1 - low == pytest.approx(3 / 299, rel=0.01)
    assert low**299 == pytest.approx(0.05)


def test_models_that_err_alike_differ_by_exactly_nothing() -> None:
    """A difference of 0 on every row is certain."""
    assert tuple(intervals.estimate(0.0, np.zeros(3)).values()) == (0.0, 0.0, 0.0, 0.0, 3, 3)


def test_clustered_intervals_cover() -> None:
    """Of 400 tables of 30 groups of 5 rows, 95 % ± 3 % of the intervals hold the truth; row-wise too few."""
    rng = np.random.default_rng(5)
    group = np.repeat(np.arange(30), 5)
    held = {"groups": 0, "rows": 0}
    for _ in range(400):
        x = rng.normal(size=30)[group] + rng.normal(size=150)
        for name, clusters in (("groups", group), ("rows", None)):
            found = intervals.estimate(float(x.mean()), x - x.mean(), clusters)
            held[name] += found["low"] <= 0 <= found["high"]
    assert 0.92 <= held["groups"] / 400 <= 0.98
    assert held["rows"] / 400 < 0.85
