"""Checks of the table itself: the schema on every row, equal rows, spellings, raters, rare classes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from poc2prod_kit.run.project import Project
from poc2prod_kit.run.report import Finding
from poc2prod_kit.screening import duplicates, spelling
from poc2prod_kit.splitting import clusters
from poc2prod_kit.tables import annotator_agreement, describe, roles, targets, violations

Found = tuple[dict[str, Any], list[Finding]]
SHOWN = 20
FEWEST_OF_A_CLASS = 5


def check(project: Project, table: pd.DataFrame, target: pd.Series) -> Found:
    """Counts for the report, and what a person should look at. `target`: each row's label or NaN."""
    results: dict[str, Any] = {}
    findings: list[Finding] = []
    for found, said in (
        schema(project, table),
        equal_rows(project, table, target),
        spellings(project, table),
        agreement(project, table),
        rare_classes(project, table),
    ):
        results |= found
        findings += said
    return results, findings


def schema(project: Project, table: pd.DataFrame) -> Found:
    """Which rules of schema.toml are broken, how often, by which rows."""
    found = violations.find(project.schema, table)
    listed = {"total": sum(item.count for item in found), "rules": [asdict(item) for item in found]}
    return {"violations": listed}, violations.findings(project.schema, found)


def equal_rows(project: Project, table: pd.DataFrame, target: pd.Series) -> Found:
    """Identical rows, and rows with identical inputs: how many, and what labels they carry."""
    hashes = duplicates.hashed(table.drop(columns=[name] if (name := project.param("data.id", "")) else []))
    inputs = [name for name in roles.inputs(project) if name in hashes]
    whole = duplicates.groups(duplicates.together(hashes, hashes)) if hashes else np.full(len(table), -1)
    again = pd.Series(whole, index=table.index)
    copies = again[(again >= 0) & again.duplicated()]
    results: dict[str, Any] = {
        "duplicates": {
            "groups": int(whole.max(initial=-1)) + 1,
            "rows": len(copies),
            "ids": ids(copies.index),
        }
    }
    if not inputs:
        return {**results, "twins": None}, []
    chance = duplicates.chance(hashes, inputs)
    groups = duplicates.groups(duplicates.together(hashes, inputs))
    twins, contradicting = _twins(groups, target, project.param("problem.outcome"))
    twins |= {"pairs": chance.found, "pairs_by_chance": chance.expected, "copied": chance.copied}
    findings = [*_duplicated(copies.index, chance), *_contradicting(twins, contradicting, chance)]
    return {**results, "twins": twins}, findings


def _twins(groups: Any, target: pd.Series, outcome: str) -> tuple[dict[str, Any], pd.Index]:
    """Among labelled rows with equal inputs: how far their labels agree, and the ids of those that do not."""
    rows = pd.DataFrame({"group": groups, "label": target.to_numpy()}, index=target.index)
    rows = rows[(rows["group"] >= 0) & rows["label"].notna()]
    rows = rows[rows["group"].duplicated(keep=False)]
    grouped = rows.groupby("group")["label"]
    mixed = rows[grouped.transform("nunique") > 1].sort_values("group", kind="stable")
    found: dict[str, Any] = {"groups": grouped.ngroups, "rows": len(rows)}
    found["contradicting"] = {
        "groups": int(mixed["group"].nunique()),
        "rows": len(mixed),
        "examples": _examples(mixed),
    }
    if outcome == "regression":
        numbers = rows["label"].astype(float)
        within = numbers - numbers.groupby(rows["group"]).transform("mean")
        free = len(rows) - grouped.ngroups
        return {**found, "sd_within": float(np.sqrt((within**2).sum() / free)) if free else None}, mixed.index
    most = rows.groupby(["group", "label"]).size().groupby("group").max().sum()
    return {**found, "ceiling": int(most) / len(rows) if len(rows) else None}, mixed.index


