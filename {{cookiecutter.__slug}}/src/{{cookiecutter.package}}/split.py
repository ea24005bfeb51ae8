"""I.5 split: rows for training, validation and test; who sees which model online."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from poc2prod_kit.rules import rowwise
from poc2prod_kit.run import csv_files
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.project import Project
from poc2prod_kit.run.report import Finding, Report
from poc2prod_kit.splitting import clusters, split_checks, strategies
from poc2prod_kit.splitting.split_file import FILE
from poc2prod_kit.splitting.strategies import PARTS, UnfitError
from poc2prod_kit.tables.targets import target

STRATEGIES = ("time", "group", "stratified", "random")
MIRRORS = {
    "time": "what comes after training: the test part is the latest",
    "group": "groups that training has not seen",
    "stratified": "rows like those of training, each class in its share",
    "random": "rows like those of training",
}


@dataclass
class Assignment:
    """The part of each row (indexed by row id), how it came about and why."""

    strategy: str
    reason: str
    part: pd.Series
    notes: dict[str, Any] = field(default_factory=dict)


def run(project: Project) -> Report:
    """Assign every row to a part, write the assignment, and judge the file that was written."""
    made = assign(project, project.table())
    csv_files.write_csv(project.root / FILE, made.part.rename_axis("id").reset_index())
    results, findings = judge(project, made.strategy)
    results |= {
        "strategy": made.strategy,
        "reason": made.reason,
        "mirrors": MIRRORS[made.strategy],
        **made.notes,
        "online": online(project),
    }
    return Report(results, [FILE], [*findings, *later_left_out(made)])


def later_left_out(made: Assignment) -> list[Finding]:
    """A finding where a time column is there and half of the later rows, or more, cannot be judged by.

    Their groups were seen earlier: so the split is not by time, or few later rows are left in it.
    """
    notes = made.notes.get("seen_earlier", {})
    later, left_out = notes.get("rows", 0), notes.get("left_out", 0)
    if not later or left_out < later / 2:
        return []
    so = (
        "so they were left out, and few are left to judge by"
        if made.strategy == "time"
        else f"so the split is by {made.strategy}, and how the model does on later rows is not measured"
    )
    text = (
        f"{left_out / later:.0%} of the later rows ({left_out:,} of {later:,}) belong to groups that "
        f'were seen earlier, {so}. If old groups come back in use, set [data] group = "" and split by time; '
        'if only new ones come, [data] time = "" says so.'
    )
    return [Finding("later_rows_left_out", text)]


def judge(project: Project, strategy: str) -> tuple[dict[str, Any], list[Finding]]:
    """What is true of data/split.csv.gz as it is on disk, by whomever it was written."""
    table = project.table()
    y = target(project, table)
    eligible = rowwise.in_population(project, table) & y.notna()
    return split_checks.check(project, table, csv_files.read_csv(project.path(FILE)), y, eligible, strategy)


def assign(project: Project, table: pd.DataFrame) -> Assignment:
    """The part of every row by [split] strategy; `auto` takes the first that fits what [data] names."""
    inside, y = rowwise.in_population(project, table), target(project, table)
    rows = table[inside & y.notna()]
    strategy = project.param("split.strategy", "auto", among=("auto", *STRATEGIES))
    tried = applicable(project) if strategy == "auto" else [strategy]
    refused: list[str] = []
    seen_earlier: dict[str, int] = {}
    for name in tried:
        try:
            made = _divide(project, name, rows, y[rows.index].to_numpy(), lenient=strategy != "auto")
        except UnfitError as error:
            refused.append(f"not by {name}: {error}")
            seen_earlier = error.seen_earlier or seen_earlier
            continue
        if seen_earlier:
            made.notes["seen_earlier"] = seen_earlier
        part = pd.Series("excluded", index=table.index, name="part").astype(object)
        part[rows.index] = made.part
        own = project.param("split.reason", "") if strategy != "auto" else ""
        made.notes["excluded"] = {
            "outside_population": int((~inside).sum()), "without_label": int((inside & y.isna()).sum()),
            **made.notes["excluded"],
        }  # fmt: skip
        return Assignment(name, own or "; ".join([made.reason, *refused]) + ".", part, made.notes)
    raise ProjectError(
        f"{len(rows)} rows with a label cannot be split: {'; '.join(refused)}. Every part needs "
        f"{strategies.FEWEST_ROWS} rows: get more rows, or choose another strategy, shares or bounds in "
        "[split] of params.toml."
    )


def applicable(project: Project) -> list[str]:
    """The strategies that [data] allows, the strictest first: a declared group is never split by chance."""
    by_chance = "random" if project.param("problem.outcome") == "regression" else "stratified"
    time = ["time"] if project.param("data.time", "") else []
    return [*time, "group" if project.param("data.group", "") else by_chance]


def _divide(
    project: Project, strategy: str, rows: pd.DataFrame, y: np.ndarray, *, lenient: bool
) -> Assignment:
    """Divide the eligible rows, or raise UnfitError. Lenient: where the team chose, rows may be lost."""
    shares = (project.param("split.validation", 0.2), project.param("split.test", 0.2))
    if min(shares) <= 0 or sum(shares) >= 1:
        raise ProjectError(
            f"[split] validation = {shares[0]}, test = {shares[1]}: each above 0, together below 1."
        )
    seed, group = project.param("seed"), project.param("data.group", "")
    notes: dict[str, Any] = {"excluded": {}}
    if strategy == "time":
        part = _by_time(project, rows, shares, notes, lenient)
        reason = "by time, as a model is used on what comes after what it learnt from"
    elif strategy == "group":
        if not group:
            raise ProjectError(
                '[split] strategy = "group" needs a column: name it as group in [data] of params.toml.'
            )
        groups = clusters.group_of(rows, group)
        part, notes["assigned_by"] = strategies.by_group(groups, shares, seed)
        notes["without_group"] = int(rows[group].isna().sum())
        count = len(set(groups))
        reason = f"by group, as rows that share {group!r} resemble each other: {count} groups stay whole"
    elif strategy == "stratified":
        if project.param("problem.outcome") == "regression":
            raise ProjectError(
                '[split] strategy = "stratified" needs classes; for a regression use "random".'
            )
        part = strategies.by_class(rows.index, y, shares, seed)
        reason = "by chance within each class, as no time and no group column decides it"
    else:
        part = strategies.by_chance(rows.index, shares, seed)
        reason = "by chance, as no time and no group column decides it"
    counts = {name: int((part == name).sum()) for name in PARTS}
    small = [f"{name} has {count}" for name, count in counts.items() if count < strategies.FEWEST_ROWS]
    if small:
        raise UnfitError(f"rows would be too few, {' and '.join(small)}")
    _need_two_classes(project, rows, pd.Series(y, rows.index), part)
    why = f"{reason}; {counts['train']} rows train, {counts['validation']} validate, {counts['test']} test"
    return Assignment(strategy, why, pd.Series(part, index=rows.index), notes)


def _need_two_classes(project: Project, rows: pd.DataFrame, y: pd.Series, part: np.ndarray) -> None:
    """Raise ProjectError where all training rows are of one class, saying when another one first occurs."""
    if project.param("problem.outcome") == "regression" or y[part == "train"].nunique() > 1:
        return
    target, names = project.param("data.target"), split_checks.label_names(project, y)
    others = y != y[part == "train"].iloc[0]
    label, time = names[others].iloc[0], project.param("data.time", "")
    what = f"{target} = {label}" if names[others].nunique() == 1 else f"a second {target}"
    rest = (
        f"none of the {int((part == 'train').sum()):,} training rows has {what}, and a model needs two "
        f"classes to learn from; {int(others.sum()):,} of all {len(y):,} rows have it"
    )
    if time:
        when = strategies.moments(rows[time])
        first, last = when[others].min(), when[part == "train"].max()
        days = [f"{one:%Y-%m-%d}" if when.dtype.kind == "M" else f"{one:g}" for one in (first, last)]
        rest += f", the first of {days[0]}, and training ends with {days[1]}"
    raise ProjectError(
        f"{rest}. Set [split] train_until and validation_until of params.toml so that training has both, get "
        "more rows, or choose another strategy with a reason."
    )


def _by_time(
    project: Project, rows: pd.DataFrame, shares: tuple[float, float], notes: dict[str, Any], lenient: bool
) -> strategies.Names:
    name, group = project.param("data.time", ""), project.param("data.group", "")
    if not name:
        raise ProjectError(
            '[split] strategy = "time" needs a column: name it as time in [data] of params.toml.'
        )
    when = strategies.moments(rows[name])
    given = {
        "train_until": project.param("split.train_until", None),
        "validation_until": project.param("split.validation_until", None),
    }
    if None not in given.values():
        bounds = tuple(strategies.bound(key, value, when) for key, value in given.items())
        if bounds[0] >= bounds[1]:
            raise ProjectError(
                f"[split] train_until = {bounds[0]} is not before validation_until = {bounds[1]}."
            )
    elif set(given.values()) != {None}:
        raise ProjectError(
            "[split] has one of train_until and validation_until: give both, or neither for shares."
        )
    else:
        bounds = strategies.quantiles(when, shares)
    part = strategies.by_time(when, (bounds[0], bounds[1]))
    notes["bounds"] = {"train_until": bounds[0], "validation_until": bounds[1]}
    notes["excluded"]["without_time"] = int(when.isna().sum())
    return _groups_once(part, clusters.group_of(rows, group), notes, lenient) if group else part


def _groups_once(
    part: strategies.Names, groups: np.ndarray, notes: dict[str, Any], lenient: bool
) -> strategies.Names:
    """Exclude rows of a later part whose group an earlier part holds.

    Otherwise a model that remembers a customer would be judged as if it understood new ones.
    """
    keep = strategies.earliest_only(part, groups)
    later = np.isin(part, PARTS[1:])
    notes["seen_earlier"] = {"rows": int(later.sum()), "left_out": int((~keep).sum())}
    for name in PARTS[1:]:
        lost, all_rows = int((~keep & (part == name)).sum()), int((part == name).sum())
        if not lenient and lost > all_rows / 2:
            raise UnfitError(
                f"{lost} of the {all_rows} rows that would be {name} rows belong to groups that an earlier "
                "part holds",
                notes["seen_earlier"],
            )
    notes["excluded"]["group_seen_earlier"] = int((~keep).sum())
    return np.where(keep, part, "excluded").astype(object)


def arm(unit: str, salt: str, share: float) -> str:
    """Online: `treatment` for about `share` of all units, else `control`; always the same for one unit."""
    return "treatment" if strategies.position([unit], salt)[0] < share else "control"


def online(project: Project) -> dict[str, Any]:
    """How units (groups if there are any, else ids) are assigned online, and what treatment gets here."""
    salt, share = project.param("split.online_salt", "first"), project.param("split.online_share", 0.5)
    if not 0 < share < 1:
        raise ProjectError(f"[split] online_share = {share}: a share above 0 and below 1.")
    table, group = project.table(), project.param("data.group", "")
    unit = group or project.param("data.id", "")
    units = pd.unique(table[group].dropna()) if group else table.index
    treated = sum(arm(str(one), salt, share) == "treatment" for one in units[:20_000])
    return {
        "unit": unit or "(content of the row)", "units": len(units), "salt": salt, "share": share,
        "looked_at": min(len(units), 20_000), "treatment": treated,
    }  # fmt: skip
