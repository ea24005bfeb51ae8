"""Modules of tests, read with `ast` and never run: their tests, and which of them can fail."""

import ast
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from . import collected, helping
from .asserting import Scope, can_fail


class Test(NamedTuple):
    """A test function: its name, its line, whether it can fail, whether it is surely collected."""

    name: str
    line: int
    asserts: bool
    sure: bool


class Module(NamedTuple):
    """A module: its tests, the dotted names it imports, whether tests written elsewhere may run as its own,
    and why it cannot be read.
    """

    tests: list[Test]
    imports: frozenset[str] = frozenset()
    elsewhere: bool = False
    problem: str = ""


def modules(texts: Mapping[str, str]) -> dict[str, Module]:
    """The modules of a suite, by path: helpers that assert are found among all of them."""
    trees: dict[str, ast.Module] = {}
    found = {}
    for name, text in texts.items():
        try:
            trees[name] = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            found[name] = Module([], problem=f"is not Python ({type(error).__name__})")
    scopes = helping.scopes(trees)
    return found | {name: _module(tree, scopes[name]) for name, tree in trees.items()}


def _module(tree: ast.Module, scope: Scope) -> Module:
    try:
        tests = [
            Test(one.name, one.lineno, can_fail(one, scope), sure)
            for one, sure in collected.tests(tree, scope.foreign)
        ]
        return Module(tests, frozenset(_imports(tree)), collected.elsewhere(tree, scope.foreign))
    except RecursionError:
        return Module([], problem="is nested too deeply")


def _imports(tree: ast.AST) -> Iterator[str]:
    """The dotted names that are imported anywhere: `import a.b` and `from a import b` both give `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = "." * node.level + (node.module or "")
            yield from (
                f"{start}.{alias.name}" if node.module else start + alias.name for alias in node.names
            )
