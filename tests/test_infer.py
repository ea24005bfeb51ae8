"""The template's inference: how a stranger's table is written, and what it holds."""

import gzip
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from poc2prod_kit.tables import infer as kit
from poc2prod_kit.tables import sniff
from poc2prod_kit.tables.roles import Roles

from poc2prod.collect import Collected
from poc2prod.user_data import UserData

ROOT = Path(__file__).parents[1]
RAW = ROOT / "{{cookiecutter.__slug}}" / "data" / "raw"


def written(folder: Path, text: str | bytes, name: str = "t.csv", encoding: str = "utf-8") -> Path:
    """Write a table and say where."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return path


def column(folder: Path, cells: list[str], name: str = "x") -> Any:
    """The verdict on one column of these cells, beside a second one that keeps the lines from being blank."""
    lines = "".join(f"{cell}\tw{row}\n" for row, cell in enumerate(cells))
    return kit.infer(written(folder, f"{name}\tother\n{lines}")).columns[0]


COMMAS = "a,b\n1,x\n2,y\n"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (COMMAS.encode(), (",", "utf-8", ".", False, "", '"')),
        (COMMAS.replace(",", ";").encode(), (";", "utf-8", ".", False, "", '"')),
        (COMMAS.replace(",", "\t").encode(), ("\t", "utf-8", ".", False, "", '"')),
        (COMMAS.replace(",", "|").encode(), ("|", "utf-8", ".", False, "", '"')),
        (COMMAS.replace("\n", "\r").encode(), (",", "utf-8", ".", False, "", '"')),
        (COMMAS.replace("\n", "\r\n").encode(), (",", "utf-8", ".", False, "", '"')),
        (COMMAS.encode("utf-8-sig"), (",", "utf-8-sig", ".", True, "", '"')),
        (COMMAS.encode("utf-16"), (",", "utf-16", ".", True, "", '"')),
        (COMMAS.encode("utf-16-le"), (",", "utf-16-le", ".", False, "", '"')),
        ("a,b\n1,é\n".encode("cp1252"), (",", "cp1252", ".", False, "", '"')),
        ("a,b\n1,\x81é\n".encode("latin-1"), (",", "latin-1", ".", False, "", '"')),
        ("a,b\n1,é\n".encode(), (",", "utf-8", ".", False, "", '"')),
        (b"a;b\n1,5;x\n2,25;y\n", (";", "utf-8", ",", False, "", '"')),
        (b"a;b\n1.234,56;x\n2,25;y\n", (";", "utf-8", ",", False, ".", '"')),
        (b'a,b\n"1,234.56",x\n2.25,y\n', (",", "utf-8", ".", False, ",", '"')),
        (b'a,b\n"1,234",x\n"22,333",y\n', (",", "utf-8", ".", False, ",", '"')),
        (b"a;b\n1 234,5;x\n2,25;y\n", (";", "utf-8", ",", False, " ", '"')),
        (b"sep=;\na;b\n1;x\n", (";", "utf-8", ".", False, "", '"')),
        (b"'a','b'\n'1','x, y'\n'2','z'\n", (",", "utf-8", ".", False, "", "'")),
        (b'a,b\n1,"x;y;z"\n2,"p;q;r"\n', (",", "utf-8", ".", False, "", '"')),
        (gzip.compress(COMMAS.encode(), mtime=0), (",", "utf-8", ".", False, "", '"')),
    ],
)
def test_dialects(tmp_path: Path, content: bytes, expected: tuple[object, ...]) -> None:
    """Separator, encoding, decimal sign, mark, thousands and quote are read off the file, and its rows."""
    path = written(tmp_path, content)
    found = sniff.sniff(path)
    signs = (found.separator, found.encoding, found.decimal, found.bom, found.thousands, found.quote)
    assert signs == expected
    assert [len(cells) for _, cells in sniff.records(path, found)] == [2] * (kit.infer(path).rows + 1)
    assert [c.name for c in kit.infer(path).columns] == ["a", "b"]


def test_one_column_of_sentences(tmp_path: Path) -> None:
    """A file of one column is one column."""
    table = kit.infer(written(tmp_path, "word\none\ntwo\nthree\n"))
    assert [(c.name, c.type, c.values) for c in table.columns] == [
        ("word", "category", ("one", "three", "two"))
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "t.csv is empty: give a table with a line of column names and rows below it."),
        (b"\xef\xbb\xbf\r\n", "t.csv is empty: give a table with a line of column names and rows below it."),
        (b"a,b\n", "t.csv has a header and no rows: give a table with data."),
        (
            b"\x89PNG\r\n\x1a\n",
            "t.csv is a PNG image, not a text table: export the table as CSV and give that.",
        ),
        (
            b"PK\x03\x04rest",
            "t.csv is a zip archive or an Excel workbook, not a text table: export the table as CSV and "
            "give that.",
        ),
        (
            b"a,b\n1,x\n2,\0\n",
            "t.csv, line 3: a NUL byte, so this is not a text table or is damaged there.",
        ),
        (
            b"a,b\n1,2\n3,4,5\n6,7\n",
            "t.csv, line 3: 3 cells where the header has 2. Correct that line.",
        ),
        (
            b"a,b\n1,2\n3\n6,7\n",
            "t.csv, line 3: 1 cells where the header has 2. Correct that line.",
        ),
        (
            b'a,b\n1,2\n3,"x\n6,7\n8,9\n1,"\n4,"5"6,7\n3,4\n',
            "t.csv, line 7: 3 cells where the header has 2. Correct that line.",
        ),
        (
            b"5.1,3.5,setosa\n4.9,3.0,setosa\n",
            "t.csv: the first line looks like data, not like column names (5.1, 3.5, setosa): "
            "write a line of names above it.",
        ),
        (
            "a,b\né,1\n".encode() + b"\xe9,2\n",
            "t.csv, line 3: a byte that is not UTF-8 though the text before it is; save it as UTF-8.",
        ),
    ],
)
def test_refusals(tmp_path: Path, content: bytes, message: str) -> None:
    """What is no table is refused with the line and what to do."""
    with pytest.raises(sniff.InferenceError) as caught:
        kit.infer(written(tmp_path, content))
    assert str(caught.value) == message


def test_truncated_gzip(tmp_path: Path) -> None:
    """Half a gzip file is named as that."""
    path = written(tmp_path, gzip.compress(COMMAS.encode() * 500)[:-20], "t.csv.gz")
    with pytest.raises(
        sniff.InferenceError, match=r"t\.csv\.gz is a damaged gzip file .*: copy or export it again"
    ):
        sniff.sniff(path)


def test_missing_file(tmp_path: Path) -> None:
    """A file that is not there is said to be unreadable."""
    with pytest.raises(sniff.InferenceError, match=r"none\.csv cannot be read: No such file"):
        sniff.sniff(tmp_path / "none.csv")


def test_line_numbers_count_lines_inside_quotes(tmp_path: Path) -> None:
    """A record's number is the line on which it starts, whatever is quoted before; blank lines are none."""
    path = written(tmp_path, 'a,b\n1,"x\ny"\n\n2,z\n')
    found = list(sniff.records(path, sniff.sniff(path)))
    assert found == [(1, ["a", "b"]), (2, ["1", "x\ny"]), (5, ["2", "z"])]


