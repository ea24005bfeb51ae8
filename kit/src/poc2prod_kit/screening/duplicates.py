"""Rows that are equal, rows with equal inputs, and whether that is chance or copying."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import ceil, exp, log
from operator import add, sub
from random import Random
from typing import Any, NamedTuple

from poc2prod_kit.screening.finding import SHOWN, Finding, about, at_most, count, in_other_parts, percent
from poc2prod_kit.screening.sample import Column, Sample

STEP = "data"
FEWEST, FINE = 3, 30
WORTH, OFTEN = 0.02, 0.2
Codes = Sequence[int]


def codes(name: str, values: Iterable[Any]) -> list[int]:
    """A number for each cell, equal for equal cells, missing ones too; 62 bits, the same in each process."""
    draw, listed = Random(name), list(values)
    known = {value: draw.getrandbits(62) for value in dict.fromkeys(listed)}
    return [known[value] for value in listed]


def together(columns: Iterable[Codes]) -> list[int]:
    """One number a row: the sum of the columns' codes, equal for rows that are equal in all of them."""
    total: list[int] = []
    for column in columns:
        total = list(map(add, total, column)) if total else list(column)
    return total


def pairs(rows: Iterable[int]) -> int:
    """How many pairs of rows are equal."""
    return sum(n * (n - 1) // 2 for n in Counter(rows).values())


def repeated(rows: Sequence[int]) -> tuple[int, list[int]]:
    """(groups of equal rows, the places of rows that repeat an earlier one)."""
    seen: set[int] = set()
    again = []
    for place, row in enumerate(rows):
        if row in seen:
            again.append(place)
        seen.add(row)
    return len({rows[place] for place in again}), again


class Chance(NamedTuple):
    """Pairs of rows with equal inputs: how many, how many by chance, and the values of the finest column."""

    found: int
    expected: float
    finest: int

    @property
    def copied(self) -> bool:
        """Whether there are more equal rows than the table's own near misses explain.

        At least 3 pairs, more than three times as many as expected, a column with at least 30 distinct
        values, and less than 1 chance in 1,000 of a Poisson number that large.
        """
        mean = max(self.expected, 0.05)
        enough = self.found >= FEWEST and self.finest >= FINE and self.found > 3 * mean
        return enough and _at_least(self.found, mean) < 0.001


def chance(columns: Mapping[str, Codes]) -> Chance:
    """Whether equal inputs come about by chance in this table.

    For each column j: D pairs of rows agree in every other column and differ in j; two rows of the table
    agree in j with probability m. Honest rows would then agree in j as well D·m/(1-m) times. `expected` is
    the largest over j.
    """
    total = together(columns.values())
    result = pairs(total)
    expected, finest = 0.0, 0
    for own in columns.values() if result >= FEWEST else ():
        counts = Counter(own)
        finest = max(finest, len(counts))
        match = sum((n / len(own)) ** 2 for n in counts.values())
        if len(counts) > 1:
            expected = max(expected, (pairs(map(sub, total, own)) - result) * match / (1 - match))
    return Chance(result, expected, finest)


def _at_least(number: int, mean: float) -> float:
    """The chance that a Poisson number of that mean, well below `number`, is `number` or more."""
    term, total, step = -mean, 0.0, 0
    for one in range(1, number + 1):
        term += log(mean / one)
    share = exp(term)
    while share > total * 1e-15 and step < 10_000:
        total += share
        step += 1
        share *= mean / (number + step)
    return total


class Agreement(NamedTuple):
    """Labelled rows of equal inputs: groups, rows, of them contradicting; the ceiling, or sd in groups."""

    groups: int
    rows: int
    contradicting_groups: int
    contradicting_rows: int
    ceiling: float | None
    sd_within: float | None


def alike(inputs: Codes, labels: Sequence[Any]) -> list[list[int]]:
    """The places of labelled rows with equal inputs, two or more together; None is no label."""
    groups: dict[int, list[int]] = defaultdict(list)
    for place, (row, label) in enumerate(zip(inputs, labels, strict=True)):
        if label is not None:
            groups[row].append(place)
    return [group for group in groups.values() if len(group) > 1]


def mixed(groups: Iterable[list[int]], labels: Sequence[Any]) -> list[list[int]]:
    """The groups of rows that do not all have one label."""
    return [group for group in groups if len({labels[place] for place in group}) > 1]


def agreement(inputs: Codes, labels: Sequence[Any], regression: bool) -> Agreement:
    """How far the labels of rows with equal inputs agree; None is no label."""
    groups = alike(inputs, labels)
    contrary, rows = mixed(groups, labels), sum(map(len, groups))
    ceiling = within = None
    if regression:
        free = rows - len(groups)
        within = (
            (sum(_scatter([labels[at] for at in group]) for group in groups) / free) ** 0.5 if free else None
        )
    elif rows:
        ceiling = _most(groups, labels) / rows
    return Agreement(len(groups), rows, len(contrary), sum(map(len, contrary)), ceiling, within)


def _most(groups: Iterable[list[int]], labels: Sequence[Any]) -> int:
    """The rows that have the most frequent label of their group."""
    return sum(max(Counter(labels[place] for place in group).values()) for group in groups)


def _scatter(values: Sequence[float]) -> float:
    """The sum of squares about the mean."""
    mean = sum(values) / len(values) if values else 0.0
    return sum((value - mean) ** 2 for value in values)


# What is said of a table


def find(sample: Sample) -> Iterator[Finding]:
    """Copies, and rows that contradict each other."""
    marks = {one.name: _marks(one) for one in sample.columns.values()}
    out = {*sample.roles.special, *sample.roles.exclude}
    inputs = {name: column for name, column in marks.items() if name not in out}
    by_chance = chance(inputs) if inputs else Chance(0, 0.0, 0)
    aside = _aside(sample)
    whole = together(column for name, column in marks.items() if name not in aside)
    yield from _duplicates(sample, aside, whole, by_chance)
    if by_chance.copied and sample.outcome:
        yield from _contradictions(sample, together(inputs.values()), by_chance)


def _marks(column: Column) -> list[int]:
    marks = codes(column.name, column.texts)
    return [marks[code] for code in column.codes]


def _aside(sample: Sample) -> list[str]:
    """The id, else the first column that numbers the rows."""
    rising = [
        one.name for one in sample.columns.values() if one.type == "integer" and one.name in sample.numberings
    ]
    return [sample.roles.id] if sample.roles.id else rising[:1]


def _left_out(names: Sequence[str]) -> str:
    return f" ({', '.join(names)} left aside)" if names else ""


def _duplicates(sample: Sample, aside: Sequence[str], whole: Codes, by_chance: Chance) -> Iterator[Finding]:
    """Rows that repeat an earlier one in every column but the id: copies, or as chance has it."""
    _, again = repeated(whole)
    share = len(again) / sample.rows
    copied = by_chance.copied and len(again) >= FEWEST
    if not copied and by_chance.found and by_chance.found <= 2 * by_chance.expected:
        if share >= OFTEN:
            text = (
                f"The {sample.rows:,} rows are only {count(sample.rows - len(again), 'different one')}"
                f"{_left_out(aside)}: a random split puts equal rows on both sides."
            )
            yield Finding("duplicates", text, weight=0.3)
        return
    if not again or (share < 0.0005 and not copied):
        return
    first = whole.index(whole[again[0]])
    names, places = sample.shown(again, SHOWN)
    verb = "repeats" if len(again) == 1 else "repeat"
    text = (
        f"{count(len(again), 'row')} ({percent(len(again), sample.rows)}) {verb} an earlier row in every "
        f"column{_left_out(aside)}, for one {names[0]} that of {sample.name([first])[0]}. "
    )
    text += (
        f"By chance about {by_chance.expected:,.0f} pairs of rows would have equal inputs. Leave the copies out "
        "(the command `clean` does, in cleaning.toml), or add the column that tells them apart."
        if copied
        else "If they are copies, a random split puts them on both sides."
    )
    step, weight = STEP if copied else "", 0.25 + min(2 * share, 0.5)
    remedy = {"duplicates": "drop", **({"ignoring": list(aside)} if aside and not sample.roles.id else {})}
    yield Finding("duplicates", text, (), step, share, names, places, weight, remedy)


def _contradictions(sample: Sample, inputs: Codes, by_chance: Chance) -> Iterator[Finding]:
    """Equal inputs with different labels, in a table where chance gives no equal inputs."""
    labels = [code or None for code in sample.target.codes]
    groups = mixed(alike(inputs, labels), labels)
    rows = [row for group in groups for row in group]
    if not rows:
        return
    text = (
        f"{len(rows):,} rows in {count(len(groups), 'group')} have identical inputs and different labels, "
        f"in a table where chance gives about {by_chance.expected:,.0f} pairs with equal inputs. If they are "
        "copies, find out which label is right; if not, add the column that tells them apart."
    )
    share = len(rows) / sample.rows
    yield Finding("contradictions", text, (), STEP, share, *sample.shown(rows, SHOWN), 0.8)


def ceiling(sample: Sample) -> Iterator[Finding]:
    """Rows with the same features and different labels: the best that any model can reach."""
    target, features = sample.target, sample.features
    if not sample.outcome or len(features) < 2:
        return
    labels = [code or None for code in target.codes]
    groups = alike(together(map(_marks, features)), labels)
    contrary = mixed(groups, labels)
    if not contrary:
        return
    affected, whole = sum(map(len, contrary)), len(sample.labelled)
    first = contrary[0][0]
    second = next(row for row in contrary[0] if target.codes[row] != target.codes[first])
    names = sample.name((first, second))
    text = (
        f"{count(affected, 'row')} ({percent(affected, whole)}) agree in every "
        f"feature{_left_out(sample.aside)} with a row that has another {target.name}: {names[0]} has "
        f"{target.texts[target.codes[first]]}, {names[1]} has {target.texts[target.codes[second]]}."
    )
    lost, content = _ceiling(sample, groups)
    if sample.classes or lost >= WORTH:
        yield Finding("ceiling", f"{text} {content}", (), "", lost, names, weight=min(0.25 + 3 * lost, 0.9))


def _ceiling(sample: Sample, groups: list[list[int]]) -> tuple[float, str]:
    """(what is out of reach, in words) of the best possible model's score on these very rows."""
    whole = len(sample.labelled)
    if sample.classes:
        lost = sum(map(len, groups)) - _most(groups, sample.target.codes)
        if lost < 0.005 * whole:
            return lost / whole, f"Whatever a model answers, it is wrong on at least {lost:,} of them."
        share = at_most(1 - lost / whole)
        text = f"With these features no model can be right on more than {share} of the labelled rows."
        return lost / whole, text
    values = sample.target.floats
    total = _scatter([value for value in values if value is not None])
    inside = sum(_scatter([v for row in g if (v := values[row]) is not None]) for g in groups)
    best = ceil((1 - inside / total) * 1000) / 1000 if total else 0.0
    return 1 - best, f"With these features no model can exceed an R² of {best:.3f} on these rows."


def repeated_texts(sample: Sample) -> Iterator[Finding]:
    """A free text that stands on several rows."""
    for column in (one for one in sample.features if one.type == "text"):
        sizes = list(column.counts.values())
        again = sum(n for n in sizes if n > 1)
        if again < 0.01 * sample.rows:
            continue
        share = in_other_parts([*sizes, *[1] * column.missing], sample.rows)
        several = sum(len(labels) > 1 for code, labels in sample.tallies(column).items() if code)
        text = (
            f"{count(again, 'row')} share their {column.name} with another row: in a random split "
            f"{about(share)} of the test rows would have theirs in training."
        )
        if sample.classes and several:
            verb = count(several, "such text has", "such texts have")
            text += f" {verb} more than one {sample.target.name}."
        rows = (row for row, code in enumerate(column.codes) if column.counts[code] > 1)
        yield Finding(
            "repeated-text", text, (column.name,), "", share, sample.name(rows), weight=0.3 + 0.5 * share
        )


DESCRIPTIONS = (ceiling, repeated_texts)
