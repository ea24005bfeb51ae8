"""Which columns name an entity that stands on several rows: a customer, a county, a person over the years."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from poc2prod_kit.tables.dressed import measured

if TYPE_CHECKING:
    from poc2prod_kit.screening.sample import Column

PROBED = 300
ATTRIBUTES = 3
TIMES = frozenset(
    {
        "year", "yr", "years", "date", "day", "month", "quarter", "week", "period", "time", "t", "wave",
        "session", "round", "hr", "hour", "minute", "mnth", "weekday", "dow", "season", "obs",
        "jahr", "monat",
    }
)  # fmt: skip
AMOUNTS = frozenset(
    {
        "age", "amount", "cost", "count", "density", "height", "hours", "inc", "income", "pop", "population",
        "price", "rate", "salary", "score", "size", "tax", "value", "wage", "weight",
    }
)  # fmt: skip
CODED = re.compile(
    "(account|case|city|county|cust|customer|data|dist|district|emp|employee|farm|firm|hh|house|household|"
    "patient|person|plant|school|site|state|store|stud|student|study|subject|unit|user|vill|village)"
    "_?(id|no|nr|num|code|fips)"
)


def words(name: str) -> list[str]:
    """A column's name as lower-case words: "customerId" is customer, id."""
    return "".join(f" {c.lower()}" if c.isupper() else c if c.isalnum() else " " for c in name).split()


def _plain(name: str) -> str:
    return "".join(c.lower() if c.isalnum() else " " for c in name)


def identifying(name: str) -> bool:
    """Whether a name speaks of an id or an entity: id, customer_no, PatientID, county."""
    joined = _plain(name).split()
    entities = {
        "id", "uuid", "guid", "nr", "customer", "client", "user", "patient", "household", "person", "account",
        "subject", "member", "device", "vehicle", "store", "shop", "machine", "sensor", "station", "family",
        "employee", "cluster", "individual", "firm", "kunde", "kundennummer",
    }  # fmt: skip
    split = words(name)
    return (
        bool(entities & {*split[-1:], *joined[-1:]})
        or " ".join(split).endswith(" i d")
        or CODED.fullmatch("".join(joined)) is not None
    )


def timely(column: Column) -> bool:
    """Whether a column says when: a date, or a name such as year, month or period."""
    plain = re.sub(r"\d+$", "", _plain(column.name))
    return column.type == "date" or bool(TIMES & {*words(column.name), *plain.split()})


def coded(column: Column) -> bool:
    """Whether a column that repeats has a name like an id, or codes of letters with digits."""
    distinct, present = len(column.counts), column.counts.total()
    if distinct < 20 or present < 1.2 * distinct or column.type == "date":
        return False
    if present / distinct > 0.05 * len(column.codes):
        return False
    codes = [text for text in column.texts[1:200] if text]
    if measured(codes):
        return False
    if identifying(column.name) and column.type in ("integer", "category"):
        return True
    mixed = sum(any(c.isdigit() for c in text) and any(c.isalpha() for c in text) for text in codes)
    return column.type == "category" and distinct > 50 and mixed > 0.9 * len(codes)


def numbers_rows(column: Column, total: int) -> bool:
    """Whether a column tells all rows apart: integers that rise line by line, or codes. `total`: all rows."""
    rows = len(column.codes)
    if len(column.counts) < rows or rows < 20:
        return False
    if column.type == "category":
        return all(not text.isalpha() for text in column.texts[1:50])
    values = [value for value in column.floats if value is not None]
    if column.type != "integer" or not values or any(a >= b for a, b in pairwise(values)):
        return False
    return values[-1] - values[0] <= 2 * total or identifying(column.name)


def panel(column: Column, columns: Mapping[str, Column]) -> bool:
    """Whether each value stands once at (nearly) each of several times: countries by years."""
    distinct, rows = len(column.counts), len(column.codes)
    if column.type not in ("integer", "category") or distinct < 5 or rows < 1.5 * distinct or timely(column):
        return False
    for other in columns.values():
        times = len(other.counts)
        if other.name == column.name or not timely(other) or not 0.5 <= rows / max(distinct * times, 1) <= 1:
            continue
        if len(set(zip(column.codes, other.codes, strict=True))) >= 0.995 * rows:
            return True
    return False


def _members(column: Column) -> dict[int, list[int]]:
    """Rows of up to 300 of the values that stand on several rows."""
    several = [code for code, n in column.counts.items() if n > 1]
    results: dict[int, list[int]] = {code: [] for code in several[:: max(len(several) // PROBED, 1)]}
    for row, code in enumerate(column.codes):
        if code in results:
            results[code].append(row)
    return results


def _steady(other: Column, members: Sequence[Sequence[int]]) -> bool:
    """Whether a column hardly varies within an entity, is coarser than it, and follows no order of theirs."""
    codes = other.codes
    rows = sum(map(len, members))
    kept = sum(codes[row] == codes[group[0]] for group in members for row in group[1:])
    if kept < 0.99 * (rows - len(members)):
        return False
    firsts = [codes[group[0]] for group in members]
    chance = sum((n / len(firsts)) ** 2 for n in Counter(firsts).values())
    if chance > 0.95 or len(set(firsts)) > 0.5 * len(firsts):
        return False
    if not other.numeric:
        return sum(a != b for a, b in pairwise(firsts)) >= 2 * len(set(firsts)) + 2
    values = [v for code in firsts if (v := other.numbers[code]) is not None]
    steps = [b > a for a, b in pairwise(values) if a != b]
    turns = sum(a != b for a, b in pairwise(steps))
    return turns >= max(5, len(members) // 20)


def attributes(column: Column, columns: Mapping[str, Column], target: str) -> int:
    """How many other columns belong to the value, not to the row: constant within it, unordered between."""
    distinct, present = len(column.counts), column.counts.total()
    if (
        column.type not in ("integer", "category")
        or timely(column)
        or AMOUNTS & {*words(column.name)}
        or distinct < 50
        or not 1.5 <= present / distinct <= 50
    ):
        return 0
    result = _members(column)
    if len(result) < 20:
        return 0
    ordered = sorted(result, key=lambda code: (column.numbers[code] or 0.0) if column.numeric else code)
    members = [result[code] for code in ordered]
    others = [s for s in columns.values() if s.name not in (column.name, target) and len(s.counts) > 1]
    return sum(_steady(other, members) for other in others)
