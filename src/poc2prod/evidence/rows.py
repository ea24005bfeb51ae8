"""The project's table, read again from the raw files; without them, the findings of the last check."""

from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Any

from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.tables import cleaning, sniff
from poc2prod_kit.tables import schema as schemas
from poc2prod_kit.tables.schema import Column
from poc2prod_kit.tables.sniff import Dialect, InferenceError
from poc2prod_kit.tables.typed import Reads, Value

from ..files import Damaged
from ..project import Facts
from ..recount import clusters, labels, raw, scores
from ..recount.intervals import Estimate
from ..recount.labels import Label
from .finding import ATTESTED, PASS, SKIPPED, UNKNOWN, Absent, Finding, Refuted, Unproven, unknown
from .values import fields

ROLES = ("target", "group", "time")


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

    def target(self) -> Column:
        """The column of the target. Unproven if there is none."""
        if (name := self.role("target")) not in self.columns:
            raise Unproven("params.toml has no [data] target", "set [data] target in params.toml")
        return self.columns[name]

    def read(self, name: str) -> Reads:
        """The parser of this column; it parses each distinct cell once."""
        if name not in self._reads:
            self._reads[name] = Reads(self.columns[name], self.written)
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
            cells = self.table.roles[name] if key[1] else self.table.cells[name]
            self._values[key] = self.read(name).all(cells)
        return self._values[key]

    def inputs(self, *others: str) -> list[str]:
        """The columns that a model may use: without target, id, time, group, exclude, and other keys of [data]."""
        named = [self.data.get(key, "") for key in (*ROLES, "id", "exclude", *others)]
        out = {str(name) for names in named for name in (names if isinstance(names, list) else [names])}
        return [name for name in self.columns if name not in out]

    def where(self) -> str:
        """How many rows were checked, in words."""
        rows, looked = self.table.rows, len(self.table.looked)
        return f"{looked:,} of {rows:,} rows, evenly spaced" if self.table.sampled else f"all {rows:,} rows"


def raw_table(facts: Facts) -> raw.Table:
    """The raw rows. Absent if they are not here or not text. Unproven if they cannot be parsed."""
    return facts.shared("raw table", lambda: _raw_table(facts))


def _raw_table(facts: Facts) -> raw.Table:
    data = fields(facts.param("data"))
    files = data.get("files")
    if not isinstance(files, list) or not files or not all(isinstance(name, str) for name in files):
        raise Unproven("params.toml has no [data] files", "set [data] files in params.toml")
    # each file is asked for, so that each is an input of the check
    here = [facts.exists(name) for name in files]
    if any(name.endswith(".parquet") for name in files) or not all(here):
        raise Absent
    roles = [name for role in ROLES if isinstance(name := data.get(role, ""), str)]
    key = data.get("id", "")
    try:
        key = key if isinstance(key, str) else ""
        return raw.read(files, facts.rows, sniff.dialect_of(data), key, roles, _cleaning(facts))
    except (ValueError, Damaged, OSError) as error:
        raise Unproven(
            f"the raw rows cannot be read: {error}", "correct [data] in params.toml, or the file"
        ) from error


def schema_columns(facts: Facts) -> dict[str, Column]:
    """The columns of schema.toml. Unproven where it cannot be read."""
    schema = facts.toml("schema.toml")
    if not isinstance(schema, dict):
        raise Unproven(str(schema or "schema.toml is not there"), "restore schema.toml from git")
    try:
        return schemas.parse(schema, _cleaning(facts))
    except ProjectError as error:
        raise Unproven(str(error), "correct schema.toml, or cleaning.toml") from error


def _cleaning(facts: Facts) -> cleaning.Cleaning:
    """What cleaning.toml does to cells and rows; nothing without one. Unproven where it cannot be read."""
    content = facts.toml(cleaning.FILE)
    if content is None:
        return cleaning.NOTHING
    if not isinstance(content, dict):
        raise Unproven(str(content), f"restore {cleaning.FILE} from git")
    try:
        return cleaning.parse(content)
    except ProjectError as error:
        raise Unproven(str(error), f"correct {cleaning.FILE}") from error


def dialect(facts: Facts) -> Dialect:
    """How [data] says that numbers and cells are written. Unproven."""
    try:
        return sniff.dialect_of(
            {
                key: sign
                for key in ("encoding", *sniff.SIGNS)
                if (sign := facts.param(f"data.{key}")) is not None
            }
        )
    except ValueError as error:
        raise Unproven(str(error), "correct [data] in params.toml") from error


