"""II.1: golden rows, input and features, are computed again but for rules, and compared."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from evidence import builder
from evidence.builder import Small

from poc2prod.evidence.golden import GOLDEN


@pytest.fixture
def small(tmp_path: Path) -> Small:
    """A project with five features, one of them a rule."""
    return builder.build(tmp_path / "p")


def rewrite(small: Small, change: Callable[[list[dict[str, Any]]], object]) -> None:
    """Change the golden rows; the report is of the changed ones."""
    entries = builder.golden()
    change(entries)
    small.golden(entries)


def test_honest_golden_rows_pass(small: Small) -> None:
    """Plain features are computed again, that of a rule is not."""
    said = "4 golden rows: 4 of 5 features made again, the rest by rules"
    assert small.said("contract", "golden") == ("pass", said)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda rows: rows[0]["features"].update(price=6.0),
            "row 1, price: the file says 6.0, today's definition gives 5.0",
        ),
        (
            lambda rows: rows[0]["features"].update({"day.month": 4}),
            "row 1, day.month: the file says 4, today's definition gives 3.0",
        ),
        (
            lambda rows: rows[2]["features"].update(colour=""),
            "row 3, colour: the file says '', today's definition gives '(missing)'",
        ),
        (lambda rows: rows[1]["features"].pop("shop"), "row 2: 'shop' is not among its features"),
        (lambda rows: rows[1]["features"].update(odd=1), "row 2: 'odd' is no feature of the report"),
        (lambda rows: rows[3]["input"].pop("price"), "row 4: no input for 'price'"),
    ],
)
def test_a_golden_row_that_differs_fails(
    small: Small, change: Callable[[list[dict[str, Any]]], object], said: str
) -> None:
    """From other data, another date part, another encoding, a feature too few or too many."""
    rewrite(small, change)
    assert small.said("contract", "golden") == ("fail", f"{GOLDEN}, {said}")


def test_golden_rows_of_another_number_fail(small: Small) -> None:
    """Rows taken away, the report not run again."""
    rewrite(small, lambda rows: rows.pop())
    small.edit("contract", lambda results: results["golden"].update(rows=4))
    assert small.said("contract", "golden") == ("fail", f"{GOLDEN} has 3 rows, the report says 4")


def test_too_few_golden_rows_fail(small: Small) -> None:
    """Without the row of empty cells."""
    rewrite(small, lambda rows: rows.pop(2))
    assert small.said("contract", "golden") == ("fail", f"{GOLDEN} has 3 rows, none without values")


def test_real_golden_rows_need_permission(small: Small) -> None:
    """Rows of the data in git, which nobody allowed."""
    rewrite(small, lambda rows: rows[0].update(origin="real"))
    assert small.outcomes("contract")["golden"] == "fail"
    small.replace("params.toml", "[features]", '[features]\ngolden = "real"')
    assert small.outcomes("contract")["golden"] == "pass"


@pytest.mark.parametrize("content", ["", "[]", '{"schema": 1, "rows": [{}]}', '{"schema": 2, "rows": []}'])
def test_hollow_golden_rows_are_unknown(small: Small, content: str) -> None:
    """There is nothing to compare."""
    small.write(GOLDEN, content)
    assert small.outcomes("contract")["golden"] == "unknown"


def test_golden_rows_that_no_report_is_bound_to_are_unknown(small: Small) -> None:
    """Neither among the outputs, nor with the rules among the inputs: they may be of older code."""
    small.report("contract", small.facts().results("contract"))
    assert small.outcomes("contract")["golden"] == "unknown"


def test_values_that_the_report_says_differ_fail(small: Small) -> None:
    """Those of rules are not computed here."""
    small.edit("contract", lambda results: results["golden"].update(differing_values=3))
    assert small.outcomes("contract")["golden"] == "fail"
