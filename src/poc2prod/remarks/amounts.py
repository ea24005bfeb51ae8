"""Columns that give a number to predict away: its parts, its transforms, its copies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, pairwise, zip_longest
from math import log, sqrt

from .frame import MISSING, Frame, Remark, Series, count, percent
from .giveaway import ASK, ASK_ALL, FEWEST, candidates, listed

PROBE = 2000
EXACT = 0.999999

Pairs = Sequence[tuple[float, float]]


def correlation(first: Sequence[float], second: Sequence[float]) -> float:
    """Pearson's r; 0 where one does not vary."""
    n = len(first)
    mean_a, mean_b = sum(first) / n, sum(second) / n
    aa = sum((a - mean_a) ** 2 for a in first)
    bb = sum((b - mean_b) ** 2 for b in second)
    ab = sum((a - mean_a) * (b - mean_b) for a, b in zip(first, second, strict=True))
    return ab / sqrt(aa * bb) if aa > 0 and bb > 0 else 0.0


def _r(pairs: Pairs) -> float:
    return correlation([a for a, _ in pairs], [b for _, b in pairs])


def _ranks(values: Sequence[float]) -> list[float]:
    """Ranks, the mean rank among equals."""
    counts = Counter(values)
    middle, before = {}, 0
    for value in sorted(counts):
        middle[value] = before + (counts[value] + 1) / 2
        before += counts[value]
    return [middle[value] for value in values]


def _steps(pairs: Pairs) -> tuple[float, float]:
    """(share of steps, row to row, that go in one direction, r of the steps): low for a common trend."""
    steps = [(c - a, d - b) for (a, b), (c, d) in pairwise(pairs) if a != c or b != d]
    moved = [(a > 0) == (b > 0) for a, b in steps if a and b]
    same = sum(moved) / len(moved) if moved else 0.0
    return max(same, 1 - same), abs(_r(steps)) if steps else 0.0


SHAPES: tuple[tuple[str, Callable[[float], float]], ...] = (
    ("on another scale", lambda y: y),
    ("as a logarithm", log),
    ("as a reciprocal", lambda y: 1 / y),
    ("as a square root", sqrt),
    ("squared", lambda y: y * y),
)


def _shape(pairs: Pairs) -> str:
    """How the column is the target rewritten; "" where it is not exactly that."""
    for said, rewritten in SHAPES:
        if said != "on another scale" and min(y for _, y in pairs) <= 0:
            continue
        if abs(_r([(x, rewritten(y)) for x, y in pairs])) >= EXACT:
            return said
    return ""


def _likeness(pairs: Pairs) -> tuple[float, str]:
    """(strength, what is said) of a column that is the target in other words; (0, "") of any other."""
    r = abs(_r(pairs))
    rho = abs(correlation(_ranks([x for x, _ in pairs]), _ranks([y for _, y in pairs])))
    if r < 0.97 and rho < 0.999:
        return 0.0, ""
    together, steps = _steps(pairs)
    if (r >= 0.97 or rho >= 0.999) and together >= 0.98 and (shape := _shape(pairs)):
        return 2.0, shape
    if rho >= 0.999 and together >= 0.98:
        return 1.0 + rho, f"in its order (rank correlation {_cut(rho)})"
    return (r, f"up to little noise (correlation {_cut(r)})") if r >= 0.97 and steps >= 0.9 else (0.0, "")


def _cut(r: float) -> str:
    return f"{int(r * 1000) / 1000:.3f}"