@pytest.mark.parametrize("text", ["a,b,\n1,x,\n2,y,\n", "a,b\n1,x,\n2,y,\n", "a,b,\n1,x\n2,y\n"])
def test_trailing_separator(tmp_path: Path, text: str) -> None:
    """A separator at the end of each line makes no column."""
    path = written(tmp_path, text)
    assert list(sniff.records(path, sniff.sniff(path))) == [(1, ["a", "b"]), (2, ["1", "x"]), (3, ["2", "y"])]


def test_cell_beyond_the_usual_limit(tmp_path: Path) -> None:
    """A cell longer than the csv module's own limit is read."""
    table = kit.infer(written(tmp_path, f"a,b\n1,{'x' * 300_000}\n2,y\n"))
    assert (table.rows, table.columns[1].distinct) == (2, 2)


def test_header_makes_names_unique() -> None:
    """Blank and repeated names are numbered, and no new name collides with one that is there."""
    assert sniff.header(["a", "", "a", " b ", "a_2", "a", ""]) == [
        "a",
        "column_2",
        "a_3",
        "b",
        "a_2",
        "a_4",
        "column_7",
    ]


TYPES = [
    (["1", "2", "3"], ("integer", 1, 3, (), ())),
    (["-1", "2", ""], ("integer", -1, 2, (), ())),
    (["1.0", "2.0", ""], ("integer", 1, 2, (), ())),
    (["1.0", "2.5"], ("number", 1.0, 2.5, (), ())),
    (["1.5", "2", "3e2"], ("number", 1.5, 300.0, (), ())),
    (["1.5", "?", "NA", "-"], ("number", 1.5, 1.5, (), ("-", "?"))),
    (["a", "?", "NA"], ("category", None, None, ("?", "a"), ())),
    (["a", "  ", "b"], ("category", None, None, ("a", "b"), ("  ",))),
    (["1", "inf", "2", "1e999"], ("number", 1.0, 2.0, (), ())),
    (["01234", "99999", "10115"], ("category", None, None, ("01234", "10115", "99999"), ())),
    (["0", "1", "0"], ("boolean", None, None, ("0", "1"), ())),
    (["Yes", "no", "YES"], ("boolean", None, None, ("YES", "Yes", "no"), ())),
    (["T", "F"], ("boolean", None, None, ("F", "T"), ())),
    (["0", "0"], ("integer", 0, 0, (), ())),
    (["1_000", "2"], ("category", None, None, ("1_000", "2"), ())),
    (["12%", "5%"], ("integer", 5, 12, (), ())),
    (["3.5.0", "3.10.1"], ("category", None, None, ("3.10.1", "3.5.0"), ())),
    (["9" * 19, "8" * 19], ("category", None, None, ("8" * 19, "9" * 19), ())),
    ([str(2**53), "7"], ("integer", 7, 2**53, (), ())),
    ([str(2**53 + 1), "7"], ("category", None, None, ("7", str(2**53 + 1)), ())),
    (["", "NA"], ("category", None, None, (), ())),
]


