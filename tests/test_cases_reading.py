"""Tables as people have them are read right: each case's file, with the values that stand in it."""

from __future__ import annotations

import csv
import tomllib
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from poc2prod_kit.tables import cleaning, infer, schema, sniff
from poc2prod_kit.tables.roles import Roles
from poc2prod_kit.tables.typed import Reads

from poc2prod import user_data
from poc2prod.collect import collect

CASES = ROOT / "tests" / "data" / "cases"


def cells(path: Path, name: str) -> list[str]:
    """A column's cells, read by the csv module alone."""
    with path.open(encoding="utf-8", newline="") as file:
        return [row[name] for row in csv.DictReader(file, delimiter=sniff.sniff(path).separator)]


def column(path: Path, name: str) -> tuple[schema.Column, sniff.Dialect]:
    """The column as schema.toml gives it back, and the file's dialect."""
    table = infer.infer(path)
    return schema.parse(tomllib.loads(infer.schema_toml(table)))[name], table.dialect


def values(path: Path, name: str) -> tuple[schema.Column, list[Any]]:
    """The column as schema.toml has it, and its values."""
    found, dialect = column(path, name)
    reads = Reads(found, dialect)
    made = reads.all(cells(path, name))
    assert made == [reads[cell] for cell in cells(path, name)]
    return found, made


def new(path: Path, target: str, *, time: str = "", group: str = "") -> user_data.UserData:
    """The table as the command `new` reads it."""
    source = collect([str(path)], "", None, path.parent)
    return user_data.read(source, Roles(target, time=time, group=group), "", committed=False)


def test_integers_above_2_53_are_codes() -> None:
    """300 accounts stay 300."""
    path = CASES / "integers-above-2-53" / "data.csv"
    found, made = values(path, "account")
    assert (found.type, len(set(made))) == ("category", 300)
    data = new(path, "banned", group="account")
    assert "account: integers beyond 2^53, which no float holds exactly: kept as codes." in data.notes


def test_a_few_other_tokens_leave_a_column_of_numbers() -> None:
    """They are named with their rows and read as missing."""
    path = CASES / "one-stray-token" / "data.csv"
    raw = cells(path, "x")
    found, made = values(path, "x")
    rows = [row for row, cell in enumerate(raw, 1) if cell == "\\N"]
    assert (found.type, found.nulls, made.count(None)) == ("number", ("\\N",), 2)
    assert [made[row - 1] for row in rows] == [None, None]
    assert f"x: '\\N' in 2 cells (rows {rows[0]}, {rows[1]}) read as missing." in new(path, "y").notes


TOKENS = [
    "\\N",
    "#DIV/0!",
    "<0.1",
    "n.d.",
    "abc",
    "unknown",
    "see note",
    "k. A.",
    "--",
    ">100",
    "Total",
    "kg",
    "error",
    "+",
    "tbd",
]


@pytest.mark.parametrize("token", TOKENS)
def test_any_token(tmp_path: Path, token: str) -> None:
    """Is named with its rows, as missing by nulls or by a finding whose remedy says so."""
    path = tmp_path / "t.csv"
    lines = [f"{token if row in (4, 90) else row * 1.5},{'yn'[row * 7 % 5 < 2]}" for row in range(1, 201)]
    path.write_text("x,y\n" + "\n".join(lines) + "\n", encoding="utf-8")
    data = new(path, "y")
    assert data.table
    assert data.table.columns[0].type == "number"
    if token in data.table.columns[0].nulls:
        assert f"x: '{token}' in 2 cells (rows 4, 90) read as missing." in data.notes
        return
    found = next(one for one in data.findings if one.id == "stray:x")
    assert found.text.startswith(f"2 cells of x are no numbers, read as missing: '{token}' in rows 4, 90.")
    assert (found.places, found.remedy) == ((3, 89), {"column": "x", "missing": [token]})


def test_codes_stay_codes(tmp_path: Path) -> None:
    """Letters with digits among numbers, and few levels, are no strays."""
    path = tmp_path / "t.csv"
    codes = [f"{250 + row % 90}.{row % 10}" if row % 40 else f"V{row % 7}{row % 9}" for row in range(1, 400)]
    levels = ["third" if row == 9 else str(row % 3) for row in range(1, 400)]
    path.write_text(
        "a,b\n" + "\n".join(map(",".join, zip(codes, levels, strict=True))) + "\n", encoding="utf-8"
    )
    assert [one.type for one in infer.infer(path).columns] == ["category", "category"]