def _examples(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """The first five groups: for each of (at most five) labels, one id."""
    firsts = [
        rows[rows["group"] == group].drop_duplicates("label").head(5) for group in rows["group"].unique()[:5]
    ]
    return [
        {"ids": list(map(str, first.index)), "labels": list(map(violations.shown, first["label"]))}
        for first in firsts
    ]


def ids(index: Iterable[Any]) -> list[str]:
    """The first twenty ids."""
    return [str(row) for row, _ in zip(index, range(SHOWN), strict=False)]


def _duplicated(copies: pd.Index, chance: duplicates.Chance) -> list[Finding]:
    if not chance.copied or len(copies) < duplicates.FEWEST:
        return []
    text = (
        f"{len(copies):,} rows repeat an earlier row in every column; by chance about "
        f"{chance.expected:,.0f} pairs of rows would have equal inputs. "
        "Remove the copies from the raw file, or add the column that tells them apart."
    )
    return [Finding("duplicate_rows", text, (), tuple(ids(copies)))]


def _contradicting(twins: dict[str, Any], rows: pd.Index, chance: duplicates.Chance) -> list[Finding]:
    if not chance.copied or not len(rows):
        return []
    groups = twins["contradicting"]["groups"]
    text = (
        f"{len(rows):,} rows in {groups:,} groups have identical inputs and different labels, "
        f"in a table where chance gives about {chance.expected:,.0f} pairs with equal inputs. "
        "If they are copies, find out which label is right; if not, add the column that tells them apart."
    )
    return [Finding("contradicting_twins", text, (), tuple(ids(rows)))]


def spellings(project: Project, table: pd.DataFrame) -> Found:
    """Labels and category values that look like one word spelled two ways."""
    codes = {project.param(f"data.{role}", "") for role in ("id", "group", "time")}
    named = [
        name for name, column in project.schema.items() if column.type == "category" and name not in codes
    ]
    found = [item for name in named for item in spelling.find(table[name])]
    return {"spellings": [asdict(item) for item in found[:SHOWN]]}, [
        _misspelt(table, item) for item in found[:SHOWN]
    ]


def _misspelt(table: pd.DataFrame, item: spelling.Spelling) -> Finding:
    said = ", ".join(f"{value!r} ({count:,} rows)" for value, count in item.counts.items())
    rare = table.index[table[item.column].isin(list(item.counts)[1:]).to_numpy()]
    text = f"{item.column}: {said} differ only in {item.how}. "
    text += "If they mean one thing, spell it one way in the raw file."
    return Finding("spelling", text, (item.column,), tuple(ids(rare)))


def agreement(project: Project, table: pd.DataFrame) -> Found:
    """How far raters agree, where [data] raters names two or more columns."""
    named = project.param("data.raters", [])
    if len(named) < 2:
        return {}, []
    return {"raters": annotator_agreement.agreement(table, named, clusters.of(project, table))}, []


def rare_classes(project: Project, table: pd.DataFrame) -> Found:
    """How the target is spread, and classes that are too small to learn or to judge."""
    name = project.param("data.target")
    if project.param("problem.outcome") == "regression":
        return {"target": describe.target(table[name], "regression")}, []
    column = project.schema[name]
    values = table[name].map(lambda value: targets.named(column, value), na_action="ignore")
    results = {"target": describe.target(values, "classes")}
    counts = values.value_counts()
    few = counts[counts < FEWEST_OF_A_CLASS]
    if few.empty:
        return results, []
    said = ", ".join(f"{item['value']!r} ({item['count']})" for item in describe.top(few, SHOWN))
    text = (
        f"{name}: {len(few)} class(es) with fewer than {FEWEST_OF_A_CLASS} rows: {said}. "
        "No model learns them and no score can judge them: collect more, merge them, or leave them out."
    )
    return results, [
        Finding("rare_class", text, (name,), tuple(ids(table.index[values.isin(few.index).to_numpy()])))
    ]
