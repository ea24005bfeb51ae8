"""What screening says: a finding with an id that stays, and the words that findings are made of."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any

SHOWN = 20
ASK = "Is it known when a prediction is due? If not, exclude it."
# How the columns of an id are joined: the larger of two, the parts of a sum.
JOINS = {"exceeds": ">", "parts": "+"}


@dataclass(frozen=True)
class Finding:
    """Something true about a table that a person should know.

    `step`: the step that does not pass before the finding has ended (data, split or features); "" for a mere
    description. `share`: what was measured, 0 to 1. `rows`: ids, or "row 17" without an id column, at most
    20; `places`: the same rows by their place among all rows, from 0. The heaviest matters most. `remedy`: the
    rule of cleaning.toml that would end it, where there is one; `proposes`: a role and its column.
    """

    kind: str
    text: str
    columns: tuple[str, ...] = ()
    step: str = ""
    share: float | None = None
    rows: tuple[str, ...] = ()
    places: tuple[int, ...] = field(default=(), repr=False)
    weight: float = 0.5
    remedy: Mapping[str, Any] | None = field(default=None, repr=False, compare=False)
    proposes: tuple[str, str] = field(default=("", ""), repr=False, compare=False)

    @property
    def id(self) -> str:
        """Kind and columns, such as `leak:account_closed`; numbers do not change it."""
        names = JOINS.get(self.kind, "+").join(self.columns)
        return f"{self.kind}:{names}" if names else self.kind


def option(name: str) -> str:
    """A column's name as one writes it on a command line."""
    return name if name.isalnum() or re.fullmatch(r"[\w.-]+", name) else f'"{name}"'


def quoted(text: str) -> str:
    """A cell's text in quotes, with a backslash as it stands there."""
    return repr(text).replace("\\\\", "\\")


def percent(part: float, whole: float) -> str:
    """A share in words: "48.8 %", never 100 % or 0 % by rounding."""
    share = 100 * part / whole
    rounded = f"{share:.1f} %"
    if rounded == "100.0 %":
        return "100 %" if part == whole else "over 99.9 %"
    return "under 0.1 %" if rounded == "0.0 %" and part else rounded


def at_most(share: float) -> str:
    """A share that is an upper bound, rounded up."""
    return f"{ceil(share * 1000 - 1e-9) / 10:.1f} %"


def about(share: float) -> str:
    """An expected share, in whole percent: "about 64 %"."""
    if share > 0.995:
        return "nearly all"
    return f"about {100 * share:.0f} %" if share >= 0.005 else "under 1 %"


def count(number: int, one: str, many: str = "") -> str:
    """A number of things: "1 row", "2,592 rows"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def in_other_parts(sizes: Sequence[int], rows: int) -> float:
    """Expected share of a random fifth that has another row of its group among the other four fifths.

    `sizes`: rows in each group; `rows`: rows in all. Drawn without replacement (hypergeometric).
    """
    test = round(rows / 5)
    alone = {}
    for size in set(sizes):
        chance = 1.0
        for taken in range(1, size):
            chance *= max(test - taken, 0) / (rows - taken)
        alone[size] = chance
    return sum(size * (1 - alone[size]) for size in sizes) / rows


def in_rows(numbers: Sequence[int], total: int) -> str:
    """Some of the rows that are meant, by number from 1, and how many they are: "rows 17, 18, 40 and 3 more"."""
    more = total - len(numbers)
    rows = f"row{'s' if len(numbers) > 1 else ''} {', '.join(f'{row:,}' for row in numbers)}"
    return rows + (f" and {more:,} more" if more else "")
