"""I.5: each row stands on one side, by [split]'s rule, and nothing that belongs together is torn."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from poc2prod_kit.screening import near_duplicates, undeclared_groups
from poc2prod_kit.tables.typed import shown

from ..forms import hollow
from ..project import Facts
from ..recount.parting import PARTS
from . import screened, step_reports
from . import sides as both
from .code import functions, naming
from .finding import CLAIMED, Finding, failed, passed, skipped, unknown
from .rows import difference, on_record
from .sides import Sides

STRATEGIES = ("time", "group", "stratified", "random")
CERTAIN = 4.0
BLOCKING = (
    *("split_ids", "not_eligible", "part_empty", "group_on_two_sides", "time_order"),
    *("part_differs", "copies_across_split"),
)


def _proven(check: Callable[[Facts, Sides], Finding]) -> Callable[[Facts], Finding]:
    """A check of the rows; where these are not here, what the record says."""

    def run(facts: Facts) -> Finding:
        try:
            result = facts.shared("sides", lambda: Sides(facts))
        except LookupError:
            return on_record(facts, "split", check.__name__)
        return check(facts, result)

    run.__name__, run.__doc__ = check.__name__, check.__doc__
    return run


@_proven
def ids(facts: Facts, sides: Sides) -> Finding:
    """data/split.csv.gz names each row of the data once, with a known part.

    Each part has rows, each of them a label.
    """
    result = both.ids(sides)
    bad = [f"{count:,} {name.replace('_', ' ')}" for name, count in result.items() if count]
    if bad:
        return failed(
            f"data/split.csv.gz against {sides.rows.table.rows:,} rows of data: ids {', '.join(bad)}",
            _run(facts),
        )
    empty = [name for name in PARTS if name not in sides.part]
    stray = sum(part in PARTS for part in sides.part) - len(sides.used)
    if empty or stray:
        text = f"no row in {', '.join(empty)}" if empty else f"{stray:,} rows without a label stand in a part"
        return failed(f"data/split.csv.gz: {text}", _run(facts))
    wrong = difference(facts.results("split").get("ids"), result, "ids")
    return (
        failed(wrong, _run(facts))
        if wrong
        else passed(f"{len(sides.lines):,} ids, each once, those of the data")
    )


@_proven
def groups_whole(facts: Facts, sides: Sides) -> Finding:
    """No group that [data] names has rows on two sides."""
    result = both.groups(sides)
    if result is None:
        return skipped("[data] group is empty: no rows belong together")
    if result["on_two_sides"]:
        return failed(
            f"{result['on_two_sides']:,} of {result['groups']:,} groups of {sides.group!r} stand on two sides; "
            f"{result['rows_with_relatives_in_training']:,} later rows have a relative in training",
            'set [split] strategy = "auto" and run the step split',
        )
    wrong = difference(facts.results("split").get("groups"), result, "groups")
    return (
        failed(wrong, _run(facts))
        if wrong
        else passed(f"{result['groups']:,} groups of {sides.group!r}, none on two sides")
    )


@_proven
def time_order(facts: Facts, sides: Sides) -> Finding:
    """Where [data] names a time, training comes before validation and validation before test."""
    result = both.order(sides)
    if result is None:
        return skipped("[data] time is empty: rows have no order")
    late, reported = result["not_before_the_next_part"], facts.results("split")
    wrong = difference(reported.get("time"), result, "time")
    if late and (reported.get("strategy") == "time" or facts.param("split.strategy", "auto") != "auto"):
        return failed(
            f"{late:,} rows stand in an earlier part than their {sides.time!r} allows (split by"
            f" {reported.get('strategy')})",
            'set [split] strategy = "time" and run the step split',
        )
    if wrong:
        return failed(wrong, _run(facts))
    spans = "; ".join(
        f"{name} {shown(span[0])} to {shown(span[1])}" for name, span in result["ranges"].items()
    )
    return passed(
        f"{spans}; {late:,} rows are not before the next part, as the reason says" if late else spans
    )


@_proven
def assignment(facts: Facts, sides: Sides) -> Finding:
    """Each row stands where the rule of [split] puts it.

    Assigned again from ids, groups, classes or times.
    """
    reported, by = facts.results("split"), _strategy(facts)
    if by not in STRATEGIES:
        return unknown(
            f"{by!r} is no strategy that can be repeated here",
            "choose one of " + ", ".join(STRATEGIES),
            CLAIMED,
        )
    wrong = _other_bounds(facts, sides, reported) if by == "time" else ""
    if wrong:
        return failed(wrong, _run(facts))
    places, parts = both.assigned(sides, by, reported)
    odd = [(at, part) for at, part in zip(places, parts, strict=True) if sides.part[at] != part]
    if not sides.rows.table.sampled:
        seen = set(places)
        odd += [(at, "excluded") for at, part in enumerate(sides.part) if part in PARTS and at not in seen]
    if odd:
        at, part = odd[0]
        return failed(
            f"{len(odd):,} of {len(places):,} rows stand elsewhere than [split] by {by} puts them: "
            f"{sides.rows.table.ids[at]} is in {sides.part[at]}, by the rule in {part}",
            _run(facts),
        )
    if not places:
        return unknown(
            f"no row could be assigned again by {by}: none of {sides.rows.where()} fits", _run(facts)
        )
    return passed(f"{len(places):,} rows assigned again by {by}: each where data/split.csv.gz has it")


def _other_bounds(facts: Facts, sides: Sides, told: dict[str, Any]) -> str:
    """How the reported bounds differ from those of [split], or from the moments nearest to its shares."""
    text, wanted = both.reported_bounds(sides, told), both.bounds(sides, told)
    if facts.param("split.train_until") is None and not _seen_earlier(told):
        wanted = both.nearest_bounds(sides)
    return (
        ""
        if text == wanted
        else f"bounds: the report says {text[0]} and {text[1]}, [split] gives {wanted[0]} and {wanted[1]}"
    )


def _seen_earlier(told: dict[str, Any]) -> bool:
    excluded = told.get("excluded")
    return isinstance(excluded, dict) and bool(excluded.get("group_seen_earlier"))


@_proven
def sizes(facts: Facts, sides: Sides) -> Finding:
    """The sizes of the parts are what the report says, and every excluded row has its reason."""
    reported, result = facts.results("split"), both.sizes(sides)
    wrong = difference(reported.get("sizes"), result, "sizes") or _unexplained(facts, reported, sides)
    if wrong:
        return failed(wrong, _run(facts))
    return passed(", ".join(f"{name} {count:,}" for name, count in result.items()))


def _unexplained(facts: Facts, told: dict[str, Any], sides: Sides) -> str:
    excluded = told.get("excluded")
    if not isinstance(excluded, dict):
        return ""
    numbers = [value for value in excluded.values() if isinstance(value, int)]
    out = sides.part.count("excluded")
    if sum(numbers) != out:
        return f"excluded: the report gives reasons for {sum(numbers):,} rows, {out:,} are excluded"
    if not facts.param("data.population", []) and excluded.get("outside_population"):
        return (
            f"excluded: {excluded['outside_population']:,} rows outside the population, but [data] population"
            " is empty"
        )
    return ""


@_proven
def shares(facts: Facts, sides: Sides) -> Finding:
    """Each part's class shares (or mean) are as reported, and differ from training's within tolerance."""
    reported = facts.results("split").get("parts")
    result = both.shares(sides, _measured(facts, reported))
    wrong = difference(reported, result, "parts")
    if wrong:
        return failed(wrong, _run(facts))
    if _strategy(facts) != "time" and not sides.rows.table.sampled:
        apart = _apart(facts, sides, result)
        if apart:
            return failed(apart, "look at how data/split.csv.gz came about")
    label = next(iter(result["train"]["target"]), "")
    what = "mean" if label == "mean" else f"share of {label!r}"
    return passed(f"{what}: " + ", ".join(f"{name} {result[name]['target'][label]:.4g}" for name in PARTS))


def _measured(facts: Facts, told: Any) -> list[str]:
    outcome = facts.param("problem.outcome")
    if outcome == "regression":
        return ["mean"]
    if outcome == "binary":
        return [str(facts.param("problem.positive"))]
    text = told.get("train", {}).get("target") if isinstance(told, dict) else None
    return list(text) if isinstance(text, dict) and text else []


def _apart(facts: Facts, sides: Sides, found: dict[str, dict[str, Any]]) -> str:
    tolerance = facts.param("split.tolerance", 0.05)
    for name in PARTS[1:]:
        for label, one in found[name]["less_training"].items():
            unit = _spread(sides) if label == "mean" else 1.0
            if abs(one["value"]) > max(tolerance * unit, CERTAIN * one["standard_error"]):
                return (
                    f"{label}: {name} has {found[name]['target'][label]:.4g}, training"
                    f" {found['train']['target'][label]:.4g}: more apart than tolerance {tolerance} and"
                    " chance allow"
                )
    return ""


def _spread(sides: Sides) -> float:
    values = [float(sides.labels[at] or 0.0) for at in sides.used]
    mean = sum(values) / len(values)
    return float((sum((value - mean) ** 2 for value in values) / (len(values) - 1)) ** 0.5) or 1.0


@_proven
def twins(facts: Facts, sides: Sides) -> Finding:
    """Exact and near twins across the parts are counted.

    Rows that can only be copies of training rows fail.
    """
    if sides.rows.table.sampled:
        return passed("twins are not counted again above 100,000 rows", CLAIMED)
    result = both.twins(sides)
    wrong = difference(facts.results("split").get("twins"), result, "twins")
    if wrong:
        return failed(wrong, _run(facts))
    later = sum(sides.part[at] != "train" for at in sides.used)
    if near_duplicates.copied(result, later):
        return failed(
            f"{result['copies']:,} of {later:,} validation and test rows stand in training too, alike in "
            "every feature"
            " and the target",
            "remove the copies, or give them a common group",
        )
    if not result["columns"]:
        return passed("no feature column to compare")
    pair = result["test_in_train"]
    return passed(
        f"of the test rows {pair['exact']:,} have an exact and {pair['near']:,} a near twin in training"
    )


@_proven
def online(facts: Facts, sides: Sides) -> Finding:
    """Online every unit gets its arm by the hash of unit and salt: the report's count is repeated here."""
    result = both.online(sides)
    wrong = difference(facts.results("split").get("online"), result, "online")
    if wrong:
        return failed(wrong, _run(facts))
    return passed(
        f"{result['treatment']:,} of {result['looked_at']:,} units ({_unit(result['unit'])}) get the treatment, "
        f"salt {result['salt']!r}, share {result['share']}"
    )


