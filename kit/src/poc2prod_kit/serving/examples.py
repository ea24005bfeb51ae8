"""Examples of requests: good ones out of the golden rows, and bad ones, each wrong in one field."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, count, islice, zip_longest
from typing import Any

import pandas as pd
from pydantic import BaseModel, ValidationError

from poc2prod_kit.rules import golden, rowwise, synthetic
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.project import Project
from poc2prod_kit.run.report import StaleError
from poc2prod_kit.serving.schemas import Column, limits

EXAMPLES = "contract/examples.json"
Request = dict[str, Any]
MOST_BAD = 60
UNKNOWN = "not_a_field"
WRONG_TYPE: dict[str, Any] = {
    "integer": "three", "number": "three", "boolean": "yes", "category": 3, "text": 3, "date": "yesterday",
}  # fmt: skip


def good(project: Project, columns: Sequence[Column], row: type[BaseModel]) -> list[dict[str, Any]]:
    """The golden rows that `row` accepts, with their origin, and the columns' own examples.

    Golden rows with nulls or a category never seen may not be accepted; those outside the population are left
    out where there are others, as the model knows no such rows.
    """
    table, origins = golden_table(project)
    result = zip(origins, requests(table, columns), rowwise.in_population(project, table), strict=True)
    accepted = [(inside, origin, one) for origin, one, inside in result if not refused(row, one)]
    every = not any(inside for inside, _, _ in accepted)
    shown = [{"origin": origin, "request": one} for inside, origin, one in accepted if inside or every]
    return [*shown, *made(columns)]


def golden_table(project: Project) -> tuple[pd.DataFrame, list[str]]:
    """The golden rows as a table, typed as the step `data` types the raw files, and each one's origin."""
    if not (project.root / golden.FILE).is_file():
        raise StaleError("contract", f"{golden.FILE} is not there: the step `contract` writes it.")
    try:
        rows = json.loads(project.path(golden.FILE).read_text(encoding="utf-8"))["rows"]
        cells = {name: [str(one["input"].get(name, "")) for one in rows] for name in project.schema}
        origins = [str(one["origin"]) for one in rows]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ProjectError(
            f"{golden.FILE} cannot be read. Restore it from git, or run `contract --golden` to write it anew."
        ) from error
    return synthetic.typed(project, cells), origins


def requests(table: pd.DataFrame, columns: Sequence[Column]) -> list[Request]:
    """Each row of a typed table as the request that holds it."""
    return [
        {column["name"]: _json(column, table[column["name"]].iloc[place]) for column in columns}
        for place in range(len(table))
    ]


def made(columns: Sequence[Column]) -> list[dict[str, Any]]:
    """The fields' own examples; and where fields may be empty, one with null for them and one without."""
    usual = {column["name"]: column["example"] for column in columns}
    free = {column["name"] for column in columns if column["nullable"]}
    items = [{"origin": "schema.toml", "request": usual}]
    if free:
        nulls = {name: None if name in free else value for name, value in usual.items()}
        without = {name: value for name, value in usual.items() if name not in free}
        items.append({"origin": "schema.toml: null where allowed", "request": nulls})
        items.append({"origin": "schema.toml: absent where allowed", "request": without})
    return items


def bad(columns: Sequence[Column], request: Request) -> list[dict[str, Any]]:
    """The request with one field made wrong, in each way that applies: by turns, about 60.

    Each is told as what changes: the fields in `set` and their values, and those `without` which it is.
    """
    ways = [list(_ways(column, request)) for column in columns]
    by_turns = chain.from_iterable(zip_longest(*ways))
    name = next(name for name in _names(UNKNOWN) if name not in request)
    items = [{"why": "unknown field", "field": name, "set": {name: 1}}]
    return [*items, *islice((one for one in by_turns if one), max(MOST_BAD - 1, len(columns)))]


def whole(content: Mapping[str, Any]) -> tuple[list[Request], list[dict[str, Any]]]:
    """The good requests of contract/examples.json, and the bad ones with `why`, `field` and `request`."""
    requests = [one["request"] for one in content["good"]]
    return requests, [
        {"why": one["why"], "field": one["field"], "request": changed(requests[0], one)}
        for one in content["bad"]
    ]


def changed(request: Request, one: Mapping[str, Any]) -> Request:
    """The request with a bad example's changes."""
    same = {name: value for name, value in request.items() if name not in one.get("without", ())}
    return {**same, **one.get("set", {})}


def refused(row: type[BaseModel], request: Request) -> list[str]:
    """The fields that a request is refused for; none if it is accepted. "" is the request as a whole."""
    try:
        row.model_validate(request)
    except ValidationError as error:
        return [str((*one["loc"], "")[0]) for one in error.errors(include_url=False, include_context=False)]
    return []


def _ways(column: Column, request: Request) -> Iterator[dict[str, Any]]:
    """Each way in which this field can be wrong, the likeliest first."""
    name = column["name"]

    def wrong(why: str, value: Any) -> dict[str, Any]:
        return {"why": why, "field": name, "set": {name: value}}

    yield wrong("wrong type", WRONG_TYPE[column["type"]])
    if column["values"]:
        yield wrong(
            "not an allowed value",
            next(name for name in _names(golden.UNSEEN) if name not in column["values"]),
        )
    if column["minimum"] is not None:
        yield wrong("below the minimum", _beyond(column, -1))
    if column["maximum"] is not None:
        yield wrong("above the maximum", _beyond(column, 1))
    if not column["nullable"]:
        yield {"why": "missing", "field": name, "without": [name]}
        yield wrong("null where a value is needed", None)
    if column["type"] == "integer":
        half = math.floor(request[name] or column["example"]) + 0.5
        yield wrong("not a whole number", half if half % 1 else 0.5)


def _beyond(column: Column, sign: int) -> float:
    """A whole number just beyond the bound."""
    low, high = limits(column)
    bound = high if sign > 0 else low
    if abs(bound) >= 2**53:
        return math.nextafter(bound, sign * math.inf)
    return math.floor(bound) + 1 if sign > 0 else math.ceil(bound) - 1


def _names(first: str) -> Iterator[str]:
    return chain([first], (f"{first}_{number}" for number in count(2)))


def _json(column: Column, value: Any) -> Any:
    """A typed cell as JSON has it."""
    if pd.isna(value):
        return None
    if column["type"] == "boolean":
        return bool(value)
    if column["type"] == "date":
        return pd.Timestamp(value).isoformat()
    if isinstance(value, str):
        return value
    return int(value) if float(value).is_integer() and abs(value) < 2**53 else float(value)
