"""I.2: what decision the prediction supports, and how good it must be."""

from math import inf

from ..project import Facts
from ..recount.scores import FITTING
from . import generic, target
from .finding import CLAIMED, Finding, Unproven, failed, many, passed, skipped, unknown
from .values import is_number

OUTCOMES = tuple(FITTING)
# The metrics that step I.9 computes, by outcome, with their ranges; most are shares.
RANGES = {
    "r2": (-inf, 1.0),
    **dict.fromkeys(("log_loss", "mae", "rmse", "mape"), (0.0, inf)),
}
METRICS = {
    outcome: {name: RANGES.get(name, (0.0, 1.0)) for name in names if name != "bias"}
    for outcome, names in FITTING.items()
}
# With several classes any cost_… will do.
COSTS = {
    "binary": ("cost_false_positive", "cost_false_negative"),
    "regression": ("cost_per_unit_error",),
}
FEW, MANY = 3, 100


def outcome(facts: Facts) -> Finding:
    """The outcome type fits the values of the target column: two values, several classes, or numbers."""
    kind = _outcome(facts)
    column = target.read(facts)
    if column is None:
        return _by_schema(facts, kind)
    problem = misfit(kind, column)
    shown = ", ".join(item[:20] for item in column.values[:5]) + (", …" if len(column.values) > 5 else "")
    least = "at least " if len(column.values) >= target.MOST else ""
    values = many(len(column.values), "value")
    description = f"{column.column} has {least}{values} in {column.rows:,} rows ({shown})"
    if problem:
        return failed(
            f"[problem] outcome = {kind!r}, but {description}: {problem}",
            "correct [problem] outcome, or [data] target",
        )
    return passed(f"{kind}: {description}")


def misfit(kind: str, column: target.Target) -> str:
    """Why the target's values do not fit the outcome; empty if they do."""
    distinct, numeric = len(column.values), column.numbers == column.rows
    if column.rows == 0:
        return "no row has a value"
    if kind == "binary":
        return "" if distinct == 2 else "binary needs exactly 2"
    if kind == "multiclass":
        if distinct < FEW:
            return f"multiclass needs at least {FEW} classes; use binary for 2"
        return f"more than {MANY} classes: is it a number or a text?" if distinct > MANY else ""
    if not numeric:
        return f"regression needs numbers; {column.rows - column.numbers:,} values are not numbers"
    return "" if distinct >= FEW else "so few values look like classes"


def positive(facts: Facts) -> Finding:
    """The positive value occurs in the target column (binary only)."""
    if _outcome(facts) != "binary":
        return skipped("only a binary outcome has a positive value")
    value = facts.param("problem.positive")
    if not isinstance(value, (str, int, float)) or value == "":
        raise Unproven("[problem] positive is not set", "set [problem] positive in params.toml")
    column = target.read(facts)
    if column is None:
        return passed(f"positive = {value!r}; not compared, because the rows are not here", CLAIMED)
    if not any(_same(str(value), item) for item in column.values):
        return failed(
            f"[problem] positive = {value!r}; {column.column} takes {', '.join(column.values[:5])}",
            "correct [problem] positive",
        )
    return passed(f"positive = {value!r} is a value of {column.column}")


def metric(facts: Facts) -> Finding:
    """The metric is one that step I.9 computes for this outcome."""
    kind, name = _outcome(facts), facts.param("problem.metric")
    allowed = METRICS[kind]
    if name is None:
        raise Unproven("[problem] metric is not set", f"set [problem] metric to one of {', '.join(allowed)}")
    if not isinstance(name, str) or name not in allowed:
        return failed(
            f"[problem] metric = {str(name)[:60]!r}; for {kind} it must be one of {', '.join(allowed)}",
            "correct [problem] metric",
        )
    return passed(f"{name} is a metric for {kind}")


def target_set(facts: Facts) -> Finding:
    """The target is a number in the range of the metric."""
    value = facts.param("problem.target")
    if value is None:
        return unknown(
            "[problem] target is not set: how good must it be?",
            "set [problem] target in params.toml, a number",
        )
    if not is_number(value):
        return failed(
            f"[problem] target = {str(value)[:60]!r} is not a number", "make [problem] target a number"
        )
    kind, name = _outcome(facts), facts.param("problem.metric")
    low, high = METRICS[kind].get(str(name), (-inf, inf))
    if not low <= value <= high:
        return failed(
            f"[problem] target = {value} is outside {name}'s range {low:g} to {high:g}",
            "correct [problem] target",
        )
    return passed(f"{name} must reach {value}")


def costs(facts: Facts) -> Finding:
    """Each kind of error has a cost, a number of 0 or more."""
    kind = _outcome(facts)
    section = facts.param("problem")
    keys = COSTS.get(kind) or tuple(key for key in section if key.startswith("cost_")) or ("cost_per_error",)
    return generic.numbers(facts, "problem", keys, "what does each kind of error cost?")


def latency(facts: Facts) -> Finding:
    """The latency budget is a number of milliseconds above 0."""
    question = "how many milliseconds may a prediction take?"
    return generic.numbers(facts, "problem", ("latency_ms",), question, above=True)


CHECKS = (outcome, positive, metric, target_set, costs, latency)


def _outcome(facts: Facts) -> str:
    kind = facts.param("problem.outcome")
    if kind in (None, ""):
        raise Unproven(
            "[problem] outcome is not set", f"set [problem] outcome to one of {', '.join(OUTCOMES)}"
        )
    if kind not in OUTCOMES:
        raise Unproven(
            f"[problem] outcome = {str(kind)[:40]!r} is not one of {', '.join(OUTCOMES)}",
            "correct [problem] outcome",
        )
    return str(kind)


def _by_schema(facts: Facts, kind: str) -> Finding:
    """What schema.toml says of the target, where the rows are not here or are not text."""
    column = str(facts.param("data.target"))
    entry = target.column_entry(facts, column)
    type_ = entry.get("type")
    fitting = {
        "binary": ("boolean", "category", "integer", "number", "text"),
        "multiclass": ("category", "integer", "number", "text"),
        "regression": ("integer", "number"),
    }[kind]
    if not entry:
        return unknown(
            f"the rows are not here, and schema.toml has no column {column!r}", "describe it in schema.toml"
        )
    if type_ not in fitting:
        return failed(
            f"[problem] outcome = {kind!r}, but schema.toml says {column} is of type {type_!r}",
            "correct one of them",
            CLAIMED,
        )
    return passed(f"{kind}: schema.toml says {column} is of type {type_!r}; its rows are not here", CLAIMED)


def _same(one: str, other: str) -> bool:
    if one == other:
        return True
    return target.is_number(one) and target.is_number(other) and float(one) == float(other)
