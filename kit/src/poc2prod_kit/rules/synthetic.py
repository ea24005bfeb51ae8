"""A small table that stands in for the data: real rows where these may be shared, else rows drawn by chance."""

from __future__ import annotations

import csv
import io
import json
import math
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from poc2prod_kit.run import atomic
from poc2prod_kit.run.project import Project
from poc2prod_kit.splitting import folds, split_file
from poc2prod_kit.tables import moments, raw_files
from poc2prod_kit.tables.cells import Cells
from poc2prod_kit.tables.moments import date
from poc2prod_kit.tables.schema import Column

SAMPLE, LABEL = "tests/sample.csv", "tests/sample.json"
ROWS = 200
GROUP_SIZE = 2
WORDS = ("alpha", "beta", "gamma", "delta", "omega")
NOTES = {
    "synthetic": "Rows drawn by chance from schema.toml: no row of the data. Results on them mean nothing.",
    "real": "Rows of the data, whole groups (or days) of every part.",
}
Rows = dict[str, list[str]]


def origin(project: Project) -> str:
    """`real` where [features] golden says so or [data] committed is true, else `synthetic`."""
    usual = "real" if project.param("data.committed", False) else "synthetic"
    return str(project.param("features.golden", usual, among=("real", "synthetic")))


def refresh_sample(project: Project) -> tuple[dict[str, Any], list[str]]:
    """Write tests/sample.csv where it is missing or of another table; its label, and the files' names."""
    if outdated(project):
        write_sample(project)
    return _label(project), [name for name in (SAMPLE, LABEL) if (project.root / name).is_file()]


