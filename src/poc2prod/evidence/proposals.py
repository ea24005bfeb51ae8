"""The next steps in the report of I.10, each compared with what the reports that it cites say.

The library writes a next step's evidence from numbers of reports; here it is written again from the reports on disk.
"""

import re
from difflib import get_close_matches
from math import floor, log10
from typing import Any

from poc2prod_kit.inspection import proposals

from ..project import Facts
from . import step_reports
from .finding import Unproven
from .values import entries, fields

NUMBER = r"[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?"
# What calls for a next step; a weak slice and unused features only may be one.
CALLING = ("gap", "causes", "slope", "labels")


def listed(facts: Facts) -> list[dict[str, Any]]:
    """The next steps in the order of the report."""
    return entries(step_reports.results(facts, "improve"), "next")


def supported(facts: Facts) -> dict[str, str]:
    """The evidence that the reports give for a next step, by source. Unproven where they lack numbers."""
    improved = step_reports.results(facts, "improve")
    evaluated, interpreted = facts.results("evaluate"), facts.results("interpret")
    counts = fields(improved, "causes")
    try:
        commonest = dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
        steps = {
            "gap": proposals.bottleneck(facts.param("problem.latency_ms"), evaluated),
            "causes": proposals.counted(commonest),
            "slope": proposals.more_data(fields(improved, "doubling")),
            "labels": proposals.labels(interpreted),
            "slice": proposals.slices(str(interpreted.get("metric")), interpreted),
            "unused": proposals.unused(interpreted),
        }
    except (KeyError, TypeError, ValueError) as error:
        raise Unproven(f"the reports lack what next steps rest on: {error}") from error
    return {source: str(step["evidence"]) for source, step in steps.items() if step}


def due(facts: Facts) -> list[str]:
    """The sources that call for a next step."""
    return [source for source in CALLING if source in supported(facts)]


def traced(facts: Facts, evidence: str) -> tuple[str, str]:
    """(the source that the evidence cites or "", how it differs from that source or "")."""
    sources = {text: source for source, text in supported(facts).items()}
    for text in get_close_matches(evidence, sources, 1, 0.7):
        return sources[
            text
        ], "" if text == evidence else f"says {evidence[:160]!r}, the reports {text[:160]!r}"
    return "", ""


def misquoted(text: str, expected: list[float]) -> str:
    """How the first numbers of a text, given to 3 digits, differ from these; else empty."""
    # Digits inside a name such as f1 are not numbers that the text cites.
    cited = [float(number) for number in re.findall(NUMBER, re.sub(r"\b[a-z]\w*\d\w*\b", "", text))]
    for number, value in zip(cited, expected, strict=False):
        third_digit = 10.0 ** (floor(log10(abs(value))) - 2) if value else 1e-9
        if abs(number - value) > 0.5001 * third_digit:
            return f"says {number:g} where the numbers say {value:.6g}"
    return "" if len(cited) >= len(expected) else f"names {len(cited)} of {len(expected)} numbers"
