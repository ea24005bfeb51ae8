"""Business rules: plain functions named in params.toml and tested in tests/test_rules.py.

Three kinds, each a function that you add here and name in params.toml:

    [data] population     def adults(row): return row["age"] >= 18
                          which rows the question is about; the others are excluded, and counted
    [features] rules      def price_per_room(row): return row["price"] / row["rooms"]
                          a feature of each row: a number, a text (a category) or None for missing
    [baseline] rules      def as_last_week(known, y, train, rows): ...
                          a rule of thumb that a model has to beat: a prediction for each of `rows`, from the
                          rows that are `known` with their targets `y`; `train` marks the training rows

The first two are asked about one row, in training and in the API alike. A row maps columns to values: float,
bool, str or datetime. Empty cells are not in it: row["age"] of an empty cell makes the feature missing (or
keeps the row out), and row.get("age") gives None, for rules that know what to do then. A rule names
its columns itself, or in a function of this package that it hands the row to: so it is known what a request
must hold.

The API imports this module too, in an image without pandas and the like: import those inside the rules of
thumb that need them.
"""

from __future__ import annotations
