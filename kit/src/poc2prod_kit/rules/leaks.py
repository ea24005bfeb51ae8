"""The leaks of a project's table and rules, as the step `features` reports them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from poc2prod_kit.rules import rowwise
from poc2prod_kit.run.project import Project
from poc2prod_kit.run.report import Finding
from poc2prod_kit.screening import alone, leaks
from poc2prod_kit.screening.finding import SHOWN
from poc2prod_kit.screening.sample import MISSING, Column, Sample
from poc2prod_kit.tables import screened

if TYPE_CHECKING:
    import pandas as pd


def look(project: Project, table: pd.DataFrame) -> tuple[dict[str, Any], list[Finding]]:
    """The results `screening` and `alone` of the step, and its findings, those about rules of rules.py too."""
    sample, found = screened.look(project)
    excluded, findings = screened.reported(project, "features", table, found.findings)
    made = rules(project, table, sample)
    scores, told = of_rules(made)
    best = alone.ranked({**found.scores, **scores})
    known = {name for name in project.param("data.exclude", [])}
    best = [pair for pair in best if pair[0] not in known]
    results = {
        "screening": {"rows": sample.rows, "of": sample.total, "excluded": excluded},
        "probes": {
            "score": alone.MEASURES[sample.outcome],
            "alone": [{"column": name, "score": score} for name, score in best[:SHOWN]],
            "far": bool(best) and best[0][1] >= alone.FAR[sample.outcome],
        },
    }
    return results, [*findings, *screened.reported(project, "features", table, told)[1]]


def rules(project: Project, table: pd.DataFrame, sample: Sample) -> Sample:
    """The screened rows with what each rule of [features] gives for columns, beside those with a role."""
    roles = sample.roles
    kept = {one for one in (roles.target, roles.id, roles.time, roles.group) if one}
    columns = {name: one for name, one in sample.columns.items() if name in kept}
    wanted = [one for one in project.code.features.definitions(project) if one["how"] == "rule"]
    rows = table.iloc[list(sample.places)] if wanted else table
    cells = rowwise.Columns(project, rows, hidden=roles.target)
    for one in wanted:
        values = project.code.features.value(one, rows, cells).to_numpy(dtype=float)
        columns[one["name"]] = _numbers(one["name"], values)
    return replace(sample, columns=columns)


def of_rules(sample: Sample) -> tuple[dict[str, float | None], list[Any]]:
    """How well each rule does alone, and the leaks among them."""
    scores = leaks.scored(sample)
    found = [leaks.single(sample, one, scores) for one in leaks.candidates(sample)] if scores else []
    return scores, [item for item in found if item]


def _numbers(name: str, values: np.ndarray[Any, Any]) -> Column:
    """Numbers as a column of the screening."""
    distinct, codes = np.unique(values[~np.isnan(values)], return_inverse=True)
    each = np.full(len(values), MISSING)
    each[~np.isnan(values)] = codes + 1
    numbers: list[float | None] = [None, *distinct.tolist()]
    texts = ["", *(f"{value:g}" for value in distinct)]
    return Column(name, "number", each.tolist(), texts, numbers)
