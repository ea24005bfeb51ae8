"""Every business rule that params.toml names does what its worked example says.

A rule of [data] population or [features] rules has its example in EXAMPLES. A rule of thumb ([baseline]
rules) learns from a table, so it has a test of its own, such as this for the one that rules.py shows:

    def test_as_in_its_shop() -> None:
        known = pd.DataFrame({"shop": ["a", "a", "b", "b"]})
        y, train = pd.Series([2.0, 4.0, 9.0, 1.0]), pd.Series([True, True, True, False])
        rows = pd.DataFrame({"shop": ["b", "a", "new"]})
        said = rulebook.rule(rules, "as_in_its_shop")(known, y, train, rows)
        assert said.tolist() == pytest.approx([9.0, 3.0, 5.0])

with `import pandas as pd` above, and a docstring: of shop b one row trains, 9; of a two, 2 and 4; of all
three the mean is 5.
"""

from __future__ import annotations

from typing import Any

import pytest
from poc2prod_kit.rules import rulebook
from poc2prod_kit.run.project import Project

from {{ cookiecutter.package }} import rules

# A worked example for each rule of [data] population and [features] rules: rows, and what it gives for them,
# such as {"adults": [({"age": 17.0}, False), ({"age": 18.0}, True)]}.
EXAMPLES: dict[str, list[tuple[dict[str, Any], Any]]] = {}


def test_every_rule_has_an_example(project: Project) -> None:
    """A rule that nobody worked through by hand is a rule that nobody understands."""
    named = {*project.param("data.population", []), *project.param("features.rules", [])}
    assert sorted(named - set(EXAMPLES)) == [], "write the example into EXAMPLES above"


@pytest.mark.skipif(not EXAMPLES, reason="rules.py has no rules yet: add some, and an example of each here")
@pytest.mark.parametrize("name", EXAMPLES)
def test_rule_gives_its_worked_example(name: str) -> None:
    """The rule, on the example's rows, gives the example's values."""
    rows, expected = zip(*EXAMPLES[name], strict=True)
    assert tuple(rulebook.rule(rules, name)(row) for row in rows) == expected
