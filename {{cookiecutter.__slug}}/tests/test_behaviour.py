"""The model behaves as people who know the subject expect: the cases stand in [testing] of params.toml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from poc2prod_kit.inspection import behaviour

ROOT = Path(__file__).parents[1]


def named(kind: str) -> Any:
    """One test for each [[testing.<kind>]] table; a skip that says what to do where there is none."""
    found = behaviour.cases(ROOT, kind)
    why = f"params.toml has no [[testing.{kind}]] yet: write down what you expect of any model"
    nothing = pytest.param({}, marks=pytest.mark.skip(reason=why), id="none yet")
    each = [pytest.param(case, id=case["why"]) for case in found]
    return pytest.mark.parametrize("case", each or [nothing])


@named("invariance")
def test_invariance(judge: behaviour.Judge, case: behaviour.Case) -> None:
    """`change` moves the prediction by no more than `within` (0 where it is not given)."""
    assert abs(judge.change(case)) <= case.get("within", 0.0), case["why"]


@named("direction")
def test_direction(judge: behaviour.Judge, case: behaviour.Case) -> None:
    """`change` moves the prediction `higher` or `lower`, by at least `by`."""
    assert case["expect"] in ("higher", "lower")
    moved = judge.change(case) * (1 if case["expect"] == "higher" else -1)
    assert moved > 0, case["why"]
    assert moved >= case.get("by", 0.0), case["why"]


@named("minimum")
def test_minimum(judge: behaviour.Judge, case: behaviour.Case) -> None:
    """The prediction for a case that anyone would get right is `at_least` or `at_most` what is given."""
    assert {"at_least", "at_most"} & set(case), "a minimum needs at_least or at_most"
    said = judge.predict(case.get("row", {}), case.get("label"))
    assert case.get("at_least", said) <= said <= case.get("at_most", said), case["why"]
