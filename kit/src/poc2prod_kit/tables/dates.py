"""In which notation a column's dates are written: formats that moments.py reads, and how sure they are."""

from __future__ import annotations

import re
from calendar import month_abbr, month_name
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

SHORT_MONTHS, MONTHS = ([name.lower() for name in names] for names in (month_abbr, month_name))
# Hours, minutes and seconds are separated by colons, by Oracle with points; UTC stands behind as an offset or word.
TIME = (
    r"(?:(?P<gap>[T ])(?P<hour>\d{2}|\d(?!\d))(?P<colon>[:.])(?P<minute>[0-5]\d)(?P<second>(?P=colon)[0-5]\d)?"
    r"(?P<fraction>\.\d{1,9})?"
    r"(?P<half> ?[AaPp][Mm])?(?P<zone> ?(?:Z|[+-]\d{2}(?::?\d{2})?)| UTC| GMT)?)?"
)
DAY_AND_NAME = r"(?P<d>\d{1,2})(?P<s>[ -]?)(?P<name>[A-Za-z]{3,9})(?P=s)(?P<y>\d{4})"
# What a date looks like, and as moments.py reads it: {s} is the separator, {month} a month's name, and {a} and
# {b} stand for day and month where the order is open.
SHAPES = tuple(
    (re.compile(shape), template)
    for shape, template in (
        (r"(?P<y>\d{4})(?P<s>[-/.])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})" + TIME, "%Y{s}%m{s}%d"),
        (r"(?P<a>\d{1,2})(?P<s>[-/.])(?P<b>\d{1,2})(?P=s)(?P<y>\d{4})" + TIME, "{a}{s}{b}{s}%Y"),
        (r"(?P<a>\d{2})(?P<s>[-/.])(?P<b>\d{2})(?P=s)(?P<y>\d{2})" + TIME, "{a}{s}{b}{s}%y"),
        (r"(?P<a>\d{1,2})(?P<s>/)(?P<b>\d{1,2})/(?P<y>\d{2})" + TIME, "{a}{s}{b}{s}%y"),
        (DAY_AND_NAME + TIME, "%d{s}{month}{s}%Y"),
        (DAY_AND_NAME + TIME.replace("[T ]", ":", 1), "%d{s}{month}{s}%Y"),
        (r"(?P<d>\d{1,2})(?P<s>[ -])(?P<name>[A-Za-z]{3})(?P=s)(?P<y>\d{2})" + TIME, "%d{s}{month}{s}%y"),
        (r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), " + DAY_AND_NAME + TIME, "%a, %d{s}{month}{s}%Y"),
        (r"(?P<name>[A-Za-z]{3,9}) (?P<d>\d{1,2})(?P<s>,?) (?P<y>\d{4})" + TIME, "{month} %d{s} %Y"),
        (r"(?P<y>19\d\d|20\d\d)(?P<m>\d\d)(?P<d>\d\d)", "%Y%m%d"),
        (r"(?P<y>19\d\d|20\d\d)-(?P<m>0[1-9]|1[0-2])", "%Y-%m"),
        (r"(?P<m>0[1-9]|1[0-2])/(?P<y>19\d\d|20\d\d)", "%m/%Y"),
        (r"(?P<name>[A-Za-z]{3,9})(?P<s>[ -])(?P<y>19\d\d|20\d\d)", "{month}{s}%Y"),
        (r"(?P<y>19\d\d|20\d\d)(?P<s>[-/ ]?)Q[1-4]", "%Y{s}Q%q"),
        (r"Q[1-4](?P<s>[-/ ]?)(?P<y>19\d\d|20\d\d)", "Q%q{s}%Y"),
        (r"(?P<y>19\d\d|20\d\d)-W(?P<week>\d\d)", "%G-W%V"),
        (r"(?P<y>19\d\d|20\d\d)-W(?P<week>\d\d)-[1-7]", "%G-W%V-%u"),
    )
)
# Distinct values that are no dates, or no numbers, beside which a column may still be one of dates or numbers.
MOST_STRAYS = 20
# With no more distinct dates or numbers than that beside them, all are the levels of a category.
MOST_LEVELS = 12
OPEN = "{a}"
DAY_FIRST = "ambiguous day and month: read as day first"
MONTH_FIRST = "ambiguous day and month: read as month first"
CONTRADICTORY = (
    "dates with the day first and dates with the month first: left as they are, write them in one notation"
)


