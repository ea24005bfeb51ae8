"""Equal rows, spellings, raters and rare classes: what is a finding, and what is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import raw_tables as tables
from poc2prod_kit.run.report import plain
from poc2prod_kit.screening import duplicates, spelling
from poc2prod_kit.tables import annotator_agreement
from project import data


def continuous(rows: int = 300) -> pd.DataFrame:
    """A table of four measured columns and a label drawn by chance."""
    random = np.random.default_rng(5)
    table = pd.DataFrame(random.normal(size=(rows, 4)).round(4), columns=list("abcd"))
    return table.assign(y=random.integers(0, 2, rows))


def run(root: Path, table: pd.DataFrame, **data_section: Any) -> tuple[dict[str, Any], list[tuple[str, int]]]:
    """The data step's results, and the kind and number of ids of each finding."""
    project = tables.make(root, {"a.csv": table.to_csv(index=False)}, **data_section)
    report = data.run(project)
    return plain(report.results), [(item.kind, len(item.rows)) for item in report.findings]


def test_copies_with_the_label_flipped_are_a_finding(tmp_path: Path) -> None:
    """Among measured columns nobody is like another by chance: copies with another label are named."""
    table = continuous()
    copies = table.head(8).assign(y=lambda rows: 1 - rows["y"])
    results, findings = run(tmp_path, pd.concat([table, copies]))
    twins = results["twins"]
    assert findings == [("contradictions", 16)]
    names = ("groups", "rows", "ceiling", "pairs", "pairs_by_chance", "copied")
    assert {name: twins[name] for name in names} == {
        "groups": 8, "rows": 16, "ceiling": 0.5, "pairs": 8.0, "pairs_by_chance": 0.0, "copied": True,
    }  # fmt: skip
    assert twins["contradicting"]["groups"] == 8


def test_identical_rows_are_a_finding(tmp_path: Path) -> None:
    """Rows that repeat in every column are named by the later row's id."""
    table = continuous()
    results, findings = run(tmp_path, pd.concat([table, table.head(8)]))
    assert findings == [("duplicates", 8)]
    assert results["duplicates"]["rows"] == 8
    assert all(row.endswith("-2") for row in results["duplicates"]["ids"])


def test_twins_of_a_few_categories_are_no_finding(tmp_path: Path) -> None:
    """Where columns have few values, people are alike by chance: counted, not complained of."""
    random = np.random.default_rng(6)
    table = pd.DataFrame(random.integers(0, 4, (600, 4)), columns=list("abcd"))
    table = table.assign(age=random.integers(20, 60, 600), y=random.integers(0, 2, 600))
    results, findings = run(tmp_path, table)
    assert findings == []
    assert results["twins"]["contradicting"]["rows"] > 0


def test_a_measured_table_with_nothing_wrong_has_no_finding(tmp_path: Path) -> None:
    """Nothing is said of a clean table."""
    assert run(tmp_path, continuous())[1] == []


def test_near_misses_tell_how_many_equal_rows_to_expect() -> None:
    """Three columns of four equal values each: chance is close to the pairs that there are."""
    random = np.random.default_rng(7)
    table = pd.DataFrame(random.integers(0, 4, (500, 3)), columns=list("abc"))
    found = duplicates.chance({name: duplicates.codes(name, table[name]) for name in table})
    assert found.found == pytest.approx(500 * 499 / 2 / 64, rel=0.1)
    assert found.expected == pytest.approx(found.found, rel=0.1)


def test_columns_whose_names_end_alike_are_told_apart() -> None:
    """A row that hears badly is not one that sees badly, however much the columns' names are alike."""
    table = pd.DataFrame(
        {"hearing_difficulty": [False, False, True], "vision_difficulty": [False, True, False]}
    )
    codes = [duplicates.codes(str(name), table[name]) for name in table]
    assert duplicates.pairs(duplicates.together(codes)) == 0


