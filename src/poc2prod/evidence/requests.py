"""contract/examples.json: good requests hold, and each bad one breaks the document at its own field."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ..files import Unreadable
from ..project import Facts
from . import jsonschema, served
from .finding import Finding, failed, passed, unknown
from .golden import schema_columns
from .served import OPENAPI, Parts

EXAMPLES = "contract/examples.json"
# A single field that any text fits can be wrong in no more than about three ways.
FEWEST_GOOD, FEWEST_BAD = 1, 3
# So many requests are judged, and one more for each column.
MOST = 500
# Of a row that is described by these alone, every field stands for itself; others are judged whole, if of
# so many fields at most.
PLAIN = jsonschema.SILENT | {"type", "properties", "required", "additionalProperties"}
WIDEST = 500
Request = dict[str, Any]


def examples(facts: Facts) -> Iterable[Finding]:
    """Good examples are of the schema; each bad one breaks it, at the field that it names."""
    served.sized(facts, EXAMPLES)
    content, found = facts.json(EXAMPLES), served.document(facts)
    listed = _listed(content)
    if listed is None:
        why = (
            str(content) if isinstance(content, Unreadable) else f"{EXAMPLES} holds no good and bad requests"
        )
        yield unknown(why, _again(facts))
        return
    (good, bad), most = listed, MOST + len(schema_columns(facts))
    if len(good) + len(bad) > most:
        yield unknown(f"{EXAMPLES} holds more than {most} requests; they are not judged", _again(facts))
        return
    try:
        wrong = [
            *_few(good, bad),
            *_wrong(_Judge(served.request(found), found, good), good, bad),
            *_miscounted(facts, good, bad),
        ]
    except jsonschema.Unjudged as error:
        yield unknown(f"{OPENAPI} uses {error.text}, which this version cannot judge", "write it otherwise")
        return
    for text in wrong[:5]:
        yield failed(f"{EXAMPLES}: {text}", _again(facts))
    if not wrong:
        yield passed(f"{len(good)} good requests hold, {len(bad)} bad ones break at their own field")


class _Judge:
    """The schema of a request; `first`: the good request that bad ones are changes of."""

    def __init__(self, schema: Parts, document: Parts, good: list[Request]) -> None:
        self.schema, self.document, self.looks = schema, document, jsonschema.Looks()
        self.first: Request = good[0]["request"] if good else {}
        given, listed = schema.get("properties"), schema.get("required", [])
        self.fields: Parts = given if isinstance(given, dict) else {}
        self.required = {str(name) for name in listed} if isinstance(listed, list) else set()
        self.plain = not set(schema) - PLAIN and not self.problems(self.first)

    def problems(self, request: Request) -> list[jsonschema.Problem]:
        """What is wrong with a whole request."""
        return jsonschema.problems(request, self.schema, self.document, self.looks)

    def broken(self, one: Request) -> set[str]:
        """The fields at which a bad request breaks the schema."""
        if "request" in one:
            return {item.field for item in self.problems(one["request"])}
        change, lacking = one.get("set", {}), one.get("without", [])
        if not self.plain:
            if len(self.first) > WIDEST:
                raise jsonschema.Unjudged(f"rules of the whole row, of more than {WIDEST} fields")
            kept = {name: value for name, value in self.first.items() if name not in lacking}
            return {item.field for item in self.problems({**kept, **change})}
        touched = {*change, *lacking}
        part = {
            **self.schema,
            "properties": {name: self.fields[name] for name in touched if name in self.fields},
            "required": sorted(touched & self.required),
        }
        return {item.field for item in jsonschema.problems(change, part, self.document, self.looks)}


def _listed(content: Any) -> tuple[list[Request], list[Request]] | None:
    """The good and the bad requests; None where they are not of a known form."""
    forms = {1: _is_whole, 2: _is_change}
    schema = content.get("schema") if isinstance(content, dict) else None
    if not isinstance(schema, int) or schema not in forms:
        return None
    good, bad = content.get("good"), content.get("bad")
    return (good, bad) if _all(good, _is_whole) and _all(bad, forms[schema]) else None


def _all(listed: Any, good: Callable[[Request], bool]) -> bool:
    return isinstance(listed, list) and all(isinstance(one, dict) and good(one) for one in listed)


def _is_whole(one: Request) -> bool:
    return isinstance(one.get("request"), dict)


def _is_change(one: Request) -> bool:
    lacking = one.get("without", [])
    return (
        "request" not in one
        and isinstance(one.get("set", {}), dict)
        and isinstance(lacking, list)
        and all(isinstance(name, str) for name in lacking)
    )


def _few(good: list[Any], bad: list[Any]) -> Iterator[str]:
    if len(good) < FEWEST_GOOD or len(bad) < FEWEST_BAD:
        yield f"{len(good)} good and {len(bad)} bad requests; at least {FEWEST_GOOD} and {FEWEST_BAD} are due"


def _miscounted(facts: Facts, good: list[Any], bad: list[Any]) -> Iterator[str]:
    told = facts.results("contract").get("examples")
    if told is not None and told != {"good": len(good), "bad": len(bad)}:
        yield f"{len(good)} good and {len(bad)} bad requests, the report says {str(told)[:60]}"


def _wrong(judge: _Judge, good: list[Request], bad: list[Request]) -> Iterator[str]:
    for place, one in enumerate(good, 1):
        problems = judge.problems(one["request"])
        if problems:
            yield f"good request {place}: {problems[0].field} {problems[0].text}"
    for place, one in enumerate(bad, 1):
        broken = sorted(judge.broken(one))
        if broken != [one.get("field")]:
            yield (
                f"bad request {place} ({str(one.get('why'))[:40]}) should break at {one.get('field')!r},"
                f" and breaks at {', '.join(broken) or 'nothing'}"
            )
    fields = {str(one.get("field")) for one in bad}
    untried = [name for name in judge.fields if name not in fields]
    if untried:
        yield f"no bad request for {untried[0]!r}" + (f" and {len(untried) - 1} more" if untried[1:] else "")


def _again(facts: Facts) -> str:
    return f"python -m {facts.package} contract"
