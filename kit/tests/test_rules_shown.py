"""The rules and the test that rules.py and test_rules.py of a new project show as examples."""

from __future__ import annotations

import ast
import textwrap
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from poc2prod_kit.rules import rulebook

TEMPLATE = Path(__file__).parents[2] / "{{cookiecutter.__slug}}"
RULES = TEMPLATE / "src" / "{{cookiecutter.package}}" / "{{cookiecutter.__own}}rules.py"
TESTS = TEMPLATE / "tests" / "{{cookiecutter.__own}}test_rules.py"


def shown(path: Path, indent: str) -> str:
    """The functions in the text at the head of a file, which stand indented."""
    lines = path.read_text(encoding="utf-8").split('"""')[1].split("\n")
    found: list[str] = []
    for line in lines:
        inside = line.startswith(indent) and (line[len(indent) :].startswith("def ") or found)
        if inside:
            found.append(line)
    return textwrap.dedent("\n".join(found))


def test_each_kind_of_rule_is_shown_with_its_types() -> None:
    """Type checks of a new project are strict: what is copied from the examples passes them."""
    functions = [node for node in ast.parse(shown(RULES, " " * 8)).body if isinstance(node, ast.FunctionDef)]
    assert [one.name for one in functions] == ["adults", "price_per_room", "as_in_its_shop"]
    assert all(one.returns and all(each.annotation for each in one.args.args) for one in functions)


def test_the_shown_test_holds_for_the_shown_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both copied as they are: the test of the rule of thumb runs and passes."""
    rules: dict[str, Any] = dict.fromkeys(("Row", "Table", "Column"), object)
    exec(shown(RULES, " " * 8), rules)
    assert rules["adults"]({"age": 18.0}) is True
    monkeypatch.setattr(rulebook, "rule", lambda _, name: rules[name])
    names: dict[str, Any] = {"pd": pd, "pytest": pytest, "rulebook": rulebook, "rules": None}
    exec(shown(TESTS, " " * 4), names)
    names["test_as_in_its_shop"]()
