"""The gaps between training, validation and test, and which is the bottleneck, as far as intervals tell."""

from __future__ import annotations

from typing import Any

import numpy as np

from poc2prod_kit.scoring import intervals
from poc2prod_kit.scoring.metrics import Metric
from poc2prod_kit.summary import wording

MEANING = {
    "underfit": (
        "The model misses the level even on rows it was fitted on: "
        "better features, a stronger model, or wrong labels."
    ),
    "overfit": (
        "It does worse on rows it has not seen than on those it was fitted on, though drawn from the same "
        "time and groups. Some of that is usual for a flexible model; "
        "the rest is overfitting or too little data."
    ),
    "shift": (
        "It does worse on later or other rows than on a random draw: "
        "the data shifts, and a random split would not show it."
    ),
    "overfit_or_shift": (
        "It does worse on validation rows than on those it was fitted on. "
        "Some of that is usual for a flexible model; "
        "the rest is overfitting, too little data, or shifted data."
    ),
    "overfit_to_validation": (
        "It does worse on the test part than on validation: choices were fitted to the validation rows."
    ),
}
UNKNOWN = "Whether it underfits is open until [problem] target or [evaluate] human is set."


def between(metric: Metric, name: str, better: dict[str, Any], worse: dict[str, Any]) -> dict[str, Any]:
    """How much worse the second is than the first, positive for worse; on different rows, so errors add."""
    value = metric.sign * (_number(better["value"]) - _number(worse["value"]))
    error = float(np.hypot(_number(better["standard_error"]), _number(worse["standard_error"])))
    half = intervals.quantile(min(better["clusters"], worse["clusters"]) - 1) * error
    low, high = value - half, value + half
    return {"gap": name, "value": value, "low": low, "high": high, "verdict": judge(low, high)}


def to_level(metric: Metric, name: str, level: float, reached: dict[str, Any]) -> dict[str, Any]:
    """How much worse than a level (human, target) that is taken as exact, positive for worse."""
    value = metric.sign * (level - _number(reached["value"]))
    low, high = sorted(metric.sign * (level - _number(reached[end])) for end in ("low", "high"))
    return {"gap": name, "value": value, "low": low, "high": high, "verdict": judge(low, high)}


def _number(value: float | None) -> float:
    """Null, as a file holds what is not defined, is NaN."""
    return float("nan") if value is None else float(value)


def judge(low: float, high: float) -> str:
    """Worse, not worse, or cannot tell, by the interval of a gap."""
    return "worse" if low > 0 else "not worse" if high <= 0 else "cannot tell"


def bottleneck(gaps: dict[str, dict[str, Any]]) -> dict[str, str]:
    """The largest gap whose interval lies wholly above 0. `gaps`: cause (a key of MEANING) → gap."""
    worse = {cause: gap for cause, gap in gaps.items() if gap["verdict"] == "worse"}
    if worse:
        cause = max(worse, key=lambda name: worse[name]["value"])
        return {"cause": cause, "text": f"{MEANING[cause]} Largest gap: {shown(worse[cause])}."}
    unknown = "" if "underfit" in gaps else f" {UNKNOWN}"
    if gaps and all(gap["verdict"] == "not worse" for gap in gaps.values()):
        return {"cause": "none", "text": f"No gap is left between the levels that are known.{unknown}"}
    open_gaps = "; ".join(shown(gap) for gap in gaps.values() if gap["verdict"] == "cannot tell")
    listed = f": {open_gaps}" if open_gaps else ""
    return {"cause": "cannot_tell", "text": f"Cannot tell: each gap may be chance{listed}.{unknown}"}


def of_parts(
    metric: Metric,
    scores: dict[str, dict[str, Any]],
    level: tuple[str, float] | None,
    at_random: dict[str, Any] | None,
    honest: dict[str, Any] | None,
) -> dict[str, dict[str, Any]]:
    """Each gap by the cause that it speaks for.

    scores: by part (training, validation, test). level: name and value of what should be reached. at_random,
    honest: the scores of a random draw and of the honest split, which tell overfitting from shift.
    """
    training, validation = scores["training"], scores["validation"]
    made: dict[str, dict[str, Any]] = {}
    if level is not None:
        made["underfit"] = to_level(metric, f"{level[0]} to training", level[1], training)
    if at_random is not None and honest is not None:
        unseen = "training to a random draw of rows not seen"
        made["overfit"] = between(metric, unseen, training, at_random)
        made["shift"] = between(metric, "random draw to validation", at_random, honest)
    else:
        made["overfit_or_shift"] = between(metric, "training to validation", training, validation)
    if "test" in scores:
        made["overfit_to_validation"] = between(metric, "validation to test", validation, scores["test"])
    return made


def reached(score: dict[str, Any]) -> str:
    """A score with its interval in words."""
    if not wording.has_interval(score):
        return f"{_number(score['value']):.4g} (no interval)"
    return f"{score['value']:.4g} ({score['low']:.4g} to {score['high']:.4g})"


def shown(gap: dict[str, Any]) -> str:
    """A gap with its interval in words; positive: worse."""
    if not wording.has_interval(gap):
        return f"{gap['gap']} (no interval)"
    decimals = wording.places([gap])
    return (
        f"{gap['gap']}, a gap of {wording.number(gap['value'], decimals)} ({wording.interval(gap, decimals)})"
    )
