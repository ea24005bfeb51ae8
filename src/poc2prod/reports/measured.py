"""The scores in the project's reports: of the model, a dummy, the rules and a simple model.

The reports may be damaged: a value that is not what it should be is left out, never guessed.
"""

from math import floor, log10
from typing import Any, NamedTuple

from ..evidence.golden_predictions import threshold
from ..evidence.values import fields, items_at
from ..project import Facts

MEANINGS = {
    "roc_auc": "how often a random positive is ranked above a random negative; 0.5 is guessing, 1 is perfect",
    "average_precision": "how many of the top cases are positive; 1 is perfect",
    "log_loss": "how far the probabilities are from what happened; 0 is perfect",
    "brier": "the squared difference between probability and outcome; 0 is perfect",
    "accuracy": "the share of cases that are predicted correctly",
    "balanced_accuracy": "the share predicted correctly, with equal weight for each class",
    "f1": "how well positive cases are found without false alarms; 1 is perfect",
    "f1_macro": "how well each class is found without false alarms; 1 is perfect",
    "mae": "the mean size of an error, in the unit of the target; 0 is perfect",
    "rmse": "the typical size of an error, with more weight on large errors; 0 is perfect",
    "mape": "the mean size of an error as a share of the true value; 0 is perfect",
    "r2": "the share of the variation that is explained; 0 is none, 1 is all",
}
# The report may be of another version, so what it says of a metric is not asked.
LOWER_IS_BETTER = frozenset({"log_loss", "brier", "mae", "rmse", "mape"})
KEPT, SIMPLE, CANDIDATE, RULE, DUMMY = ORDER = ("kept", "simple", "candidate", "rule", "dummy")


class Estimate(NamedTuple):
    """A number with its 95 % interval; both ends are None where there is none."""

    value: float
    low: float | None
    high: float | None


class Score(NamedTuple):
    """One model's score. `role`: one of ORDER; of a rule, `name` says which."""

    role: str
    name: str
    score: Estimate


class Calibration(NamedTuple):
    """Miscalibrated probabilities on validation rows, in the bin that weighs most: the mean prediction
    (`promised`), the observed share (`came_true`), and the decision threshold by costs (None: no costs).
    """

    promised: float
    came_true: float
    threshold: float | None


class Measured(NamedTuple):
    """Scores in one metric on `rows` rows of a part, the kept model's leads, target and verdict.

    `leads` are of `leads_part`; `clusters`: how many groups or periods the rows count as (0: not said);
    `calibration`: None where probabilities mean what they say, or there are none.
    """

    metric: str
    meaning: str
    lower_is_better: bool
    part: str
    rows: int
    scores: tuple[Score, ...]
    leads: dict[str, Estimate]
    target: float | None
    target_verdict: str
    weak: tuple[str, ...]
    places: int
    leads_part: str = "validation"
    clusters: int = 0
    calibration: Calibration | None = None

    @property
    def kept(self) -> Score:
        """The kept model's score."""
        return next(item for item in self.scores if item.role == KEPT)


def measured(facts: Facts) -> Measured | None:
    """Scores on the test part where it was opened for this model, else on the validation part; or None."""
    evaluate, baseline = facts.results("evaluate"), facts.results("baseline")
    metric = evaluate.get("metric") if isinstance(evaluate.get("metric"), str) else ""
    parts = ((name, _scores(evaluate, name, metric)) for name in ("test", "validation"))
    part, scores = next((item for item in parts if KEPT in {score.role for score in item[1]}), ("", ()))
    if not metric or not part:
        return None
    target = fields(evaluate, "target").get("verdict")
    tested = fields(evaluate, "parts", "test") if part == "test" else {}
    test_leads = _pairs(fields(tested, "kept_minus"), metric) if tested.get("metric") == metric else {}
    return Measured(
        metric, MEANINGS.get(metric, ""), metric in LOWER_IS_BETTER, part,
        _whole(fields(evaluate, "parts", part).get("rows")), scores,
        test_leads or _leads(baseline, metric),
        number(facts.param("problem.target")), target if isinstance(target, str) else "unknown",
        _weak(facts.results("interpret")), places([item.score for item in scores]),
        leads_part="test" if test_leads else "validation",
        clusters=_whole(fields(evaluate, "parts", part, "scores", KEPT, metric).get("clusters")),
        calibration=_calibration(facts, fields(evaluate, "calibration")),
    )  # fmt: skip


