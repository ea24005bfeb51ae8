"""Business rules: plain functions named in params.toml and tested in tests/test_rules.py.

Feature rules add what an expert would look at: they are asked about one row, in training and in the API
alike. Rules of thumb are what a model has to beat; they learn from a table.

The API imports this module too, in an image without pandas and the like: import those inside the rules of
thumb that need them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

Row = Mapping[str, Any]


def hour_sine(row: Row) -> float:
    """The hour on a circle, so that 23 is next to 0. Hours 0, 6, 18 → 0, 1, −1."""
    return math.sin(2 * math.pi * row["hr"] / 24)


def hour_cosine(row: Row) -> float:
    """The hour on a circle, second axis. Hours 0, 6, 12 → 1, 0, −1."""
    return math.cos(2 * math.pi * row["hr"] / 24)


def commuting(row: Row) -> float:
    """1 on working days at 7, 8, 16, 17, 18 and 19 o'clock, else 0."""
    return float(row["workingday"] and row["hr"] in (7, 8, 16, 17, 18, 19))


def leisure(row: Row) -> float:
    """How warm it is (0 to 1) on free days from 10 to 18 o'clock, else 0.

    Sunday at 14, .7 warm → .7; Monday → 0.
    """
    return float(row["temp"]) if 10 <= row["hr"] <= 18 and not row["workingday"] else 0.0


def humidity_known(row: Row) -> float:
    """0 where humidity is exactly 0, which is a dead sensor, else 1."""
    return float(row["hum"] > 0)


def same_hour_last_week(known: pd.DataFrame, y: pd.Series, train: pd.Series, rows: pd.DataFrame) -> pd.Series:
    """Rule of thumb: as many bikes as 168 hours earlier, which is known when one plans a week ahead.

    36 bikes on Monday the 1st at 8 o'clock → 36 for Monday the 8th at 8. Where that hour is missing (storms,
    the clock change), 336 hours earlier; then the training rows' mean of the hour.
    """
    import pandas as pd

    earlier = pd.Series(y.to_numpy(), index=known["timestamp"])
    by_hour = rows["hr"].map(y[train].groupby(known.loc[train, "hr"]).mean())
    y_pred = pd.Series(float("nan"), index=rows.index)
    for weeks in (1, 2):
        y_pred = y_pred.fillna((rows["timestamp"] - pd.Timedelta(days=7 * weeks)).map(earlier))
    return y_pred.fillna(by_hour).fillna(y[train].mean()).astype(float)


def table_of_means(known: pd.DataFrame, y: pd.Series, train: pd.Series, rows: pd.DataFrame) -> pd.Series:
    """Rule of thumb: the training rows' mean for that hour, on working days and on others.

    30 and 50 bikes on two working days at 8 → 40 for all of them; an hour never seen → the mean of all.
    """
    import pandas as pd

    keys = known.loc[train, ["hr", "workingday"]]
    means = y[train].groupby([keys["hr"], keys["workingday"]]).mean()
    cells = pd.MultiIndex.from_arrays([rows["hr"], rows["workingday"]])
    return pd.Series(means.reindex(cells).to_numpy(), index=rows.index).fillna(y[train].mean())
