"""What a request may hold: types that validate JSON, made from the list of columns of models/serving.json.

Each column is a mapping: name, type, nullable, minimum, maximum, values (kit/service/fields.py). What these
types accept is what the schemas of kit/service/openapi.py say, no more and no less.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, NotRequired

from pydantic import (
    AfterValidator,
    ConfigDict,
    FailFast,
    Field,
    GetCoreSchemaHandler,
    TypeAdapter,
    with_config,
)
from pydantic_core import core_schema
from typing_extensions import TypedDict

LONGEST = {"category": 1_000, "text": 20_000}
LARGEST = {"number": 1e308, "integer": 2.0**53 - 1}
# The calendar's dates of the years 1 to 9999, alone or with a time; Z or an offset may follow the time.
DATE = (
    r"^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    r"|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)"
    r"([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])?)?"
    r"$(?!\n)"
)
STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
LAX = ConfigDict(extra="allow", strict=True, allow_inf_nan=False)
_dated = re.compile(DATE).match
UNLISTED, MOST_LISTED = "unlisted", 10
Column = Mapping[str, Any]
Row = dict[str, Any]


class Listed:
    """Beside a Literal: what it allows is told with the error, in words as `values`."""

    def __init__(self, values: Sequence[str]) -> None:
        more = ", …" if len(values) > MOST_LISTED else ""
        self.values = ", ".join(map(repr, values[:MOST_LISTED])) + more

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> Any:
        """The Literal's own schema, with another error."""
        return core_schema.custom_error_schema(
            handler(source),
            custom_error_type=UNLISTED,
            custom_error_message="must be one of {values}",
            custom_error_context={"values": self.values},
        )


def request_type(columns: Sequence[Column], lax: bool = False) -> TypeAdapter[Row]:
    """The type of one row: its `validate_json` gives a dict, or raises pydantic's ValidationError.

    If `lax`, what is missing or unknown passes: kit/service/checked.py looks for it.
    """
    made: TypeAdapter[Row] = TypeAdapter(_row_type(columns, lax))
    return made


def batch_type(
    columns: Sequence[Column], largest: int, lax: bool = False
) -> TypeAdapter[dict[str, list[Row]]]:
    """The type of `{"rows": [...]}` with 1 to `largest` rows. If `lax`, it ends at the first bad row."""
    kind: Any = list[_row_type(columns, lax)]  # type: ignore[misc]
    rows: Any = Annotated[kind, Field(min_length=1, max_length=largest), FailFast(lax)]
    batch = with_config(LAX if lax else STRICT)(TypedDict("Batch", {"rows": rows}, total=not lax))  # type: ignore[operator]
    made: TypeAdapter[dict[str, list[Row]]] = TypeAdapter(batch)
    return made


def row(validated: Mapping[str, Any]) -> Row:
    """A validated row without its nulls: what rules and encoder are given."""
    return {name: value for name, value in validated.items() if value is not None}


def limits(column: Column) -> tuple[float, float]:
    """The least and the largest number that a column of numbers takes."""
    low, high = column.get("minimum"), column.get("maximum")
    kinds = (column["type"], "number")
    most = next(LARGEST[kind] for kind in kinds if max(abs(low or 0), abs(high or 0)) <= LARGEST[kind])
    return -most if low is None else low, most if high is None else high


def utc(text: str) -> datetime:
    """A date or a date and time as ISO 8601 has it → naive, in UTC where it has an offset.

    `2024-05-01` → midnight. What an offset pushes beyond the years 1 to 9999 is drawn back to their ends.
    """
    if not _dated(text):
        raise ValueError("must be a date or a date and time, as ISO 8601 writes it")
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        return found
    try:
        return found.astimezone(UTC).replace(tzinfo=None)
    except OverflowError:
        return datetime.min if found.year == 1 else datetime.max


def _row_type(columns: Sequence[Column], lax: bool) -> Any:
    fields = {column["name"]: _cell_type(column) for column in columns}
    return with_config(LAX if lax else STRICT)(TypedDict("Row", fields, total=not lax))  # type: ignore[operator]


def _cell_type(column: Column) -> Any:
    kind = _plain_type(column)
    return NotRequired[kind | None] if column.get("nullable") else kind


def _plain_type(column: Column) -> Any:
    kind = column["type"]
    if kind == "boolean":
        return bool
    if kind == "date":
        return Annotated[str, AfterValidator(utc)]
    if kind in LARGEST:
        low, high = limits(column)
        number = Annotated[float, Field(ge=low, le=high)]
        return Annotated[number, AfterValidator(_whole)] if kind == "integer" else number
    if kind == "category" and column.get("values"):
        return Annotated[Literal[tuple(column["values"])], Listed(column["values"])]
    return Annotated[str, Field(min_length=1, max_length=LONGEST[kind])]


def _whole(number: float) -> float:
    if not number.is_integer():
        raise ValueError("must be a whole number")
    return number
