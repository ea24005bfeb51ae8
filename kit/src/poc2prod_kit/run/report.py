"""reports/<step>.json: what a step read, made and found; and whether an earlier report still holds."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

import numpy as np

from poc2prod_kit.run import atomic, hashing, libraries, params, results_versions
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.paths import package
from poc2prod_kit.run.project import Project
from poc2prod_kit.summary.wording import listed

CONTENT = {"schema", "step", "inputs", "outputs", "results"}


@dataclass(frozen=True)
class Finding:
    """Something that a person should look at: what it is, in a sentence, with columns and row ids.

    `id`: of a finding that must end by an entry in [findings] of params.toml; `share`: what was measured.
    """

    kind: str
    text: str
    columns: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    id: str = ""
    share: float | None = None


@dataclass
class Report:
    """What a step hands over: its results, the files it made, and its findings."""

    results: dict[str, Any]
    outputs: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


class StaleError(ProjectError):
    """An earlier step's report is missing, unreadable or older than what it rests on."""

    def __init__(self, step: str, why: str) -> None:
        super().__init__(f"{why} Run it first: python -m {package().name} {step}")
        self.step, self.why = step, why


def write(project: Project, step: str, report: Report, read: set[str]) -> None:
    """Write reports/<step>.json: sorted keys, floats to 6 significant digits, no clock, no absolute path.

    `seal` is the hash of all else, so that a report put together from two runs does not pass for one.
    """
    made = {name: project.hash(name) for name in report.outputs}
    inputs = {name: project.hash_as_read(name) for name in read | project.modules(step) if name not in made}
    findings = [{key: value for key, value in asdict(item).items() if value} for item in report.findings]
    content = {
        "schema": 1,
        "step": step,
        "inputs": inputs,
        "outputs": made,
        "results": plain({**report.results, "findings": findings}),
        "libraries": libraries.versions(),
    }
    content["seal"] = hashing.of_value(content)
    atomic.write_json(project.root / "reports" / f"{step}.json", content)


def results(project: Project, step: str) -> dict[str, Any]:
    """An earlier step's results, an input of the running step; StaleError if they do not hold."""
    content = load(project, step)
    changed = stale_inputs(project, content)
    if changed:
        raise StaleError(
            step, f"The step `{step}` ran before {named(changed)}, so its result no longer holds."
        )
    for name in (f"reports/{step}.json", *content["outputs"]):
        project.path(name)
    values: dict[str, Any] = content["results"]
    return values


def load(project: Project, step: str) -> dict[str, Any]:
    """The whole report as it was written; StaleError if it is missing or cannot be read."""
    path = project.root / "reports" / f"{step}.json"
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StaleError(
            step, f"The step `{step}` has not run yet (reports/{step}.json is missing)."
        ) from None
    except (OSError, ValueError) as error:
        raise StaleError(step, f"reports/{step}.json cannot be read ({error}).") from error
    if not isinstance(content, dict) or not set(content) >= CONTENT or content["schema"] != 1:
        raise StaleError(step, f"reports/{step}.json is not a report of this version.")
    return content


def stale_inputs(project: Project, content: dict[str, Any]) -> list[str]:
    """The names of inputs and outputs that are gone or no longer what the report says they were."""
    recorded = {**content["inputs"], **content["outputs"]}
    return [name for name, was in sorted(recorded.items()) if _now(project, name) != was]


def named(changed: list[str]) -> str:
    """The changed inputs in words: the team's own choices and files first, at most two by name."""

    def rank(name: str) -> tuple[bool, bool, str]:
        own = name.startswith(("params", "data/raw", "schema"))
        return not own, name.startswith(results_versions.LIBRARY), name

    words = [
        f"{params.where(name.partition('#')[2])} of params.toml" if name.startswith("params.toml#") else name
        for name in sorted(changed, key=rank)
    ]
    return f"{listed(words, 2)} changed"


def _now(project: Project, name: str) -> str | None:
    try:
        return project.hash(name)
    except (ProjectError, OSError, ValueError):
        return None


def plain(value: Any) -> Any:
    """The value in JSON's own types: floats to 6 significant digits, NaN and infinities as null, ISO dates."""
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
    if isinstance(value, date):
        return value.isoformat()
    return value if value is None else str(value)
