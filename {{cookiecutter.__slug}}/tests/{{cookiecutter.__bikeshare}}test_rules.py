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
    "hour_sine": [({"hr": 0.0}, 0.0), ({"hr": 6.0}, 1.0), ({"hr": 18.0}, -1.0)],
    "hour_cosine": [({"hr": 0.0}, 1.0), ({"hr": 6.0}, 0.0), ({"hr": 12.0}, -1.0)],
    "commuting": [
        ({"hr": 8.0, "workingday": True}, 1.0),
        ({"hr": 8.0, "workingday": False}, 0.0),
        ({"hr": 12.0, "workingday": True}, 0.0),
    ],
    "leisure": [
        ({"hr": 14.0, "workingday": False, "temp": 0.7}, 0.7),
        ({"hr": 14.0, "workingday": True, "temp": 0.7}, 0.0),
        ({"hr": 3.0, "workingday": False, "temp": 0.7}, 0.0),
    ],
    "humidity_known": [({"hum": 0.0}, 0.0), ({"hum": 0.01}, 1.0)],
}


def test_every_rule_has_an_example(project: Project) -> None:
    """A rule that nobody worked through by hand is a rule that nobody understands."""
    named = {*project.param("data.population", []), *project.param("features.rules", [])}
    assert sorted(named - set(EXAMPLES)) == [], "write the example into EXAMPLES above"


@pytest.mark.parametrize("name", EXAMPLES)
def test_rule_gives_its_worked_example(name: str) -> None:
    """The rule, on the example's rows, gives the example's values, to within the rounding of a sine."""
    rows, expected = zip(*EXAMPLES[name], strict=True)
    assert [rulebook.rule(rules, name)(row) for row in rows] == pytest.approx(list(expected), abs=1e-12)


def test_same_hour_last_week() -> None:
    """What was counted one week earlier, else two; without either, the training rows' mean of the hour."""
    known = pd.DataFrame({"timestamp": pd.to_datetime(["2011-05-02", "2011-05-03"]), "hr": [0.0, 0.0]})
    rows = pd.DataFrame({"timestamp": pd.to_datetime(["2011-05-09", "2011-05-16", "2011-05-11"]), "hr": 0.0})
    bikes, train = pd.Series([100.0, 300.0]), pd.Series([True, True])
    said = rulebook.rule(rules, "same_hour_last_week")(known, bikes, train, rows)
    assert said.tolist() == [100.0, 100.0, 200.0]


def test_table_of_means() -> None:
    """The training rows' mean for the hour and the kind of day; their overall mean where it is empty."""
    known = pd.DataFrame({"hr": [8.0, 8.0, 8.0, 9.0], "workingday": [1.0, 1.0, 0.0, 1.0]})
    bikes, train = pd.Series([100.0, 300.0, 50.0, 999.0]), pd.Series([True, True, True, False])
    rows = pd.DataFrame({"hr": [8.0, 8.0, 9.0], "workingday": [1.0, 0.0, 1.0]})
    said = rulebook.rule(rules, "table_of_means")(known, bikes, train, rows)
    assert said.tolist() == [200.0, 50.0, 150.0]
