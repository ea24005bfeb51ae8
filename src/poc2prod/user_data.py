"""The user's own table: read once before anything is made, checked against the call, never changed."""

import gzip
import shutil
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from poc2prod_kit.run import toml
from poc2prod_kit.screening import screen
from poc2prod_kit.screening.finding import Finding
from poc2prod_kit.screening.sample import Reader
from poc2prod_kit.tables import infer, sniff
from poc2prod_kit.tables.roles import Roles
from poc2prod_kit.tables.sniff import InferenceError
from poc2prod_kit.tables.typed import Reads, shown

from .collect import Collected
from .errors import CallError, nearest

METRICS = {"binary": "roc_auc", "multiclass": "balanced_accuracy", "regression": "mae"}
CHUNK = 20_000
RAW = "data/raw/"
NUMBERS = ("integer", "number", "boolean")
# From this weight on a leak is excluded unless somebody objects; a weaker one may be just a good feature.
SURE = 0.95
LATER = "not known when a prediction is due"


@dataclass(frozen=True)
class Proposal:
    """A role (time, group, id, sensitive, exclude) that columns should have, and the sentence that says why."""

    role: str
    columns: tuple[str, ...]
    text: str
    sure: bool = True

    def taken(self, roles: Roles, columns: Sequence[str]) -> Roles:
        """The roles with these columns in this one."""
        several = self.role in ("exclude", "sensitive")
        one: dict[str, Any] = {self.role: (*getattr(roles, self.role), *columns) if several else columns[0]}
        return replace(roles, **one)


@dataclass(frozen=True)
class UserData:
    """The table as read. `table` is None for parquet, whose rows only the project's first run can read.

    `excluded`: ids of findings that ended because their columns are excluded.
    """

    source: Collected
    roles: Roles
    committed: bool
    outcome: str
    positive: str = ""
    reason: str = ""
    table: infer.Table | None = None
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    excluded: tuple[str, ...] = ()
    rows: Reader | None = field(default=None, repr=False)

    @property
    def files(self) -> list[str]:
        """The tables, where they are in the project."""
        return [f"{RAW}{name}" for name in self.source.tables]

    def copy_to(self, project: Path) -> None:
        """Copy the tables and what belongs to them, byte for byte."""
        tables = dict(zip(self.files, self.source.tables.values(), strict=True))
        for name, path in (tables | self.source.beside).items():
            (project / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, project / name)

    @property
    def proposals(self) -> list[Proposal]:
        """What the findings propose: roles that nobody named, and leaks to exclude; the surest leak first."""
        roles = [
            Proposal(one.proposes[0], one.proposes[1:], one.text) for one in self.findings if one.proposes[0]
        ]
        # An id is no feature once it is named, so it need not be excluded too
        ids = {name for one in roles if one.role == "id" for name in one.columns}
        leaks = [one for one in self.findings if one.step == "features" and not ids >= set(one.columns)]
        return [
            *sorted(roles, key=lambda one: ("time", "group", "id", "sensitive").index(one.role)),
            *(Proposal("exclude", one.columns, one.text, one.weight >= SURE) for one in leaks),
        ]

    def check(self, roles: Roles) -> None:
        """Raise CallError unless the table has columns for these roles."""
        if self.table:
            check_columns(roles, [column.name for column in self.table.columns])
            _check_time(self.table, roles.time)

    def with_roles(self, roles: Roles) -> "UserData":
        """The same table, screened under other roles, without reading it all again. Raises CallError."""
        return _screened(replace(self, roles=roles))

    def settled(self, rounds: int = 3) -> "UserData":
        """The table with every sure proposal taken, and those that follow from them."""
        data = self
        for _ in range(rounds):
            roles = data.roles
            for one in data.proposals:
                roles = one.taken(roles, one.columns) if one.sure else roles
            if roles == data.roles:
                break
            data = data.with_roles(roles)
        return data

    def texts(self, who: str) -> dict[str, str]:
        """The private variables that the template inserts whole: parts of params.toml, and schema.toml."""
        roles, data = self.roles, dict[str, object]({"files": self.files})
        if self.table:
            written = self.table.dialect
            data |= {key: getattr(written, key) for key in ("separator", "encoding", "decimal")}
            data |= {"thousands": written.thousands} if written.thousands else {}
            data |= {"quote": written.quote} if written.quote != '"' else {}
        data |= {
            key: getattr(roles, key) for key in ("target", "id", "time", "group", "sensitive", "exclude")
        }
        data |= {"origin": self.source.origin} | ({"committed": True} if self.committed else {})
        data |= {"source": self.source.settings} if self.source.settings else {}
        problem = {"outcome": self.outcome} | ({"positive": self.positive} if self.positive else {})
        problem |= {"metric": METRICS[self.outcome]} if self.outcome else {}
        texts = {"_data": toml.lines(data), "_problem": toml.lines(problem)}
        entry = toml.lines({"how": "excluded", "reason": LATER, "who": who})
        entries = "".join(f"\n[findings.{toml.text(one)}]\n{entry}" for one in self.excluded)
        texts |= {"_schema": infer.schema_toml(self.table)} if self.table else {"_parquet": "yes"}
        texts |= {"_packages": "".join(f'    "{one}",\n' for one in self.source.packages)}
        texts |= {"_commit_data": "yes"} if self.committed else {}
        return {name: text.rstrip("\n") for name, text in texts.items()} | {"_findings": entries}


