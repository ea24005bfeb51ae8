"""What was measured, and how sure one may be of it, in sentences for somebody who never trained a model."""

from ..evidence.finding import PASS
from .dossier import Dossier
from .measured import DUMMY, KEPT, RULE, SIMPLE, Estimate, Measured, Score, shown

TITLE = "What was measured, and how sure that is"
NAMES = {
    "roc_auc": "ranking quality",
    "average_precision": "purity of the top of the ranking",
    "log_loss": "surprise",
    "brier": "error of the stated chances",
    "accuracy": "share called right",
    "balanced_accuracy": "share called right, kinds weighed alike",
    "f1": "balance of hits and false alarms",
    "f1_macro": "balance of hits and false alarms, kinds weighed alike",
    "mae": "typical error",
    "rmse": "typical error, large ones weighing more",
    "mape": "typical error as a share",
    "r2": "share explained",
}
TARGETS = {
    "reached": "The target is reached, beyond what chance explains.",
    "missed": "The target is missed, by more than chance explains.",
    "cannot tell": "Whether the target is reached cannot be told from so few cases: it lies inside the range.",
}


def certainty(found: Dossier) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """What is said before the list of scores, the list, and what is said after it."""
    seen = found.measured
    if seen is None or seen.kept is None:
        return ("Nothing has been measured yet.",), (), ()
    said = [*_compared(seen), _target(seen), *_weak(seen), RANGE]
    unproven = [slug for slug in ("split", "baseline", "evaluate") if found.review(slug).verdict != PASS]
    if unproven:
        said.append("These numbers are the project's own; not everything they rest on has been confirmed independently yet.")
    return (_measure(seen), _cases(seen)), tuple(_line(seen, item) for item in seen.scores), tuple(said)


def name(metric: str) -> str:
    """The metric in words."""
    return NAMES.get(metric, metric.replace("_", " "))


def _measure(seen: Measured) -> str:
    meaning = f": {seen.meaning}" if seen.meaning else ""
    better = "lower" if seen.lower_is_better else "higher"
    return f"The measure is {name(seen.metric)}{meaning}; {better} is better."


def line_name(item: Score) -> str:
    """Who reached a score, in words."""
    return {
        KEPT: "The model", SIMPLE: "A simple model", DUMMY: "Without a model (the same answer for everyone)",
        RULE: f"The rule of thumb “{item.name.replace('_', ' ')}”",
    }.get(item.role, item.name)  # fmt: skip


def _line(seen: Measured, item: Score) -> str:
    return f"{line_name(item)}: {shown(item.score.value, seen.places)}{_range(item.score, seen.places)}"


def _range(estimate: Estimate, places: int) -> str:
    if estimate.low is None or estimate.high is None:
        return ""
    return f", and most likely between {shown(estimate.low, places)} and {shown(estimate.high, places)}"


def _compared(seen: Measured) -> list[str]:
    """What the kept model is better than, by its recorded lead or else by ranges that do not touch."""
    said = []
    for item in seen.scores:
        if item.role in (DUMMY, RULE):
            other = "answering without a model" if item.role == DUMMY else f"the rule of thumb “{item.name.replace('_', ' ')}”"
            said.append(_lead(seen, other, item))
    return said


def _lead(seen: Measured, other: str, item: Score) -> str:
    lead = seen.leads.get(item.name)
    if lead is None or lead.low is None or lead.high is None:
        assert seen.kept
        apart = _apart(seen, seen.kept.score, item.score)
        return f"The model is {apart} {other}."
    size = f"{shown(abs(lead.value), seen.places)} (range {shown(lead.low, seen.places)} to {shown(lead.high, seen.places)})"
    if lead.low > 0:
        return f"It is better than {other} by {size}: more than chance explains."
    if lead.high < 0:
        return f"It is worse than {other} by {size}: more than chance explains."
    return f"Whether it is better than {other} cannot be told: the difference of {size} may be chance."


def _apart(seen: Measured, kept: Estimate, other: Estimate) -> str:
    sign = -1 if seen.lower_is_better else 1
    ends = sorted(sign * end for end in (kept.low, kept.high) if end is not None) or [sign * kept.value]
    rest = sorted(sign * end for end in (other.low, other.high) if end is not None) or [sign * other.value]
    if ends[0] > rest[-1]:
        return "clearly better than"
    return "clearly worse than" if ends[-1] < rest[0] else "not clearly better than"


def _target(seen: Measured) -> str:
    if seen.target is None:
        return "There is no target to hold this against."
    return TARGETS.get(seen.target_verdict, "It has not been held against the target yet.")


def _cases(seen: Measured) -> str:
    if seen.part == "test":
        return f"Measured on {seen.rows:,} cases set aside for a final exam, which the model had never seen."
    return (
        f"Measured on {seen.rows:,} cases that the model did not learn from, but by which it was chosen. The final exam, "
        "on cases set aside, has not been held yet."
    )


RANGE = "“Most likely” means: of twenty such ranges, about nineteen hold the true value, as long as new cases are like these."


def _weak(seen: Measured) -> list[str]:
    if not seen.weak:
        return []
    more = f" and {len(seen.weak) - 3} more" if len(seen.weak) > 3 else ""
    groups = "; ".join(group.replace("_", " ") for group in seen.weak[:3])
    return [f"It is worse, beyond chance, for some groups: {groups}{more}."]
