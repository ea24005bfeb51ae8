"""cleaning.toml: what is done to cells as they are read, of training rows and of requests. Standard library only.

The raw files stay as they are. A rule belongs to one column and does one of these:

    map = { "yorkshire terrier" = "Yorkshire Terrier" }    another text; "" is a missing value
    missing = ["999"]                                       these texts, or numbers, are missing values
    outside = [0, 120]                                      numbers below or above are missing values
    multiply = 100, of = [0.5, 2.5]                         numbers of this range are in another unit

or belongs to whole rows: `duplicates = "drop"` leaves rows out that repeat an earlier one in every column but
the id and those that `ignoring` lists.
Each has `reason` and `who`, and may name the `finding` that it ends.
"""

from __future__ import annotations

import hashlib
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from poc2prod_kit.run import toml
from poc2prod_kit.run.errors import ProjectError

FILE = "cleaning.toml"
KINDS = ("map", "missing", "outside", "multiply")
WORDS = ("finding", "reason", "who")
HEAD = """\
# What is done to cells as they are read, in training and in serving; the raw files stay as they are.
# Written by the command `clean`, yours to change.
"""


@dataclass(frozen=True)
class Rule:
    """One rule of a column. `kind`: map, missing, outside or multiply; ranges have two finite ends."""

    column: str
    kind: str
    map: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    outside: tuple[float, float] = (-math.inf, math.inf)
    multiply: float = 1.0
    of: tuple[float, float] = (-math.inf, math.inf)
    finding: str = ""
    reason: str = ""
    who: str = ""

    def text(self, cell: str) -> str:
        """What the rule makes of a cell's text, before it is read as the column's type."""
        return "" if cell in self.missing or cell.strip() in self.missing else self.map.get(cell, cell)

    def number(self, value: float) -> float | None:
        """What the rule makes of a cell's number; None is a missing value."""
        if f"{value:.15g}" in self.missing or not self.outside[0] <= value <= self.outside[1]:
            return None
        return (
            value * self.multiply if self.kind == "multiply" and self.of[0] <= value <= self.of[1] else value
        )

    def value(self, value: Any) -> Any:
        """What the rule makes of a typed value, as a request holds it; None is a missing one."""
        if isinstance(value, str):
            return self.text(value) or None
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return self.number(value)
        return value

    @property
    def entry(self) -> dict[str, Any]:
        """The rule as the file has it, without the words for people."""
        made: dict[str, dict[str, Any]] = {
            "map": {"map": dict(self.map)},
            "missing": {"missing": list(self.missing)},
            "outside": {"outside": list(self.outside)},
            "multiply": {"multiply": self.multiply, "of": list(self.of)},
        }
        return {"column": self.column, **made[self.kind]}

    @property
    def makes_missing(self) -> bool:
        """Whether a value may become a missing one."""
        return self.kind in ("missing", "outside") or "" in self.map.values()


@dataclass(frozen=True)
class Cleaning:
    """All rules, in the order of the file.

    `ignoring`: where rows that repeat an earlier one are left out, the columns beside the id in which they
    may differ; None where they stay.
    """

    rules: tuple[Rule, ...] = ()
    ignoring: tuple[str, ...] | None = None

    def __bool__(self) -> bool:
        """Whether anything is cleaned."""
        return bool(self.rules) or self.ignoring is not None


NOTHING = Cleaning()


class Once:
    """Leaves rows out that repeat an earlier one; `dropped` counts them.

    `key`: the id column or "". Memory: 16 bytes of hash a row, since a table may have more rows than fit as text.
    """

    def __init__(self, cleaning: Cleaning, key: str) -> None:
        self.active = cleaning.ignoring is not None
        self.aside = {key, *(cleaning.ignoring or ())}
        self.seen: set[bytes] = set()
        self.dropped = 0

    def rows(self, names: Sequence[str], rows: list[list[str]]) -> list[list[str]]:
        """Those of some more rows, with columns of these names in any order, that are the first of their kind."""
        if not self.active:
            return rows
        places = [names.index(name) for name in sorted(set(names) - self.aside)]
        first = []
        for row in rows:
            mark = hashlib.blake2b("\x1f".join([row[at] for at in places]).encode(), digest_size=16).digest()
            if mark not in self.seen:
                self.seen.add(mark)
                first.append(row)
        self.dropped += len(rows) - len(first)
        return first


