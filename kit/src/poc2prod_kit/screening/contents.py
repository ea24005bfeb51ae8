"""What the rows hold: rare classes, empty columns, values that cannot be, parts whose label never varies."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain
from math import log

from poc2prod_kit.screening.finding import SHOWN, Finding, count, in_rows, percent, quoted
from poc2prod_kit.screening.leaks import gain, others_tell
from poc2prod_kit.screening.sample import MISSING, Column, Sample

STEP = "data"
FEW, FEW_OF_A_SLICE = 20, 30
FEWEST_FIXED = 50
OLDEST = 130
TOTALS = frozenset(
    {
        "total", "totals", "grand total", "sum", "subtotal", "summe", "gesamt", "insgesamt", "gesamtsumme", "all",
        "overall",
    }
)  # fmt: skip
AGES = ("age", "age_years", "alter")
MOST_IMPOSSIBLE = 0.3
# What stands for "not known" in many systems, where it lies apart from all other values.
NINES = frozenset(10**digits - 1 for digits in range(2, 11))
NEGATIVE = frozenset({-1, *(-nines for nines in NINES), -9, -88, -888, -8888})
EPOCHS = frozenset(
    datetime(*day, tzinfo=UTC).timestamp()
    for day in ((1, 1, 1), (1753, 1, 1), (1899, 12, 30), (1899, 12, 31), (1900, 1, 1), (1970, 1, 1), (2999, 12, 31),
                (9999, 12, 31))
)  # fmt: skip
FEWEST_PLACED, FEWEST_VALUES, TEN_YEARS = 3, 10, 3652 * 86_400


def unlabelled(sample: Sample) -> Iterator[Finding]:
    """Rows without a label."""
    target = sample.target
    if target.missing:
        rows = (row for row, code in enumerate(target.codes) if code == MISSING)
        verb, weight = "has" if target.missing == 1 else "have", 0.2 + 0.6 * target.missing / sample.rows
        text = (
            f"{count(target.missing, 'row')} of {sample.rows:,} {verb} no {target.name}: left out of training "
            "and testing."
        )
        yield Finding("unlabelled", text, rows=sample.name(rows), weight=weight)


def balance(sample: Sample) -> Iterator[Finding]:
    """The most frequent class, and classes with few rows."""
    target = sample.target
    if not sample.classes:
        return
    (top, n), *_ = target.counts.most_common(1)
    whole = len(sample.labelled)
    text = (
        f"{percent(n, whole)} of the {whole:,} labelled rows are {target.name} = {target.texts[top]}: who "
        "always says so is right that often, and a model has to beat it."
    )
    yield Finding("balance", text, weight=0.6 if n > 0.9 * whole else 0.1)
    rare = {code: n for code, n in target.counts.items() if n < FEW}
    if rare:
        shown = ", ".join(
            f"{target.texts[code]} ({n})" for code, n in sorted(rare.items(), key=lambda item: item[1])[:5]
        )
        rows = (row for row, code in enumerate(target.codes) if code in rare)
        verb = "class has" if len(rare) == 1 else "classes have"
        text = f"{len(rare)} {verb} fewer than {FEW} rows: {shown}. Nothing reliable can be said of so few."
        yield Finding("rare-class", text, rows=sample.name(rows), weight=0.55)


def empty(sample: Sample) -> Iterator[Finding]:
    """Columns that never vary or are nearly never filled in."""
    roles = sample.roles
    column = [s for s in sample.columns.values() if s.name not in (roles.target, roles.id)]
    constant = [s.name for s in column if not s.counts or (len(s.counts) == 1 and not s.missing)]
    if constant:
        verb = "is" if len(constant) == 1 else "are"
        text = (
            f"{', '.join(constant[:8])}{' and more' if len(constant) > 8 else ''} {verb} the same in every "
            "row: nothing to learn from."
        )
        yield Finding("constant", text, weight=0.3)
    for s in column:
        if s.counts and s.missing >= 0.95 * sample.rows:
            text = (
                f"{s.name} is empty in {percent(s.missing, sample.rows)} of the rows; {s.counts.total():,} "
                "have a value."
            )
            yield Finding("nearly-empty", text, weight=0.35)


def future(sample: Sample) -> Iterator[Finding]:
    """Dates after tomorrow: a description, since it depends on the day."""
    limit = datetime.now(UTC).timestamp() + 86_400
    for s in sample.columns.values():
        if s.type != "date":
            continue
        late = [row for row, moment in enumerate(s.floats) if moment is not None and moment > limit]
        if late and len(late) < 0.05 * sample.rows:
            text = (
                f"{s.name} lies in the future in {count(len(late), 'row')}, for one "
                f"{s.texts[s.codes[late[0]]]}."
            )
            yield Finding("future-date", text, rows=sample.name(late), weight=0.5)


def impossible(sample: Sample) -> Iterator[Finding]:
    """Ages below 0 or above 130."""
    for s in sample.columns.values():
        if not s.numeric or s.name.casefold().strip() not in AGES:
            continue
        values = s.floats
        bad = [row for row, v in enumerate(values) if v is not None and not 0 <= v <= OLDEST]
        alone = {values[row] for row in bad}
        if bad and len(bad) < MOST_IMPOSSIBLE * sample.rows and len(alone) <= 3 and _human(s):
            text = (
                f"{s.name} cannot be: {s.texts[s.codes[bad[0]]]}, in {count(len(bad), 'row')} below 0 or "
                f"above {OLDEST}."
            )
            share = len(bad) / sample.rows
            remedy = {"column": s.name, "outside": [0, OLDEST]}
            yield Finding("impossible", text, (s.name,), STEP, share, *sample.shown(bad, SHOWN), 0.6, remedy)


def stray(sample: Sample) -> Iterator[Finding]:
    """Cells of a column of numbers or dates that are none: missing ones, a line of units, a line of totals."""
    strays = {s.name: s.strays for s in sample.columns.values() if s.strays}
    columns_of: dict[int, list[str]] = defaultdict(list)
    for name, found in strays.items():
        for row in chain.from_iterable(found.values()):
            columns_of[row].append(name)
    for name, found in strays.items():
        rows = sorted(chain.from_iterable(found.values()))
        kind = "date" if sample.columns[name].type == "date" else "number"
        verb = f"is no {kind}" if len(rows) == 1 else f"are no {kind}s"
        ordered = sorted(found, key=lambda text: (-len(found[text]), text))
        numbers = {text: [sample.places[row] + 1 for row in found[text][:3]] for text in ordered[:5]}
        shown = "; ".join(
            f"{quoted(text)} in {in_rows(first, len(found[text]))}" for text, first in numbers.items()
        )
        more = f"; and {count(len(found) - 5, 'other text')}" if len(found) > 5 else ""
        text = f"{count(len(rows), 'cell')} of {name} {verb}, read as missing: {shown}{more}."
        shared = next((row for row in rows if len(columns_of[row]) > 1), None)
        if shared is not None:
            others = ", ".join(other for other in columns_of[shared] if other != name)
            text += (
                f" In row {sample.places[shared] + 1:,} the cell of {others} is none either: if that is a line of "
                "units or a second header, it is no row."
            )
        elif any(one.strip().casefold() in TOTALS for one in found):
            text += " A line of totals is no row."
        remedy = {"column": name, "missing": sorted(found)}
        share = len(rows) / sample.rows
        yield Finding("stray", text, (name,), STEP, share, *sample.shown(rows, SHOWN), 0.7, remedy)


def placeholders(sample: Sample) -> Iterator[Finding]:
    """A number or date that stands for "not known": 999, -1, 1900-01-01, apart from all other values."""
    for s in sample.columns.values():
        aside = (sample.roles.id, sample.roles.group)
        if s.name in aside or not (s.numeric or s.type == "date") or len(s.counts) <= FEWEST_VALUES:
            continue
        counts: Counter[float] = Counter()
        for code, n in s.counts.items():
            if (value := s.numbers[code]) is not None:
                counts[value] += n
        ends = _ends_apart(s, counts) if len(counts) > FEWEST_VALUES else ()
        bad = sorted(value for value in ends if counts[value] >= FEWEST_PLACED)
        share = sum(counts[value] for value in bad) / sample.rows
        if not bad or share > MOST_IMPOSSIBLE or (s.name.casefold() in AGES and _is_impossible(s)):
            continue
        texts = [s.texts[code] for code in s.counts if s.numbers[code] in bad]
        rest = [value for value in counts if value not in bad]
        low, high = (
            next(s.texts[code] for code in s.counts if s.numbers[code] == end)
            for end in (min(rest), max(rest))
        )
        shown = " and ".join(f"{text} in {count(s.counts[s.texts.index(text)], 'row')}" for text in texts)
        text = (
            f"{s.name} holds {shown}, while all other values lie between {low} and {high}: as if it stood for not "
            "known. If so, read it as missing: the command `clean` writes that to cleaning.toml."
        )
        rows = [row for row, value in enumerate(s.floats) if value in bad]
        remedy = {"column": s.name, "missing": texts}
        yield Finding("placeholder", text, (s.name,), STEP, share, *sample.shown(rows, SHOWN), 0.6, remedy)


def _ends_apart(column: Column, counts: Counter[float]) -> Iterator[float]:
    """The lowest and the highest value where they are such numbers and lie apart from the others.

    Of nines: by more than the range of the others. A negative one: below none but values of 0 and more, and
    not as the tail of them. A date: by ten years and more.
    """
    values = sorted(counts)
    low, second, *_, before, high = values
    if column.type == "date":
        if low in EPOCHS and second - low > TEN_YEARS:
            yield low
        if high in EPOCHS and high - before > TEN_YEARS:
            yield high
        return
    least = low if low >= 0 or low not in NEGATIVE else second
    if high in NINES and high - before > before - least:
        yield high
    if (
        low in NEGATIVE
        and second >= 0
        and (counts[low] >= 2 * counts[second] or second - low > before - second)
    ):
        yield low


def _is_impossible(column: Column) -> bool:
    return any(value is not None and not 0 <= value <= OLDEST for value in column.numbers) and _human(column)


def _human(column: Column) -> bool:
    """Whether ages look like people's: nearly all at most 130, and none between that and twice as much."""
    return not any(v is not None and OLDEST < v < 2 * OLDEST for v in column.numbers)


