"""Data from workbooks, folders and databases: what `new` makes of it, and what `pull` says has changed."""

from __future__ import annotations

import csv
import os
import shutil
import sqlite3
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Command
from poc2prod_kit.tables import external
from poc2prod_kit.tables.sniff import InferenceError

ROWS = [
    (n, f"2023-{n % 12 + 1:02d}-{n % 28 + 1:02d}", n * 37 % 101 / 4, "yes" if n % 3 else "no")
    for n in range(120)
]
HEAD = ["key", "day", "amount", "gone"]


def data_of(project: str) -> dict[str, Any]:
    """[data] of a project's params.toml."""
    result: dict[str, Any] = tomllib.loads(Path(project, "params.toml").read_text(encoding="utf-8"))["data"]
    return result


def cells(path: Path) -> list[list[str]]:
    """A CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def workbook(path: Path, **sheets: list[list[Any]]) -> Path:
    """An Excel workbook."""
    openpyxl = pytest.importorskip("openpyxl", reason="needs openpyxl, the extra excel")
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_a_sheet_is_read_as_excel_means_it(tmp_path: Path) -> None:
    """Whole numbers without .0, dates without a midnight, 15 digits; empty rows and columns around it left out."""
    rows: list[list[Any]] = [
        [],
        [None, "n", "day", "at", "x", "ok", "text"],
        [None, 1.0, datetime(2023, 1, 2), datetime(2023, 1, 2), 0.1 + 0.2, True, "a, b"],
        [],
        [None, 20, datetime(2023, 1, 3), datetime(2023, 1, 2, 10, 30), 1e-7, False, None],
    ]
    path = workbook(tmp_path / "b.xlsx", Data=rows)
    assert external.excel(path) == (
        "Data",
        [
            ["n", "day", "at", "x", "ok", "text"],
            ["1", "2023-01-02", "2023-01-02 00:00:00", "0.3", "true", "a, b"],
            ["20", "2023-01-03", "2023-01-02 10:30:00", "1e-07", "false", ""],
        ],
    )


WORKBOOKS: dict[str, tuple[dict[str, list[list[Any]]], str, str]] = {
    "two sheets": (
        {"a": [["x"], [1]], "b": [["x"]]},
        "",
        "has several sheets: name one with --sheet. It has: 'a', 'b'.",
    ),
    "other sheet": ({"a": [["x"], [1]]}, "B", "has no sheet 'B'. It has: 'a'."),
    "no rows": ({"a": [["x"]]}, "", "a line of column names and rows below it are needed."),
    "formulas": (
        {"a": [["x", "y"], [1, "=A2*2"]]},
        "",
        "1 cells are formulas, and no value of column 'y' is saved",
    ),
}


@pytest.mark.parametrize("case", WORKBOOKS)
def test_a_workbook_that_would_be_read_wrongly_is_refused(tmp_path: Path, case: str) -> None:
    """The sentence names the sheets, or what to do."""
    sheets, sheet, said = WORKBOOKS[case]
    path = workbook(tmp_path / "b.xlsx", **sheets)
    with pytest.raises(InferenceError, match=r"b\.xlsx") as error:
        external.excel(path, sheet)
    assert said in str(error.value)


def test_a_workbook_is_kept_beside_the_table_made_of_it(poc2prod: Command, home: Path) -> None:
    """The bytes of the workbook, a CSV with the sheet's cells, and its origin."""
    path = workbook(home.parent / "My data.xlsx", S=[HEAD, *map(list, ROWS)], T=[["x"]])
    ended = poc2prod(
        "new", "a", "--no-input", "--no-git", "--data", str(path), "--sheet", "S", "--target", "gone"
    )
    assert ended.code == 0, ended.err
    raw = Path("a/data/raw")
    assert (raw / "My_data.xlsx").read_bytes() == path.read_bytes()
    assert cells(raw / "My_data.csv")[:2] == [HEAD, ["0", "2023-01-01", "0", "no"]]
    data = data_of("a")
    assert (data["files"], data["origin"]) == (["data/raw/My_data.csv"], "My data.xlsx, sheet S")


def test_a_folder_is_one_table(poc2prod: Command, home: Path) -> None:
    """Its files by name, whatever the order of their columns; another column is refused by name."""
    folder = home.parent / "parts"
    folder.mkdir()
    for number, names in enumerate((HEAD, HEAD[::-1])):
        order = [HEAD.index(name) for name in names]
        rows = [[str(row[at]) for at in order] for row in ROWS[number * 60 : number * 60 + 60]]
        external.write_csv(folder / f"p{number}.csv", [names, *rows])
    call = ("new", "--no-input", "--no-git", "--target", "gone", "--data", str(folder))
    ended = poc2prod(*call, "a")
    assert "Read parts (2 files): 120 rows, 4 columns" in ended.out
    assert data_of("a")["files"] == ["data/raw/p0.csv", "data/raw/p1.csv"]
    external.write_csv(folder / "p2.csv", [["key", "day", "gone"], ["1", "2023-01-01", "no"]])
    ended = poc2prod(*call, "b")
    assert (ended.code, ended.err) == (
        2,
        "error: p0.csv has a column 'amount' that p2.csv does not have. Files of one table need the same columns.\n",
    )


