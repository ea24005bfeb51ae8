"""The 21 steps as data, and the names people call them by."""

from __future__ import annotations

import pytest

from poc2prod.checklist import STAGES, step, steps, until
from poc2prod.errors import CallError


def test_there_are_21_steps_in_three_stages() -> None:
    """Ten, eight, three; numbers and slugs once each."""
    found = steps()
    assert [sum(item.stage == stage for item in found) for stage in STAGES] == [10, 8, 3]
    assert len({item.slug for item in found} | {item.number for item in found}) == 42


@pytest.mark.parametrize("name", ["I.5", "1.5", "split", "SPLIT", " i.5 "])
def test_a_step_has_several_names(name: str) -> None:
    """Number in either writing, slug, any case."""
    assert step(name).slug == "split"


def test_a_wrong_name_gets_the_nearest() -> None:
    """Exit code 2 and a suggestion."""
    with pytest.raises(CallError, match=r"^There is no step 'splt'\. Did you mean split\?$"):
        step("splt")


def test_a_stage_includes_those_before() -> None:
    """The gate of a stage holds all up to it."""
    assert [len(until(stage)) for stage in STAGES] == [10, 18, 21]
