"""The next steps that evidence speaks for: what was seen, in numbers; where to go back to; cost; limits."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the command imports this module without pandas and scikit-learn
    from poc2prod_kit.run.project import Project
    from poc2prod_kit.scoring.metrics import Metric

MOST = 6
PRIVACY = "data only with the permission and licence that docs/data.md names"
ETHICS = "no sensitive or excluded column becomes a feature; the answers in docs/problem.md hold"
# What people call an error for which they see no reason: it is counted, and nothing can be done about it.
NO_LEAD_WORDS = (
    "chance luck noise noisy random randomness coincidence accident unknown unclear unexplained inexplicable "
    "idea clue reason cause sure known explained explainable "
    "a an by at in just mere pure purely bad good plain simply no not none of the is it or and "
    "zufall rauschen unbekannt unklar hasard bruit inconnu azar ruido desconocido"
)
NO_LEAD = frozenset(NO_LEAD_WORDS.split())
FLEXIBLE = "Hold the model back (fewer leaves, more rows a leaf, fewer features)"
# What to do about a gap: the step to go back to, the advice and its cost.
ABOUT_GAP = {
    "underfit": (
        "features",
        "Give the model what it lacks: features that explain its errors, then a stronger model.",
        "days",
    ),
    "overfit": ("baseline", f"{FLEXIBLE}, or get more rows.", "hours"),
    "shift": (
        "features",
        "Use features that hold over time or groups, train on the most recent rows, "
        "and plan to train again often.",
        "days",
    ),
    "overfit_or_shift": (
        "baseline",
        f"{FLEXIBLE} or get more rows; where rows belong together, split by time or group first.",
        "hours",
    ),
    "overfit_to_validation": ("split", "Fix the choices, then take new validation rows.", "days"),
}


def ranked(
    project: Project,
    metric: Metric,
    evaluated: dict[str, Any],
    interpreted: dict[str, Any],
    slope: dict[str, Any],
    causes: dict[str, int],
) -> list[dict[str, Any]]:
    """At most six: wrong labels, bottleneck, counted causes, more data, weak slices, idle features."""
    every = (
        labels(interpreted),
        bottleneck(project.param("problem.latency_ms", None), evaluated),
        counted(causes),
        more_data(slope),
        slices(metric.name, interpreted),
        unused(interpreted),
    )
    steps = [step for step in every if step][:MOST]
    return [{"rank": rank, **step} for rank, step in enumerate(steps, 1)]


def _step(step: str, action: str, evidence: str, cost: str, constraint: str) -> dict[str, Any]:
    names = {"step": step, "action": action, "evidence": evidence, "cost": cost, "constraint": constraint}
    return {"text": f"{action} Go back to `{step}`: {evidence}", **names}


def labels(interpreted: dict[str, Any]) -> dict[str, Any] | None:
    """Labels that look flipped."""
    doubt = interpreted["suspects"]
    if not doubt.get("alarm"):
        return None
    action = "Check the suspect labels by hand, worst first, and correct them at the source."
    evidence = (
        f"{doubt['beyond_belief']} of {doubt['rows_judged']} training labels "
        f"are beyond what the model expects (expected {doubt['expected']:.2g})."
    )
    return _step("data", action, evidence, "hours", PRIVACY)


def bottleneck(budget: float | None, evaluated: dict[str, Any]) -> dict[str, Any] | None:
    """The largest gap of evaluate."""
    cause = evaluated["bottleneck"]["cause"]
    if cause not in ABOUT_GAP:
        return None
    step, action, cost = ABOUT_GAP[cause]
    gap = evaluated["gaps"][cause]
    interval = f"{gap['value']:.3g} ({gap['low']:.3g} to {gap['high']:.3g})"
    evidence = f"{gap['gap']}: {evaluated['metric']} worse by {interval}."
    if cause == "shift" and evaluated["shift"]["columns"]:
        columns = ", ".join(item["feature"] for item in evaluated["shift"]["columns"][:3])
        evidence += f" Training and validation rows are told apart by {columns}."
    latency = (
        f"the latency budget of {budget:g} ms"
        if budget is not None
        else "a latency budget, which [problem] does not set yet"
    )
    # Holding a model back adds no feature, so ethics has nothing to say of it.
    return _step(step, action, evidence, cost, latency if cause == "overfit" else f"{latency}; {ETHICS}")


def counted(causes: dict[str, int]) -> dict[str, Any] | None:
    """The cause that people gave most often in docs/errors.csv, of those that something can be done about."""
    cause = next((name for name in causes if is_lead(name)), "")
    if not cause:
        return None
    count = causes[cause]
    step = "data" if "label" in cause else "features"
    evidence = (
        f"{count} of the {sum(causes.values())} wrong cases with a cause in docs/errors.csv: {cause!r}."
    )
    return _step(step, f"Work on the commonest cause: {cause}.", evidence, "days", ETHICS)


def is_lead(cause: str) -> bool:
    """Whether a cause says more than that it was chance, or that nobody knows."""
    return not NO_LEAD.issuperset(re.findall(r"[^\W_]+", cause.casefold()))


def more_data(slope: dict[str, Any]) -> dict[str, Any] | None:
    """A learning curve that still rises."""
    if slope["verdict"] != "more data helps":
        return None
    return _step("data", "Get more rows of the same kind.", slope["text"], "weeks", PRIVACY)


def slices(metric: str, interpreted: dict[str, Any]) -> dict[str, Any] | None:
    """The weak slice that weighs most: rows times difference."""
    weak = [item for item in interpreted["slices"]["rows"] if item["verdict"] == "worse"]
    if not weak:
        return None
    worst = max(weak, key=lambda item: item["n"] * abs(item["difference"]["value"]))
    gap = worst["difference"]
    evidence = (
        f"{worst['column']} = {worst['value']} ({worst['n']} rows): "
        f"{metric} {worst['score']['value']:.3g}, "
        f"{gap['value']:+.3g} against the rest ({gap['low']:.3g} to {gap['high']:.3g}); "
        f"{len(weak)} weak of {interpreted['slices']['judged']} slices judged."
    )
    action = "Look at this slice's errors: more rows of it, or features that matter there."
    return _step("features", action, evidence, "days", ETHICS)


def unused(interpreted: dict[str, Any]) -> dict[str, Any] | None:
    """Features the model does without: the interval of their importance holds 0 or lies below; never all."""
    count = interpreted["importance"]["count"]
    alike = {name for group in interpreted["importance"]["alike"] for name in group["features"]}
    idle = [
        item["feature"]
        for item in interpreted["importance"]["features"]
        # Features that stand for one another each look idle, as the other one is still there.
        if item["feature"] not in alike
        and (item["value"] == 0 or (item["low"] is not None and item["low"] <= 0))
    ]
    if not idle or len(idle) == count:
        return None
    action = "Try without the features that seem unused: less to collect, check and serve."
    evidence = (
        f"{len(idle)} of {count} features make no difference beyond noise when shuffled: "
        f"{', '.join(idle[:5])}."
    )
    return _step("features", action, evidence, "hours", "metrics must stay within their intervals")
