"""JSON Schema of the keywords that a contract uses; what is not known is refused, not guessed.

Source: JSON Schema 2020-12, Validation; OpenAPI 3.1, Schema Object.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from math import isfinite
from typing import Any, NamedTuple

# One value may be looked at in so many ways, and all values of one document in so many.
DEEPEST, MOST, MOST_OF_ALL = 32, 20_000, 2_000_000
# Keywords that say something to people, or about documents, and nothing about a value.
SILENT = frozenset(
    {
        "title", "description", "default", "example", "examples", "deprecated", "readOnly", "writeOnly",
        "$comment", "$id", "$schema", "discriminator", "externalDocs",
    }
)  # fmt: skip
TYPES: dict[str, Callable[[Any], bool]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: _number(value) and float(value).is_integer(),
    "number": lambda value: _number(value),
    "string": lambda value: isinstance(value, str),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}
# Repetition that could multiply: of a group, references back, more than two open ones.
OPEN = r"[*+]|,\}"
ENDLESS = rf"\)[*+{{]|\\\d|(({OPEN}).*){{3}}"
# How a pattern may go on: so often, repeated within bounds or not, or otherwise. All together: so many ways.
CHOICE = r"\{(\d*),(\d*)\}|[?*+]|\||\)"
MOST_WAYS, LONGEST = 1_000_000, 100
READERS: dict[str, Callable[[str], Any]] = {
    "date": date.fromisoformat,
    "date-time": datetime.fromisoformat,
    "time": time.fromisoformat,
}


class Unjudged(Exception):  # noqa: N818
    """The schema says something that is not known here: `text` names it."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class Problem(NamedTuple):
    """Where a value breaks the schema (the way to it, as keys and places), and how."""

    where: tuple[str | int, ...]
    text: str

    @property
    def field(self) -> str:
        """The first key on the way; empty for the value itself."""
        return str(self.where[0]) if self.where else ""


def problems(value: Any, schema: Any, document: Any, looks: "Looks | None" = None) -> list[Problem]:
    """All that is wrong with a value. `document`: what `$ref` points into; `looks`: shared by calls that
    belong together. Unjudged.
    """
    return list(_Judge(document, looks or Looks()).found(value, schema, (), 0))


class Looks:
    """How many comparisons several calls have taken, with an end to it."""

    def __init__(self) -> None:
        self.taken = 0

    def take(self, count: int) -> None:
        """Count more of them. Unjudged when they are too many."""
        self.taken += count
        if self.taken > MOST_OF_ALL:
            raise Unjudged(f"more than {MOST_OF_ALL:,} comparisons for its examples")


def resolved(schema: Any, document: Any) -> dict[str, Any]:
    """The schema that stands for another, its `$ref`s followed. Unjudged where that leads nowhere."""
    for _ in range(DEEPEST):
        if not isinstance(schema, dict):
            raise Unjudged(f"a schema that is {type(schema).__name__}, not an object")
        if "$ref" not in schema:
            return schema
        target = pointed(document, schema["$ref"])
        beside = {key: item for key, item in schema.items() if key != "$ref"}
        schema = {**target, **beside} if isinstance(target, dict) else target
    raise Unjudged("a $ref that leads back to itself")


def pointed(document: Any, reference: Any) -> Any:
    """What a local reference such as `#/components/schemas/Row` points to. Unjudged."""
    if not isinstance(reference, str) or not reference.startswith("#/"):
        raise Unjudged(f"$ref {str(reference)[:60]!r}, which is not of this document")
    value = document
    for name in reference[2:].split("/"):
        key = name.replace("~1", "/").replace("~0", "~")
        if not isinstance(value, dict) or key not in value:
            raise Unjudged(f"$ref {reference[:60]!r}, which points to nothing")
        value = value[key]
    return value


