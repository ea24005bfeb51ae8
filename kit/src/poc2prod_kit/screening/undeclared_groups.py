"""Relations that nobody declared: a column that names entities, or a date, though rows were drawn by
chance.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from poc2prod_kit.run.project import Project
from poc2prod_kit.run.report import Finding

SHOWN = 20
FEWEST_LEVELS = 20
LARGEST_GROUP = 30.0
SMALLEST_GROUP = 1.2
UNUSUAL = 5.0
DATE_LIKENESS = 0.1
CLASSES = 20
BORN = re.compile(r"birth|born|dob", re.IGNORECASE)
Floats = npt.NDArray[np.float64]


def undeclared(
    project: Project, rows: pd.DataFrame, part: pd.Series, y: pd.Series, strategy: str
) -> tuple[dict[str, Any], list[Finding]]:
    """Columns that look like a group on two sides whose rows share labels, or a date that orders labels."""
    labels = _matrix(project, y)
    group, time = project.param("data.group", ""), project.param("data.time", "")
    known = {project.param("data.target"), project.param("data.id", ""), group, time}
    groups, dates, findings = {}, {}, []
    for name in rows:
        kind = project.schema[str(name)].type
        if name in known:
            continue
        if kind == "date" and not time and strategy != "time" and not BORN.search(str(name)):
            dates[name] = _neighbours(rows[name], labels)
        elif kind in ("category", "text", "integer") and not group and _entities(rows[name]):
            groups[name] = _likeness(rows[name], (part == "train").to_numpy(), labels)
    for name, z in groups.items():
        if z >= UNUSUAL:
            findings.append(_group_finding(str(name), rows[name], part, z))
    for name, (likeness, z) in dates.items():
        if likeness >= DATE_LIKENESS and z >= UNUSUAL:
            text = (
                f"Rows that follow each other in {name!r} have similar targets (correlation {likeness:.2f}, "
                f"z = {z:.1f}), and they "
                f'stand on both sides of the split. If the model is used on later rows, set time = "{name}" '
                f"in [data]."
            )
            findings.append(Finding("time_order", text, (str(name),)))
    shown = {name: {"correlation": likeness, "z": z} for name, (likeness, z) in dates.items()}
    return {"groups": {name: {"z": z} for name, z in groups.items()}, "dates": shown}, findings


def _matrix(project: Project, y: pd.Series) -> Floats:
    """The target as columns of mean 0 and joint variance 1: ranks, or one indicator a class (the 20
    largest).
    """
    if project.param("problem.outcome") == "regression":
        columns = [y.astype(float).rank().to_numpy()]
    else:
        columns = [(y == label).to_numpy(dtype=float) for label in y.value_counts().index[:CLASSES]]
    matrix = np.column_stack(columns)
    matrix = matrix - matrix.mean(axis=0)
    return np.asarray(matrix / max(float(np.sqrt((matrix**2).sum(axis=1).mean())), 1e-12))


def _entities(column: pd.Series) -> bool:
    """Whether the values could name things met several times: many levels of few rows each."""
    known = column.dropna()
    levels = known.nunique()
    if levels < FEWEST_LEVELS or not SMALLEST_GROUP <= len(known) / levels <= LARGEST_GROUP:
        return False
    return not (known.dtype == object and known.str.contains(r"\s.*\s.*\s").mean() > 0.5)


def _likeness(column: pd.Series, train: npt.NDArray[np.bool_], labels: Floats) -> float:
    """z of the products of a level's mean label in training and outside it, less those of the next levels.

    Of numbers, one side less the level below, the other less the level above: what varies smoothly along an
    ordered column (an age,
    a price) cancels, what belongs to the entity does not.
    """
    codes = pd.factorize(column, sort=True)[0]
    known = codes >= 0
    size = int(codes.max()) + 1
    sides = []
    for rows in (known & train, known & ~train):
        count = np.bincount(codes[rows], minlength=size)
        means = [np.bincount(codes[rows], weights=values[rows], minlength=size) for values in labels.T]
        sides.append((count, np.column_stack(means) / np.maximum(count, 1)[:, None]))
    (in_train, inner), (outside, outer) = sides
    both = np.flatnonzero((in_train > 0) & (outside > 0))
    taught = np.flatnonzero(in_train > 0)
    at = np.searchsorted(taught, both)
    inside = (at > 0) & (at < len(taught) - 1)
    both, at = both[inside], at[inside]
    if len(both) < FEWEST_LEVELS / 2:
        return 0.0
    ordered = column.dtype != object or pd.to_numeric(column, errors="coerce").notna().mean() > 0.5
    below, above = (inner[taught[at + step]] * ordered for step in (-1, 1))
    products = ((outer[both] - below) * (inner[both] - above)).sum(axis=1) * np.sqrt(outside[both])
    spread = float(np.sqrt((products**2).sum()))
    return float(products.sum() / spread) if spread else 0.0


def _group_finding(name: str, column: pd.Series, part: pd.Series, z: float) -> Finding:
    later = part != "train"
    relative = column.index[later & column.isin(set(column[part == "train"].dropna()))]
    text = (
        f"{name!r} looks like a group on two sides: {len(relative)} of {int(later.sum())} "
        f"validation and test rows have a relative in "
        f"training, and relatives share their target more than chance allows (z = {z:.1f}). If new "
        f"rows bring new values of it, "
        f'set group = "{name}" in [data] of params.toml and run `poc` again.'
    )
    return Finding("group_on_two_sides", text, (name,), tuple(relative[:SHOWN]))


def _neighbours(column: pd.Series, labels: Floats) -> tuple[float, float]:
    """Correlation of the target between rows next to each other in time, and its z."""
    ordered = labels[column.notna().to_numpy()][np.argsort(column.dropna().to_numpy(), kind="stable")]
    if len(ordered) < FEWEST_LEVELS:
        return 0.0, 0.0
    likeness = float((ordered[1:] * ordered[:-1]).sum(axis=1).mean())
    products = (ordered[1:] * ordered[:-1]).sum(axis=1)
    spread = float(np.sqrt((products**2).sum()))
    return likeness, float(products.sum() / spread) if spread else 0.0
