"""What the tool counts of a table is what the project counts.

Cells, copies, spellings, raters, clusters, parts.
"""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime
from itertools import chain
from typing import Any

import pytest

from poc2prod.recount import agreement, alike, cells, clusters, describe, leaks, parting, raw, spelling


def blocks(text: str, encoding: str = "utf-8") -> Any:
    """A file's bytes in one block."""
    return iter([text.encode(encoding)])


def test_ids_are_hashes_of_content_with_the_number_of_the_occurrence() -> None:
    """As docs/evidence/data.md says; the second file has its columns in another order."""
    files = {"a.csv": "x,y\n1,b\n1,b\n", "b.csv": "y,x\nb,1\nc,2\n"}
    table = raw.read(list(files), lambda name: blocks(files[name]), raw.Dialect())
    assert (table.ids, table.cells, table.files) == (
        ["9d6690549bed", "9d6690549bed-2", "9d6690549bed-3", "d38ef87a6000"],
        {"x": ["1", "1", "1", "2"], "y": ["b", "b", "b", "c"]},
        {"a.csv": 2, "b.csv": 2},
    )


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("sep=;\na;b\n1;2\n", [["1", "2"]]),
        ("a;b;\n1;2;\n\n3;4;\n", [["1", "2"], ["3", "4"]]),
        ('a;b\n"1;x";"2\n3"\n', [["1;x", "2\n3"]]),
        ("\ufeffa;b\r\n1;2\r\n", [["1", "2"]]),
    ],
)
def test_what_is_no_row_is_left_out(text: str, rows: list[list[str]]) -> None:
    """A line that names the separator, blank lines, an empty last cell, a byte order mark."""
    read = chain.from_iterable(raw.records("t", blocks(text), raw.Dialect(";")))
    assert list(read) == [["a", "b"], *rows]


@pytest.mark.parametrize("text", ["", "a;b\n1\n", "a;b\n1;2;3\n"])
def test_a_ragged_or_empty_table_is_refused(text: str) -> None:
    """It is said where."""
    with pytest.raises(raw.Malformed):
        list(raw.records("t", blocks(text), raw.Dialect(";")))


@pytest.mark.parametrize(
    ("column", "cell", "expected"),
    [
        (cells.Column("x", "number"), "1.234,5", cells.Read(1234.5)),
        (cells.Column("x", "number"), "12.34", cells.Read(None, "type")),
        (cells.Column("x", "number"), "inf", cells.Read(None, "infinite")),
        (cells.Column("x", "number"), "NA", cells.Read(None)),
        (cells.Column("x", "integer", nulls=("-9",)), "-9", cells.Read(None)),
        (cells.Column("x", "boolean"), " Yes", cells.Read(1.0)),
        (cells.Column("x", "boolean"), "maybe", cells.Read(None, "type")),
        (cells.Column("x", "category"), " Yes", cells.Read(" Yes")),
        (cells.Column("x", "date", formats=("%d.%m.%Y",)), "03.05.2024", cells.Read(datetime(2024, 5, 3))),
        (cells.Column("x", "date", formats=("%Y-%m-%d",)), "2024-13-01", cells.Read(None, "type")),
        (cells.Column("x", "date"), "2024-05-03T02:00:00+02:00", cells.Read(datetime(2024, 5, 3))),
        (cells.Column("x", "date", formats=("%Y-%m",)), "2024-05", cells.Read(datetime(2024, 5, 1))),
    ],
)
def test_a_cell_is_read_as_its_type(column: cells.Column, cell: str, expected: cells.Read) -> None:
    """With decimal commas and points for thousands."""
    assert cells.reader(column, ",", ".")(cell) == expected


def test_large_tables_are_sampled_by_id(monkeypatch: pytest.MonkeyPatch) -> None:
    """All ids stay; the cells of at most so many rows, the same whatever their order."""
    monkeypatch.setattr(raw, "MOST", 100)
    lines = [f"k{number},{number}" for number in range(1000)]
    found = []
    for order in (lines, lines[::-1]):
        text = "\n".join(["id,x", *order]) + "\n"
        table = raw.read(["t"], lambda _, text=text: blocks(text), raw.Dialect(), "id")  # type: ignore[misc]
        assert (table.rows, table.sampled, len(table.looked) <= 100) == (1000, True, True)
        found.append(sorted(table.cells["id"]))
    assert found[0] == found[1]


def test_kappas_are_those_of_the_textbooks() -> None:
    """Cohen (two raters, 50 rows, .4) and Fleiss (four rows, three raters)."""
    first = ["y"] * 25 + ["n"] * 25
    second = ["y"] * 20 + ["n"] * 5 + ["y"] * 10 + ["n"] * 15
    assert agreement.cohen(first, second)[0] == pytest.approx(0.4)
    votes = [["a", "a", "a"], ["b", "b", "b"], ["a", "b", "b"], ["a", "a", "b"]]
    assert agreement.fleiss(votes)[0] == pytest.approx(1 / 3)