def load(path: Path) -> Cleaning:
    """Read cleaning.toml; without the file nothing is cleaned. Raises ProjectError naming the rule."""
    if not path.is_file():
        return NOTHING
    try:
        return parse(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ProjectError(f"{FILE} cannot be read: {error}. Correct it, or restore it from git.") from error


def parse(content: Mapping[str, Any]) -> Cleaning:
    """The rules of a parsed cleaning.toml. Raises ProjectError naming the rule that cannot be understood."""
    entries = content.get("rule", [])
    if (
        set(content) - {"rule"}
        or not isinstance(entries, list)
        or not all(isinstance(e, dict) for e in entries)
    ):
        raise ProjectError(f"{FILE}: rules are written as [[rule]], one block a rule.")
    rows = [entry for entry in entries if "duplicates" in entry]
    for entry in rows:
        ignored = entry.get("ignoring", [])
        if entry["duplicates"] != "drop" or set(entry) - {"duplicates", "ignoring", *WORDS}:
            raise ProjectError(f'{FILE}: a rule of whole rows is duplicates = "drop", with reason and who.')
        if not isinstance(ignored, list) or not all(isinstance(name, str) for name in ignored):
            raise ProjectError(f'{FILE}: ignoring is {ignored!r}; write a list of columns, such as ["row"].')
    rules = tuple(_rule(entry, n) for n, entry in enumerate(entries, 1) if "duplicates" not in entry)
    ignoring = tuple(name for entry in rows for name in entry.get("ignoring", []))
    return Cleaning(rules, ignoring if rows else None)


def _rule(entry: dict[str, Any], number: int) -> Rule:
    where = f"{FILE}, rule {number} ({entry.get('column', 'without a column')})"
    kinds = [kind for kind in KINDS if kind in entry]
    known = {"column", *KINDS, "of", *WORDS}
    if unknown := sorted(set(entry) - known):
        raise ProjectError(f"{where}: unknown key {unknown[0]!r}; known: {', '.join(sorted(known))}.")
    if not isinstance(entry.get("column"), str) or len(kinds) != 1:
        raise ProjectError(f"{where}: needs a column and one of {', '.join(KINDS)}.")
    if ("of" in entry) != (kinds == ["multiply"]):
        raise ProjectError(
            f"{where}: multiply and of belong together: of = [low, high] is the range it is for."
        )
    values: dict[str, Any] = {key: str(entry.get(key, "")) for key in ("column", *WORDS)}
    for key in {"outside", "of"} & set(entry):
        values[key] = _range(where, key, entry[key])
    if "multiply" in entry:
        factor = values["multiply"] = _finite(where, "multiply", entry["multiply"])
        (low, high), made = values["of"], sorted(end * factor for end in values["of"])
        if made[0] <= high and low <= made[1]:
            raise ProjectError(
                f"{where}: numbers from {low:g} to {high:g} become {made[0]:g} to {made[1]:g}, so the two units "
                "cannot be told apart. Give a range that does not overlap with what it becomes."
            )
    if "missing" in entry:
        if not isinstance(entry["missing"], list) or not entry["missing"]:
            raise ProjectError(
                f'{where}: missing is {entry["missing"]!r}; write a list, such as missing = ["999"].'
            )
        values["missing"] = tuple(f"{v:.15g}" if isinstance(v, float) else str(v) for v in entry["missing"])
    if "map" in entry:
        if not isinstance(entry["map"], dict) or not all(
            isinstance(text, str) for text in entry["map"].values()
        ):
            raise ProjectError(f'{where}: map is a table of texts, such as map = {{ "old" = "new" }}.')
        values["map"] = dict(entry["map"])
        again = sorted(text for text in values["map"].values() if values["map"].get(text, text) != text)
        if again:
            raise ProjectError(
                f"{where}: map has {again[0]!r} on both sides; map each text to what it becomes at last."
            )
    return Rule(kind=kinds[0], **values)


def _range(where: str, key: str, value: Any) -> tuple[float, float]:
    if not isinstance(value, list) or len(value) != 2:
        raise ProjectError(f"{where}: {key} is {value!r}; write [low, high].")
    low, high = (_finite(where, key, end) for end in value)
    if low > high:
        raise ProjectError(f"{where}: {key} = [{low:g}, {high:g}] has its ends the wrong way round.")
    return low, high


def _finite(where: str, key: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ProjectError(f"{where}: {key} = {value!r} is not a number.")
    return float(value)


def block(rule: Mapping[str, Any]) -> str:
    """One rule as it is written into the file."""
    return f"\n[[rule]]\n{toml.lines(rule)}"
