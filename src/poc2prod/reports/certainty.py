"""What was measured, and how certain it is, in sentences for a reader who has never trained a model."""

from ..evidence.finding import FAIL, PASS, STALE
from .measured import CANDIDATE, DUMMY, KEPT, RULE, SIMPLE, Calibration, Estimate, Measured, Score, shown
from .report_data import ReportData

TITLE = "What was measured, and how certain it is"
NAMES = {
    "roc_auc": "ranking quality",
    "average_precision": "precision at the top of the ranking",
    "log_loss": "log loss",
    "brier": "error of the probabilities",
    "accuracy": "share of correct predictions",
    "balanced_accuracy": "share of correct predictions, averaged over the classes",
    "f1": "balance of hits and false alarms",
    "f1_macro": "balance of hits and false alarms, averaged over the classes",
    "mae": "typical error",
    "rmse": "typical error, with more weight on large errors",
    "mape": "typical error in percent",
    "r2": "share of the variation that is explained",
}
TARGETS = {
    "reached": "The target is reached, by more than chance explains",
    "missed": "The target is missed, by more than chance explains",
    "cannot tell": "It is not clear whether the target is reached: the range includes it",
}
VERIFIED = "Everything behind these numbers was checked again from the files."
NOT_VERIFIED = "Not everything behind these numbers has been verified yet."
RANGE = "About 19 of 20 such ranges contain the true value, as long as new cases are like these."


def summary(report: ReportData) -> str:
    """The one sentence on the model."""
    measured = report.measured
    if measured is None:
        return "No model has been measured yet."
    others = [item for item in measured.scores if item.role in (DUMMY, RULE)]
    beaten = [_other(item) for item in others if _compared(measured, item)[0] == "better"]
    unclear = [_other(item) for item in others if _compared(measured, item)[0] != "better"]
    if not beaten:
        comparisons = " or than ".join(unclear) or "anything it was compared with"
        return _on(measured, f"It is not shown that the model is better than {comparisons}.")
    but = f", but not clearly better than {' or than '.join(unclear)}" if unclear else ""
    return _on(measured, f"The model is better than {' and than '.join(beaten)}{but}.")


def certainty(report: ReportData) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...], tuple[str, ...]]:
    """Sentences before the scores, (model, score) pairs, sentences after them."""
    measured = report.measured
    if measured is None:
        return ("Nothing has been measured yet.",), (), ()
    comparisons = [_compared(measured, item)[1] for item in measured.scores if item.role in (DUMMY, RULE)]
    verified = all(verdict == PASS for verdict in _inputs(report))
    after = (*comparisons, _target(measured), _weak(measured))
    after += (_calibration(measured.calibration), RANGE, VERIFIED if verified else NOT_VERIFIED)
    rows = tuple((line_name(item), _range(item.score, measured.places)) for item in measured.scores)
    return (_metric(measured), _cases(measured)), rows, tuple(filter(None, after))


def caution(report: ReportData) -> str:
    """Why nobody should rely on the numbers now; empty if nothing speaks against them."""
    verdicts = _inputs(report)
    if report.measured is None or not {FAIL, STALE} & set(verdicts):
        return ""
    if FAIL in verdicts:
        return "Caution: a check of the data behind these numbers failed. Do not base a decision on them yet."
    return "Caution: something behind these numbers has changed since they were computed."


def name(metric: str) -> str:
    """The metric in words."""
    return NAMES.get(metric, metric.replace("_", " "))


def line_name(item: Score) -> str:
    """Whose score it is, in words."""
    return {
        KEPT: "The model", SIMPLE: "A simpler model", CANDIDATE: "A more complex model",
        DUMMY: "No model (the same answer for every case)",
        RULE: f"The rule “{_words(item.name)}”",
    }.get(item.role, item.name)  # fmt: skip


def _inputs(report: ReportData) -> list[str]:
    return [report.review(slug).verdict for slug in ("data", "split", "baseline", "evaluate")]


def _metric(measured: Measured) -> str:
    meaning = f": {measured.meaning}" if measured.meaning else ""
    better = "Lower" if measured.lower_is_better else "Higher"
    return f"The metric is {name(measured.metric)}{meaning}. {better} is better."


