"""Read the raw files as one table, typed by schema.toml, with an id for every row."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from . import infer
from .errors import ProjectError
from .schema import Column, Schema

if TYPE_CHECKING:
    from .project import Project

TRUE = {"1", "true", "t", "yes", "y"}
FALSE = {"0", "false", "f", "no", "n"}


def read(project: Project) -> pd.DataFrame:
    """The raw files one after the other, each column typed, missing values as NaN, index `row_id`."""
    raw = read_text(project)
    schema = project.schema
    check_columns(raw, schema)
    decimal = project.param("data.decimal", ".")
    columns = {name: typed(raw[name], schema[name], decimal) for name in schema}
    return pd.DataFrame(columns).set_index(row_ids(raw, project.param("data.id", "")))


def read_text(project: Project) -> pd.DataFrame:
    """The raw files with every cell as the text that stands in it."""
    files = project.param("data.files")
    if not files:
        raise ProjectError("There is no data yet. Put a table (csv, csv.gz or parquet) into data/raw/ and name it in [data] files of params.toml.")
    frames = [_read_one(project, project.path(name)) for name in files]
    return pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]


def _read_one(project: Project, path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise ProjectError(f"{path.relative_to(project.root)} is not there; [data] files of params.toml names it.")
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    frame = pd.read_csv(
        path,
        sep=project.param("data.separator", ","),
        encoding=project.param("data.encoding", "utf-8"),
        dtype=str,
        keep_default_na=False,
        na_filter=False,
        header=None,
    )
    names = infer.header([str(name) for name in frame.iloc[0]])
    return frame.iloc[1:].set_axis(names, axis=1).reset_index(drop=True)


def check_columns(raw: pd.DataFrame, schema: Schema) -> None:
    """The table and the schema must name the same columns."""
    absent = [name for name in schema if name not in raw]
    if absent:
        raise ProjectError(f"schema.toml names a column {absent[0]!r} that the data does not have; the data has: {', '.join(map(str, raw))}.")
    new = [name for name in raw if name not in schema]
    if new:
        raise ProjectError(f"The data has a column {new[0]!r} that schema.toml does not name. Add a [[column]] for it.")


def typed(text: pd.Series, column: Column, decimal: str = ".") -> pd.Series:
    """One column as numbers, dates or text; what cannot be read as its type becomes missing."""
    if column.type == "date":
        return _dates(text, column)
    cells = text.astype(str).str.strip()
    missing = cells.isin([*infer.NULLS, *column.nulls])
    if column.type == "boolean":
        lowered = cells.str.lower()
        return pd.Series(np.select([lowered.isin(TRUE), lowered.isin(FALSE)], [1.0, 0.0], np.nan), index=text.index)
    if column.numeric:
        plain = cells.str.replace(decimal, ".", regex=False) if decimal != "." else cells
        numbers = pd.to_numeric(plain.mask(missing), errors="coerce").astype(float)
        return numbers.where(np.isfinite(numbers))
    return cells.astype(object).mask(missing, np.nan)


def _dates(text: pd.Series, column: Column) -> pd.Series:
    dates = pd.Series(pd.NaT, index=text.index, dtype="datetime64[us]")
    for form in column.formats or ("ISO8601",):
        dates = dates.fillna(pd.to_datetime(text, format=form, errors="coerce").astype("datetime64[us]"))
    return dates


def row_ids(raw: pd.DataFrame, id_column: str = "") -> pd.Index:
    """The id column's text; without one, the hash of the row's content and its occurrence number."""
    if id_column:
        ids = raw[id_column].astype(str)
        if ids.duplicated().any():
            again = ids[ids.duplicated()].iloc[0]
            raise ProjectError(
                f"[data] id = {id_column!r} repeats: {again!r} stands in more than one row, so it names a group, not a row. "
                f'Set id = "" and group = "{id_column}" in [data] of params.toml.'
            )
        return pd.Index(ids, name="row_id")
    lines = raw.iloc[:, 0].astype(str).str.cat([raw[name].astype(str) for name in raw.columns[1:]], sep="\x1f")
    content = pd.Series([hashlib.sha256(line.encode()).hexdigest()[:12] for line in lines], index=raw.index)
    occurrence = content.groupby(content).cumcount()
    return pd.Index(content.where(occurrence == 0, content + "-" + (occurrence + 1).astype(str)), name="row_id")
