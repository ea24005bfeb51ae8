"""Which functions of a module are tests, as pytest finds them: read with `ast`, never run."""

import ast
import builtins
from collections.abc import Iterator
from typing import NamedTuple

from .asserting import Function

# Classes that bring no tests along.
BARE = frozenset(dir(builtins)) | {"ABC", "Protocol", "Generic", "NamedTuple", "Enum"}
DEEPEST = 10
TEST, CASES = "test", "Test"


class Found(NamedTuple):
    """A test function; `sure`: it is collected wherever the module is."""

    function: Function
    sure: bool


class Defined(NamedTuple):
    """A function or a class at the top of a module; `sure`: whatever a condition around it says."""

    node: Function | ast.ClassDef
    sure: bool


def tests(tree: ast.Module, foreign: frozenset[str]) -> list[Found]:
    """The test functions of a module, those of its classes too, inherited ones once a class. `foreign`:
    names of what it imports from anywhere but the tests.
    """
    top = list(_top(tree.body, True))
    classes = {one.node.name: one.node for one in top if isinstance(one.node, ast.ClassDef)}
    found: dict[tuple[str, ...], Found] = {}
    for one in top:
        if isinstance(one.node, ast.ClassDef):
            inner = _of(one.node, one.sure, classes, foreign)
            found.update({(one.node.name, *key): test for key, test in inner.items()})
        elif one.node.name.startswith(TEST):
            found[(one.node.name,)] = Found(one.node, one.sure)
    return list(found.values())


def elsewhere(tree: ast.Module, foreign: frozenset[str]) -> bool:
    """Whether it may hold tests that are written in another module: inherited, imported or made there."""
    top = [one.node for one in _top(tree.body, True)]
    classes = {one.name: one for one in top if isinstance(one, ast.ClassDef)}
    if any(_unknown([one], classes, foreign) for one in classes.values()):
        return True
    imported = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    names = {alias.asname or alias.name for node in imported for alias in node.names} - foreign
    made = {_last(target) for node in tree.body if isinstance(node, ast.Assign) for target in node.targets}
    return any(name == "*" or name.startswith((TEST, CASES)) for name in names | made)


def _top(body: list[ast.stmt], sure: bool) -> Iterator[Defined]:
    """What a module defines, also below conditions and the like."""
    for node in body:
        if isinstance(node, (Function, ast.ClassDef)):
            yield Defined(node, sure)
        elif isinstance(node, (ast.If, ast.Try, ast.With)):
            inner = sure and isinstance(node, ast.With)
            for name in ("body", "orelse", "finalbody"):
                yield from _top(getattr(node, name, []), inner)
            for handler in getattr(node, "handlers", []):
                yield from _top(handler.body, inner)


def _of(
    node: ast.ClassDef, sure: bool, classes: dict[str, ast.ClassDef], foreign: frozenset[str]
) -> dict[tuple[str, ...], Found]:
    """The tests of a class, its own in place of those it inherits; none where it is not collected."""
    line = _line(node, classes)
    case = any(_last(base).endswith("TestCase") for owner in line for base in owner.bases)
    named = node.name.startswith(CASES) and not any(map(_made, line))
    if _off(node) or not (case or named or _unknown(line, classes, foreign)):
        return {}
    found: dict[tuple[str, ...], Found] = {}
    for item in (item for owner in reversed(line) for item in owner.body):
        if isinstance(item, Function) and item.name.startswith(TEST):
            found[(item.name,)] = Found(item, sure and (case or named))
    for item in node.body:
        if isinstance(item, ast.ClassDef) and item.name.startswith(CASES):
            inner = _of(item, sure, classes, foreign)
            found.update({(item.name, *key): test for key, test in inner.items()})
    return found


def _unknown(line: list[ast.ClassDef], classes: dict[str, ast.ClassDef], foreign: frozenset[str]) -> bool:
    """Whether any of these classes inherits from one of another module of tests, or one that is made."""
    bases = [base for owner in line for base in owner.bases]
    return any(
        _last(base) not in BARE | set(classes) and ast.unparse(base).partition(".")[0] not in foreign
        for base in bases
    )


def _made(node: ast.ClassDef) -> bool:
    """Whether it has a constructor, so that pytest leaves it."""
    return any(isinstance(item, Function) and item.name == "__init__" for item in node.body)


def _line(node: ast.ClassDef, classes: dict[str, ast.ClassDef]) -> list[ast.ClassDef]:
    """The class and those of this module that it inherits from, nearest first."""
    found = [node]
    for owner in found:
        bases = [classes[name] for base in owner.bases if (name := _last(base)) in classes]
        found += [base for base in bases if base not in found]
        if len(found) > DEEPEST:
            break
    return found


def _off(node: ast.ClassDef) -> bool:
    """Whether it says that it is none: `__test__ = False`."""
    return any(
        isinstance(item, ast.Assign)
        and [_last(target) for target in item.targets] == ["__test__"]
        and isinstance(item.value, ast.Constant)
        and not item.value.value
        for item in node.body
    )


def _last(node: ast.expr) -> str:
    """The last part of a dotted name; of `A[B]` that of `A`."""
    if isinstance(node, ast.Subscript):
        return _last(node.value)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
