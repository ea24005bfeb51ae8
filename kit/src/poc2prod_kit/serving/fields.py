"""What the service must know of a row: the columns that features and their rules read, and the target."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from poc2prod_kit.rules import rulebook, synthetic
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.project import Project
from poc2prod_kit.run.report import StaleError
from poc2prod_kit.scoring import costs
from poc2prod_kit.serving.schemas import LARGEST
from poc2prod_kit.tables.schema import Column

Value = float | bool | str
LARGEST_BATCH, LARGEST_BODY_KB, LARGEST_LIMIT = 1_000, 4_096, 1_000_000
PYPROJECT = "pyproject.toml"
SIGNIFICANT = 3


@dataclass(frozen=True)
class Field:
    """One field of a request: a column of schema.toml as a caller needs it. Dates have no bounds."""

    name: str
    type: str
    nullable: bool
    minimum: float | None
    maximum: float | None
    values: tuple[str, ...]
    meaning: str
    unit: str
    example: Value

    def as_dict(self) -> dict[str, Any]:
        """As models/serving.json and reports/contract.json hold it."""
        return {**asdict(self), "values": list(self.values)}


def fields(project: Project) -> list[Field]:
    """The columns that features and feature rules read, in the table's order.

    Raises ProjectError where a rule reads the target or a column that schema.toml does not have.
    """
    needed = dict(_needed(project))
    target = project.param("data.target")
    if target in needed:
        raise ProjectError(
            f"rules.py, {needed[target]}: it reads {target!r}, which is what is predicted and is not known "
            "when a prediction is asked for. Take it out of the rule."
        )
    for name, rule in needed.items():
        if name not in project.schema:
            raise ProjectError(
                f"rules.py, {rule}: it reads {name!r}, which schema.toml does not name. Mend the name, or "
                "add a [[column]]."
            )
    return [_field(column) for name, column in project.schema.items() if name in needed]


def about(project: Project) -> dict[str, Any]:
    """All that the document of the endpoints is made from; models/serving.json holds it too, key by key.

    title, version, description (pyproject.toml), columns, outcome, target, limits ([api] of params.toml),
    threshold (by the costs in [problem]).
    """
    if not project.schema:
        raise StaleError("data", "schema.toml names no column yet: the step `data` reads them off the table.")
    # Each key as a text of its own: which keys are used is told from the source.
    limits = {
        "largest_batch": project.param("api.largest_batch", LARGEST_BATCH),
        "largest_body_kb": project.param("api.largest_body_kb", LARGEST_BODY_KB),
    }
    for key, value in limits.items():
        if not 1 <= value <= LARGEST_LIMIT:
            why = (
                "lets nothing in: give 1 or more"
                if value < 1
                else f"is no limit: give {LARGEST_LIMIT} or less"
            )
            raise ProjectError(f"params.toml, [api] {key} = {value} {why}.")
    columns = [field.as_dict() for field in fields(project)]
    if not columns:
        raise ProjectError(
            "No column becomes a feature, so a request would hold nothing. Take some out of [data] exclude."
        )
    named, predicted = _named(project), target(project)
    named["description"] = " ".join(filter(None, [named["description"], population(project)]))
    return {
        **named,
        "columns": columns,
        "outcome": predicted["outcome"],
        "target": predicted,
        "limits": limits,
        "threshold": costs.threshold(project),
    }


def population(project: Project) -> str:
    """Whom the model is for, by the rules of [data] population: of others it has never seen one."""
    rules = project.param("data.population", [])
    items = [f"{name} ({rulebook.meaning(project.code.rules, name).rstrip('.')})" for name in rules]
    words = f"The model is for rows that these rules keep, and knows no others: {'; '.join(items)}."
    return words if items else ""


def target(project: Project) -> dict[str, Any]:
    """What is predicted: name, meaning, unit; the positive value, or the classes where known."""
    column = project.schema.named(project.param("data.target"))
    outcome = project.param("problem.outcome")
    return {
        **{"name": column.name, "meaning": column.meaning, "unit": column.unit, "outcome": outcome},
        "positive": str(project.param("problem.positive", None) or "") if outcome == "binary" else "",
        "values": list(column.values) if outcome == "multiclass" else [],
    }


def _named(project: Project) -> dict[str, str]:
    try:
        made = tomllib.loads(project.path(PYPROJECT).read_text(encoding="utf-8-sig"))["project"]
        title, version = str(made["name"]), str(made["version"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ProjectError(
            "pyproject.toml does not give [project] name and version, which the contract is published under. "
            "Add them, or restore the file from git."
        ) from error
    return {"title": title, "version": version, "description": str(made.get("description", ""))}


def _needed(project: Project) -> Iterator[tuple[str, str]]:
    """Each column that is read, and the rule that reads it (else "")."""
    for one in project.code.features.definitions(project):
        rule = one["rule"] if one["how"] == "rule" else ""
        columns = sorted(rulebook.reads(project.code.rules, rule)) if rule else []
        columns += [one[key] for key in ("column", "until") if key in one and not rule]
        yield from ((name, rule) for name in columns)


def _field(column: Column) -> Field:
    low, high = _bound(column, "minimum"), _bound(column, "maximum")
    if low is not None and high is not None:
        why = ""
        if low > high:
            why = f"minimum = {low:g} is above maximum = {high:g}, so no value fits. Mend one of them."
        elif column.type == "integer" and math.ceil(low) > math.floor(high):
            why = f"there is no whole number from {low:g} to {high:g}. Mend minimum or maximum."
        if why:
            raise ProjectError(f"schema.toml, {column.name}: {why}")
    values = column.values if column.type == "category" else ()
    text = (column.name, column.type, column.nullable, low, high, values, column.meaning, column.unit)
    return Field(*text, example=_example(column, low, high))


def _bound(column: Column, key: str) -> float | None:
    """The bound of a column of numbers; none where it is not one that a number can be held against."""
    value = getattr(column, key)
    if column.type not in LARGEST or value is None or not -LARGEST["number"] <= value <= LARGEST["number"]:
        return None
    return _short(float(value))


def _short(number: float) -> float:
    """A whole number as such, so that it is written without a decimal point."""
    return int(number) if number.is_integer() and abs(number) <= LARGEST["integer"] else number


def _example(column: Column, low: float | None, high: float | None) -> Value:
    """A value in the middle of what is allowed."""
    if column.type == "date":
        return _date(column)
    fixed: dict[str, Value] = {
        "boolean": True,
        "category": (*column.values, "unknown")[0],
        "text": "some words",
    }
    if column.type in fixed:
        return fixed[column.type]
    low = min(0.0, high or 0.0) if low is None else low
    high = low + 100.0 if high is None else high
    middle = low / 2 + high / 2
    rounded = round(middle, SIGNIFICANT - 1 - math.floor(math.log10(abs(middle) or 1.0)))
    if column.type == "integer":
        rounded = math.floor(middle)
        rounded = rounded if rounded >= low else math.ceil(low)
    return _short(float(rounded if low <= rounded <= high else low))


def _date(column: Column) -> str:
    """The middle of the column's range, at the full hour where the column has hours."""
    low, high = synthetic.bounds(column)
    seconds = (low + high) / 2 if math.isfinite(low + high) else 0.0
    stamp = datetime(1970, 1, 1) + timedelta(hours=seconds // 3600)
    timed = any("%H" in form or "%I" in form for form in column.formats)
    return stamp.isoformat() if timed else stamp.date().isoformat()
