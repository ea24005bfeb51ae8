"""Classes that are rare, columns that hold nothing, values that cannot be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from poc2prod_kit.screening.finding import SHOWN, Finding, count, percent
from poc2prod_kit.screening.sample import MISSING, Column, Sample

STEP = "data"
FEW = 20
OLDEST = 130


def unlabelled(sample: Sample) -> Iterator[Finding]:
    """Rows without a label."""
    target = sample.target
    if target.missing:
        rows = (row for row, code in enumerate(target.codes) if code == MISSING)
        text = (
            f"{count(target.missing, 'row')} of {sample.rows:,} "
            f"{'has' if target.missing == 1 else 'have'} no "
            f"{target.name}: left out of training and testing."
        )
        yield Finding(
            "unlabelled", text, rows=sample.name(rows), weight=0.2 + 0.6 * target.missing / sample.rows
        )


def balance(sample: Sample) -> Iterator[Finding]:
    """The most frequent class, and classes with few rows."""
    target = sample.target
    if not sample.classes:
        return
    (top, n), *_ = target.counts.most_common(1)
    whole = len(sample.labelled)
    text = (
        f"{percent(n, whole)} of the {whole:,} labelled rows are {target.name} = {target.texts[top]}: who "
        "always says so is right "
        "that often, and a model has to beat it."
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
        late = [row for row, moment in enumerate(s.moments) if moment is not None and moment > limit]
        if late and len(late) < 0.05 * sample.rows:
            text = (
                f"{s.name} lies in the future in {count(len(late), 'row')}, for one "
                f"{s.texts[s.codes[late[0]]]}."
            )
            yield Finding("future-date", text, rows=sample.name(late), weight=0.5)


def impossible(sample: Sample) -> Iterator[Finding]:
    """Ages below 0 or above 130."""
    for s in sample.columns.values():
        if not s.numeric or s.name.casefold().strip() not in ("age", "age_years", "alter"):
            continue
        values = s.floats
        bad = [row for row, v in enumerate(values) if v is not None and not 0 <= v <= OLDEST]
        alone = {values[row] for row in bad}
        if bad and len(bad) < 0.05 * sample.rows and len(alone) <= 3 and _human(s):
            text = (
                f"{s.name} cannot be: {s.texts[s.codes[bad[0]]]}, in {count(len(bad), 'row')} below 0 or "
                f"above {OLDEST}."
            )
            names, places = sample.name(bad), tuple(sample.places[row] for row in bad[:SHOWN])
            yield Finding("impossible", text, (s.name,), STEP, len(bad) / sample.rows, names, places, 0.6)


def _human(column: Column) -> bool:
    """Whether ages look like people's: nearly all at most 130, and none between that and twice as much."""
    return not any(v is not None and OLDEST < v < 2 * OLDEST for v in column.numbers)


RULES = (unlabelled, balance, empty, future, impossible)
