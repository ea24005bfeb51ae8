"""Copies across the split are told from twins that meet by chance."""

from __future__ import annotations

import random

import pytest

from poc2prod.recount.alike import codes
from poc2prod.recount.copies import Agreement, agreement, same_nearby


def rows(copied: int, seed: int) -> Agreement | None:
    """1,000 rows of four categories, half of them late; some of these are copies of early ones."""
    draw = random.Random(seed)
    cells = [[draw.randrange(6) for _ in range(4)] for _ in range(1000)]
    chance = [0.2 + 0.1 * row[0] for row in cells]
    labels = [int(draw.random() < p) for p in chance]
    for late, early in zip(range(500, 500 + copied), range(500), strict=False):
        cells[late], labels[late], chance[late] = cells[early], labels[early], chance[early]
    columns = [codes(str(place), column) for place, column in enumerate(zip(*cells, strict=True))]
    given = [p if label else 1 - p for p, label in zip(chance, labels, strict=True)][500:]
    return agreement(columns, labels, [place >= 500 for place in range(1000)], given, None)


@pytest.mark.parametrize("seed", range(5))
def test_honest_twins_agree_as_often_as_expected(seed: int) -> None:
    """Rows of few categories meet by chance."""
    found = rows(0, seed)
    assert found is not None
    assert (found.rows > 50, found.z_of_single_twins < 4, found.z < 4) == (True, True, True)


@pytest.mark.parametrize("seed", range(5))
def test_copies_stand_out(seed: int) -> None:
    """A third of the late rows copied."""
    found = rows(170, seed)
    assert found is not None
    assert max(found.z_of_single_twins, found.z) > 4


def test_too_few_twins_say_nothing() -> None:
    """Fewer than five."""
    assert agreement([[1, 2, 3, 4]], [0, 1, 0, 1], [False, False, True, True], [0.5, 0.5], None) is None


def test_neighbours_by_prediction_that_have_the_same_number() -> None:
    """Of three rows, each row's share among the other two."""
    assert same_nearby([1.0, 2.0, 3.0], [5.0, 5.0, 6.0]) == [0.5, 0.5, 0.0]
