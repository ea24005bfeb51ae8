"""Which columns a rule reads, from its code alone."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from poc2prod_kit.rules import rulebook
from poc2prod_kit.run.errors import ProjectError

UNCLEAR = None
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
RULES: dict[str, set[str] | None] = {
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
    """row[name]""": UNCLEAR,
    """row.get(name)""": UNCLEAR,
    """row[0]""": UNCLEAR,
    """name in row""": UNCLEAR,
    """sum(row.values())""": UNCLEAR,
    """list(map(row.get, ("a", "b")))""": UNCLEAR,
    """len(row)""": UNCLEAR,
    """row.pop("a")""": UNCLEAR,
    """mean(row)""": UNCLEAR,
    """statistics.mean(row)""": UNCLEAR,
    """helper({**row})""": UNCLEAR,
    """helper(**row)""": UNCLEAR,
    """limited(*[1], row)""": UNCLEAR,
    """helper(1, row)""": UNCLEAR,
    """any_of(row)""": UNCLEAR,
    """nowhere(row)""": UNCLEAR,
    """wrapped(row)""": UNCLEAR,
    """made(row)""": UNCLEAR,
    """later(row)""": UNCLEAR,
    """on_a_second_line(row)""": UNCLEAR,
    """[same["a"] for same in [row]]""": UNCLEAR,
    """(same := row)["a"]""": UNCLEAR,
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
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], set[str] | None]:
    """The columns that a rule in these rules.py reads, or UNCLEAR."""
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

    def read(rules: str, name: str) -> set[str] | None:
        path = tmp_path / "rules.py"
        path.write_text(rules, encoding="utf-8")
        try:
            return rulebook.reads(imported("project.rules", path, monkeypatch), name)
        except ProjectError:
            return UNCLEAR

    return read


@pytest.mark.parametrize("code", RULES)
def test_columns_of_a_rule(read: Callable[[str, str], set[str] | None], code: str) -> None:
    """The columns, through helpers of the package; or that they cannot be told."""
    columns = read(f"{HEAD}\n\ndef rule(row):\n    name = 'a'\n    return {code}\n", "rule")
    assert columns == RULES[code]


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("named", {"named"}),
        ("helper", {"helper"}),
        ("inner_too", UNCLEAR),
        ("wrapped", UNCLEAR),
        ("made", UNCLEAR),
    ],
)
def test_a_rule_stands_in_rules(
    read: Callable[[str, str], set[str] | None], name: str, columns: set[str] | None
) -> None:
    """As a function or a lambda with a name, not in another module, and with nothing around it."""
    assert read(HEAD, name) == columns


def test_what_cannot_be_told_is_said(read: Callable[[str, str], set[str] | None]) -> None:
    """With the rule's name, and how to write it."""
    read("def computed(row):\n    return [row[name] for name in ('a', 'b')]\n", "computed")
    with pytest.raises(ProjectError) as caught:
        rulebook.reads(sys.modules["project.rules"], "computed")
    assert str(caught.value) == (
        'rules.py, computed: which columns it reads cannot be told. Use the row as row["column"], '
        'row.get("column") or "column" in row, or hand it to a function of this package.'
    )
