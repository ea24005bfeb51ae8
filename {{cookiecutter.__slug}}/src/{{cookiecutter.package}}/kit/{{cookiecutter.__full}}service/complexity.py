"""How branched functions are (McCabe's cyclomatic complexity, by ruff); whether notebooks are imported."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import tools

LIMIT = 10
IMPORTERS = {"import_ipynb", "nbimporter", "ipynb", "importnb", "testbook"}
LEFT_OUT = {".venv", "node_modules", ".git", ".ipynb_checkpoints", ".tox"}


def measured(root: Path, limit: int) -> dict[str, Any]:
    """`worst` and those `over` the limit, each as {"name": path:function, "value": ways through}."""
    asks = ("check", "src", "--select", "C901", "--ignore-noqa", "--output-format", "json", "--no-cache")
    every = ("--config", "lint.mccabe.max-complexity=0", "--config", "lint.per-file-ignores={}")
    found: list[dict[str, Any]] = []
    for item in json.loads(tools.run(root, "ruff", *asks, *every).stdout or "[]"):
        match = re.match(r"`(.+)` is too complex \((\d+) > ", item["message"])
        if match:
            found.append({"name": f"{below(root, item['filename'])}:{match[1]}", "value": int(match[2])})
    found.sort(key=lambda one: (-one["value"], one["name"]))
    over = [one for one in found if one["value"] > limit]
    return {"limit": limit, "worst": found[0] if found else None, "over": over}


def notebooks(root: Path) -> dict[str, Any]:
    """`files`: notebooks in the project; `findings`: places in src/ that import or run one."""
    files = [path for path in root.rglob("*.ipynb") if not LEFT_OUT & set(path.relative_to(root).parts)]
    stems = {path.stem for path in files}
    found = [
        f"{below(root, path)}:{line} uses the notebook {what}"
        for path in sorted((root / "src").rglob("*.py"))
        for line, what in _uses(path, stems)
    ]
    return {"files": len(files), "findings": len(found), "examples": found}


def below(root: Path, name: str | Path) -> str:
    """A path from the project's root, with slashes."""
    path = Path(name)
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()


def _uses(path: Path, stems: set[str]) -> Iterator[tuple[int, str]]:
    try:
        tree = ast.parse(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, SyntaxError, RecursionError):
        return
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for name in _imported(node):
                if name.partition(".")[0] in IMPORTERS or (name.rpartition(".")[2] in _free(path, stems)):
                    yield node.lineno, name
        elif isinstance(node, ast.Call):
            for one in node.args:
                if isinstance(one, ast.Constant) and re.search(r"[^*/]\.ipynb$", str(one.value)):
                    yield node.lineno, str(one.value)


def _imported(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [f"{node.module or ''}.{alias.name}".strip(".") for alias in node.names] + [node.module or ""]


def _free(path: Path, stems: set[str]) -> set[str]:
    """Notebooks' names that no module of the package has too."""
    package = next(
        parent for parent in path.parents if parent.parent.name == "src" or parent.parent == parent
    )
    return {stem for stem in stems if not any(package.rglob(f"{stem}.py"))}