def _range(estimate: Estimate, places: int) -> str:
    middle, low, high = (shown(value, places) for value in estimate)
    return f"{middle} (range {low} to {high})" if estimate.low is not None else middle


def _other(item: Score) -> str:
    return "no model" if item.role == DUMMY else f"the rule “{_words(item.name)}”"


def _on(measured: Measured, sentence: str) -> str:
    """The sentence, with the cases that a comparison uses, if they are not those of the scores."""
    if not measured.leads or measured.leads_part == measured.part:
        return sentence
    return f"On the cases used to choose the model, {sentence[0].lower()}{sentence[1:]}"


def _compared(measured: Measured, item: Score) -> tuple[str, str]:
    """`better`, `worse` or `unclear`, and a sentence: by the paired difference, else by the two ranges."""
    other, lead = _other(item), measured.leads.get(item.name)
    if lead is None or lead.low is None or lead.high is None:
        verdict = _apart(measured, measured.kept.score, item.score)
        if verdict == "unclear":
            return verdict, f"It is not clear whether the model is better than {other}: the ranges overlap."
        return verdict, f"The model is clearly {verdict} than {other}."
    size, low, high = (shown(value, measured.places) for value in lead)
    if lead.low > 0:
        interval = f"(range {low} to {high}), more than chance explains."
        return "better", _on(measured, f"The model is better than {other} by {size} {interval}")
    if lead.high < 0:
        worse = f"The model is worse than {other} by {size[1:]}, more than chance explains."
        return "worse", _on(measured, worse)
    unclear = f"It is not clear whether the model is better than {other}"
    return "unclear", _on(measured, f"{unclear}: the difference of {size} may be chance.")


def _apart(measured: Measured, one: Estimate, other: Estimate) -> str:
    """Whether two ranges do not overlap, and which one is better."""
    sign = -1 if measured.lower_is_better else 1
    ends, rest = (
        sorted(sign * end for end in (e.low, e.high) if end is not None) or [sign * e.value]
        for e in (one, other)
    )
    if ends[0] > rest[-1]:
        return "better"
    return "worse" if ends[-1] < rest[0] else "unclear"


def _target(measured: Measured) -> str:
    """The score compared with the target; only the final test decides."""
    if measured.target is None:
        return "There is no target to compare this with."
    if measured.part == "test":
        text = TARGETS.get(measured.target_verdict, "It has not been compared with the target")
        # Most cases are not independent: then a range over many of them is wide all the same.
        if measured.target_verdict == "cannot tell" and 0 < 10 * measured.clusters <= measured.rows:
            text += f". Cases of one group or period are alike, so these count as only {measured.clusters:,}"
        return f"{text}."
    side = {"better": "is better than", "worse": "is worse than", "unclear": "includes"}
    where = side[_apart(measured, measured.kept.score, Estimate(measured.target, None, None))]
    return f"On these cases the range {where} the target of {measured.target:g}. Only the final test decides."


def _calibration(calibration: Calibration | None) -> str:
    """That the probabilities are off, and whether that costs anything."""
    if calibration is None:
        return ""
    text = (
        f"The probabilities are not reliable: of the cases with a predicted {calibration.promised:.0%},"
        f" {calibration.came_true:.0%} came true."
    )
    if calibration.threshold is None:
        return text
    return f"{text} This affects decisions: error costs set the threshold at {calibration.threshold:.3g}."


def _cases(measured: Measured) -> str:
    if measured.part == "test":
        return f"Measured in the final test: {measured.rows:,} cases that the model had never seen."
    return (
        f"Measured on {measured.rows:,} cases that the model did not learn from, but that were used to "
        "choose it. The final test, on cases set aside, is still to come."
    )


def _weak(measured: Measured) -> str:
    if not measured.weak:
        return ""
    more = f" and {len(measured.weak) - 3} more" if len(measured.weak) > 3 else ""
    groups = "; ".join(map(_words, measured.weak[:3]))
    return f"For some groups the model is worse, by more than chance explains: {groups}{more}."


def _words(name: str) -> str:
    return name.replace("_", " ")