@pytest.mark.parametrize(
    ("found", "expected", "finest", "copied"),
    [
        (20, 0, 100, True),
        (2, 0, 100, False),
        (20, 0, 29, False),
        (28, 10, 100, False),
        (31, 10, 100, True),
        (3, 1, 100, False),
    ],
)
def test_when_equal_rows_are_copies(found: int, expected: float, finest: int, copied: bool) -> None:
    """At least three pairs, thrice as many as by chance, a fine column, and no accident of a small number."""
    assert duplicates.Chance(found, expected, finest).copied is copied


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (
            {"Yorkshire Terrier": 50, "yorkshire terrier": 9, "yorkshire-terrier ": 2, "beagle": 9},
            [
                (
                    "case, spaces or punctuation",
                    {"Yorkshire Terrier": 50, "yorkshire terrier": 9, "yorkshire-terrier ": 2},
                )
            ],
        ),
        (
            {"Yorkshire Terrier": 50, "Yorkshire Terier": 3},
            [("one letter", {"Yorkshire Terrier": 50, "Yorkshire Terier": 3})],
        ),
        (
            {"Yorkshire Terrier": 50, "Yorkshrie Terrier": 3},
            [("one letter", {"Yorkshire Terrier": 50, "Yorkshrie Terrier": 3})],
        ),
        ({"A1": 50, "A2": 3, "A-1": 9, "A11": 2}, []),
        ({"male": 50, "female": 3}, []),
        ({"Jan": 50, "Jun": 3, "June": 2}, []),
        ({"C": 50, "C++": 9, "C#": 3}, []),
        ({"group a": 50, "group b": 3}, []),
        ({"typical": 50, "atypical": 3}, []),
        ({"positive": 50, "positron": 3}, []),
    ],
)
def test_spellings(counts: dict[str, int], expected: list[tuple[str, dict[str, int]]]) -> None:
    """Words spelled two ways are found; codes and different words are left alone."""
    assert [(item.how, item.counts) for item in spelling.spellings(counts)] == expected


def test_cohens_kappa_of_a_worked_table() -> None:
    """20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no: kappa is 0.4."""
    pairs = [("yes", "yes")] * 20 + [("yes", "no")] * 5 + [("no", "yes")] * 10 + [("no", "no")] * 15
    table = pd.DataFrame(pairs, columns=["one", "two"], dtype=object)
    found = plain(annotator_agreement.agreement(table, ["one", "two"]))
    assert (found["method"], found["share"], found["kappa"]["value"]) == ("cohen", 0.7, 0.4)
    assert found["confused"] == [
        {"labels": ["no", "yes"], "count": 15, "rows": ["20", "21", "22", "23", "24"]}
    ]


def test_fleiss_kappa_of_the_published_table() -> None:
    """Ten subjects, fourteen raters, five categories (the example of Wikipedia's page): kappa is 0.210."""
    votes = [
        [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
    ]  # fmt: skip
    assert round(annotator_agreement.fleiss(np.array(votes, dtype=float))[0], 3) == 0.210


def test_kappas_influence_is_its_derivative() -> None:
    """Leaving a row out changes kappa by about −influence/n, which is what the interval rests on."""
    random = np.random.default_rng(8)
    first = random.integers(0, 3, 4000)
    second = np.where(random.random(4000) < 0.3, random.integers(0, 3, 4000), first)
    value, influence = annotator_agreement.cohen(first, second, 3)
    without = annotator_agreement.cohen(first[1:], second[1:], 3)[0]
    assert (value - without) * 3999 == pytest.approx(influence[0], rel=0.01)


def test_rare_classes_are_named(tmp_path: Path) -> None:
    """A class with fewer than five rows is a finding, with its rows."""
    table = continuous().assign(y=["red"] * 150 + ["green"] * 147 + ["blue"] * 3)
    project = tables.make(tmp_path, {"a.csv": table.to_csv(index=False)}, {"outcome": "multiclass"})
    (finding,) = data.run(project).findings
    expected = (
        "y: 1 class(es) with fewer than 5 rows: 'blue' (3). No model learns them and no score can "
        "judge them: collect more, merge them, or leave them out."
    )
    assert (finding.kind, finding.text, len(finding.rows)) == ("rare_class", expected, 3)
