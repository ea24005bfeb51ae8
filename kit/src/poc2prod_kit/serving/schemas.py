"""Pydantic models of requests and answers, made from the columns and the target of models/serving.json.

Each column is a mapping: name, type, nullable, minimum, maximum, values, meaning, unit, example
(`Field.as_dict` in fields.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    FailFast,
    Field,
    WithJsonSchema,
    create_model,
    model_validator,
)

LONGEST = {"category": 1_000, "text": 20_000}
LARGEST = {"number": 1e308, "integer": 2.0**53 - 1}
# Dates of the calendar, years 1 to 9999, alone or with a time; Z or an offset may follow the time. Only the
# `pattern` in the OpenAPI document tells a caller exactly which strings are accepted.
DATE = (
    r"^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    r"|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)"
    r"([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])?)?"
    r"$(?!\n)"
)
DATE_NOTE = "ISO 8601 date, or date and time; a time with an offset is converted to UTC"
MOST_UNKNOWN = 20
_is_date = re.compile(DATE).match
Column = Mapping[str, Any]
Row = dict[str, Any]
Share = Annotated[float, Field(ge=0, le=1)]


class RequestModel(BaseModel):
    """The base of the models of requests: no unknown keys, no conversion of strings to numbers."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _drop_most_unknown(cls, body: Any) -> Any:
        """Drop all but the first unknown keys: each costs memory as an error, and 4 MB hold half a million."""
        if not isinstance(body, dict) or len(body) <= len(cls.model_fields) + MOST_UNKNOWN:
            return body
        known = {field.alias or name for name, field in cls.model_fields.items()}
        first = set(islice((name for name in body if name not in known), MOST_UNKNOWN))
        return {name: value for name, value in body.items() if name in known or name in first}


def row_model(columns: Sequence[Column]) -> type[RequestModel]:
    """The model of one row. Column names are aliases, since they may be no Python names."""
    fields: dict[str, Any] = {f"column_{place}": _field(column) for place, column in enumerate(columns)}
    return create_model("Row", __base__=RequestModel, **fields)


def batch_model(row: type[RequestModel], largest: int) -> type[RequestModel]:
    """The model of `{"rows": [...]}` with 1 to `largest` rows; validation ends at the first bad row."""
    rows = Annotated[list[row], Field(min_length=1, max_length=largest), FailFast()]  # type: ignore[valid-type]
    return create_model("Batch", __base__=RequestModel, rows=(rows, ...))


def as_row(row: BaseModel) -> Row:
    """Column name → value of a validated row, without its nulls: what rules and encoder take."""
    return row.model_dump(by_alias=True, exclude_none=True)


def as_rows(batch: Any) -> list[Row]:
    """The rows of a validated batch, each as `as_row` gives it."""
    return [as_row(row) for row in batch.rows]


def answer_models(
    target: Mapping[str, Any], threshold: float | None = None
) -> tuple[type[BaseModel], type[BaseModel]]:
    """The models of the answers to one row and to a batch, by outcome: binary, multiclass or regression.

    `threshold`: the probability from which a binary prediction is true.
    """
    prediction = create_model("Prediction", **_prediction(target, threshold))
    model = (str, Field(description="Content id of the model that answered"))
    answer = create_model("Answer", __base__=prediction, model=model)
    return answer, create_model("BatchAnswer", predictions=(list[prediction], ...), model=model)  # type: ignore[valid-type]


def limits(column: Column) -> tuple[float, float]:
    """The smallest and the largest number that a column of numbers accepts."""
    low, high = column.get("minimum"), column.get("maximum")
    largest = max(abs(low or 0), abs(high or 0))
    most = next(LARGEST[kind] for kind in (column["type"], "number") if largest <= LARGEST[kind])
    return -most if low is None else low, most if high is None else high


def utc(text: Any) -> datetime:
    """An ISO 8601 date, or date and time, as a naive datetime; converted to UTC where it has an offset.

    `2024-05-01` → midnight. What an offset moves beyond the years 1 to 9999 is set to their ends.
    """
    if not isinstance(text, str) or not _is_date(text):
        raise ValueError("must be an ISO 8601 date, or date and time")
    result = datetime.fromisoformat(text)
    if result.tzinfo is None:
        return result
    try:
        return result.astimezone(UTC).replace(tzinfo=None)
    except OverflowError:
        return datetime.min if result.year == 1 else datetime.max


def _field(column: Column) -> tuple[Any, Any]:
    """Type and Field of one column, as create_model takes them."""
    kind, nullable = _type(column), column.get("nullable")
    unit = {"x-unit": column["unit"]} if column.get("unit") else {}
    note = DATE_NOTE if column["type"] == "date" else ""
    field = Field(
        default=None if nullable else ...,
        alias=column["name"],
        title=column["name"],
        description="; ".join(filter(None, [_described(column), note])) or None,
        examples=[column["example"]],
        json_schema_extra=unit,
    )
    return kind | None if nullable else kind, field


def _type(column: Column) -> Any:
    kind = column["type"]
    if kind == "boolean":
        return bool
    if kind == "date":
        return Annotated[datetime, BeforeValidator(utc), WithJsonSchema({"type": "string", "pattern": DATE})]
    if kind == "category" and column.get("values"):
        return Literal[tuple(column["values"])]
    if kind not in LARGEST:
        return Annotated[str, Field(min_length=1, max_length=LONGEST[kind])]
    low, high = limits(column)
    number = Annotated[float, Field(ge=low, le=high)]
    if kind == "number":
        return number
    # JSON has one type of numbers: 3.0 is an integer there, which a strict int would refuse.
    schema = {"type": "integer", "minimum": low, "maximum": high}
    return Annotated[number, AfterValidator(_whole), WithJsonSchema(schema)]


def _whole(number: float) -> float:
    if not number.is_integer():
        raise ValueError("must be a whole number")
    return number


def _prediction(target: Mapping[str, Any], threshold: float | None) -> dict[str, Any]:
    """The fields of a prediction, as create_model takes them."""
    meaning = ": ".join(filter(None, [target["name"], _described(target)]))
    if target["outcome"] == "binary":
        positive = f" (positive: {target['positive']})" if target["positive"] else ""
        true = "" if threshold is None else f"; true from a probability of {threshold:.6g} on"
        return {
            "prediction": (bool, Field(description=meaning + positive + true)),
            "probability": (Share, Field(description="Probability that the prediction is true")),
        }
    if target["outcome"] == "multiclass":
        return {
            "prediction": (str, Field(description=meaning)),
            "probabilities": (dict[str, Share], Field(description="Probability of each class")),
        }
    unit = {"x-unit": target["unit"]} if target["unit"] else {}
    return {"prediction": (float, Field(description=meaning, json_schema_extra=unit))}


def _described(one: Mapping[str, Any]) -> str:
    """Meaning and unit: `age (years)`."""
    return " ".join(filter(None, [one["meaning"], f"({one['unit']})" if one["unit"] else ""]))
