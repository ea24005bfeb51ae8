"""Tables that are no text file: a sheet of an Excel workbook, or what a query of a database gives, as CSV.

Each needs a package that nothing else needs (openpyxl, SQLAlchemy), imported where it is used.
"""

from __future__ import annotations

import csv
import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any

from poc2prod_kit.tables.sniff import InferenceError

# ${NAME} in a URL is that variable of the environment.
VARIABLE = re.compile(r"\$\{(\w+)\}")
SECRET = re.compile(r"(?i)^(user|pass|pwd|uid|token|secret|key|sslpassword|sslkey|credential)")
DRIVERS = {"postgresql": "psycopg", "mysql": "pymysql", "mariadb": "pymysql", "oracle": "oracledb"}
BATCH = 10_000


def write_csv(path: Path, rows: Iterable[Sequence[str]]) -> None:
    """Write rows as UTF-8 CSV, lines ended by LF."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def text_of(value: Any) -> str:
    """A cell's value as text: nothing is "", a moment ISO 8601, a truth value true or false."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case bytes() | memoryview():
            return bytes(value).decode("utf-8", "replace")
        case datetime():
            return value.isoformat(" ")
    return str(value.isoformat() if hasattr(value, "isoformat") else value)


# Excel


def excel(path: Path, sheet: str = "") -> tuple[str, list[list[str]]]:
    """(the sheet's name, its rows: the header first). Raises InferenceError.

    As Excel means the cells: it stores whole numbers and dates as floating point; a column whose moments are
    all at midnight is one of dates. Empty rows, and empty columns at either side, are left out.
    """
    try:
        import openpyxl
    except ImportError:
        raise InferenceError(
            f"{path.name} needs openpyxl to be read: pip install 'poc2prod[excel]', or export the sheet as CSV."
        ) from None
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        name = _sheet(path, {one.title: one.sheet_state for one in book.worksheets}, sheet)
        cells = [list(row) for row in book[name].iter_rows(values_only=True)]
        book.close()
    except InferenceError:
        raise
    except Exception as error:  # whatever a damaged workbook raises inside the library
        raise InferenceError(f"{path.name} cannot be read as an Excel workbook ({error}).") from error
    rows = [row for row in cells if any(map(_filled, row))]
    columns = [place for place, one in enumerate(zip(*rows, strict=True)) if any(map(_filled, one))]
    if len(rows) < 2:
        raise InferenceError(
            f"{path.name}, sheet {name}: a line of column names and rows below it are needed."
        )
    rows = [row[columns[0] : columns[-1] + 1] for row in rows]
    _computed(path, name, rows)
    texts = [_texts(column) for column in zip(*rows, strict=True)]
    return name, [list(row) for row in zip(*texts, strict=True)]


def _sheet(path: Path, states: Mapping[str, str], wanted: str) -> str:
    visible = [name for name, state in states.items() if state == "visible"]
    listed = ", ".join(map(repr, states))
    if wanted and wanted not in states:
        raise InferenceError(f"--sheet: {path.name} has no sheet {wanted!r}. It has: {listed}.")
    if not wanted and len(visible) != 1:
        raise InferenceError(f"{path.name} has several sheets: name one with --sheet. It has: {listed}.")
    return wanted or visible[0]


def _filled(value: Any) -> bool:
    return value is not None and value != ""


def _texts(column: Sequence[Any]) -> list[str]:
    moments = [value for value in column if isinstance(value, datetime)]
    days = all(moment.time() == time() for moment in moments)
    return [_excel_text(value, days) for value in column]


def _excel_text(value: Any, days: bool) -> str:
    if isinstance(value, float):  # Excel counts in 15 digits: what comes after them is binary rounding
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    if isinstance(value, datetime) and days:
        return value.date().isoformat()
    return text_of(value)


def _computed(path: Path, sheet: str, rows: Sequence[Sequence[Any]]) -> None:
    """Refuse a column of formulas whose values no program has saved: it would be read as empty."""
    header, *body = rows
    empty = [
        name for name, *column in zip(header, *body, strict=True) if name and not any(map(_filled, column))
    ]
    if not empty:
        return
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True)
    cells = (cell for row in book[sheet].iter_rows(values_only=True) for cell in row)
    formulas = sum(isinstance(cell, str) and cell.startswith("=") for cell in cells)
    book.close()
    if formulas:
        raise InferenceError(
            f"{path.name}, sheet {sheet}: {formulas:,} cells are formulas, and no value of column "
            f"{str(empty[0])!r} is saved with them. Open the workbook in Excel and save it."
        )


# Databases


@dataclass(frozen=True)
class Database:
    """Where a query is asked: the URL with ${VARIABLES} as it may be written down, and the query."""

    url: str
    query: str

    @property
    def origin(self) -> str:
        """Where and what was asked, without user, password and further settings of the connection."""
        with _said(self):
            from sqlalchemy import URL

            url = _url(self)
            file = Path(url.database or "").name if url.drivername.startswith("sqlite") else url.database
            plain = URL.create(url.drivername, host=url.host, port=url.port, database=file).render_as_string()
        return f"{plain}, query sha256 {hashlib.sha256(self.query.encode()).hexdigest()}"

    def rows(self) -> Iterator[list[str]]:
        """The names of the columns, then the rows, each cell as text. Raises InferenceError."""
        with _said(self):
            import sqlalchemy

            engine = sqlalchemy.create_engine(_url(self))
            try:
                with engine.connect() as connection:
                    streamed = connection.execution_options(
                        no_parameters=True, stream_results=True, yield_per=BATCH
                    )
                    # The driver gets the query as it is: neither :name nor % stands for a parameter
                    result = streamed.exec_driver_sql(self.query.rstrip().rstrip(";"))
                    if not result.returns_rows:
                        raise InferenceError("The query gives no rows: it must be one SELECT.")
                    yield list(result.keys())
                    for row in result:
                        yield list(map(text_of, row))
            finally:
                engine.dispose()


