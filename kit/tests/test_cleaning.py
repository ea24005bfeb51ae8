"""cleaning.toml: every rule as a sentence of what it does to a cell, and what is refused."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace

import pytest
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.tables import cleaning, schema
from poc2prod_kit.tables.sniff import PLAIN, Dialect
from poc2prod_kit.tables.typed import Reads

AGE = {"column": [{"name": "age", "type": "number"}, {"name": "city", "type": "category"}]}


def reads(rules: str, column: str = "age", dialect: Dialect = PLAIN) -> Reads:
    """A column with these rules."""
    columns = schema.parse(AGE, cleaning.parse(tomllib.loads(rules)))
    return Reads(columns[column], dialect)


@pytest.mark.parametrize(
    ("rule", "cell", "value"),
    [
        ('column = "city"\nmap = { "berlin " = "Berlin" }', "berlin ", "Berlin"),
        ('column = "city"\nmap = { "berlin " = "Berlin" }', "Bonn", "Bonn"),
        ('column = "city"\nmap = { "none" = "" }', "none", None),
        ('column = "age"\nmissing = ["999"]', "999", None),
        ('column = "age"\nmissing = ["999"]', "999.0", None),
        ('column = "age"\nmissing = [999]', " 999 ", None),
        ('column = "age"\noutside = [0, 130]', "131", None),
        ('column = "age"\noutside = [0, 130]', "130", 130.0),
        ('column = "age"\nmultiply = 100\nof = [0.5, 2.5]', "1.78", 178.0),
        ('column = "age"\nmultiply = 100\nof = [0.5, 2.5]', "178", 178.0),
        ('column = "age"\nmap = { "forty" = "40" }', "forty", 40.0),
    ],
)
def test_a_rule_changes_a_cell_before_it_is_used(rule: str, cell: str, value: object) -> None:
    column = "city" if '"city"' in rule else "age"
    assert reads(f"[[rule]]\n{rule}", column)[cell] == value


def test_which_rules_changed_a_cell_is_kept() -> None:
    made = reads(
        '[[rule]]\ncolumn = "age"\nmultiply = 10\nof = [0.2, 1]\n[[rule]]\ncolumn = "age"\noutside = [0, 5]'
    )
    assert [made[cell] for cell in ("0.5", "7", "3")] == [5.0, None, 3.0]
    assert made.changes == {"0.5": [0], "7": [1]}
    # The second rule sees what the first has made: .7 is 7, which is outside
    assert (made["0.7"], made.changes["0.7"]) == (None, [0, 1])


def test_cleaned_cells_are_written_as_the_file_writes_numbers() -> None:
    made = reads('[[rule]]\ncolumn = "age"\nmultiply = 0.5\nof = [3, 5]', dialect=replace(PLAIN, decimal=","))
    assert made.as_cleaned(["3", "12,5", ""]) == ["1,5", "12,5", ""]


def test_a_column_whose_values_become_missing_may_be_empty() -> None:
    columns = schema.parse(AGE, cleaning.parse(tomllib.loads('[[rule]]\ncolumn = "age"\nmissing = ["9"]')))
    assert columns["age"].nullable
    assert not columns["city"].nullable


def test_repeated_rows_are_left_out_across_chunks_but_for_the_id() -> None:
    once, names = cleaning.Once(cleaning.Cleaning(ignoring=("line",)), "id"), ["id", "line", "x"]
    assert once.rows(names, [["1", "1", "a"], ["2", "2", "a"], ["3", "3", "b"]]) == [
        ["1", "1", "a"],
        ["3", "3", "b"],
    ]
    assert once.rows(names, [["4", "4", "b"], ["5", "5", "c"]]) == [["5", "5", "c"]]
    assert once.dropped == 2


def test_without_a_rule_of_rows_all_stay() -> None:
    once = cleaning.Once(cleaning.Cleaning(), "")
    assert once.rows(["x"], [["a"], ["a"]]) == [["a"], ["a"]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[rule]]\nmap = { a = "b" }', "needs a column and one of"),
        ('[[rule]]\ncolumn = "age"', "needs a column and one of"),
        ('[[rule]]\ncolumn = "age"\nmissing = ["1"]\noutside = [0, 1]', "needs a column and one of"),
        ('[[rule]]\ncolumn = "age"\nmultiply = 2', "multiply and of belong together"),
        ('[[rule]]\ncolumn = "age"\nmultiply = 2\nof = [1, 9]', "cannot be told apart"),
        ('[[rule]]\ncolumn = "city"\nmap = { a = "b", b = "c" }', "on both sides"),
        ('[[rule]]\ncolumn = "age"\noutside = [1, 0]', "the wrong way round"),
        ('[[rule]]\ncolumn = "age"\noutside = [0, inf]', "is not a number"),
        ('[[rule]]\ncolumn = "age"\nmissing = "999"', "write a list"),
        ('[[rule]]\ncolumn = "age"\nmap = { a = 1 }', "map is a table of texts"),
        ('[[rule]]\ncolumn = "age"\nmissing = ["1"]\nnote = ""', "unknown key 'note'"),
        ('[[rule]]\nduplicates = "keep"', 'duplicates = "drop"'),
        ('[[rules]]\ncolumn = "age"', "written as [[rule]]"),
        ('[[rule]]\ncolumn = "weight"\nmissing = ["1"]', "schema.toml has no column 'weight'"),
    ],
)
def test_what_cannot_be_understood_is_named(text: str, said: str) -> None:
    with pytest.raises(ProjectError, match=re.escape(said)):
        schema.parse(AGE, cleaning.parse(tomllib.loads(text)))


def test_a_block_that_is_written_reads_back() -> None:
    rule = {"column": "a b", "map": {'q"': "ü\n"}, "finding": "spelling:a b", "reason": "r", "who": "w"}
    (made,) = cleaning.parse(tomllib.loads(cleaning.block(rule))).rules
    assert (made.column, made.map, made.finding) == ("a b", {'q"': "ü\n"}, "spelling:a b")
