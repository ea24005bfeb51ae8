"""One SHA-256 for each kind of input, the same on every machine."""

from __future__ import annotations

import ast
import gzip
import hashlib
import json
import tomllib
from pathlib import Path
from typing import Any

TEXT = {".py", ".toml", ".md", ".txt", ".json"}


def of_value(value: Any) -> str:
    """Hash a parsed value by its canonical JSON: sorted keys, no spaces, UTF-8."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def of_bytes(path: Path) -> str:
    """Hash a file's bytes, after decompression where its name ends in .gz."""
    digest = hashlib.sha256()
    opened = gzip.open(path) if path.suffix == ".gz" else path.open("rb")
    with opened as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def of_file(path: Path) -> str:
    """Hash a file: TOML by what it says, other text with newlines as LF, all else by its bytes."""
    if path.suffix == ".toml":
        return of_value(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    if path.suffix in TEXT:
        return hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()
    return of_bytes(path)


def local_modules(module: Path, package: Path) -> set[Path]:
    """The module and every module of the same package that it imports, directly or not."""
    found: set[Path] = set()
    waiting = [module]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += _imported(path, package)
    return found


def _imported(path: Path, package: Path) -> list[Path]:
    names = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = path.parents[node.level - 1]
            base = base.joinpath(*node.module.split(".")) if node.module else base
            names += [base, *(base / alias.name for alias in node.names)]
    files = [name.with_name(name.name + ".py") for name in names]
    return [file for file in files if file.is_file() and file.is_relative_to(package)]
