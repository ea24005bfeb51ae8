"""Small projects on disk for the tests of the data step."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from poc2prod_kit.run.project import Project


def make(
    root: Path, files: Mapping[str, bytes | str], problem: Mapping[str, Any] | None = None, **data: Any
) -> Project:
    """A project whose data/raw holds `files`; `data` and `problem` are sections of params.toml."""
    raw = root / "data" / "raw"
    raw.mkdir(parents=True)
    for name, content in files.items():
        (raw / name).write_bytes(content.encode() if isinstance(content, str) else content)
    data = {"files": [f"data/raw/{name}" for name in files], "target": "y", **data}
    sections = {"data": data, "problem": {"outcome": "binary", "positive": "1", **(problem or {})}}
    lines = [
        f"[{name}]\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in keys.items())
        for name, keys in sections.items()
    ]
    (root / "params.toml").write_text("\n".join(lines), encoding="utf-8")
    (root / "schema.toml").write_text("", encoding="utf-8")
    return Project(root)


def columns(root: Path, *entries: Mapping[str, Any]) -> None:
    """Write schema.toml."""
    blocks = [
        "[[column]]\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in entry.items()) for entry in entries
    ]
    (root / "schema.toml").write_text("\n".join(blocks), encoding="utf-8")