def test_a_line_of_units_is_named(tmp_path: Path) -> None:
    """By its row, in each column."""
    path = tmp_path / "t.csv"
    rows = ["kg,cm,", *(f"{row * 1.5},{row * 2.5},{'yn'[row % 2]}" for row in range(1, 101))]
    path.write_text("a,b,y\n" + "\n".join(rows) + "\n", encoding="utf-8")
    texts = {one.id: one.text for one in new(path, "y").findings}
    assert texts["stray:a"] == (
        "1 cell of a is no number, read as missing: 'kg' in row 1. In row 1 the cell of b is none either: if that is "
        "a line of units or a second header, it is no row."
    )


def test_german_thousands() -> None:
    """Three digits after every point separate thousands, where whole numbers stand beside; both readings are said."""
    path = CASES / "german-thousands" / "data.csv"
    for name, low, high in (("kosten", 103.0, 4999.0), ("umsatz", 1014.0, 8998.0)):
        found, made = values(path, name)
        assert made == [float(cell.replace(".", "")) for cell in cells(path, name)]
        assert (found.type, min(made), max(made)) == ("integer", low, high)
    assert [note.partition(",")[0] for note in new(path, "kauf").notes] == [
        "kosten: three digits follow every '.'",
        "umsatz: three digits follow every '.'",
    ]


def test_three_digits_after_every_sign_are_doubtful(tmp_path: Path) -> None:
    """With nothing else to tell by, the sign is read as the decimal one, and the other reading said."""
    path = tmp_path / "t.csv"
    lines = [f"{row / 1000:.3f},{'yn'[row % 2]}" for row in range(1001, 1200)]
    path.write_text("x,y\n" + "\n".join(lines) + "\n", encoding="utf-8")
    found, made = values(path, "x")
    assert (found.decimal, min(made)) == ("", 1.001)
    assert new(path, "y").notes == (
        "x: three digits follow every '.', read as the decimal sign (1.001 to 1.199); if it separates thousands, "
        "write decimal = ',' and thousands = '.' for it in schema.toml.",
    )


@pytest.mark.parametrize(("file", "target", "classes"), [("data", "region", 4), ("two", "market", 2)])
def test_na_is_a_class(file: str, target: str, classes: int) -> None:
    """NA among other short codes is one of them, and is said with its count."""
    path = CASES / "na-is-a-class" / f"{file}.csv"
    counts = Counter(cells(path, target))
    _found, made = values(path, target)
    assert Counter(made) == counts
    assert len(counts) == classes
    data = new(path, target)
    assert data.outcome == ("binary" if classes == 2 else "multiclass")
    assert data.notes[0].startswith(f"{target}: 'NA' ({counts['NA']} rows) read as a value")


def test_na_that_other_columns_hold_is_missing(tmp_path: Path) -> None:
    """And what that costs the target is said."""
    path = tmp_path / "t.csv"
    lines = [f"{'NA' if row % 9 == 0 else row},{('EU', 'US', 'NA')[row % 3]}" for row in range(1, 91)]
    path.write_text("x,y\n" + "\n".join(lines) + "\n", encoding="utf-8")
    found, made = values(path, "y")
    assert (found.not_nulls, made.count(None)) == ((), 30)
    assert new(path, "y").notes == (
        "'NA' in y is read as missing, so 30 rows have no label (rows 2, 5, 8 and 27 more). If it is a class, write "
        "not_nulls = ['NA'] for y in schema.toml.",
    )


@pytest.mark.parametrize("file", ["bigquery", "postgres", "sqlserver"])
def test_timestamps_of_databases(file: str) -> None:
    """Each is the moment that stands there: one row an hour."""
    path = CASES / "databases-own-timestamps" / f"{file}.csv"
    found, made = values(path, "when")
    assert (found.type, made) == ("date", [datetime(2023, 1, 1) + timedelta(hours=row) for row in range(400)])
    assert new(path, "y", time="when").roles.time == "when"