def number(value: Any) -> float | None:
    """The value as a finite number, else None (also for NaN, of which no comparison is true)."""
    good = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300
    return float(value) if good else None


def shown(value: float | None, decimals: int) -> str:
    """A number with that many decimals."""
    return "?" if value is None else f"{round(value, decimals) + 0.0:,.{max(decimals, 0)}f}"


def places(estimates: list[Estimate]) -> int:
    """How many decimals to show: two digits of the narrowest interval's half width; 3 without intervals."""
    halves = [
        (e.high - e.low) / 2 for e in estimates if e.low is not None and e.high is not None and e.high > e.low
    ]
    return min(max(1 - floor(log10(min(halves))), 0), 6) if halves else 3


def _scores(evaluate: dict[str, Any], part: str, metric: Any) -> tuple[Score, ...]:
    scores = [
        Score(name if name in ORDER else RULE, str(name), estimate)
        for name, metrics in fields(evaluate, "parts", part, "scores").items()
        if (estimate := _estimate(fields(metrics, metric)))
    ]
    return tuple(sorted(scores, key=lambda item: ORDER.index(item.role)))


def _leads(baseline: dict[str, Any], metric: str) -> dict[str, Estimate]:
    """The kept model's paired difference to the dummy and the rules (positive: the kept model is better)."""
    pairs = {**fields(baseline, "kept_minus_rules")}
    if baseline.get("kept") == "candidate":
        pairs |= fields(baseline, "candidate_minus")
    if baseline.get("kept") == "simple":
        pairs[DUMMY] = baseline.get("simple_minus_dummy")
    return _pairs(pairs, metric)


def _pairs(pairs: dict[str, Any], metric: str) -> dict[str, Estimate]:
    """Differences as leads: positive where the kept model is better."""
    leads = {str(name): lead for name, value in pairs.items() if (lead := _estimate(value))}
    if metric not in LOWER_IS_BETTER:
        return leads
    return {
        name: Estimate(-value, None if high is None else -high, None if low is None else -low)
        for name, (value, low, high) in leads.items()
    }


def _calibration(facts: Facts, reported: dict[str, Any]) -> Calibration | None:
    """The bin that weighs most, if the probabilities are off by more than noise."""
    if reported.get("verdict") != "miscalibrated":
        return None
    weighed = []
    for item in map(fields, items_at(reported, "bins")):
        predicted, observed = number(item.get("predicted")), number(fields(item, "observed").get("value"))
        if predicted is not None and observed is not None:
            weighed.append((_whole(item.get("n")) * abs(predicted - observed), predicted, observed))
    if not weighed:
        return None
    _, predicted, observed = max(weighed)
    priced = number(facts.param("problem.cost_false_positive")) is not None
    costs = priced and facts.param("problem.outcome") == "binary"
    return Calibration(predicted, observed, threshold(facts) if costs else None)


def _weak(interpret: dict[str, Any]) -> tuple[str, ...]:
    """The groups for which the model is worse by more than chance, worst first."""
    groups = []
    for row in map(fields, items_at(fields(interpret, "slices"), "rows")):
        gap = _estimate(row.get("difference"))
        if gap and row.get("verdict") == "worse":
            groups.append((-abs(gap.value), f"{row.get('column')}: {row.get('value')}"))
    return tuple(name for _, name in sorted(groups))


def _estimate(reported: Any) -> Estimate | None:
    value, low, high = (number(fields(reported).get(key)) for key in ("value", "low", "high"))
    if value is None:
        return None
    return Estimate(value, low, high) if None not in (low, high) else Estimate(value, None, None)


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 60 else 0
