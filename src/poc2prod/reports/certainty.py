"""What was measured, and how sure one may be of it, in sentences for somebody who never trained a model."""

from ..evidence.finding import FAIL, PASS, STALE
from .dossier import Dossier
from .measured import CANDIDATE, DUMMY, KEPT, RULE, SIMPLE, Calibration, Estimate, Measured, Score, shown

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
    "cannot tell": "Whether the target is reached cannot be told: the range reaches to both sides of it",
}


def summary(found: Dossier) -> str:
    """The one sentence on the model."""
    seen = found.measured
    if seen is None or seen.kept is None:
        return "No model has been measured yet."
    others = [item for item in seen.scores if item.role in (DUMMY, RULE)]
    beaten = [_other(item) for item in others if _lead(seen, item)[0] == "better"]
    open_ = [_other(item) for item in others if _lead(seen, item)[0] != "better"]
    if not beaten:
        rivals = " and ".join(open_) or "anything it was compared with"
        return f"As far as can be told, {_where(seen)}the model is not better than {rivals}."
    but = f", but not clearly than {' and '.join(open_)}" if open_ else ""
    return _upper(f"{_where(seen)}the model is better than {' and '.join(beaten)}{but}.")


def certainty(found: Dossier) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...], tuple[str, ...]]:
    """What is said before the scores, the scores, and what is said after them."""
    seen = found.measured
    if seen is None or seen.kept is None:
        return ("Nothing has been measured yet.",), (), ()
    said = [_lead(seen, item)[1] for item in seen.scores if item.role in (DUMMY, RULE)]
    said += [_target(seen, seen.kept), *_weak(seen), _chances(seen.calibration), RANGE, _trust(found)]
    rows = tuple((line_name(item), _range(item.score, seen.places)) for item in seen.scores)
    return (_measure(seen), _cases(seen)), rows, tuple(filter(None, said))


def caution(found: Dossier) -> str:
    """Why the numbers must not be relied on now; empty where nothing speaks against them."""
    verdicts = _rests_on(found)
    if found.measured is None or not {FAIL, STALE} & set(verdicts):
        return ""
    if FAIL in verdicts:
        return "Caution: a check of what the numbers rest on does not hold. Do not decide by them yet."
    return "Caution: something that the numbers rest on has changed since they were made."


def _trust(found: Dossier) -> str:
    if all(verdict == PASS for verdict in _rests_on(found)):
        return "All that these numbers rest on has been checked again from the files."
    return "These numbers are the project's own: not all that they rest on has been confirmed yet."


def _rests_on(found: Dossier) -> list[str]:
    return [found.review(slug).verdict for slug in ("data", "split", "baseline", "evaluate")]


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
        KEPT: "The model", SIMPLE: "A simpler model", CANDIDATE: "A more complicated model",
        DUMMY: "Without a model (the same answer for everyone)",
        RULE: f"The rule of thumb “{_words(item.name)}”",
    }.get(item.role, item.name)  # fmt: skip


def _range(estimate: Estimate, places: int) -> str:
    middle, low, high = (shown(value, places) for value in estimate)
    return f"{middle}, and most likely between {low} and {high}" if estimate.low is not None else middle


def _other(item: Score) -> str:
    return "answering without a model" if item.role == DUMMY else f"the rule of thumb “{_words(item.name)}”"


def _where(seen: Measured) -> str:
    """Of which cases a comparison is, where it is of others than the scores."""
    other = seen.leads and seen.leads_part != seen.part
    return "on the cases by which it was chosen, " if other else ""


def _lead(seen: Measured, item: Score) -> tuple[str, str]:
    """`better`, `worse` or `unclear`, and a sentence: by the recorded difference, else by the two ranges."""
    other, lead = _other(item), seen.leads.get(item.name)
    if lead is None or lead.low is None or lead.high is None:
        said = _apart(seen, seen.kept.score if seen.kept else item.score, item.score)
        if said == "unclear":
            return said, f"Whether it is better than {other} cannot be told by their ranges, which overlap."
        return said, f"It is clearly {said} than {other}."
    size, low, high = (shown(value, seen.places) for value in lead)
    if lead.low > 0:
        told = f"it is better than {other} by {size} (range {low} to {high}): more than chance explains."
        return "better", _upper(f"{_where(seen)}{told}")
    if lead.high < 0:
        told = f"it is worse than {other} by {size[1:]}: more than chance explains."
        return "worse", _upper(f"{_where(seen)}{told}")
    told = f"whether it is better than {other} cannot be told: the difference of {size} may be chance."
    return "unclear", _upper(f"{_where(seen)}{told}")


def _apart(seen: Measured, kept: Estimate, other: Estimate) -> str:
    sign = -1 if seen.lower_is_better else 1
    ends = sorted(sign * end for end in (kept.low, kept.high) if end is not None) or [sign * kept.value]
    rest = sorted(sign * end for end in (other.low, other.high) if end is not None) or [sign * other.value]
    if ends[0] > rest[-1]:
        return "better"
    return "worse" if ends[-1] < rest[0] else "unclear"


def _target(seen: Measured, kept: Score) -> str:
    """Where the score lies beside the target; only the final exam decides."""
    if seen.target is None:
        return "There is no target to hold this against."
    if seen.part == "test":
        said = TARGETS.get(seen.target_verdict, "It has not been held against the target.")
        return said if said.endswith(".") else f"{said}{_few(seen)}."
    target = Estimate(seen.target, None, None)
    side = {
        "better": "is all better than",
        "worse": "is all worse than",
        "unclear": "reaches to both sides of",
    }
    where = side[_apart(seen, kept.score, target)]
    return f"On these cases its range {where} the target of {seen.target:g}; only the final exam decides."


def _few(seen: Measured) -> str:
    """Why a range over many cases is wide: most of them count as one."""
    if not 0 < 10 * seen.clusters <= seen.rows:
        return ""
    return (
        f", since cases of one group or time rise and fall together, and there are {seen.clusters:,} of those"
    )


def _chances(found: Calibration | None) -> str:
    """That stated chances do not mean what they say, and where that decides what errors cost."""
    if found is None:
        return ""
    told = (
        "The chances that it states cannot be taken at their word: of cases said to have"
        f" {found.promised:.0%}, {found.came_true:.0%} came true."
    )
    if found.threshold is None:
        return told
    return f"{told} A yes is given from {found.threshold:.3g} on, by what errors cost, so this has a price."


def _cases(seen: Measured) -> str:
    if seen.part == "test":
        return f"Measured on {seen.rows:,} cases set aside for a final exam, which the model had never seen."
    return (
        f"Measured on {seen.rows:,} cases that the model did not learn from, but by which it was chosen. "
        "The final exam, on cases set aside, has not been held yet."
    )


RANGE = (
    "“Most likely” means: of twenty such ranges, about nineteen hold the true value, as long as new cases "
    "are like these."
)


def _weak(seen: Measured) -> list[str]:
    if not seen.weak:
        return []
    more = f" and {len(seen.weak) - 3} more" if len(seen.weak) > 3 else ""
    groups = "; ".join(map(_words, seen.weak[:3]))
    return [f"It is worse, beyond chance, for some groups: {groups}{more}."]


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _words(name: str) -> str:
    return name.replace("_", " ")
