"""One cell, text as it stands in the file, as the value that schema.toml says it is. Standard library only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from math import isfinite, isinf, isnan

from poc2prod_kit.tables.moments import all_at_once, dates
from poc2prod_kit.tables.numerals import notation
from poc2prod_kit.tables.schema import Column
from poc2prod_kit.tables.sniff import Dialect

TRUE = frozenset({"1", "true", "t", "yes", "y", "1.0"})
FALSE = frozenset({"0", "false", "f", "no", "n", "0.0"})

Value = float | str | datetime | None
Reader = Callable[[Sequence[str]], list[Value] | None]


class Reads(dict[str, Value]):
    """The values of a column's cells by their text, None for a missing one; each distinct cell is read once.

    `problems`: why a cell is missing although there is text: it is not of the column's "type", or "infinite".
    `changes`: which of the column's rules, by their places, changed a cell.
    """

    def __init__(self, column: Column, dialect: Dialect) -> None:
        super().__init__()
        self.column, self.dialect = column, dialect
        self.problems, self.changes = dict[str, str](), dict[str, list[int]]()
        self.convert = READERS[column.type](column, dialect)
        self.trimmed = column.type not in ("category", "text")
        numbers = column.type in ("integer", "number")
        self.numbers = notation(column, dialect) if numbers and not column.rules else None

    def __missing__(self, cell: str) -> Value:
        """Read a cell that did not occur before."""
        self[cell] = value = self._cleaned(cell) if self.column.rules else self._read(cell, cell)
        return value

    def _read(self, cell: str, text: str) -> Value:
        """The value of a text that stands for a cell."""
        if self.column.missing(text):
            return None
        value = self.convert(text.strip() if self.trimmed else text)
        if value is None:
            self.problems[cell] = "type"
        elif isinstance(value, float) and isinf(value):
            self.problems[cell], value = "infinite", None
        return value

    def _cleaned(self, cell: str) -> Value:
        """The value after the column's rules: those of texts come before it is read, those of numbers after."""
        changes, text = list[int](), cell
        for place, rule in enumerate(self.column.rules):
            before, text = text, rule.text(text)
            changes += [place] if text != before else []
        value = self._read(cell, text)
        for place, rule in enumerate(self.column.rules):
            if isinstance(value, float):
                number, value = value, rule.number(value)
                changes += [place] if number != value else []
        if changes:
            self.changes[cell] = changes
        return value

    def as_cleaned(self, cells: Sequence[str]) -> list[str]:
        """The cells as if they stood in the file cleaned: text, or the number as the file writes numbers."""
        values = {cell: self[cell] for cell in set(cells)}
        return [self._written(values[cell]) if cell in self.changes else cell for cell in cells]

    def _written(self, value: Value) -> str:
        text = shown(value, most=None)
        return (
            text.replace(".", notation(self.column, self.dialect).decimal)
            if isinstance(value, float)
            else text
        )

    def all(self, cells: Sequence[str]) -> list[Value]:
        """The value of each cell."""
        values = None
        if self.numbers:
            values = self._at_once(cells, self._floats)
        elif self.column.type == "date" and not self.column.rules:
            values = self._dates(cells)
        return list(map(self.__getitem__, cells)) if values is None else values

    def _at_once(self, cells: Sequence[str], read: Reader) -> list[Value] | None:
        """All cells at C speed, where `read` takes those that are not missing; else None."""
        tokens = self.column.missing_tokens
        present = cells if tokens.isdisjoint(cells) else [cell for cell in cells if cell not in tokens]
        values = read(present)
        if values is None or len(values) == len(cells):
            return values
        following = iter(values)
        return [None if cell in tokens else next(following) for cell in cells]

    def _floats(self, cells: Sequence[str]) -> list[Value] | None:
        """The cells as finite numbers; None where one is not."""
        assert self.numbers
        try:
            if self.numbers.is_python:
                # What Python reads and no table means by a number: 1_000, digits of other scripts.
                if not (joined := "".join(cells)).isascii() or "_" in joined:
                    return None
                values = list(map(float, cells))
            else:
                values = self.numbers.floats(cells)
        except ValueError:
            return None
        # The sum of numbers with an infinite one, or with a text such as "+nan", is not finite.
        return [*values] if isfinite(sum(values)) else None

    def _moments(self, cells: Sequence[str]) -> list[Value] | None:
        moments = all_at_once(cells, self.column.formats)
        return None if moments is None else [*moments]

    def _dates(self, cells: Sequence[str]) -> list[Value] | None:
        distinct = set(cells)
        if 2 * len(distinct) > len(cells):
            return self._at_once(cells, self._moments)
        new = list(distinct.difference(self, self.column.missing_tokens))
        self.update(zip(new, all_at_once(new, self.column.formats) or (), strict=False))
        return None


def number(column: Column, dialect: Dialect) -> Callable[[str], float | None]:
    """A function that reads numbers written with the column's or the file's signs; None for other text."""
    written = notation(column, dialect)
    is_number, plain = written.number.fullmatch, written.plain
    return lambda cell: float(plain(cell)) if is_number(cell) else None


def truth(cell: str) -> float | None:
    """1 for yes, 0 for no, in the usual spellings; None for other text."""
    lowered = cell.casefold()
    return 1.0 if lowered in TRUE else 0.0 if lowered in FALSE else None


# How the cells of a column become values, by its type: each makes the function that reads one cell, without
# spaces around it (but for words), and gives None where it is not of the type.
READERS: dict[str, Callable[[Column, Dialect], Callable[[str], Value]]] = {
    "integer": number,
    "number": number,
    "boolean": lambda column, dialect: truth,
    "date": lambda column, dialect: dates(column.formats),
    "category": lambda column, dialect: str,
    "text": lambda column, dialect: str,
}


def shown(value: Value, most: int | None = 60) -> str:
    """A value as reports write it: 3.0 as 3, a missing one as nothing, long text cut."""
    if isinstance(value, float):
        return "" if isnan(value) else f"{value:.15g}"
    text = "" if value is None else value.isoformat() if isinstance(value, datetime) else value
    return text if most is None or len(text) <= most else text[: most - 1] + "…"
