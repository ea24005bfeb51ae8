"""In which notation a column's dates are written: strptime formats, and how sure they are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
FULL_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december",
)  # fmt: skip
TIME = (
    r"(?:(?P<gap>[T ])(?P<hour>\d{2}|\d(?!\d)):(?P<minute>[0-5]\d)(?P<second>:[0-5]\d)?"
    r"(?P<fraction>\.\d{1,6})?"
    r"(?P<half> ?[AaPp][Mm])?(?P<zone> ?(?:Z|[+-]\d{2}:?\d{2}))?)?"
)
SHAPES = {
    "ymd": re.compile(r"(?P<y>\d{4})(?P<s>[-/.])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})" + TIME),
    "dmy": re.compile(r"(?P<a>\d{1,2})(?P<s>[-/.])(?P<b>\d{1,2})(?P=s)(?P<y>\d{4})" + TIME),
    "short": re.compile(r"(?P<a>\d{2})(?P<s>[-/.])(?P<b>\d{2})(?P=s)(?P<y>\d{2})" + TIME),
    "slashed": re.compile(r"(?P<a>\d{1,2})(?P<s>/)(?P<b>\d{1,2})/(?P<y>\d{2})" + TIME),
    "named": re.compile(r"(?P<d>\d{1,2})(?P<s>[ -])(?P<name>[A-Za-z]{3,9})(?P=s)(?P<y>\d{4})" + TIME),
    "american": re.compile(r"(?P<name>[A-Za-z]{3,9}) (?P<d>\d{1,2})(?P<s>,?) (?P<y>\d{4})" + TIME),
    "compact": re.compile(r"(?P<y>19\d\d|20\d\d)(?P<m>\d\d)(?P<d>\d\d)"),
    "month": re.compile(r"(?P<y>19\d\d|20\d\d)-(?P<m>0[1-9]|1[0-2])"),
}
DAY_FIRST = "ambiguous day and month: read as day first"
MONTH_FIRST = "ambiguous day and month: read as month first"
CONTRADICTORY = (
    "dates with the day first and dates with the month first: left as they are, write them in one notation"
)


def _clock(found: re.Match[str]) -> str:
    """The strptime text of the time of day in a match, "" where there is none."""
    if not found["gap"]:
        return ""
    hour = "%I" if found["half"] else "%H"
    if not (1 <= int(found["hour"]) <= 12 if found["half"] else int(found["hour"]) < 24):
        raise ValueError("no such hour")
    text = (
        f"{found['gap']}{hour}:%M" + (":%S" if found["second"] else "") + (".%f" if found["fraction"] else "")
    )
    text += (" %p" if found["half"][0] == " " else "%p") if found["half"] else ""
    return text + ((" %z" if found["zone"][0] == " " else "%z") if found["zone"] else "")


def _notation(text: str) -> tuple[str, str, int, int, int]:
    r"""(template, separator or "", year, first, second number) of one value; ValueError where it is no date.

    In a template \1 and \2 stand for day and month where the order is open.
    """
    for shape, pattern in SHAPES.items():
        match = pattern.fullmatch(text)
        if not match:
            continue
        year = int(match["y"])
        if shape == "compact":
            date(year, int(match["m"]), int(match["d"]))
            return "%Y%m%d", "", year, 0, 0
        if shape == "month":
            return "%Y-%m", "", year, 0, 0
        clock = _clock(match)
        if shape == "ymd":
            date(year, int(match["m"]), int(match["d"]))
            return "%Y{0}%m{0}%d".format(match["s"]) + clock, "", year, 0, 0
        if shape in ("named", "american"):
            name = match["name"].lower()
            code = "%b" if name in MONTHS else "%B"
            date(year, (MONTHS if code == "%b" else FULL_MONTHS).index(name) + 1, int(match["d"]))
            mark = match["s"]
            return (
                (f"%d{mark}{code}{mark}%Y" if shape == "named" else f"{code} %d{mark} %Y") + clock,
                "",
                year,
                0,
                0,
            )
        two_digits = shape != "dmy"
        year = datetime.strptime(match["y"], "%y").year if two_digits else year
        template = "\\1{0}\\2{0}".format(match["s"]) + ("%y" if two_digits else "%Y") + clock
        return template, match["s"], year, int(match["a"]), int(match["b"])
    raise ValueError("no date")


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


@dataclass
class _Order:
    """Whether the numbers of one notation can be day and month, or month and day."""

    day_first: bool = True
    month_first: bool = True

    def add(self, year: int, first: int, second: int) -> None:
        self.day_first = self.day_first and _exists(year, second, first)
        self.month_first = self.month_first and _exists(year, first, second)


@dataclass
class DateReader:
    """Which notations the values given so far are in; `possible` turns false at the first that is no date."""

    possible: bool = True
    seen: dict[str, str] = field(default_factory=dict)
    orders: dict[str, _Order] = field(default_factory=dict)
    count: int = 0
    first: datetime | None = None
    last: datetime | None = None

    def _fast(self, values: list[str]) -> bool:
        """ISO values of one shape at C speed; False where they are not that."""
        shapes = {value.translate(_ZEROED) for value in values}
        if len(shapes) > 4 or not all(shape[:10] == "0000-00-00" for shape in shapes):
            return False
        samples = {shape: next(v for v in values if v.translate(_ZEROED) == shape) for shape in shapes}
        templates = {_notation(sample)[0]: "" for sample in samples.values()}
        moments = list(map(datetime.fromisoformat, values))
        self.seen.update(templates)
        self._extend(moments)
        return True

    def _extend(self, moments: Iterable[datetime]) -> None:
        naive = [moment.replace(tzinfo=None) for moment in moments]
        self.first = min(naive) if self.first is None else min(self.first, *naive)
        self.last = max(naive) if self.last is None else max(self.last, *naive)

    def add(self, values: Iterable[str]) -> None:
        """Take in more distinct values."""
        items = [value.strip() for value in values]
        if not (self.possible and items):
            return
        self.count += len(items)
        try:
            if not self._fast(items):
                for value in items:
                    template, mark, year, first, second = _notation(value)
                    self.seen[template] = mark
                    if mark:
                        self.orders.setdefault(template, _Order()).add(year, first, second)
        except ValueError:
            self.possible = False
            return
        self.possible = "%Y%m%d" not in self.seen or len(self.seen) == 1

    def formats(self) -> tuple[tuple[str, ...], str]:
        """(strptime formats in order of appearance, what was odd); no formats where it holds no dates."""
        if not self.possible or not self.seen or (set(self.seen) == {"%Y%m%d"} and self.count < 3):
            return (), ""
        formats, notes = [], []
        for template, mark in self.seen.items():
            if not mark:
                formats.append(template)
                continue
            order = self.orders[template]
            if not (order.day_first or order.month_first):
                return (), CONTRADICTORY
            day_first = order.day_first and not (order.month_first and mark == "/")
            if order.day_first and order.month_first:
                notes.append(DAY_FIRST if day_first else MONTH_FIRST)
            names = ("%d", "%m") if day_first else ("%m", "%d")
            formats.append(template.replace("\\1", names[0]).replace("\\2", names[1]))
        return tuple(formats), "; ".join(dict.fromkeys(notes))


_ZEROED = {ord(digit): "0" for digit in "123456789"}
