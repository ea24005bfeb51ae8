"""How branched functions are: McCabe's cyclomatic complexity, by ruff."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from poc2prod_kit.serving import tools

LIMIT = 10


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


def below(root: Path, name: str | Path) -> str:
    """A path from the project's root, with slashes."""
    path = Path(name)
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()
