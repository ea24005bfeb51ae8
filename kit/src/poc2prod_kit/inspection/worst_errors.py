"""The worst errors, and docs/errors.csv in which the team writes down why each happened."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from poc2prod_kit.models.selected_model import Rows, SelectedModel
from poc2prod_kit.run import atomic
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.project import Project
from poc2prod_kit.scoring.metrics import Predicted
from poc2prod_kit.tables.violations import shown

FILE = "docs/errors.csv"
COLUMNS = ["id", "truth", "prediction", "cause", "note"]
MADE = ["id", "truth", "prediction", "row"]
CELLS = 12
LONGEST = 60
Record = dict[str, str]


@dataclass
class Sheet:
    """docs/errors.csv: its first line, columns and separator, and each line with its text."""

    head: str
    fields: list[str]
    mark: str
    lines: list[tuple[Record, str]]

    def need(self, *names: str) -> None:
        """Add columns that the file does not have yet."""
        new = [name for name in names if name not in self.fields]
        if new:
            end = "\r\n" if self.head.endswith("\r\n") else "\n"
            self.head = self.mark.join([self.head.rstrip("\r\n"), *new]) + end
            self.fields += new

    def text(self, record: Record) -> str:
        """A line as it is written."""
        text = io.StringIO()
        writer = csv.DictWriter(
            text, self.fields, delimiter=self.mark, lineterminator="\n", extrasaction="ignore", restval=""
        )
        writer.writerow(record)
        return text.getvalue()

    def write(self, root: Path) -> None:
        """Write the file where it is not this already."""
        body = [raw if raw.endswith("\n") else raw + "\n" for _, raw in self.lines]
        whole = "".join([self.head, *body]).encode()
        path = root / FILE
        if not path.is_file() or path.read_bytes() != whole:
            with atomic.replacing(path) as beside:
                beside.write_bytes(whole)


def wrong(outcome: str, y_true: Any, y_pred: Predicted) -> Any:
    """Which rows are wrong: another class than the true one; for numbers, any that differs."""
    if outcome == "regression":
        return y_true.astype(float) != y_pred.value.astype(float)
    if outcome == "multiclass":
        return y_true != y_pred.value
    return (y_pred.value.astype(float) >= 0.5) != (y_true == 1)


def worst(
    outcome: str, rows: Rows, y_pred: Predicted, features: list[str], most: int = 20
) -> list[dict[str, Any]]:
    """The rows that are most wrong: id, truth, prediction, loss and the values of these features.

    loss: |truth − prediction|, or 1 − the probability given to the true class.
    """
    true = y_pred.true
    loss = np.abs(rows.y.astype(float) - y_pred.value.astype(float)) if true is None else 1 - true
    ids = rows.table.index.astype(str)
    places = np.flatnonzero(wrong(outcome, rows.y, y_pred))
    return [
        {
            "id": ids[place],
            "truth": rows.y[place],
            "prediction": y_pred.value[place],
            "loss": loss[place],
            "values": {name: rows.X[name].iloc[place] for name in features},
        }
        for place in sorted(places, key=lambda place: (-loss[place], ids[place]))[:most]
    ]


def readable(
    project: Project, model: SelectedModel, rows: Rows, cases: list[dict[str, Any]], important: list[str]
) -> list[Record]:
    """The cases for docs/errors.csv as a person reads them: labels and cells as they stand in the table.

    All columns where they are few; else time and group, and then the most important ones.
    """
    when = [project.param(f"data.{role}", "") for role in ("time", "group")]
    target = project.param("data.target")
    event = f" for {target} = {project.param('problem.positive')}" if model.outcome == "binary" else ""
    columns = [str(name) for name in rows.table.columns if name != target]
    named = [name for name in dict.fromkeys([*when, *important, *columns]) if name in columns]
    names = columns if len(columns) <= CELLS else named[:CELLS]
    items = []
    for case in cases:
        place = rows.table.index.get_loc(case["id"])
        row = {name: rows.table[name].iloc[place] for name in (target, *names)}
        y_pred = case["prediction"]
        items.append(
            {
                "id": case["id"],
                "truth": _cell(row[target]),
                "prediction": y_pred
                if isinstance(y_pred, str)
                else f"{float(y_pred):.{3 if event else 6}g}{event}",
                "row": "; ".join(f"{name} = {_cell(row[name])}" for name in names),
            }
        )
    return items


def causes(root: Path) -> dict[str, int]:
    """How often each cause was given, commonest first."""
    return counts([record["cause"] for record, _ in read(root).lines])


def counts(given: list[str]) -> dict[str, int]:
    """How often each of these causes occurs, upper and lower case alike, commonest first."""
    plain = sorted(" ".join(cause.split()).casefold() for cause in given)
    return dict(Counter(cause for cause in plain if cause).most_common())


def seed(root: Path, cases: list[Record], *columns: str) -> None:
    """Put the cases into the file; a line on which somebody wrote stays as it is, byte for byte.

    Lines on which nobody wrote are made anew, and go once their row is no longer among the cases.
    """
    sheet = read(root)
    sheet.need("row", *columns)
    kept = [(record, raw) for record, raw in sheet.lines if _written(record)]
    known = {record["id"] for record, _ in kept}
    new = [case for case in cases if case["id"] not in known]
    sheet.lines = [*kept, *((case, sheet.text(case)) for case in new)]
    sheet.write(root)


def _written(record: Record) -> bool:
    return any(cell.strip() for name, cell in record.items() if name not in MADE)


def _cell(value: Any) -> str:
    if pd.isna(value):
        return "(empty)"
    line = " ".join(str(shown(value)).split()).replace("T00:00:00", "")
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def read(root: Path) -> Sheet:
    """The file, without lines where it is missing; ProjectError where it cannot be read as such a table."""
    path = root / FILE
    if not path.is_file() or not path.read_bytes().strip():
        names = [*MADE, "cause", "note"]
        return Sheet(",".join(names) + "\n", names, ",", [])
    try:
        lines = path.read_bytes().decode().splitlines(keepends=True)
    except UnicodeDecodeError as error:
        raise ProjectError(
            f"{FILE} is not UTF-8 (byte {error.start}). Save it as CSV in UTF-8 and run again."
        ) from error
    mark = next((sign for sign in ",;\t" if sign in lines[0]), ",")
    fields = [name.strip() for name in next(csv.reader([lines[0].lstrip("\ufeff")], delimiter=mark))]
    absent = [name for name in COLUMNS if name not in fields]
    if absent:
        raise ProjectError(
            f"{FILE} has no column {absent[0]!r}; its first line must name {', '.join(COLUMNS)}."
        )
    reader, result, start = csv.reader(lines[1:], delimiter=mark), [], 0
    for cells in reader:
        raw, start = "".join(lines[1 + start : 1 + reader.line_num]), reader.line_num
        if cells:
            result.append((dict(zip_longest(fields, cells[: len(fields)], fillvalue="")), raw))
    return Sheet(lines[0] if lines[0].endswith("\n") else lines[0] + "\n", fields, mark, result)
