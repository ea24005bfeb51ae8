"""The selected model beside others, row by row: the incumbent (what is in use today), and those of the test part."""

from typing import Any

from ..project import Facts
from ..recount import clusters, scores
from ..recount.intervals import Estimate
from ..recount.metrics import Predicted
from . import predictions
from .finding import Unproven
from .rows import difference


def compared(facts: Facts, file: str, metric_: str) -> tuple[Estimate, Estimate]:
    """The incumbent's score and the selected model's less it, on the rows that both have. Absent; Unproven."""
    names, *lines = predictions.read(facts, file, f"mend {file}")
    if not {"id", "prediction"} <= set(names):
        raise Unproven(f"{file} needs the columns id and prediction", f"mend {file}")
    key, value = names.index("id"), names.index("prediction")
    # reversed, so that of a repeated id the first row counts
    answers = {line[key]: line[value] for line in reversed(lines)}
    predicted = predictions.part(facts, "validation")
    places = [place for place, row in enumerate(predicted.ids) if row in answers]
    y, y_pred = [predicted.y[at] for at in places], predictions.selected(facts).at(places)
    answered = [answers[predicted.ids[at]] for at in places]
    if y_pred.true is None:
        other = Predicted([float(answer) for answer in answered])
    else:
        other = Predicted(
            answered, [float(answer == label) for answer, label in zip(answered, y, strict=True)]
        )
    of_rows = clusters.at(predicted.clusters, places)
    return scores.score(metric_, y, other, of_rows), scores.difference(metric_, y, y_pred, other, of_rows)


def test_difference(facts: Facts, results: dict[str, Any], metric_: Any) -> str:
    """What is wrong with the differences between the selected model and others on the test rows; else empty."""
    reported = results.get("kept_minus")
    others = sorted(set(predictions.part(facts, "test").by_model) - {"kept"})
    if reported is None:
        return "kept_minus is missing"
    if not isinstance(reported, dict) or sorted(reported) != others:
        return f"kept_minus must have {', '.join(others)}"
    if metric_ not in scores.FITTING[predictions.outcome(facts)]:
        return f"kept_minus is in {str(metric_)[:40]!r}, which is not a metric here"
    recomputed = {name: predictions.difference(facts, "test", "kept", name, metric_) for name in others}
    return difference(reported, recomputed, "kept_minus")


def metric(facts: Facts) -> str:
    """The metric of the comparison; labels without probabilities have no log loss."""
    name = predictions.metric(facts)
    return "accuracy" if predictions.outcome(facts) == "multiclass" and name == "log_loss" else name
