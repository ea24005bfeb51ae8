"""Whether a told estimate can be one."""

from __future__ import annotations

from math import nan

import pytest

from poc2prod.recount.scores import incoherent
from poc2prod.recount.student import half_width

HALF = half_width(1.254591, 36)


def told(value: float, half: float, error: float = 1.254591) -> dict[str, float | int]:
    """An estimate as a report gives it: 6 significant digits."""
    numbers = {"value": value, "low": value - half, "high": value + half, "standard_error": error}
    return {**{name: float(f"{number:.6g}") for name, number in numbers.items()}, "n": 5725, "clusters": 36}


@pytest.mark.parametrize("value", [0.0, 0.00344293, -0.1, 2.5, 1234.5])
def test_rounding_alone_makes_no_interval_incoherent(value: float) -> None:
    """An honest estimate, rounded in all its numbers, near 0 as well as far from it."""
    assert incoherent(told(value, HALF)) == ""


@pytest.mark.parametrize("factor", [0.9, 0.999, 1.001, 1.5])
def test_a_width_that_the_error_does_not_give_is_named(factor: float) -> None:
    """An interval made narrower or wider by a thousandth is seen."""
    assert "does not follow from an error of 1.25459" in incoherent(told(0.00344293, HALF * factor))


def test_an_inverted_interval_is_named() -> None:
    """The value must lie within."""
    assert incoherent(told(2.5, -HALF)).startswith("2.5 is not within")


def test_no_interval_is_no_incoherence() -> None:
    """One cluster gives no interval."""
    assert incoherent({**told(2.5, HALF), "low": nan, "high": nan}) == ""


@pytest.mark.parametrize(
    ("low", "wrong"),
    [(0.920153, ""), (0.95, "0.95 to 1 has no error that it follows from")],
)
def test_an_interval_without_an_error_is_that_of_a_share_of_one(low: float, wrong: str) -> None:
    """.05^(1/36) = .920153 where no row of 36 clusters is wrong; nothing narrower."""
    perfect = {**told(1.0, 0.0), "low": low, "high": 1.0, "standard_error": None}
    assert incoherent(perfect) == wrong
