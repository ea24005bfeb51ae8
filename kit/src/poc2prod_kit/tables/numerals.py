"""How a column's numbers are written, and the text that Python reads as the same number. Standard library only."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from poc2prod_kit.tables.schema import Column
from poc2prod_kit.tables.sniff import Dialect, number_pattern

END = "\x00"
SPACE = "[ \u00a0\u202f]"
SPACES = str.maketrans(dict.fromkeys(" \u00a0\u202f"))


@dataclass(frozen=True)
class Notation:
    """The signs of a column's numbers.

    `affixes`: texts before or behind a number that are not part of it, such as "%" and "kg"; `negative`: how
    negative numbers are written beside a minus in front: "parentheses" (12), "trailing" 12-.
    """

    decimal: str = "."
    thousands: str = ""
    affixes: tuple[str, ...] = ()
    negative: str = ""

    @cached_property
    def is_python(self) -> bool:
        """Whether Python's own numbers are written so."""
        return self == PYTHON

    @cached_property
    def number(self) -> re.Pattern[str]:
        """Matches one number."""
        return re.compile(self._pattern, re.ASCII)

    @cached_property
    def numbers(self) -> re.Pattern[str]:
        """Matches any number of them, each with END behind it."""
        return re.compile(f"(?:{self._pattern}{END})*+", re.ASCII)

    @cached_property
    def _pattern(self) -> str:
        bare = number_pattern(self.decimal, self.thousands)
        if not self.affixes and not self.negative:
            return bare
        texts = "|".join(re.escape(text) for text in sorted(self.affixes, key=len, reverse=True))
        before, behind = (f"(?:(?:{texts}){SPACE}?)?", f"(?:{SPACE}?(?:{texts}))?") if texts else ("", "")
        core = number_pattern(self.decimal, self.thousands, signed=False)
        forms = [f"[+-]?{before}{core}{behind}"]
        forms += [f"{before}[+-]{core}{behind}"] if texts else []
        if self.negative == "parentheses":
            forms.append(rf"{before}\({before}{core}{behind}\){behind}")
        elif self.negative == "trailing":
            forms.append(f"{before}{core}-{behind}")
        return rf" *+(?:{'|'.join(forms)}) *+"

    def plain(self, text: str) -> str:
        """One number, or several with END behind each, as Python writes them."""
        if self.thousands:
            text = text.replace(self.thousands, "")
        if self.affixes or self.negative:
            for affix in sorted(self.affixes, key=len, reverse=True):
                text = text.replace(affix, "")
            text = text.translate(SPACES)
        if self.decimal != ".":
            text = text.replace(self.decimal, ".")
        if self.negative == "parentheses":
            return text.replace("(", "-").replace(")", "")
        return re.sub(rf"([^{END}]+)-(?={END}|$)", r"-\1", text) if self.negative else text

    def floats(self, cells: Iterable[str]) -> list[float]:
        """All cells as numbers, at C speed. Raises ValueError where one is none."""
        joined = END.join(cells) + END
        if joined == END:
            return []
        if not self.numbers.fullmatch(joined):
            raise ValueError("no numbers")
        return list(map(float, self.plain(joined).split(END)[:-1]))


PYTHON = Notation()


def notation(column: Column, dialect: Dialect) -> Notation:
    """The column's own signs where schema.toml gives them, else the file's."""
    decimal = column.decimal or dialect.decimal
    usual = "" if dialect.thousands == decimal else dialect.thousands
    thousands = usual if column.thousands is None else column.thousands
    return Notation(decimal, thousands, column.affixes, column.negative)
