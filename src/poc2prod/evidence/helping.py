"""What each module of tests can call that asserts: its own functions, and those imported from other tests."""

import ast
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from .asserting import Function, Scope, can_fail

# Helpers that call helpers, this deep.
DEEPEST = 10
NONE: frozenset[str] = frozenset()


class Able(NamedTuple):
    """The functions and methods of a module that assert, and its fixtures that hand out such a function."""

    names: frozenset[str] = NONE
    methods: frozenset[str] = NONE
    fixtures: frozenset[str] = NONE


class Imports(NamedTuple):
    """What a module imports from the tests, by the name it has here: functions as (module, name), modules;
    whole modules by `*`; and the names of all that comes from elsewhere.
    """

    names: dict[str, tuple[str, str]]
    modules: dict[str, str]
    whole: set[str]
    foreign: frozenset[str]

    def sources(self) -> set[str]:
        """The modules of tests that it imports anything from."""
        return {stem for stem, _ in self.names.values()} | set(self.modules.values()) | self.whole


def scopes(trees: Mapping[str, ast.Module]) -> dict[str, Scope]:
    """The scope of each module, by its path: helpers count by where they come from, not by name alone."""
    stems: dict[str, list[str]] = {}
    for path in trees:
        stems.setdefault(_stem(path), []).append(path)
    folders = {part for path in trees for part in path.split("/")[:-1]}
    imported = {path: _imports(tree, set(stems), folders) for path, tree in trees.items()}
    functions = {path: list(_functions(tree)) for path, tree in trees.items()}
    able, known = dict.fromkeys(trees, Able()), set[int]()
    for _ in range(DEEPEST):
        by_stem = {stem: _joined([able[path] for path in paths]) for stem, paths in stems.items()}
        now = {path: _scope(imported[path], able[path], by_stem) for path in trees}
        more = {path: _able(functions[path], now[path], known) for path in trees}
        if more == able:
            break
        able = more
    return now if trees else {}


def _stem(path: str) -> str:
    """The name a module is imported by; a package's is that of its folder."""
    parts = path.removesuffix(".py").split("/")
    return parts[-2] if parts[-1] == "__init__" and len(parts) > 1 else parts[-1]


def _joined(found: list[Able]) -> Able:
    return Able(*(frozenset().union(*parts) for parts in zip(*found, strict=True)))


def _scope(imports: Imports, own: Able, by_stem: Mapping[str, Able]) -> Scope:
    shared = by_stem.get("conftest", Able())
    near = [by_stem[stem] for stem in imports.sources()]
    names = {here for here, (stem, name) in imports.names.items() if name in by_stem[stem].names}
    whole = [by_stem[stem].names for stem in imports.whole]
    return Scope(
        own.names.union(own.fixtures, shared.fixtures, names, *whole),
        own.methods.union(shared.methods, *(one.methods for one in near)),
        {here: by_stem[stem].names for here, stem in imports.modules.items()},
        imports.foreign,
    )


def _able(functions: list[tuple[Function, bool]], scope: Scope, known: set[int]) -> Able:
    """Which of a module's functions assert, by themselves or by calling one that does; put into `known`."""
    try:
        good = [(one, method) for one, method in functions if id(one) in known or can_fail(one, scope)]
    except RecursionError:
        return Able()
    known.update(id(one) for one, _ in good)
    return Able(
        frozenset(one.name for one, method in good if not method),
        frozenset(one.name for one, method in good if method),
        frozenset(one.name for one, _ in functions if _fixture(one) and _holds(one, known)),
    )


def _holds(function: Function, known: set[int]) -> bool:
    """Whether it is one of these, or one of these stands inside."""
    return any(id(node) in known for node in ast.walk(function))


def _fixture(function: Function) -> bool:
    return any("fixture" in ast.unparse(one) for one in function.decorator_list)


def _functions(tree: ast.Module) -> Iterator[tuple[Function, bool]]:
    """All functions of a module, inner ones too, and whether each is a method."""
    methods = {id(item) for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for item in node.body}
    yield from ((node, id(node) in methods) for node in ast.walk(tree) if isinstance(node, Function))


def _imports(tree: ast.Module, stems: set[str], folders: set[str]) -> Imports:
    found = Imports({}, {}, set(), NONE)
    foreign: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                last = alias.name.rpartition(".")[2]
                if last in stems:
                    found.modules[alias.asname or alias.name] = last
                else:
                    foreign.add(alias.asname or alias.name.partition(".")[0])
        elif isinstance(node, ast.ImportFrom):
            foreign |= set(_from(node, found, stems, folders))
    return found._replace(foreign=frozenset(foreign))


def _from(node: ast.ImportFrom, found: Imports, stems: set[str], folders: set[str]) -> Iterator[str]:
    """Note what comes from the tests; yield the names of what does not."""
    last = (node.module or "").rpartition(".")[2]
    for alias in node.names:
        here = alias.asname or alias.name
        if alias.name == "*" and last in stems:
            found.whole.add(last)
        elif alias.name in stems and (last in folders or not last):
            found.modules[here] = alias.name
        elif last in stems:
            found.names[here] = (last, alias.name)
        else:
            yield here
