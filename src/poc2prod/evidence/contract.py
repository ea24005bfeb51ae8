"""II.1: what goes in, what comes out, and which services are involved: written down, and so."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from .. import forms
from ..files import Unreadable
from ..project import Facts
from . import observed, served, step_reports, yamlfile
from .finding import CLAIMED, Finding, failed, outcome_of, passed, unknown
from .golden import golden
from .requests import examples
from .rows import schema_columns
from .served import OPENAPI

PAGE, COMPOSE = "docs/contract.md", "compose.yaml"
# By outcome: the type of a prediction, and what is answered besides.
ANSWERS = {
    "binary": ("boolean", "probability"),
    "multiclass": ("string", "probabilities"),
    "regression": ("number",),
}


def fields(facts: Facts) -> Iterable[Finding]:
    """A request holds the columns that features read, each once and as schema.toml has it.

    Type, range, null, allowed values, meaning and unit; never the target.
    """
    listed = facts.results("contract").get("fields")
    if not isinstance(listed, list):
        return ()
    columns, needed = schema_columns(facts), served.needed(facts)
    tables = [one for one in listed if isinstance(one, dict)]
    names = [str(one.get("name")) for one in tables]
    target = str(facts.param("data.target", ""))
    wrong = [f"{name!r} is the target" for name in names if name == target]
    wrong += [f"{name!r} is listed twice" for name in sorted({n for n in names if names.count(n) > 1})]
    wrong += [
        f"{name!r} is missing, which the feature {needed[name]!r} reads"
        for name in needed
        if name not in names
    ]
    wrong += [f"{name!r} is asked for, which no feature reads" for name in names if name not in needed]
    for name, one in zip(names, tables, strict=True):
        if name in columns:
            wrong += [f"{name}: {text}" for text in served.differs(columns[name], one, rounded=True)]
        else:
            wrong.append(f"{name!r} is no column of schema.toml")
    holds = f"{len(names)} fields, those that features read, each as in schema.toml"
    return outcome_of(wrong, holds, _again(facts), where="reports/contract.json")


def document(facts: Facts) -> Iterable[Finding]:
    """contract/openapi.json asks for exactly these fields, as schema.toml describes them, and says what is
    answered.
    """
    openapi = served.document(facts)
    row, columns, needed = served.request(openapi), schema_columns(facts), served.needed(facts)
    properties, required = served.fields(row), yamlfile.texts(row.get("required"))
    wrong = [f"{name!r} is not in the request" for name in needed if name not in properties]
    for name, schema in properties.items():
        column = columns.get(name)
        if name not in needed:
            wrong.append(f"{name!r} is in the request, which no feature reads")
        elif column:
            stated = served.stated(column, served.plain(schema, openapi))
            wrong += [f"{name}: {text}" for text in served.differs(column, stated)]
            if (name in required) == column.nullable:
                must = "must" if name in required else "need not"
                truth = str(column.nullable).lower()
                wrong.append(f"{name}: {must} be there, schema.toml says nullable = {truth}")
    if row.get("additionalProperties") is not False:
        wrong.append("a field that is not known is no error (additionalProperties)")
    wrong += _answered(facts, openapi)
    holds = f"{OPENAPI}: {len(properties)} fields as in schema.toml; prediction and model answered"
    return outcome_of(wrong, holds, _again(facts), where=f"{OPENAPI}, /predict")


def _answered(facts: Facts, openapi: dict[str, Any]) -> Iterator[str]:
    """What the answer lacks for the outcome that [problem] names."""
    properties, outcome = served.fields(served.answer(openapi)), facts.param("problem.outcome", "")
    kind, *more = ANSWERS.get(outcome, ("",))
    for name in ("prediction", *more, "model"):
        if name not in properties:
            yield f"the answer has no {name}"
    given = served.plain(properties.get("prediction", {}), openapi).get("type", kind)
    if kind and given != kind:
        yield f"the prediction is {given}, the outcome {outcome} gives a {kind}"


def endpoints(facts: Facts) -> Finding:
    """The document names all six endpoints, by their methods."""
    lacking = served.without(served.document(facts).get("paths"))
    if lacking:
        return failed(f"{OPENAPI} does not have {', '.join(lacking)}", _again(facts))
    return passed(f"{OPENAPI} has {', '.join(served.ENDPOINTS)}")


def same_as_served(facts: Facts) -> Iterable[Finding]:
    """The committed document is the one that the report took from the API's own code."""
    results = facts.results("contract")
    if not results:
        return
    now, reported = facts.now(OPENAPI).hash, results.get("openapi")
    if reported != now:
        yield failed(f"{OPENAPI} is {str(now)[:8]}, the API's own is {str(reported)[:8]}", _again(facts))
    else:
        yield passed(f"{OPENAPI} ({str(now)[:8]}) is what the API serves", CLAIMED)


def diagram(facts: Facts) -> Finding:
    """The diagram in docs/contract.md (mermaid) names every service of compose.yaml."""
    text, composed = facts.text(PAGE), yamlfile.load(facts, COMPOSE)
    if not isinstance(text, str):
        return unknown(str(text or f"{PAGE} is not there"), f"bring {PAGE} back from git")
    services = list(yamlfile.table(yamlfile.table(composed).get("services")))
    if not services:
        empty = f"{COMPOSE} is not there, or has no services"
        why = str(composed) if isinstance(composed, Unreadable) else empty
        return unknown(why, f"bring {COMPOSE} back from git")
    blocks = re.findall(r"^ {0,3}```+ *mermaid\b.*?\n(.*?)^ {0,3}```", forms.uncommented(text), re.M | re.S)
    drawn = re.sub(r"%%.*", "", "\n".join(blocks))
    if not drawn.strip():
        return failed(f"{PAGE} has no diagram (```mermaid)", f"draw one in {PAGE}")
    unnamed = [name for name in services if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", drawn)]
    if unnamed:
        return failed(
            f"the diagram in {PAGE} does not name {', '.join(unnamed)}, a service of {COMPOSE}",
            f"add it to the diagram in {PAGE}",
        )
    return passed(f"the diagram names {', '.join(services)}, all services of {COMPOSE}")


def missing(facts: Facts) -> Finding | None:
    """What is to say instead where the project has no contract at all."""
    return observed.absent(facts, "contract", f"src/{facts.package}/contract.py", PAGE, OPENAPI)


def _again(facts: Facts) -> str:
    return f"python -m {facts.package} contract"


CHECKS = (
    *step_reports.fresh("contract", fields, golden, document, examples),
    endpoints,
    same_as_served,
    diagram,
)
