"""The target as a model learns it: 1 or 0, a number, or the name of a class."""

from __future__ import annotations

from collections.abc import Sequence

from poc2prod_kit.tables.schema import Column
from poc2prod_kit.tables.typed import FALSE, TRUE, Value, shown

Label = float | str | None


def named(column: Column, value: Value) -> str:
    """A value as it is written in the data; of yes and no, as schema.toml writes them."""
    if column.type != "boolean":
        return value if isinstance(value, str) else shown(value)
    words = {text.strip().casefold() in TRUE: text for text in column.values}
    return words.get(value == 1, "1" if value == 1 else "0")


def labels(column: Column, values: Sequence[Value], outcome: str, positive: str = "") -> list[Label]:
    """The label of each row, None where there is none; ValueError where a regression's is no number."""
    if outcome == "regression":
        if not column.numeric:
            raise ValueError(
                f"{column.name} is a column of type {column.type}, and a regression needs a number"
            )
        return [value if isinstance(value, float) else None for value in values]
    known = {value for value in values if value is not None}
    if outcome == "binary":
        table: dict[Value, Label] = {value: float(_is_positive(column, value, positive)) for value in known}
    else:
        table = {value: named(column, value) for value in known}
    return [None if value is None else table[value] for value in values]


def _is_positive(column: Column, value: Value, positive: str) -> bool:
    if isinstance(value, str):
        return value == positive
    text = positive.strip()
    if column.type == "boolean" and text.casefold() in TRUE | FALSE:
        return value == float(text.casefold() in TRUE)
    try:
        return value == float(text)
    except ValueError:
        return False
