"""The causes that the team gives to errors: in docs/errors.csv, or under hashed ids in docs/causes.csv if
rows are not in git.
"""

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ..files import Unreadable
from ..forms import hollow
from ..project import Facts
from .finding import Unproven
from .predictions import outcome

FILE = "docs/errors.csv"
COLUMNS = ("id", "cause", "note")
HASHED = "docs/causes.csv"
HASHED_COLUMNS = ("row", "cause")
# For regression every row has an error, so only the largest tenth counts, but at least this many rows.
TENTH = 10
FEWEST = 20


class Line(NamedTuple):
    """One error: the row's id (see `key`) and its cause."""

    row: str
    cause: str

    @property
    def given(self) -> bool:
        """Whether there is a cause, not a placeholder."""
        return not hollow(self.cause) and self.cause.strip() not in ("?", "??", "???")


def file(facts: Facts) -> str:
    """The file in git with the causes; older projects have only docs/errors.csv."""
    if facts.param("data.committed") is True or not facts.exists(HASHED):
        return FILE
    return HASHED


def key(facts: Facts, row: str) -> str:
    """The row's key in that file: its id, or r and 16 hexadecimal digits of the id's SHA-256."""
    return row if file(facts) == FILE else f"r{hashlib.sha256(row.encode()).hexdigest()[:16]}"


def todo(facts: Facts) -> str:
    """How to add a cause to that file."""
    text = f"write the cause of each error into {FILE}"
    return text if facts.param("data.committed") is True else f"{text}, then python -m {facts.package} poc"


def read(facts: Facts) -> list[Line] | None:
    """The lines of the file; None if it does not exist. Unproven if it has other columns."""
    name = file(facts)
    return facts.shared(name, lambda: _read(facts, name, COLUMNS if name == FILE else HASHED_COLUMNS))


def _read(facts: Facts, name: str, columns: Sequence[str]) -> list[Line] | None:
    text = facts.text(name)
    if isinstance(text, Unreadable):
        raise Unproven(str(text), f"correct {name}")
    if text is None:
        return None
    mark = next((sign for sign in ",;\t" if sign in text.partition("\n")[0]), ",")
    try:
        lines = [line for line in csv.reader(io.StringIO(text), delimiter=mark) if line]
    except csv.Error as error:
        raise Unproven(f"{name} is not a table: {error}", f"correct {name}") from error
    names = [cell.strip() for cell in lines[0]] if lines else []
    if missing := [column for column in columns if column not in names]:
        raise Unproven(f"{name} has no column {missing[0]!r}", f"restore the header of {name}")
    cells = [dict(zip(names, line, strict=False)) for line in lines[1:]]
    return [Line(row.get(columns[0], "").strip(), " ".join(row.get("cause", "").split())) for row in cells]


def counts(lines: Iterable[Line]) -> dict[str, int]:
    """The count of each cause, most frequent first, without regard to case."""
    counter = Counter(line.cause.casefold() for line in lines if line.given)
    return dict(sorted(counter.items(), key=lambda item: (-item[1], item[0])))


def still_wrong(facts: Facts, ranked: Sequence[tuple[str, float]]) -> Sequence[tuple[str, float]]:
    """The rows whose cause counts: the errors; for regression the largest tenth, at least 20."""
    if outcome(facts) != "regression":
        return ranked
    return ranked[: max(FEWEST, len(ranked) // TENTH)]
