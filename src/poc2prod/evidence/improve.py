"""I.10: which earlier step would raise the result most, within the constraints, or why it is good enough."""

import re
from collections import Counter
from collections.abc import Iterable
from math import log2, sqrt
from typing import Any, TypeGuard

from ..checklist import STAGES, steps
from ..project import Facts
from ..recount import scores
from ..recount.intervals import Estimate
from ..recount.student import half_width
from . import causes, generic, proposals, seen
from .finding import CLAIMED, Finding, failed, passed, skipped, unknown
from .interpret import same_model

on_rows = seen.on_rows("improve")
LAST = 3
COSTS = ("hours", "days", "weeks", "months")


def of_this_model(facts: Facts) -> Finding:
    """The report is about the model that is kept now."""
    return same_model(facts, "improve")


@on_rows
def learning_curve(facts: Facts) -> Iterable[Finding]:
    """The learning curve grows to all training rows (at most 50,000) and ends where the kept model stands."""
    found, metric = seen.results(facts, "improve"), seen.metric(facts)
    points = [item for item in _list(found, "learning_curve") if isinstance(item, dict)]
    rows: list[Any] = [item.get("rows") for item in points]
    every = Counter(seen.split(facts).values())["train"]
    train = min(every, seen.MOST)
    todo = seen.again(facts, "improve")
    if not points or rows != sorted(set(rows)) or rows[-1] != train:
        yield failed(f"the curve has {rows} training rows; it must grow to {train:,}", todo)
        return
    wrong = next((why for item in points if (why := scores.incoherent(item.get("score")))), "")
    if wrong:
        yield failed(f"a point of the curve {wrong}", todo)
        return
    last = scores.told(points[-1].get("score"))
    role = str(seen.results(facts, "baseline").get("kept"))
    now = seen.score(facts, "validation", role, metric)
    if last and last.low == last.low and not last.low <= now.value <= last.high:
        yield failed(
            f"the curve ends at {metric} {scores.shown(last)}, the kept model has {now.value:.6g}", todo
        )
        return
    of = f" of {every:,}" if every > train else ""
    yield passed(
        f"{len(points)} points from {rows[0]:,} to {train:,}{of} rows, ending where the model stands", CLAIMED
    )


def slope(facts: Facts) -> Finding:
    """What twice the data would bring follows from the curve's last points."""
    found, metric = seen.results(facts, "improve"), seen.metric(facts)
    told, todo = _table(found, "doubling"), seen.again(facts, "improve")
    made = _doubling(found, metric)
    if made is None:
        if told.get("verdict") != "cannot tell":
            return failed(f"{told.get('verdict')!r} is said of a curve with too few points", todo)
        return passed("too few points on the curve to tell")
    gain, scatter, clusters = made
    if clusters < 2:
        if told.get("verdict") != "cannot tell":
            return failed(f"{told.get('verdict')!r} is said where one group or block judges", todo)
        return passed("one group or block of rows judges: the curve cannot tell")
    low, high, error = told.get("low"), told.get("high"), told.get("standard_error")
    size = max(abs(item.value) for item in _points(found))
    if not _is_number(told.get("gain")) or abs(told["gain"] - gain) > 1e-5 * size:
        return failed(f"gain {told.get('gain')}, the curve's last points give {gain:.6g}", todo)
    if not (_is_number(low) and _is_number(high) and _is_number(error) and error >= 0.999 * scatter - 1e-9):
        return failed(f"the error of the gain is {error}, the points' scatter alone {scatter:.6g}", todo)
    half = half_width(error, max(2, clusters))
    if abs((high - low) / 2 - half) > 1e-5 * max(size, half) or abs((high + low) / 2 - gain) > 1e-5 * size:
        return failed(f"gain {low} to {high} does not follow from {gain:.6g} with an error of {error}", todo)
    due = "more data helps" if low > 0 else "more data does not help" if high <= 0 else "cannot tell"
    if told.get("verdict") != due:
        return failed(f"called {told.get('verdict')!r} at {low} to {high}", todo)
    return passed(f"twice the training rows: {metric} better by {gain:.3g} ({low:.3g} to {high:.3g}): {due}")


def counted(facts: Facts) -> Finding:
    """The counted causes are those that the team wrote down."""
    told = _table(seen.results(facts, "improve"), "causes")
    lines, file = causes.read(facts), causes.file(facts)
    if lines is None:
        return skipped(f"{file} is not here")
    made = Counter(line.cause.casefold() for line in lines if line.cause)
    if told != dict(made):
        odd = sorted(cause for cause in {*told, *made} if told.get(cause) != made.get(cause))[0]
        return failed(
            f"the report counts {odd!r} {told.get(odd, 0)} times, {file} {made.get(odd, 0)} times",
            seen.again(facts, "improve"),
        )
    return passed(f"{sum(made.values())} causes of {len(made)} kinds, as in {file}")


