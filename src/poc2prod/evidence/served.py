"""contract/openapi.json: its endpoints and what /predict takes, held against schema.toml column by column."""

from collections.abc import Iterator
from typing import Any

from poc2prod_kit.rules import reads
from poc2prod_kit.tables.schema import Column

from ..files import Unreadable
from ..project import Facts
from .finding import Unproven
from .golden import definitions, schema_columns

OPENAPI = "contract/openapi.json"
ENDPOINTS = {
    "/predict": "post",
    "/predict/batch": "post",
    "/health": "get",
    "/ready": "get",
    "/metrics": "get",
    "/version": "get",
}
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
    known: Parts = paths if isinstance(paths, dict) else {}
    return [
        f"{method.upper()} {path}"
        for path, method in ENDPOINTS.items()
        if not isinstance(known.get(path), dict) or method not in known[path]
    ]


def request(document: Parts) -> Parts:
    """The schema of what /predict takes. Unproven where there is none."""
    return _schema(document, ("paths", "/predict", "post", "requestBody"))


def answer(document: Parts) -> Parts:
    """The schema of what /predict answers. Unproven where there is none."""
    return _schema(document, ("paths", "/predict", "post", "responses", "200"))


def fields(schema: Parts) -> Parts:
    """The properties of a schema, by name."""
    given = schema.get("properties")
    return given if isinstance(given, dict) else {}


def _schema(document: Parts, way: tuple[str, ...]) -> Parts:
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
        beside = {key: item for key, item in schema.items() if key != "$ref"}
        schema = {**target, **beside} if isinstance(target, dict) else target
    raise Unproven(f"{OPENAPI} does not say what /predict takes and gives", "write it anew")


def pointed(document: Any, reference: str) -> Any:
    """What a reference such as `#/components/schemas/Row` points to. Unproven where that is nothing."""
    value = document
    for name in reference.removeprefix("#/").split("/"):
        key = name.replace("~1", "/").replace("~0", "~")
        if not reference.startswith("#/") or not isinstance(value, dict) or key not in value:
            raise Unproven(
                f"{OPENAPI}: $ref {reference[:60]!r} points to nothing in it", "write it otherwise"
            )
        value = value[key]
    return value


def plain(schema: Any, document: Parts) -> Parts:
    """The schema of a field in one notation: `$ref` followed, `anyOf: [X, null]` as an X that may be null."""
    field = resolved(schema, document)
    ways = field.get("anyOf")
    if not isinstance(ways, list) or len(ways) != 2 or NULL not in ways:
        return field
    other = resolved(next((way for way in ways if way != NULL), NULL), document)
    beside = {key: item for key, item in field.items() if key != "anyOf"}
    return {**other, **beside, "type": [other.get("type"), "null"]}


def differs(column: Column, schema: Parts, *, required: bool) -> Iterator[str]:
    """How the schema of a field differs from its column, in words with both values."""
    kinds = schema.get("type")
    given = set(kinds) if isinstance(kinds, list) else {kinds}
    kind = KINDS.get(column.type, column.type)
    if given != ({kind, "null"} if column.nullable else {kind}):
        yield f"is {_words(given)}, schema.toml says {column.type}{' or null' if column.nullable else ''}"
    if required == column.nullable:
        yield f"{'must' if required else 'need not'} be there, schema.toml says nullable = {_truth(column)}"
    yield from _bounds(column, schema)
    values = schema.get("enum", [schema["const"]] if "const" in schema else None)
    due = list(column.values) if column.type == "category" else []
    have = [item for item in values if item is not None] if isinstance(values, list) else []
    if sorted(map(str, have)) != sorted(due):
        odd = sorted(set(map(str, have)) ^ set(due))
        yield f"allows {len(have)} values, schema.toml {len(due)}{f': {odd[0][:40]!r}' if odd else ''}"
    description = str(schema.get("description", ""))
    if column.meaning and column.meaning.rstrip(".") not in description:
        yield f"means {description[:40]!r}, schema.toml says {column.meaning[:40]!r}"
    if column.unit and column.unit != schema.get("x-unit") and column.unit not in description:
        yield f"is in {schema.get('x-unit')!r}, schema.toml says {column.unit!r}"


def _bounds(column: Column, schema: Parts) -> Iterator[str]:
    widest = WIDEST.get(column.type)
    for key, sign in (("minimum", -1), ("maximum", 1)):
        due = bound(column, key)
        have = schema.get(key)
        none = due is None and (have is None or (widest is not None and have == sign * widest))
        if not none and not same(due, have):
            yield f"has {key} {have}, schema.toml says {due}"


def bound(column: Column, key: str) -> Any:
    """A column's minimum or maximum as a request knows it: of numbers, and none where it is no number."""
    value = getattr(column, key) if column.type in WIDEST else None
    known = not isinstance(value, (int, float)) or abs(value) <= WIDEST["number"]
    return value if known else None


def same(one: Any, other: Any) -> bool:
    """Whether two bounds are the same number, or both none."""
    if one is None or other is None or isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return isinstance(one, (int, float)) and isinstance(other, (int, float)) and one == other


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


def _words(kinds: set[Any]) -> str:
    return " or ".join(sorted(map(str, kinds)))


def _truth(column: Column) -> str:
    return str(column.nullable).lower()
