"""I.5 split: which rows teach, which choose, which judge; and who sees which model online."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd

from . import data
from .kit import files, rulebook
from .kit.errors import ProjectError
from .kit.project import Project
from .kit.report import Report

PARTS = ("train", "validation", "test")
FILE = "data/split.csv.gz"


def run(project: Project) -> Report:
    """Assign every row to a part and write the assignment."""
    table = project.table()
    population = in_population(project, table)
    labelled = data.target(project, table).notna()
    strategy, reason = choose(project, table)
    part = pd.Series("excluded", index=table.index, name="part")
    part[population & labelled] = STRATEGIES[strategy](project, table[population & labelled])
    files.write_csv(project.root / FILE, part.rename_axis("id").reset_index())
    sizes = {name: int((part == name).sum()) for name in (*PARTS, "excluded")}
    return Report({"strategy": strategy, "reason": reason, "sizes": sizes}, [FILE])


def in_population(project: Project, table: pd.DataFrame) -> pd.Series:
    """Which rows the question is about: those that every rule in [data] population keeps."""
    keep = pd.Series(True, index=table.index)
    for name in project.param("data.population", []):
        keep &= rulebook.rule(name)(table)
    return keep


def choose(project: Project, table: pd.DataFrame) -> tuple[str, str]:
    """The strategy and why: what [split] says, else by rule from the columns that [data] names."""
    named = project.param("split.strategy", "auto")
    if named != "auto":
        return named, project.param("split.reason", "")
    if project.param("data.time", ""):
        return "time", "there is a time column: a model is used on what comes after what it was trained on"
    if project.param("data.group", ""):
        return "group", "there is a group column: rows of one group resemble each other and stay together"
    if project.param("problem.outcome") != "regression":
        return "stratified", "no time and no group column: rows are drawn by chance, each class in its share"
    return "random", "no time and no group column: rows are drawn by chance"


def by_time(project: Project, table: pd.DataFrame) -> pd.Series:
    """Earlier rows train, later rows validate, the latest test."""
    when = table[project.param("data.time")]
    first, second = project.param("split.train_until", None), project.param("split.validation_until", None)
    if first is None or second is None:
        raise ProjectError("[split] train_until and validation_until are needed.")
    bounds = [pd.Timestamp(bound) if when.dtype.kind == "M" else float(bound) for bound in (first, second)]
    return pd.Series(np.select([when <= bounds[0], when <= bounds[1]], PARTS[:2], PARTS[2]), index=table.index)


STRATEGIES = {"time": by_time}


def parts(project: Project) -> pd.Series:
    """The part of each row, by id, from the split file."""
    return pd.read_csv(project.path(FILE), dtype=str, keep_default_na=False).set_index("id")["part"]


def arm(unit: str, salt: str, share: float) -> str:
    """Online: `treatment` for about `share` of all units, `control` for the rest; always the same for one unit."""
    number = int.from_bytes(hashlib.sha256(f"{salt}\x1f{unit}".encode()).digest()[:8], "big") / 2**64
    return "treatment" if number < share else "control"
