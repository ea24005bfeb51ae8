"""I.6: features and rules are compared with schema, code and rows; claims are told as claims."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from evidence import builder
from evidence.builder import Small, sales
from poc2prod_kit.tables import sampling

from poc2prod.recount import raw

PROVEN = ("defined", "rules", "proof", "probes", "screened", "looked_at")


@pytest.fixture
def small(tmp_path: Path) -> Small:
    """A project with five features, one of them a rule."""
    return builder.build(tmp_path / "p")


def test_honest_features_pass(small: Small) -> None:
    """All of them."""
    found = small.outcomes("features")
    assert {name: found[name] for name in PROVEN} == dict.fromkeys(PROVEN, "pass")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"column": "sold"}, "the feature 'price' is made of 'sold', which [data] target names"),
        ({"column": "key"}, "the feature 'price' is made of 'key', which [data] id names"),
        ({"column": "cost"}, "the feature 'price' is made of 'cost', which schema.toml does not have"),
        ({"meaning": "the cost"}, "price: the report says it means 'the cost', schema.toml 'price asked'"),
        ({"name": "shop"}, "the feature 'shop' is defined twice"),
    ],
)
def test_a_feature_that_must_not_be_fails(small: Small, change: dict[str, str], said: str) -> None:
    """The target, the id, a column that is not there, another meaning, a name twice."""
    small.edit("features", lambda results: results["features"][2].update(change))
    assert small.said("features", "defined") == ("fail", said)


def test_an_excluded_column_fails(small: Small) -> None:
    """[data] exclude names it, the report still has it."""
    small.param("exclude", '["colour"]')
    assert small.said("features", "defined") == (
        "fail",
        "the feature 'colour' is made of 'colour', which [data] exclude names",
    )


def test_a_reworded_meaning_is_stale(small: Small) -> None:
    """The report is of older words, not wrong: what to run is said."""
    small.replace("schema.toml", 'meaning = "price asked"', 'meaning = "the price"')
    assert small.said("features", "defined") == (
        "stale",
        "price: the report says it means 'price asked', schema.toml 'the price'",
    )


def test_a_feature_without_meaning_is_unknown(small: Small) -> None:
    """It is said where to write it."""
    small.replace("schema.toml", 'meaning = "where it was sold"', "")
    small.edit("features", lambda results: results["features"][1].update(meaning=""))
    assert small.said("features", "defined") == (
        "unknown",
        "without kind or meaning: 1 of 5 features, shop",
    )


@pytest.mark.parametrize("features", [[], None, "five", [1]])
def test_a_report_without_features_is_unknown(small: Small, features: Any) -> None:
    """Nothing is listed."""
    small.edit("features", lambda results: results.update(features=features))
    assert small.outcomes("features")["defined"] == "unknown"


@pytest.mark.parametrize(
    ("name", "old", "new", "outcome", "said"),
    [
        (
            "src/app/rules.py",
            "def cheap",
            "def cheaper",
            "fail",
            "[features] rules names 'cheap'; src/app/rules.py has no such function",
        ),
        (
            "src/app/rules.py",
            '    """1 below 10 EUR, else 0. Prices 5, 20 → 1, 0."""\n',
            "",
            "unknown",
            "src/app/rules.py, cheap: no docstring says what it means",
        ),
        ("tests/test_rules.py", '"cheap"', '"dear"', "fail", "no test in tests/ names the rule 'cheap'"),
        (
            "tests/test_rules.py",
            "assert EXAMPLES",
            "pass",
            "fail",
            "no test in tests/ names the rule 'cheap'",
        ),
        (
            "src/app/rules.py",
            'table["price"]',
            'table["sold"]',
            "fail",
            "src/app/rules.py, cheap: it names the target 'sold'",
        ),
        (
            "src/app/rules.py",
            'table["price"]',
            'read_csv("x")',
            "fail",
            "src/app/rules.py, cheap: it reads a file, so that no proof holds",
        ),
        (
            "src/app/rules.py",
            "1 below 10",
            "1 below 12",
            "fail",
            "cheap: the report's meaning is not the first line of its docstring",
        ),
        (
            "params.toml",
            'rules = ["cheap"]',
            'rules = ["cheap", "open"]',
            "fail",
            "[features] rules names 'open'; src/app/rules.py has no such function",
        ),
    ],
)
def test_a_rule_must_be_a_tested_function(
    small: Small, name: str, old: str, new: str, outcome: str, said: str
) -> None:
    """Renamed, without words, without a test, reading the target or a file."""
    small.replace(name, old, new)
    assert small.said("features", "rules") == (outcome, said)


def test_no_rule_is_skipped(small: Small) -> None:
    """There is nothing to prove."""
    small.param("rules", "[]")
    assert small.outcomes("features")["rules"] == "skipped"


def test_code_that_is_not_python_does_not_crash(small: Small) -> None:
    """It has no functions."""
    small.write("src/app/rules.py", "def cheap(:\n")
    assert small.outcomes("features")["rules"] == "fail"


@pytest.mark.parametrize(
    ("check", "change"),
    [
        ("proof", lambda results: results["proof"].update(others=["price"])),
        ("proof", lambda results: results["proof"].update(target=["cheap"])),
        ("proof", lambda results: results["proof"].update(rows=100)),
        ("proof", lambda results: results["proof"].update(training_rows=240)),
        ("proof", lambda results: results["proof"].update(perturbed_rows=0)),
        ("looked_at", lambda results: results["findings"].append({"kind": "leak", "text": "price knows"})),
    ],
)
def test_an_edited_report_fails(small: Small, check: str, change: Callable[[dict[str, Any]], object]) -> None:
    """What it says of itself is damning, or not what the split file gives."""
    small.edit("features", change)
    assert small.outcomes("features")[check] == "fail"


def test_a_look_at_no_row_is_no_proof(small: Small) -> None:
    """Asked for in params.toml, and reported as it was."""
    small.replace("params.toml", "[features]", "[features]\nproof_rows = 0")
    none = {"rows": 0, "training_rows": 0, "perturbed_rows": 0}
    small.edit("features", lambda results: results["proof"].update(none))
    assert small.outcomes("features")["proof"] == "unknown"


@pytest.mark.parametrize("key", ["proof", "probes"])
def test_a_report_without_proof_is_unknown(small: Small, key: str) -> None:
    """Deleted."""
    small.edit("features", lambda results: results.pop(key))
    assert small.outcomes("features")[key] == "unknown"


LEAKS = [
    (
        lambda sold, number: "red" if sold == "1" else "blue",
        "The value of colour alone tells sold on 100 % of the 240 labelled rows.",
    ),
    (
        lambda sold, number: "red" if (sold == "1") != (number % 11 == 0) else "blue",
        "colour has a value for each class of sold and agrees with it on 90.8 % of the rows",
    ),
    (lambda sold, number: "red" if sold == "1" else "", "colour is empty in"),
]


def planted(small: Small, cell: Callable[[str, int], str]) -> None:
    """Give each row this colour."""
    small.table([[*line[:4], cell(line[5], number), line[5]] for number, line in enumerate(sales())])


@pytest.mark.parametrize(("cell", "said"), LEAKS)
def test_a_planted_leak_fails(small: Small, cell: Callable[[str, int], str], said: str) -> None:
    """The label as a colour, with a tenth of flips, or as a cell that is filled in."""
    planted(small, cell)
    small.run()
    outcome, text = small.said("features", "screened")
    assert (outcome, text.startswith(f"leak:colour: {said}")) == ("fail", True), text


def test_a_leak_that_the_report_hides_fails(small: Small) -> None:
    """The report says nothing of it."""
    planted(small, LEAKS[0][0])
    small.run()
    small.edit("features", lambda results: results.update(findings=[]))
    outcome, text = small.said("features", "screened")
    assert (outcome, text.startswith("reports/features.json does not say leak:colour")) == ("fail", True)


def test_a_leak_that_the_rows_do_not_show_fails(small: Small) -> None:
    """The report is of other rows."""
    item = {"kind": "leak", "id": "leak:colour", "text": "colour tells sold"}
    small.edit("features", lambda results: results.update(findings=[item]))
    assert small.said("features", "screened") == (
        "fail",
        "reports/features.json says leak:colour; the rows do not show it",
    )


def test_a_leak_of_a_rule_is_judged_by_the_report_alone(small: Small) -> None:
    """The command runs no rule; the finding must end all the same."""
    item = {"kind": "leak", "id": "leak:cheap", "text": "cheap tells sold"}
    small.edit("features", lambda results: results.update(findings=[item]))
    assert small.said("features", "screened") == ("fail", "leak:cheap: cheap tells sold")
    known = '\n[findings."leak:cheap"]\nhow = "known"\nreason = "the price is known"\nwho = "Ada"\n'
    small.write("params.toml", (small.root / "params.toml").read_text("utf-8") + known)
    assert small.outcomes("features")["screened"] == "pass"


def test_a_leak_in_a_large_table_fails(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    """Report and check look at the same rows of it."""
    monkeypatch.setattr(sampling, "MOST", 300)
    monkeypatch.setattr(raw, "MOST", 300)
    lines = [[*line[:4], "red" if line[5] == "1" else "blue", line[5]] for line in sales(1200)]
    small.table(lines)
    small.parts({line[0]: "train" for line in lines})
    small.report("features", small.facts().results("features"), [], ["src/app/rules.py"])
    outcome, text = small.said("features", "screened")
    assert outcome == "fail"
    assert text.startswith(
        "reports/features.json does not say leak:colour: Of 151 of 1,200 rows, evenly spaced: "
    )


def test_without_rows_the_record_speaks(small: Small) -> None:
    """No record: unknown."""
    (small.root / builder.RAW).unlink()
    assert small.outcomes("features")["screened"] == "unknown"


def test_a_leak_in_rows_of_few_moments_fails(small: Small) -> None:
    """[data] names a time that many rows share: likeness is then no lag."""
    small.table(
        [
            [line[0], line[1][:8] + "01", *line[2:4], "red" if line[5] == "1" else "blue", line[5]]
            for line in sales()
        ]
    )
    small.param("time", '"day"')
    small.run()
    assert small.outcomes("features")["screened"] == "fail"
