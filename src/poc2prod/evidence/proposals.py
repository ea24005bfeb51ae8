"""The next steps in the report of I.10, each compared with the reports that it cites."""

import re
from collections.abc import Callable
from math import floor, log10
from typing import Any

from ..project import Facts
from . import causes, step_reports
from .values import entries, fields

NUMBER = r"[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?"
GAPS = {"underfit", "overfit", "shift", "overfit_or_shift", "overfit_to_validation"}
Trace = Callable[[Facts, str], str | None]


def listed(facts: Facts) -> list[dict[str, Any]]:
    """The next steps in the order of the report."""
    return entries(step_reports.results(facts, "improve"), "next")


def due(facts: Facts) -> list[str]:
    """The sources that support a next step: the bottleneck, counted causes, more data, wrong labels."""
    cause = fields(facts.results("evaluate"), "bottleneck").get("cause")
    counts = fields(facts.results("improve"), "causes")
    helps = fields(facts.results("improve"), "doubling").get("verdict") == "more data helps"
    alarm = fields(facts.results("interpret"), "suspects").get("alarm") is True
    leads = any(map(causes.is_lead, counts))
    speaking = {"gap": cause in GAPS, "causes": leads, "slope": helps, "labels": alarm}
    return [source for source, speaks in speaking.items() if speaks]


def traced(facts: Facts, evidence: str) -> tuple[str, str]:
    """(the source that the evidence cites or "", how it differs from that source or "")."""
    for source, trace in TRACES.items():
        problem = trace(facts, evidence)
        if problem is not None:
            return source, problem
    return "", ""


def _slope(facts: Facts, evidence: str) -> str | None:
    if not evidence.startswith("Twice the training rows"):
        return None
    doubling = fields(facts.results("improve"), "doubling")
    return _numbers_differ(
        evidence, [doubling.get("gain"), doubling.get("low"), doubling.get("high")], "the learning curve"
    )


def _gap(facts: Facts, evidence: str) -> str | None:
    results = facts.results("evaluate")
    for cause, gap in fields(results, "gaps").items():
        name = str(gap.get("gap")) if isinstance(gap, dict) else ""
        if name and evidence.startswith(f"{name}: "):
            if cause != fields(results, "bottleneck").get("cause"):
                return f"it cites the gap {name}, which is not the bottleneck"
            first = evidence[len(name) :].split(").", 1)[0]
            return _numbers_differ(
                first, [gap.get("value"), gap.get("low"), gap.get("high")], f"the gap {name}"
            )
    return None


def _causes(facts: Facts, evidence: str) -> str | None:
    match = re.match(r"(\d+) of the (\d+) wrong cases with a cause in docs/errors\.csv: (.+)\.$", evidence)
    if not match:
        return None
    counts = fields(facts.results("improve"), "causes")
    cause = next((name for name in counts if repr(name) == match[3]), None)
    if cause is None or (int(match[1]), int(match[2])) != (counts[cause], sum(counts.values())):
        counted = f"{counts.get(str(cause), 0)} of {sum(counts.values())}"
        return f"{match[1]} of {match[2]} cases of {match[3]}; counted: {counted}"
    leads = [count for name, count in counts.items() if causes.is_lead(name)]
    if not causes.is_lead(cause):
        return f"{match[3]} is not a cause that can be fixed"
    if counts[cause] < max(leads):
        return f"{match[3]} is not the most frequent cause"
    return ""


def _labels(facts: Facts, evidence: str) -> str | None:
    match = re.match(r"(\d+) of (\d+) training labels", evidence)
    if not match:
        return None
    suspects = fields(facts.results("interpret"), "suspects")
    if (int(match[1]), int(match[2])) != (suspects.get("beyond_belief"), suspects.get("rows_judged")):
        counted = f"{suspects.get('beyond_belief')} of {suspects.get('rows_judged')}"
        return f"{match[1]} of {match[2]} labels; interpret says {counted}"
    return ""


def _slice(facts: Facts, evidence: str) -> str | None:
    match = re.match(r"(.+) = (.+) \((\d+) rows\): ", evidence)
    if not match:
        return None
    slices = entries(fields(facts.results("interpret"), "slices"), "rows")
    item = next(
        (one for one in slices if (str(one.get("column")), str(one.get("value"))) == (match[1], match[2])), {}
    )
    if item.get("verdict") != "worse" or item.get("n") != int(match[3]):
        counted = f"{item.get('n')} rows, {item.get('verdict')}"
        return f"the slice {match[1]} = {match[2]} with {match[3]} rows; interpret says {counted}"
    score, gap = fields(item, "score"), fields(item, "difference")
    due_ = [score.get("value"), gap.get("value"), gap.get("low"), gap.get("high")]
    return _numbers_differ(evidence[match.end() :], due_, f"the slice {match[1]} = {match[2]}")


def _unused(facts: Facts, evidence: str) -> str | None:
    match = re.match(
        r"(\d+) of (\d+) features make no difference beyond noise when shuffled: (.+)\.$", evidence
    )
    if not match:
        return None
    importance = fields(facts.results("interpret"), "importance")
    items = entries(importance, "features")
    alike = {str(name) for group in importance.get("alike", []) for name in group.get("features", [])}
    idle = [
        str(item.get("feature")) for item in items if _idle(item) and str(item.get("feature")) not in alike
    ]
    if (int(match[1]), int(match[2]), match[3]) != (len(idle), importance.get("count"), ", ".join(idle[:5])):
        counted = f"{len(idle)} of {importance.get('count')}"
        return f"{match[1]} of {match[2]} features without use ({match[3][:60]}); interpret gives {counted}"
    return ""


TRACES: dict[str, Trace] = {
    "slope": _slope, "gap": _gap, "causes": _causes, "labels": _labels, "slice": _slice, "unused": _unused,
}  # fmt: skip


def _idle(item: dict[str, Any]) -> bool:
    low = item.get("low")
    return item.get("value") == 0 or (isinstance(low, (int, float)) and low <= 0)


def _numbers_differ(text: str, expected: list[Any], what: str) -> str:
    """How the first numbers of a text, given to 3 digits, differ from these; else empty."""
    # Digits inside a name such as f1 are not numbers that the text cites.
    text = re.sub(r"\b[a-z]\w*\d\w*\b", "", text)
    cited = [float(number) for number in re.findall(NUMBER, text)]
    for number, reported in zip(cited, expected, strict=False):
        if not isinstance(reported, (int, float)) or abs(number - reported) > 0.5001 * _third_digit(reported):
            return f"says {number:g} where {what} says {reported}"
    return (
        "" if len(cited) >= len(expected) else f"names {len(cited)} of the {len(expected)} numbers of {what}"
    )


def _third_digit(number: float) -> float:
    """The size of one unit in the third significant digit."""
    return float(10.0 ** (floor(log10(abs(number))) - 2)) if number else 1e-9
