"""Every business rule that params.toml names does what its worked example says."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from poc2prod_kit.rules import rulebook
from poc2prod_kit.run.project import Project

from {{ cookiecutter.package }} import rules

# A worked example for each rule of [data] population and [features] rules: rows, and what it gives for them.
EXAMPLES: dict[str, list[tuple[dict[str, Any], Any]]] = {
    "sixteen_or_older": [({"age": 0.0}, False), ({"age": 15.0}, False), ({"age": 16.0}, True)],
    "not_in_institution": [({"relationship": "institution"}, False), ({"relationship": "spouse"}, True)],
    "civilian": [({"military": "active_duty"}, False), ({"military": "veteran"}, True)],
    "years_from_working_age": [
        ({"age": 20.0}, 5.0),
        ({"age": 25.0}, 0.0),
        ({"age": 60.0}, 0.0),
        ({"age": 75.0}, 15.0),
    ],
    "student_age_in_quarters": [
        ({"age": 20.0, "relationship": "group_quarters"}, 1.0),
        ({"age": 40.0, "relationship": "group_quarters"}, 0.0),
        ({"age": 20.0, "relationship": "child"}, 0.0),
    ],
    "finished_school": [({"education": 15.0}, 0.0), ({"education": 16.0}, 1.0), ({"education": 21.0}, 1.0)],
}


def test_every_rule_has_an_example(project: Project) -> None:
    """A rule that nobody worked through by hand is a rule that nobody understands."""
    named = {*project.param("data.population", []), *project.param("features.rules", [])}
    assert sorted(named - set(EXAMPLES)) == [], "write the example into EXAMPLES above"


@pytest.mark.parametrize("name", EXAMPLES)
def test_rule_gives_its_worked_example(name: str) -> None:
    """The rule, on the example's rows, gives the example's values."""
    rows, expected = zip(*EXAMPLES[name], strict=True)
    assert tuple(rulebook.rule(rules, name)(row) for row in rows) == expected


def test_employed_at_that_age() -> None:
    """The share employed among training rows like this one, drawn to the share of all.

    In training one of two people in their thirties works, and neither of two in their eighties: 1 of 4.
    Drawn to it as by ten more rows: (1 + 2.5) / 12 and (0 + 2.5) / 12; 1 of 4 at 18, where there is no row.
    """
    ages, same = [30.0, 35.0, 80.0, 85.0, 50.0], {"disability": 0.0, "education": 16.0}
    known = pd.DataFrame({"age": ages}).assign(**same)
    rows = pd.DataFrame({"age": [40.0, 90.0, 18.0]}).assign(**same)
    employed, train = pd.Series([1.0, 0.0, 0.0, 0.0, 1.0]), pd.Series([True, True, True, True, False])
    said = rulebook.rule(rules, "employed_at_that_age")(known, employed, train, rows)
    assert said.tolist() == pytest.approx([3.5 / 12, 2.5 / 12, 0.25])