def test_spellings_are_told_apart_from_words() -> None:
    """Case, punctuation and one letter; not two breeds, not codes."""
    counts = {
        "Yorkshire Terrier": 50,
        "yorkshire terrier": 3,
        "Yorkshire Terier": 2,
        "Border Terrier": 40,
        "A1": 9,
        "a2": 9,
    }
    assert [(item.how, list(item.counts)) for item in spelling.find(counts)] == [
        ("case, spaces or punctuation", ["Yorkshire Terrier", "yorkshire terrier"]),
        ("one letter", ["Yorkshire Terrier", "Yorkshire Terier"]),
    ]


def test_codes_of_columns_do_not_mix() -> None:
    """1 and 2 in two columns is not 2 and 1, also where the columns' names end alike."""
    names = ["sepal length (cm)", "petal length (cm)", "sepal width (cm)"]
    rows = [(a, b, c) for a in range(12) for b in range(12) for c in range(12)]
    columns = [
        alike.codes(name, map(float, column))
        for name, column in zip(names, zip(*rows, strict=True), strict=True)
    ]
    assert len(set(alike.together(columns))) == len(rows)


def test_near_values_are_alike() -> None:
    """Two significant digits; case, punctuation and outer spaces; the day."""
    given = (1234.0, -0.01267, 0.0, " Main St. ", datetime(2024, 5, 3, 9), None)
    assert [alike.near(value) for value in given] == [
        1200.0, -0.013, 0.0, "main st", datetime(2024, 5, 3), None,
    ]  # fmt: skip


def test_weeks_hold_whole_groups() -> None:
    """Rows of a group within a week are clustered by week; across weeks by group; without a group by week."""
    when = [datetime.fromordinal(738_886 + 7 * (row // 10) + row % 5) for row in range(100)]
    ids = [str(row) for row in range(100)]
    inside = [f"g{row // 5}" for row in range(100)]
    across = [f"g{row % 20}" for row in range(100)]
    weeks = clusters.of(ids, None, when, dated=True)
    assert weeks is not None
    assert (len(set(weeks)), clusters.of(ids, inside, when, dated=True) == weeks) == (10, True)
    assert clusters.of(ids, across, when, dated=True) == across
    assert clusters.of(ids, None, None) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2023", datetime(2023, 12, 31, 23, 59, 59, 999_999)),
        ("2023-06", datetime(2023, 6, 30, 23, 59, 59, 999_999)),
        ("2023-06-30", datetime(2023, 6, 30, 23, 59, 59, 999_999)),
        ("2023-06-30T12:00:00", datetime(2023, 6, 30, 12, 0, 0, 999_999)),
        (datetime(2023, 6, 30, 12), datetime(2023, 6, 30, 12)),
    ],
)
def test_a_bound_counts_to_its_end(value: Any, expected: datetime) -> None:
    """A year, a month, a day, a second; a moment as it is."""
    assert parting.bound(value, True) == expected


def test_a_sum_is_found_and_chance_is_not() -> None:
    """registered + casual is the target; a column of noise is no part of it."""
    draw = random.Random(5)
    one, two, noise = ([draw.uniform(0, 50) for _ in range(200)] for _ in range(3))
    y = [a + 2 * b for a, b in zip(one, two, strict=True)]
    assert leaks.sum_of({"one": one, "two": two, "noise": noise}, y) == ["one", "two"]
    assert leaks.sum_of({"one": one, "noise": noise}, y) == []


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda y, e: 3 * y - 7, "is the target up to a factor and a shift"),
        (lambda y, e: y**5, "puts the rows in the very order of the target"),
        (lambda y, e: y + 0.1 * e, "is the target with a little noise"),
        (lambda y, e: y + 5 * e, ""),
    ],
)
def test_a_number_that_knows_the_target_is_found(make: Any, said: str) -> None:
    """Scaled, transformed, with noise; not what merely correlates."""
    draw = random.Random(6)
    y: list[Any] = [draw.gauss(10, 2) for _ in range(300)]
    column = [make(one, draw.gauss(0, 1)) for one in y]
    assert leaks.look(column, y, True).startswith(said)
    assert bool(leaks.look(column, y, True)) == bool(said)


def test_quantiles_lie_between_values() -> None:
    """As numpy's: linear."""
    assert describe.quantiles(Counter([1.0, 2.0, 4.0, 8.0]), [0, 0.25, 0.5, 1]) == [1.0, 1.75, 3.0, 8.0]