def _clock(parts: dict[str, str | None]) -> str:
    """The strptime text of the time of day in a match, "" where there is none."""
    gap, half, zone = (parts.get(part) for part in ("gap", "half", "zone"))
    if not gap:
        return ""
    if not (1 <= int(parts["hour"] or 0) <= 12 if half else int(parts["hour"] or 0) < 24):
        raise ValueError("no such hour")
    colon = parts["colon"]
    text = f"{gap}{'%I' if half else '%H'}{colon}%M"
    text += (f"{colon}%S" if parts["second"] else "") + (".%f" if parts["fraction"] else "")
    text += (" %p" if half[0] == " " else "%p") if half else ""
    if zone in (" UTC", " GMT"):
        return text + zone
    return text + ((" %z" if zone[0] == " " else "%z") if zone else "")


def _notation(text: str) -> tuple[str, tuple[int, int, int]]:
    """(template, year and two further numbers) of one value; ValueError where it is no date.

    The numbers are month and day, or as they come where the template leaves their order open.
    """
    for shape, template in SHAPES:
        if not (match := shape.fullmatch(text)):
            continue
        parts = match.groupdict()
        name = parts.get("name", "").lower()
        month = "%b" if name in SHORT_MONTHS else "%B"
        # "{{a}}" stays open, as "{a}"
        form = template.format(a=OPEN, b="{b}", s=parts.get("s"), month=month) + _clock(parts)
        year = datetime.strptime(parts["y"], "%y").year if "%y" in form else int(parts["y"])
        if OPEN in form:
            return form, (year, int(parts["a"]), int(parts["b"]))
        if "week" in parts:
            date.fromisocalendar(year, int(parts["week"]), 1)
        number = (SHORT_MONTHS if month == "%b" else MONTHS).index(name) if name else int(parts.get("m", 1))
        date(year, number, int(parts.get("d", 1)))
        return form, (year, number, 0)
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
    """Which notations the values given so far are in.

    `strays`: values that are no dates; with more than MOST_STRAYS of them `possible` is false.
    """

    possible: bool = True
    notations: dict[str, _Order] = field(default_factory=dict)
    strays: set[str] = field(default_factory=set)
    count: int = 0

    def _fast(self, values: list[str]) -> bool:
        """ISO values of one shape at C speed; False where they are not that."""
        samples = {value.translate(_ZEROED): value for value in reversed(values)}
        if len(samples) > 4 or not all(shape[:10] == "0000-00-00" for shape in samples):
            return False
        try:
            templates = [_notation(sample)[0] for sample in reversed(samples.values())]
            for value in values:
                datetime.fromisoformat(value)
        except ValueError:
            return False
        self.notations.update((template, _Order()) for template in templates)
        return True

    def add(self, values: Iterable[str]) -> None:
        """Take in more distinct values."""
        items = list(values)
        if not (self.possible and items):
            return
        self.count += len(items)
        if not self._fast([value.strip() for value in items]):
            for value in items:
                try:
                    template, numbers = _notation(value.strip())
                except ValueError:
                    self.strays.add(value)
                    if len(self.strays) > MOST_STRAYS:
                        self.possible = False
                        return
                    continue
                order = self.notations.setdefault(template, _Order())
                if OPEN in template:
                    order.add(*numbers)
        levels = self.strays and self.count - len(self.strays) <= MOST_LEVELS
        compact = "%Y%m%d" in self.notations and (self.strays or len(self.notations) > 1)
        self.possible = not (levels or compact)

    def formats(self) -> tuple[tuple[str, ...], str]:
        """(strptime formats in order of appearance, what was odd); no formats where it holds no dates."""
        if not self.possible or not self.notations or (set(self.notations) == {"%Y%m%d"} and self.count < 3):
            return (), ""
        formats, notes = [], []
        for template, order in self.notations.items():
            if not (order.day_first or order.month_first):
                return (), CONTRADICTORY
            both = order.day_first and order.month_first
            day_first = order.day_first and not (both and "/" in template)
            if both and OPEN in template:
                notes.append(DAY_FIRST if day_first else MONTH_FIRST)
            names = ("%d", "%m") if day_first else ("%m", "%d")
            formats.append(template.replace("{a}", names[0]).replace("{b}", names[1]))
        return tuple(formats), "; ".join(dict.fromkeys(notes))


_ZEROED = {ord(digit): "0" for digit in "123456789"}