def _unit(name: str) -> str:
    """What is assigned online, in words."""
    return "rows, told apart by what is in them" if name.startswith("(") else f"each {name!r}"


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


def reason(facts: Facts) -> Iterator[Finding]:
    """The strategy is the one that [split] names, fits what [data] names, and has a reason in words."""
    reported, wanted, by = facts.results("split"), facts.param("split.strategy", "auto"), _strategy(facts)
    if not reported:
        return
    text = str(reported.get("reason") or "")
    if wanted != "auto" and wanted != by:
        yield failed(f"[split] strategy = {wanted!r}, the report says {by!r}", _run(facts))
        return
    own = facts.param("split.reason", "")
    if hollow(text) or (wanted != "auto" and (not isinstance(own, str) or hollow(own))):
        yield unknown(f"why {by}? [split] reason says {own!r}", "set [split] reason in params.toml")
        return
    if wanted != "auto" and text.strip() != str(own).strip():
        yield failed(f"reason: the report says {text[:60]!r}, [split] reason {str(own)[:60]!r}", _run(facts))
        return
    if hollow(str(reported.get("mirrors") or "")):
        yield unknown("reports/split.json does not say what the test part resembles (mirrors)", _run(facts))
        return
    misfit = _misfit(facts, wanted, by, text)
    yield (
        failed(misfit, 'set [split] strategy = "auto"') if misfit else passed(f"{by}: {text[:120]}", CLAIMED)
    )


