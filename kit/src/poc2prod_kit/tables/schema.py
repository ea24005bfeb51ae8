"""schema.toml: the columns of the table, their types and what they may hold. Standard library only."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.tables import cleaning, moments
from poc2prod_kit.tables.sniff import NULLS

TYPES = ("integer", "number", "boolean", "category", "text", "date")
LISTS = ("values", "formats", "nulls", "not_nulls", "affixes")
# What a key's value must be, and what to write where it is something else.
KINDS: dict[str, tuple[type, str]] = {
    "nullable": (bool, "write true or false, without quotes"),
    **{key: (list, f'write a list, such as {key} = ["a", "b"]') for key in LISTS},
    **dict.fromkeys(("meaning", "unit", "decimal", "thousands", "negative"), (str, "write a text in quotes")),
}
NEGATIVE = ("parentheses", "trailing")


@dataclass(frozen=True)
class Column:
    """One column: its type, whether it may be empty, and the values or the range it may hold.

    `nulls`: texts that mean a missing value beside the usual ones; `not_nulls`: usual ones that are values here.
    `decimal`, `thousands`, `affixes`, `negative`: how its numbers are written, where not as the file's.
    `rules`: those of cleaning.toml, which every reader of the column's cells applies.
    """

    name: str
    type: str
    nullable: bool = False
    minimum: float | str | None = None
    maximum: float | str | None = None
    values: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    nulls: tuple[str, ...] = ()
    not_nulls: tuple[str, ...] = ()
    decimal: str = ""
    thousands: str | None = None
    affixes: tuple[str, ...] = ()
    negative: str = ""
    meaning: str = ""
    unit: str = ""
    rules: tuple[cleaning.Rule, ...] = ()

    @property
    def numeric(self) -> bool:
        """Whether the column is read as numbers."""
        return self.type in ("integer", "number", "boolean")

    def missing(self, cell: str) -> bool:
        """Whether a cell says that there is no value."""
        return cell in self.missing_tokens or not cell.strip()

    @cached_property
    def missing_tokens(self) -> frozenset[str]:
        """The texts that mean a missing value, beside spaces alone."""
        return NULLS.union(self.nulls).difference(self.not_nulls)


class Schema(dict[str, Column]):
    """The columns by name, in the table's order; `cleaning`: the rules that belong to them and to whole rows."""

    cleaning = cleaning.NOTHING

    def named(self, name: str) -> Column:
        """The column of that name, or an error that lists the columns there are."""
        if name not in self:
            known = ", ".join(self) or "none yet"
            raise ProjectError(f"schema.toml has no column {name!r}; it has: {known}.")
        return self[name]


def load(path: Path) -> Schema:
    """Read schema.toml; an entry that cannot be understood is named with what is allowed."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ProjectError(
            f"{path.name} cannot be read: {error}. Correct it, or restore it from git."
        ) from error
    return parse(content, cleaning.load(path.with_name(cleaning.FILE)))


def parse(content: Mapping[str, Any], cleaned: cleaning.Cleaning = cleaning.NOTHING) -> Schema:
    """The columns of a parsed schema.toml, each with its rules of a parsed cleaning.toml.

    Raises ProjectError naming the entry or the rule that cannot be understood.
    """
    entries = content.get("column", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ProjectError("schema.toml: columns are written as [[column]], one block a column.")
    columns = [_column(entry, number) for number, entry in enumerate(entries, 1)]
    names = [column.name for column in columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ProjectError(
            f"schema.toml names the column {twice[0]!r} twice. Keep one of the two [[column]] blocks."
        )
    schema = Schema({column.name: column for column in columns})
    schema.cleaning = cleaned
    for rule in cleaned.rules:
        column = schema.named(rule.column)
        schema[rule.column] = replace(
            column, rules=(*column.rules, rule), nullable=column.nullable or rule.makes_missing
        )
    return schema


def _column(entry: dict[str, Any], number: int) -> Column:
    where = f"schema.toml, column {number} ({entry.get('name', 'without a name')})"
    known = [name for name in Column.__dataclass_fields__ if name != "rules"]
    unknown = sorted(set(entry) - set(known))
    if unknown:
        raise ProjectError(f"{where}: unknown key {unknown[0]!r}; known: {', '.join(known)}.")
    if not isinstance(entry.get("name"), str) or entry.get("type") not in TYPES:
        raise ProjectError(f"{where}: needs a name and a type out of {', '.join(TYPES)}.")
    for key, (kind, advice) in KINDS.items():
        if key in entry and not isinstance(entry[key], kind):
            raise ProjectError(f"{where}: {key} is {entry[key]!r}; {advice}.")
    _check_signs(where, entry)
    for form in entry.get("formats", []) if entry["type"] == "date" else ():
        _check_format(where, str(form))
    return Column(**{key: _value(where, entry["type"], key, value) for key, value in entry.items()})


def _check_signs(where: str, entry: Mapping[str, Any]) -> None:
    """Refuse signs with which no number can be read."""
    for key, most in (("decimal", 1), ("thousands", 1)):
        if len(entry.get(key, ".")) > most or (key == "decimal" and entry.get(key) == ""):
            raise ProjectError(f"{where}: {key} = {entry[key]!r} must be one character.")
    if "decimal" in entry and entry["decimal"] == entry.get("thousands"):
        raise ProjectError(f"{where}: decimal and thousands are both {entry['decimal']!r}.")
    if entry.get("negative", "parentheses") not in NEGATIVE:
        raise ProjectError(f"{where}: negative = {entry['negative']!r} is none of {', '.join(NEGATIVE)}.")
    for text in entry.get("affixes", []):
        if not isinstance(text, str) or not text.strip() or re.search(r"[\d()+-]", text):
            raise ProjectError(
                f"{where}: affixes has {text!r}; write texts around a number, without digits, signs and "
                'parentheses, such as affixes = ["kg"].'
            )


def _check_format(where: str, form: str) -> None:
    """Refuse a format with which no date can be read."""
    try:
        moments.by_format(form)(moments.write(datetime(2000, 1, 1), form))
    except (ValueError, re.error) as error:
        raise ProjectError(
            f"{where}: formats has {form!r}, by which no date can be read ({error}). "
            'Write one such as "%Y-%m-%d".'
        ) from error


def _value(where: str, kind: str, key: str, value: Any) -> Any:
    """Lists as tuples of text; a bound as its type needs it: a number, or the text of a date."""
    if key in LISTS:
        return tuple(str(item) for item in value)
    if key not in ("minimum", "maximum"):
        return value
    if kind == "date":
        return value.isoformat() if hasattr(value, "isoformat") else str(value)
    if kind in ("integer", "number") and (isinstance(value, bool) or not isinstance(value, (int, float))):
        raise ProjectError(f"{where}: {key} = {value!r} is not a number.")
    return value
