"""What can be seen of a suite by reading it: its test functions, and those in which nothing could ever fail.

Read with `ast`, never run. Only the obvious is said: what a record counts, and mutants that the tests notice,
prove more.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

Function = ast.FunctionDef | ast.AsyncFunctionDef
# Calls that fail a test where what they ask does not hold.
ASKING = re.compile(r"assert\w*|raises|warns|fail|deprecated_call|\w*validate\w*|raise_for_status|check_\w+")
BROAD = frozenset({"AssertionError", "Exception", "BaseException"})
# Helpers that call helpers, this deep.
DEEPEST = 10


class Test(NamedTuple):
    """A test function: its name and line, whether it can fail, whether it is collected on every system."""

    name: str
    line: int
    can_fail: bool
    always: bool


class Module(NamedTuple):
    """A module: its tests, the dotted names that it imports, and why it cannot be read."""

    tests: list[Test]
    imports: frozenset[str] = frozenset()
    problem: str = ""


def modules(texts: Mapping[str, str]) -> dict[str, Module]:
    """The modules of a suite, by path. A test that calls a function of the suite that asserts can fail."""
    trees: dict[str, ast.Module] = {}
    made = {}
    for path, text in texts.items():
        try:
            trees[path] = ast.parse(text)
            ast.dump(trees[path])
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            trees.pop(path, None)
            made[path] = Module([], problem=f"is not Python ({type(error).__name__})")
    suite = {path.removesuffix("/__init__.py").removesuffix(".py").rpartition("/")[2] for path in trees}
    # The names here of what comes from elsewhere: `subprocess.run` is no helper of the suite called run.
    foreign = {
        path: frozenset(here for dotted, here in _imports(tree) if not suite & set(dotted.split(".")))
        for path, tree in trees.items()
    }
    helpers = _helpers(trees, foreign)
    for path, tree in trees.items():
        imports = list(_imports(tree))
        known = helpers.union(here for dotted, here in imports if dotted.rpartition(".")[2] in helpers)
        tests = [
            Test(one.name, one.lineno, _asserts(one, known, foreign[path]) or bool(fixtures & known), always)
            for one, always in _tests(tree.body, True)
            for fixtures in [{argument.arg for argument in one.args.args}]
        ]
        made[path] = Module(tests, frozenset(dotted for dotted, _ in imports))
    return made


def _tests(body: list[ast.stmt], always: bool) -> Iterator[tuple[Function, bool]]:
    """The test functions at the top and in Test classes, and whether no condition stands around them."""
    for node in body:
        if isinstance(node, Function) and node.name.startswith("test"):
            yield node, always
        elif isinstance(node, ast.ClassDef) and _collected(node):
            yield from _tests(node.body, always)
        elif isinstance(node, ast.If | ast.Try):
            handlers = [item for one in getattr(node, "handlers", []) for item in one.body]
            yield from _tests([*node.body, *node.orelse, *handlers], False)


def _collected(node: ast.ClassDef) -> bool:
    """Whether pytest takes a class for tests: by its name, or since it is a TestCase."""
    made = any(isinstance(item, Function) and item.name == "__init__" for item in node.body)
    case = any(ast.unparse(base).endswith("TestCase") for base in node.bases)
    return case or (node.name.startswith("Test") and not made)


def _imports(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """What is imported, as a dotted name, and the name that it has here."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((one.name, one.asname or one.name.partition(".")[0]) for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = "." * node.level + (node.module or "")
            yield from ((f"{package}.{one.name}", one.asname or one.name) for one in node.names)


def _helpers(trees: Mapping[str, ast.Module], foreign: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The names of the suite's functions that assert, by themselves or by calling one that does."""
    functions = [
        (node, foreign[path])
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, Function)
    ]
    helpers: frozenset[str] = frozenset()
    for _ in range(DEEPEST):
        more = helpers.union(one.name for one, known in functions if _asserts(one, helpers, known))
        if more == helpers:
            break
        helpers = more
    return helpers


def _asserts(node: ast.AST, helpers: frozenset[str], foreign: frozenset[str]) -> bool:
    """Whether anything in a piece of code can fail by what it asks."""
    if isinstance(node, ast.Assert) and not _always_true(node.test):
        return True
    if isinstance(node, ast.Raise) and node.exc is not None:
        return True
    if isinstance(node, ast.Call) and _asks(node, helpers, foreign):
        return True
    parts = list(ast.iter_child_nodes(node))
    if isinstance(node, ast.Try) and any(map(_swallows, node.handlers)):
        parts = [*node.handlers, *node.orelse, *node.finalbody]
    return any(_asserts(part, helpers, foreign) for part in parts)


def _asks(call: ast.Call, helpers: frozenset[str], foreign: frozenset[str]) -> bool:
    """Whether a call fails where something does not hold: by its name, by `check=True`, or as a helper."""
    owner, _, name = ast.unparse(call.func).rpartition(".")
    if ASKING.fullmatch(name) or any(ast.unparse(one) == "check=True" for one in call.keywords):
        return True
    return name in helpers and (owner or name).partition(".")[0] not in foreign


def _swallows(handler: ast.ExceptHandler) -> bool:
    """Whether a failed assertion ends in this handler, which asks nothing itself."""
    caught = {getattr(one, "id", "") for one in ast.walk(handler.type)} if handler.type else BROAD
    none: frozenset[str] = frozenset()
    return bool(caught & BROAD) and not any(_asserts(item, none, none) for item in handler.body)


def _always_true(test: ast.expr) -> bool:
    """Whether an assertion holds whatever happens: `True`, `1 == 1`, a tuple with something in it."""
    if isinstance(test, ast.Constant):
        return bool(test.value)
    if isinstance(test, ast.Tuple):
        return bool(test.elts)
    return not any(isinstance(node, ast.Name | ast.Call | ast.Attribute) for node in ast.walk(test))