def test_quarters_are_an_order() -> None:
    """A quarter is its first day."""
    path = CASES / "databases-own-timestamps" / "quarter.csv"
    found, made = values(path, "when")
    texts = cells(path, "when")
    assert found.type == "date"
    assert made == [datetime(int(text[:4]), 3 * int(text[5]) - 2, 1) for text in texts]


MOMENTS = [
    ("02-Apr-23", "03-May-23", datetime(2023, 4, 2)),
    ("2023-W13", "2023-W14", datetime(2023, 3, 27)),
    ("Q2 2023", "Q3 2023", datetime(2023, 4, 1)),
    ("2023-Q2", "2023-Q3", datetime(2023, 4, 1)),
    ("Tue, 03 Jan 2023 10:15:30 +0100", "Wed, 04 Jan 2023 10:15:30 GMT", datetime(2023, 1, 3, 9, 15, 30)),
    (
        "02-APR-23 10.15.30.123456789 AM",
        "02-APR-23 10.15.30.000000000 PM",
        datetime(2023, 4, 2, 10, 15, 30, 123456),
    ),
    ("02APR2023:10:15:30", "03APR2023:10:15:30.5", datetime(2023, 4, 2, 10, 15, 30)),
    ("02APR2023", "03APR2023", datetime(2023, 4, 2)),
    ("2023-04-02 10:15:30.123456789", "2023-04-02 10:15:30.1", datetime(2023, 4, 2, 10, 15, 30, 123456)),
    ("2023-03-26 01:30:00+01", "2023-03-26 03:30:00+02", datetime(2023, 3, 26, 0, 30)),
    ("2023-03-26T01:30:00+01:00", "2023-03-26T03:30:00+02:00", datetime(2023, 3, 26, 0, 30)),
    ("02.04.2023 10:15:30 +02", "03.04.2023 10:15:30 +01", datetime(2023, 4, 2, 8, 15, 30)),
    ("Apr 2023", "June 2023", datetime(2023, 4, 1)),
    ("04/2023", "05/2023", datetime(2023, 4, 1)),
]


@pytest.mark.parametrize(("first", "second", "moment"), MOMENTS)
def test_dates_as_they_are_written(tmp_path: Path, first: str, second: str, moment: datetime) -> None:
    """Each notation is known and read, and schema.toml takes its format."""
    path = tmp_path / "t.tsv"
    path.write_text(f"x\ty\n{first}\t1\n{second}\t2\n", encoding="utf-8")
    found, made = values(path, "x")
    assert found.type == "date"
    assert made[0] == moment
    assert made[1] > moment.replace(microsecond=0)


def test_bounds_are_moments(tmp_path: Path) -> None:
    """The later of two texts with offsets may be the earlier moment."""
    path = tmp_path / "t.csv"
    path.write_text("x,y\n2023-10-29T02:30:00+02:00,1\n2023-10-29T02:10:00+01:00,2\n", encoding="utf-8")
    found, _ = column(path, "x")
    assert (found.minimum, found.maximum) == ("2023-10-29T02:30:00+02:00", "2023-10-29T02:10:00+01:00")
    assert datetime.fromisoformat(str(found.minimum)).astimezone(UTC).hour == 0


CLOTHES = [
    ("percent", "rate", lambda text: float(text.rstrip("%")), "%"),
    ("lakh", "price", lambda text: float(text.replace(",", "")), ""),
    ("paren", "balance", lambda text: float(text.replace(",", "").replace("(", "-").replace(")", "")), ""),
    ("unit", "weight", lambda text: float(text.removesuffix(" kg")), "kg"),
]


@pytest.mark.parametrize(("file", "name", "number", "unit"), CLOTHES, ids=[one[0] for one in CLOTHES])
def test_numbers_in_clothing(file: str, name: str, number: Any, unit: str) -> None:
    """Percent, lakh, parentheses and units are read as the numbers they are."""
    path = CASES / "numbers-in-clothing" / f"{file}.csv"
    found, made = values(path, name)
    assert (found.numeric, found.unit) == (True, unit)
    assert made == [number(cell) for cell in cells(path, name)]
    target = name if file in ("percent", "lakh") else {"paren": "churn", "unit": "y"}[file]
    data = new(path, target)
    assert data.outcome == ("regression" if target == name else "binary")
    assert not [one for one in data.findings if one.kind == "entities"]


