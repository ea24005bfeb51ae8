"""The table and data/split.csv.gz side by side, and what is true of them, counted again."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from poc2prod_kit.screening import finding, near_duplicates
from poc2prod_kit.screening import missing_classes as classes
from poc2prod_kit.tables.typed import Value, shown

from ..project import Facts
from ..recount import parting
from ..recount.intervals import Estimate, estimate
from ..recount.parting import PARTS
from . import rows as table
from .finding import Unproven
from .values import fields

# Enough to see that the hash shares units out evenly; the report counts the same first ones.
UNITS = 20_000
BOUNDS = ("train_until", "validation_until")


class Sides:
    """Which row stands in which part. Places are those of the rows in the raw files, from 0."""

    def __init__(self, facts: Facts) -> None:
        """Absent if the rows or the split are not here."""
        rows = table.read(facts)
        self.facts, self.rows, self.lines = facts, rows, table.split_rows(facts)
        self.part = [part or "excluded" for part in table.part_of_each(facts, rows)]
        self.labels = table.target(facts, rows)
        self.group, self.time = rows.role("group"), rows.role("time")
        for name in (self.group, self.time):
            if name and name not in rows.columns:
                raise Unproven(f"[data] names {name!r}, which is no column", "correct [data] in params.toml")
        self.regression = facts.param("problem.outcome") == "regression"

    @cached_property
    def used(self) -> list[int]:
        """The places of the rows in a part that have a label."""
        return [at for at, part in enumerate(self.part) if part in PARTS and self.labels[at] is not None]

    @cached_property
    def groups(self) -> list[Value]:
        """Each row's group; None where it has none."""
        return self.rows.all_values(self.group)

    @cached_property
    def when(self) -> list[Any]:
        """Each row's moment, as a date or a number; None where it has none."""
        try:
            return parting.moments(self.rows.all_values(self.time))
        except ValueError as error:
            raise Unproven(
                f"[data] time = {self.time!r}: {error}", "give the column its type in schema.toml"
            ) from error

    @cached_property
    def clusters(self) -> list[Any] | None:
        """The clusters of the used rows, in their order."""
        return table.clusters_among(self.facts, self.rows, self.used)

    @cached_property
    def places(self) -> dict[str, list[int]]:
        """The places of the used rows of each part."""
        return {name: [at for at in self.used if self.part[at] == name] for name in PARTS}

    def named_groups(self, places: Sequence[int]) -> list[str]:
        """The group of these rows as text; a row without one is a group of its own."""
        ids = self.rows.table.ids
        return [f"\x1f{ids[at]}" if self.groups[at] is None else str(self.groups[at]) for at in places]


def ids(sides: Sides) -> dict[str, int]:
    """Rows of the split file that are repeated, unknown or in no known part; rows it does not name."""
    named, there = [row for row, _ in sides.lines], set(sides.rows.table.ids)
    once, parts = set(named), Counter(part for _, part in sides.lines)
    same = once == there
    return {
        "repeated": len(named) - len(once),
        "not_in_data": 0 if same else sum(row not in there for row in named),
        "not_in_split": 0 if same else len(there - once),
        "unknown_part": sum(count for part, count in parts.items() if part not in (*PARTS, "excluded")),
    }


def sizes(sides: Sides) -> dict[str, int]:
    """Rows of each part."""
    counts = Counter(sides.part)
    return {name: counts[name] for name in (*PARTS, "excluded")}


def groups(sides: Sides) -> dict[str, Any] | None:
    """Groups, those on two sides, and later rows with a relative in training; None without a group column."""
    if not sides.group:
        return None
    parts_of: dict[Value, set[str]] = defaultdict(set)
    for at in sides.used:
        if sides.groups[at] is not None:
            parts_of[sides.groups[at]].add(sides.part[at])
    related = sum(
        sides.part[at] != "train" and "train" in parts_of.get(sides.groups[at], ()) for at in sides.used
    )
    return {
        "column": sides.group,
        "groups": len(parts_of),
        "on_two_sides": sum(len(result) > 1 for result in parts_of.values()),
        "rows_with_relatives_in_training": related,
    }