@pytest.mark.parametrize(("cells", "expected"), TYPES)
def test_types(tmp_path: Path, cells: list[str], expected: tuple[object, ...]) -> None:
    """A column's type, range, values and missing tokens follow from all its cells."""
    found = column(tmp_path, cells)
    assert (found.type, found.minimum, found.maximum, found.values, found.nulls) == expected


DATES = [
    (["2024-01-05", "2024-12-31"], ("%Y-%m-%d",), ""),
    (["2024-01-05T10:00:00Z", "2024-12-31T11:00:00Z"], ("%Y-%m-%dT%H:%M:%S%z",), ""),
    (["2024-01-05 10:00", "2024-12-31 11:30"], ("%Y-%m-%d %H:%M",), ""),
    (["2024-01-05 10:00:00.25"], ("%Y-%m-%d %H:%M:%S.%f",), ""),
    (["05.01.2024", "31.12.2024"], ("%d.%m.%Y",), ""),
    (["05.01.2024", "06.01.2024"], ("%d.%m.%Y",), "ambiguous day and month: read as day first"),
    (["01/05/2024", "02/06/2024"], ("%m/%d/%Y",), "ambiguous day and month: read as month first"),
    (["01/05/2024", "25/06/2024"], ("%d/%m/%Y",), ""),
    (["01/25/2024", "05/06/2024"], ("%m/%d/%Y",), ""),
    (["5 Jan 2024", "12 Feb 2024"], ("%d %b %Y",), ""),
    (["January 5, 2024", "June 6, 2024"], ("%B %d, %Y",), ""),
    (["20240105", "20241231", "20240229"], ("%Y%m%d",), ""),
    (["2024-01-05", "31.12.2024"], ("%Y-%m-%d", "%d.%m.%Y"), ""),
    (["1/25/24 3:05 PM"], ("%m/%d/%y %I:%M %p",), ""),
]