def _misfit(facts: Facts, wanted: Any, by: str, said: str) -> str:
    group, time = facts.param("data.group", ""), facts.param("data.time", "")
    if by in ("random", "stratified") and group:
        return f"split row by row ({by}), though rows of one {group!r} belong together"
    if by not in ("time",) and time and wanted == "auto" and "not by time" not in said:
        return (
            f"split by {by}, though [data] names the time {time!r}; the reason does not say why not by time"
        )
    return ""


def relations(facts: Facts) -> Iterable[Finding]:
    """No undeclared group or order ties rows of two sides together, but where [findings] says why it may."""
    reported = facts.results("split").get("undeclared")
    if not isinstance(reported, dict):
        yield unknown("reports/split.json does not say which relations it looked for", _run(facts))
        return
    groups, dates = reported.get("groups"), reported.get("dates")
    bad = {
        f"group:{name}": f"rows that share {name!r} resemble each other (z = {item['z']:.1f})"
        for name, item in _numbered(groups)
        if item["z"] >= undeclared_groups.UNUSUAL
    }
    bad |= {
        f"order:{name}": f"rows that follow each other in {name!r} resemble each other"
        f" (correlation {item['correlation']:.2f}, z = {item['z']:.1f})"
        for name, item in _numbered(dates)
        if item["z"] >= undeclared_groups.UNUSUAL
        and item.get("correlation", 0) >= undeclared_groups.DATE_LIKENESS
    }
    results = {name: f"{text}, and they stand on both sides" for name, text in bad.items()}
    open_ = list(screened.still_open(facts, "split", results, CLAIMED))
    yield from open_
    if not open_:
        yield passed(
            f"{len(groups or ())} columns and {len(dates or ())} dates looked at, none ties the sides "
            "together" + (f" beyond what [findings] explains: {', '.join(bad)}" if bad else ""),
            CLAIMED,
        )


