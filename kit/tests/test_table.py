"""Reading tables: dialects, types, ids, refusals."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import raw_tables as tables
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.tables import table


def refusal(project: Any) -> str:
    """What the error says."""
    with pytest.raises(ProjectError) as caught:
        project.table()
    return str(caught.value)


def test_types_follow_the_schema(tmp_path: Path) -> None:
    """Each type is read; what says that there is no value is missing."""
    text = "n,b,d,c,y\n1.5,yes,2024-01-02T00:00:00+02:00,red,1\nNA,no,03.02.2024,,0\n,NA,,blue,1\n"
    project = tables.make(tmp_path, {"a.csv": text})
    tables.columns(
        tmp_path,
        {"name": "n", "type": "number", "nullable": True},
        {"name": "b", "type": "boolean", "nullable": True},
        {"name": "d", "type": "date", "nullable": True, "formats": ["%Y-%m-%dT%H:%M:%S%z", "%d.%m.%Y"]},
        {"name": "c", "type": "category", "nullable": True},
        {"name": "y", "type": "integer"},
    )
    found = project.table().reset_index(drop=True)
    expected = pd.DataFrame(
        {
            "n": [1.5, np.nan, np.nan],
            "b": [1.0, 0.0, np.nan],
            "d": pd.Series(["2024-01-01T22:00", "2024-02-03", None], dtype="datetime64[us]"),
            "c": pd.Series(["red", np.nan, "blue"], dtype=object),
            "y": [1.0, 0.0, 1.0],
        }
    )
    pd.testing.assert_frame_equal(found, expected)


def test_decimal_comma_and_thousands(tmp_path: Path) -> None:
    """Numbers are read with the signs that [data] names, after a line that announces the separator."""
    text = 'sep=;\r\nx;"the ""y"""\r\n1.234,5;1\r\n-0,25;0\r\n'
    project = tables.make(
        tmp_path,
        {"a.csv": text.encode("cp1252")},
        separator=";",
        encoding="cp1252",
        decimal=",",
        thousands=".",
    )
    tables.columns(tmp_path, {"name": "x", "type": "number"}, {"name": 'the "y"', "type": "integer"})
    assert project.table().to_dict("list") == {"x": [1234.5, -0.25], 'the "y"': [1.0, 0.0]}


def test_unreadable_cells_are_kept_for_the_check(tmp_path: Path) -> None:
    """A cell that is not of its type is missing, and its row and text are known."""
    project = tables.make(tmp_path, {"a.csv": "x,y\n1,1\n1_000,0\noops,1\ninf,0\n"})
    tables.columns(tmp_path, {"name": "x", "type": "number"}, {"name": "y", "type": "integer"})
    found = project.table()
    expected = table.Reading({"data/raw/a.csv": 4}, {"x": [(1, "1_000"), (2, "oops")]}, {"x": [3]})
    assert vars(table.reading(found)) == vars(expected)
    assert found["x"].isna().tolist() == [False, True, True, True]


def test_a_number_in_python_notation_is_not_read(tmp_path: Path) -> None:
    """1_000 is a number in Python and none in a table."""
    project = tables.make(tmp_path, {"a.csv": "x,y\n1_000,1\n2,0\n"})
    tables.columns(tmp_path, {"name": "x", "type": "number"}, {"name": "y", "type": "integer"})
    assert table.reading(project.table()).unread == {"x": [(0, "1_000")]}


def test_ids_can_be_made_again_with_the_standard_library(tmp_path: Path) -> None:
    """An id is 12 hexadecimal digits of SHA-256 over the cells as they stand, and the repetition's number."""
    text = 'x,t,y\n1.50,"two\nlines",1\n2, é,0\n1.50,"two\nlines",1\n'
    project = tables.make(tmp_path, {"a.csv": text})
    rows = list(csv.reader(io.StringIO(text)))[1:]
    hashes = [hashlib.sha256("\x1f".join(cells).encode()).hexdigest()[:12] for cells in rows]
    assert project.table().index.tolist() == [hashes[0], hashes[1], hashes[0] + "-2"]


def test_files_are_aligned_by_name(tmp_path: Path) -> None:
    """A second file may have its columns in another order and be packed; ids do not depend on that order."""
    second = gzip.compress(b"y,x\n1,5\n")
    project = tables.make(tmp_path, {"a.csv": "x,y\n5,1\n4,0\n", "b.csv.gz": second})
    found = project.table()
    assert found.to_dict("list") == {"x": [5.0, 4.0, 5.0], "y": [1.0, 0.0, 1.0]}
    assert found.index[2] == f"{found.index[0]}-2"
    assert table.reading(found).rows == {"data/raw/a.csv": 2, "data/raw/b.csv.gz": 1}


