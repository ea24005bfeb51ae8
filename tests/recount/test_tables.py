"""What the tool counts of a table is what the project counts.

Cells, raters, clusters, parts.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime
from itertools import chain, pairwise
from typing import Any

import pytest
from poc2prod_kit.tables import sampling, sniff
from poc2prod_kit.tables.schema import Column
from poc2prod_kit.tables.typed import Reads, Value

from poc2prod.recount import agreement, clusters, describe, parting, raw


def blocks(text: str, encoding: str = "utf-8") -> Any:
    """A file's bytes in one block."""
    return iter([text.encode(encoding)])


def test_ids_are_hashes_of_content_with_the_number_of_the_occurrence() -> None:
    """As docs/evidence/data.md says; the second file has its columns in another order."""
    files = {"a.csv": "x,y\n1,b\n1,b\n", "b.csv": "y,x\nb,1\nc,2\n"}
    table = raw.read(list(files), lambda name: blocks(files[name]), sniff.PLAIN)
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
    read = chain.from_iterable(raw.records("t", blocks(text), replace(sniff.PLAIN, separator=";")))
    assert list(read) == [["a", "b"], *rows]


@pytest.mark.parametrize("text", ["", "a;b\n1\n", "a;b\n1;2;3\n"])
def test_a_ragged_or_empty_table_is_refused(text: str) -> None:
    """It is said where."""
    with pytest.raises(sniff.InferenceError):
        list(raw.records("t", blocks(text), replace(sniff.PLAIN, separator=";")))


@pytest.mark.parametrize(
    ("column", "cell", "expected"),
    [
        (Column("x", "number"), "1.234,5", (1234.5, "")),
        (Column("x", "number"), "12.34", (None, "type")),
        (Column("x", "number"), "inf", (None, "infinite")),
        (Column("x", "number"), "NA", (None, "")),
        (Column("x", "integer", nulls=("-9",)), "-9", (None, "")),
        (Column("x", "boolean"), " Yes", (1.0, "")),
        (Column("x", "boolean"), "maybe", (None, "type")),
        (Column("x", "category"), " Yes", (" Yes", "")),
        (Column("x", "date", formats=("%d.%m.%Y",)), "03.05.2024", (datetime(2024, 5, 3), "")),
        (Column("x", "date", formats=("%Y-%m-%d",)), "2024-13-01", (None, "type")),
        (Column("x", "date"), "2024-05-03T02:00:00+02:00", (datetime(2024, 5, 3), "")),
        (Column("x", "date", formats=("%Y-%m",)), "2024-05", (datetime(2024, 5, 1), "")),
    ],
)
def test_a_cell_is_read_as_its_type(column: Column, cell: str, expected: tuple[Value, str]) -> None:
    """With decimal commas and points for thousands."""
    reads = Reads(column, replace(sniff.PLAIN, decimal=",", thousands="."))
    assert (reads[cell], reads.problems.get(cell, "")) == expected


def test_large_tables_are_sampled_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    """All ids stay; the cells of at most so many rows, those that the screening reads too, at no period."""
    monkeypatch.setattr(raw, "MOST", 300)
    text = "\n".join(["id,x", *(f"k{number},{number % 24}" for number in range(1000))]) + "\n"
    table = raw.read(["t"], lambda _: blocks(text), sniff.PLAIN, "id")
    assert (table.rows, table.sampled, table.looked) == (1000, True, sampling.drawn(range(1000), 0.25))
    assert max(b - a for a, b in pairwise(table.looked)) <= 8
    assert len(set(table.cells["x"])) == 24


def test_kappas_are_those_of_the_textbooks() -> None:
    """Cohen (two raters, 50 rows, .4) and Fleiss (four rows, three raters)."""
    first = ["y"] * 25 + ["n"] * 25
    second = ["y"] * 20 + ["n"] * 5 + ["y"] * 10 + ["n"] * 15
    assert agreement.cohen(first, second)[0] == pytest.approx(0.4)
    votes = [["a", "a", "a"], ["b", "b", "b"], ["a", "b", "b"], ["a", "a", "b"]]
    assert agreement.fleiss(votes)[0] == pytest.approx(1 / 3)


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


def test_quantiles_lie_between_values() -> None:
    """As numpy's: linear."""
    assert describe.quantiles(Counter([1.0, 2.0, 4.0, 8.0]), [0, 0.25, 0.5, 1]) == [1.0, 1.75, 3.0, 8.0]
