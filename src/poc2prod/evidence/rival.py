"""What is in use today, compared with the kept model row by row."""

from itertools import chain
from typing import Any

from ..project import Facts
from ..recompute import raw, scores
from ..recompute.intervals import Estimate
from ..recompute.metrics import Said
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


def metric(facts: Facts) -> str:
    """The metric of the comparison: labels alone have no log loss."""
    found = seen.metric(facts)
    return "accuracy" if seen.outcome(facts) == "multiclass" and found == "log_loss" else found
