"""Whether a function can fail by what it asks: read with `ast`, never run."""

import ast
from collections.abc import Iterator, Mapping
from typing import NamedTuple

Function = ast.FunctionDef | ast.AsyncFunctionDef
# Calls that end a test badly where what they ask does not hold.
ASKING = frozenset(
    {"raises", "warns", "fail", "deprecated_call", "call_and_validate", "validate_response"}
    | {"validate", "raise_for_status", "check_returncode", "check_call"}
)
BROAD = frozenset({"AssertionError", "Exception", "BaseException"})


class Scope(NamedTuple):
    """What asserts among what a module can call: functions by their names, methods, functions of modules.
    `foreign`: names here of what is imported from anywhere but the tests.
    """

    names: frozenset[str] = frozenset()
    methods: frozenset[str] = frozenset()
    modules: Mapping[str, frozenset[str]] = {}
    foreign: frozenset[str] = frozenset()


def can_fail(function: Function, scope: Scope) -> bool:
    """Whether anything in a function can fail by what it asks."""
    return any(
        (isinstance(node, ast.Assert) and not hollow(node.test))
        or (isinstance(node, ast.Raise) and _fails(node))
        or (isinstance(node, ast.Call) and _asks(node, scope))
        for node in _reached(function.body)
    )


def _fails(node: ast.Raise) -> bool:
    """Whether it raises an error of its own, and none that only skips."""
    return node.exc is not None and "skip" not in ast.unparse(node.exc).lower()


def _asks(node: ast.Call, scope: Scope) -> bool:
    """Whether a call fails where something does not hold: by its name, or as a function that is known to."""
    name, function = _called(node), node.func
    if name in ASKING or name.startswith("assert"):
        return True
    if name == "run" and any(one.arg == "check" and _constant(one.value) for one in node.keywords):
        return True
    if not isinstance(function, ast.Attribute):
        return name in scope.names
    if not any(name in able for able in (scope.methods, *scope.modules.values())):
        return False
    owner = ast.unparse(function.value)
    if owner in scope.modules:
        return name in scope.modules[owner]
    return owner.partition(".")[0] not in scope.foreign and name in scope.methods


def _reached(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """All nodes below statements, but for what cannot be reached or whose failure is swallowed."""
    for statement in body:
        if isinstance(statement, (Function, ast.ClassDef)):
            continue
        if isinstance(statement, ast.If) and _constant(statement.test) is False:
            yield from _reached(statement.orelse)
            continue
        if isinstance(statement, ast.Try) and any(map(_swallows, statement.handlers)):
            yield from _reached([*statement.orelse, *statement.finalbody])
            continue
        blocks = [getattr(statement, name, []) for name in ("body", "orelse", "finalbody")]
        inner = [block for block in blocks if block and isinstance(block[0], ast.stmt)]
        if inner:
            yield from _heads(statement)
            for block in inner:
                yield from _reached(block)
            for handler in getattr(statement, "handlers", []):
                yield from _reached(handler.body)
        else:
            yield from ast.walk(statement)
        if isinstance(statement, (ast.Return, ast.Raise)):
            return


def _heads(statement: ast.stmt) -> Iterator[ast.AST]:
    """What a compound statement says before its blocks: conditions, context managers."""
    for field, value in ast.iter_fields(statement):
        if field not in ("body", "orelse", "finalbody", "handlers"):
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, ast.AST):
                    yield from ast.walk(item)


def _swallows(handler: ast.ExceptHandler) -> bool:
    """Whether a failed assertion ends in this handler, which does nothing of its own about it."""
    caught = (
        {node.id for node in ast.walk(handler.type) if isinstance(node, ast.Name)} if handler.type else BROAD
    )
    acts = any(
        isinstance(node, (ast.Raise, ast.Assert)) or (isinstance(node, ast.Call) and _called(node) in ASKING)
        for statement in handler.body
        for node in ast.walk(statement)
    )
    return bool(caught & BROAD) and not acts


def hollow(test: ast.expr) -> bool:
    """Whether an assertion holds whatever happens: a truth, a thing equal to itself, a filled tuple."""
    if isinstance(test, ast.Constant):
        return bool(test.value)
    if isinstance(test, ast.Tuple):
        return bool(test.elts)
    if isinstance(test, ast.BoolOp):
        parts = [hollow(part) for part in test.values]
        return any(parts) if isinstance(test.op, ast.Or) else all(parts)
    nodes = list(ast.walk(test))
    if not any(isinstance(node, (ast.Name, ast.Call, ast.Attribute)) for node in nodes):
        return True
    if isinstance(test, ast.Compare) and not any(isinstance(node, ast.Call) for node in nodes):
        sides = {ast.dump(side) for side in (test.left, *test.comparators)}
        return len(sides) == 1
    return False


def _called(node: ast.Call) -> str:
    function = node.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _constant(test: ast.expr) -> object:
    return bool(test.value) if isinstance(test, ast.Constant) else None


def has_code(text: str) -> bool:
    """Whether a module holds any statement but its docstring."""
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return True
    return any(not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant)) for one in body)
