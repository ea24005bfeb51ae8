"""Bodies held against the contract at a bounded cost: what is wrong with them is told for the first fields.

Pydantic collects every error of a body before it tells any, and a body has room for a million of them. So a
body is read by types that let pass what is missing or unknown and end at the first bad row; only where that
shows something wrong, the little of it that will be told of is held against the contract's own types. Little,
since pydantic keeps the whole object with each field that it misses there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails, from_json, to_json

from poc2prod_kit.serving import problem, request_types
from poc2prod_kit.serving.problem import MOST_ERRORS

ROWS = "rows"
LONGEST = max(request_types.LONGEST.values())


class Row:
    """The body of /predict."""

    def __init__(self, columns: Sequence[request_types.Column]) -> None:
        self._quick = request_types.request_type(columns, lax=True)
        self._exact = request_types.request_type(columns)
        self.known = frozenset(str(column["name"]) for column in columns)
        self._required = frozenset(str(column["name"]) for column in columns if not column.get("nullable"))

    def validate_json(self, body: bytes | str) -> request_types.Row:
        """The row in JSON. Raises ProblemError, as the contract says."""
        try:
            made = self._quick.validate_json(body)
            if self.whole(made):
                return made
            del made
        except ValidationError as error:
            if _unread(error):
                raise problem.unreadable() from None
        raise problem.wrong(self.errors(from_json(body)), self.known)

    def whole(self, row: request_types.Row) -> bool:
        """Whether a row has the fields that it must have, and no others than it may have."""
        return self.known >= row.keys() >= self._required

    def errors(self, row: Any) -> Iterator[ErrorDetails]:
        """What is wrong with a row that was read: its fields, then keys that it must not have."""
        if isinstance(row, dict):
            strange = set(islice((name for name in row if name not in self.known), MOST_ERRORS + 1))
            kept = self.known | strange
            row = {name: None if name in strange else _small(row[name]) for name in row if name in kept}
        else:
            row = _small(row)
        try:
            self._exact.validate_json(to_json(row, inf_nan_mode="constants"))
        except ValidationError as error:
            yield from error.errors(include_url=False, include_input=False)


class Batch:
    """The body of /predict/batch: `{"rows": [...]}` with 1 to `largest` rows."""

    def __init__(self, columns: Sequence[request_types.Column], largest: int) -> None:
        self._quick = request_types.batch_type(columns, largest, lax=True)
        self._row, self._largest = Row(columns), largest

    def validate_json(self, body: bytes | str) -> dict[str, list[request_types.Row]]:
        """The batch in JSON. Raises ProblemError, as the contract says."""
        try:
            made = self._quick.validate_json(body)
            if made.keys() == {ROWS} and all(map(self._row.whole, made[ROWS])):
                return made
            del made
        except ValidationError as error:
            if _unread(error):
                raise problem.unreadable() from None
        raise problem.wrong(self._errors(from_json(body)), self._row.known)

    def _errors(self, batch: Any) -> Iterator[ErrorDetails]:
        """What is wrong with it: row for row, then keys beside `rows`."""
        if not isinstance(batch, dict):
            yield _error("dict_type")
            return
        rows = batch.get(ROWS)
        if ROWS not in batch:
            yield _error("missing", ROWS)
        elif not isinstance(rows, list):
            yield _error("list_type", ROWS)
        elif not rows:
            yield _error("too_short", ROWS, min_length=1)
        elif len(rows) > self._largest:
            yield _error("too_long", ROWS, max_length=self._largest)
        else:
            for number, row in enumerate(rows):
                for one in self._row.errors(row):
                    yield {**one, "loc": (ROWS, number, *one["loc"])}
        for name in batch:
            if name != ROWS:
                yield _error("extra_forbidden", name)


def _error(kind: str, *place: int | str, **context: Any) -> ErrorDetails:
    """An error as pydantic has it."""
    return {"type": kind, "loc": place, "msg": "", "input": None, "ctx": context}


def _small(value: Any) -> Any:
    """Of a value, as much as it takes to find it wrong: no field takes a list, an object or a longer text."""
    if isinstance(value, (list, dict)):
        return type(value)()
    return value[: LONGEST + 1] if isinstance(value, str) else value


def _unread(error: ValidationError) -> bool:
    """Whether the body is no JSON at all; then that is the one error."""
    return error.error_count() == 1 and error.errors(include_input=False)[0]["type"] == "json_invalid"
