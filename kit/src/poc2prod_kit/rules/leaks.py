"""The leaks of a project's table and rules, as the step `features` reports them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from poc2prod_kit.rules import derived, rowwise
from poc2prod_kit.run.project import Project
from poc2prod_kit.run.report import Finding
from poc2prod_kit.screening import alone, leaks
from poc2prod_kit.screening.finding import SHOWN
from poc2prod_kit.screening.sample import Column, Sample
from poc2prod_kit.tables import screened


def look(project: Project, table: pd.DataFrame) -> tuple[dict[str, Any], list[Finding]]:
    """The results `screening` and `probes` of the step, and its findings, those about rules of rules.py too.

    The screening is of all rows, as the command's, which cannot run rules; how well columns and rules do
    alone is told of the rows in the population.
    """
    sample, result = screened.look(project)
    excluded, findings = screened.reported(project, "features", table, result.findings)
    inside = rowwise.in_population(project, table).to_numpy()
    asked = sample.only([row for row, place in enumerate(sample.places) if inside[place]])
    made = _with_rules(project, table, asked)
    scores = leaks.scored(made)
    leaking = [one for name in _rules(project) if (one := leaks.single(made, made.columns[name], scores))]
    best = [pair for pair in alone.ranked(scores) if pair[0] not in asked.roles.exclude]
    results = {
        "screening": {"rows": sample.rows, "of": sample.total, "excluded": excluded},
        "probes": {
            "score": alone.MEASURES[sample.outcome],
            "alone": [{"column": name, "score": score} for name, score in best[:SHOWN]],
            "far": bool(best) and best[0][1] >= alone.FAR[sample.outcome],
        },
    }
    return results, [*findings, *screened.reported(project, "features", table, leaking)[1]]


def _rules(project: Project) -> dict[str, dict[str, Any]]:
    """The features that are rules, by name."""
    return {one["name"]: one for one in project.code.features.definitions(project) if one["how"] == "rule"}


def _with_rules(project: Project, table: pd.DataFrame, sample: Sample) -> Sample:
    """The rows with what each rule of [features] gives as a further column."""
    rows, columns = table.iloc[list(sample.places)], dict(sample.columns)
    cells = rowwise.Columns(project, rows, hidden=sample.roles.target)
    for name, one in _rules(project).items():
        columns[name] = _column(name, derived.value(one, rows, cells))
    return replace(sample, columns=columns)


def _column(name: str, values: pd.Series) -> Column:
    """What a rule gives, numbers or texts, as a column of the screening: codes of the distinct values."""
    codes, distinct = pd.factorize(values, sort=True)  # −1 where missing, so that + 1 makes it MISSING
    numeric = values.dtype != object
    texts = ["", *(f"{value:g}" if numeric else str(value) for value in distinct)]
    numbers: list[float | None] = [None, *(distinct.tolist() if numeric else [None] * len(distinct))]
    return Column(name, "number" if numeric else "category", (codes + 1).tolist(), texts, numbers)