NUMBERS = [
    (["$1,234.50", "-$5", "$ 7"], [1234.5, -5, 7]),
    (["12,50 €", "1.300,00 €", "-3 €"], [12.5, 1300, -3]),
    (["1 day", "2 days", "30 days"], [1, 2, 30]),
    (["5-", "7", "1.5-"], [-5, 7, -1.5]),
    (["20 °C", "-3.5 °C", "1e2 °C"], [20, -3.5, 100]),
    (["5 kg", "7 lb", "9 kg"], None),
    (["5%", "7", "9%"], None),
    (["12a", "14b", "15"], None),
    (["7 AM", "8 PM", "9 AM"], None),
]


@pytest.mark.parametrize(("texts", "expected"), NUMBERS)
def test_other_clothes(tmp_path: Path, texts: list[str], expected: list[float] | None) -> None:
    """One unit or currency in a column makes numbers; several do not."""
    path = tmp_path / "t.tsv"
    path.write_text("x\ty\n" + "".join(f"{text}\tw\n" for text in texts), encoding="utf-8")
    found, made = values(path, "x")
    assert (made if found.numeric else None) == expected


def test_measurements_in_two_units_are_no_group(tmp_path: Path) -> None:
    """They stay texts, with the reason; nothing proposes them as a group."""
    path = tmp_path / "t.csv"
    lines = [f"{60 + row % 80} {('kg', 'lb')[row % 2]},{'yn'[row % 80 < 40]}" for row in range(600)]
    path.write_text("weight,y\n" + "\n".join(lines) + "\n", encoding="utf-8")
    data = new(path, "y")
    assert data.notes == (
        "weight: numbers with different units ('kg', 'lb'): kept as they are; bring them to one unit.",
    )
    assert not [one for one in data.findings if "group" in one.text]


@pytest.mark.parametrize(
    "form", ["10.{0}.{1}.7", "+49 {0} 55{1}", "{0}.{1}.3", "{0:05}-1{1}", "{0} Main St {1}"]
)
def test_what_only_looks_like_numbers_stays_text(tmp_path: Path, form: str) -> None:
    """Addresses, telephone numbers and versions; nothing is said of decimal signs."""
    path = tmp_path / "t.tsv"
    path.write_text(
        "x\ty\n" + "".join(f"{form.format(row, row % 7)}\tw\n" for row in range(99)), encoding="utf-8"
    )
    found = infer.infer(path).columns[0]
    assert (found.numeric, found.type == "date", found.note) == (False, False, "")


def test_a_cleaned_finding_ends(tmp_path: Path) -> None:
    """The rule that it proposes makes the cells missing, for every reader."""
    path = tmp_path / "t.csv"
    lines = [f"{'see note' if row == 7 else row * 1.5},{'yn'[row % 2]}" for row in range(1, 101)]
    path.write_text("x,y\n" + "\n".join(lines) + "\n", encoding="utf-8")
    (found,) = (one for one in new(path, "y").findings if one.kind == "stray")
    table = infer.infer(path)
    rules = cleaning.parse({"rule": [{**(found.remedy or {}), "reason": "no value", "who": "me"}]})
    column = schema.parse(tomllib.loads(infer.schema_toml(table)), rules)["x"]
    reads = Reads(column, table.dialect)
    assert (reads["see note"], dict(reads.problems), column.nullable) == (None, {}, True)


def test_a_cleaned_number_is_written_as_its_column_writes_numbers(tmp_path: Path) -> None:
    """A rule of numbers in a column with its own decimal sign: screening reads what it gives back."""
    rule = {"column": "x", "multiply": 100, "of": [0.5, 2.5], "reason": "metres", "who": "me"}
    entry = {"name": "x", "type": "number", "decimal": ",", "thousands": ".", "affixes": ["cm"]}
    column = schema.parse({"column": [entry]}, cleaning.parse({"rule": [rule]}))["x"]
    reads = Reads(column, sniff.PLAIN)
    cells = ["1,755 cm", "1.755,5 cm", "172"]
    assert reads.all(cells) == [175.5, 1755.5, 172]
    assert reads.as_cleaned(cells) == ["175,5", "1.755,5 cm", "172"]
