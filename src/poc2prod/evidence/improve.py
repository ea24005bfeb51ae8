"""I.10: which earlier step would improve the result most within the constraints, or why it is good enough."""

import re
from collections import Counter
from collections.abc import Iterable
from math import log2, sqrt
from typing import Any

from ..checklist import STAGES, steps
from ..project import Facts
from ..recount import scores
from ..recount.intervals import Estimate
from ..recount.student import half_width
from . import causes, generic, predictions, proposals, rows, step_reports
from .finding import CLAIMED, Finding, failed, passed, skipped, unknown
from .interpret import same_model
from .values import entries, fields, is_number, items_at

LAST = 3
COSTS = ("hours", "days", "weeks", "months")


def of_this_model(facts: Facts) -> Finding:
    """The report is about the current model."""
    return same_model(facts, "improve")


def learning_curve(facts: Facts) -> Finding:
    """The learning curve goes up to all training rows (at most 50,000) and ends at the score of the model."""
    results, metric = step_reports.results(facts, "improve"), predictions.metric(facts)
    points = entries(results, "learning_curve")
    sizes: list[Any] = [item.get("rows") for item in points]
    every = Counter(rows.parts(facts).values())["train"]
    train = min(every, predictions.MOST)
    if not points or sizes != sorted(set(sizes)) or sizes[-1] != train:
        return failed(f"the curve has {sizes} training rows; it must go up to {train:,}")
    for item in points:
        if why := scores.incoherent(item.get("score")):
            return failed(f"a point of the curve {why}")
    last = scores.reported(points[-1].get("score"))
    now = predictions.score(facts, "validation", predictions.selected_role(facts), metric)
    if last and last.low == last.low and not last.low <= now.value <= last.high:
        return failed(f"the curve ends at {metric} {scores.shown(last)}, the model has {now.value:.6g}")
    of = f" of {every:,}" if every > train else ""
    return passed(
        f"{len(points)} points from {sizes[0]:,} to {train:,}{of} rows, ending at the score of the model",
        CLAIMED,
    )


def slope(facts: Facts) -> Finding:
    """The estimated gain from twice the data follows from the last points of the curve."""
    results, metric = step_reports.results(facts, "improve"), predictions.metric(facts)
    reported, computed = fields(results, "doubling"), _doubling(results, metric)
    if computed is None or computed[2] < 2:
        why = (
            "the curve has too few points"
            if computed is None
            else "the validation rows are one group or block"
        )
        if reported.get("verdict") != "cannot tell":
            return failed(f"the verdict is {reported.get('verdict')!r}, but {why}")
        return passed(f"cannot tell: {why}")
    gain, scatter, clusters = computed
    error = reported.get("standard_error")
    if not (is_number(error) and error >= 0.999 * scatter - 1e-9):
        return failed(f"the error of the gain is {error}, the points' scatter alone {scatter:.6g}")
    half = half_width(error, clusters)
    low, high = gain - half, gain + half
    # made of rounded points, so it agrees to 1e-5 of their size
    scale = 1e4 * max(half, *(abs(item.value) for item in _points(results)))
    for wrong in rows.differences(reported, {"gain": gain, "low": low, "high": high}, "doubling", scale):
        return failed(f"{wrong} from the last points of the curve")
    low, high = reported["low"], reported["high"]
    expected = "more data helps" if low > 0 else "more data does not help" if high <= 0 else "cannot tell"
    if reported.get("verdict") != expected:
        return failed(f"called {reported.get('verdict')!r} at {low} to {high}")
    if wrong := proposals.misquoted(str(reported.get("text")), [reported["gain"], low, high]):
        return failed(f"the text of the gain {wrong}")
    return passed(
        f"twice the training rows: {metric} better by {gain:.3g} ({low:.3g} to {high:.3g}): {expected}"
    )


def counted(facts: Facts) -> Finding:
    """The counted causes agree with the team's file."""
    reported = fields(step_reports.results(facts, "improve"), "causes")
    lines, file = causes.read(facts), causes.file(facts)
    if lines is None:
        return skipped(f"{file} is not here")
    counts = Counter(line.cause.casefold() for line in lines if line.cause)
    if reported != dict(counts):
        cause = sorted(cause for cause in {*reported, *counts} if reported.get(cause) != counts.get(cause))[0]
        return failed(
            f"the report counts {cause!r} {reported.get(cause, 0)} times, {file} {counts.get(cause, 0)} times"
        )
    return passed(f"{sum(counts.values())} causes of {len(counts)} kinds, as in {file}")


