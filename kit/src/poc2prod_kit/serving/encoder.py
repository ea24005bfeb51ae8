"""A row as the numbers that the serving model takes, by the tables of models/serving.json.

Trees are given each number's place among the cut points that they use, linear models standardised numbers and
one-hot places: export.py makes these tables from the fitted encoder. No pandas, no scikit-learn.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

import numpy as np

from poc2prod_kit.rules import rulebook, values

Row = Mapping[str, Any]
Feature = Callable[[rulebook.Cells], Any]
NAN = float("nan")
Matrix = np.ndarray[Any, Any]


class Encoder:
    """Makes the matrix of some rows. `features` defines them, `tables` says how each is encoded."""

    def __init__(
        self, features: Sequence[Mapping[str, Any]], tables: Mapping[str, Any], rules: ModuleType
    ) -> None:
        made = {one["name"]: feature(one, rules) for one in features}
        self.numbers = [_number(made[one["name"]], one) for one in tables["numbers"]]
        self.categories = [(made[one["name"]], one["codes"]) for one in tables["categories"]]
        self.one_hot: bool = tables["kind"] == "linear"
        self.width: int = tables["width"]
        self.dtype = np.float64 if self.one_hot else np.float32

    def matrix(self, rows: Sequence[Row]) -> Matrix:
        """Shape (rows, width): float64 for linear models, float32 for trees; ProjectError of a rule."""
        cells = [rulebook.Cells(row) for row in rows]
        if not self.one_hot:
            places = [
                [number(row) for number in self.numbers]
                + [codes.get(category(value(row)), -1.0) for value, codes in self.categories]
                for row in cells
            ]
            return np.array(places, dtype=np.float32).reshape(-1, self.width)
        made = np.zeros((len(cells), self.width))
        for place, row in enumerate(cells):
            made[place, : len(self.numbers)] = [number(row) for number in self.numbers]
            for value, codes in self.categories:
                code = codes.get(category(value(row)))
                if code is not None:
                    made[place, code] = 1.0
        return made


def category(value: Any) -> str:
    """The category that a value stands for."""
    return values.MISSING if value is None else str(value)


def feature(one: Mapping[str, Any], rules: ModuleType) -> Feature:
    """The function of a row that gives one feature: float, str, or None where it is missing."""
    how = one["how"]
    if how == "rule":
        function = rulebook.rule(rules, one["rule"])
        return lambda row: rulebook.feature(function, row)
    column = one["column"]
    if how == "number":
        return lambda row: values.number(row.get(column))
    if how == "category":
        return lambda row: row.get(column)
    if how == "days_before":
        until = one["until"]
        return lambda row: (
            values.days_before(row[column], row[until]) if column in row and until in row else None
        )
    part = values.PARTS[how]
    return lambda row: part(row[column]) if column in row else None


def _number(value: Feature, one: Mapping[str, Any]) -> Callable[[rulebook.Cells], float]:
    """A number as the model takes it: its place among the cut points, or standardised."""
    if "cuts" in one:
        cuts = one["cuts"]
        return lambda row: NAN if (result := value(row)) is None else bisect_left(cuts, result)
    median, mean, scale = one["median"], one["mean"], one["scale"]
    return lambda row: float(((median if (result := value(row)) is None else result) - mean) / scale)
