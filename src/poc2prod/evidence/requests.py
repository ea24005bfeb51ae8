"""contract/examples.json: good requests hold, and each bad one breaks the document at its own field."""

import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from ..files import Unreadable
from ..project import Facts
from . import served
from .finding import Finding, Unproven, outcome_of, unknown
from .rows import schema_columns
from .served import OPENAPI, Parts

EXAMPLES = "contract/examples.json"
# A single field that any text fits can be wrong in no more than about three ways.
FEWEST_GOOD, FEWEST_BAD = 1, 3
# So many requests are judged, and one more for each column; so many steps back a pattern may go.
MOST, BACKTRACKS = 500, 100_000
# Tables and lists that a schema or a request may be of: so many, and so many more for each column.
SCHEMA_SIZE, REQUEST_SIZE, A_COLUMN = 2_000, 200, 20
SECONDS = 30
Request = dict[str, Any]
# Each field at which a request breaks the schema, and how.
Problems = Callable[[Request], list[tuple[str, str]]]


def examples(facts: Facts) -> Iterable[Finding]:
    """Good examples are of the schema; each bad one breaks it, at the field that it names."""
    served.sized(facts, EXAMPLES)
    content, document, again = (
        facts.json(EXAMPLES),
        served.document(facts),
        f"python -m {facts.package} contract",
    )
    listed = _listed(content)
    if listed is None:
        other = f"{EXAMPLES} holds no good and bad requests"
        return [unknown(str(content) if isinstance(content, Unreadable) else other, again)]
    (good, bad), columns = listed, len(schema_columns(facts))
    if len(good) + len(bad) > MOST + columns:
        text = f"{EXAMPLES} holds more than {MOST + columns} requests; they are not judged"
        return [unknown(text, again)]
    schema = served.request(document)
    wrong = _faults(schema, _validator(schema, document, columns), good, bad)
    counts = {"good": len(good), "bad": len(bad)}
    reported = facts.results("contract").get("examples", counts)
    if reported != counts:
        wrong.append(f"{len(good)} good and {len(bad)} bad requests, the report says {str(reported)[:60]}")
    holds = f"{len(good)} good requests hold, {len(bad)} bad ones break at their own field"
    return outcome_of(wrong, holds, again, where=EXAMPLES)


def _validator(schema: Parts, document: Parts, columns: int) -> Problems:
    """A function that names each field at which a request breaks the schema, and how.

    Unproven where the schema is none, or judging it would take for ever.
    """
    import jsonschema_rs

    if _size(schema, document, {}) > SCHEMA_SIZE + A_COLUMN * columns:
        raise _refused("a schema of more parts than any contract needs")
    try:
        validator = jsonschema_rs.Draft202012Validator(
            {**schema, "components": document.get("components", {})},
            validate_formats=True,
            formats={"date-time": _is_time},
            pattern_options=jsonschema_rs.FancyRegexOptions(backtrack_limit=BACKTRACKS),
            offline=True,
        )
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
        raise _refused(" ".join(str(error).split())[:120]) from error
    end = time.monotonic() + SECONDS

    def problems(request: Request) -> list[tuple[str, str]]:
        if time.monotonic() > end or _size(request, {}, {}) > REQUEST_SIZE + A_COLUMN * columns:
            raise Unproven(f"judging {EXAMPLES} takes too long", f"shorten {EXAMPLES}")
        try:
            return [pair for error in validator.iter_errors(request) for pair in _fields(error)]
        except ValueError as error:
            raise _refused(str(error)[:120]) from error

    return problems


def _refused(text: str) -> Unproven:
    return Unproven(f"{OPENAPI} cannot be judged: {text}", "write it otherwise")


def _is_time(text: str) -> bool:
    """Whether a text is a date and a time, with or without a time zone."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _fields(error: Any) -> Iterator[tuple[str, str]]:
    """The fields of a request that an error is about, and its text; an empty name for the request itself."""
    kind, text = error.kind, error.message[:80]
    if text.startswith("Error executing regex"):
        raise _refused(text)
    if error.instance_path:
        yield str(error.instance_path[0]), text
    elif kind.name == "required":
        yield kind.property, text
    elif kind.name == "additionalProperties":
        yield from ((name, text) for name in kind.unexpected)
    else:
        yield "", text


def _size(value: Any, document: Any, known: dict[str, int]) -> int:
    """How many tables and lists a value is of, its `$ref`s followed. Unproven where these have no end."""
    if not isinstance(value, dict | list):
        return 0
    parts = value.values() if isinstance(value, dict) else value
    size = 1 + sum(_size(item, document, known) for item in parts)
    reference = value.get("$ref") if isinstance(value, dict) else None
    if isinstance(reference, str) and document:
        if reference not in known:
            known[reference] = -1  # until it is counted: met again before, it leads back to itself
            known[reference] = _size(served.pointed(document, reference), document, known)
        if known[reference] < 0:
            raise _refused(f"{reference[:60]} leads back to itself")
        size += known[reference]
    return size


def _listed(content: Any) -> tuple[list[Request], list[Request]] | None:
    """The good and the bad requests, whole; the bad ones are changes of the first good one.

    None where they are not of this form.
    """
    content = content if isinstance(content, dict) else {}
    good, bad = content.get("good"), content.get("bad")
    if content.get("schema") != 2 or not isinstance(good, list) or not isinstance(bad, list):
        return None
    if not all(isinstance(one, dict) and isinstance(one.get("request"), dict) for one in good):
        return None
    first = good[0]["request"] if good else {}
    whole = [_changed(first, one) for one in bad]
    return (good, whole) if all(whole) else None


def _changed(first: Request, one: Any) -> Request:
    """A bad example with its whole request; nothing where it is no change of another."""
    if not isinstance(one, dict) or "request" in one:
        return {}
    new, absent = one.get("set", {}), one.get("without", [])
    if not isinstance(new, dict) or not isinstance(absent, list):
        return {}
    same = {name: value for name, value in first.items() if name not in absent}
    return {**one, "request": {**same, **new}}


def _faults(schema: Parts, problems: Problems, good: list[Request], bad: list[Request]) -> list[str]:
    """What is wrong with requests: too few, good ones that break, bad ones that do not or elsewhere."""
    wrong = []
    if len(good) < FEWEST_GOOD or len(bad) < FEWEST_BAD:
        due = f"at least {FEWEST_GOOD} and {FEWEST_BAD} are due"
        wrong.append(f"{len(good)} good and {len(bad)} bad requests; {due}")
    for place, one in enumerate(good, 1):
        wrong += [f"good request {place}: {field} ({text})" for field, text in problems(one["request"])[:1]]
    for place, one in enumerate(bad, 1):
        broken = sorted({field for field, _ in problems(one["request"])})
        if broken != [one.get("field")]:
            wrong.append(
                f"bad request {place} ({str(one.get('why'))[:40]}) should break at {one.get('field')!r},"
                f" and breaks at {', '.join(broken) or 'nothing'}"
            )
    tried = {str(one.get("field")) for one in bad}
    untried = [name for name in served.fields(schema) if name not in tried]
    if untried:
        more = f" and {len(untried) - 1} more" if untried[1:] else ""
        wrong.append(f"no bad request for {untried[0]!r}{more}")
    return wrong
