"""contract/openapi.json: its endpoints and what /predict takes, held against schema.toml column by column."""

from collections.abc import Iterator
from math import inf
from typing import Any

from poc2prod_kit.rules import reads
from poc2prod_kit.tables.schema import Column

from ..files import Unreadable
from ..project import Facts
from .finding import Unproven
from .golden import definitions
from .rows import schema_columns
from .yamlfile import table

OPENAPI = "contract/openapi.json"
ENDPOINTS = dict.fromkeys(("/predict", "/predict/batch"), "post") | dict.fromkeys(
    ("/health", "/ready", "/metrics", "/version"), "get"
)
KINDS = {"category": "string", "text": "string", "date": "string"}
# What 2**53 - 1 and 1e308 say is no bound of the data's: only that a number must be one.
WIDEST = {"integer": 2.0**53 - 1, "number": 1e308}
# Bytes of a file that are judged: so many, and so many more for each column.
LARGEST, A_COLUMN = 2 << 20, 16 << 10
DEEPEST = 32
NULL = {"type": "null"}
Parts = dict[str, Any]


def document(facts: Facts) -> Parts:
    """The OpenAPI document. Unproven where there is none, or one beyond all measure."""
    sized(facts, OPENAPI)
    content = facts.json(OPENAPI)
    if isinstance(content, Unreadable) or not isinstance(content, dict) or not content.get("paths"):
        why = str(content) if isinstance(content, Unreadable) else f"{OPENAPI} is not there, or no OpenAPI"
        raise Unproven(why, f"python -m {facts.package} contract")
    return content


def sized(facts: Facts, name: str) -> None:
    """Unproven where a file is larger than a contract can be."""
    state = facts.files.state(name)
    if state and state.size > LARGEST:
        most = LARGEST + A_COLUMN * len(schema_columns(facts))
        if state.size > most:
            raise Unproven(f"{name} has {state.size:,} bytes; at most {most:,} are judged", f"shorten {name}")


def without(paths: Any) -> list[str]:
    """The endpoints that a table of paths lacks, with their methods."""
    return [
        f"{method.upper()} {path}"
        for path, method in ENDPOINTS.items()
        if method not in table(table(paths).get(path))
    ]


def request(document: Parts) -> Parts:
    """The schema of what /predict takes. Unproven where there is none."""
    return _schema(document, "paths", "/predict", "post", "requestBody")


def answer(document: Parts) -> Parts:
    """The schema of what /predict answers. Unproven where there is none."""
    return _schema(document, "paths", "/predict", "post", "responses", "200")


def fields(schema: Parts) -> Parts:
    """The properties of a schema, by name."""
    return table(schema.get("properties"))


def _schema(document: Parts, *way: str) -> Parts:
    value: Any = document
    for key in (*way, "content", "application/json", "schema"):
        value = resolved(value, document).get(key)
    return resolved(value, document)


def resolved(schema: Any, document: Parts) -> Parts:
    """The schema that stands for another, its `$ref`s followed. Unproven where that leads nowhere."""
    for _ in range(DEEPEST):
        if not isinstance(schema, dict):
            break
        if not isinstance(schema.get("$ref"), str):
            return dict(schema)
        target = pointed(document, schema["$ref"])
        schema = {**target, **_without(schema, "$ref")} if isinstance(target, dict) else target
    raise Unproven(f"{OPENAPI} does not say what /predict takes and gives", "write it anew")


def pointed(document: Any, reference: str) -> Any:
    """What a reference such as `#/components/schemas/Row` points to. Unproven where that is nothing."""
    value = document
    for name in reference.removeprefix("#/").split("/"):
        key = name.replace("~1", "/").replace("~0", "~")
        if not reference.startswith("#/") or not isinstance(value, dict) or key not in value:
            text = f"{OPENAPI}: $ref {reference[:60]!r} points to nothing in it"
            raise Unproven(text, "write it otherwise")
        value = value[key]
    return value


