"""I.5: each row stands on one side, by [split]'s rule, and nothing that belongs together is torn."""

from collections.abc import Iterable
from statistics import stdev
from typing import Any

from poc2prod_kit.screening import missing_classes, near_duplicates, undeclared_groups
from poc2prod_kit.tables.typed import shown

from ..forms import hollow
from ..project import Facts
from ..recount.parting import PARTS
from . import screened, step_reports
from . import sides as both
from .code import functions, naming
from .finding import CLAIMED, Absent, Finding, failed, passed, skipped, unknown
from .rows import agree
from .sides import Sides
from .step_reports import again
from .values import entries, fields, is_number

STRATEGIES = ("time", "group", "stratified", "random")
# Standard errors beyond which the parts of an honest split do not differ, even where a part is small.
CERTAIN = 4.0
BLOCKING = (
    *("split_ids", "not_eligible", "part_empty", "group_on_two_sides", "time_order"),
    *("part_differs", "copies_across_split"),
)


def _sides(facts: Facts) -> Sides:
    return facts.shared("sides", lambda: Sides(facts))


def ids(facts: Facts) -> Finding:
    """data/split.csv.gz names each row of the data once, with a known part.

    Each part has rows, each of them a label.
    """
    sides = _sides(facts)
    result = both.ids(sides)
    if bad := [f"{count:,} {name.replace('_', ' ')}" for name, count in result.items() if count]:
        return failed(
            f"data/split.csv.gz against {sides.rows.table.rows:,} rows of data: ids {', '.join(bad)}"
        )
    if empty := [name for name in PARTS if name not in sides.part]:
        return failed(f"data/split.csv.gz: no row in {', '.join(empty)}")
    if stray := sum(part in PARTS for part in sides.part) - len(sides.used):
        return failed(f"data/split.csv.gz: {stray:,} rows without a label stand in a part")
    agree(facts, "split", {"ids": result})
    return passed(f"{len(sides.lines):,} ids, each once, those of the data")


def groups_whole(facts: Facts) -> Finding:
    """No group that [data] names has rows on two sides."""
    sides = _sides(facts)
    result = both.groups(sides)
    if result is None:
        return skipped("[data] group is empty: no rows belong together")
    if result["on_two_sides"]:
        return failed(
            f"{result['on_two_sides']:,} of {result['groups']:,} groups of {sides.group!r} stand on two sides; "
            f"{result['rows_with_relatives_in_training']:,} later rows have a relative in training",
            'set [split] strategy = "auto" and run the step split',
        )
    agree(facts, "split", {"groups": result})
    return passed(f"{result['groups']:,} groups of {sides.group!r}, none on two sides")


def time_order(facts: Facts) -> Finding:
    """Where [data] names a time, training comes before validation and validation before test."""
    sides = _sides(facts)
    result = both.order(sides)
    if result is None:
        return skipped("[data] time is empty: rows have no order")
    late, by = result["not_before_the_next_part"], _strategy(facts)
    if late and (by == "time" or facts.param("split.strategy", "auto") != "auto"):
        return failed(
            f"{late:,} rows stand in an earlier part than their {sides.time!r} allows (split by {by})",
            'set [split] strategy = "time" and run the step split',
        )
    agree(facts, "split", {"time": result})
    spans = "; ".join(
        f"{name} {shown(span[0])} to {shown(span[1])}" for name, span in result["ranges"].items()
    )
    return passed(
        f"{spans}; {late:,} rows are not before the next part, as the reason says" if late else spans
    )


def assignment(facts: Facts) -> Finding:
    """Each row stands where the rule of [split] puts it.

    Assigned again from ids, groups, classes or times.
    """
    sides, reported, by = _sides(facts), facts.results("split"), _strategy(facts)
    if by not in STRATEGIES:
        return unknown(
            f"{by!r} is no strategy that can be repeated here",
            "choose one of " + ", ".join(STRATEGIES),
            CLAIMED,
        )
    if by == "time":
        one, other = both.reported_bounds(sides, reported), both.bounds(sides, reported)
        # rows whose group was seen earlier are excluded, so the used rows no longer show the nearest bounds
        if facts.param("split.train_until") is None and not fields(reported, "excluded").get(
            "group_seen_earlier"
        ):
            other = both.nearest_bounds(sides)
        if one != other:
            return failed(
                f"bounds: the report says {one[0]} and {one[1]}, [split] gives {other[0]} and {other[1]}"
            )
    places, parts = both.assigned(sides, by, reported)
    misplaced = [(at, part) for at, part in zip(places, parts, strict=True) if sides.part[at] != part]
    if not sides.rows.table.sampled:
        assigned = set(places)
        misplaced += [
            (at, "excluded") for at, part in enumerate(sides.part) if part in PARTS and at not in assigned
        ]
    if misplaced:
        at, part = misplaced[0]
        return failed(
            f"{len(misplaced):,} of {len(places):,} rows stand elsewhere than [split] by {by} puts them: "
            f"{sides.rows.table.ids[at]} is in {sides.part[at]}, by the rule in {part}"
        )
    if not places:
        return unknown(f"no row could be assigned again by {by}: none of {sides.rows.where()} fits")
    return passed(f"{len(places):,} rows assigned again by {by}: each where data/split.csv.gz has it")


