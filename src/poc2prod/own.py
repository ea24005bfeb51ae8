"""The user's own table: read once before anything is made, checked against what was asked, never changed."""

import re
import shutil
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from poc2prod_kit.screening import screen
from poc2prod_kit.screening.finding import Finding
from poc2prod_kit.screening.sample import Reader, Roles
from poc2prod_kit.tables import infer
from poc2prod_kit.tables.sniff import raw_header

from .errors import CallError, nearest

METRICS = {"binary": "roc_auc", "multiclass": "balanced_accuracy", "regression": "mae"}
CHUNK = 20_000
NUMBERS = ("integer", "number", "boolean")
SUFFIXES = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt", ".txt.gz", ".parquet")


@dataclass(frozen=True)
class Wish:
    """What the call says about the table: columns by role, and the outcome; "" where it says nothing."""

    target: str
    id: str = ""
    time: str = ""
    group: str = ""
    sensitive: tuple[str, ...] = ()
    outcome: str = ""
    commit: bool = False

    def named(self) -> list[tuple[str, str]]:
        """(option, column) for each column that is named."""
        single = [(role, getattr(self, role)) for role in ("target", "id", "time", "group")]
        return [(role, name) for role, name in single if name] + [
            ("sensitive", name) for name in self.sensitive
        ]


@dataclass(frozen=True)
class OwnData:
    """What was found. `table` is None for parquet, whose rows only the project's first run can read."""

    path: Path
    wish: Wish
    table: Any = None
    outcome: str = ""
    positive: str = ""
    reason: str = ""
    counts: Counter[str] = field(default_factory=Counter)
    said: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    texts: dict[str, str] = field(default_factory=dict)

    @property
    def destination(self) -> str:
        """Where the copy goes, inside the project."""
        return f"data/raw/{safe_name(self.path.name)}"

    def copy_to(self, project: Path) -> None:
        """Copy the table, byte for byte."""
        destination = project / self.destination
        destination.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self.path, destination)


def safe_name(name: str) -> str:
    """The file's name in ASCII letters, digits, dot, dash and underscore, which every system can hold."""
    suffix = _suffix(name)
    stem = re.sub(r"[^A-Za-z0-9_-]+", "_", name[: len(name) - len(suffix)]).strip("_-")
    device = re.fullmatch(r"(?i)con|prn|aux|nul|(com|lpt)\d", stem)
    return ("table" if not stem else f"table_{stem}" if device else stem[:100]) + suffix.lower()


def _suffix(name: str) -> str:
    items = [suffix for suffix in SUFFIXES if name.lower().endswith(suffix)]
    return name[-len(max(items, key=len)) :] if items else ""


def check_file(path: Path) -> None:
    """Raise CallError unless this is a file that could be a table."""
    if not path.is_file():
        what = (
            "is a folder: name one file in it"
            if path.is_dir()
            else "is not there"
            if not path.exists()
            else "is no file"
        )
        raise CallError(f"--data {path} {what}.")
    if not _suffix(path.name):
        raise CallError(f"--data {path}: a table is one of {', '.join(SUFFIXES)}. Export it as CSV first.")


def columns(path: Path) -> list[str]:
    """The names in the table's header; none for parquet."""
    if path.suffix.lower() == ".parquet":
        return []
    try:
        _, names = next(infer.records(path, infer.sniff(path)))
    except infer.InferenceError as error:
        raise CallError(str(error)) from error
    return list(names)


def repeated(path: Path) -> set[str]:
    """The names that the header has more than once; none for parquet."""
    if path.suffix.lower() == ".parquet":
        return set()
    written = [name.strip() for name in raw_header(path, infer.sniff(path))]
    return {name for name in written if name and written.count(name) > 1}


def check_columns(wish: Wish, names: Sequence[str], twice: Collection[str] = ()) -> None:
    """Raise CallError for a column that is not there or not alone, and for the target in a second role."""
    for role, name in wish.named():
        if name in twice:
            raise CallError(
                f"--{role}: more than one column is called {name!r}, so which one is meant is not clear. "
                "Rename one of them in the table's first line."
            )
        if name not in names:
            raise CallError(
                f"--{role}: the table has no column {name!r}.{nearest(name, list(names))} It has: "
                + ", ".join(names)
                + "."
            )
        if role in ("id", "time", "group") and name == wish.target:
            raise CallError(
                f"--{role} and --target are both {name!r}: the target cannot be used as an input."
            )


def read(path: Path, wish: Wish) -> OwnData:
    """Read the table: its dialect, schema, outcome, and what a look at it shows. Raises CallError."""
    if path.suffix.lower() == ".parquet":
        return _parquet(OwnData(path, wish))
    try:
        return _read_text(path, wish)
    except infer.InferenceError as error:
        raise CallError(str(error)) from error


