"""What stands on which side of a split, recomputed from the split file and the table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from poc2prod_kit.run.project import Project
from poc2prod_kit.run.report import Finding
from poc2prod_kit.scoring import intervals
from poc2prod_kit.screening import missing_classes, near_duplicates, undeclared_groups
from poc2prod_kit.splitting import clusters, strategies
from poc2prod_kit.splitting.strategies import PARTS
from poc2prod_kit.tables import roles
from poc2prod_kit.tables.cells import values

SHOWN = 20
CERTAIN = 4.0


def check(
    project: Project,
    table: pd.DataFrame,
    file: pd.DataFrame,
    y: pd.Series,
    eligible: pd.Series,
    strategy: str,
) -> tuple[dict[str, Any], list[Finding]]:
    """Judge a split file (columns id and part) against the table; `eligible`: has a label, is asked about."""
    results, findings = _ids(file, table.index)
    part = file.drop_duplicates("id").set_index("id")["part"].reindex(table.index).fillna("excluded")
    results["sizes"] = {name: int((part == name).sum()) for name in (*PARTS, "excluded")}
    stray = part.index[part.isin(PARTS) & ~eligible]
    if len(stray):
        text = (
            f"{len(stray)} rows stand in a part though they have no label or are outside the population. "
            "Run the step `split` again."
        )
        findings.append(Finding("not_eligible", text, rows=tuple(stray[:SHOWN])))
    used = part[part.isin(PARTS) & eligible]
    if not (used == "train").any() or used.nunique() < len(PARTS):
        findings.append(Finding("part_empty", "A part of the split is empty. Run the step `split` again."))
        return results, findings
    rows = table.loc[used.index]
    looks = {
        "groups": _groups(project, rows, used),
        "time": _order(project, rows, used, strategy),
        "parts": _shares(project, rows, used, y[used.index], strategy),
        "twins": copies(project, rows, used, y[used.index]),
        "undeclared": undeclared(project, rows, used, y[used.index], strategy),
    }
    results |= {name: result for name, (result, _) in looks.items()}
    findings += missing(project, rows, used, y[used.index])
    return results, [*findings, *(finding for _, found in looks.values() for finding in found)]


def missing(project: Project, rows: pd.DataFrame, part: pd.Series, y: pd.Series) -> list[Finding]:
    """Classes of the later rows that training lacks, and frequent classes that a later part lacks."""
    if project.param("problem.outcome") == "regression":
        return []
    time = project.param("data.time", "")
    item = missing_classes.find(
        project.param("data.target"), label_names(project, y).tolist(), part.tolist(),
        values(strategies.moments(rows[time])) if time else None,
    )  # fmt: skip
    return [Finding(item.kind, item.text, item.columns, id=item.id, share=item.share)] if item else []


def label_names(project: Project, y: pd.Series) -> pd.Series:
    """The classes as text; of two classes the one that is not positive as "not" and the positive."""
    if project.param("problem.outcome") != "binary":
        return y.astype(str)
    positive = str(project.param("problem.positive"))
    return y.map({1.0: positive, 0.0: f"not {positive}"})


def copies(
    project: Project, rows: pd.DataFrame, part: pd.Series, y: pd.Series
) -> tuple[dict[str, Any], list[Finding]]:
    """Exact and near duplicates for each pair of parts, and rows that can only be copies."""
    regression = project.param("problem.outcome") == "regression"
    columns = {name: values(rows[name]) for name in roles.compared(project, rows)}
    result, places = near_duplicates.across(
        columns, values(y), part.tolist(), project.param("data.target") if regression else ""
    )
    later = int((part != "train").sum())
    if not near_duplicates.copied(result, later):
        return result, []
    telling = result["telling_columns"]
    text = (
        f"{result['copies']} of {later} validation and test rows stand in training too, alike in every "
        f"feature and in the target; {' and '.join(map(repr, telling[:2]))} exclude chance. They are judged "
        "by memory: remove the copies, or give them a common group."
    )
    return result, [Finding("copies_across_split", text, tuple(telling), tuple(rows.index[places[:SHOWN]]))]


def undeclared(
    project: Project, rows: pd.DataFrame, part: pd.Series, y: pd.Series, strategy: str
) -> tuple[dict[str, Any], list[Finding]]:
    """Columns that look like a group on two sides, or like an order, though nobody declared them."""
    known = {project.param(f"data.{role}", "") for role in ("target", "id", "group", "time")}
    kinds = ("date", "category", "text", "integer")
    columns = {
        name: values(rows[name])
        for name, about in project.schema.items()
        if name not in known and about.type in kinds
    }
    result, findings = undeclared_groups.find(
        columns, (part == "train").tolist(), values(y), rows.index.tolist(),
        regression=project.param("problem.outcome") == "regression",
        time=not project.param("data.time", "") and strategy != "time",
        group=not project.param("data.group", ""),
    )  # fmt: skip
    return result, [
        Finding(item.kind, item.text, item.columns, item.rows, item.id, item.share) for item in findings
    ]


def _ids(file: pd.DataFrame, ids: pd.Index) -> tuple[dict[str, Any], list[Finding]]:
    repeated = file["id"][file["id"].duplicated()]
    unknown, absent = file["id"][~file["id"].isin(ids)], ids[~ids.isin(file["id"])]
    odd = file["id"][~file["part"].isin([*PARTS, "excluded"])]
    results = {"repeated": repeated, "not_in_data": unknown, "not_in_split": absent, "unknown_part": odd}
    counts = {name: len(rows) for name, rows in results.items()}
    bad = [f"{counts[name]} {name.replace('_', ' ')}" for name in results if counts[name]]
    if not bad:
        return {"ids": counts}, []
    first = tuple(str(row) for rows in results.values() for row in rows[:5])
    text = (
        f"data/split.csv.gz does not name each row of the data once with a known part: ids "
        f"{', '.join(bad)}. Run the step `split` again."
    )
    return {"ids": counts}, [Finding("split_ids", text, rows=first)]


def _groups(
    project: Project, rows: pd.DataFrame, part: pd.Series
) -> tuple[dict[str, Any] | None, list[Finding]]:
    name = project.param("data.group", "")
    if not name:
        return None, []
    group = rows[name]
    sides = part.groupby(group).nunique()
    torn = sides.index[sides > 1]
    train = set(group[part == "train"].dropna())
    relative = rows.index[(part != "train") & group.isin(train)]
    results = {
        "column": name,
        "groups": len(sides),
        "on_two_sides": len(torn),
        "rows_with_relatives_in_training": len(relative),
    }
    if not len(torn):
        return results, []
    text = (
        f"{len(torn)} groups of {name!r} stand on two sides of the split; {len(relative)} validation or test "
        'rows have a relative in training and are judged too well. Set [split] strategy = "auto" and run the '
        "step `split` again."
    )
    return results, [Finding("group_on_two_sides", text, (name,), tuple(relative[:SHOWN]))]


def _order(
    project: Project, rows: pd.DataFrame, part: pd.Series, strategy: str
) -> tuple[dict[str, Any] | None, list[Finding]]:
    name = project.param("data.time", "")
    if not name:
        return None, []
    when = strategies.moments(rows[name])
    ranges = {side: [when[part == side].min(), when[part == side].max()] for side in PARTS}
    late = {
        side: when.index[(part == side) & (when >= min(when[part == later].min() for later in PARTS[place:]))]
        for place, side in enumerate(PARTS[:-1], 1)
    }
    rows_late = [row for ids in late.values() for row in ids]
    results = {"column": name, "ranges": ranges, "not_before_the_next_part": len(rows_late)}
    named = project.param("split.strategy", "auto")
    if not rows_late or (strategy != "time" and named == "auto"):
        return results, []
    text = (
        f"{len(rows_late)} rows stand in an earlier part than their {name!r} allows: a later part begins "
        "before them, so the model knows what came after the rows it is judged by. Set [split] strategy = "
        '"time" and run the step `split` again.'
    )
    return results, [Finding("time_order", text, (name,), tuple(rows_late[:SHOWN]))]


def _shares(
    project: Project, rows: pd.DataFrame, part: pd.Series, y: pd.Series, strategy: str
) -> tuple[dict[str, Any], list[Finding]]:
    """Class shares, or the target's mean, of each part; and how far from training's, with an interval."""
    tolerance, cluster = project.param("split.tolerance", 0.05), clusters.of(project, rows)
    measures = _measures(project, y)
    results: dict[str, Any] = {side: {"rows": int((part == side).sum())} for side in PARTS}
    findings = []
    for label, measured in measures.items():
        for side in PARTS:
            results[side].setdefault("target", {})[label] = float(measured[part == side].mean())
        for side in PARTS[1:]:
            gap = _gap(measured, (part == side).to_numpy(), (part == "train").to_numpy(), cluster)
            unit = float(measured.std()) or 1.0 if label == "mean" else 1.0
            results[side].setdefault("less_training", {})[label] = gap
            if strategy != "time" and abs(gap["value"]) > max(
                tolerance * unit, CERTAIN * gap["standard_error"]
            ):
                what = "the target's mean" if label == "mean" else f"the share of {label!r}"
                here, there = results[side]["target"][label], results["train"]["target"][label]
                text = (
                    f"In the {side} part {what} is {here:.4g}, in training {there:.4g}: more apart than "
                    f"tolerance and chance allow. Look at how data/split.csv.gz came about."
                )
                findings.append(Finding("part_differs", text))
    return results, findings


def _measures(project: Project, y: pd.Series) -> dict[str, pd.Series]:
    outcome = project.param("problem.outcome")
    if outcome == "regression":
        return {"mean": y.astype(float)}
    if outcome == "binary":
        return {str(project.param("problem.positive")): y.astype(float)}
    return {str(label): (y == label).astype(float) for label in y.value_counts().index[:SHOWN]}


def _gap(values: pd.Series, here: np.ndarray, there: np.ndarray, cluster: Any) -> dict[str, Any]:
    both = here | there
    x, side, n = values.to_numpy()[both], here[both], int(both.sum())
    mean, base = float(x[side].mean()), float(x[~side].mean())
    # The influence of a part's row on that part's mean, scaled to all n rows, which the estimate divides by.
    influence = np.where(side, (x - mean) * n / side.sum(), -(x - base) * n / (~side).sum())
    return intervals.estimate(mean - base, influence, None if cluster is None else cluster[both])