def read(facts: Facts) -> Rows:
    """The table and its schema. Absent if the raw rows are not here. Unproven if they cannot be parsed."""
    return facts.shared("rows", lambda: _read(facts))


def _read(facts: Facts) -> Rows:
    columns, table = schema_columns(facts), raw_table(facts)
    if unmatched := sorted(set(columns) ^ set(table.names)):
        raise Unproven(
            f"schema.toml and {next(iter(table.files))} have different columns: {', '.join(unmatched[:5])}",
            "correct schema.toml, or the file",
        )
    return Rows(table, columns, fields(facts.param("data")), dialect(facts))


def target(facts: Facts, rows: Rows) -> list[Label]:
    """The label of each of all rows."""
    outcome, positive = str(facts.param("problem.outcome", "")), facts.param("problem.positive", "")
    column = rows.target()
    return facts.shared(
        "labels", lambda: labels.labels(column, rows.all_values(column.name), outcome, str(positive))
    )


def parts(facts: Facts) -> dict[str, str]:
    """The part of each id in data/split.csv.gz; `split_rows` has repeated ids. Absent."""
    lines = split_rows(facts)
    return facts.shared("parts", lambda: dict(reversed(lines)))


def part_of_each(facts: Facts, rows: Rows) -> list[str | None]:
    """The part of each row; None for a row that is not in the split. Absent."""
    known = parts(facts)
    return facts.shared("part of each", lambda: list(map(known.get, rows.table.ids)))


def split_rows(facts: Facts) -> list[tuple[str, str]]:
    """The rows of data/split.csv.gz as (id, part). Absent. Unproven if it has other columns."""
    return facts.shared("split", lambda: _split(facts))


def _split(facts: Facts) -> list[tuple[str, str]]:
    name = "data/split.csv.gz"
    if not facts.exists(name):
        raise Absent
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


def agree(facts: Facts, slug: str, recomputed: dict[str, Any]) -> None:
    """Refuted if the results of a step's report have other values at these keys."""
    if wrong := difference(facts.results(slug), recomputed):
        raise Refuted(f"reports/{slug}.json, {wrong}")


def difference(reported: Any, recomputed: Any, path: str = "") -> str:
    """The first difference, as `path: the report says …, recomputed …`; empty if there is none.

    Only recomputed values are compared. Numbers agree to 6 significant digits; NaN and infinity are null in a
    report.
    """
    return next(differences(reported, recomputed, path), "")


def differences(reported: Any, recomputed: Any, path: str = "", scale: float = 0.1) -> Iterator[str]:
    """All differences. `scale`: the size of what the numbers are made from; 1e-9 of it counts as 0."""
    if isinstance(recomputed, Estimate):
        yield from differences(reported, recomputed._asdict(), path, abs(recomputed.value))
    elif isinstance(recomputed, dict):
        if not isinstance(reported, dict):
            yield f"{path or 'results'}: the report has no such table"
            return
        for key, value in recomputed.items():
            yield from differences(reported.get(key), value, f"{path}.{key}" if path else str(key), scale)
    elif (
        isinstance(recomputed, (list, tuple))
        and isinstance(reported, list)
        and len(reported) == len(recomputed)
    ):
        for place, value in enumerate(recomputed):
            yield from differences(reported[place], value, f"{path}[{place}]", scale)
    elif not same(reported, recomputed, scale):
        yield f"{path}: the report says {_text(reported)}, recomputed {_text(recomputed)}"


def same(reported: Any, recomputed: Any, scale: float = 0.1) -> bool:
    """Whether two values are equal, numbers to 6 significant digits."""
    if isinstance(recomputed, bool) or isinstance(reported, bool):
        return reported is recomputed
    if not isinstance(recomputed, (int, float)):
        return bool(reported == recomputed)
    if reported is None:
        return not isfinite(recomputed)
    return isinstance(reported, (int, float)) and scores.same(reported, recomputed, scale)


def _text(value: Any) -> str:
    text = "nothing" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 60 else text[:59] + "…"


def on_record(facts: Facts, slug: str, check: str) -> Finding:
    """The finding of the last check that had the rows, if its inputs are unchanged; else `unknown`."""
    todo = f"run poc2prod check {slug} where the rows are"
    name = f".poc2prod/checks/{slug}.json"
    content = facts.files.json(name)
    if not isinstance(content, dict):
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
    recorded = Finding(**{key: str(worst[0].get(key, "")) for key in Finding._fields})
    return recorded if recorded.outcome == UNKNOWN else recorded._replace(basis=ATTESTED)
