"""One SHA-256 for each kind of content, the same on every machine and Python; the command uses these too.

Modules that only some hashes need are imported late: `poc2prod status` has no time for them.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

TEXT = {".md"}
# Fields of syntax trees that change nothing, or that follow from the others.
SILENT = {"kind", "type_comment", "type_ignores", "ctx"}
Signature = tuple[int, int, int]


def of_value(value: Any) -> str:
    """Hash a parsed value by its canonical JSON."""
    return of_text(canonical(value))


def of_json(value: Any) -> str:
    """Hash a parsed JSON file; of a report without seal and versions of libraries, which stale nothing."""
    if isinstance(value, dict) and {"step", "inputs", "outputs", "results", "seal"} <= set(value):
        value = {key: item for key, item in value.items() if key not in ("libraries", "seal")}
    return of_value(value)


def canonical(value: Any) -> str:
    """A value's canonical JSON: sorted keys, no spaces; dates as text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def of_text(text: str) -> str:
    """Hash a text's UTF-8 bytes; half surrogates, which JSON can smuggle in, do not stop it."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def of_lines(content: bytes) -> str:
    """Hash a text file's bytes with newlines as LF."""
    return hashlib.sha256(content.replace(b"\r\n", b"\n")).hexdigest()


def of_blocks(blocks: Iterable[bytes]) -> str:
    """Hash bytes that come in blocks."""
    digest = hashlib.sha256()
    for block in blocks:
        digest.update(block)
    return digest.hexdigest()


def of_model(tree: dict[str, Any], files: dict[str, str]) -> str:
    """Hash what a saved model says: arrays by their bytes, object ids by order, without the writer's version.

    `tree` is the parsed schema.json of a skops file, `files` the SHA-256 of each other member.
    RecursionError where the tree is too deep.
    """
    order: dict[str, int] = {}

    def normal(node: Any) -> Any:
        if isinstance(node, dict):
            return {
                key: order.setdefault(str(item), len(order)) if key == "__id__" else normal(item)
                for key, item in node.items()
            }
        if isinstance(node, list):
            return [normal(item) for item in node]
        return files.get(node, node) if isinstance(node, str) else node

    content = {key: value for key, value in tree.items() if key not in ("_skops_version", "protocol")}
    return of_text(json.dumps(normal(content), sort_keys=True))


def of_file(path: Path) -> str:
    """Hash a file: TOML and JSON by what they say, code by its syntax tree, pages by lines, data by bytes."""
    if path.suffix == ".toml":
        import tomllib

        return of_value(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    if path.suffix == ".json":
        return of_json(json.loads(path.read_text(encoding="utf-8-sig")))
    if path.suffix == ".py":
        return of_code(path.read_bytes())
    return of_lines(path.read_bytes()) if path.suffix in TEXT else of_data(path)


def of_data(path: Path) -> str:
    """Hash a file's bytes, after decompression where its name ends in .gz. Damage is a ProjectError."""
    import gzip
    import zlib

    from poc2prod_kit.run.errors import ProjectError

    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            return of_blocks(iter(lambda: file.read(1 << 20), b""))
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ProjectError(f"{path.name} is damaged ({error}). Make or fetch it again.") from error


def of_code(content: bytes) -> str:
    """Hash a Python module by its syntax tree: comments, formatting and the running Python change nothing.

    What this Python cannot parse is hashed by its lines.
    """
    import ast
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(content)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return of_lines(content)
    return of_blocks(f"{part}\n".encode() for part in _flat(tree))


def _flat(tree: ast.Module) -> Iterator[str]:
    """A syntax tree in reading order, each node and list with its length; no recursion, so of any depth."""
    import ast

    waiting: list[Any] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.AST):
            fields = _fields(node)
            yield f"{type(node).__name__} {' '.join(fields)}"
            waiting += reversed(fields.values())
        elif isinstance(node, list):
            yield f"[{len(node)}"
            waiting += reversed(node)
        else:
            # not repr: what it escapes, and the largest number it writes, depend on the Python
            yield f"{type(node).__name__} {hex(node) if isinstance(node, int) else ascii(node)}"


def _fields(node: Any) -> dict[str, Any]:
    """The fields of a node that say something: newer Pythons have more, which are empty in older code."""
    kind = type(node).__name__
    values = ((name, getattr(node, name, None)) for name in node._fields if name not in SILENT)
    fields = {name: value for name, value in values if value is not None and value != []}
    if kind == "JoinedStr":
        fields["values"] = _joined(fields.get("values", []))
    elif kind == "Expr" and isinstance(text := getattr(node.value, "value", None), str):
        # a docstring, which formatters indent anew
        fields["value"] = [line.strip() for line in text.strip().splitlines()]
    elif kind == "Delete" and len(node.targets) == 1 and type(node.targets[0]).__name__ == "Tuple":
        fields["targets"] = node.targets[0].elts  # formatters drop the parentheses of `del (a, b)`
    return fields


def _joined(values: list[Any]) -> list[Any]:
    """The parts of an f-string, texts side by side as one: Python 3.12 puts empty ones between."""
    parts: list[Any] = []
    for part in values:
        text = part.value if type(part).__name__ == "Constant" else None
        if text is None:
            parts.append(part)
        elif parts and isinstance(parts[-1], str):
            parts[-1] += text
        elif text:
            parts.append(text)
    return parts


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
    names: set[Path] = set()
    waiting = [module]
    while waiting:
        path = waiting.pop()
        if path not in names:
            names.add(path)
            waiting += _imported(path, package, signature(path))
    return names


@lru_cache(maxsize=1000)
def _imported(path: Path, package: Path, state: Signature) -> list[Path]:
    import ast

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