def order(sides: Sides) -> dict[str, Any] | None:
    """First and last moment of each part, and rows that are not before the next part.

    None without a time column.
    """
    if not sides.time:
        return None
    moments = {
        name: [sides.when[at] for at in places if sides.when[at] is not None]
        for name, places in sides.places.items()
    }
    late = 0
    for place, name in enumerate(PARTS[:-1], 1):
        firsts = [min(moments[later]) for later in PARTS[place:] if moments[later]]
        late += sum(one >= min(firsts) for one in moments[name]) if firsts else 0
    ranges = {name: [_plain(min(known)), _plain(max(known))] for name, known in moments.items() if known}
    return {"column": sides.time, "ranges": ranges, "not_before_the_next_part": late}


def _plain(moment: Any) -> Any:
    return moment.isoformat() if isinstance(moment, datetime) else moment


def missing_classes(sides: Sides) -> finding.Finding | None:
    """Classes of later rows that training lacks, and frequent ones that a later part lacks."""
    if sides.regression:
        return None
    positive = str(sides.facts.param("problem.positive", ""))
    names: dict[Any, str] = {}
    if sides.facts.param("problem.outcome") == "binary":
        names = {1.0: positive, 0.0: f"not {positive}"}
    labels = [names.get(label, str(label)) for label in (sides.labels[at] for at in sides.used)]
    when = [sides.when[at] for at in sides.used] if sides.time else None
    return classes.find(sides.rows.role("target"), labels, [sides.part[at] for at in sides.used], when)