def named(roles: Roles) -> list[tuple[str, str]]:
    """(option, column) for each column that the call names."""
    single = [(role, getattr(roles, role)) for role in ("target", "id", "time", "group")]
    several = [(role, name) for role in ("sensitive", "exclude") for name in getattr(roles, role)]
    return [(role, name) for role, name in single if name] + several


def header(source: Collected) -> tuple[list[str], set[str]]:
    """(the columns' names, made unique; the names that stand there more than once); none of parquet."""
    path = next(iter(source.tables.values()))
    if path.suffix.lower() == ".parquet":
        return [], set()
    try:
        dialect = sniff.sniff(path, source.encoding)
        _, names = next(sniff.records(path, dialect))
    except InferenceError as error:
        raise CallError(str(error)) from error
    written = Counter(name.strip() for name in sniff.raw_header(path, dialect))
    return list(names), {name for name, times in written.items() if name and times > 1}


def check_columns(roles: Roles, names: Sequence[str], repeated: Collection[str] = ()) -> None:
    """Raise CallError for a column that is not there or not alone, and for the target in a second role."""
    for role, name in named(roles):
        if name in repeated:
            raise CallError(
                f"--{role}: more than one column is called {name!r}, so which one is meant is not clear. "
                "Rename one of them in the table's first line."
            )
        if name not in names:
            near = nearest(name, list(names))
            raise CallError(f"--{role}: the table has no column {name!r}.{near} It has: {', '.join(names)}.")
        if role in ("id", "time", "group", "exclude") and name == roles.target:
            raise CallError(
                f"--{role} and --target are both {name!r}: the target cannot be used as an input."
            )


def read(source: Collected, roles: Roles, outcome: str, *, committed: bool) -> UserData:
    """Read a table whose columns were checked: dialect, schema, outcome, first findings. Raises CallError."""
    paths = list(source.tables.values())
    if any(path.suffix.lower() == ".parquet" for path in paths):
        note = (
            "A parquet file is copied without being read: its columns, the target among them, are checked "
            "and schema.toml is written by the project's first run."
        )
        return UserData(source, roles, committed, outcome, notes=(note,))
    try:
        table = _inferred(paths, source.encoding)
        rows, counts = _read_rows(paths, table, roles.target)
        column = next(one for one in table.columns if one.name == roles.target)
        outcome, positive, reason = _outcome(column, _labels(column, counts, table.dialect), outcome)
    except InferenceError as error:
        raise CallError(str(error)) from error
    return _screened(UserData(source, roles, committed, outcome, positive, reason, table, rows=rows))


def _screened(data: UserData) -> UserData:
    """The table with its notes and findings under its roles."""
    table, rows, roles = data.table, data.rows, data.roles
    if table is None or rows is None:
        return data
    _check_time(table, roles.time)
    target = next(one for one in table.columns if one.name == roles.target)
    marks = (_without_label(target, *mark) for mark in target.marks)
    notes = [*_misread(data.source, table), *table.notes[1:], *marks]
    if roles.id and (
        repeats := rows.total - _distinct(list(data.source.tables.values()), table, roles.id)
    ):  # it names a group, not a row
        group = "it is taken as the group that must not be split, and "
        taken = "it is excluded, and " if roles.group else group
        often = f"{repeats:,} row{'s' * (repeats > 1)}"
        notes.append(f"{roles.id} repeats ({often}), so {taken}a row's id is the hash of its content.")
        exclude = (*roles.exclude, roles.id) if roles.group else roles.exclude
        roles = replace(roles, id="", group=roles.group or roles.id, exclude=exclude)
    out = set(roles.exclude)
    found = screen.everything(rows.sample(roles, data.outcome, data.positive)).findings
    ended = tuple(one.id for one in found if one.step == "features" and out & set(one.columns))
    left = [one for one in found if not out & {*one.columns, *one.proposes[1:]}]
    return replace(data, roles=roles, notes=tuple(notes), findings=tuple(left), excluded=ended)


def _misread(source: Collected, table: infer.Table) -> Iterator[str]:
    """What is wrong with the letters, if anything is."""
    guessed = not source.encoding and not table.dialect.encoding.startswith("utf")
    for path in source.tables.values():
        if not guessed and (result := sniff.misread(path, table.dialect)):
            wrong, word, encoding = result
            if table.dialect.encoding.startswith("utf"):
                why = f"{path.name} holds {encoding} that was read as something else before; export it again"
            else:
                why = f"{table.dialect.encoding} does not fit {path.name}: pass --encoding {encoding}"
            yield f"{wrong!r} would be {word!r}: {why}."
            return