def sizes(facts: Facts) -> Finding:
    """The sizes of the parts are what the report says, and every excluded row has its reason."""
    sides = _sides(facts)
    result = both.sizes(sides)
    agree(facts, "split", {"sizes": result})
    excluded = fields(facts.results("split"), "excluded")
    explained = sum(value for value in excluded.values() if isinstance(value, int))
    if excluded and explained != result["excluded"]:
        return failed(
            f"excluded: the report gives reasons for {explained:,} rows, {result['excluded']:,} are excluded"
        )
    if excluded.get("outside_population") and not facts.param("data.population", []):
        outside = excluded["outside_population"]
        return failed(f"excluded: {outside:,} rows outside the population, but [data] population is empty")
    return passed(", ".join(f"{name} {count:,}" for name, count in result.items()))


def shares(facts: Facts) -> Finding:
    """Each part's class shares (or mean) are as reported, and differ from training's within tolerance."""
    sides = _sides(facts)
    result = both.shares(sides, _measured(facts, facts.results("split").get("parts")))
    agree(facts, "split", {"parts": result})
    if _strategy(facts) != "time" and not sides.rows.table.sampled:
        apart = _apart(facts, sides, result)
        if apart:
            return failed(apart, "look at how data/split.csv.gz came about")
    label = next(iter(result["train"]["target"]), "")
    what = "mean" if label == "mean" else f"share of {label!r}"
    return passed(f"{what}: " + ", ".join(f"{name} {result[name]['target'][label]:.4g}" for name in PARTS))


def _measured(facts: Facts, reported: Any) -> list[str]:
    """What is compared of the target: its mean, the positive class, or each class that the report names."""
    outcome = facts.param("problem.outcome")
    if outcome == "regression":
        return ["mean"]
    if outcome == "binary":
        return [str(facts.param("problem.positive"))]
    return list(fields(reported, "train", "target"))


def _apart(facts: Facts, sides: Sides, recomputed: dict[str, dict[str, Any]]) -> str:
    tolerance = facts.param("split.tolerance", 0.05)
    for name in PARTS[1:]:
        for label, less in recomputed[name]["less_training"].items():
            unit = 1.0
            if label == "mean":
                # of a number, the tolerance is in standard deviations
                unit = stdev(float(sides.labels[at] or 0.0) for at in sides.used) or 1.0
            if abs(less.value) > max(tolerance * unit, CERTAIN * less.standard_error):
                return (
                    f"{label}: {name} has {recomputed[name]['target'][label]:.4g}, training"
                    f" {recomputed['train']['target'][label]:.4g}: more apart than tolerance {tolerance} and"
                    " chance allow"
                )
    return ""


def twins(facts: Facts) -> Finding:
    """Exact and near twins across the parts are counted.

    Rows that can only be copies of training rows fail.
    """
    sides = _sides(facts)
    if sides.rows.table.sampled:
        return passed("twins are not counted again above 100,000 rows", CLAIMED)
    result = both.twins(sides)
    agree(facts, "split", {"twins": result})
    later = sum(sides.part[at] != "train" for at in sides.used)
    if near_duplicates.copied(result, later):
        return failed(
            f"{result['copies']:,} of {later:,} validation and test rows stand in training too, alike in "
            "every feature and the target",
            "remove the copies, or give them a common group",
        )
    if not result["columns"]:
        return passed("no feature column to compare")
    pair = result["test_in_train"]
    return passed(
        f"of the test rows {pair['exact']:,} have an exact and {pair['near']:,} a near twin in training"
    )


def online(facts: Facts) -> Finding:
    """Online every unit gets its arm by the hash of unit and salt: the report's count is repeated here."""
    result = both.online(_sides(facts))
    agree(facts, "split", {"online": result})
    name = result["unit"]
    unit = "rows, told apart by what is in them" if name.startswith("(") else f"each {name!r}"
    return passed(
        f"{result['treatment']:,} of {result['looked_at']:,} units ({unit}) get the treatment, "
        f"salt {result['salt']!r}, share {result['share']}"
    )


