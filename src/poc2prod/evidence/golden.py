"""Golden rows: input and features that callers of the API rely on, computed again but for rules."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from math import isclose
from typing import Any

from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.tables import schema as schemas
from poc2prod_kit.tables import sniff
from poc2prod_kit.tables.schema import Column
from poc2prod_kit.tables.typed import Reads, Value

from ..files import Unreadable
from ..project import Facts
from . import rows as table
from .finding import CLAIMED, Finding, Unproven, failed, many, passed, unknown

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
    entries = content.get("rows") if isinstance(content, dict) and content.get("schema") == 1 else None
    if not isinstance(entries, list) or not all(_is_entry(entry) for entry in entries):
        yield unknown(f"{GOLDEN} holds no rows of input and features", rewrite(facts))
        return
    problems = [*_unbound(facts, reported), *_thin(facts, entries, reported["results"])]
    yield from problems
    wrong = [
        message for number, entry in enumerate(entries, 1) for message in _differing(facts, number, entry)
    ]
    if wrong:
        more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        yield failed(f"{GOLDEN}, {wrong[0]}{more}", f"{rewrite(facts)}, if the change is meant")
    elif not problems:
        plain = sum(one.get("how") != "rule" for one in definitions(facts))
        yield passed(
            f"{many(len(entries), 'golden row')}: {plain} of {many(len(definitions(facts)), 'feature')}"
            " made again, the rest by rules"
        )


def _is_entry(entry: Any) -> bool:
    return isinstance(entry, dict) and all(isinstance(entry.get(key), dict) for key in ("input", "features"))


def _unbound(facts: Facts, told: dict[str, Any]) -> Iterator[Finding]:
    if GOLDEN not in told["outputs"]:
        yield unknown(f"reports/contract.json does not say which {GOLDEN} it compared", _again(facts))
    needed = [f"src/{facts.package}/rules.py"] if facts.param("features.rules", []) else []
    absent = [name for name in needed if name not in told["inputs"]]
    if absent:
        yield unknown(
            f"reports/contract.json does not say it read {absent[0]}: golden rows may be of older code",
            _again(facts),
        )


def _thin(facts: Facts, entries: list[dict[str, Any]], results: dict[str, Any]) -> Iterator[Finding]:
    text = results.get("golden")
    if not isinstance(text, dict) or text.get("rows") != len(entries):
        yield failed(
            f"{GOLDEN} has {many(len(entries), 'row')}, the report says"
            f" {text.get('rows') if isinstance(text, dict) else 'nothing'}",
            _again(facts),
        )
    elif text.get("differing_values") != 0:
        yield failed(
            f"{text.get('differing_values')} values of {GOLDEN} are not what the code computes",
            _again(facts),
            CLAIMED,
        )
    origins = {str(entry.get("origin", "")) for entry in entries}
    if len(entries) < FEWEST_GOLDEN or not any("nulls" in one for one in origins):
        yield failed(
            f"{GOLDEN} has {len(entries)}"
            f" rows{'' if any('nulls' in one for one in origins) else ', none without values'}",
            rewrite(facts),
        )
    real = [one for one in origins if one.startswith("real")]
    if real and facts.param("features.golden") != "real" and not facts.param("data.committed", False):
        yield failed(
            f"{GOLDEN} holds real rows, which neither [features] golden nor [data] committed allows",
            rewrite(facts),
        )


def _differing(facts: Facts, number: int, entry: dict[str, Any]) -> Iterator[str]:
    listed = definitions(facts)
    names = [str(one["name"]) for one in listed]
    odd = sorted(set(names) ^ set(entry["features"]))
    if odd:
        yield (
            f"row {number}: {odd[0]!r} is"
            f" {'not among its features' if odd[0] in names else 'no feature of the report'}"
        )
        return
    columns = schema_columns(facts)
    try:
        written = sniff.dialect_of(
            {key: value for key in table.KEYS if (value := facts.param(f"data.{key}")) is not None}
        )
    except ValueError as error:
        raise Unproven(str(error), "correct [data] in params.toml") from error
    values: dict[str, Value] = {}
    for name, cell in entry["input"].items():
        if name in columns:
            values[name] = Reads(columns[name], written)[str(cell)].value
    for one in listed:
        column = one.get("column")
        if column is None or one.get("how") not in MADE:
            continue
        if column not in values:
            yield f"row {number}: no input for {column!r}"
            return
        made, text = make(one, values), entry["features"][one["name"]]
        if not _alike(text, made):
            yield f"row {number}, {one['name']}: the file says {text!r}, today's definition gives {made!r}"


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


def _alike(said: Any, made: float | str | None) -> bool:
    if isinstance(made, float):
        number = isinstance(said, (int, float)) and not isinstance(said, bool)
        return number and isclose(said, made, rel_tol=1e-9, abs_tol=1e-12)
    return bool(said == made)


def definitions(facts: Facts) -> list[dict[str, Any]]:
    """The features that the report lists. Unproven where it lists none."""
    result = facts.results("features").get("features")
    if (
        not isinstance(result, list)
        or not result
        or not all(isinstance(one, dict) and one.get("name") for one in result)
    ):
        raise Unproven("reports/features.json lists no features", again(facts))
    return result


def schema_columns(facts: Facts) -> dict[str, Column]:
    """The columns of schema.toml. Unproven where it cannot be read."""
    schema = facts.toml("schema.toml")
    if not isinstance(schema, dict):
        raise Unproven(str(schema or "schema.toml is not there"), "bring schema.toml back from git")
    try:
        return schemas.parse(schema)
    except ProjectError as error:
        raise Unproven(str(error), "correct schema.toml") from error


def rewrite(facts: Facts) -> str:
    """The command that writes the golden rows anew."""
    return f"python -m {facts.package} contract --golden"


def _again(facts: Facts) -> str:
    return f"python -m {facts.package} contract"


def again(facts: Facts) -> str:
    """The command that makes the report anew."""
    return f"python -m {facts.package} features"