def numbers_tell(frame: Frame) -> Iterator[Remark]:
    """Numbers that are the target rewritten, or the target up to noise."""
    if frame.outcome != "regression" or len(frame.labelled) < FEWEST:
        return
    labels = frame.target.floats()
    found = []
    for series in candidates(frame):
        if not series.numeric or len(series.counts) < 3 or frame.numbering(series):
            continue
        pairs = [
            (v, y) for v, y in zip(series.floats(), labels, strict=True) if v is not None and y is not None
        ]
        if len(pairs) < max(FEWEST, 0.3 * len(frame.labelled)):
            continue
        if not _likeness(pairs[:: max(len(pairs) // PROBE, 1)])[0]:
            continue
        strength, how = _likeness(pairs)
        if strength:
            found.append((strength, series.name, f"{frame.target.name} {how}", len(pairs)))
    if not found:
        return
    found.sort(key=lambda item: -item[0])
    (strength, name, how, rows), *rest = found
    text = f"{name} is {how}, on {rows:,} rows" + listed([other[1] for other in rest], "much the same")
    ask = "Exclude it." if strength == 2.0 and not rest else ASK_ALL if rest else ASK
    weight = 0.99 if strength > 1 else 0.95 if strength > 0.99 else 0.85
    yield Remark("giveaway", f"{text}. {ask}", (), weight)


def values_fix(frame: Frame) -> Iterator[Remark]:
    """A column of whose every value all rows have the same number to predict."""
    target = frame.target
    if (
        frame.outcome != "regression"
        or len(target.counts) < 10
        or target.counts.most_common(1)[0][1] > 0.5 * len(frame.labelled)
    ):
        return
    for series in candidates(frame):
        if series.type == "text" or len(series.counts) < 5 or (series.numeric and series.type != "integer"):
            continue
        first: dict[int, int] = {}
        same = again = 0
        for row in frame.labelled:
            code = series.codes[row]
            if code != MISSING and code in first:
                again += 1
                same += target.codes[first[code]] == target.codes[row]
            first.setdefault(code, row)
        often = again >= max(FEWEST, 0.3 * len(frame.labelled))
        if often and same >= 0.99 * again and _unlike(frame, series):
            text = (
                f"Rows that share their {series.name} share their {target.name}, in {percent(same, again)} "
                f"of cases: {series.name} fixes it. {ASK}"
            )
            yield Remark("giveaway", text, (), 0.94)
            return


def _unlike(frame: Frame, series: Series) -> bool:
    """Whether numbers_tell has not said it already."""
    if not series.numeric:
        return True
    labels = frame.target.floats()
    pairs = [(v, y) for v, y in zip(series.floats(), labels, strict=True) if v is not None and y is not None]
    return not _likeness(pairs[:: max(len(pairs) // PROBE, 1)])[0]


def _close(found: float, wanted: float) -> bool:
    return abs(found - wanted) <= 1e-6 * max(1.0, abs(wanted))


FORMS: tuple[tuple[str, int, Callable[..., float]], ...] = (
    ("{0} + {1}", 2, lambda a, b: a + b),
    ("{0} - {1}", 2, lambda a, b: a - b),
    ("{1} - {0}", 2, lambda a, b: b - a),
    ("{0} * {1}", 2, lambda a, b: a * b),
    ("{0} / {1}", 2, lambda a, b: a / b if b else float("nan")),
    ("{1} / {0}", 2, lambda a, b: b / a if a else float("nan")),
    ("100 * {0} / {1}", 2, lambda a, b: 100 * a / b if b else float("nan")),
    ("100 * {1} / {0}", 2, lambda a, b: 100 * b / a if a else float("nan")),
    ("{0} + {1} + {2}", 3, lambda a, b, c: a + b + c),
)


def sums_tell(frame: Frame) -> Iterator[Remark]:
    """Two or three columns whose sum, difference, product or quotient is the target."""
    if frame.outcome != "regression" or len(frame.labelled) < FEWEST:
        return
    found = list(_parts(frame))
    if not found:
        return
    whole = len(frame.labelled)
    (formula, agreeing), *rest = found
    where = (
        "every row"
        if agreeing == frame.rows
        else f"all {whole:,} labelled rows"
        if agreeing == whole
        else f"{agreeing:,} of {whole:,} rows"
    )
    text = f"{formula} is {frame.target.name} on {where}"
    text += f", and so is {rest[0][0]}" if rest else ""
    text += f" ({count(len(rest) - 1, 'more way')})" if len(rest) > 1 else ""
    yield Remark("parts-of-target", f"{text}: these columns are the target. Exclude them.", (), 1.0)


def _parts(frame: Frame) -> Iterator[tuple[str, int]]:
    """(formula, labelled rows on which it holds) of each that holds on nearly all."""
    series = [s for s in candidates(frame) if s.numeric][:40]
    columns = {s.name: s.floats() for s in series}
    labels = frame.target.floats()
    probe = frame.labelled[:: max(len(frame.labelled) // 50, 1)]
    for form, width, combine in FORMS:
        for names in combinations(columns, width):
            chosen = [columns[name] for name in names]
            if not _holds(chosen, labels, probe[:3], combine):
                continue
            if _holds(chosen, labels, probe, combine) < 0.9 * len(probe):
                continue
            agreeing = _holds(chosen, labels, frame.labelled, combine)
            if agreeing >= 0.99 * len(frame.labelled):
                yield form.format(*names), agreeing


def _holds(
    chosen: Sequence[Sequence[float | None]],
    labels: Sequence[float | None],
    rows: Sequence[int],
    combine: Callable[..., float],
) -> int:
    total = 0
    for row in rows:
        values, label = [column[row] for column in chosen], labels[row]
        total += label is not None and None not in values and _close(combine(*values), label)
    return total


def _neighbours(frame: Frame) -> list[tuple[int, int]]:
    """(row, the row after it in time), within each group where one was named; rows without a time are out."""
    moments = frame.columns[frame.roles.time].moments
    groups = frame.columns[frame.roles.group].codes if frame.roles.group else [MISSING] * frame.rows
    timed = [(groups[row], moment, row) for row, moment in enumerate(moments) if moment is not None]
    return [(a[2], b[2]) for a, b in pairwise(sorted(timed)) if a[0] == b[0]]


def shifted(frame: Frame) -> Iterator[Remark]:
    """Columns that are the target of the row before or after in time; asked only where a time was named."""
    if not frame.roles.time or not frame.outcome:
        return
    pairs = _neighbours(frame)
    labels = _comparable(frame.target)
    moving = sum(labels[a] != labels[b] for a, b in pairs)
    if len(pairs) < FEWEST or moving < 0.2 * len(pairs):
        return
    for series in candidates(frame):
        cells = _comparable(series)
        for said, following in (("before", pairs), ("after", [(b, a) for a, b in pairs])):
            both = [(labels[a], cells[b]) for a, b in following if labels[a] and cells[b]]
            equal = sum(a == b for a, b in both)
            if len(both) >= 0.5 * len(pairs) and equal >= 0.98 * len(both):
                text = (
                    f"{series.name} is {frame.target.name} of the row {said} in {frame.roles.time}, on "
                    f"{equal:,} of {len(both):,} rows. {ASK}"
                )
                yield Remark("shifted-target", text, (), 0.98 if said == "after" else 0.6)


def _comparable(series: Series) -> list[str]:
    """What stands in each row, numbers in one notation; "" where missing."""
    texts = [
        text if number is None else f"{number:.9g}"
        for text, number in zip_longest(series.texts, series.numbers)
    ]
    return [texts[code] for code in series.codes]


RULES = (sums_tell, numbers_tell, values_fix, shifted)