def ranked(facts: Facts) -> Iterable[Finding]:
    """The next steps are ranked; each names an earlier step, an action, its evidence, cost and limits."""
    listed, todo = proposals.listed(facts), seen.again(facts, "improve")
    due = proposals.due(facts)
    if not listed and not due:
        yield passed("no evidence speaks for a next step, and none is listed")
        return
    if not listed:
        yield failed(f"no next step is listed, though {due[0]} speaks for one", todo)
        return
    allowed = [step.slug for step in steps() if step.stage == STAGES[0] and step.slug != "improve"]
    for place, item in enumerate(listed, 1):
        empty = [key for key in ("action", "evidence", "constraint") if not str(item.get(key) or "").strip()]
        if (
            item.get("rank") != place
            or empty
            or item.get("cost") not in COSTS
            or item.get("step") not in allowed
        ):
            what = (
                f"no {empty[0]}"
                if empty
                else f"rank {item.get('rank')}, cost {item.get('cost')!r}, step {item.get('step')!r}"
            )
            yield failed(f"next step {place} has {what}", todo)
            return
    steps_said = ", ".join(f"{item['step']} ({item['cost']})" for item in listed)
    yield passed(f"{len(listed)} next steps: {steps_said}")


def evidenced(facts: Facts) -> Iterable[Finding]:
    """The evidence of each next step is what the reports it cites say, to the digit."""
    todo, cited = seen.again(facts, "improve"), set()
    for item in proposals.listed(facts):
        source, wrong = proposals.traced(facts, str(item.get("evidence")))
        if wrong:
            yield failed(f"next step {item.get('rank')}: {wrong}", todo)
        elif source:
            cited.add(source)
            yield passed(
                f"{item.get('rank')}. {str(item.get('action'))[:90]} {str(item.get('evidence'))[:160]}"
            )
        else:
            yield failed(
                f"next step {item.get('rank')} cites no report: {str(item.get('evidence'))[:120]}",
                todo,
            )
    left_out = [source for source in proposals.due(facts) if source not in cited]
    if left_out and proposals.listed(facts):
        yield failed(f"{left_out[0]} speaks for a next step, and the list leaves it out", todo)


def within_budget(facts: Facts) -> Finding:
    """No next step breaks the latency budget: those that change the model name the budget in force."""
    budget, listed = facts.param("problem.latency_ms"), proposals.listed(facts)
    for item in listed:
        said = re.search(r"latency budget of (\S+) ms", str(item.get("constraint")))
        if said and (not _is_number(budget) or said[1] != f"{budget:g}"):
            return failed(
                f"next step {item.get('rank')} keeps to {said[1]} ms, [problem] latency_ms is {budget}",
                seen.again(facts, "improve"),
            )
        if _is_number(budget) and _slower(item) and not said:
            return failed(
                f"next step {item.get('rank')} changes the model and names no latency budget ({budget:g} ms)",
                seen.again(facts, "improve"),
            )
    if not listed:
        return skipped("no next step is listed")
    if not _is_number(budget):
        return unknown(
            "[problem] latency_ms is not set, so no step can keep to it", "set [problem] latency_ms"
        )
    return passed(f"the steps that change the model keep to {budget:g} ms", CLAIMED)


CHECKS = seen.fresh(
    "improve", of_this_model, learning_curve, slope, counted, ranked, evidenced, within_budget
)


def signed(facts: Facts) -> dict[str, Any]:
    """The answers, the choices, the list of next steps and a hash of the results: what the owner signs."""
    listed = [f"{item.get('step')}: {item.get('action')}" for item in proposals.listed(facts)]
    return {
        **generic.said("improve", facts),
        **generic.chosen("improve", facts),
        **({"reports/improve.json#next": listed} if listed else {}),
        **generic.found("improve", facts),
    }


def _slower(item: dict[str, Any]) -> bool:
    """Whether an action, as the project words it, may make answers slower."""
    return "stronger model" in str(item.get("action"))


def _points(found: dict[str, Any]) -> list[Estimate]:
    items = [scores.told(_table(item, "score")) for item in _list(found, "learning_curve")[-LAST:]]
    return [item for item in items if item is not None and item.value == item.value]


def _doubling(found: dict[str, Any], metric: str) -> tuple[float, float, int] | None:
    """Gain, the error by the scatter about the line, and clusters; None with fewer than two points."""
    last = _list(found, "learning_curve")[-LAST:]
    points = _points(found)
    if len(points) < 2 or len(points) < len(last):
        return None
    x = [log2(item["rows"]) for item in last]
    middle = sum(x) / len(x)
    spread = sum((value - middle) ** 2 for value in x)
    slope_ = sum((a - middle) * item.value for a, item in zip(x, points, strict=True)) / spread
    mean = sum(item.value for item in points) / len(points)
    rest = sum((item.value - mean - slope_ * (a - middle)) ** 2 for a, item in zip(x, points, strict=True))
    scatter = sqrt(rest / max(1, len(x) - 2) / spread)
    sign = 1.0 if scores.higher_is_better(metric) else -1.0
    return sign * slope_, scatter, int(points[0].clusters)


def _table(value: Any, key: str) -> dict[str, Any]:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def _list(value: Any, key: str) -> list[Any]:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value == value