def _check_time(table: infer.Table, time: str) -> None:
    type_of = {column.name: column.type for column in table.columns}
    if type_of.get(time) in ("category", "text", "boolean"):
        raise CallError(f"--time: {time} is {type_of[time]}, not a date: name a column of dates.")


def _inferred(paths: Sequence[Path], encoding: str) -> infer.Table:
    """What the files hold, one after the other, all written alike."""
    dialects = [sniff.sniff(path, encoding) for path in paths]
    if len(paths) == 1:
        return infer.infer(paths[0], dialects[0])
    written = dialects[0]
    for path, other in zip(paths, dialects, strict=True):
        plain = "utf-8" in other.encoding and _ascii(path)
        if "utf-8" in written.encoding and not plain:
            written = replace(written, encoding=other.encoding, bom=other.bom)
        for key in ("separator", "decimal", "thousands", "quote", *(() if plain else ("encoding",))):
            here, there = (getattr(one, key).replace("utf-8-sig", "utf-8") for one in (written, other))
            if here != there:
                raise CallError(
                    f"{path.name} is written with {key} {there!r}, {paths[0].name} with {here!r}: the files of one "
                    "table must be written alike. Export them in one way."
                )
    return infer.of_rows(paths[0].name, _names(paths[0], written), _cells(paths, written), written)


def _ascii(path: Path) -> bool:
    opened = gzip.open if path.suffix.lower() == ".gz" else open
    with opened(path, "rb") as file:
        return all(block.isascii() for block in iter(partial(file.read, 1 << 20), b""))


def _names(path: Path, dialect: sniff.Dialect) -> list[str]:
    return next(sniff.records(path, dialect))[1]


def _cells(paths: Sequence[Path], dialect: sniff.Dialect) -> Iterator[list[str]]:
    """The rows of all files, their cells in the first file's order of columns."""
    first = _names(paths[0], dialect)
    for path in paths:
        rows = sniff.records(path, dialect)
        _, names = next(rows)
        if odd := sorted({*names} ^ {*first}):
            has, lacks = (path, paths[0]) if odd[0] in names else (paths[0], path)
            raise CallError(
                f"{has.name} has a column {odd[0]!r} that {lacks.name} does not have. "
                "Files of one table need the same columns."
            )
        if names == first:
            yield from (cells for _, cells in rows)
        else:
            order = [names.index(name) for name in first]
            yield from ([cells[place] for place in order] for _, cells in rows)


def _read_rows(paths: Sequence[Path], table: infer.Table, target: str) -> tuple[Reader, Counter[str]]:
    """The rows to be screened; values of the target, counted."""
    rows = _cells(paths, table.dialect)
    at = _names(paths[0], table.dialect).index(target)
    reader = Reader(table.columns, table.dialect)
    counts: Counter[str] = Counter()
    while chunk := list(islice(rows, CHUNK)):
        columns = list(zip(*chunk, strict=True))
        reader.add(columns)
        counts.update(columns[at])
    return reader, counts


def _distinct(paths: Sequence[Path], table: infer.Table, name: str) -> int:
    """How many distinct cells a column has in all rows."""
    at = _names(paths[0], table.dialect).index(name)
    return len({cells[at] for cells in _cells(paths, table.dialect)})


def _labels(column: infer.Column, counts: Counter[str], dialect: sniff.Dialect) -> Counter[str]:
    """The target's labels, counted: what cannot be read is none, and numbers are written plainly."""
    reads, labels = Reads(column, dialect), Counter[str]()
    for cell, rows in counts.items():
        value = reads[cell]
        if value is not None:
            plain = reads.numbers is None or reads.numbers.is_python
            labels[cell if plain else shown(value)] += rows
    return labels


def _without_label(target: infer.Column, mark: str, rows: int, where: str) -> str:
    return (
        f"{mark!r} in {target.name} is read as missing, so {rows:,} row{'s have' if rows > 1 else ' has'} no label "
        f"({where}). If it is a class, write not_nulls = [{mark!r}] for {target.name} in schema.toml."
    )


def _outcome(column: infer.Column, counts: Counter[str], requested: str) -> tuple[str, str, str]:
    """(outcome, positive value, reason): as the call says if possible, else read off the column."""
    labels = [value for value in counts if not column.missing(value)]
    if requested == "regression" and column.type not in NUMBERS:
        raise CallError(f"--outcome regression: {column.name} is {column.type}, not a number.")
    if requested == "binary" and len(labels) != 2:
        raise CallError(f"--outcome binary: {column.name} has {len(labels):,} distinct values, not 2.")
    if requested in ("regression", "multiclass") and len(labels) > 1:
        return requested, "", "You said so."
    return infer.outcome(column, counts)
