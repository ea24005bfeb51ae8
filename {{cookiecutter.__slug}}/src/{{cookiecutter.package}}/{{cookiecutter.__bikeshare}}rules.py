"""Business rules: plain functions of the table, named in params.toml and tested in tests/test_rules.py.

Feature rules add what an expert would look at, and rules of thumb are what a model has to beat.
"""

from __future__ import annotations

import numpy as np
import pandas as pd


def hour_sine(table: pd.DataFrame) -> pd.Series:
    """The hour on a circle, so that 23 is next to 0. Hours 0, 6, 18 → 0, 1, −1."""
    return np.sin(2 * np.pi * table["hr"] / 24)


def hour_cosine(table: pd.DataFrame) -> pd.Series:
    """The hour on a circle, second axis. Hours 0, 6, 12 → 1, 0, −1."""
    return np.cos(2 * np.pi * table["hr"] / 24)


def commuting(table: pd.DataFrame) -> pd.Series:
    """1 on working days at 7, 8, 16, 17, 18 and 19 o'clock, else 0."""
    return (table["hr"].isin([7, 8, 16, 17, 18, 19]) & (table["workingday"] == 1)).astype(float)


def humidity_known(table: pd.DataFrame) -> pd.Series:
    """0 where humidity is exactly 0, which is a dead sensor, else 1."""
    return (table["hum"] > 0).astype(float)


def same_hour_last_week(known: pd.DataFrame, y: pd.Series, train: pd.Series, rows: pd.DataFrame) -> pd.Series:
    """Rule of thumb: as many bikes as 168 hours earlier, which is known when one plans a week ahead.

    Where that hour is missing, the training rows' mean of the hour.
    """
    earlier = pd.Series(y.to_numpy(), index=known["timestamp"])
    last_week = (rows["timestamp"] - pd.Timedelta(days=7)).map(earlier)
    by_hour = rows["hr"].map(y[train].groupby(known.loc[train, "hr"]).mean())
    return last_week.fillna(by_hour).astype(float)


def table_of_means(known: pd.DataFrame, y: pd.Series, train: pd.Series, rows: pd.DataFrame) -> pd.Series:
    """Rule of thumb: the training rows' mean for that hour, on working days and on others."""
    taught = known[train]
    means = y[train].groupby([taught["hr"], taught["workingday"]]).mean()
    cells = pd.MultiIndex.from_arrays([rows["hr"], rows["workingday"]])
    return pd.Series(means.reindex(cells).to_numpy(), index=rows.index).fillna(y[train].mean())
