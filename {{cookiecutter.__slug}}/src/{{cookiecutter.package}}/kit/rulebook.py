"""Find a business rule of rules.py by the name that params.toml gives it, and ask it about one row."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

from .. import rules
from . import values
from .errors import ProjectError


class MissingCellError(KeyError):
    """A rule asked for a cell that is empty in this row."""


class Cells(dict[str, Any]):
    """A row as rules see it: the cells that are there. Asking for another by `[]` ends the rule."""

    def __missing__(self, name: str) -> Any:
        raise MissingCellError(name)


def rule(name: str) -> Callable[..., Any]:
    """The function of that name in rules.py."""
    found = getattr(rules, name, None)
    if name.startswith("_") or not inspect.isfunction(found) or found.__module__ != rules.__name__:
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
    return found


def meaning(name: str) -> str:
    """The first line of the rule's docstring: what it means."""
    return (inspect.getdoc(rule(name)) or "").partition("\n")[0]


def feature(function: Callable[[Any], Any], row: Mapping[str, Any]) -> float | str | None:
    """What a feature rule gives for a row; None where it reads a cell that is empty.

    Raises ProjectError naming the rule where it fails.
    """
    try:
        return values.outcome(function(row))
    except MissingCellError:
        return None
    except ProjectError:
        raise
    except Exception as error:
        raise broken(function, error) from error


def keeps(function: Callable[[Any], Any], row: Mapping[str, Any]) -> bool:
    """Whether a population rule keeps a row; no, where it reads a cell that is empty."""
    try:
        return bool(function(row))
    except MissingCellError:
        return False
    except ProjectError:
        raise
    except Exception as error:
        raise broken(function, error) from error


def broken(function: Callable[..., Any], error: Exception) -> ProjectError:
    """The error that names the rule and what it was given."""
    told = f"{type(error).__name__}: {error}"
    return ProjectError(
        f"rules.py, {function.__name__}: it ended with {told}. It is given one row: the columns of "
        'schema.toml by name, without the empty ones; row.get("column") gives None for those.'
    )


def reads(name: str) -> frozenset[str]:
    """The columns that a rule reads, by the names that stand in it: row["age"] or row.get("age").

    Raises ProjectError where a name is computed, since nobody could say then what a request must hold.
    """
    found: set[str] = set()
    waiting, seen = [rule(name)], set()
    while waiting:
        function = waiting.pop()
        if function not in seen:
            seen.add(function)
            columns, called = _read_by(function, name)
            found |= columns
            waiting += called
    return frozenset(found)


def _read_by(function: Callable[..., Any], name: str) -> tuple[set[str], list[Callable[..., Any]]]:
    """The columns that one function reads of its first argument, and the functions it hands that row to."""
    tree: Any = ast.parse(textwrap.dedent(inspect.getsource(function)))
    arguments = next(node.args for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.Lambda)))
    row = arguments.args[0].arg if arguments.args else ""
    columns: set[str] = set()
    called: list[Callable[..., Any]] = []
    for node in ast.walk(tree):
        key = _key(node, row)
        if key is not None:
            columns.add(_literal(key, name))
        elif isinstance(node, ast.Call) and any(_is_row(argument, row) for argument in node.args):
            other = getattr(rules, node.func.id, None) if isinstance(node.func, ast.Name) else None
            if not inspect.isfunction(other):
                raise _unreadable(name)
            called.append(other)
    return columns, called


def _key(node: ast.AST, row: str) -> ast.expr | None:
    """The key that a piece of code asks the row for."""
    if isinstance(node, ast.Subscript) and _is_row(node.value, row):
        return node.slice
    if isinstance(node, ast.Compare) and any(_is_row(other, row) for other in node.comparators):
        return node.left
    method = (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_row(node.func.value, row)
    )
    return node.args[0] if method and isinstance(node, ast.Call) and node.args else None


def _is_row(node: ast.AST, row: str) -> bool:
    return isinstance(node, ast.Name) and node.id == row


def _literal(key: ast.expr, name: str) -> str:
    if isinstance(key, ast.Constant) and isinstance(key.value, str):
        return key.value
    raise _unreadable(name)


def _unreadable(name: str) -> ProjectError:
    return ProjectError(
        f'rules.py, {name}: which columns it reads cannot be told. Write their names in it, as row["column"].'
    )