@pytest.mark.parametrize(("cells", "formats", "note"), DATES)
def test_dates(tmp_path: Path, cells: list[str], formats: tuple[str, ...], note: str) -> None:
    """Dates are known by their notations, in order of appearance; open days and months are said."""
    found = column(tmp_path, cells)
    assert (found.type, found.formats, found.note) == ("date", formats, note)


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["20240105", "20241331", "20240229"], "integer"),
        (["31.02.2024", "05.01.2024"], "category"),
        (["25/01/2024", "01/25/2024"], "category"),
        (["1704412800", "1704412801"], "integer"),
        (["2024-01-05", "soon"], "category"),
        (["1.2.24", "3.10.1"], "category"),
    ],
)
def test_what_is_no_date(tmp_path: Path, cells: list[str], kind: str) -> None:
    """Impossible days, contradictory orders, epoch seconds and versions are no dates."""
    assert column(tmp_path, cells).type == kind


def test_text_and_category(tmp_path: Path) -> None:
    """Long sentences that differ are text; few sentences that repeat, and codes, are categories."""
    sentences = [f"the customer number {row} wrote that it came too late" for row in range(60)]
    assert column(tmp_path, sentences).type == "text"
    assert column(tmp_path, sentences[:3] * 20).type == "category"
    codes = column(tmp_path, [f"C-{row}" for row in range(60)])
    assert (codes.type, codes.values, codes.distinct) == ("category", (), 60)


def test_notes_are_said(tmp_path: Path) -> None:
    """What was detected and what is odd stands in the notes, a sentence each."""
    notes = kit.infer(written(tmp_path, "x;x;;zip\n1,5;2;?;01\n2,5;inf;3;02\n")).notes
    assert notes == (
        "t.csv: utf-8, cells separated by semicolons, decimal sign ','.",
        "x_2: infinite values: read as missing.",
        "column_3: '?' in 1 cell (row 1) read as missing.",
        "zip: numbers with leading zeros: kept as codes.",
        "Column 2 is a second x: called x_2.",
        "Column 3 has no name: called column_3.",
    )


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["yes", "no"] * 20, ("binary", "yes")),
        (["0", "1", "0"] * 20, ("binary", "1")),
        (["a", "b", "b"] * 20, ("binary", "a")),
        (["a", "b", "c"] * 20, ("multiclass", "")),
        (["0", "1", "2"] * 20, ("multiclass", "")),
        (["1.0", "0.0", "1.0"] * 20, ("binary", "1.0")),
        (["Up", "Down", "Up"] * 20, ("binary", "Up")),
        (["0"] * 60 + ["1"] * 40 + ["2"] * 20 + ["3"] * 10 + ["4"] * 2, ("regression", "")),
        (["1"] * 10 + ["2"] * 40 + ["3"] * 60 + ["4"] * 20 + ["5"] * 2, ("multiclass", "")),
        ([str(row % 10) for row in range(300)], ("multiclass", "")),
        (["0", "0.5", "1"] * 20, ("regression", "")),
        (["10", "20", "30", "47"] * 20, ("regression", "")),
        ([f"{row / 7:.3f}" for row in range(60)], ("regression", "")),
    ],
)
def test_outcome(tmp_path: Path, cells: list[str], expected: tuple[str, str]) -> None:
    """The outcome is read off the target's values."""
    table = kit.infer(written(tmp_path, "x\tz\n" + "".join(f"{c}\tw\n" for c in cells)))
    assert kit.outcome(table.columns[0], Counter(cells))[:2] == expected


