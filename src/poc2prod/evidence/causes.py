"""docs/errors.csv: the cause that a team gives each wrong case."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ..files import Unreadable
from ..forms import hollow
from ..project import Facts
from .finding import Unproven
from .seen import outcome

FILE = "docs/errors.csv"
COLUMNS = ("id", "cause", "note")
TENTH = 10
FEWEST = 20


class Line(NamedTuple):
    """One case: the row's id and what the team wrote."""

    row: str
    cause: str

    @property
    def given(self) -> bool:
        """Whether a cause is said, not a placeholder."""
        return not hollow(self.cause) and self.cause.strip() not in ("?", "??", "???")


def read(facts: Facts) -> list[Line] | None:
    """The lines of the file; None where it is not there. Unproven where it is no such table."""
    return facts.shared("errors.csv", lambda: _read(facts))


def _read(facts: Facts) -> list[Line] | None:
    facts.exists(FILE)
    text = facts.text(FILE)
    if text is None or isinstance(text, Unreadable):
        if isinstance(text, Unreadable):
            raise Unproven(str(text), f"mend {FILE}")
        return None
    head = text.split("\n", 1)[0]
    mark = next((sign for sign in ",;\t" if sign in head), ",")
    try:
        lines = [line for line in csv.reader(io.StringIO(text), delimiter=mark) if line]
    except csv.Error as error:
        raise Unproven(f"{FILE} is no table: {error}", f"mend {FILE}") from error
    names = [name.strip() for name in lines[0]] if lines else []
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise Unproven(f"{FILE} has no column {missing[0]!r}", f"bring the first line of {FILE} back")
    where = {name: names.index(name) for name in COLUMNS}
    rows = [[*line, *[""] * (len(names) - len(line))] for line in lines[1:]]
    return [Line(row[where["id"]].strip(), " ".join(row[where["cause"]].split())) for row in rows]


def counts(lines: Iterable[Line]) -> dict[str, int]:
    """How often each cause is given, commonest first, upper and lower case alike."""
    found = Counter(line.cause.casefold() for line in lines if line.given)
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def still_wrong(facts: Facts, ranked: Sequence[tuple[str, float]]) -> Sequence[tuple[str, float]]:
    """The rows of which a cause counts: the wrong ones; of numbers the largest tenth, 20 at least."""
    if outcome(facts) != "regression":
        return ranked
    return ranked[: max(FEWEST, len(ranked) // TENTH)]