def _read_text(path: Path, wish: Wish) -> OwnData:
    table = infer.infer(path, infer.sniff(path))
    by_name = {column.name: column for column in table.columns}
    check_columns(wish, list(by_name))
    if wish.time and by_name[wish.time].type in ("category", "text", "boolean"):
        raise CallError(
            f"--time: {wish.time} is {by_name[wish.time].type}, not a date: name a column of dates."
        )
    rows, counts, repeats = _read_rows(path, table, wish)
    outcome, positive, reason = _outcome(table, by_name[wish.target], counts, wish.outcome)
    used, items = _settle_id(wish, repeats)
    roles = Roles(used.target, used.id, used.time, used.group, used.sensitive)
    result = screen.everything(rows.sample(roles, outcome, positive)).findings
    items = [*table.notes[1:], *items]
    own = OwnData(path, used, table, outcome, positive, reason, counts, tuple(items), tuple(result))
    return replace(own, texts=_texts(own))


def _read_rows(path: Path, table: infer.Table, wish: Wish) -> tuple[Reader, Counter[str], int]:
    """The rows to be screened; values of the target, counted; in how many rows the id was there before."""
    rows = infer.records(path, table.dialect)
    _, names = next(rows)
    at, key = names.index(wish.target), names.index(wish.id) if wish.id else -1
    reader = Reader(table.columns, table.dialect)
    counts: Counter[str] = Counter()
    seen: set[str] = set()
    while chunk := [cells for _, cells in islice(rows, CHUNK)]:
        columns = list(zip(*chunk, strict=True))
        reader.add(columns)
        counts.update(columns[at])
        if key >= 0:
            seen.update(columns[key])
    return reader, counts, reader.total - len(seen) if wish.id else 0


def _outcome(table: Any, column: Any, counts: Counter[str], wanted: str) -> tuple[str, str, str]:
    """(outcome, positive value, reason): as the call says if possible, else read off the column."""
    labels = [value for value in counts if not infer.missing(column, value)]
    if wanted == "regression" and column.type not in NUMBERS:
        raise CallError(f"--outcome regression: {column.name} is {column.type}, not a number.")
    if wanted == "binary" and len(labels) != 2:
        raise CallError(f"--outcome binary: {column.name} has {len(labels):,} distinct values, not 2.")
    if wanted in ("regression", "multiclass") and len(labels) > 1:
        return wanted, "", "You said so."
    items: tuple[str, str, str] = infer.outcome(table, column, counts)
    return items


def _settle_id(wish: Wish, repeats: int) -> tuple[Wish, list[str]]:
    """An id that repeats names a group, not a row."""
    if not repeats:
        return wish, []
    often = f"{repeats:,} row{'s' * (repeats > 1)}"
    if wish.group:
        text = f"{wish.id} repeats ({often}), so a row's id is the hash of its content."
        return replace(wish, id=""), [text]
    text = (
        f"{wish.id} repeats ({often}), so it is taken as the group that must not be split, "
        "and a row's id is the hash of its content."
    )
    return replace(wish, id="", group=wish.id), [text]


def _texts(own: OwnData) -> dict[str, str]:
    """The private variables that the template inserts whole."""
    wish = own.wish
    data = infer.data_toml(
        [own.destination], own.table.dialect, target=wish.target, id=wish.id, time=wish.time,
        group=wish.group, sensitive=wish.sensitive,
    )  # fmt: skip
    schema = infer.schema_toml(own.table)
    texts = {
        "_data": f"{data.rstrip()}\n{_about(own)}",
        "_schema": schema.rstrip("\n"),
        "_problem": _problem(own),
    }
    return texts | _flags(wish)


def _about(own: OwnData) -> str:
    """Where the rows came from, and whether they are in git."""
    lines = [f"origin = {quoted(own.path.name)}", *(["committed = true"] if own.wish.commit else [])]
    return "\n".join(lines)


def _flags(wish: Wish) -> dict[str, str]:
    return {"_commit_data": "yes"} if wish.commit else {}


def _problem(own: OwnData) -> str:
    lines = [
        f'outcome = "{own.outcome}"',
        f"positive = {quoted(own.positive)}",
        f'metric = "{METRICS[own.outcome]}"',
    ]
    return "\n".join(line for line in lines if own.positive or not line.startswith("positive"))


def quoted(text: str) -> str:
    """A TOML basic string."""
    import json

    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def _parquet(own: OwnData) -> OwnData:
    wish = own.wish
    single = [f"{role} = {quoted(getattr(wish, role))}" for role in ("target", "id", "time", "group")]
    sensitive = ", ".join(map(quoted, wish.sensitive))
    data = [
        f"files = [{quoted(own.destination)}]",
        *single,
        f"sensitive = [{sensitive}]",
        "exclude = []",
        _about(own),
    ]
    text = (
        "A parquet file is copied without being read: its columns, the target among them, are checked and "
        "schema.toml is written by the project's first run.",
    )
    problem = f'outcome = "{wish.outcome}"'
    if wish.outcome:
        problem += f'\nmetric = "{METRICS[wish.outcome]}"'
    texts = {"_data": "\n".join(data), "_problem": problem, "_parquet": "yes"} | _flags(wish)
    return replace(own, said=text, outcome=wish.outcome, texts=texts)
