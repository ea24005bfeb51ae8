"""Classes that are rare, columns that hold nothing, values that cannot be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from .frame import MISSING, Frame, Remark, Series, count, percent

FEW = 20
OLDEST = 130


def unlabelled(frame: Frame) -> Iterator[Remark]:
    """Rows without a label."""
    target = frame.target
    if target.missing:
        rows = (row for row, code in enumerate(target.codes) if code == MISSING)
        text = (
            f"{count(target.missing, 'row')} of {frame.rows:,} {'has' if target.missing == 1 else 'have'} no "
            f"{target.name}: left out of training and testing."
        )
        yield Remark("unlabelled", text, frame.name(rows), 0.2 + 0.6 * target.missing / frame.rows)


def balance(frame: Frame) -> Iterator[Remark]:
    """The most frequent class, and classes with few rows."""
    target = frame.target
    if not frame.classes:
        return
    (top, n), *_ = target.counts.most_common(1)
    whole = len(frame.labelled)
    text = (
        f"{percent(n, whole)} of the {whole:,} labelled rows are {target.name} = {target.texts[top]}: who "
        "always says so is right "
        "that often, and a model has to beat it."
    )
    yield Remark("balance", text, (), 0.6 if n > 0.9 * whole else 0.1)
    rare = {code: n for code, n in target.counts.items() if n < FEW}
    if rare:
        shown = ", ".join(
            f"{target.texts[code]} ({n})" for code, n in sorted(rare.items(), key=lambda item: item[1])[:5]
        )
        rows = (row for row, code in enumerate(target.codes) if code in rare)
        verb = "class has" if len(rare) == 1 else "classes have"
        text = f"{len(rare)} {verb} fewer than {FEW} rows: {shown}. Nothing reliable can be said of so few."
        yield Remark("rare-class", text, frame.name(rows), 0.55)


def empty(frame: Frame) -> Iterator[Remark]:
    """Columns that never vary or are nearly never filled in."""
    roles = frame.roles
    series = [s for s in frame.columns.values() if s.name not in (roles.target, roles.id)]
    constant = [s.name for s in series if not s.counts or (len(s.counts) == 1 and not s.missing)]
    if constant:
        verb = "is" if len(constant) == 1 else "are"
        text = (
            f"{', '.join(constant[:8])}{' and more' if len(constant) > 8 else ''} {verb} the same in every "
            "row: nothing to learn from."
        )
        yield Remark("constant", text, (), 0.3)
    for s in series:
        if s.counts and s.missing >= 0.95 * frame.rows:
            text = (
                f"{s.name} is empty in {percent(s.missing, frame.rows)} of the rows; {s.counts.total():,} "
                "have a value."
            )
            yield Remark("nearly-empty", text, (), 0.35)


def future(frame: Frame) -> Iterator[Remark]:
    """Dates after tomorrow."""
    limit = datetime.now(UTC).timestamp() + 86_400
    for s in frame.columns.values():
        if s.type != "date":
            continue
        late = [row for row, moment in enumerate(s.moments) if moment is not None and moment > limit]
        if late and len(late) < 0.05 * frame.rows:
            text = (
                f"{s.name} lies in the future in {count(len(late), 'row')}, for one "
                f"{s.texts[s.codes[late[0]]]}."
            )
            yield Remark("future-date", text, frame.name(late), 0.5)


def impossible(frame: Frame) -> Iterator[Remark]:
    """Ages below 0 or above 130."""
    for s in frame.columns.values():
        if not s.numeric or s.name.casefold().strip() not in ("age", "age_years", "alter"):
            continue
        values = s.floats()
        bad = [row for row, v in enumerate(values) if v is not None and not 0 <= v <= OLDEST]
        alone = {values[row] for row in bad}
        if bad and len(bad) < 0.05 * frame.rows and len(alone) <= 3 and _human(s):
            text = (
                f"{s.name} cannot be: {s.texts[s.codes[bad[0]]]}, in {count(len(bad), 'row')} below 0 or "
                f"above {OLDEST}."
            )
            yield Remark("impossible", text, frame.name(bad), 0.6)


def _human(series: Series) -> bool:
    """Whether ages look like people's: nearly all at most 130, and none between that and twice as much."""
    return not any(v is not None and OLDEST < v < 2 * OLDEST for v in series.numbers)


RULES = (unlabelled, balance, empty, future, impossible)
