"""What stands in a column's cells, and which rules of schema.toml they break."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

from poc2prod_kit.tables.moments import date
from poc2prod_kit.tables.schema import Column
from poc2prod_kit.tables.typed import Reads


class Broken(NamedTuple):
    """A rule of the schema that cells break: how many, and up to 5 of the cells."""

    column: str
    rule: str
    number: int
    cells: list[str]


RULES = ("type", "infinite", "whole", "null", "minimum", "maximum", "values")


def broken(column: Column, counts: Counter[str], reads: Reads) -> list[Broken]:
    """The column's rules that its cells break, in the order of RULES. `counts`: how often each occurs."""
    holds = _rules(column)
    results: dict[str, Counter[str]] = {}
    for cell, count in counts.items():
        value = reads[cell]
        if problem := reads.problems.get(cell):
            results.setdefault(problem, Counter())[cell] += count
        elif value is None:
            if not column.nullable:
                results.setdefault("null", Counter())[cell] += count
        else:
            for rule, kept in holds.items():
                if not kept(value):
                    results.setdefault(rule, Counter())[cell] += count
    return [
        Broken(column.name, rule, results[rule].total(), list(results[rule])[:5])
        for rule in RULES
        if rule in results
    ]


def _rules(column: Column) -> dict[str, Callable[[Any], bool]]:
    rules: dict[str, Callable[[Any], bool]] = {}
    if column.type == "integer":
        rules["whole"] = lambda value: value == value // 1
    low, high = (_bound(column, bound) for bound in (column.minimum, column.maximum))
    if low is not None:
        rules["minimum"] = lambda value: bool(value >= low)
    if high is not None:
        rules["maximum"] = lambda value: bool(value <= high)
    if column.values and column.type in ("category", "text"):
        allowed = frozenset(column.values)
        rules["values"] = lambda value: value in allowed
    elif column.values and column.type in ("integer", "number"):
        numbers = frozenset(map(float, column.values))
        rules["values"] = lambda value: value in numbers
    return rules


def _bound(column: Column, bound: Any) -> Any:
    if bound is None or column.type in ("category", "text", "boolean"):
        return None
    if column.type != "date":
        return float(bound)
    text = bound.isoformat() if hasattr(bound, "isoformat") else str(bound)
    return date(text, column.formats) or date(text, ())