def _surprising(sample: Sample, rows: int, label: int) -> bool:
    """Whether so many rows of one label are no chance (less than one in 10^9), and a part that matters."""
    share = sample.target.counts[label] / len(sample.labelled)
    return rows >= max(FEWEST_FIXED, 0.01 * len(sample.labelled)) and rows * log(share) < log(1e-9)


def _edge(ordered: list[Counter[int]]) -> tuple[int, int, int]:
    """(values, rows, label) of the run of one label at the start; no rows unless what follows soon is usual.

    Behind a definition the labels mix at once; beside a strong feature they thin out over many values.
    """
    (label,) = ordered[0] if len(ordered[0]) == 1 else (MISSING,)
    values = next((at for at, tally in enumerate(ordered) if set(tally) != {label}), len(ordered))
    following: Counter[int] = Counter()
    for tally in ordered[values:]:
        following += tally
        if following.total() >= FEW_OF_A_SLICE:
            break
    whole = sum(ordered[values:], Counter())
    usual = whole[label] / max(whole.total(), 1)
    mixed = (
        following.total() >= FEW_OF_A_SLICE and following[label] <= (0.8 + 0.2 * usual) * following.total()
    )
    return (
        (values, sum(tally.total() for tally in ordered[:values]), label)
        if mixed and values
        else (0, 0, label)
    )


