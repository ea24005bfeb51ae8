"""reports/<step>.json: what a step read, made and found; and whether an earlier report still holds."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from .errors import ProjectError
from .project import Project


@dataclass(frozen=True)
class Finding:
    """Something that a person should look at: what it is, in a sentence, with columns and row ids."""

    kind: str
    text: str
    columns: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()


@dataclass
class Report:
    """What a step hands over: its results, the files it made, and its findings."""

    results: dict[str, Any]
    outputs: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def write(project: Project, step: str, report: Report, read: set[str]) -> None:
    """Write reports/<step>.json: sorted keys, floats to 6 significant digits, no clock, no absolute path."""
    made = {name: project.hash(name) for name in report.outputs}
    inputs = {name: project.hash(name) for name in read | project.code(step) if name not in made}
    findings = [{key: value for key, value in asdict(item).items() if value} for item in report.findings]
    content = {
        "schema": 1,
        "step": step,
        "inputs": inputs,
        "outputs": made,
        "results": plain({**report.results, "findings": findings}),
    }
    path = project.root / "reports" / f"{step}.json"
    path.parent.mkdir(exist_ok=True)
    text = json.dumps(content, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def results(project: Project, step: str) -> dict[str, Any]:
    """An earlier step's results; an error if they are missing or older than what they rest on."""
    content = _load(project, step)
    for name, recorded in {**content["inputs"], **content["outputs"]}.items():
        if (project.hash(name) if _exists(project, name) else None) != recorded:
            raise ProjectError(f"reports/{step}.json is older than {name}. Run the step `{step}` again first.")
    for name in content["outputs"]:
        project.path(name)
    found: dict[str, Any] = content["results"]
    return found


def _load(project: Project, step: str) -> dict[str, Any]:
    path = project.root / "reports" / f"{step}.json"
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ProjectError(f"reports/{step}.json is not there yet. Run the step `{step}` first.") from None
    except ValueError as error:
        raise ProjectError(f"reports/{step}.json cannot be read ({error}). Run the step `{step}` again.") from error
    return content


def _exists(project: Project, name: str) -> bool:
    try:
        project.hash(name)
    except ProjectError:
        return False
    return True


def plain(value: Any) -> Any:
    """The value in JSON's own types: floats to 6 significant digits, NaN and infinities as null."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(item) for item in value]
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    return value if value is None else str(value)
