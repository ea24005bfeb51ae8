"""Bodies held against the contract at a bounded cost: what is wrong with them is told for the first fields.

Pydantic collects every error of a body before it tells any, and a body has room for a million of them. So a
body is read by types that keep what they do not know and end at the first bad row; only where that shows
something wrong, the little of the body that will be told of is held against the contract's own types.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, from_json, to_json

from . import problem, shapes
from .problem import MOST_ERRORS

ROWS = "rows"


class Row:
    """The body of /predict."""

    def __init__(self, columns: Sequence[shapes.Column]) -> None:
        self._quick = shapes.request_type(columns, "allow")
        self._exact = shapes.request_type(columns)
        self.known = frozenset(str(column["name"]) for column in columns)

    def validate_json(self, body: bytes | str) -> shapes.Row:
        """The row in JSON. Raises ProblemError, as the contract says."""
        try:
            made = self._quick.validate_json(body)
        except ValidationError as error:
            if _unread(error):
                raise problem.unreadable() from None
        else:
            if made.keys() <= self.known:
                return made
        raise problem.wrong(self.errors(from_json(body)), self.known)

    def errors(self, row: Any) -> Iterator[ErrorDetails]:
        """What is wrong with a row that was read: its fields, then keys that it must not have."""
        yield from _errors(self._exact, row, self.known)


class Batch:
    """The body of /predict/batch: `{"rows": [...]}` with 1 to `largest` rows."""

    def __init__(self, columns: Sequence[shapes.Column], largest: int) -> None:
        self._quick = shapes.batch_type(columns, largest, "allow")
        self._exact = shapes.batch_type(columns, largest)
        self._row, self._largest = Row(columns), largest

    def validate_json(self, body: bytes | str) -> dict[str, list[shapes.Row]]:
        """The batch in JSON. Raises ProblemError, as the contract says."""
        known = self._row.known
        try:
            made = self._quick.validate_json(body)
        except ValidationError as error:
            if _unread(error):
                raise problem.unreadable() from None
        else:
            if len(made) == 1 and all(row.keys() <= known for row in made[ROWS]):
                return made
        raise problem.wrong(self._errors(from_json(body)), known)

    def _errors(self, batch: Any) -> Iterator[ErrorDetails]:
        """What is wrong with it: row for row, then keys beside `rows`."""
        rows = batch.get(ROWS) if isinstance(batch, dict) else None
        if not isinstance(rows, list) or not 1 <= len(rows) <= self._largest:
            some = {**batch, ROWS: rows[: self._largest + 1]} if isinstance(rows, list) else batch
            yield from _errors(self._exact, some, {ROWS})
            return
        for number, row in enumerate(rows):
            for one in self._row.errors(row):
                yield {**one, "loc": (ROWS, number, *one["loc"])}
        for name in batch:
            if name != ROWS:
                yield {"type": "extra_forbidden", "loc": (name,), "msg": "", "input": None}


def _errors(kind: TypeAdapter[Any], value: Any, known: set[str] | frozenset[str]) -> Iterator[ErrorDetails]:
    """What is wrong by that type; of unknown keys as many are looked at as will be told, and one more."""
    if isinstance(value, dict):
        strange = islice((name for name in value if name not in known), MOST_ERRORS + 1)
        kept = known | set(strange)
        value = {name: one for name, one in value.items() if name in kept}
    try:
        kind.validate_json(to_json(value, inf_nan_mode="constants"))
    except ValidationError as error:
        yield from error.errors(include_url=False, include_input=False)


def _unread(error: ValidationError) -> bool:
    """Whether the body is no JSON at all; then that is the one error."""
    return error.error_count() == 1 and error.errors(include_input=False)[0]["type"] == "json_invalid"
