"""Whether validation rows are copies of training rows, with a model's predictions."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt
import pandas as pd

from poc2prod_kit.run.project import Project
from poc2prod_kit.run.report import Finding
from poc2prod_kit.scoring.metrics import Predicted
from poc2prod_kit.screening import near_duplicates
from poc2prod_kit.screening.finding import SHOWN
from poc2prod_kit.splitting import clusters
from poc2prod_kit.splitting.strategies import PARTS
from poc2prod_kit.tables import roles, targets
from poc2prod_kit.tables.cells import values


def check(
    project: Project, table: pd.DataFrame, part: pd.Series, predicted: Predicted, y: npt.NDArray[Any]
) -> tuple[dict[str, Any], list[Finding]]:
    """Whether validation rows agree with their near duplicates in training more often than the model expects.

    `predicted` and `y` are of the validation rows in the table's order.
    """
    names = roles.compared(project, table)
    used = part[part.isin(PARTS[:2])].reindex(table.index).dropna()
    if not names or not len(y):
        return {"rows": 0, "z": None}, []
    rows, side = table.loc[used.index], (used == "validation")
    labels = values(targets.target(project, rows))
    codes = [near_duplicates.near_codes(name, values(rows[name])) for name in names]
    validation = rows[side.to_numpy()]
    cluster = clusters.of(project, validation)
    given = _given(project, predicted, y)
    result, places = near_duplicates.agreement(
        codes, labels, side.tolist(), given, None if cluster is None else cluster.tolist()
    )
    if result is None:
        return {"rows": len(places), "z": None}, []
    results = {**result._asdict(), "of": len(y), "threshold": near_duplicates.UNUSUAL}
    if not result.copied:
        return results, []
    text = (
        f"{result.rows} of {len(y)} validation rows have near duplicates in training and share their label in "
        f"{result.observed:.0%} of the cases, where {result.expected:.0%} are expected (z = "
        f"{result.z:.1f}): some "
        "are copies, or rows of one entity. Remove copies, or give what belongs together a common group."
    )
    return results, [Finding("copies_across_split", text, rows=tuple(validation.index[places[:SHOWN]]))]


def _given(project: Project, predicted: Predicted, y: npt.NDArray[Any]) -> list[float]:
    """The model's chance of each row's own label."""
    if project.param("problem.outcome") == "regression":
        return near_duplicates.same_nearby(predicted.value.astype(float).tolist(), y.astype(float).tolist())
    if predicted.true is not None:
        return list(predicted.true.tolist())
    pairs = zip(predicted.value.astype(float).tolist(), y.tolist(), strict=True)
    return [chance if label == 1 else 1 - chance for chance, label in pairs]