def plain(schema: Any, document: Parts) -> Parts:
    """The schema of a field in one notation: `$ref` followed, `anyOf: [X, null]` as an X that may be null."""
    field = resolved(schema, document)
    ways = field.get("anyOf")
    if not isinstance(ways, list) or len(ways) != 2 or NULL not in ways:
        return field
    other = resolved(next((way for way in ways if way != NULL), NULL), document)
    return {**other, **_without(field, "anyOf"), "type": [other.get("type"), "null"]}


def _without(schema: Parts, key: str) -> Parts:
    return {name: item for name, item in schema.items() if name != key}


def stated(column: Column, schema: Parts) -> Parts:
    """What the schema of a field says, by the keys of schema.toml."""
    types = schema.get("type")
    kinds = {str(kind) for kind in (types if isinstance(types, list) else [types])}
    kind = " or ".join(sorted(kinds - {"null"}))
    values = schema.get("enum", [schema["const"]] if "const" in schema else [])
    description, unit = str(schema.get("description", "")), schema.get("x-unit")
    # The widest bounds say no more than that it must be a number.
    widest = WIDEST.get(column.type, inf)
    bounds = {
        key: None if bound(column, key) is None and schema.get(key) == most else schema.get(key)
        for key, most in (("minimum", -widest), ("maximum", widest))
    }
    return {
        "type": column.type if kind == KINDS.get(column.type, column.type) else kind,
        "nullable": "null" in kinds,
        **bounds,
        "values": [item for item in values if item is not None] if isinstance(values, list) else [],
        "meaning": column.meaning if column.meaning.rstrip(".") in description else description,
        "unit": column.unit if column.unit in ("", unit) or column.unit in description else unit,
    }


def differs(column: Column, field: Parts, *, rounded: bool = False) -> Iterator[str]:
    """How a field differs from its column. `rounded`: bounds may have the 6 significant digits of a report."""
    for key in ("type", "nullable", "minimum", "maximum", "meaning", "unit"):
        due = bound(column, key) if key in ("minimum", "maximum") else getattr(column, key)
        whole = not isinstance(due, float | int) or (isinstance(due, int) and abs(due) <= WIDEST["integer"])
        near = due if whole or not rounded else float(f"{due:.6g}")
        have = field.get(key)
        if have not in (due, near) or isinstance(have, bool) != isinstance(due, bool):
            yield f"{key} {str(have)[:40]!r}, schema.toml says {str(due)[:40]!r}"
    allowed = set(column.values) if column.type == "category" else set()
    listed = field.get("values") or []
    if odd := sorted(allowed ^ set(map(str, listed))):
        yield f"allows {len(listed)} values, schema.toml {len(allowed)}: {odd[0][:40]!r}"


def bound(column: Column, key: str) -> Any:
    """A column's minimum or maximum as a request knows it: of numbers, and none where it is no number."""
    value = getattr(column, key) if column.type in WIDEST else None
    return value if value is not None and abs(value) <= WIDEST["number"] else None


def needed(facts: Facts) -> dict[str, str]:
    """Each column that a feature reads, with the feature's name: by the features' report and rules.py.

    Unproven where the code of a rule does not tell.
    """
    folder = f"src/{facts.package}/"
    package = reads.Package(facts.package, lambda name: facts.text(folder + name))
    readers: dict[str, str] = {}
    for one in definitions(facts):
        names = [str(one[key]) for key in ("column", "until") if one.get(key)]
        if one.get("how") == "rule":
            names = _read_by(str(one.get("rule")), package, folder)
        readers = {**dict.fromkeys(names, str(one["name"])), **readers}
    return readers


def _read_by(rule: str, package: reads.Package, folder: str) -> list[str]:
    try:
        return sorted(reads.columns(rule, package))
    except reads.UnclearError:
        raise Unproven(
            f"{folder}rules.py, {rule}: which columns it reads cannot be told",
            'use the row as row["column"], row.get("column") or "column" in row, or hand it to a function of '
            "the package",
        ) from None