def arm_is_tested(facts: Facts) -> Finding:
    """The online assignment is a function, `arm` in split.py, and a test names it."""
    name = f"src/{facts.package}/split.py"
    text = facts.text(name)
    if not isinstance(text, str):
        return unknown(f"{name} is not there", f"bring {name} back from git")
    if "arm" not in functions(text):
        return failed(
            f"{name} has no function `arm`", "bring it back: which unit sees which model must be one function"
        )
    tests = naming(facts, "arm")
    return (
        passed(f"`arm` is tested in {tests[0]}")
        if tests
        else failed("no test in tests/ names `arm`", "test it")
    )


def reason(facts: Facts) -> Iterable[Finding]:
    """The strategy is the one that [split] names, fits what [data] names, and has a reason in words."""
    reported, wanted, by = facts.results("split"), facts.param("split.strategy", "auto"), _strategy(facts)
    if not reported:
        return
    text, own, todo = (
        str(reported.get("reason") or ""),
        facts.param("split.reason", ""),
        again(facts, "split"),
    )
    if wanted not in ("auto", by):
        yield failed(f"[split] strategy = {wanted!r}, the report says {by!r}", todo)
    elif hollow(text) or (wanted != "auto" and (not isinstance(own, str) or hollow(own))):
        yield unknown(f"why {by}? [split] reason says {own!r}", "set [split] reason in params.toml")
    elif wanted != "auto" and text.strip() != str(own).strip():
        yield failed(f"reason: the report says {text[:60]!r}, [split] reason {str(own)[:60]!r}", todo)
    elif hollow(str(reported.get("mirrors") or "")):
        yield unknown("reports/split.json does not say what the test part resembles (mirrors)", todo)
    elif misfit := _misfit(facts, wanted, by, text):
        yield failed(misfit, 'set [split] strategy = "auto"')
    else:
        yield passed(f"{by}: {text[:120]}", CLAIMED)


def _misfit(facts: Facts, wanted: Any, by: str, text: str) -> str:
    """Why a strategy does not fit what [data] names; empty if it does."""
    group, time = facts.param("data.group", ""), facts.param("data.time", "")
    if by in ("random", "stratified") and group:
        return f"split row by row ({by}), though rows of one {group!r} belong together"
    if by != "time" and time and wanted == "auto" and "not by time" not in text:
        return (
            f"split by {by}, though [data] names the time {time!r}; the reason does not say why not by time"
        )
    return ""


def relations(facts: Facts) -> Iterable[Finding]:
    """No undeclared group or order ties rows of two sides together, but where [findings] says why it may."""
    undeclared = fields(facts.results("split"), "undeclared")
    if not undeclared:
        yield unknown("reports/split.json does not say which relations it looked for", again(facts, "split"))
        return
    groups, dates = fields(undeclared, "groups"), fields(undeclared, "dates")
    bad = {
        f"group:{name}": f"rows that share {name!r} resemble each other (z = {item['z']:.1f})"
        for name, item in _unusual(groups)
    }
    bad |= {
        f"order:{name}": f"rows that follow each other in {name!r} resemble each other"
        f" (correlation {item['correlation']:.2f}, z = {item['z']:.1f})"
        for name, item in _unusual(dates)
        if item.get("correlation", 0) >= undeclared_groups.DATE_LIKENESS
    }
    results = {name: f"{text}, and they stand on both sides" for name, text in bad.items()}
    results |= _missing_classes(facts)
    open_ = list(screened.still_open(facts, "split", results, CLAIMED))
    yield from open_
    if not open_:
        yield passed(
            f"{len(groups)} columns and {len(dates)} dates looked at, none ties the sides "
            "together" + (f" beyond what [findings] explains: {', '.join(results)}" if results else ""),
            CLAIMED,
        )


def _missing_classes(facts: Facts) -> dict[str, str]:
    """The finding about classes that a part lacks: counted again where the rows are here, else as reported."""
    try:
        item = both.missing_classes(_sides(facts))
    except Absent:
        listed = entries(facts.results("split"), "findings")
        return {
            str(one["id"]): str(one.get("text"))
            for one in listed
            if one.get("kind") == missing_classes.KIND and one.get("id")
        }
    return {item.id: item.text} if item else {}


def _unusual(reported: dict[str, Any]) -> Iterable[tuple[str, dict[str, Any]]]:
    for name, item in reported.items():
        if isinstance(item, dict) and is_number(z := item.get("z")) and z >= undeclared_groups.UNUSUAL:
            yield name, item


def looked_at(facts: Facts) -> Iterable[Finding]:
    """What the step found that a person must look at fails here.

    Torn groups, wrong order, copies, empty parts.
    """
    return step_reports.remarked(facts, "split", lambda kind: failed if kind in BLOCKING else unknown)


CHECKS = (
    *step_reports.fresh("split", ids, groups_whole, time_order, assignment, sizes, shares, twins, online),
    *(arm_is_tested, reason, relations, looked_at),
)


def _strategy(facts: Facts) -> str:
    return str(facts.results("split").get("strategy", ""))
