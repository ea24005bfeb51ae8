"""Judge one step of a project on disk, in short."""

from __future__ import annotations

from pathlib import Path

from poc2prod.checklist import step
from poc2prod.evidence import judge
from poc2prod.project import Facts


def outcomes(root: Path, slug: str) -> dict[str, str]:
    """The outcome of each check of the step."""
    return {item.check: item.outcome for item in judge(step(slug), Facts(str(root))).findings}


def text(root: Path, slug: str, check: str) -> str:
    """What one check says."""
    return next(item.text for item in judge(step(slug), Facts(str(root))).findings if item.check == check)


def replace(root: Path, name: str, old: str, new: str) -> None:
    """Edit a file; what is replaced must be there."""
    content = (root / name).read_text(encoding="utf-8")
    assert old in content
    (root / name).write_text(content.replace(old, new), encoding="utf-8")