def shares(sides: Sides, labels: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Each part's rows and share of each class (or mean).

    Up to 100,000 rows also the difference to training.
    """
    results: dict[str, dict[str, Any]] = {name: {"rows": len(sides.places[name])} for name in PARTS}
    for label in labels:
        values = _measure(sides, label)
        for name in PARTS:
            mean = sum(values[at] for at in sides.places[name]) / max(len(sides.places[name]), 1)
            results[name].setdefault("target", {})[label] = mean
        for name in () if sides.rows.table.sampled else PARTS[1:]:
            results[name].setdefault("less_training", {})[label] = gap(sides, values, name)
    return results


def _measure(sides: Sides, label: str) -> dict[int, float]:
    """The number of each used row whose mean is compared: the target, or whether it is this class."""
    if sides.facts.param("problem.outcome") in ("regression", "binary"):
        return {at: float(sides.labels[at] or 0.0) for at in sides.used}
    return {at: float(sides.labels[at] == label) for at in sides.used}


def gap(sides: Sides, values: dict[int, float], name: str) -> Estimate:
    """Mean of a part less training's, with its clustered interval."""
    inside = [at for at in sides.used if sides.part[at] in ("train", name)]
    here, there = sides.places[name], sides.places["train"]
    mean, base = (sum(values[at] for at in places) / len(places) for places in (here, there))
    # the influence of a row on a difference of means: its deviation over the share of its part
    influence = [
        (values[at] - mean) * len(inside) / len(here)
        if sides.part[at] == name
        else (base - values[at]) * len(inside) / len(there)
        for at in inside
    ]
    clusters = None
    if sides.clusters is not None:
        of = dict(zip(sides.used, sides.clusters, strict=True))
        clusters = [of[at] for at in inside]
    return estimate(mean - base, influence, clusters)


def twins(sides: Sides) -> dict[str, Any]:
    """Rows of later parts with an exact or near twin in an earlier one, and rows that can only be copies."""
    columns = {name: [sides.rows.values(name)[at] for at in sides.used] for name in sides.rows.inputs()}
    parts, labels = [sides.part[at] for at in sides.used], [sides.labels[at] for at in sides.used]
    target = sides.rows.role("target") if sides.regression else ""
    return near_duplicates.across(columns, labels, parts, target)[0]


def online(sides: Sides) -> dict[str, Any]:
    """How units are assigned online, and how many of the first 20,000 get the treatment."""
    salt = str(sides.facts.param("split.online_salt", "first"))
    share = float(sides.facts.param("split.online_share", 0.5))
    units = sides.rows.table.ids
    if sides.group:
        units = list(dict.fromkeys(str(value) for value in sides.groups if value is not None))
    treated = sum(parting.arm(unit, salt, share) == "treatment" for unit in units[:UNITS])
    name = sides.group or sides.rows.role("id") or "(content of the row)"
    return {
        "unit": name, "units": len(units), "salt": salt, "share": share,
        "looked_at": min(len(units), UNITS), "treatment": treated,
    }  # fmt: skip


def assigned(sides: Sides, strategy: str, reported: dict[str, Any]) -> tuple[list[int], list[str]]:
    """(places of the eligible rows, the part that [split] gives each). `reported`: the report's results.

    Eligible are labelled rows; where [data] population names rules, which only the project can run, the rows
    that the split file puts into a part. Of large tables by chance: those of the sample.
    """
    facts = sides.facts
    chosen = [at for at, label in enumerate(sides.labels) if label is not None]
    if facts.param("data.population", []):
        chosen = sides.used
    shares_ = (facts.param("split.validation", 0.2), facts.param("split.test", 0.2))
    by_hash = sides.rows.table.sampled and strategy in ("random", "stratified")
    if by_hash:
        # of a sample only rows of large classes, which stand by their own hash whatever the others are
        counts, looked = Counter(sides.labels[at] for at in chosen), set(sides.rows.table.looked)
        chosen = [
            at
            for at in chosen
            if at in looked and (sides.regression or counts[sides.labels[at]] >= parting.ENOUGH)
        ]
    seed, row_ids = facts.param("seed"), [sides.rows.table.ids[at] for at in chosen]
    if strategy == "random" or by_hash:
        return chosen, parting.by_chance(row_ids, shares_, seed)
    if strategy == "stratified":
        labels: list[Hashable] = [sides.labels[at] for at in chosen]
        return chosen, parting.by_class(row_ids, labels, shares_, seed)
    if strategy == "group":
        return chosen, parting.by_group(sides.named_groups(chosen), shares_, seed)[0]
    part = parting.by_time([sides.when[at] for at in chosen], bounds(sides, reported))
    return chosen, _earliest(sides, chosen, part) if sides.group else part


def _earliest(sides: Sides, chosen: Sequence[int], part: list[str]) -> list[str]:
    """Rows of a later part whose group an earlier part holds are excluded."""
    named, first = sides.named_groups(chosen), dict[str, int]()
    ranks = [PARTS.index(one) if one in PARTS else len(PARTS) for one in part]
    for group, rank in zip(named, ranks, strict=True):
        first[group] = min(first.get(group, rank), rank)
    return [
        one if rank == first[group] else "excluded"
        for one, rank, group in zip(part, ranks, named, strict=True)
    ]


def bounds(sides: Sides, reported: dict[str, Any]) -> tuple[Any, Any]:
    """The bounds between the parts: those of [split], else those of the report."""
    wanted = [sides.facts.param(f"split.{key}") for key in BOUNDS]
    return _moments(sides, wanted, parting.bound) if None not in wanted else reported_bounds(sides, reported)


def reported_bounds(sides: Sides, reported: dict[str, Any]) -> tuple[Any, Any]:
    """The bounds that the report gives."""
    values = [fields(reported, "bounds").get(key) for key in BOUNDS]
    return _moments(
        sides, values, lambda value, dated: datetime.fromisoformat(value) if dated else float(value)
    )


def _moments(sides: Sides, values: Sequence[Any], read: Callable[[Any, bool], Any]) -> tuple[Any, Any]:
    known = next((one for one in sides.when if one is not None), None)
    try:
        first, second = (read(value, isinstance(known, datetime)) for value in values)
    except (ValueError, TypeError) as error:
        text = " and ".join(shown(str(value)) for value in values)
        raise Unproven(
            f"{text} are no bounds of {sides.time!r}", "correct [split], and run the step split"
        ) from error
    return first, second


def nearest_bounds(sides: Sides) -> tuple[Any, Any]:
    """The moments of the used rows that come nearest to the shares."""
    wanted = (sides.facts.param("split.validation", 0.2), sides.facts.param("split.test", 0.2))
    moments = sorted(sides.when[at] for at in sides.used if sides.when[at] is not None)
    distinct = sorted(set(moments))
    below = [bisect_right(moments, one) / len(moments) for one in distinct]
    first = min(range(len(below) - 2), key=lambda at: abs(below[at] - (1 - sum(wanted))))
    second = min(range(first + 1, len(below) - 1), key=lambda at: abs(below[at] - (1 - wanted[1])))
    return distinct[first], distinct[second]
