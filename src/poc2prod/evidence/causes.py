"""The cause that a team gives each wrong case: in docs/errors.csv, or by hashed id in docs/causes.csv where
rows stay out of git.
"""

import csv
import hashlib
import io
import re
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
HASHED = "docs/causes.csv"
HASHED_COLUMNS = ("row", "cause")
# What people call an error for which they see no reason, as the project has it.
NO_LEAD_WORDS = (
    "chance luck noise noisy random randomness coincidence accident unknown unclear unexplained inexplicable "
    "idea clue reason cause sure known explained explainable "
    "a an by at in just mere pure purely bad good plain simply no not none of the is it or and "
    "zufall rauschen unbekannt unklar hasard bruit inconnu azar ruido desconocido"
)
NO_LEAD = frozenset(NO_LEAD_WORDS.split())
TENTH = 10
FEWEST = 20


class Line(NamedTuple):
    """One case: the row's id (see `key`) and what the team wrote."""

    row: str
    cause: str

    @property
    def given(self) -> bool:
        """Whether a cause is said, not a placeholder."""
        return not hollow(self.cause) and self.cause.strip() not in ("?", "??", "???")


def file(facts: Facts) -> str:
    """The file that is in git and holds the causes; older projects have only docs/errors.csv."""
    if facts.param("data.committed") is True or not facts.exists(HASHED):
        return FILE
    return HASHED


def key(facts: Facts, row: str) -> str:
    """What a row is called in that file: its id, or r and 16 hexadecimal digits of the id's SHA-256."""
    return row if file(facts) == FILE else f"r{hashlib.sha256(row.encode()).hexdigest()[:16]}"


def todo(facts: Facts) -> str:
    """How a cause gets into that file."""
    text = f"write the cause of each case into {FILE}"
    return text if facts.param("data.committed") is True else f"{text}, then python -m {facts.package} poc"


def read(facts: Facts) -> list[Line] | None:
    """The lines of the file; None where it is not there. Unproven where it is no such table."""
    name = file(facts)
    return facts.shared(name, lambda: _read(facts, name, COLUMNS if name == FILE else HASHED_COLUMNS))


def _read(facts: Facts, name: str, columns: Sequence[str]) -> list[Line] | None:
    facts.exists(name)
    text = facts.text(name)
    if text is None or isinstance(text, Unreadable):
        if isinstance(text, Unreadable):
            raise Unproven(str(text), f"mend {name}")
        return None
    head = text.split("\n", 1)[0]
    mark = next((sign for sign in ",;\t" if sign in head), ",")
    try:
        lines = [line for line in csv.reader(io.StringIO(text), delimiter=mark) if line]
    except csv.Error as error:
        raise Unproven(f"{name} is no table: {error}", f"mend {name}") from error
    names = [cell.strip() for cell in lines[0]] if lines else []
    missing = [column for column in columns if column not in names]
    if missing:
        raise Unproven(f"{name} has no column {missing[0]!r}", f"bring the first line of {name} back")
    where = {column: names.index(column) for column in columns}
    rows = [[*line, *[""] * (len(names) - len(line))] for line in lines[1:]]
    return [Line(row[where[columns[0]]].strip(), " ".join(row[where["cause"]].split())) for row in rows]


def counts(lines: Iterable[Line]) -> dict[str, int]:
    """How often each cause is given, commonest first, upper and lower case alike."""
    found = Counter(line.cause.casefold() for line in lines if line.given)
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def still_wrong(facts: Facts, ranked: Sequence[tuple[str, float]]) -> Sequence[tuple[str, float]]:
    """The rows of which a cause counts: the wrong ones; of numbers the largest tenth, 20 at least."""
    if outcome(facts) != "regression":
        return ranked
    return ranked[: max(FEWEST, len(ranked) // TENTH)]


def is_lead(cause: str) -> bool:
    """Whether a cause says more than that it was chance, or that nobody knows."""
    return not NO_LEAD.issuperset(re.findall(r"[^\W_]+", cause.casefold()))
