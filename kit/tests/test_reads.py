"""Which columns a rule reads: the project and the tool say the same of the same code."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from poc2prod_kit.rules import rulebook
from poc2prod_kit.run.errors import ProjectError

from poc2prod.evidence import reads

UNTOLD: set[str] = set()
MORE = """
from .base import inner, warm
from .deep.below import lowest

def limited(limit, row, *, other=None):
    return row["limited"] > limit or other["other"]

def any_of(*rows):
    return rows[0]["any"]
"""
BASE = """
def warm(cells):
    return inner(cells) + cells["more"]

def inner(cells):
    return cells.get("inner", 0)
"""
DEEP = """
from ..base import inner
from project.base import warm as warmer

def beside(row):
    return inner(row) + warmer(row)
"""
BELOW = """
from . import beside

def lowest(row):
    return row["lowest"] + beside(row)
"""
HEAD = """
import functools, statistics
from statistics import mean
from project.more import limited, lowest
from .more import any_of, warm as warming, inner

inner_too = inner
named = lambda row: row["named"]
on_a_second_line = (
    lambda row: row["second"]
)

def helper(row, *rest):
    return row["helper"]

@functools.wraps(helper)
def wrapped(row):
    return row["wrapped"]

def around(function):
    def within(row):
        return function(row)
    return within

made = around(helper)

async def later(row):
    return row["later"]
"""
RULES = {
    """row["a"] + row.get("b", row["c"])""": {"a", "b", "c"},
    """"a" in row and "b" not in row and 1 < row["c"] < 2""": {"a", "b", "c"},
    """[one + row["a"] for one in (1, 2)]""": {"a"},
    """(lambda: row["a"])()""": {"a"},
    """1.0""": set(),
    """helper(row) + named(row)""": {"helper", "named"},
    """warming(row) + inner_too(row)""": {"more", "inner"},
    """lowest(row)""": {"lowest", "more", "inner"},
    """limited(3, row, other=row)""": {"limited", "other"},
    """limited(row=row, limit=3)""": {"limited"},
    """helper(row, 1) + rule(row)""": {"helper"},
    """row[name]""": UNTOLD,
    """row.get(name)""": UNTOLD,
    """row[0]""": UNTOLD,
    """name in row""": UNTOLD,
    """sum(row.values())""": UNTOLD,
    """list(map(row.get, ("a", "b")))""": UNTOLD,
    """len(row)""": UNTOLD,
    """row.pop("a")""": UNTOLD,
    """mean(row)""": UNTOLD,
    """statistics.mean(row)""": UNTOLD,
    """helper({**row})""": UNTOLD,
    """helper(**row)""": UNTOLD,
    """limited(*[1], row)""": UNTOLD,
    """helper(1, row)""": UNTOLD,
    """any_of(row)""": UNTOLD,
    """nowhere(row)""": UNTOLD,
    """wrapped(row)""": UNTOLD,
    """made(row)""": UNTOLD,
    """later(row)""": UNTOLD,
    """on_a_second_line(row)""": UNTOLD,
    """[same["a"] for same in [row]]""": UNTOLD,
    """(same := row)["a"]""": UNTOLD,
}


def imported(name: str, path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module in that file, under that name."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, module)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], list[set[str]]]:
    """What either says of a rule in these rules.py: the columns, or UNTOLD."""
    for name, text in {
        "base.py": BASE,
        "more.py": MORE,
        "deep/__init__.py": DEEP,
        "deep/below.py": BELOW,
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(sys.modules["project"], "__path__", [str(tmp_path)])
    for name in ("project.base", "project.more", "project.deep", "project.deep.below"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
        del sys.modules[name]

    def both(rules: str, name: str) -> list[set[str]]:
        path = tmp_path / "rules.py"
        path.write_text(rules, encoding="utf-8")
        module = imported("project.rules", path, monkeypatch)
        package = reads.Package(
            "project",
            lambda file: (tmp_path / file).read_text("utf-8") if (tmp_path / file).is_file() else None,
        )
        found = []
        for asked in (lambda: rulebook.reads(module, name), lambda: reads.columns(name, package)):
            try:
                found.append(set(asked()))
            except (ProjectError, reads.Untold):
                found.append(UNTOLD)
        return found

    return both


@pytest.mark.parametrize("code", RULES)
def test_both_tell_the_same_of_a_rule(told: Callable[[str, str], list[set[str]]], code: str) -> None:
    """The columns, through helpers of the package; or that they cannot be told."""
    found = told(f"{HEAD}\n\ndef rule(row):\n    name = 'a'\n    return {code}\n", "rule")
    assert [one is UNTOLD for one in found] == [RULES[code] is UNTOLD] * 2
    assert found == [RULES[code]] * 2


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("named", {"named"}),
        ("helper", {"helper"}),
        ("inner_too", UNTOLD),
        ("wrapped", UNTOLD),
        ("made", UNTOLD),
    ],
)
def test_a_rule_stands_in_rules(
    told: Callable[[str, str], list[set[str]]], name: str, columns: set[str]
) -> None:
    """As a function or a lambda with a name, not in another module, and with nothing around it."""
    found = told(HEAD, name)
    assert [one is UNTOLD for one in found] == [columns is UNTOLD] * 2
    assert found == [columns] * 2


def test_what_cannot_be_told_is_said(told: Callable[[str, str], list[set[str]]]) -> None:
    """With the rule's name, and how to write it."""
    told("def computed(row):\n    return [row[name] for name in ('a', 'b')]\n", "computed")
    with pytest.raises(ProjectError) as caught:
        rulebook.reads(sys.modules["project.rules"], "computed")
    assert str(caught.value) == (
        'rules.py, computed: which columns it reads cannot be told. Use the row as row["column"], '
        'row.get("column") or "column" in row, or hand it to a function of this package.'
    )
