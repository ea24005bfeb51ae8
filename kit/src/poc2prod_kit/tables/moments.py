"""Reads and writes dates by strptime formats, and by what strptime lacks. Standard library only.

Beside strptime's codes: `%q` is a quarter, 1 to 4; `%f` reads up to 9 digits, of which 6 count; `%z` reads "+02"
too; `%G-W%V` without a day of the week is that week's Monday.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

# Codes of fixed width: a text of them is rewritten as ISO 8601, which Python reads many times faster than strptime.
FIXED = {
    "Y": r"\d{4}", **dict.fromkeys("mdHMS", r"\d\d"), "f": r"\d{1,9}", "z": r"(?:Z|[+-]\d\d(?::?\d\d)?)",
}  # fmt: skip
ISO = re.compile("%Y-%m-%d(?:[T ]%H:%M(?::%S(?:[.]%f)?)?(?:%z)?)?")
FRACTION, HOURS = re.compile(r"(\.\d{6})\d{1,3}(?!\d)"), re.compile(r"([+-]\d\d)$")


def date(text: str, formats: Iterable[str]) -> datetime | None:
    """The moment by the first format that fits, else None. Without formats: ISO 8601; with a zone: in UTC."""
    return dates(tuple(formats))(text)


@lru_cache(maxsize=64)
def dates(formats: tuple[str, ...]) -> Callable[[str], datetime | None]:
    """The function that reads one text as `date` does."""
    readers = [by_format(form) for form in formats or ("",)]

    def read(text: str) -> datetime | None:
        for reader in readers:
            try:
                return _in_utc(reader(text))
            except (ValueError, OverflowError):
                continue
        return None

    return read


def all_at_once(texts: Sequence[str], formats: tuple[str, ...]) -> list[datetime] | None:
    """All texts at C speed, where one format of fixed widths reads them; else None."""
    form = formats[0] if len(formats) == 1 else ""
    rewriting, lines = _as_iso(form), "\n".join(texts) + "\n"
    if rewriting is None or not rewriting.lines.fullmatch(lines):
        return None
    iso: Iterable[str] = texts
    if not rewriting.is_iso:
        if not rewriting.places:
            return None
        # A slice with a step takes one character of each line: those of ISO 8601, in its order.
        step = len(texts[0]) + 1
        characters = [at * len(texts) if isinstance(at, str) else lines[at::step] for at in rewriting.places]
        iso = map("".join, zip(*characters, strict=True))
    try:
        moments = list(map(datetime.fromisoformat, iso))
        return [_in_utc(moment) for moment in moments] if "%z" in form else moments
    except (ValueError, OverflowError):
        return None


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


@lru_cache(maxsize=64)
def by_format(form: str) -> Callable[[str], datetime]:
    """A function that reads texts by a format, "" being ISO 8601. It raises ValueError."""
    if not form:
        return datetime.fromisoformat
    if "%q" in form:
        return _quarters(form)
    monday = " %u" if "%V" in form and not {"%u", "%a", "%A", "%w"} & set(re.findall("%.", form)) else ""
    rewriting = _as_iso(form)

    def read(text: str) -> datetime:
        if rewriting and (match := rewriting.text.fullmatch(text)):
            return datetime.fromisoformat(text if rewriting.is_iso else match.expand(rewriting.template))
        text = FRACTION.sub(r"\1", text) if "%f" in form else text
        text = HOURS.sub(r"\1:00", text) if "%z" in form else text
        return datetime.strptime(text + " 1" * bool(monday), form + monday)

    return read


class _Iso(NamedTuple):
    """How texts of a format become ISO 8601.

    `lines` matches any number of them; `places`: where each character of ISO 8601 stands, or the character itself;
    none where widths vary.
    """

    text: re.Pattern[str]
    lines: re.Pattern[str]
    template: str
    is_iso: bool
    places: list[int | str]


@lru_cache(maxsize=64)
def _as_iso(form: str) -> _Iso | None:
    """How texts of this format become ISO 8601; None where they are not of these widths and parts."""
    codes = re.findall("%(.)", form)
    clock = [code for code in "HMSf" if code in codes]
    if len(set(codes)) < len(codes) or not set("Ymd") <= set(codes) <= set(FIXED):
        return None
    if clock != list("HMSf"[: len(clock)]) or len(clock) == 1 or ("z" in codes and not clock):
        return None
    named = re.sub(r"\\?%(.)", lambda code: f"(?P<{code[1]}>{FIXED[code[1]]})", re.escape(form))
    wanted = "Y-m-d" + "".join(map("".join, zip("T::.", clock, strict=False))) + "z" * ("z" in codes)
    template = "".join(f"\\g<{sign}>" if sign in FIXED else sign for sign in wanted)
    starts, at = {}, 0
    for literal, code in re.findall("([^%]*)%(.)", form):
        starts[code], at = at + len(literal), at + len(literal) + (4 if code == "Y" else 2)
    places: list[int | str] = []
    for sign in wanted if not {"f", "z"} & set(codes) else "":
        places += range(starts[sign], starts[sign] + (4 if sign == "Y" else 2)) if sign in starts else [sign]
    lines = re.compile(f"(?:{re.sub('P<.>', ':', named)}\n)*+", re.ASCII)
    return _Iso(re.compile(named, re.ASCII), lines, template, bool(ISO.fullmatch(form)), places)


def _quarters(form: str) -> Callable[[str], datetime]:
    shape = re.escape(form).replace("%Y", r"(?P<year>\d{4})").replace("%q", "(?P<quarter>[1-4])")
    match_of = re.compile(shape, re.ASCII | re.IGNORECASE).fullmatch

    def read(text: str) -> datetime:
        if not (match := match_of(text)):
            raise ValueError(f"{text!r} does not match format {form!r}")
        return datetime(int(match["year"]), int(match["quarter"]) * 3 - 2, 1)

    return read


def write(moment: datetime, form: str) -> str:
    """A moment in UTC by a format; the year with four digits."""
    zone, year, quarter = "+0000", f"{moment.year:04}", str((moment.month + 2) // 3)
    for code, text in (("%z", zone), ("%Y", year), ("%q", quarter)):
        form = form.replace(code, text)
    return moment.strftime(form)
