"""What must hold for any model worth keeping: the cases of [testing], put to the kept model one by one."""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from poc2prod_kit.models import fitting, selected_model
from poc2prod_kit.run import steps
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.project import Project
from poc2prod_kit.tables.cells import Cells
from poc2prod_kit.tables.schema import Column
from poc2prod_kit.tables.sniff import Dialect

PLAIN = Dialect(",", "utf-8", ".", False)
STEPS = ("data", "split", "features", "baseline")
Case = dict[str, Any]


def cases(root: Path, kind: str) -> list[Case]:
    """The [[testing.<kind>]] tables of params.toml: `invariance`, `direction` or `minimum`."""
    testing = tomllib.loads((root / "params.toml").read_text(encoding="utf-8-sig")).get("testing", {})
    items: list[Case] = testing.get(kind, [])
    return items


@dataclass(frozen=True)
class Judge:
    """A fitted model, and the ordinary row that every case starts from."""

    project: Project
    model: Any
    ordinary: dict[str, Any]

    def predict(self, row: dict[str, Any], label: str | None = None) -> float:
        """What the model says of the ordinary row with these cells changed.

        Binary: the probability of the positive class; regression: the number; multiclass: that of `label`.
        """
        X = self.project.code.features.build(self.project, self.table({**self.ordinary, **row}))
        y_true = None if label is None else np.array([label], dtype=object)
        y_pred = fitting.predict(self.model, X, y_true, self.project.param("problem.outcome"))
        if y_pred.true is not None:
            return float(y_pred.true[0])
        return float(np.asarray(y_pred.value, dtype=float)[0])

    def change(self, case: Case) -> float:
        """How much the prediction moves when `change` is laid over `row`."""
        row, label = case.get("row", {}), case.get("label")
        return self.predict({**row, **case["change"]}, label) - self.predict(row, label)

    def table(self, row: dict[str, Any]) -> pd.DataFrame:
        """The row as a table of one, typed as schema.toml says; a column that is not named is missing."""
        for name in row:
            if name not in self.project.schema:
                near = difflib.get_close_matches(name, list(self.project.schema), 1)
                hint = (
                    f"Did you mean {near[0]!r}?" if near else f"There are {', '.join(self.project.schema)}."
                )
                raise ProjectError(
                    f"[testing] names a column {name!r} that schema.toml does not have. {hint}"
                )
        return pd.DataFrame(
            {name: _cell(column, row.get(name)) for name, column in self.project.schema.items()}
        )


def ready(project: Project) -> Judge | None:
    """The kept model of models/, or None where there is none that is up to date."""
    try:
        return _judge(project)
    except ProjectError:
        return None


def fitted(project: Project) -> Judge:
    """Run the steps up to the baseline and take the model that it keeps."""
    for step in STEPS:
        steps.run_step(project, step)
    return _judge(project)


def _judge(project: Project) -> Judge:
    return Judge(project, selected_model.load(project).pipeline, project.param("testing.row", {}))


def _cell(column: Column, value: Any) -> pd.Series:
    text = "" if value is None else _text(value)
    if column.type == "date":
        # "" stands for ISO 8601, in which a date of params.toml comes.
        ways = ("", *column.formats) if isinstance(value, date) else (*column.formats, "")
        column = replace(column, formats=ways)
    # Numbers of params.toml are plain, however the table writes the column's.
    read = Cells(replace(column, decimal="", thousands=None), PLAIN)
    read.add([text])
    if read.unread:
        how = ", as 2024-05-31 or 2024-05-31T13:00" if column.type == "date" else ""
        raise ProjectError(
            f"[testing] gives {column.name} = {text!r}, which is not of its type, {column.type}{how}."
        )
    return read.series()


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return value.isoformat() if isinstance(value, date) else str(value)
