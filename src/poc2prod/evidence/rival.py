"""What is in use today, compared with the kept model row by row."""

from itertools import chain
from typing import Any

from ..project import Facts
from ..recount import raw, scores
from ..recount.intervals import Estimate
from ..recount.metrics import Said
from . import seen
from .finding import Unproven
from .interpret import kept_said


def compared(facts: Facts, name: str, metric_: str) -> tuple[Estimate, Estimate, int]:
    """Its score, the kept model's less its own, and how many rows its file names. Absent; Unproven."""
    try:
        lines = list(chain.from_iterable(raw.records(name, facts.rows(name), raw.Dialect())))
    except (ValueError, OSError) as error:
        raise Unproven(f"{name} cannot be read: {error}", f"mend {name}") from error
    if not {"id", "prediction"} <= set(lines[0]):
        raise Unproven(f"{name} needs the columns id and prediction", f"mend {name}")
    key, value = lines[0].index("id"), lines[0].index("prediction")
    theirs: dict[str, str] = {}
    for line in lines[1:]:
        theirs.setdefault(line[key], line[value])
    found, ours = seen.part(facts, "validation"), kept_said(facts)
    here = [place for place, row in enumerate(found.ids) if row in theirs]
    y, words = [found.y[place] for place in here], [theirs[found.ids[place]] for place in here]
    true = None if ours.true is None else [ours.true[place] for place in here]
    own: list[Any] = [ours.value[place] for place in here]
    mine = Said(own, true)
    other = (
        Said(words, [float(word == truth) for word, truth in zip(words, y, strict=True)]) if true else None
    )
    said = other or Said([float(word) for word in words])
    clusters = None if found.clusters is None else [found.clusters[place] for place in here]
    return (
        scores.score(metric_, y, said, clusters),
        scores.difference(metric_, y, mine, said, clusters),
        len(here),
    )


def tested(facts: Facts, openings: dict[str, dict[str, Any]], report: dict[str, Any]) -> tuple[str, ...]:
    """(file, why) of the first differences to other models on the test rows that these do not give; else ().

    They are recorded since some version: a report has them where the first of its `openings` does.
    """
    told = {name: (item["results"].get("kept_minus"), item["metric"]) for name, item in openings.items()}
    due = next(iter(told.values()))[0] is not None
    told["reports/evaluate.json"] = report.get("kept_minus"), report.get("metric")
    for name, (pairs, metric_) in told.items():
        if pairs is not None:
            why = _differ(facts, pairs, metric_)
        else:
            why = "kept_minus is left out" if due and name == "reports/evaluate.json" else ""
        if why:
            return name, why
    return ()


def _differ(facts: Facts, told: Any, metric_: Any) -> str:
    others = set(seen.part(facts, "test").said) - {"kept"}
    if not isinstance(told, dict) or set(told) != others:
        return f"kept_minus is not of {', '.join(sorted(others))}"
    if metric_ not in scores.FITTING[seen.outcome(facts)]:
        return f"kept_minus is in {str(metric_)[:40]!r}, which is no metric here"
    for name in sorted(others):
        wrong = scores.differs(told[name], seen.difference(facts, "test", "kept", name, metric_))
        if wrong:
            return f"kept_minus {name}: {wrong}"
    return ""


def metric(facts: Facts) -> str:
    """The metric of the comparison: labels alone have no log loss."""
    found = seen.metric(facts)
    return "accuracy" if seen.outcome(facts) == "multiclass" and found == "log_loss" else found
