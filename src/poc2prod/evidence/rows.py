"""The project's table, read again from the raw files; without them, the findings of the last check."""

from collections.abc import Iterator, Sequence
from math import isclose, isfinite
from typing import Any

from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.tables import schema as schemas
from poc2prod_kit.tables import sniff
from poc2prod_kit.tables.schema import Column
from poc2prod_kit.tables.sniff import Dialect, InferenceError
from poc2prod_kit.tables.typed import Reads, Value

from ..files import Damaged, Unreadable
from ..project import Facts
from ..recount import clusters, labels, raw
from ..recount.labels import Label
from .finding import ATTESTED, PASS, SKIPPED, UNKNOWN, Finding, Unproven, unknown

ROLES = ("target", "group", "time")
KEYS = (
    *("files", "id", *ROLES, "exclude", "raters"),
    *("separator", "encoding", "decimal", "thousands", "quote"),
)


class Rows:
    """The table with the types and roles of its columns. Values are parsed on first use."""

    def __init__(
        self, table: raw.Table, columns: dict[str, Column], data: dict[str, Any], written: Dialect
    ) -> None:
        self.table, self.columns, self.data, self.written = table, columns, data, written
        self._values: dict[tuple[str, bool], list[Value]] = {}
        self._reads: dict[str, Reads] = {}

    def role(self, name: str) -> str:
        """The column with this role in [data]; empty if none."""
        column = self.data.get(name, "")
        return column if isinstance(column, str) else ""

    def several(self, name: str) -> list[str]:
        """The columns that [data] lists under this key."""
        columns = self.data.get(name, [])
        return [str(item) for item in columns] if isinstance(columns, list) else []

    def read(self, name: str) -> Reads:
        """The parser of this column; it parses each distinct cell once."""
        if name not in self._reads:
            column, written = self.columns[name], self.written
            self._reads[name] = Reads(column, written)
        return self._reads[name]

    def values(self, name: str) -> list[Value]:
        """A column's values in the sampled rows."""
        return self._typed(name, False)

    def all_values(self, name: str) -> list[Value]:
        """The values of a column with a role, in all rows."""
        return self._typed(name, True)

    def _typed(self, name: str, every: bool) -> list[Value]:
        key = (name, every and self.table.sampled)
        if key not in self._values:
            cells_ = self.table.roles[name] if key[1] else self.table.cells[name]
            self._values[key] = self.read(name).all(cells_)
        return self._values[key]

    def inputs(self) -> list[str]:
        """The columns that a model may use: without target, id, time, group, raters and [data] exclude."""
        out = {
            *(self.role(name) for name in (*ROLES, "id")),
            *self.several("exclude"),
            *self.several("raters"),
        }
        return [name for name in self.columns if name not in out]

    def where(self) -> str:
        """How many rows were checked, in words."""
        rows, looked = self.table.rows, len(self.table.looked)
        return f"{looked:,} of {rows:,} rows, evenly spaced" if self.table.sampled else f"all {rows:,} rows"


def read(facts: Facts) -> Rows | None:
    """The table; None if the raw rows are not here or not text. Unproven if they cannot be parsed."""
    return facts.shared("rows", lambda: _read(facts))


def _read(facts: Facts) -> Rows | None:
    data, schema = facts.param("data"), facts.toml("schema.toml")
    for key in (
        "files",
        "target",
        "id",
        "group",
        "time",
        "exclude",
        "raters",
        "separator",
        "encoding",
        "decimal",
    ):
        facts.param(f"data.{key}")
    files = data.get("files") if isinstance(data, dict) else None
    if not isinstance(files, list) or not files or not all(isinstance(name, str) for name in files):
        raise Unproven("params.toml has no [data] files", "set [data] files in params.toml")
    if not isinstance(schema, dict):
        raise Unproven(str(schema or "schema.toml is not there"), "restore schema.toml from git")
    if any(name.endswith(".parquet") for name in files) or not all([facts.exists(name) for name in files]):  # noqa: C419
        return None
    roles = [name for role in ROLES if isinstance(name := data.get(role, ""), str)]
    key = data.get("id", "")
    try:
        columns, written = schemas.parse(schema), sniff.dialect_of(data)
        table = raw.read(files, facts.rows, written, key if isinstance(key, str) else "", roles)
    except (ValueError, ProjectError, Damaged, OSError) as error:
        raise Unproven(
            f"the raw rows cannot be read: {error}", "correct [data] in params.toml, or the file"
        ) from error
    if set(columns) != set(table.names):
        unmatched = sorted(set(columns) ^ set(table.names))
        raise Unproven(
            f"schema.toml and {files[0]} have different columns: {', '.join(unmatched[:5])}",
            "correct schema.toml, or the file",
        )
    return Rows(table, columns, data, written)


def target(facts: Facts, rows: Rows) -> list[Label]:
    """The label of each of all rows."""
    outcome, positive = str(facts.param("problem.outcome", "")), facts.param("problem.positive", "")
    name = rows.role("target")
    if name not in rows.columns:
        raise Unproven("params.toml has no [data] target", "set [data] target in params.toml")
    return facts.shared(
        "labels", lambda: labels.labels(rows.columns[name], rows.all_values(name), outcome, str(positive))
    )


