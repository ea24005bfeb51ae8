"""Business rules: plain functions named in params.toml and tested in tests/test_rules.py.

Population rules say which rows the question is about, and feature rules add what an expert would look at:
both are asked about one row, in training and in the API alike. Rules of thumb are what a model has to beat;
they learn from a table.

The API imports this module too, in an image without pandas and the like: import those inside the rules of
thumb that need them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

Row = Mapping[str, Any]


def sixteen_or_older(row: Row) -> bool:
    """The survey asks about work from 16 on: a child is 'not employed' by definition, not by prediction.

    Ages 15, 16 → False, True.
    """
    return bool(row["age"] >= 16)


def not_in_institution(row: Row) -> bool:
    """Nobody in a prison or nursing home counts as employed. institution, spouse → False, True."""
    return bool(row["relationship"] != "institution")


def civilian(row: Row) -> bool:
    """Active duty is not civilian employment. active_duty, veteran → False, True."""
    return bool(row["military"] != "active_duty")


def years_from_working_age(row: Row) -> float:
    """Years outside 25 to 60, ages at which most people work. Ages 20, 40, 75 → 5, 0, 15."""
    return float(max(25 - row["age"], row["age"] - 60, 0))


def finished_school(row: Row) -> float:
    """1 from a high-school diploma on (code 16), else 0. Codes 15, 16, 21 → 0, 1, 1."""
    return float(row["education"] >= 16)


def student_age_in_quarters(row: Row) -> float:
    """1 for people under 25 in group quarters, mostly dormitories, else 0.

    Ages 20, 40 in group_quarters → 1, 0.
    """
    return float(row["age"] < 25 and row["relationship"] == "group_quarters")


def employed_at_that_age(
    known: pd.DataFrame, y: pd.Series, train: pd.Series, rows: pd.DataFrame
) -> pd.Series:
    """Rule of thumb: the share employed among training rows of the same age, disability and schooling.

    Bands start at 16, 18, 20, 22, 25, 55, 60, 62, 65, 70 and 75 years; schooling is below a diploma, a
    diploma or a bachelor's degree. Shares of few rows are drawn to that of all: with 3 of 4 employed in a
    cell and .6 among all, (3 + 10 · .6) / (4 + 10) = .64.
    """
    share = float(y[train].mean())
    cells = y[train].groupby(_cell(known[train])).agg(["sum", "count"])
    drawn = (cells["sum"] + 10 * share) / (cells["count"] + 10)
    return _cell(rows).map(drawn).fillna(share).astype(float)


def _cell(table: pd.DataFrame) -> pd.Series:
    import pandas as pd

    band = pd.cut(table["age"], [0, 18, 20, 22, 25, 55, 60, 62, 65, 70, 75, 200], right=False).astype(str)
    school = pd.cut(table["education"], [-1, 15, 20, 24]).astype(str)
    return band + table["disability"].astype(str) + school
