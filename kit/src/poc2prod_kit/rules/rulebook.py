"""Find a business rule of rules.py by the name that params.toml gives it, and ask it about one row."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from types import ModuleType
from typing import Any

from poc2prod_kit.rules import values
from poc2prod_kit.run.errors import ProjectError


class MissingCellError(KeyError):
    """A rule asked for a cell that is empty in this row."""


class Cells(dict[str, Any]):
    """A row as rules see it: the cells that are there. Asking for another by `[]` ends the rule.

    No rule may change it, as it may not where a table is read row by row (kit/rowwise.py).
    """

    def __missing__(self, name: str) -> Any:
        raise MissingCellError(name)

    def _fixed(self, *_: Any, **__: Any) -> Any:
        raise TypeError("a rule must not change the row that it is given")

    __setitem__ = __delitem__ = __ior__ = _fixed
    update = setdefault = pop = popitem = clear = _fixed


def rule(rules: ModuleType, name: str) -> Callable[..., Any]:
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


def meaning(rules: ModuleType, name: str) -> str:
    """The first line of the rule's docstring: what it means."""
    return (inspect.getdoc(rule(rules, name)) or "").partition("\n")[0]


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


def reads(rules: ModuleType, name: str) -> frozenset[str]:
    """The columns that a rule reads, by the names that stand in it: row["age"], row.get("age"), "age" in row.

    Raises ProjectError where the row is used otherwise, since nobody could say then what a request must hold.
    """
    found: set[str] = set()
    waiting: list[tuple[Callable[..., Any], int | str]] = [(rule(rules, name), 0)]
    seen = set()
    while waiting:
        function, given = waiting.pop()
        if (function, given) not in seen:
            seen.add((function, given))
            try:
                columns, calls = _read_by(_code(function), given)
                waiting += [(_own(rules, function, called), place) for called, place in calls]
            except _UntoldError:
                raise ProjectError(
                    f'rules.py, {name}: which columns it reads cannot be told. Use the row as row["column"], '
                    'row.get("column") or "column" in row, or hand it to a function of this package.'
                ) from None
            found |= columns
    return frozenset(found)


class _UntoldError(Exception):
    """The row is used in a way that does not say which columns are read."""


def _code(function: Any) -> ast.FunctionDef | ast.Lambda:
    """The code of a function that stands by itself at the top of a module: `def`, or a lambda with a name."""
    try:
        source = inspect.getsource(function.__code__)
        (node,) = ast.parse(source).body
    except (OSError, TypeError, SyntaxError, ValueError):
        raise _UntoldError from None
    code = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else node
    if isinstance(code, ast.Lambda) or (isinstance(code, ast.FunctionDef) and not code.decorator_list):
        return code
    raise _UntoldError


def _own(rules: ModuleType, function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """What a name stands for in a function's module: another function of this package."""
    package = rules.__name__.rpartition(".")[0]
    found = getattr(function, "__globals__", {}).get(name)
    if not inspect.isfunction(found) or not f"{found.__module__}.".startswith(f"{package}."):
        raise _UntoldError
    return found


def _read_by(
    function: ast.FunctionDef | ast.Lambda, given: int | str
) -> tuple[set[str], list[tuple[str, int | str]]]:
    """The columns that a function reads of the row, which is its argument of that place or name.

    With them the functions that it hands the row to: their names, with the place or name of the argument.
    """
    row = _parameter(function.args, given)
    columns: set[str] = set()
    calls: list[tuple[str, int | str]] = []
    told = 0
    for node in ast.walk(function):
        for key in _keys(node, row):
            columns.add(_literal(key))
            told += 1
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            handed = list(_handed(node, row))
            calls += [(node.func.id, place) for place in handed]
            told += len(handed)
    if told != sum(_is_row(node, row) for node in ast.walk(function)):
        raise _UntoldError
    return columns, calls


def _parameter(arguments: ast.arguments, given: int | str) -> str:
    """The name of the argument of that place, or of that name."""
    places = [one.arg for one in (*arguments.posonlyargs, *arguments.args)]
    if isinstance(given, int) and given < len(places):
        return places[given]
    if given not in [one.arg for one in (*arguments.args, *arguments.kwonlyargs)]:
        raise _UntoldError
    return str(given)


def _keys(node: ast.AST, row: str) -> Iterator[ast.expr]:
    """The keys that a piece of code asks the row for."""
    if isinstance(node, ast.Subscript) and _is_row(node.value, row):
        yield node.slice
    elif isinstance(node, ast.Compare):
        for left, how, right in zip([node.left, *node.comparators], node.ops, node.comparators, strict=False):
            if isinstance(how, (ast.In, ast.NotIn)) and _is_row(right, row):
                yield left
    elif isinstance(node, ast.Call) and node.args and isinstance(node.func, ast.Attribute):
        yield from node.args[:1] if node.func.attr == "get" and _is_row(node.func.value, row) else ()


def _handed(call: ast.Call, row: str) -> Iterator[int | str]:
    """The places and names at which a call is given the row."""
    if not any(isinstance(one, ast.Starred) for one in call.args):
        yield from (place for place, one in enumerate(call.args) if _is_row(one, row))
    yield from (one.arg for one in call.keywords if one.arg and _is_row(one.value, row))


def _is_row(node: ast.AST, row: str) -> bool:
    return isinstance(node, ast.Name) and node.id == row


def _literal(key: ast.expr) -> str:
    if isinstance(key, ast.Constant) and isinstance(key.value, str):
        return key.value
    raise _UntoldError
