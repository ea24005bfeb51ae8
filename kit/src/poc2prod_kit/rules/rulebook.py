"""Find a business rule of rules.py by the name that params.toml gives it, and ask it about one row."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import Any

from poc2prod_kit.rules import values
from poc2prod_kit.rules.reads import Package, UnclearError
from poc2prod_kit.rules.reads import columns as columns_read
from poc2prod_kit.run.errors import ProjectError


class MissingCellError(KeyError):
    """A rule asked for a cell that is empty in this row."""


class Cells(dict[str, Any]):
    """A row as rules see it: the cells that are there. Asking for another by `[]` ends the rule.

    No rule may change it, as it may not where a table is read row by row (rowwise.py).
    """

    def __missing__(self, name: str) -> Any:
        raise MissingCellError(name)

    def _fixed(self, *_: Any, **__: Any) -> Any:
        raise TypeError("a rule must not change the row that it is given")

    __setitem__ = __delitem__ = __ior__ = _fixed
    update = setdefault = pop = popitem = clear = _fixed


def rule(rules: ModuleType, name: str) -> Callable[..., Any]:
    """The function of that name in rules.py."""
    result = getattr(rules, name, None)
    if name.startswith("_") or not inspect.isfunction(result) or result.__module__ != rules.__name__:
        known = [
            item
            for item, value in vars(rules).items()
            if inspect.isfunction(value) and not item.startswith("_")
        ]
        near = get_close_matches(name, known, 1)
        hint = f" Did you mean {near[0]}?" if near else f" It has: {', '.join(known) or 'none yet'}."
        raise ProjectError(
            f"params.toml names a rule {name!r}, but rules.py has no function of that name.{hint}"
        )
    return result


def meaning(rules: ModuleType, name: str) -> str:
    """The first line of the rule's docstring: what it means."""
    return (inspect.getdoc(rule(rules, name)) or "").partition("\n")[0]


def ask(
    function: Callable[[Any], Any], row: Mapping[str, Any], read: Callable[[Any], Any], missing: Any
) -> Any:
    """What a rule returns for a row, as `read` makes it; `missing` where it asks for a cell that is empty.

    Raises ProjectError naming the rule where it fails.
    """
    try:
        return read(function(row))
    except MissingCellError:
        return missing
    except ProjectError:
        raise
    except Exception as error:
        text = f"{type(error).__name__}: {error}"
        raise ProjectError(
            f"rules.py, {function.__name__}: it ended with {text}. It is given one row: the columns of "
            'schema.toml by name, without the empty ones; row.get("column") gives None for those.'
        ) from error


def feature(function: Callable[[Any], Any], row: Mapping[str, Any]) -> float | str | None:
    """What a feature rule gives for a row; None where it asks for a cell that is empty."""
    result: float | str | None = ask(function, row, values.outcome, None)
    return result


def reads(rules: ModuleType, name: str) -> set[str]:
    """The columns that a rule reads, by the names that stand in it: row["age"], row.get("age"), "age" in row.

    Raises ProjectError where the row is used otherwise, since nobody could say then what a request must hold.
    """
    rule(rules, name)
    folder = Path(str(rules.__file__)).parent
    try:
        return columns_read(
            name, Package(rules.__name__.rpartition(".")[0], lambda file: _text(folder / file))
        )
    except UnclearError:
        raise ProjectError(
            f'rules.py, {name}: which columns it reads cannot be told. Use the row as row["column"], '
            'row.get("column") or "column" in row, or hand it to a function of this package.'
        ) from None


def _text(path: Path) -> str | None:
    """A module's source; None where there is no such file."""
    return path.read_text(encoding="utf-8") if path.is_file() else None
