"""Business rules: plain functions named in params.toml and tested in tests/test_rules.py.

Three kinds, each a function that you add below, with a docstring that says what it means, and name in
params.toml. Each kind by an example:

    [data] population = ["adults"]         which rows the question is about; others are excluded, and counted

        def adults(row: Row) -> bool:
            return bool(row["age"] >= 18)

    [features] rules = ["price_per_room"]   a feature of each row: a number, a text (a category) or None

        def price_per_room(row: Row) -> float | None:
            return row["price"] / row["rooms"] if row["rooms"] else None

    [baseline] rules = ["as_in_its_shop"]   a rule of thumb that a model has to beat

        def as_in_its_shop(known: Table, y: Column, train: Column, rows: Table) -> Column:
            usual = y[train].groupby(known.loc[train, "shop"]).mean()
            return rows["shop"].map(usual).fillna(y[train].mean()).astype(float)

The first two are asked about one row, in training and in the API alike. A row maps columns to values: float,
bool, str or datetime. Empty cells are not in it: row["age"] of an empty cell makes the feature missing (or
keeps the row out), and row.get("age") gives None, for rules that know what to do then. A rule names
its columns itself, or in a function of this package that it hands the row to: so it is known what a request
must hold.

A rule of thumb gives a prediction for each of `rows`: the probability of the positive value, a number or a
class. It learns from the rows that are `known`, with their targets `y` (a yes is 1, a no 0); `train` is True
for those of training. Its test is a function of its own: tests/test_rules.py shows one.

The API imports this module too, in an image without pandas and the like: import those inside the rules of
thumb that need them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    Table = pd.DataFrame
    Column = pd.Series

Row = Mapping[str, Any]