def _ends(sample: Sample, column: Column) -> Iterator[tuple[str, int, int]]:
    """(in words, rows, label) where the low or the high end of a whole number has one label."""
    tallies = sample.tallies(column)
    tallies.pop(MISSING, None)
    ascending = sorted((n, code) for code in tallies if (n := column.numbers[code]) is not None)
    for word, codes in (("below", ascending), ("above", ascending[::-1])):
        values, rows, label = _edge([tallies[code] for _, code in codes]) if codes else (0, 0, MISSING)
        if values > 1:
            yield f"{column.name} {word} {codes[values][0]:g}", rows, label


def fixed(sample: Sample) -> Iterator[Finding]:
    """A part of the table in which the label never varies: by definition, perhaps: it lifts any score."""
    if sample.outcome != "binary" or len(sample.labelled) < 200:
        return
    items: list[tuple[str, int, int]] = []
    for column in sample.features:
        parts: list[tuple[str, int, int]] = []
        if column.type == "integer":
            parts = list(_ends(sample, column))
        elif column.type == "category" and len(column.counts) <= 50:
            parts = [
                (f"{column.name} = {column.texts[code]}", tally.total(), next(iter(tally)))
                for code, tally in sample.tallies(column).items()
                if code != MISSING and len(tally) == 1
            ]
        parts = [part for part in parts if _surprising(sample, part[1], part[2])]
        leaking = parts and gain(others_tell(sample, column), sample) >= 0.98
        if parts and not leaking and sum(rows for _, rows, _ in parts) <= 0.34 * len(sample.labelled):
            items.append(max(parts, key=lambda part: part[1]))
    if items:
        yield _said(sample, max(items, key=lambda part: part[1]))


def _said(sample: Sample, part: tuple[str, int, int]) -> Finding:
    where, rows, label = part
    share = percent(rows, len(sample.labelled))
    text = (
        f"All {rows:,} rows with {where} ({share}) have {sample.target.name} = {sample.target.texts[label]}. "
        "If that is so by definition, they lift any score without skill: say who is in the population and "
        "leave them out."
    )
    return Finding("fixed-label", text, weight=0.5 + min(rows / len(sample.labelled), 0.3))


def small_slices(sample: Sample) -> Iterator[Finding]:
    """Values of a sensitive column with too few rows for a rate."""
    for name in sample.roles.sensitive:
        column = sample.columns[name]
        few = sorted((n, column.texts[code]) for code, n in column.counts.items() if n < FEW_OF_A_SLICE)
        if few and len(column.counts) <= 50:
            shown = ", ".join(f"{text} ({n})" for n, text in few[:5])
            text = f"{name} has values with fewer than {FEW_OF_A_SLICE} rows: {shown}. Give no rate on them."
            yield Finding("small-slice", text, (name,), weight=0.4)


RULES = (unlabelled, balance, empty, future, fixed, small_slices)
