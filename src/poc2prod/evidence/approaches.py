"""I.1: which approaches there are, and when each one fits."""

import re
from collections.abc import Iterable

from ..forms import Form, empty_cell, hollow
from ..project import Facts
from .finding import Finding, Unproven, failed, passed, skipped
from .values import is_number, some

FORM = "docs/approaches.md"
NO_MODEL = "no_model"
COLUMNS = ("approach", "when it fits", "data it needs", "cost", "explainability", "kept or dropped, and why")


def compared(facts: Facts) -> Finding:
    """The table has at least two approaches besides `no_model`, such as a rule or a person."""
    names = [name for name in _named(facts) if name != NO_MODEL]
    if len(set(names)) < 2:
        return failed(
            f"only {len(set(names))} besides `{NO_MODEL}` in the table "
            f"({', '.join(names) or 'none'}); at least 2 approaches are required",
            f"add a row to the table in {FORM}, with its name in backticks",
        )
    return passed(f"{len(set(names))} approaches besides `{NO_MODEL}`: {', '.join(sorted(set(names)))}")


def reasoned(facts: Facts) -> Iterable[Finding]:
    """Every row of the table is complete: approach, when it fits, data, cost, explainability, and decision
    with a reason.
    """
    problems = []
    for name, row in _table(facts):
        cells = [*row, *[""] * (len(COLUMNS) - len(row))]
        problems += [
            f"{name}: {title}"
            for title, cell in zip(COLUMNS[1:], cells[1:], strict=False)
            if empty_cell(cell)
        ]
        if not empty_cell(cells[5]) and len(re.findall(r"\w+", cells[5])) < 3:
            problems.append(f"{name}: {cells[5]!r} gives no reason")
    if problems:
        yield failed(f"empty cells or no reason: {some(problems, 3, '; ')}", f"fill them in {FORM}")
    else:
        yield passed("every row is complete and gives a reason")


def tried(facts: Facts) -> Finding:
    """The table has a row for each model and rule in `[baseline]`."""
    models = [facts.param(f"baseline.{key}") for key in ("simple", "candidate")]
    rules = facts.param("baseline.rules", [])
    models += rules if isinstance(rules, list) else []
    names = [name for name in models if isinstance(name, str) and name]
    if not names:
        raise Unproven("params.toml has no [baseline] simple and candidate", "set them in params.toml")
    missing = [name for name in names if name not in _named(facts)]
    if missing:
        return failed(
            f"{' and '.join(missing)} of [baseline] is not in the table",
            f"add a row with `{missing[0]}` to {FORM}",
        )
    return passed(f"{' and '.join(names)} of [baseline] are in the table")


def reproduced(facts: Facts) -> Finding:
    """For a reproduced implementation, the published and the reproduced result are both given."""
    source = facts.param("baseline.reproduced_from")
    if source in (None, ""):
        return skipped("[baseline] reproduced_from is not set")
    published, reproduced = facts.param("baseline.published"), facts.param("baseline.reproduced")
    if not (is_number(published) and is_number(reproduced)):
        return failed(
            f"reproduced_from is {str(source)[:60]!r}, published is {published!r} and "
            f"reproduced is {reproduced!r}: both must be numbers",
            "set [baseline] published and reproduced in params.toml",
        )
    return passed(f"published {published}, reproduced {reproduced} ({str(source)[:60]})", "claimed")


CHECKS = (compared, reasoned, tried, reproduced)


def _table(facts: Facts) -> list[tuple[str, list[str]]]:
    """Name and cells of each row whose first cell is a name in backticks."""
    form = facts.form("approaches")
    if not isinstance(form, Form):
        raise Unproven(f"{FORM} cannot be read")
    rows = []
    for question in form.questions:
        facts.answer("approaches", question)
        named = [(re.search(r"`([^`]+)`", row[0]), row) for row in form.questions[question].rows]
        rows += [(match[1].strip(), row) for match, row in named if match]
    if not rows:
        raise Unproven("the table has no approach in backticks", f"fill the table in {FORM}")
    if all(hollow("\n".join(row[1:])) for _, row in rows):
        raise Unproven("the table is not filled in", f"fill the table in {FORM}")
    return rows


def _named(facts: Facts) -> list[str]:
    return [name for name, _ in _table(facts)]
