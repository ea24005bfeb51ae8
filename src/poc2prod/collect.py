"""What --data names, as files: tables, the tables of a folder, a sheet of a workbook, a database's answer."""

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from poc2prod_kit.tables import external
from poc2prod_kit.tables.sniff import InferenceError

from . import clock
from .errors import CallError

SUFFIXES = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt", ".txt.gz", ".parquet")
WORKBOOKS = (".xlsx", ".xlsm")


@dataclass(frozen=True)
class Collected:
    """The files of one table.

    `tables`: by their names in data/raw, in order; `beside`: other files that the project keeps, by their path
    in it; `settings`: what `pull` needs to read again; `made`: how the tables came about, "" for files as given;
    `encoding`: how the tables are to be read, "" where that is to be found out.
    """

    label: str
    tables: dict[str, Path]
    origin: str
    beside: dict[str, Path] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    packages: tuple[str, ...] = ()
    made: str = ""
    encoding: str = ""


def collect(
    data: Sequence[str], sheet: str, query: Path | None, scratch: Path, encoding: str = ""
) -> Collected:
    """The files that --data names; what is made of them is written to `scratch`. Raises CallError."""
    databases = [one for one in data if external.is_url(one)]
    workbooks = [one for one in data if one.lower().endswith(WORKBOOKS)]
    if sheet and not workbooks:
        raise CallError("--sheet is about a workbook: give it with --data FILE.xlsx.")
    if query and not databases:
        raise CallError("--query is about a database: give its URL with --data.")
    if (databases or workbooks) and len(data) > 1:
        raise CallError(
            f"--data {(databases or workbooks)[0]} stands alone: it cannot be joined with other data."
        )
    try:
        if databases:
            return _database(databases[0], query, scratch)
        if workbooks:
            return _workbook(Path(workbooks[0]), sheet, scratch)
    except InferenceError as error:
        raise CallError(str(error)) from error
    return replace(_files([Path(one) for one in data]), encoding=_known(encoding))


def _known(encoding: str) -> str:
    try:
        return encoding and codecs.lookup(encoding).name
    except LookupError:
        raise CallError(
            f"--encoding {encoding}: there is no such encoding; some are utf-8, cp1252, cp1250, cp1251, cp932, gbk, "
            "mac_roman, utf-16."
        ) from None


def _files(given: Sequence[Path]) -> Collected:
    paths = [inside for one in given for inside in (_inside(one) if one.is_dir() else [one])]
    tables: dict[str, Path] = {}
    for path in paths:
        _check(path)
        name = safe_name(path.name)
        if name in tables:
            raise CallError(
                f"--data {tables[name]} and {path} would both be called {name}: rename one of them."
            )
        tables[name] = path
    label = given[0].name if len(given) == 1 else paths[0].name
    if len(paths) > 1:
        label += f" ({len(paths)} files)" if len(given) == 1 else f" and {len(paths) - 1} more"
    return Collected(label, tables, ", ".join(path.name for path in paths))


def _inside(folder: Path) -> list[Path]:
    """The tables of a folder, by name; every one is a part of the same table."""
    paths = sorted(path for path in folder.iterdir() if path.is_file() and _suffix(path.name))
    if not paths:
        raise CallError(f"--data {folder} is a folder without tables: {', '.join(SUFFIXES)}.")
    return paths


def _check(path: Path) -> None:
    """Raise CallError unless this is a file that could be a table."""
    if not path.is_file():
        raise CallError(f"--data {path} is {'no file' if path.exists() else 'not there'}.")
    if not _suffix(path.name):
        kinds = ", ".join((*SUFFIXES, *WORKBOOKS))
        raise CallError(f"--data {path}: a table is one of {kinds}. Export it as CSV first.")


def _workbook(path: Path, sheet: str, scratch: Path) -> Collected:
    if not path.is_file():
        raise CallError(f"--data {path} is {'no file' if path.exists() else 'not there'}.")
    name, rows = external.excel(path, sheet)
    stem = safe_name(f"{path.stem}.csv").removesuffix(".csv")
    external.write_csv(scratch / "sheet.csv", rows)
    kept = f"data/raw/{stem}{path.suffix.lower()}"
    return Collected(
        f"{path.name}, sheet {name}",
        {f"{stem}.csv": scratch / "sheet.csv"},
        f"{path.name}, sheet {name}",
        beside={kept: path},
        made=f"was made from sheet {name} of {kept}, which is your file, byte for byte",
    )


def _database(url: str, query: Path | None, scratch: Path) -> Collected:
    if query is None:
        raise CallError("--data URL needs --query FILE.sql: the SELECT whose rows are the table.")
    external.check_url(url)
    try:
        text = query.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeError) as error:
        raise CallError(
            f"--query {query} cannot be read: {getattr(error, 'strerror', None) or error}."
        ) from error
    url = external.located(url)
    database = external.Database(url, text)
    external.write_csv(scratch / "answer.csv", database.rows())
    stem = safe_name(f"{query.stem}.csv").removesuffix(".csv")
    kept = f"data/{stem}.sql"
    return Collected(
        f"what {query.name} gave",
        {f"{stem}_{clock.today().isoformat()}.csv": scratch / "answer.csv"},
        database.origin,
        beside={kept: query},
        settings={"url": url, "query": kept},
        packages=tuple(external.packages(url)),
        made=f"is what the query {kept} gave today (the command `pull` asks again)",
    )


def safe_name(name: str) -> str:
    """The file's name in ASCII letters, digits, dot, dash and underscore, which every system can hold."""
    suffix = _suffix(name)
    stem = re.sub(r"[^A-Za-z0-9_-]+", "_", name.removesuffix(suffix)).strip("_-")
    device = re.fullmatch(r"(?i)con|prn|aux|nul|(com|lpt)\d", stem)
    return ("table" if not stem else f"table_{stem}" if device else stem[:100]) + suffix.lower()


def _suffix(name: str) -> str:
    return next((name[-len(suffix) :] for suffix in SUFFIXES if name.lower().endswith(suffix)), "")