def _numbered(found: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(found, dict):
        yield from (
            (name, item)
            for name, item in found.items()
            if isinstance(item, dict) and isinstance(item.get("z"), (int, float))
        )


def looked_at(facts: Facts) -> Iterable[Finding]:
    """What the step found that a person must look at fails here.

    Torn groups, wrong order, copies, empty parts.
    """
    from .data import found_by_step

    if not facts.results("split"):
        return
    items = [item for item in found_by_step(facts, "split") if not item.get("id")]
    for item in items:
        kind = item.get("kind")
        outcome = failed if kind in BLOCKING else unknown
        yield outcome(f"the step found {kind}: {str(item.get('text'))[:160]}", "poc2prod show split", CLAIMED)
    if not items:
        yield passed("the step found nothing that a person must look at", CLAIMED)


CHECKS = (
    *step_reports.fresh("split", ids, groups_whole, time_order, assignment, sizes, shares, twins, online),
    *(arm_is_tested, reason, relations, looked_at),
)


def counted(facts: Facts, sides: Sides) -> dict[str, Any]:
    """What the report says of the split, counted again."""
    return {
        "ids": both.ids(sides),
        "sizes": both.sizes(sides),
        "groups": both.groups(sides),
        "time": both.order(sides),
        "parts": both.shares(sides, _measured(facts, None)),
        "twins": both.twins(sides),
        "online": both.online(sides),
    }


def _strategy(facts: Facts) -> str:
    return str(facts.results("split").get("strategy", ""))


def _run(facts: Facts) -> str:
    return f"python -m {facts.package} split"
