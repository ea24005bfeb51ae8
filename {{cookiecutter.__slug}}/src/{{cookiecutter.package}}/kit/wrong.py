"""The worst errors, and docs/errors.csv in which the team writes down why each happened."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np

from .errors import ProjectError
from .kept import Rows
from .metrics import Floats, Predicted

FILE = "docs/errors.csv"
COLUMNS = ["id", "truth", "prediction", "cause", "note"]


def losses(outcome: str, y: Any, said: Predicted) -> Floats:
    """How wrong each prediction is: |truth − prediction|, or 1 − the probability given to the true class."""
    if said.true is not None:
        return 1 - said.true
    return np.abs(y.astype(float) - said.value.astype(float))


def wrong(outcome: str, y: Any, said: Predicted) -> Any:
    """Which rows are wrong: another class than the true one; for numbers, any that differs."""
    if outcome == "regression":
        return y.astype(float) != said.value.astype(float)
    return y != said.value if said.true is not None else (said.value.astype(float) >= 0.5) != (y == 1)


def worst(
    outcome: str, seen: Rows, said: Predicted, features: list[str], most: int = 20
) -> list[dict[str, Any]]:
    """The rows that are most wrong: id, truth, prediction, loss and the values of these features."""
    loss, which = losses(outcome, seen.y, said), wrong(outcome, seen.y, said)
    places = sorted(np.flatnonzero(which), key=lambda place: (-loss[place], str(seen.table.index[place])))[
        :most
    ]
    return [
        {
            "id": str(seen.table.index[place]),
            "truth": seen.y[place],
            "prediction": said.value[place],
            "loss": loss[place],
            "values": {name: seen.matrix[name].iloc[place] for name in features},
        }
        for place in places
    ]


def read(root: Path) -> list[dict[str, str]]:
    """The lines of docs/errors.csv, none where it is missing; ProjectError where its columns are unknown."""
    return [record for record, _ in _lines(root)[1]]


def causes(root: Path) -> dict[str, int]:
    """How often each cause was given, commonest first."""
    given = [" ".join(line["cause"].split()).casefold() for line in read(root)]
    counts = {cause: given.count(cause) for cause in sorted(set(given)) if cause}
    return dict(sorted(counts.items(), key=lambda item: -item[1]))


def seed(root: Path, cases: list[dict[str, Any]]) -> dict[str, int]:
    """Add the cases that are not there yet; a line with a cause or a note stays as it is, byte for byte.

    Lines that nobody has written on go when their row is no longer among the cases.
    """
    head, lines = _lines(root)
    now = {case["id"] for case in cases}
    kept = [
        (record, raw)
        for record, raw in lines
        if record["cause"].strip() or record["note"].strip() or record["id"] in now
    ]
    known = {record["id"] for record, _ in kept}
    fields, mark = _header(head)
    text = io.StringIO()
    writer = csv.DictWriter(text, fields, delimiter=mark, lineterminator="\n", restval="")
    for case in cases:
        if case["id"] not in known:
            row = {"id": case["id"], "truth": _plain(case["truth"]), "prediction": _plain(case["prediction"])}
            writer.writerow({name: row.get(name, "") for name in fields})
    whole = head + "".join(raw if raw.endswith("\n") else raw + "\n" for _, raw in kept) + text.getvalue()
    path = root / FILE
    if not path.is_file() or path.read_bytes() != whole.encode():
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(whole.encode())
    return {
        "lines": len(kept) + len(now - known),
        "with_cause": sum(bool(record["cause"].strip()) for record, _ in kept),
        "added": len(now - known),
    }


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else f"{float(value):.6g}"


def _header(head: str) -> tuple[list[str], str]:
    mark = next((sign for sign in ",;\t" if sign in head), ",")
    return [name.strip() for name in next(csv.reader([head.lstrip("\ufeff")], delimiter=mark))], mark


def _lines(root: Path) -> tuple[str, list[tuple[dict[str, str], str]]]:
    path = root / FILE
    if not path.is_file() or not path.read_bytes().strip():
        return ",".join(COLUMNS) + "\n", []
    try:
        lines = path.read_bytes().decode().splitlines(keepends=True)
    except UnicodeDecodeError as error:
        raise ProjectError(
            f"{FILE} is not UTF-8 (byte {error.start}). Save it as CSV in UTF-8 and run again."
        ) from error
    fields, mark = _header(lines[0])
    absent = [name for name in COLUMNS if name not in fields]
    if absent:
        raise ProjectError(
            f"{FILE} has no column {absent[0]!r}; its first line must name {', '.join(COLUMNS)}."
        )
    reader, found, start = csv.reader(lines[1:], delimiter=mark), [], 0
    for cells in reader:
        raw, start = "".join(lines[1 + start : 1 + reader.line_num]), reader.line_num
        if cells:
            found.append((_record(fields, cells), raw))
    return lines[0] if lines[0].endswith("\n") else lines[0] + "\n", found


def _record(fields: list[str], cells: list[str]) -> dict[str, str]:
    return {name: cells[place] if place < len(cells) else "" for place, name in enumerate(fields)}
