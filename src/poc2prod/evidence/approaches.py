"""I.1: which ways there are, and when each fits."""

import re
from collections.abc import Iterable
from math import isfinite
from typing import Any

from ..forms import Form, empty_cell, hollow
from ..project import Facts
from .finding import Finding, Unproven, failed, passed, skipped

FORM = "docs/approaches.md"
NO_MODEL = "no_model"
COLUMNS = ("approach", "when it fits", "data it needs", "cost", "explainability", "kept or dropped, and why")


def compared(facts: Facts) -> Finding:
    """At least two approaches stand in the table besides `no_model` (a rule, or a person)."""
    names = [name for name in _named(facts) if name != NO_MODEL]
    if len(set(names)) < 2:
        return failed(
            f"{len(set(names))} approach besides `{NO_MODEL}` in the table "
            f"({', '.join(names) or 'none'}); at least 2",
            f"add a row to the table in {FORM}, its name in backticks",
        )
    return passed(f"{len(set(names))} approaches besides `{NO_MODEL}`: {', '.join(sorted(set(names)))}")


def reasoned(facts: Facts) -> Iterable[Finding]:
    """Every approach has all six cells filled: what it is, when it fits, its data, cost, explainability,
    and the verdict with its reason.
    """
    wrong = []
    for name, row in _table(facts):
        cells = [*row, *[""] * (len(COLUMNS) - len(row))]
        wrong += [
            f"{name}: {title}"
            for title, cell in zip(COLUMNS[1:], cells[1:], strict=False)
            if empty_cell(cell)
        ]
        if not empty_cell(cells[5]) and len(re.findall(r"\w+", cells[5])) < 3:
            wrong.append(f"{name}: {cells[5]!r} gives no reason")
    if wrong:
        more = f" and {len(wrong) - 3} more" if len(wrong) > 3 else ""
        yield failed(f"empty cells or no reason at {'; '.join(wrong[:3])}{more}", f"fill them in {FORM}")
    else:
        yield passed("every row is filled and gives its reason")


def tried(facts: Facts) -> Finding:
    """What `[baseline]` tries stands in the table by its name."""
    models = [facts.param(f"baseline.{key}") for key in ("simple", "candidate")]
    rules = facts.param("baseline.rules", [])
    models += rules if isinstance(rules, list) else []
    names = [name for name in models if isinstance(name, str) and name]
    if not names:
        raise Unproven("params.toml has no [baseline] simple and candidate", "set them in params.toml")
    missing = [name for name in names if name not in _named(facts)]
    if missing:
        return failed(
            f"[baseline] tries {' and '.join(missing)}, which the table does not name",
            f"add a row with `{missing[0]}` to {FORM}",
        )
    return passed(f"{' and '.join(names)} of [baseline] are in the table")


def reproduced(facts: Facts) -> Finding:
    """Where a known implementation was reproduced, its published and the reproduced number stand side by
    side.
    """
    source = facts.param("baseline.reproduced_from")
    if source in (None, ""):
        return skipped("[baseline] reproduced_from is not set")
    published, own = facts.param("baseline.published"), facts.param("baseline.reproduced")
    if not (_number(published) and _number(own)):
        return failed(
            f"reproduced_from is {str(source)[:60]!r}, published is {published!r} and "
            f"reproduced is {own!r}: both must be numbers",
            "set [baseline] published and reproduced in params.toml",
        )
    return passed(f"published {published}, reproduced {own} ({str(source)[:60]})", "claimed")


CHECKS = (compared, reasoned, tried, reproduced)


def _table(facts: Facts) -> list[tuple[str, list[str]]]:
    """Name and cells of each row of the first table whose first cells are names in backticks."""
    form = facts.form("approaches")
    if not isinstance(form, Form):
        raise Unproven(f"{FORM} cannot be read")
    found = []
    for question in form.questions:
        facts.answer("approaches", question)
        named = [(re.search(r"`([^`]+)`", row[0]), row) for row in form.questions[question].rows]
        found += [(match[1].strip(), row) for match, row in named if match]
    if not found:
        raise Unproven("the table names no approach in backticks", f"fill the table in {FORM}")
    if all(hollow("\n".join(row[1:])) for _, row in found):
        raise Unproven("the table is not filled", f"fill the table in {FORM}")
    return found


def _named(facts: Facts) -> list[str]:
    return [name for name, _ in _table(facts)]


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value)
