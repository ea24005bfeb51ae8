"""Golden rows: input and features that callers of the API rely on, computed again but for rules."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from math import isclose
from typing import Any

from poc2prod_kit.tables.typed import Reads, Value

from ..files import Unreadable
from ..project import Facts
from . import rows as table
from . import step_reports
from .finding import CLAIMED, Finding, Unproven, failed, many, passed, unknown
from .values import entries, fields

GOLDEN = "tests/golden/rows.json"
MISSING = "(missing)"
FEWEST_GOLDEN = 3


def golden(facts: Facts) -> Iterable[Finding]:
    """Golden rows (input → features) exist, cover every feature and give today's.

    All but rules are made again here.
    """
    content, reported = facts.json(GOLDEN), facts.report("contract")
    if not isinstance(reported, dict):
        return
    if content is None or isinstance(content, Unreadable):
        yield unknown(str(content or f"{GOLDEN} is not there"), rewrite(facts))
        return
    rows = content.get("rows") if isinstance(content, dict) and content.get("schema") == 1 else None
    if not isinstance(rows, list) or not all(_is_entry(row) for row in rows):
        yield unknown(f"{GOLDEN} holds no rows of input and features", rewrite(facts))
        return
    problems = [*_unbound(facts, reported), *_thin(facts, rows, fields(reported["results"], "golden"))]
    yield from problems
    wrong = [message for number, row in enumerate(rows, 1) for message in _differing(facts, number, row)]
    if wrong:
        more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        yield failed(f"{GOLDEN}, {wrong[0]}{more}", f"{rewrite(facts)}, if the change is meant")
    elif not problems:
        plain = sum(one.get("how") != "rule" for one in definitions(facts))
        yield passed(
            f"{many(len(rows), 'golden row')}: {plain} of {many(len(definitions(facts)), 'feature')}"
            " made again, the rest by rules"
        )


def _is_entry(row: Any) -> bool:
    return isinstance(row, dict) and all(isinstance(row.get(key), dict) for key in ("input", "features"))


def _unbound(facts: Facts, report: dict[str, Any]) -> Iterator[Finding]:
    if GOLDEN not in report["outputs"]:
        yield unknown(f"reports/contract.json does not say which {GOLDEN} it compared")
    file = f"src/{facts.package}/rules.py"
    if facts.param("features.rules", []) and file not in report["inputs"]:
        yield unknown(f"reports/contract.json does not say it read {file}: golden rows may be of older code")


def _thin(facts: Facts, rows: list[dict[str, Any]], reported: dict[str, Any]) -> Iterator[Finding]:
    if reported.get("rows") != len(rows):
        text = f"the report says {reported.get('rows') if reported else 'nothing'}"
        yield failed(f"{GOLDEN} has {many(len(rows), 'row')}, {text}")
    elif reported.get("differing_values") != 0:
        text = f"{reported.get('differing_values')} values of {GOLDEN} are not what the code computes"
        yield failed(text, basis=CLAIMED)
    origins = {str(row.get("origin", "")) for row in rows}
    without = any("nulls" in one for one in origins)
    if len(rows) < FEWEST_GOLDEN or not without:
        yield failed(
            f"{GOLDEN} has {len(rows)} rows{'' if without else ', none without values'}", rewrite(facts)
        )
    real = any(one.startswith("real") for one in origins)
    if real and facts.param("features.golden") != "real" and not facts.param("data.committed", False):
        yield failed(
            f"{GOLDEN} holds real rows, which neither [features] golden nor [data] committed allows",
            rewrite(facts),
        )


def _differing(facts: Facts, number: int, row: dict[str, Any]) -> Iterator[str]:
    listed = definitions(facts)
    names = {str(one["name"]) for one in listed}
    if odd := sorted(names ^ set(row["features"])):
        what = "not among its features" if odd[0] in names else "no feature of the report"
        yield f"row {number}: {odd[0]!r} is {what}"
        return
    columns, written = table.schema_columns(facts), table.dialect(facts)
    values = {
        name: Reads(columns[name], written)[str(cell)]
        for name, cell in row["input"].items()
        if name in columns
    }
    for one in listed:
        column = one.get("column")
        if column is None or one.get("how") not in MADE:
            continue
        if column not in values:
            yield f"row {number}: no input for {column!r}"
            return
        made, given = make(one, values), row["features"][one["name"]]
        if not _alike(given, made):
            yield f"row {number}, {one['name']}: the file says {given!r}, today's definition gives {made!r}"


MADE = ("number", "category", "characters", "words", "year", "month", "day_of_week", "hour", "days_before")


def make(one: dict[str, Any], values: dict[str, Value]) -> float | str | None:
    """A feature that is no rule, of one row's values."""
    value, how = values[one["column"]], one["how"]
    if how == "category":
        return MISSING if value is None else str(value)
    if value is None:
        return None
    if how == "number":
        return max(-1e100, min(1e100, value)) if isinstance(value, float) else None
    if how in ("characters", "words"):
        return float(len(str(value)) if how == "characters" else len(str(value).split()))
    if not isinstance(value, datetime):
        return None
    if how == "days_before":
        until = values.get(str(one.get("until")))
        return (until - value).total_seconds() / 86_400 if isinstance(until, datetime) else None
    return float(value.weekday() if how == "day_of_week" else getattr(value, how))


def _alike(given: Any, made: float | str | None) -> bool:
    if isinstance(made, float):
        number = isinstance(given, (int, float)) and not isinstance(given, bool)
        return number and isclose(given, made, rel_tol=1e-9, abs_tol=1e-12)
    return bool(given == made)


def definitions(facts: Facts) -> list[dict[str, Any]]:
    """The features that the report lists. Unproven where it lists none."""
    results = facts.results("features")
    listed = entries(results, "features")
    if not listed or len(listed) != len(results["features"]) or not all(one.get("name") for one in listed):
        raise Unproven("reports/features.json lists no features", again(facts))
    return listed


def rewrite(facts: Facts) -> str:
    """The command that writes the golden rows anew."""
    return f"python -m {facts.package} contract --golden"


def again(facts: Facts) -> str:
    """The command that makes the report anew."""
    return step_reports.again(facts, "features")
