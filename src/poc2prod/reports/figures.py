"""The project's figures as data URIs. An <img> cannot run a script or load anything."""

import base64
import re
from typing import NamedTuple

from ..evidence.values import items_at
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
        path, uri = f"{FOLDER}/{name}", ""
        content = facts.files.content(path, LIMIT)
        if not isinstance(content, bytes):
            problem = content.reason if content else "is not there"
        elif problem := _problem(name, content):
            pass
        elif len(content) > left:
            problem = f"is left out: the figures have more than {ALL >> 20} MiB together"
        else:
            kind = "svg+xml" if name.lower().endswith(".svg") else "png"
            uri = f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"
            left -= len(content)
        stem, hashes = name.rpartition(".")[0], recorded.get(path)
        title = KNOWN.get(stem, stem.replace("_", " ").replace("-", " "))
        is_recorded = hashes is not None and (not hashes or facts.now(path).hash in hashes)
        listed.append(Figure(path, title, uri, problem, is_recorded))
    return tuple(listed)


def _recorded(facts: Facts) -> dict[str, set[str]]:
    """The figures that the reports name, with the hashes that they record (none where they only name it)."""
    hashes: dict[str, set[str]] = {}
    for report in facts.reports():
        for figure in items_at(report["results"], "figures"):
            hashes.setdefault(str(figure), set())
        for output, digest in report["outputs"].items():
            hashes.setdefault(output, set()).add(digest)
    return hashes


def _problem(name: str, content: bytes) -> str:
    if name.lower().endswith(".png"):
        return "" if content.startswith(b"\x89PNG\r\n\x1a\n") else "is no PNG image"
    if b"<svg" not in content[:4096]:
        return "is no SVG image"
    active = ACTIVE.search(content)
    return "contains more than a drawing (a script or an external reference)" if active else ""
