"""The screen that somebody signs."""

from __future__ import annotations

from pathlib import Path

from sample_project import build

from poc2prod.evidence.finding import Finding
from poc2prod.project import Facts
from poc2prod.reports.signing import words


def test_what_is_signed_is_said_in_words(tmp_path: Path) -> None:
    """Questions with their answers, choices, lists, what was found; the hash last, of the reports alone."""
    facts = Facts(str(build(tmp_path / "p")))
    content = {
        "docs/roadmap.md#stop": "We stop.\nThen.",
        "params.toml#improve.fractions": [0.1, 1.0],
        "reports/improve.json#next": ["data: more rows"],
        "docs/errors.csv#causes": {"missing feature": 9},
        "reports/improve.json#results": "009e840043fd88aa",
    }
    found = [
        Finding("inputs", "pass", "recomputed", "9 inputs are as they were"),
        Finding("curve", "pass", "recomputed", "more data\x1b helps"),
        Finding("budget", "fail", "claimed", "too slow"),
    ]
    title = "Asked"
    assert words(content, facts, found) == [
        "  Answers:",
        f"    {title}",
        "      We stop.",
        "      Then.",
        "  Parameters in params.toml:",
        "    improve.fractions = 0.1, 1.0",
        "  Next, reports/improve.json:",
        "    data: more rows",
        "  Causes, docs/errors.csv:",
        "    missing feature = 9",
        "  Findings:",
        "    more data\\x1b helps",
        "    x fail: too slow",
        "  Hash of all numbers in reports/improve.json: 009e840043fd",
    ]
    assert words(content, facts, found, color=True)[-1].startswith("\x1b[2m")
