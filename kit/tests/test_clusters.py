"""Which rows an interval counts as one."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
from poc2prod_kit.splitting import clusters


def project(**params: Any) -> Any:
    """A project that is only asked for its params: data__group stands for data.group."""
    values = {name.replace("__", "."): value for name, value in params.items()}
    return SimpleNamespace(param=lambda key, default=None: values.get(key, default))


def codes(labels: Any) -> list[int]:
    """The labels as numbers in order of appearance."""
    return [int(code) for code in pd.factorize(labels)[0]]


def hours(count: int) -> pd.DataFrame:
    """That many days from Monday, 3 January 2011, two rows a day."""
    days = pd.date_range("2011-01-03", periods=count, freq="D").repeat(2)
    return pd.DataFrame({"t": days, "g": [f"g{row // 2}" for row in range(2 * count)]})


def test_rows_alone() -> None:
    """Neither group nor time: rows count one by one."""
    assert clusters.of(project(), hours(3)) is None


def test_days_where_few_weeks() -> None:
    """Under 8 weeks the day is the block."""
    assert codes(clusters.of(project(data__time="t"), hours(3))) == [0, 0, 1, 1, 2, 2]


def test_weeks_from_eight_on() -> None:
    """Eight weeks from a Monday: fourteen rows a block, and an ISO week runs over the end of a year."""
    labels = clusters.of(project(data__time="t"), hours(56))
    assert codes(labels) == [week for week in range(8) for _ in range(14)]
    year_end = pd.DataFrame({"t": pd.to_datetime(["2010-12-31", "2011-01-02", "2011-01-03"])})
    assert codes(clusters.of(project(data__time="t", evaluate__block="week"), year_end)) == [0, 0, 1]


def test_the_block_can_be_chosen() -> None:
    """[evaluate] block = "day" holds for any span."""
    assert len(set(codes(clusters.of(project(data__time="t", evaluate__block="day"), hours(56))))) == 56


def test_a_year_is_a_block_only_where_there_are_many() -> None:
    """Two years would be two clusters: rows count one by one; from eight on the year is the block."""
    few, many = (
        pd.DataFrame({"t": [2016.0, 2017.0]}),
        pd.DataFrame({"t": np.repeat(np.arange(2000.0, 2008.0), 2)}),
    )
    assert clusters.of(project(data__time="t"), few) is None
    assert codes(clusters.of(project(data__time="t"), many)) == np.repeat(np.arange(8), 2).tolist()


def test_a_row_without_a_group_stands_alone() -> None:
    """Missing groups are not one big group."""
    rows = pd.DataFrame({"g": ["a", None, "a", None]}, index=["1", "2", "3", "4"])
    assert codes(clusters.of(project(data__group="g"), rows)) == [0, 1, 0, 2]


def test_weeks_hold_groups_that_end_within_one() -> None:
    """Groups of one day each, over 8 weeks: a week holds whole groups, and rows of a week are related."""
    assert len(set(codes(clusters.of(project(data__group="g", data__time="t"), hours(56))))) == 8


def test_groups_that_run_through_time_stay_the_unit() -> None:
    """Two groups present in every week: groups."""
    rows = hours(56).assign(g=["a", "b"] * 56)
    assert len(set(codes(clusters.of(project(data__group="g", data__time="t"), rows)))) == 2
