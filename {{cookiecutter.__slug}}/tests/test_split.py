"""The split keeps apart what must be apart, and online every unit stays with its arm."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pandas as pd
import pytest
from poc2prod_kit.run import report, steps
from poc2prod_kit.run.project import Project
from poc2prod_kit.splitting import split_file

from {{ cookiecutter.package }} import split

ORDER = ("train", "validation", "test")


@pytest.fixture(scope="module")
def divided(small: Callable[[], Project]) -> tuple[Project, pd.Series]:
    """A small project and the part of each of its rows."""
    copy = small()
    for step in ("data", "split"):
        steps.run_step(copy, step)
    return copy, split_file.parts(copy)


def test_every_row_is_in_one_part(divided: tuple[Project, pd.Series]) -> None:
    """The split file names each id of the table once, and nothing else."""
    copy, part = divided
    assert sorted(part.index) == sorted(copy.table().index)
    assert set(part) <= {*ORDER, "excluded"}


def test_every_part_has_rows(divided: tuple[Project, pd.Series]) -> None:
    """There is something to learn from, to choose by and to judge with."""
    assert {"train", "validation", "test"} <= set(divided[1])


def test_groups_stay_whole(divided: tuple[Project, pd.Series]) -> None:
    """No group has rows in two parts."""
    copy, part = divided
    column = copy.param("data.group", "")
    if not column:
        pytest.skip("[data] group is empty: no rows belong together")
    used = part[part != "excluded"]
    group = copy.table()[column].reindex(used.index)
    sides = used.groupby(group).nunique()
    assert list(sides[sides > 1].index) == []


def test_later_parts_are_later(divided: tuple[Project, pd.Series]) -> None:
    """With a split by time, no row is earlier than any row of the part before."""
    copy, part = divided
    strategy = report.results(copy, "split")["strategy"]
    if strategy != "time":
        pytest.skip(f"the split is {strategy}, not by time")
    when = copy.table()[copy.param("data.time")]
    spans = [when[part.reindex(when.index) == name] for name in ORDER]
    assert all(before.max() <= after.min() for before, after in pairwise(spans))


def test_a_unit_stays_with_its_arm() -> None:
    """The same unit and salt give the same arm, always and on every machine: here of eight units."""
    arms = [split.arm(f"unit-{number}", "salt", 0.5) for number in range(8)]
    assert "".join(arm[0] for arm in arms) == "ttcccttc"


def test_arms_have_about_their_share() -> None:
    """Of 4,000 units, 10 % get the new model: 400, give or take four standard deviations of 19."""
    arms = [split.arm(f"unit-{number}", "salt", 0.1) for number in range(4000)]
    assert 324 <= arms.count("treatment") <= 476


def test_a_new_salt_deals_anew() -> None:
    """About half of all units change arms with the salt: 1,000 of 2,000, give or take four times 22."""
    units = [f"unit-{number}" for number in range(2000)]
    moved = sum(split.arm(unit, "one", 0.5) != split.arm(unit, "two", 0.5) for unit in units)
    assert 912 <= moved <= 1088
