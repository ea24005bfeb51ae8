"""Which columns a rule of rules.py reads, from its syntax tree. Standard library only; nothing is imported."""

import ast
from collections.abc import Callable, Iterator
from typing import NamedTuple

Function = ast.FunctionDef | ast.Lambda
Module = tuple[str, ...]
Place = int | str
RULES = ("rules",)


class UnclearError(Exception):
    """The row is used in a way that does not say which columns are read."""


class Import(NamedTuple):
    """A name that stands for one of another module of the package."""

    module: Module
    name: str


class Package:
    """The functions of a package. `text`: the content of a file by its way from the package's folder."""

    def __init__(self, name: str, text: Callable[[str], object]) -> None:
        self.name, self.text = name, text
        self.known: dict[Module, dict[str, Function | Import]] = {}

    def function(self, module: Module, name: str) -> tuple[Module, Function]:
        """What a name stands for at the top of a module, and in which module that is. UnclearError."""
        for _ in range(10):
            result = self.names(module).get(name)
            if isinstance(result, Import):
                module, name = result
            elif isinstance(result, ast.Lambda) or (result and not result.decorator_list):
                return module, result
        raise UnclearError

    def names(self, module: Module) -> dict[str, Function | Import]:
        """The functions, lambdas with a name, and names from other modules at the top of a module."""
        if module not in self.known:
            files = {"/".join(module) + ".py": module[:-1], "/".join((*module, "__init__.py")): module}
            texts = [(self.text(file), package) for file, package in files.items()]
            result = next(((text, package) for text, package in texts if isinstance(text, str)), ("", ()))
            self.known[module] = dict(self._defined(*result, module))
        return self.known[module]

    def _defined(self, text: str, package: Module, module: Module) -> Iterator[tuple[str, Function | Import]]:
        try:
            body = ast.parse(text).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return
        for node in body:
            if isinstance(node, ast.FunctionDef):
                yield node.name, node
            elif isinstance(node, ast.ImportFrom):
                yield from self._imported(node, package)
            elif isinstance(node, ast.Assign | ast.AnnAssign):
                names = node.targets if isinstance(node, ast.Assign) else [node.target]
                if isinstance(node.value, ast.Lambda) and node.value.lineno == node.lineno:
                    yield from ((one.id, node.value) for one in names if isinstance(one, ast.Name))
                elif isinstance(node.value, ast.Name):
                    other = Import(module, node.value.id)
                    yield from ((one.id, other) for one in names if isinstance(one, ast.Name))

    def _imported(self, node: ast.ImportFrom, package: Module) -> Iterator[tuple[str, Import]]:
        way = tuple(node.module.split(".")) if node.module else ()
        if node.level == 0 and way[:1] == (self.name,):
            way = way[1:]
        elif 0 < node.level <= len(package) + 1:
            way = (*package[: len(package) + 1 - node.level], *way)
        else:
            return
        for one in node.names:
            yield one.asname or one.name, Import(way, one.name)


def columns(rule: str, package: Package) -> set[str]:
    """The columns that a rule reads of its row, itself or by functions to which it hands the row. UnclearError."""
    names: set[str] = set()
    waiting: list[tuple[Module, str, Place]] = [(RULES, rule, 0)]
    if package.function(RULES, rule)[0] != RULES:
        raise UnclearError
    seen: set[tuple[Module, str, Place]] = set()
    while waiting:
        asked = waiting.pop()
        if asked not in seen:
            seen.add(asked)
            module, function = package.function(*asked[:2])
            read, calls = _read_by(function, asked[2])
            names |= read
            waiting += [(module, name, place) for name, place in calls]
    return names


def _read_by(function: Function, given: Place) -> tuple[set[str], list[tuple[str, Place]]]:
    """The columns that a function reads of the row, which is its argument of that place or name.

    With them the functions that it hands the row to: their names, with the place or name of the argument.
    """
    row = _parameter(function.args, given)
    columns: set[str] = set()
    calls: list[tuple[str, Place]] = []
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
        raise UnclearError
    return columns, calls


def _parameter(arguments: ast.arguments, given: Place) -> str:
    """The name of the argument of that place, or of that name."""
    places = [one.arg for one in (*arguments.posonlyargs, *arguments.args)]
    if isinstance(given, int) and given < len(places):
        return places[given]
    if given not in [one.arg for one in (*arguments.args, *arguments.kwonlyargs)]:
        raise UnclearError
    return str(given)


def _keys(node: ast.AST, row: str) -> Iterator[ast.expr]:
    """The keys that a piece of code asks the row for."""
    if isinstance(node, ast.Subscript) and _is_row(node.value, row):
        yield node.slice
    elif isinstance(node, ast.Compare):
        for left, how, right in zip([node.left, *node.comparators], node.ops, node.comparators, strict=False):
            if isinstance(how, ast.In | ast.NotIn) and _is_row(right, row):
                yield left
    elif isinstance(node, ast.Call) and node.args and isinstance(node.func, ast.Attribute):
        yield from node.args[:1] if node.func.attr == "get" and _is_row(node.func.value, row) else ()


def _handed(call: ast.Call, row: str) -> Iterator[Place]:
    """The places and names at which a call is given the row."""
    if not any(isinstance(one, ast.Starred) for one in call.args):
        yield from (place for place, one in enumerate(call.args) if _is_row(one, row))
    yield from (one.arg for one in call.keywords if one.arg and _is_row(one.value, row))


def _is_row(node: ast.AST, row: str) -> bool:
    return isinstance(node, ast.Name) and node.id == row


def _literal(key: ast.expr) -> str:
    if isinstance(key, ast.Constant) and isinstance(key.value, str):
        return key.value
    raise UnclearError