def test_appended_rows_change_no_earlier_id(tmp_path: Path) -> None:
    """Ids rest on content, so that more rows leave the earlier ids as they were."""
    short = tables.make(tmp_path / "short", {"a.csv": "x,y\n5,1\n5,1\n"}).table().index.tolist()
    longer = tables.make(tmp_path / "long", {"a.csv": "x,y\n5,1\n5,1\n3,0\n5,1\n"}).table().index.tolist()
    assert longer[:2] == short
    assert longer[3] == f"{short[0]}-3"


def test_parquet_equals_csv(tmp_path: Path) -> None:
    """A parquet file gives the same rows as the csv of its values."""
    pytest.importorskip("pyarrow")
    frame = pd.DataFrame({"x": [1.5, 2.25] * 20, "c": ["a", None] * 20, "y": [1, 0] * 20})
    packed = io.BytesIO()
    frame.to_parquet(packed)
    one = tables.make(tmp_path / "one", {"a.parquet": packed.getvalue()}).table()
    other = tables.make(tmp_path / "other", {"a.csv": frame.to_csv(index=False)}).table()
    pd.testing.assert_frame_equal(one, other)


@pytest.mark.parametrize(
    ("files", "data", "said"),
    [
        (
            {"a.csv": 'x,y\n"1\n",2\n1,2,3\n'},
            {},
            "a.csv, line 4: 3 cells where the header has 2. Correct that line.",
        ),
        ({"a.csv": "x,y\n1,2\n1\n"}, {}, "a.csv, line 3: 1 cells where the header has 2. Correct that line."),
        (
            {"a.csv": "x,y\n1,2\n", "b.csv": "x,z\n1,2\n"},
            {},
            "data/raw/a.csv has a column 'y' that data/raw/b.csv does not have. "
            "Files of one table need the same columns.",
        ),
        (
            {"a.csv": "x;y\n1;2\n"},
            {},
            "data/raw/a.csv: The file seems to be written differently; "
            'write in [data] of params.toml: separator = ";"',
        ),
        (
            {"a.csv": "k,y\n7,1\n7,0\n"},
            {"id": "k"},
            "[data] id = 'k' repeats: '7' stands in 2 rows, so it names a group, not a row. "
            'Set id = "" and group = "k" in [data] of params.toml.',
        ),
        ({"a.csv": "x,y\n1,2\n"}, {"id": "k"}, "[data] id = 'k' is not a column; the columns are x, y."),
        ({"a.csv": "x,y\n1,2\n"}, {"separator": ""}, "[data] separator = '' must be one character."),
    ],
)
def test_what_cannot_be_read_is_named(
    tmp_path: Path, files: dict[str, str], data: dict[str, Any], said: str
) -> None:
    """Each refusal names the file, line or column, and what to do."""
    assert refusal(tables.make(tmp_path, files, **data)) == said


def test_no_file_named(tmp_path: Path) -> None:
    """Without data the error says where to put a table."""
    said = "There is no data yet. Put a table (csv, csv.gz or parquet) into data/raw/ "
    said += "and name it in [data] files of params.toml."
    assert refusal(tables.make(tmp_path, {})) == said


def test_a_column_that_the_schema_does_not_know(tmp_path: Path) -> None:
    """A new column needs an entry; a schema that is there is never written over."""
    project = tables.make(tmp_path, {"a.csv": "x,y\n1,2\n"})
    tables.columns(tmp_path, {"name": "x", "type": "number"})
    before = (tmp_path / "schema.toml").read_bytes()
    said = "data/raw/a.csv has a column 'y' that schema.toml does not name. "
    said += "Add a [[column]] for it, with name and type."
    assert refusal(project) == said
    assert (tmp_path / "schema.toml").read_bytes() == before


def test_the_first_run_writes_the_schema(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Columns are inferred once, and that is said."""
    tables.make(tmp_path, {"a.csv": "x,y\n1.5,1\n2.5,0\n"}).table()
    written = (tmp_path / "schema.toml").read_text(encoding="utf-8")
    assert [line for line in written.splitlines() if line.startswith(("name", "type"))] == [
        'name = "x"', 'type = "number"', 'name = "y"', 'type = "boolean"',
    ]  # fmt: skip
    assert capsys.readouterr().err.startswith(
        "schema.toml named no column: inferred from the data and written."
    )
