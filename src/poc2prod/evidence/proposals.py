"""The next steps that improve lists, each traced to the numbers of the reports that it cites."""

import re
from collections.abc import Callable
from math import floor, log10
from typing import Any

from ..project import Facts
from . import causes, seen

NUMBER = r"[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?"
GAPS = {"underfit", "overfit", "shift", "overfit_or_shift", "overfit_to_validation"}
Trace = Callable[[Facts, str], str | None]


def listed(facts: Facts) -> list[dict[str, Any]]:
    """The next steps as the report ranks them."""
    found = seen.results(facts, "improve").get("next")
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def due(facts: Facts) -> list[str]:
    """The sources that speak for a next step: the bottleneck, counted causes, more data, flipped labels."""
    cause = _table(_table_of(facts, "evaluate"), "bottleneck").get("cause")
    counts = _table(_table_of(facts, "improve"), "causes")
    helps = _table(_table_of(facts, "improve"), "doubling").get("verdict") == "more data helps"
    alarm = _table(_table_of(facts, "interpret"), "suspects").get("alarm") is True
    leads = any(map(causes.is_lead, counts))
    speaking = {"gap": cause in GAPS, "causes": leads, "slope": helps, "labels": alarm}
    return [source for source, speaks in speaking.items() if speaks]


def traced(facts: Facts, evidence: str) -> tuple[str, str]:
    """(the source that an evidence cites or "", what it says otherwise than that source or "")."""
    for source, trace in TRACES.items():
        wrong = trace(facts, evidence)
        if wrong is not None:
            return source, wrong
    return "", ""


def _slope(facts: Facts, evidence: str) -> str | None:
    if not evidence.startswith("Twice the training rows"):
        return None
    told = _table(_table_of(facts, "improve"), "doubling")
    return _numbers_differ(
        evidence, [told.get("gain"), told.get("low"), told.get("high")], "the learning curve"
    )


def _gap(facts: Facts, evidence: str) -> str | None:
    found = _table_of(facts, "evaluate")
    for cause, gap in _table(found, "gaps").items():
        name = str(gap.get("gap")) if isinstance(gap, dict) else ""
        if name and evidence.startswith(f"{name}: "):
            if cause != _table(found, "bottleneck").get("cause"):
                return f"cites the gap {name}, which is not the bottleneck"
            first = evidence[len(name) :].split(").", 1)[0]
            return _numbers_differ(
                first, [gap.get("value"), gap.get("low"), gap.get("high")], f"the gap {name}"
            )
    return None


def _causes(facts: Facts, evidence: str) -> str | None:
    said = re.match(r"(\d+) of the (\d+) wrong cases with a cause in docs/errors\.csv: (.+)\.$", evidence)
    if not said:
        return None
    counts = _table(_table_of(facts, "improve"), "causes")
    cause = next((name for name in counts if repr(name) == said[3]), None)
    if cause is None or (int(said[1]), int(said[2])) != (counts[cause], sum(counts.values())):
        counted = f"{counts.get(str(cause), 0)} of {sum(counts.values())}"
        return f"{said[1]} of {said[2]} cases of {said[3]}; counted: {counted}"
    leads = [count for name, count in counts.items() if causes.is_lead(name)]
    if not causes.is_lead(cause):
        return f"{said[3]} is no cause that anything can be done about"
    if counts[cause] < max(leads):
        return f"{said[3]} is not the commonest cause"
    return ""


def _labels(facts: Facts, evidence: str) -> str | None:
    said = re.match(r"(\d+) of (\d+) training labels", evidence)
    if not said:
        return None
    told = _table(_table_of(facts, "interpret"), "suspects")
    if (int(said[1]), int(said[2])) != (told.get("beyond_belief"), told.get("rows_judged")):
        counted = f"{told.get('beyond_belief')} of {told.get('rows_judged')}"
        return f"{said[1]} of {said[2]} labels; interpret says {counted}"
    return ""


def _slice(facts: Facts, evidence: str) -> str | None:
    said = re.match(r"(.+) = (.+) \((\d+) rows\): ", evidence)
    if not said:
        return None
    rows = _table(_table_of(facts, "interpret"), "slices").get("rows")
    mine = [item for item in rows if isinstance(item, dict)] if isinstance(rows, list) else []
    item = next(
        (one for one in mine if (str(one.get("column")), str(one.get("value"))) == (said[1], said[2])), {}
    )
    if item.get("verdict") != "worse" or item.get("n") != int(said[3]):
        counted = f"{item.get('n')} rows, {item.get('verdict')}"
        return f"the slice {said[1]} = {said[2]} with {said[3]} rows; interpret says {counted}"
    score, gap = _table(item, "score"), _table(item, "difference")
    due_ = [score.get("value"), gap.get("value"), gap.get("low"), gap.get("high")]
    return _numbers_differ(evidence[said.end() :], due_, f"the slice {said[1]} = {said[2]}")


def _unused(facts: Facts, evidence: str) -> str | None:
    said = re.match(
        r"(\d+) of (\d+) features make no difference beyond noise when shuffled: (.+)\.$", evidence
    )
    if not said:
        return None
    found = _table(_table_of(facts, "interpret"), "importance")
    items = [item for item in found.get("features", []) if isinstance(item, dict)]
    alike = {str(name) for group in found.get("alike", []) for name in group.get("features", [])}
    idle = [
        str(item.get("feature")) for item in items if _idle(item) and str(item.get("feature")) not in alike
    ]
    if (int(said[1]), int(said[2]), said[3]) != (len(idle), found.get("count"), ", ".join(idle[:5])):
        counted = f"{len(idle)} of {found.get('count')}"
        return f"{said[1]} of {said[2]} features without use ({said[3][:60]}); interpret gives {counted}"
    return ""


TRACES: dict[str, Trace] = {
    "slope": _slope, "gap": _gap, "causes": _causes, "labels": _labels, "slice": _slice, "unused": _unused,
}  # fmt: skip


def _idle(item: dict[str, Any]) -> bool:
    low = item.get("low")
    return item.get("value") == 0 or (isinstance(low, (int, float)) and low <= 0)


def _numbers_differ(text: str, due_: list[Any], what: str) -> str:
    """Whether the first numbers of a text, told to 3 digits, are these."""
    text = re.sub(r"\b[a-z]\w*\d\w*\b", "", text)
    said = [float(number) for number in re.findall(NUMBER, text)]
    for number, told in zip(said, due_, strict=False):
        if not isinstance(told, (int, float)) or abs(number - told) > 0.5001 * _third_digit(told):
            return f"says {number:g} where {what} says {told}"
    return "" if len(said) >= len(due_) else f"names {len(said)} of the {len(due_)} numbers of {what}"


def _third_digit(number: float) -> float:
    """The size of one unit in the third significant digit."""
    return float(10.0 ** (floor(log10(abs(number))) - 2)) if number else 1e-9


def _table_of(facts: Facts, step: str) -> dict[str, Any]:
    return facts.results(step)


def _table(value: Any, key: str) -> dict[str, Any]:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}