def parts(facts: Facts) -> dict[str, str] | None:
    """The part of each id in data/split.csv.gz; None if the file is not here. `split_rows` has repeated
    ids.
    """
    rows = split_rows(facts)
    return None if rows is None else facts.shared("parts", lambda: dict(reversed(rows)))


def part_of_each(facts: Facts, rows: Rows) -> list[str | None]:
    """The part of each row; None for a row that is not in the split."""
    known = parts(facts) or {}
    return facts.shared("part of each", lambda: list(map(known.get, rows.table.ids)))


def split_rows(facts: Facts) -> list[tuple[str, str]] | None:
    """The rows of data/split.csv.gz as (id, part); None if it is not here. Unproven if it has other
    columns.
    """
    return facts.shared("split", lambda: _split(facts))


def _split(facts: Facts) -> list[tuple[str, str]] | None:
    name = "data/split.csv.gz"
    if not facts.exists(name):
        return None
    try:
        chunks = raw.records(name, facts.rows(name))
        if next(chunks) != [["id", "part"]]:
            raise InferenceError(f"{name} must have the columns id and part")
        known: dict[str, str] = {}
        return [(row, known.setdefault(part, part)) for chunk in chunks for row, part in chunk]
    except (ValueError, Damaged, OSError) as error:
        raise Unproven(f"{name} cannot be read: {error}", "run the step split again") from error


def clusters_among(facts: Facts, rows: Rows, places: Sequence[int]) -> list[Any] | None:
    """The clusters of these rows; whether weeks can be clusters depends on the rows."""
    group, time = rows.role("group"), rows.role("time")
    groups = rows.all_values(group) if group else None
    when = rows.all_values(time) if time else None
    return clusters.of(
        [rows.table.ids[place] for place in places],
        [groups[place] for place in places] if groups is not None else None,
        [when[place] for place in places] if when is not None else None,
        str(facts.param("evaluate.block", "auto")),
        dated=bool(time) and rows.columns[time].type == "date",
    )


def difference(reported: Any, counted: Any, path: str = "") -> str:
    """The first difference, as `path: the report says …, recomputed …`; empty if there is none.

    Only recomputed values are compared. Numbers agree to 6 significant digits; NaN and infinity are null in a
    report.
    """
    return next(differences(reported, counted, path), "")


def differences(reported: Any, counted: Any, path: str = "") -> Iterator[str]:
    """All differences."""
    if isinstance(counted, dict):
        if not isinstance(reported, dict):
            yield f"{path or 'results'}: the report has no such table"
            return
        for key, value in counted.items():
            yield from differences(reported.get(key), value, f"{path}.{key}" if path else str(key))
        return
    if isinstance(counted, (list, tuple)) and isinstance(reported, list) and len(reported) == len(counted):
        for place, value in enumerate(counted):
            yield from differences(reported[place], value, f"{path}[{place}]")
        return
    if not same(reported, counted):
        yield f"{path}: the report says {_text(reported)}, recomputed {_text(counted)}"


def same(reported: Any, counted: Any) -> bool:
    """Whether two values are equal, to 6 significant digits."""
    if isinstance(counted, bool) or isinstance(reported, bool):
        return reported is counted
    if isinstance(counted, float) and not isfinite(counted):
        return reported is None
    if isinstance(counted, (int, float)):
        close = isinstance(reported, (int, float)) and isclose(reported, counted, rel_tol=6e-6, abs_tol=1e-10)
        return bool(close)
    return bool(reported == counted)


def _text(value: Any) -> str:
    text = "nothing" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 60 else text[:59] + "…"


def on_record(facts: Facts, slug: str, check: str) -> Finding:
    """The finding of the last check that had the rows, if its inputs are unchanged; else `unknown`."""
    todo = f"run poc2prod check {slug} where the rows are"
    name = f".poc2prod/checks/{slug}.json"
    content = facts.files.json(name)
    if content is None or isinstance(content, Unreadable) or not isinstance(content, dict):
        return unknown("the rows are not here, and no earlier check had them", todo)
    inputs, findings = content.get("inputs"), content.get("findings")
    if not isinstance(inputs, dict) or not isinstance(findings, list):
        return unknown(f"the rows are not here, and {name} cannot be read", todo)
    changed = [key for key, was in inputs.items() if facts.now(str(key)).hash != was]
    if changed:
        return unknown(f"the rows are not here, and {changed[0]} changed since they were checked", todo)
    of_check = [item for item in findings if isinstance(item, dict) and item.get("check") == check]
    worst = [item for item in of_check if item.get("outcome") not in (PASS, SKIPPED)] or of_check
    if not worst:
        return unknown("the rows are not here, and no earlier check had them", todo)
    first = {key: str(worst[0].get(key, "")) for key in Finding._fields}
    return Finding(**first) if first["outcome"] == UNKNOWN else Finding(**{**first, "basis": ATTESTED})
