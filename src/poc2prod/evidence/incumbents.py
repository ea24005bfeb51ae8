"""The incumbent (what is in use today), compared with the selected model row by row."""

from itertools import chain
from typing import Any

from ..project import Facts
from ..recount import raw, scores
from ..recount.intervals import Estimate
from ..recount.metrics import Predicted
from . import predictions
from .finding import Unproven
from .interpret import selected_predictions


def compared(facts: Facts, name: str, metric_: str) -> tuple[Estimate, Estimate, int]:
    """The incumbent's score, the paired difference to the selected model, and the common rows. Absent;
    Unproven.
    """
    try:
        lines = list(chain.from_iterable(raw.records(name, facts.rows(name))))
    except (ValueError, OSError) as error:
        raise Unproven(f"{name} cannot be read: {error}", f"mend {name}") from error
    if not {"id", "prediction"} <= set(lines[0]):
        raise Unproven(f"{name} needs the columns id and prediction", f"mend {name}")
    key, value = lines[0].index("id"), lines[0].index("prediction")
    answers: dict[str, str] = {}
    for line in lines[1:]:
        answers.setdefault(line[key], line[value])
    predicted, ours = predictions.part(facts, "validation"), selected_predictions(facts)
    places = [place for place, row in enumerate(predicted.ids) if row in answers]
    y, answered = (
        [predicted.y[place] for place in places],
        [answers[predicted.ids[place]] for place in places],
    )
    true = None if ours.true is None else [ours.true[place] for place in places]
    kept_values: list[Any] = [ours.value[place] for place in places]
    kept_pred = Predicted(kept_values, true)
    other = (
        Predicted(answered, [float(answer == label) for answer, label in zip(answered, y, strict=True)])
        if true
        else None
    )
    incumbent_pred = other or Predicted([float(answer) for answer in answered])
    clusters = None if predicted.clusters is None else [predicted.clusters[place] for place in places]
    return (
        scores.score(metric_, y, incumbent_pred, clusters),
        scores.difference(metric_, y, kept_pred, incumbent_pred, clusters),
        len(places),
    )


def tested(facts: Facts, openings: dict[str, dict[str, Any]], report: dict[str, Any]) -> tuple[str, ...]:
    """(file, problem) of the first wrong difference between models on the test rows; else ().

    Older versions did not record these differences: a report needs them only if its first opening has them.
    """
    reported = {name: (item["results"].get("kept_minus"), item["metric"]) for name, item in openings.items()}
    required = next(iter(reported.values()))[0] is not None
    reported["reports/evaluate.json"] = report.get("kept_minus"), report.get("metric")
    for name, (pairs, metric_) in reported.items():
        if pairs is not None:
            why = _differ(facts, pairs, metric_)
        else:
            why = "kept_minus is missing" if required and name == "reports/evaluate.json" else ""
        if why:
            return name, why
    return ()


def _differ(facts: Facts, reported: Any, metric_: Any) -> str:
    others = set(predictions.part(facts, "test").by_model) - {"kept"}
    if not isinstance(reported, dict) or set(reported) != others:
        return f"kept_minus must have {', '.join(sorted(others))}"
    if metric_ not in scores.FITTING[predictions.outcome(facts)]:
        return f"kept_minus is in {str(metric_)[:40]!r}, which is not a metric here"
    for name in sorted(others):
        problem = scores.differs(reported[name], predictions.difference(facts, "test", "kept", name, metric_))
        if problem:
            return f"kept_minus {name}: {problem}"
    return ""


def metric(facts: Facts) -> str:
    """The metric of the comparison; labels without probabilities have no log loss."""
    name = predictions.metric(facts)
    return "accuracy" if predictions.outcome(facts) == "multiclass" and name == "log_loss" else name
