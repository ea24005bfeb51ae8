"""Numbers with something around them, such as 44.9%, 78.1 kg and (420.89): in which notation they are written."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from itertools import islice

from poc2prod_kit.tables.dates import MOST_STRAYS
from poc2prod_kit.tables.numerals import END, SPACE, Notation
from poc2prod_kit.tables.sniff import NUMERALS

MONEY = (
    r"(?:[A-Z]{0,3}[$€£¥₹₽₩₺₫฿₦₪₴]|EUR|USD|GBP|CHF|JPY|CNY|INR|AUD|CAD|BRL|ZAR|SEK|NOK|DKK|PLN|CZK|HUF|TRY|RUB|"
    r"Rs\.?|kr\.?|zł|Kč|Ft|TL)"
)
# Behind a number without a space only what is known to be a unit: 12a is a house number, not 12 of a.
UNITS = frozenset(
    {
        "kg", "g", "mg", "µg", "μg", "lb", "lbs", "oz", "km", "m", "cm", "mm", "mi", "ft", "l", "ml", "mL",
        "cl", "gal", "h", "hr", "hrs", "min", "s", "sec", "ms", "days", "day", "yr", "yrs", "kW", "kWh",
        "Wh", "MW", "MWh", "mA", "Hz", "kHz", "MHz", "GHz", "KB", "MB", "GB", "TB", "kB", "°C", "°F", "°",
        "Pa", "hPa", "kPa", "bar", "psi", "mph", "km/h", "kmh", "kph", "m/s", "bpm", "px", "rpm", "cc",
        "bhp", "hp", "kmpl", "mpg", "Nm", "lm", "dB", "ha", "m²", "km²", "m³", "mmHg", "mol", "mmol", "cal",
        "kcal", "kJ", "%", "‰", "bn",
    }
)  # fmt: skip
NOT_UNITS = frozenset({"AM", "PM", "am", "pm", "a.m.", "p.m.", "BC", "AD"})
MOST_UNITS = 5
DRESSED = re.compile(
    rf"(?P<minus>[+-]?)(?:(?P<before>{MONEY}){SPACE}?)?(?P<open>\(?)(?:(?P<inside>{MONEY}){SPACE}?)?[+-]?"
    rf"(?P<body>(?:\d(?:[\d.,' \u00a0\u202f]*\d)?[.,]?|[.,]\d+))"
    rf"(?:(?P<gap>{SPACE}?)(?P<after>{MONEY}|[%‰°]|[^\W\d_°]?[^\W\d_°./²³-]{{0,11}}(?:/[a-z]+)?[²³]?|°[CFK]?))?"
    r"(?P<close>\)?)(?P<trailing>-?)"
)


def recognized(values: Collection[str], signs: Notation) -> tuple[Notation | None, str]:
    """(the notation of these values, "" or why they stay texts); None where they are no numbers, or not of one unit.

    `signs`: how the file writes numbers. Up to MOST_STRAYS values may be something else.
    """
    parts: list[re.Match[str]] = []
    strays = 0
    for value in values:
        match = DRESSED.fullmatch(value.strip())
        if match is None or not _is_unit(match) or bool(match["open"]) != bool(match["close"]):
            strays += 1
            if strays > MOST_STRAYS:
                return None, ""
        else:
            parts.append(match)
    if len(parts) <= strays:
        return None, ""
    before = Counter(match["before"] or match["inside"] or "" for match in parts)
    behind = Counter(match["after"] or "" for match in parts)
    if why := _several(before, behind):
        return None, "" if why == "-" else why
    bodies = [match["body"] for match in parts]
    decimal, thousands = _signs(bodies, signs)
    if not decimal:
        # Versions, addresses and telephone numbers have several signs in one cell, and are no numbers.
        single = all(re.fullmatch(r"\d+(?:[.,]\d+)?", body) for body in bodies)
        return None, "numbers with more than one decimal sign: kept as they are; write one" * single
    negative = "parentheses" if any(match["open"] for match in parts) else ""
    negative = negative or ("trailing" if any(match["trailing"] for match in parts) else "")
    affixes = tuple(sorted({text for text in (*before, *behind) if text}))
    return Notation(decimal, thousands, affixes, negative), ""


def measured(texts: Collection[str]) -> bool:
    """Whether most of some texts are numbers with a unit or a currency, perhaps of several: amounts, no names."""
    found = sum(
        (match := DRESSED.fullmatch(text.strip())) is not None
        and bool(match["before"] or match["after"] in UNITS or re.fullmatch(MONEY, match["after"] or ""))
        for text in texts
    )
    return 2 * found > len(texts)


def _is_unit(match: re.Match[str]) -> bool:
    after = match["after"] or ""
    return not after or bool(match["gap"]) or after in UNITS or re.fullmatch(MONEY, after) is not None


def _several(before: Counter[str], behind: Counter[str]) -> str:
    """Why numbers with these texts around them are not of one unit, "-" where that is not worth saying; else ""."""
    texts = sorted({*before, *behind} - {""})
    if NOT_UNITS & set(texts) or len(texts) > MOST_UNITS:
        return "-"
    for found in (before, behind):
        names = sorted(set(found) - {""})
        if len(names) > 1 and not (len(names) == 2 and names[1] == names[0] + "s"):
            listed = ", ".join(map(repr, names))
            return f"numbers with different units ({listed}): kept as they are; bring them to one unit"
        bare = found[""]
        if (
            names
            and bare
            and not re.fullmatch(MONEY, names[0])
            and (names[0] == "%" or bare > 0.05 * found.total())
        ):
            return f"numbers with and without {names[0]!r}: kept as they are; write all of them alike"
    return ""


def _signs(bodies: list[str], signs: Notation) -> tuple[str, str]:
    """(decimal, thousands) by which the most bodies are numbers, the file's if it can be; nothing where few are."""
    own = (signs.decimal, signs.thousands)
    ordered = [own, *(pair for pair in NUMERALS if pair != own)]
    joined = END.join(bodies) + END
    for pair in ordered:
        if Notation(*pair).numbers.fullmatch(joined):
            return pair
    sample = list(islice(bodies, 1_000))
    counts = {pair: sum(map(bool, map(Notation(*pair).number.fullmatch, sample))) for pair in ordered}
    best = max(ordered, key=lambda pair: counts[pair])
    return best if len(sample) - counts[best] <= MOST_STRAYS and 2 * counts[best] > len(sample) else ("", "")
