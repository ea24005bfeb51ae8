"""One SHA-256 for each kind of input, the same on every machine."""

from __future__ import annotations

import ast
import gzip
import hashlib
import json
import tomllib
import zlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from poc2prod_kit.run.errors import ProjectError

TEXT = {".py", ".md"}
SILENT = {"kind", "type_comment", "type_ignores", "ctx"}
EMPTY: tuple[Any, ...] = (None, [])
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
Signature = tuple[int, int, int]


def of_value(value: Any) -> str:
    """Hash a parsed value by its canonical JSON: sorted keys, no spaces, UTF-8."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def of_bytes(path: Path) -> str:
    """Hash a file's bytes, after decompression where its name ends in .gz; a damaged file is named."""
    digest = hashlib.sha256()
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ProjectError(f"{path.name} is damaged ({error}). Make or fetch it again.") from error
    return digest.hexdigest()


def of_file(path: Path) -> str:
    """Hash a file: TOML and JSON by what they say, code and pages with newlines as LF, data by its bytes."""
    if path.suffix == ".toml":
        return of_value(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    if path.suffix == ".json":
        return of_value(json.loads(path.read_text(encoding="utf-8-sig")))
    return of_lines(path) if path.suffix in TEXT else of_bytes(path)


def of_code(path: Path) -> str:
    """Hash a Python module by its syntax tree: comments and formatting change nothing, on any Python.

    Empty fields are left out, since newer Pythons add some; docstrings count without their indentation. A
    file that is no Python is hashed by its lines.
    """
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return of_lines(path)
    return hashlib.sha256(repr(_canonical(tree)).encode("utf-8", "surrogatepass")).hexdigest()


def _canonical(node: Any) -> Any:
    """A syntax tree as nested tuples of plain values, without positions and empty fields."""
    if isinstance(node, ast.AST):
        fields = [(name, value) for name, value in ast.iter_fields(node) if name not in SILENT]
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            rest = [("doc", _lines(ast.get_docstring(node) or "")), ("body", node.body[1:])]
            fields = [*((name, value) for name, value in fields if name != "body"), *rest]
        if isinstance(node, ast.Delete) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Tuple):
            fields = [("targets", node.targets[0].elts)]  # formatters drop the parentheses of `del (a, b)`
        return (
            type(node).__name__,
            *((name, _canonical(value)) for name, value in fields if value not in EMPTY),
        )
    return [_canonical(one) for one in node] if isinstance(node, list) else (type(node).__name__, node)


def _lines(docstring: str) -> str:
    return "\n".join(line.rstrip() for line in docstring.strip().splitlines())


def of_lines(path: Path) -> str:
    """Hash a text file with newlines as LF."""
    return hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()


def once(compute: Callable[[Path], str], path: Path) -> str:
    """The hash that `compute` gives, made once a process while the file keeps its time, size and inode."""
    return _remembered(compute, path, signature(path))


def signature(path: Path) -> Signature:
    """What tells a changed file without reading it: time of change, size, inode."""
    state = path.stat()
    return state.st_mtime_ns, state.st_size, state.st_ino


@lru_cache(maxsize=1000)
def _remembered(compute: Callable[[Path], str], path: Path, state: Signature) -> str:
    return compute(path)


def local_modules(module: Path, package: Path) -> set[Path]:
    """The module and every module of the same package that it imports, directly or not."""
    found: set[Path] = set()
    waiting = [module]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += _imported(path, package, signature(path))
    return found


@lru_cache(maxsize=1000)
def _imported(path: Path, package: Path, state: Signature) -> list[Path]:
    names = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if isinstance(node, ast.ImportFrom):
            base = _base(node, path, package)
            names += [base, *(base / alias.name for alias in node.names)]
        elif isinstance(node, ast.Import):
            names += [package.parent.joinpath(*alias.name.split(".")) for alias in node.names]
    files = [file for name in names for file in (name.with_name(name.name + ".py"), name / "__init__.py")]
    return [file for file in files if file.is_relative_to(package) and file.is_file()]


def _base(node: ast.ImportFrom, path: Path, package: Path) -> Path:
    """The folder or module that `from … import` names; an absolute name is looked for beside the package."""
    folder = path.parents[node.level - 1] if node.level else package.parent
    return folder.joinpath(*node.module.split(".")) if node.module else folder
