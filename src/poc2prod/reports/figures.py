"""The project's figures as data URIs. An <img> cannot run a script or load anything."""

import base64
import re
from typing import NamedTuple

from ..files import Unreadable
from ..project import Facts

FOLDER = "reports/figures"
LIMIT, ALL, MOST = 512 << 10, 4 << 20, 24
KNOWN = {
    "calibration": "Predicted probabilities and observed shares",
    "confusion": "Confusion matrix",
    "dependence": "Partial dependence on the most important features",
    "importance": "Permutation importance of the features",
    "learning_curve": "Learning curve: would more rows help?",
    "residuals": "Residuals",
    "scores": "Predicted scores by outcome",
    "slices": "Score by group",
}
ACTIVE = re.compile(
    rb"<\s*(?:\w+:)?(?:script|foreignObject|iframe|embed|object)\b|<!ENTITY|javascript:|\son\w+\s*=", re.I
)


class Figure(NamedTuple):
    """A figure: file, title, data URI (empty: not shown, and why), whether a report names it."""

    name: str
    title: str
    uri: str
    problem: str
    recorded: bool


def figures(facts: Facts) -> tuple[Figure, ...]:
    """All SVG and PNG files in reports/figures, by name."""
    names = [n for n in facts.files.names(FOLDER) if n.lower().endswith((".svg", ".png"))]
    recorded = _recorded(facts)
    listed, left = [], ALL
    for name in names[:MOST]:
        path = f"{FOLDER}/{name}"
        content = facts.files.content(path, LIMIT)
        problem = _problem(name, content)
        if not problem and isinstance(content, bytes) and len(content) > left:
            problem = f"is left out: the figures have more than {ALL >> 20} MiB together"
        uri = "" if problem or not isinstance(content, bytes) else _uri(name, content)
        left -= len(content) if uri and isinstance(content, bytes) else 0
        listed.append(Figure(path, _title(name), uri, problem, _is_recorded(facts, path, recorded)))
    return tuple(listed)


def _recorded(facts: Facts) -> dict[str, set[str]]:
    """The figures that the reports name, with the hashes that they record (none where they only name it)."""
    hashes: dict[str, set[str]] = {}
    for name in facts.files.names("reports"):
        report = facts.report(name[:-5]) if name.endswith(".json") else None
        if isinstance(report, dict):
            named = report["results"].get("figures")
            for figure in named if isinstance(named, list) else []:
                hashes.setdefault(str(figure), set())
            for output, digest in report["outputs"].items():
                hashes.setdefault(output, set()).add(digest)
    return hashes


def _is_recorded(facts: Facts, path: str, recorded: dict[str, set[str]]) -> bool:
    hashes = recorded.get(path)
    return hashes is not None and (not hashes or facts.now(path).hash in hashes)


def _problem(name: str, content: bytes | Unreadable | None) -> str:
    if not isinstance(content, bytes):
        return content.reason if content else "is not there"
    if name.lower().endswith(".png"):
        return "" if content.startswith(b"\x89PNG\r\n\x1a\n") else "is no PNG image"
    if b"<svg" not in content[:4096]:
        return "is no SVG image"
    return (
        "contains more than a drawing (a script or an external reference)" if ACTIVE.search(content) else ""
    )


def _uri(name: str, content: bytes) -> str:
    kind = "svg+xml" if name.lower().endswith(".svg") else "png"
    return f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"


def _title(name: str) -> str:
    stem = name.rpartition(".")[0]
    return KNOWN.get(stem, stem.replace("_", " ").replace("-", " "))