def _label(project: Project) -> dict[str, Any]:
    """How many rows tests/sample.csv has and where they are from, as its label says."""
    try:
        label = json.loads((project.root / LABEL).read_text(encoding="utf-8"))
        return {"rows": label["rows"], "origin": label["origin"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {"rows": None, "origin": "unknown"}


def write_sample(project: Project) -> None:
    """Write tests/sample.csv in the raw files' notation, and tests/sample.json: where its rows are from."""
    kind = origin(project)
    cells = real(project, sample_ids(project)) if kind == "real" else draw(project, ROWS)
    count = len(next(iter(cells.values()), []))
    dialect = raw_files.dialect(project)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=dialect.separator, quotechar=dialect.quote, lineterminator="\n")
    writer.writerow(cells)
    writer.writerows(zip(*cells.values(), strict=True))
    path = project.root / SAMPLE
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(out.getvalue().encode(dialect.encoding.removesuffix("-sig"), "replace"))
    label = {"origin": kind, "rows": count, "note": NOTES[kind]}
    atomic.write_json(project.root / LABEL, label)


def outdated(project: Project) -> bool:
    """Whether tests/sample.csv is missing, of other columns than schema.toml's, or not of the origin told."""
    path, dialect = project.root / SAMPLE, raw_files.dialect(project)
    try:
        with path.open(encoding=dialect.encoding, newline="") as file:
            head = next(csv.reader(file, delimiter=dialect.separator, quotechar=dialect.quote), [])
    except (OSError, ValueError):
        return True
    # A sample without a label of ours is the team's own, and stays.
    labelled = _label(project)["origin"]
    return head != list(project.schema) or (labelled in NOTES and labelled != origin(project))


def typed(project: Project, cells: Rows) -> pd.DataFrame:
    """Cells of text as a table, typed as the step `data` types the raw files."""
    columns = {}
    for name, column in project.schema.items():
        reader = Cells(column, raw_files.dialect(project))
        reader.add(cells[name])
        columns[name] = reader.series()
    return pd.DataFrame(columns, index=pd.RangeIndex(len(next(iter(cells.values()), []))))


def real(project: Project, places: list[int]) -> Rows:
    """The cells of the rows at these places of the table, as they stand in the raw files."""
    wanted, row = set(places), 0
    cells: Rows = {name: [] for name in project.schema}
    for file in raw_files.files(project):
        names, chunks = raw_files.open_table(project, file)
        for chunk in chunks:
            for line in chunk:
                if row in wanted:
                    for name, cell in zip(names, line, strict=True):
                        cells[name].append(cell)
                row += 1
    return cells


def sample_ids(project: Project, most: int = ROWS) -> list[int]:
    """The places of about `most` rows: whole groups (else days, else rows) by hash, of every part and year."""
    table = project.table()
    part = split_file.parts(project).reindex(table.index).fillna("excluded")
    group, time = project.param("data.group", ""), project.param("data.time", "")
    dated = bool(time) and table[time].dtype.kind == "M"
    unit, block = table.index.to_series(), part
    if group:
        unit = table[group].astype(str)
    elif dated:
        unit = table[time].dt.strftime("%Y-%m-%d")
    if time and not dated and table[time].nunique() <= 20:
        block = part.astype(str) + "|" + table[time].astype(str)
    share = most / max(block.nunique(), 1)
    chosen = np.zeros(len(table), dtype=bool)
    for name in sorted(block.unique()):
        here = (block == name).to_numpy()
        before = folds.order(table.index[here], unit[here].to_numpy(dtype=object), "sample") * here.sum()
        size = unit[here].map(unit[here].value_counts()).to_numpy()
        chosen[np.flatnonzero(here)[before - size < share]] = True
    return np.flatnonzero(chosen).tolist()


def draw(project: Project, count: int) -> Rows:
    """Rows drawn within schema.toml, as text in the raw files' notation; the first two hold the extremes."""
    generator = np.random.default_rng(project.param("seed"))
    names = {role: project.param(f"data.{role}", "") for role in ("id", "group", "target")}
    made = {}
    for name, column in project.schema.items():
        if name == names["id"]:
            made[name] = [f"S{row:05d}" for row in range(count)]
        elif name == names["group"]:
            made[name] = [f"G{row // GROUP_SIZE:05d}" for row in range(count)]
        else:
            made[name] = _drawn(project, column, count, generator)
            if column.nullable and name != names["target"]:
                for row in np.flatnonzero(generator.random(count) < 0.05):
                    made[name][row] = ""
    return made


def _drawn(project: Project, column: Column, count: int, generator: np.random.Generator) -> list[str]:
    shares = np.concatenate([[0.0, 1.0], generator.random(max(count - 2, 0))])[:count]
    if column.type == "boolean":
        pair = column.values if len(column.values) == 2 else _booleans(project, column)
        return [pair[int(share >= 0.5)] for share in shares]
    if column.type == "category":
        values = column.values or tuple(f"{column.name} {word}" for word in WORDS)
        return [values[min(int(share * len(values)), len(values) - 1)] for share in shares]
    if column.type == "text":
        return [" ".join(generator.choice(WORDS, 2 + int(share * 8))) for share in shares]
    low, high = bounds(column)
    if column.type == "date":
        form = (*column.formats, "%Y-%m-%dT%H:%M:%S")[0]
        return [_date(low + share * (high - low), form) for share in shares]
    sign = column.decimal or raw_files.dialect(project).decimal
    numbers = [low + share * (high - low) for share in shares]
    return [
        f"{number:.0f}" if column.type == "integer" else f"{number:.6g}".replace(".", sign)
        for number in numbers
    ]


def _date(seconds: float, form: str) -> str:
    """The date so many seconds after 1970 began, of any year that Python knows, written with all digits."""
    return moments.write(datetime(1970, 1, 1) + timedelta(seconds=math.floor(seconds)), form)


def _booleans(project: Project, column: Column) -> tuple[str, str]:
    positive = project.param("problem.positive", "") if column.name == project.param("data.target") else ""
    pairs = {"yes": "no", "true": "false", "t": "f", "y": "n", "no": "yes", "0": "1"}
    other = pairs.get(positive.casefold(), "0")
    return (other, positive) if positive else ("0", "1")


def bounds(column: Column) -> tuple[float, float]:
    """The least and largest value that the schema gives; dates in seconds since 1970."""
    if column.type != "date":
        low = float(column.minimum) if column.minimum is not None else min(0.0, float(column.maximum or 0.0))
        return low, float(column.maximum) if column.maximum is not None else low + 100.0
    texts = [str(column.minimum or "2020-01-01"), str(column.maximum or "2024-12-31")]
    low, high = (_seconds(date(text, (*column.formats, ""))) for text in texts)
    return low, high


def _seconds(moment: datetime | None) -> float:
    return (moment - datetime(1970, 1, 1)).total_seconds() if moment else math.nan
