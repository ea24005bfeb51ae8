"""Business rules: plain functions of the table, named in params.toml and tested in tests/test_rules.py.

Three kinds, each a function that you add here and name in params.toml:

    [data] population     def adults(table): return table["age"] >= 18
                          which rows the question is about; the others are excluded, and counted
    [features] rules      def price_per_room(table): return table["price"] / table["rooms"]
                          a feature of each row, computed from that row alone
    [baseline] rules      def as_last_week(known, y, train, rows): ...
                          a rule of thumb that a model has to beat: a prediction for each of `rows`, from the
                          rows
                          that are `known` with their targets `y`; `train` marks those that are training rows
"""

from __future__ import annotations
