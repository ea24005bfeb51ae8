"""schema.toml: the columns of the table, their types and what may stand in them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import ProjectError

TYPES = ("integer", "number", "boolean", "category", "text", "date")


@dataclass(frozen=True)
class Column:
    """One column: its type, whether it may be empty, and the values or the range it may hold."""

    name: str
    type: str
    nullable: bool = False
    minimum: float | str | None = None
    maximum: float | str | None = None
    values: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    nulls: tuple[str, ...] = ()
    meaning: str = ""
    unit: str = ""

    @property
    def numeric(self) -> bool:
        """Whether the column is read as numbers."""
        return self.type in ("integer", "number", "boolean")


class Schema(dict[str, Column]):
    """The columns by name, in the table's order."""

    def named(self, name: str) -> Column:
        """The column of that name, or an error that lists the columns there are."""
        if name not in self:
            known = ", ".join(self) or "none yet"
            raise ProjectError(f"schema.toml has no column {name!r}; it has: {known}.")
        return self[name]


def load(path: Path) -> Schema:
    """Read schema.toml; an entry that cannot be understood is named with what is allowed."""
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8-sig")).get("column", [])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ProjectError(f"{path.name} cannot be read: {error}. Mend it, or restore it from git.") from error
    columns = [_column(entry, number) for number, entry in enumerate(entries, 1)]
    return Schema({column.name: column for column in columns})


def _column(entry: dict[str, Any], number: int) -> Column:
    where = f"schema.toml, column {number} ({entry.get('name', 'without a name')})"
    unknown = set(entry) - set(Column.__dataclass_fields__)
    if unknown:
        raise ProjectError(f"{where}: unknown key {sorted(unknown)[0]!r}; known: {', '.join(Column.__dataclass_fields__)}.")
    if "name" not in entry or entry.get("type") not in TYPES:
        raise ProjectError(f"{where}: needs a name and a type out of {', '.join(TYPES)}.")
    return Column(**{key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()})
