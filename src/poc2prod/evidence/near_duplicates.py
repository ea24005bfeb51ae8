"""Near-duplicates of validation rows in training, for the baseline's check."""

from typing import Any

from poc2prod_kit.screening import near_duplicates

from ..project import Facts
from . import predictions, rows, step_reports
from .finding import Unproven

ROLES = ("target", "id", "time", "group")


def twins(facts: Facts, table: rows.Rows, role: str) -> near_duplicates.Agreement | None:
    """How often near-duplicates have the same label; None for fewer than 5 validation rows. Absent;
    Unproven.
    """
    predicted, parts = predictions.part(facts, "validation"), predictions.split(facts)
    if role not in predicted.by_model:
        raise Unproven(f"the predictions have no column {role}", step_reports.again(facts, "baseline"))
    ids, labels = table.table.ids, rows.target(facts, table)
    places = [at for at, row in enumerate(ids) if parts.get(row) in ("train", "validation")]
    out = {*(table.role(name) for name in ROLES), *table.several("exclude")}
    names = [name for name in table.table.names if name not in out]
    if not names:
        return None
    columns = []
    for name in names:
        values = table.values(name)
        columns.append(near_duplicates.near_codes(name, [values[at] for at in places]))
    late = [parts[ids[at]] == "validation" for at in places]
    where = {row: at for at, row in enumerate(predicted.ids)}
    order = [where[ids[at]] for at, side in zip(places, late, strict=True) if side]
    given = _given(predictions.outcome(facts), predicted, role)
    clusters = None if predicted.clusters is None else [predicted.clusters[at] for at in order]
    return near_duplicates.agreement(
        columns, [labels[at] for at in places], late, [given[at] for at in order], clusters
    )[0]


def _given(kind: str, predicted: predictions.Predictions, role: str) -> list[float]:
    """The predicted probability of each row's own label."""
    y_pred: Any = predicted.by_model[role]
    if kind == "regression":
        return near_duplicates.same_nearby(y_pred.value, predicted.y)
    if y_pred.true is not None:
        return list(y_pred.true)
    return [
        chance if label == 1 else 1 - chance for chance, label in zip(y_pred.value, predicted.y, strict=True)
    ]