def ranked(facts: Facts) -> Finding:
    """The next steps are ranked; each names an earlier step, an action, evidence, cost and constraints."""
    listed, sources = proposals.listed(facts), proposals.due(facts)
    if not listed and sources:
        return failed(f"no next step is listed, but the evidence ({sources[0]}) calls for one")
    if not listed:
        return passed("no next step is listed, and no evidence calls for one")
    allowed = [step.slug for step in steps() if step.stage == STAGES[0] and step.slug != "improve"]
    for place, item in enumerate(listed, 1):
        for key in ("action", "evidence", "constraint"):
            if not str(item.get(key) or "").strip():
                return failed(f"next step {place} has no {key}")
        rank, cost, slug = item.get("rank"), item.get("cost"), item.get("step")
        if rank != place or cost not in COSTS or slug not in allowed:
            return failed(f"next step {place} has rank {rank}, cost {cost!r}, step {slug!r}")
    actions = ", ".join(f"{item['step']} ({item['cost']})" for item in listed)
    return passed(f"{len(listed)} next steps: {actions}")


def evidenced(facts: Facts) -> Iterable[Finding]:
    """The evidence of each next step is what the reports say that it cites."""
    listed, cited = proposals.listed(facts), set()
    for item in listed:
        rank, evidence = item.get("rank"), str(item.get("evidence"))
        source, problem = proposals.traced(facts, evidence)
        cited.add(source)
        if problem:
            yield failed(f"next step {rank} {problem}")
        elif source:
            yield passed(f"{rank}. {str(item.get('action'))[:90]} {evidence[:160]}")
        else:
            yield failed(f"next step {rank} cites no report: {evidence[:120]}")
    left_out = [source for source in proposals.due(facts) if source not in cited]
    if left_out and listed:
        yield failed(f"the evidence ({left_out[0]}) calls for a next step that is not listed")


def within_budget(facts: Facts) -> Finding:
    """Each next step that changes the model names the current latency budget."""
    budget, listed = facts.param("problem.latency_ms"), proposals.listed(facts)
    known = f"{budget:g}" if is_number(budget) else ""
    for item in listed:
        match = re.search(r"latency budget of (\S+) ms", str(item.get("constraint")))
        if match and match[1] != known:
            return failed(
                f"next step {item.get('rank')} names a budget of {match[1]} ms, [problem] latency_ms is {budget}"
            )
        # a stronger model, in the project's wording, may be slower
        if known and not match and "stronger model" in str(item.get("action")):
            return failed(
                f"next step {item.get('rank')} changes the model and names no latency budget ({known} ms)"
            )
    if not listed:
        return skipped("no next step is listed")
    if not known:
        return unknown("[problem] latency_ms is not set", "set [problem] latency_ms")
    return passed(f"the steps that change the model name the budget of {known} ms", CLAIMED)


CHECKS = step_reports.fresh(
    "improve", of_this_model, learning_curve, slope, counted, ranked, evidenced, within_budget
)


def signed(facts: Facts) -> dict[str, Any]:
    """The answers, the parameters, the list of next steps and a hash of the results."""
    listed = [f"{item.get('step')}: {item.get('action')}" for item in proposals.listed(facts)]
    return {
        **generic.said("improve", facts),
        **generic.chosen("improve", facts),
        **({"reports/improve.json#next": listed} if listed else {}),
        **generic.found("improve", facts),
    }


def _points(results: dict[str, Any]) -> list[Estimate]:
    items = [scores.reported(fields(item, "score")) for item in items_at(results, "learning_curve")[-LAST:]]
    return [item for item in items if item is not None and item.value == item.value]


def _doubling(results: dict[str, Any], metric: str) -> tuple[float, float, int] | None:
    """Gain, its standard error from the residuals of the line, clusters; None for fewer than two points."""
    last = items_at(results, "learning_curve")[-LAST:]
    points = _points(results)
    if len(points) < 2 or len(points) < len(last):
        return None
    x = [log2(item["rows"]) for item in last]
    middle = sum(x) / len(x)
    spread = sum((value - middle) ** 2 for value in x)
    slope_ = sum((a - middle) * item.value for a, item in zip(x, points, strict=True)) / spread
    mean = sum(item.value for item in points) / len(points)
    rest = sum((item.value - mean - slope_ * (a - middle)) ** 2 for a, item in zip(x, points, strict=True))
    scatter = sqrt(rest / max(1, len(x) - 2) / spread)
    # The curve is a line in log2(rows): its slope is the gain from twice the rows.
    return scores.sign_of(metric) * slope_, scatter, int(points[0].clusters)
