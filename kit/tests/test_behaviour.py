"""The cases of [testing]: cells as a person writes them in params.toml."""

from __future__ import annotations

import tomllib
from datetime import date
from typing import Any

import pandas as pd
import pytest
from poc2prod_kit.inspection import behaviour
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.tables.schema import Column

HOURS = ("%Y-%m-%dT%H:%M:%S%z",)


@pytest.mark.parametrize(
    "written",
    [
        '"2013-10-08T13:00:00"',
        '"2013-10-08T13:00:00Z"',
        '"2013-10-08T15:00:00+02:00"',
        '"2013-10-08 13:00"',
        "2013-10-08T13:00:00",
        "2013-10-08T13:00:00Z",
    ],
)
def test_a_date_may_be_written_as_the_api_takes_it(written: str) -> None:
    """With or without an offset, as text or as TOML's own date, whatever the notation of the raw files."""
    value: Any = tomllib.loads(f"on = {written}")["on"]
    for formats in (HOURS, ("%d.%m.%Y %H:%M",), ()):
        cells = behaviour._cell(Column("on", "date", formats=formats), value)
        assert cells.iloc[0] == pd.Timestamp(2013, 10, 8, 13)


def test_a_day_and_the_raw_files_own_notation_are_dates_too() -> None:
    """8.10.2013 where the files write days so; and what is no date is told with how to write one."""
    german = Column("on", "date", formats=("%d.%m.%Y",))
    for written in ("08.10.2013", "2013-10-08"):
        assert behaviour._cell(german, written).iloc[0] == pd.Timestamp(2013, 10, 8)
    odd = Column("on", "date", formats=("%Y-%d-%m",))
    assert behaviour._cell(odd, date(2013, 10, 8)).iloc[0] == pd.Timestamp(2013, 10, 8)
    with pytest.raises(ProjectError, match="not of its type, date, as 2024-05-31 or 2024-05-31T13:00"):
        behaviour._cell(german, "soon")
