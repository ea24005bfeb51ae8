"""What the project's code defines and its tests name, read with `ast`: nothing of it is ever imported."""

import ast

from ..project import Facts


def _parsed(text: str) -> ast.Module | None:
    """The syntax tree of a module; None where it is not Python."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def functions(text: str) -> dict[str, ast.FunctionDef]:
    """The functions that a module defines at its top, by name; none where it is not Python."""
    tree = _parsed(text)
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)} if tree else {}


def naming(facts: Facts, name: str) -> list[str]:
    """The tests (with an assertion in them) that name a function, as a name, an attribute or a text."""
    files = []
    for file in facts.files.names("tests"):
        if file.startswith("test_") and file.endswith(".py"):
            text = facts.text(f"tests/{file}")
            if isinstance(text, str) and name in text and _asserts(text, name):
                files.append(f"tests/{file}")
    return files


def _asserts(text: str, name: str) -> bool:
    tree = _parsed(text)
    nodes = list(ast.walk(tree)) if tree else []
    named = any(
        (isinstance(node, ast.Name) and node.id == name)
        or (isinstance(node, ast.Attribute) and node.attr == name)
        or (isinstance(node, ast.Constant) and node.value == name)
        for node in nodes
    )
    return named and any(isinstance(node, ast.Assert) for node in nodes)


def has_code(text: str) -> bool:
    """Whether a module holds any statement but its docstring; what cannot be read may hold some."""
    tree = _parsed(text)
    return tree is None or any(
        not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant)) for one in tree.body
    )