class _Judge:
    def __init__(self, document: Any, shared: Looks) -> None:
        self.document, self.shared = document, shared
        self.looks = 0
        self.known: dict[str, Callable[..., Iterator[Problem]]] = {
            "type": self._type,
            "enum": self._enum,
            "const": self._const,
            "minimum": self._bound,
            "maximum": self._bound,
            "exclusiveMinimum": self._bound,
            "exclusiveMaximum": self._bound,
            "minLength": self._size,
            "maxLength": self._size,
            "minItems": self._size,
            "maxItems": self._size,
            "format": self._format,
            "pattern": self._pattern,
            "required": self._required,
            "properties": self._properties,
            "additionalProperties": self._additional,
            "items": self._items,
            "anyOf": self._any,
            "oneOf": self._any,
            "allOf": self._all,
        }

    def found(self, value: Any, schema: Any, where: tuple[str | int, ...], depth: int) -> Iterator[Problem]:
        """What of the value breaks the schema."""
        self.looks += 1
        self.shared.take(1)
        if depth > DEEPEST or self.looks > MOST:
            raise Unjudged(f"schemas nested more than {DEEPEST} deep, or in more than {MOST:,} ways")
        if schema is True:
            return
        rules = resolved(schema, self.document)
        for keyword, rule in rules.items():
            if keyword in self.known:
                yield from self.known[keyword](value, keyword, rule, rules, where, depth)
            elif keyword not in SILENT and not keyword.startswith("x-"):
                raise Unjudged(f"the keyword {keyword[:40]!r}")

    def _type(self, value: Any, _: str, rule: Any, *rest: Any) -> Iterator[Problem]:
        names = rule if isinstance(rule, list) else [rule]
        strange = [name for name in names if not isinstance(name, str) or name not in TYPES]
        if strange:
            raise Unjudged(f"the type {str(strange[0])[:40]!r}")
        if not any(TYPES[name](value) for name in names):
            yield Problem(rest[1], f"is not {' or '.join(names)}")

    def _enum(self, value: Any, _: str, rule: Any, *rest: Any) -> Iterator[Problem]:
        allowed = _list(rule, "enum")
        self.shared.take(len(allowed))
        if not any(_same(value, item) for item in allowed):
            yield Problem(rest[1], "is none of the allowed values")

    def _const(self, value: Any, _: str, rule: Any, *rest: Any) -> Iterator[Problem]:
        if not _same(value, rule):
            yield Problem(rest[1], f"is not {str(rule)[:40]!r}")

    def _bound(self, value: Any, keyword: str, rule: Any, *rest: Any) -> Iterator[Problem]:
        if not _number(rule):
            raise Unjudged(f"{keyword} {str(rule)[:40]!r}")
        if _number(value):
            holds = {
                "minimum": value >= rule,
                "maximum": value <= rule,
                "exclusiveMinimum": value > rule,
                "exclusiveMaximum": value < rule,
            }
            if not holds[keyword]:
                yield Problem(rest[1], f"breaks {keyword} {rule}")

    def _size(self, value: Any, keyword: str, rule: Any, *rest: Any) -> Iterator[Problem]:
        if not isinstance(rule, int) or isinstance(rule, bool):
            raise Unjudged(f"{keyword} {str(rule)[:40]!r}")
        if isinstance(value, str if keyword.endswith("Length") else list):
            short = keyword.startswith("min") and len(value) < rule
            if short or (keyword.startswith("max") and len(value) > rule):
                yield Problem(rest[1], f"breaks {keyword} {rule}")

    def _format(self, value: Any, _: str, rule: Any, *rest: Any) -> Iterator[Problem]:
        if isinstance(value, str) and rule in READERS:
            try:
                READERS[rule](value)
            except ValueError:
                yield Problem(rest[1], f"is no {rule}")

    def _pattern(self, value: Any, _: str, rule: Any, *rest: Any) -> Iterator[Problem]:
        if not isinstance(rule, str) or len(rule) > 1000 or re.search(ENDLESS, rule) or _many(rule):
            raise Unjudged(f"the pattern {str(rule)[:40]!r}, which may take for ever")
        if isinstance(value, str) and len(value) > LONGEST and re.search(OPEN, rule):
            raise Unjudged(f"the pattern {rule[:40]!r} on a text of {len(value):,} characters")
        try:
            met = not isinstance(value, str) or re.search(rule, value)
        except (re.error, RecursionError, OverflowError) as error:
            raise Unjudged(f"the pattern {rule[:40]!r} ({error})") from error
        if not met:
            yield Problem(rest[1], "is not of the pattern")

    def _required(self, value: Any, _: str, rule: Any, *rest: Any) -> Iterator[Problem]:
        if isinstance(value, dict):
            self.shared.take(len(_list(rule, "required")))
            for name in rule:
                if name not in value:
                    yield Problem((*rest[1], str(name)), "is missing")

    def _properties(
        self, value: Any, _: str, rule: Any, __: Any, where: tuple[str | int, ...], depth: int
    ) -> Iterator[Problem]:
        if not isinstance(rule, dict):
            raise Unjudged("properties that are no object")
        if isinstance(value, dict):
            for name, schema in rule.items():
                if name in value:
                    yield from self.found(value[name], schema, (*where, name), depth + 1)

    def _additional(
        self, value: Any, _: str, rule: Any, rules: Any, where: tuple[str | int, ...], depth: int
    ) -> Iterator[Problem]:
        known = rules.get("properties", {})
        for name in [key for key in value if key not in known] if isinstance(value, dict) else ():
            if rule is False:
                yield Problem((*where, name), "is no field")
            else:
                yield from self.found(value[name], rule, (*where, name), depth + 1)

    def _items(
        self, value: Any, _: str, rule: Any, __: Any, where: tuple[str | int, ...], depth: int
    ) -> Iterator[Problem]:
        for place, item in enumerate(value) if isinstance(value, list) else ():
            yield from self.found(item, rule, (*where, place), depth + 1)

    def _any(
        self, value: Any, keyword: str, rule: Any, __: Any, where: tuple[str | int, ...], depth: int
    ) -> Iterator[Problem]:
        ways = [list(self.found(value, schema, where, depth + 1)) for schema in _list(rule, keyword)]
        fitting = sum(not way for way in ways)
        if not fitting:
            yield from min(ways, key=len, default=[Problem(where, "fits nothing")])
        elif keyword == "oneOf" and fitting > 1:
            yield Problem(where, f"fits {fitting} of oneOf")

    def _all(
        self, value: Any, keyword: str, rule: Any, __: Any, where: tuple[str | int, ...], depth: int
    ) -> Iterator[Problem]:
        for schema in _list(rule, keyword):
            yield from self.found(value, schema, where, depth + 1)


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value)


def _same(one: Any, other: Any) -> bool:
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def _list(rule: Any, keyword: str) -> list[Any]:
    if not isinstance(rule, list):
        raise Unjudged(f"{keyword} that is no list")
    return rule


def _many(pattern: str) -> bool:
    """Whether a pattern could be tried in too many ways: each choice in it times all others."""
    ways = branches = 1
    for found in re.finditer(CHOICE, pattern):
        sign = found[0]
        if sign == "|":
            branches += 1
        elif sign == ")":
            ways, branches = ways * branches, 1
        elif sign == "?":
            ways *= 2
        else:
            low, high = (int(text[:6] or 0) for text in (found[1] or "", found[2] or ""))
            ways *= max(high - low + 1, 1) if found[2] else LONGEST
    return ways * branches > MOST_WAYS