@pytest.mark.parametrize(
    "cells", [["a"] * 9, ["", "NA"], [f"2024-01-{day:02}" for day in range(1, 30)], list("abcdefgh")]
)
def test_no_outcome(tmp_path: Path, cells: list[str]) -> None:
    """A target that never varies, is empty, a date or all different is refused."""
    table = kit.infer(written(tmp_path, "x\tz\n" + "".join(f"{c}\tw\n" for c in cells)))
    with pytest.raises(sniff.InferenceError, match="name another target"):
        kit.outcome(table.columns[0], Counter(cells))


HOSTILE = [
    'say "hi"',
    "back\\slash",
    "emoji 🎉",
    "{{ 7*7 }}",
    "class",
    "a.b",
    "drop table;",
    "new\nline",
    "bell\x07",
    "é漢",
    "=",
]


def test_schema_is_toml_for_any_name(tmp_path: Path) -> None:
    """schema.toml gives back hostile names and values, and only the keys that apply."""
    quoted = ['"' + name.replace('"', '""') + '"' for name in HOSTILE]
    path = written(
        tmp_path, "\t".join(quoted) + "\n" + "\t".join(quoted) + "\n" + "\t".join(["NA"] * len(quoted)) + "\n"
    )
    text = kit.schema_toml(kit.infer(path))
    assert tomllib.loads(text) == {
        "column": [
            {"name": n, "type": "category", "nullable": True, "values": [n], "meaning": "", "unit": ""}
            for n in HOSTILE
        ]
    }
    assert not any(0xD800 <= ord(c) < 0xE000 for c in text)


def test_data_is_toml() -> None:
    """[data] holds how the table is written and what its columns are for; thousands only if there are any."""
    for thousands in (".", ""):
        table = kit.Table(sniff.Dialect(";", "utf-8-sig", ",", True, thousands), (), 1, ())
        roles = Roles('a"b', group="g", sensitive=("s",))
        data = UserData(
            Collected("t", {"t.csv": Path("t.csv")}, "t.csv"), roles, False, "regression", table=table
        )
        assert tomllib.loads(data.texts("Ada")["_data"]) == {
            "files": ["data/raw/t.csv"], "separator": ";", "encoding": "utf-8-sig", "decimal": ",",
            **({"thousands": "."} if thousands else {}),
            "target": 'a"b', "id": "", "time": "", "group": "g", "sensitive": ["s"], "exclude": [],
            "origin": "t.csv",
        }  # fmt: skip


def test_chunks_agree_with_the_whole(tmp_path: Path) -> None:
    """A type that fails only in the last of several chunks fails; ranges and distinct counts span all."""
    rows = [f"{row},{row}\n" for row in range(45_000)]
    others = "".join(f"-7,x{row}\n" for row in range(21))
    found = kit.infer(written(tmp_path, "a,b\n" + "".join(rows) + others)).columns
    assert [(c.type, c.minimum, c.maximum, c.distinct) for c in found] == [
        ("integer", -7, 44_999, 45_001),
        ("category", None, None, 45_021),
    ]


@pytest.mark.parametrize("path", sorted(RAW.rglob("*.csv.gz")), ids=lambda path: path.name)
def test_demo_tables_are_understood(path: Path) -> None:
    """The demos' tables are UTF-8, comma-separated, and without a missing value."""
    table = kit.infer(path)
    assert (table.dialect, [c.name for c in table.columns if c.nullable]) == (
        sniff.Dialect(",", "utf-8", ".", False),
        [],
    )


def test_names_in_single_quotes(tmp_path: Path) -> None:
    """Names in single quotes above bare numbers lose their quotes."""
    table = kit.infer(written(tmp_path, "'a'\t'b'\n1\t2\n3\t4\n"))
    assert [column.name for column in table.columns] == ["a", "b"]


def test_spaces_between_cells_are_refused(tmp_path: Path) -> None:
    """Numbers separated by spaces are not read as one column; a column of words is."""
    with pytest.raises(sniff.InferenceError, match=r"separated by spaces \(2 in each line\)"):
        kit.infer(written(tmp_path, "a b\n1 2\n3 4\n5 6\n"))
    assert kit.infer(written(tmp_path, "two words\nred hat\nblue hat\nold hat\n")).rows == 3
