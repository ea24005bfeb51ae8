"""Checks of the table itself: the schema on every row, equal rows, the screening, raters, rare classes."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pandas as pd

from poc2prod_kit.run.project import Project
from poc2prod_kit.run.report import Finding
from poc2prod_kit.screening import duplicates
from poc2prod_kit.splitting import clusters
from poc2prod_kit.tables import annotator_agreement, describe, roles, screened, targets, violations
from poc2prod_kit.tables.cells import values
from poc2prod_kit.tables.schema import Schema
from poc2prod_kit.tables.table import Reading, reading

SHOWN = 20
FEWEST_OF_A_CLASS = 5


def check(project: Project, table: pd.DataFrame, target: pd.Series) -> tuple[dict[str, Any], list[Finding]]:
    """Counts for the report, and what a person should look at. `target`: each row's label or NaN."""
    broken = violations.find(project.schema, table)
    sample, result = screened.look(project)
    excluded, findings = screened.reported(project, "data", table, result.findings)
    results = {
        "violations": {
            "total": sum(item.count for item in broken),
            "rules": [asdict(item) for item in broken],
        },
        **equal_rows(project, table, target),
        "screening": {"rows": sample.rows, "of": sample.total, "excluded": excluded},
    }
    if project.schema.cleaning:
        results["cleaning"] = cleaned(project.schema, reading(table))
    raters = project.param("data.raters", [])
    if len(raters) > 1:
        results["raters"] = annotator_agreement.agreement(table, raters, clusters.of(project, table))
    results["target"], rare = _target(project, table)
    strays = {name for item in findings if item.kind == "stray" for name in item.columns}
    said = [item for item in broken if item.rule != "type" or item.column not in strays]
    return results, [*violations.findings(project.schema, said), *findings, *rare]


def cleaned(schema: Schema, read: Reading) -> dict[str, Any]:
    """How many cells each rule of cleaning.toml changed, and how many repeated rows were left out."""
    changed = {name: iter(rows) for name, rows in read.cleaned.items()}
    rules = [
        {
            "column": rule.column,
            "rule": rule.kind,
            "finding": rule.finding,
            "cells": len(next(changed[rule.column])),
        }
        for rule in schema.cleaning.rules
    ]
    return {"rules": rules, "rows_dropped": read.dropped}


def equal_rows(project: Project, table: pd.DataFrame, target: pd.Series) -> dict[str, Any]:
    """Identical rows, and rows with identical inputs: how many, and what labels they carry."""
    key, regression = project.param("data.id", ""), project.param("problem.outcome") == "regression"
    marks = {name: duplicates.codes(name, values(table[name])) for name in table if name != key}
    groups, again = duplicates.repeated(duplicates.together(marks.values()))
    ids = list(map(str, table.index[again[:SHOWN]]))
    results: dict[str, Any] = {"duplicates": {"groups": groups, "rows": len(again), "ids": ids}}
    inputs = {name: marks[name] for name in roles.inputs(project) if name in marks}
    if not inputs:
        return {**results, "twins": None}
    whole, labels = duplicates.together(inputs.values()), values(target)
    alike, chance = duplicates.agreement(whole, labels, regression), duplicates.chance(inputs)
    results["twins"] = {
        "groups": alike.groups,
        "rows": alike.rows,
        "contradicting": {
            "groups": alike.contradicting_groups,
            "rows": alike.contradicting_rows,
            "examples": _examples(
                table.index, duplicates.mixed(duplicates.alike(whole, labels), labels), labels
            ),
        },
        "pairs": float(chance.found),
        "pairs_by_chance": chance.expected,
        "copied": chance.copied,
        **({"sd_within": alike.sd_within} if regression else {"ceiling": alike.ceiling}),
    }
    return results


def _examples(index: pd.Index, groups: list[list[int]], labels: list[Any]) -> list[dict[str, Any]]:
    """The first five groups: for each of (at most five) labels, one id."""
    items = []
    for group in groups[:5]:
        first = {labels[place]: place for place in reversed(group)}
        some = sorted(first.values())[:5]
        items.append(
            {
                "ids": [str(index[place]) for place in some],
                "labels": [violations.shown(labels[place]) for place in some],
            }
        )
    return items


def _target(project: Project, table: pd.DataFrame) -> tuple[dict[str, Any], list[Finding]]:
    """How the target is spread, and classes that are too small to learn or to judge."""
    name = project.param("data.target")
    if project.param("problem.outcome") == "regression":
        return describe.target(table[name], "regression"), []
    column = project.schema[name]
    values = table[name].map(lambda value: targets.named(column, value), na_action="ignore")
    result, counts = describe.target(values, "classes"), values.value_counts()
    few = counts[counts < FEWEST_OF_A_CLASS]
    if few.empty:
        return result, []
    content = ", ".join(f"{item['value']!r} ({item['count']})" for item in describe.top(few, SHOWN))
    text = (
        f"{name}: {len(few)} class(es) with fewer than {FEWEST_OF_A_CLASS} rows: {content}. "
        "No model learns them and no score can judge them: collect more, merge them, or leave them out."
    )
    rows = table.index[values.isin(few.index).to_numpy()]
    return result, [Finding("rare_class", text, (name,), tuple(map(str, rows[:SHOWN])))]
