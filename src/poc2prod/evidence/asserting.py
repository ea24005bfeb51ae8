"""Which functions of a test module are tests, and which of them can fail: read with `ast`, never run."""

import ast
from collections.abc import Iterable, Iterator
from typing import NamedTuple

Function = ast.FunctionDef | ast.AsyncFunctionDef
# Calls that end a test badly where what they ask does not hold.
ASKING = frozenset({"raises", "warns", "fail", "deprecated_call", "call_and_validate", "validate_response"})
# Helpers that call helpers, this deep.
DEEPEST = 10
BROAD = frozenset({"AssertionError", "Exception", "BaseException"})


class Test(NamedTuple):
    """One test function: its name, its line, whether anything in it can fail, the words in it."""

    name: str
    line: int
    asserts: bool
    words: frozenset[str]


class Module(NamedTuple):
    """A module of tests, or why it cannot be read; `imports`: the dotted names it imports."""

    tests: list[Test]
    imports: frozenset[str]
    problem: str = ""


def module(text: str, helpers: frozenset[str] = frozenset()) -> Module:
    """The tests of a module. `helpers`: functions of other modules that assert."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return Module([], frozenset(), f"is not Python ({type(error).__name__})")
    try:
        able = asserting(tree) | helpers
        tests = [
            Test(one.name, one.lineno, can_fail(one, able), frozenset(words(one))) for one in _tests(tree)
        ]
        return Module(tests, frozenset(imports(tree)))
    except RecursionError:
        return Module([], frozenset(), "is nested too deeply")


def helpers(text: str) -> frozenset[str]:
    """The functions of a module that assert, for the tests that import them."""
    try:
        return asserting(ast.parse(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()


def asserting(tree: ast.Module) -> frozenset[str]:
    """The functions of a module that assert, by themselves or by calling one that does."""
    known = [node for node in ast.walk(tree) if isinstance(node, Function)]
    found: set[str] = set()
    for _ in range(DEEPEST):
        more = {one.name for one in known if one.name not in found and can_fail(one, found)}
        if not more:
            break
        found |= more
    return frozenset(found)


def can_fail(function: Function, able: Iterable[str]) -> bool:
    """Whether anything in a function can fail by what it asks; `able`: functions known to."""
    asks = ASKING | set(able)
    return any(
        (isinstance(node, ast.Assert) and not hollow(node.test))
        or (isinstance(node, ast.Call) and (_called(node) in asks or _called(node).startswith("assert")))
        for node in _reached(function.body)
    )


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
    """Whether an assertion holds whatever happens: a constant, a thing equal to itself, a filled tuple."""
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


def words(function: Function) -> Iterator[str]:
    """The names, attributes and texts inside a function."""
    for node in ast.walk(function):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def imports(tree: ast.AST) -> Iterator[str]:
    """The dotted names that are imported anywhere: `import a.b` and `from a import b` both give `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = "." * node.level + (node.module or "")
            yield from (
                f"{start}.{alias.name}" if node.module else start + alias.name for alias in node.names
            )


def _tests(tree: ast.Module) -> Iterator[Function]:
    for node in tree.body:
        if isinstance(node, Function) and node.name.startswith("test"):
            yield node
        elif isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            yield from (one for one in node.body if isinstance(one, Function) and one.name.startswith("test"))


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