def is_url(text: str) -> bool:
    """Whether --data names a database: a URL, or the variable that holds one."""
    return "://" in text or bool(VARIABLE.fullmatch(text))


def check_url(url: str) -> None:
    """Refuse a URL that shows a user or a password: they are never written down. Raises InferenceError."""
    user, at, _ = url.partition("://")[2].partition("/")[0].rpartition("@")
    parts = [] if not at else user.split(":")
    parts += [one.partition("=")[2] for one in url.partition("?")[2].split("&") if SECRET.match(one)]
    if any(part and not VARIABLE.fullmatch(part) for part in parts):
        raise InferenceError(
            "--data URL: user and password are taken from the environment and never written down. Write "
            "${NAME} in their place, in single quotes: 'postgresql://${DB_USER}:${DB_PASSWORD}@host/name'."
        )


def located(url: str) -> str:
    """The URL with the whole path of an SQLite file, which must be there: SQLite would make an empty one."""
    scheme, three, path = url.partition(":///")
    if not three or not scheme.startswith("sqlite"):
        return url
    file = Path(path.partition("?")[0])
    if not file.is_file():
        raise InferenceError(f"--data {url}: there is no file {file}.")
    return f"{scheme}:///{path.replace(str(file), file.absolute().as_posix(), 1)}"


def packages(url: str) -> list[str]:
    """The packages that reading from this URL needs, for a project's dependencies."""
    kind = _filled_in(url).partition("://")[0]
    dialect, _, driver = kind.partition("+")
    driver = driver or DRIVERS.get(dialect, "")
    return ["sqlalchemy>=2", *{"psycopg": ["psycopg[binary]>=3.1"], "": []}.get(driver, [driver])]


def _filled_in(url: str) -> str:
    def value(found: re.Match[str]) -> str:
        if found[1] not in os.environ:
            raise InferenceError(
                f"The environment has no variable {found[1]}, which the database's URL names."
            )
        return os.environ[found[1]]

    return VARIABLE.sub(value, url)


def _url(database: Database) -> Any:
    try:
        from sqlalchemy import make_url
        from sqlalchemy.exc import ArgumentError
    except ImportError:
        raise InferenceError(
            "Reading from a database needs SQLAlchemy: pip install sqlalchemy, and the database's driver."
        ) from None
    # A password may hold signs that mean something in a URL: it is put in once the URL is read
    try:
        url = make_url(database.url if not VARIABLE.fullmatch(database.url) else _filled_in(database.url))
    except ArgumentError:
        raise InferenceError(
            "This is no URL of a database; one is postgresql://host/name or sqlite:///file.db."
        ) from None
    keys = [key for key in ("username", "password", "host", "database") if getattr(url, key)]
    filled: dict[str, Any] = {key: _filled_in(getattr(url, key)) for key in keys}
    query = {key: _filled_in(value) if isinstance(value, str) else value for key, value in url.query.items()}
    drivername = url.drivername
    if "+" not in drivername and drivername in DRIVERS:
        drivername = f"{drivername}+{DRIVERS[drivername]}"
    return url.set(drivername=drivername, query=query, **filled)


@contextmanager
def _said(database: Database) -> Iterator[None]:
    """Say in one line what the driver says, without the password."""
    try:
        yield
    except (InferenceError, GeneratorExit):
        raise
    except Exception as error:  # each driver has errors of its own
        said = " ".join(str(getattr(error, "orig", error)).split())
        password = _url(database).password
        said = said.replace(str(password), "…") if password else said
        raise InferenceError(f"The database cannot be read: {said}") from error


# What changed


def changes(before: Iterator[list[str]], after: Iterator[list[str]], key: str) -> dict[str, Any]:
    """What differs between two readings of one table: columns, and rows by id or, without one, by content."""
    old, new = next(before), next(after)
    shared = [name for name in old if name in new]
    places = [(old.index(name), new.index(name)) for name in shared]
    results: dict[str, Any] = {
        "columns_added": [name for name in new if name not in old],
        "columns_gone": [name for name in old if name not in new],
    }
    one, two = (
        [[row[pair[side]] for pair in places] for row in rows] for side, rows in enumerate((before, after))
    )
    if key in shared:
        at = shared.index(key)
        first, second = ({row[at]: row for row in rows} for rows in (one, two))
        if len(first) == len(one) and len(second) == len(two):
            both = [name for name in first if name in second]
            changed = [name for name in both if first[name] != second[name]]
            cells = {
                name: n
                for place, name in enumerate(shared)
                if (n := sum(first[row][place] != second[row][place] for row in changed))
            }
            return results | {
                "rows": len(two), "added": len(second) - len(both), "gone": len(first) - len(both),
                "changed": len(changed), "cells": cells,
            }  # fmt: skip
    counted: dict[tuple[str, ...], int] = {}
    for rows, sign in ((one, -1), (two, 1)):
        for row in rows:
            counted[tuple(row)] = counted.get(tuple(row), 0) + sign
    return results | {
        "rows": len(two), "added": sum(n for n in counted.values() if n > 0),
        "gone": -sum(n for n in counted.values() if n < 0), "changed": None, "cells": {},
    }  # fmt: skip
