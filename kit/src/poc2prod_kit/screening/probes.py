"""Leakage probes: columns that know the answer, or that nobody knows yet when the answer is due.

Thresholds: docs/evidence/features.md.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from poc2prod_kit.rules import rowwise
from poc2prod_kit.run.project import Project
from poc2prod_kit.run.report import Finding
from poc2prod_kit.screening import leaks, sums
from poc2prod_kit.splitting import clusters, folds

SHOWN = 20
FEWEST = 30
LATE_SHARE = 0.01
MEASURES = {"binary": "AUC", "multiclass": "balanced accuracy", "regression": "R²"}
LOOK = (
    "Was it known when the prediction was due? If not, add it to [data] exclude; if so, to [features] known."
)


def probe(
    project: Project, table: pd.DataFrame, part: pd.Series, y: pd.Series
) -> tuple[dict[str, Any], list[Finding]]:
    """Probe every used column and rule on training and validation rows; excluded columns get a note, no
    finding.

    `table` holds those rows (or a sample of them), `y` their target. Columns in [features] known are probed
    and noted.
    """
    if len(table) < FEWEST:
        return {"rows": len(table), "skipped": f"fewer than {FEWEST} rows"}, []
    columns = candidates(project, table)
    apart = {name for name in project.param("data.exclude", []) if name in table}
    known = set(project.param("features.known", []))
    fold = folds.assign(table.index, clusters.of(project, table), 3)
    outcome = project.param("problem.outcome")
    order = moments(project, table)
    everything = {**columns, **{name: table[name] for name in sorted(apart)}}
    single = {name: leaks.look(values, y, outcome, fold, order) for name, values in everything.items()}
    found = [
        Finding("leak", f"{name} {look.alarm} {LOOK}", (name,)) for name, look in single.items() if look.alarm
    ]
    if outcome == "regression":
        found += summing(everything, y, single)
    found += late(project, table)
    found += standing_out(project, single, columns, outcome)
    noted = [item for item in found if set(item.columns) & (apart | known)]
    scores = sorted(
        ({"column": name, "score": look.score} for name, look in single.items() if name in columns), key=_rank
    )
    results = {
        "rows": len(table),
        "of_training": int((part.reindex(table.index) == "train").sum()),
        "score": MEASURES[outcome],
        "alone": scores[:SHOWN],
        "far": scores[0]["score"] >= leaks.FAR[outcome] and scores[0]["column"] not in known,
        "excluded_or_known": [
            {"kind": item.kind, "columns": list(item.columns), "text": item.text} for item in noted
        ],
    }
    return results, [item for item in found if item not in noted]


def _rank(item: dict[str, Any]) -> tuple[float, str]:
    return -np.nan_to_num(item["score"], nan=-9.0), item["column"]


def standing_out(
    project: Project, single: dict[str, leaks.Look], columns: dict[str, pd.Series], outcome: str
) -> list[Finding]:
    """A finding where one column alone does far better than any other, as what is known too late does.

    Rules are left out beside columns: they may be made of the best one.
    """
    of_table = [name for name in project.code.features.used_columns(project) if name in columns]
    ranked = sorted(
        ((name, single[name].score) for name in of_table), key=lambda pair: -np.nan_to_num(pair[1])
    )
    if not leaks.stands_out(ranked, outcome) or single[ranked[0][0]].alarm or single[ranked[0][0]].lag:
        return []
    (name, score), (other, less) = ranked[:2]
    text = (
        f"{name} alone reaches {MEASURES[outcome]} {score:.3g}, the next column, {other}, {less:.3g}. {LOOK}"
    )
    return [Finding("far_alone", text, (name,))]


def candidates(project: Project, table: pd.DataFrame) -> dict[str, pd.Series]:
    """The columns that are used, as they stand in the table, and what each rule gives."""
    time = project.param("data.time", "")
    found = {name: table[name] for name in project.code.features.used_columns(project) if name != time}
    rules = [one for one in project.code.features.definitions(project) if one["how"] == "rule"]
    cells = rowwise.Columns(project, table, hidden=project.param("data.target", ""))
    return {**found, **{one["name"]: project.code.features.value(one, table, cells) for one in rules}}


def moments(project: Project, table: pd.DataFrame) -> np.ndarray[Any, Any] | None:
    """The rows' places in time order; None without a time column or where many rows share a moment."""
    time = project.param("data.time", "")
    if not time or table[time].nunique() < 0.9 * len(table):
        return None
    return np.argsort(table[time].to_numpy(), kind="stable")


def summing(columns: dict[str, pd.Series], y: pd.Series, single: dict[str, leaks.Look]) -> list[Finding]:
    """A finding where columns add up (or multiply) to the target.

    Columns that alone are the target are left out.
    """
    numeric = {
        name: values
        for name, values in columns.items()
        if values.dtype.kind == "f" and not single[name].alarm
    }
    parts = sums.parts_of(pd.DataFrame(numeric), y) if numeric else None
    if parts is None:
        return []
    names = tuple(sorted(parts.weights))
    text = (
        f"The target is {parts.formula()} on {parts.share:.1%} of the rows: these columns are known "
        f"only when the target is."
    )
    return [Finding("sum_to_target", f"{text} Add {' and '.join(names)} to [data] exclude.", names)]


def late(project: Project, table: pd.DataFrame) -> list[Finding]:
    """Findings for dates after the row's own moment: what they say cannot be known then."""
    time = project.param("data.time", "")
    if not time or table[time].dtype.kind != "M":
        return []
    found = []
    for name in project.code.features.used_columns(project):
        if name == time or table[name].dtype.kind != "M":
            continue
        both = table[[name, time]].dropna()
        after = both.index[(both[name].dt.normalize() > both[time].dt.normalize()).to_numpy()]
        if len(after) > LATE_SHARE * max(len(both), 1):
            text = (
                f"{name} lies after {time} in {len(after)} of {len(both)} rows: it tells of what "
                f"happened later. {LOOK}"
            )
            found.append(Finding("unknown_at_prediction", text, (name,), tuple(map(str, after[:SHOWN]))))
    return found