SECRETS = (
    "postgresql://ada:geheim@host/db", "postgresql://ada@host/db", "postgresql://${U}:geheim@host/db",
    "postgresql://host/db?password=geheim",
)  # fmt: skip


@pytest.mark.parametrize("url", SECRETS)
def test_a_user_or_password_in_the_url_is_refused(poc2prod: Command, url: str) -> None:
    """They come from the environment, and no message repeats them."""
    Path("q.sql").write_text("select 1", encoding="utf-8")
    ended = poc2prod("new", "a", "--data", url, "--query", "q.sql", "--target", "gone", "--no-input")
    assert (ended.code, "never written down" in ended.err, "geheim" in ended.err) == (2, True, False)


def pull(project: str) -> str:
    """What `pull` prints in a project, on one line."""
    paths = [str(Path(project, "src").absolute()), str(ROOT / "kit" / "src")]
    done = subprocess.run(
        [sys.executable, "-m", project, "pull"], cwd=project, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "COLUMNS": "100"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return " ".join(done.stdout.split())


def held(url: str, change: str, project: str, poc2prod: Command, run: Any) -> None:
    """`new` reads a query's rows, `pull` says that nothing changed, then what did."""
    Path("rows.sql").write_text(
        "SELECT key, day, amount, gone FROM shop WHERE day LIKE '2023%' ORDER BY key;\n", encoding="utf-8"
    )
    ended = poc2prod(
        "new",
        project,
        "--data",
        url,
        "--query",
        "rows.sql",
        "--target",
        "gone",
        "--id",
        "key",
        "--no-input",
        "--no-git",
    )
    assert ended.code == 0, ended.err
    (first,) = data_of(project)["files"]
    assert [cells(Path(project, first))[at] for at in (0, 1, 2)] == [
        HEAD,
        ["0", "2023-01-01", "0.0", "no"],
        ["1", "2023-02-02", "9.25", "yes"],
    ]
    assert pull(project).endswith(f"Nothing changed since {first}: every cell is the same.")
    assert data_of(project)["files"] == [first]
    run(change)
    said = pull(project)
    (second,) = data_of(project)["files"]
    assert second != first
    assert Path(project, first).is_file()
    assert said.endswith(
        f"{second} is what the database gives now; [data] files of params.toml names it. "
        f"121 rows: 2 new, 1 gone, 3 changed against {first}, by key. "
        f"Changed cells: amount (3) and gone (1). Next: python -m {project} poc"
    )


CHANGE = (
    "DELETE FROM shop WHERE key = 7; "
    "INSERT INTO shop VALUES (200, '2023-12-01', 1.5, 'no'), (201, '2023-12-01', 2.5, 'no'); "
    "UPDATE shop SET amount = 99.5 WHERE key IN (3, 4, 5); UPDATE shop SET gone = 'maybe' WHERE key = 5"
)


def test_sqlite_is_read_and_read_again(poc2prod: Command) -> None:
    """A file beside, by a relative path; the manifest's origin names neither folder nor user."""
    pytest.importorskip("sqlalchemy", reason="needs SQLAlchemy, the extra sql")
    with sqlite3.connect("shop.db") as base:
        base.execute("CREATE TABLE shop (key INTEGER, day TEXT, amount REAL, gone TEXT)")
        base.executemany("INSERT INTO shop VALUES (?, ?, ?, ?)", ROWS)
    base.close()

    def run(change: str) -> None:
        with sqlite3.connect("shop.db") as again:
            again.executescript(change)
        again.close()

    held("sqlite:///shop.db", CHANGE, "lite", poc2prod, run)
    assert data_of("lite")["origin"].startswith("sqlite:///shop.db, query sha256 ")


def test_an_sqlite_file_that_is_not_there_is_not_made(poc2prod: Command) -> None:
    """SQLite itself would make an empty one."""
    Path("q.sql").write_text("select 1", encoding="utf-8")
    ended = poc2prod(
        "new", "a", "--data", "sqlite:///x.db", "--query", "q.sql", "--target", "y", "--no-input"
    )
    assert (ended.code, ended.err) == (2, "error: --data sqlite:///x.db: there is no file x.db.\n")
    assert not Path("x.db").exists()


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[str]:
    """The folder of a PostgreSQL server's socket; the server asks for a password."""
    pytest.importorskip("psycopg", reason="needs psycopg, the extra sql")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    tool = str(found[-1]) if found else shutil.which("initdb")
    if not tool:
        pytest.skip("no PostgreSQL server is installed (Debian: postgresql)")
    prefix = []
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # PostgreSQL does not run as root
        if subprocess.run(
            ["id", "postgres"], capture_output=True, check=False
        ).returncode or not shutil.which("runuser"):
            pytest.skip("PostgreSQL does not run as root, and there is no user postgres")
        prefix = ["runuser", "-u", "postgres", "--"]
    folder = Path(
        subprocess.check_output([*prefix, "mktemp", "-d", "/tmp/pgXXXXXX"], text=True, cwd="/").strip()
    )
    secret = folder / "secret"
    subprocess.run(
        [*prefix, "tee", str(secret)], input="ge:h@im/1", text=True, check=True, capture_output=True
    )
    control = [*prefix, str(Path(tool).with_name("pg_ctl")), "-D", str(folder / "db"), "-w"]
    subprocess.run(
        [
            *prefix,
            tool,
            "-D",
            str(folder / "db"),
            "-U",
            "ada",
            "--auth=scram-sha-256",
            "--pwfile",
            str(secret),
        ],
        check=True,
        capture_output=True,
        cwd="/",
    )
    options = f"-c listen_addresses= -c unix_socket_directories={folder}"
    subprocess.run(
        [*control, "-l", str(folder / "log"), "-o", options, "start"], check=True, stdout=subprocess.DEVNULL
    )
    yield str(folder)
    subprocess.run([*control, "-m", "immediate", "stop"], check=True, stdout=subprocess.DEVNULL, cwd="/")
    shutil.rmtree(folder)


def test_postgresql_is_read_and_read_again(
    poc2prod: Command, postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """User and password, with signs that mean something in a URL, from the environment; in no file afterwards."""
    import psycopg

    monkeypatch.setenv("SHOP_USER", "ada")
    monkeypatch.setenv("SHOP_PASSWORD", "ge:h@im/1")

    def run(change: str) -> None:
        with psycopg.connect(host=postgres, user="ada", password="ge:h@im/1", dbname="postgres") as base:
            base.execute(change)

    run("CREATE TABLE shop (key INTEGER, day TEXT, amount DOUBLE PRECISION, gone TEXT)")
    values = ", ".join(f"({key}, '{day}', {amount}, '{gone}')" for key, day, amount, gone in ROWS)
    run(f"INSERT INTO shop VALUES {values}")
    url = f"postgresql://${{SHOP_USER}}:${{SHOP_PASSWORD}}@/postgres?host={postgres}"
    held(url, CHANGE, "shop", poc2prod, run)
    assert data_of("shop")["origin"].startswith("postgresql+psycopg:///postgres, query sha256 ")
    everything = b"".join(path.read_bytes() for path in Path("shop").rglob("*") if path.is_file())
    assert (b"h@im" in everything, b"//ada" in everything) == (False, False)
    monkeypatch.setenv("SHOP_PASSWORD", "wrong:secret")
    ended = poc2prod("new", "x", "--data", url, "--query", "rows.sql", "--target", "gone", "--no-input")
    assert (ended.code, "authentication failed" in ended.err, "wrong:secret" in ended.err) == (2, True, False)


def test_a_given_encoding_is_used_and_judged(poc2prod: Command, home: Path) -> None:
    """A guess is called one; what does not fit is said with what does; an unknown name is refused."""
    names = ["Москва", "Казань", "Омск", "Тверь", "Пермь", "Тула"]
    path = home.parent / "t.csv"
    rows = [[str(n), names[n % 6], "yn"[n % 3 == 0]] for n in range(90)]
    path.write_bytes("".join(f"{','.join(row)}\n" for row in [["n", "city", "gone"], *rows]).encode("cp1251"))
    call = ("new", "--no-input", "--no-git", "--target", "gone", "--data", str(path))
    guessed = poc2prod(*call, "a").out.splitlines()
    assert "encoding cp1251 (a guess; where letters look wrong, pass --encoding);" in guessed[0]
    wrong = poc2prod(*call, "b", "--encoding", "cp1252").out
    assert (
        "'Ìîñêâà' would be 'Москва': cp1252 does not fit t.csv: pass --encoding cp1251." in wrong.splitlines()
    )
    right = poc2prod(*call, "c", "--encoding", "windows-1251").out
    assert ("encoding cp1251;" in right, "would be" in right, data_of("c")["encoding"]) == (
        True,
        False,
        "cp1251",
    )
    ended = poc2prod(*call, "d", "--encoding", "klingon")
    assert (ended.code, ended.err.startswith("error: --encoding klingon: there is no such encoding")) == (
        2,
        True,
    )
