"""II.1 from the contract's report, OpenAPI, examples and diagram."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from evidence.service import EXAMPLES, OPENAPI, Service

Change = Callable[[Any], Any]
CHECKS = ("fields", "document", "endpoints", "same_as_served", "examples", "diagram")


def row(document: dict[str, Any]) -> dict[str, Any]:
    """The properties of a request."""
    found: dict[str, Any] = document["components"]["schemas"]["Row"]
    return found


def revise(service_: Service, name: str, change: Change) -> None:
    """Change a JSON file."""
    value = json.loads((service_.root / name).read_text("utf-8"))
    change(value)
    service_.write(name, json.dumps(value))


def test_an_honest_contract_passes(service_: Service) -> None:
    """All of its own checks."""
    found = service_.outcomes("contract")
    assert {name: found[name] for name in CHECKS} == dict.fromkeys(CHECKS, "pass")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda r: r["fields"].pop(0), "'day' is missing, which the feature 'day.month' reads"),
        (lambda r: r["fields"].append({"name": "key", "type": "category"}), "'key' is asked for"),
        (lambda r: r["fields"].append({"name": "sold", "type": "boolean"}), "'sold' is the target"),
        (lambda r: r["fields"].append(r["fields"][2]), "'price' is listed twice"),
        (lambda r: r["fields"][2].update(maximum=1000), "price: maximum '1000', schema.toml says '100'"),
        (lambda r: r["fields"][2].update(nullable=True), "price: nullable 'True'"),
        (lambda r: r["fields"][2].update(unit="USD"), "price: unit 'USD', schema.toml says 'EUR'"),
        (lambda r: r["fields"][2].update(type="integer"), "price: type 'integer'"),
        (lambda r: r["fields"][3].update(meaning="colour"), "colour: meaning 'colour'"),
        (lambda r: r["fields"][3]["values"].pop(), "colour: allows 2 values, schema.toml 3"),
    ],
)
def test_fields_that_differ(service_: Service, change: Change, says: str) -> None:
    """From the features or from schema.toml."""
    service_.edit("contract", change)
    outcome, text = service_.said("contract", "fields")
    assert (outcome, says in text) == ("fail", True), text


@pytest.mark.parametrize(
    ("told", "report", "document", "says"),
    [
        ("57765.24", 57765.2, 57765.24, "pass"),
        ("57765.24", 57765.24, 57765.24, "pass"),
        ("57765.24", 57765.3, 57765.24, "stale pass"),
        ("57765.24", 57765.2, 57765.2, "pass stale"),
        ("57765240", 57765240, 57765240, "pass"),
        ("57765240", 57765200, 57765240, "stale pass"),
        ("12345678901234567890", 1.23457e19, 12345678901234567890, "pass"),
        ("1" + "0" * 400, None, None, "pass"),
        ("nan", None, None, "pass"),
        ("inf", None, None, "pass"),
    ],
)
def test_bounds_as_reports_round_them(
    service_: Service, told: str, report: Any, document: Any, says: str
) -> None:
    """To 6 significant digits in the report, whole in the document; what is no number is no bound."""
    service_.replace("schema.toml", "maximum = 100\n", f"maximum = {told}\n")
    service_.edit("contract", lambda results: results["fields"][2].update(maximum=report))
    revise(service_, OPENAPI, lambda made: row(made)["properties"]["price"].update(maximum=document))
    if document is None:
        revise(service_, OPENAPI, lambda made: row(made)["properties"]["price"].pop("maximum"))
    due = says.split()
    assert [service_.said("contract", check)[0] for check in ("fields", "document")] == [due[0], due[-1]]


RULE = 'return (table["price"] < 10).astype(float)'


def test_what_a_rule_reads_in_another_module(service_: Service) -> None:
    """A helper of the package that is given the row counts, wherever it stands."""
    service_.replace("src/app/rules.py", RULE, "return from_there(table)")
    service_.replace("src/app/rules.py", "def cheap", "from .more import priced as from_there\n\n\ndef cheap")
    service_.write("src/app/more.py", 'def priced(cells):\n    return cells["price"] + cells["key"]\n')
    service_.contract()
    assert service_.said("contract", "fields") == (
        "fail",
        "reports/contract.json: 'key' is missing, which the feature 'cheap' reads",
    )


def test_a_rule_that_does_not_tell_what_it_reads(service_: Service) -> None:
    """It is named: nobody could say what a request must hold."""
    service_.replace("src/app/rules.py", RULE, "return min(table.values()) < 10")
    due = ("unknown", "src/app/rules.py, cheap: which columns it reads cannot be told")
    assert [service_.said("contract", check) for check in ("fields", "document")] == [due, due]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda d: row(d)["properties"].pop("price"), "'price' is not in the request"),
        (lambda d: row(d)["properties"].update(sold={"type": "boolean"}), "'sold' is in the request"),
        (
            lambda d: row(d)["properties"]["price"].update(maximum=1000),
            "price: maximum '1000', schema.toml says '100'",
        ),
        (lambda d: row(d)["properties"]["price"].pop("minimum"), "minimum 'None', schema.toml says '0'"),
        (
            lambda d: row(d)["properties"]["price"].update(type="string"),
            "type 'string', schema.toml says 'number'",
        ),
        (lambda d: row(d)["properties"]["price"].update({"x-unit": "USD"}), "unit 'USD', schema.toml says"),
        (
            lambda d: row(d)["properties"]["colour"].update(type="string"),
            "colour: nullable 'False', schema.toml says 'True'",
        ),
        (lambda d: row(d)["properties"]["colour"]["enum"].append("mauve"), "'mauve'"),
        (
            lambda d: row(d)["properties"]["shop"].update(description="shop"),
            "meaning 'shop', schema.toml says",
        ),
        (lambda d: row(d)["required"].remove("shop"), "shop: need not be there"),
        (lambda d: row(d)["required"].append("colour"), "colour: must be there"),
        (lambda d: row(d).pop("additionalProperties"), "a field that is not known is no error"),
        (lambda d: _answer(d).pop("probability"), "the answer has no probability"),
        (lambda d: _answer(d).pop("model"), "the answer has no model"),
        (lambda d: _answer(d)["prediction"].update(type="string"), "binary gives a boolean"),
    ],
)
def test_documents_that_differ(service_: Service, change: Change, says: str) -> None:
    """From schema.toml and the outcome."""
    revise(service_, OPENAPI, change)
    outcome, text = service_.said("contract", "document")
    assert (outcome, says in text) == ("fail", True), text
    assert service_.outcomes("contract")["same_as_served"] == "fail"


def _answer(document: dict[str, Any]) -> dict[str, Any]:
    content = document["paths"]["/predict"]["post"]["responses"]["200"]["content"]
    found: dict[str, Any] = content["application/json"]["schema"]["properties"]
    return found


@pytest.mark.parametrize("path", ["/predict/batch", "/health", "/ready", "/metrics", "/version"])
def test_every_endpoint_is_due(service_: Service, path: str) -> None:
    """One that is missing is named."""
    revise(service_, OPENAPI, lambda document: document["paths"].pop(path))
    outcome, text = service_.said("contract", "endpoints")
    assert (outcome, text.endswith(path)) == ("fail", True)


@pytest.mark.parametrize(
    ("change", "outcome", "says"),
    [
        (
            lambda e: e["good"][0]["request"].update(price=-5),
            "fail",
            "good request 1: price (-5 is less than the minimum of 0)",
        ),
        (lambda e: e["bad"][1]["set"].update(price=5), "fail", "and breaks at nothing"),
        (lambda e: e["bad"][1].update(field="shop"), "fail", "should break at 'shop', and breaks at price"),
        (lambda e: e["bad"][1]["set"].update(shop=1), "fail", "breaks at price, shop"),
        (lambda e: e["bad"].pop(3), "fail", "no bad request for 'colour'"),
        (lambda e: e.update(bad=e["bad"][:2]), "fail", "1 good and 2 bad requests"),
        (lambda e: e.update(good=[]), "fail", "0 good and 6 bad requests"),
        (lambda e: e["good"].append(e["good"][0]), "fail", "the report says"),
        (lambda e: e.update(good=[1]), "unknown", "holds no good and bad requests"),
        (lambda e: e.update(schema=1), "unknown", "holds no good and bad requests"),
        (lambda e: e.update(schema=3), "unknown", "holds no good and bad requests"),
    ],
)
def test_examples_that_do_not_do_what_they_say(
    service_: Service, change: Change, outcome: str, says: str
) -> None:
    """Good ones that break, bad ones that do not or elsewhere, and too few."""
    revise(service_, EXAMPLES, change)
    found, text = service_.said("contract", "examples")
    assert (found, says in text) == (outcome, True), text


CHANGES: list[dict[str, Any]] = [
    {"field": "size", "set": {"size": 1}},
    {"field": "price", "set": {"price": -1}},
    {"field": "colour", "set": {"colour": "mauve"}},
    {"field": "day", "set": {"day": 3}},
    {"field": "shop", "without": ["shop"]},
    {"field": "price", "set": {}, "without": ["price"]},
]


def changed(example: Any, *bad: Any) -> None:
    """Bad requests as changes of the first good one."""
    example.update(schema=2, bad=[*bad, *CHANGES[len(bad) :]])


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize(
    ("bad", "outcome", "says"),
    [
        (CHANGES[0], "pass", "1 good requests hold, 6 bad ones break at their own field"),
        (
            {"field": "size", "set": {"price": 5}},
            "fail",
            "(None) should break at 'size', and breaks at nothing",
        ),
        ({"field": "shop", "set": {"shop": None, "size": 1}}, "fail", "and breaks at shop, size"),
        ({"field": "price"}, "fail", "and breaks at nothing"),
        ({"field": "price", "without": ["colour"]}, "fail", "and breaks at nothing"),
        ({"field": "price", "without": ["price"], "set": {"price": 5}}, "fail", "and breaks at nothing"),
        (
            {"field": ["price"], "set": {"price": -1}},
            "fail",
            "should break at ['price'], and breaks at price",
        ),
        ({"field": "price", "request": {}}, "unknown", "holds no good and bad requests"),
        ({"field": "price", "without": "price"}, "unknown", "holds no good and bad requests"),
        ({"field": "price", "set": [1]}, "unknown", "holds no good and bad requests"),
    ],
)
def test_bad_requests_are_changes_of_the_first_good_one(
    service_: Service, whole: bool, bad: Any, outcome: str, says: str
) -> None:
    """`set` and `without`; also where the document has a rule of the whole row."""
    revise(service_, EXAMPLES, lambda value: changed(value, bad))
    if whole:
        revise(service_, OPENAPI, lambda document: row(document).update(allOf=[True]))
    found, text = service_.said("contract", "examples")
    assert (found, says in text) == (outcome, True), text


@pytest.mark.parametrize(("left", "outcome"), [(4, "pass"), (3, "pass"), (2, "fail")])
def test_a_contract_of_one_field_has_few_bad_requests(service_: Service, left: int, outcome: str) -> None:
    """An open category that may not be null: unknown field, wrong type, null, missing."""
    bad = [
        {"field": "shop", "without": ["shop"]},
        {"field": "size", "set": {"size": 1}},
        {"field": "shop", "set": {"shop": 1}},
        {"field": "shop", "set": {"shop": None}},
    ]
    only: dict[str, Any] = {"properties": {"shop": {"type": "string"}}, "required": ["shop"]}
    revise(service_, OPENAPI, lambda document: row(document).update(only))
    good = [{"origin": "real", "request": {"shop": "shop 1"}}]
    revise(service_, EXAMPLES, lambda value: value.update(schema=2, good=good, bad=bad[:left]))
    service_.edit("contract", lambda results: results["examples"].update(bad=left))
    assert service_.said("contract", "examples")[0] == outcome


def widen(service_: Service, names: list[str], meaning: str) -> None:
    """Add columns of numbers, which may be null, to schema.toml and contract, each with a bad request."""
    schema = (service_.root / "schema.toml").read_text("utf-8")
    lines = [f'\n[[column]]\nname = "{name}"\ntype = "number"\nnullable = true\n' for name in names]
    service_.write("schema.toml", schema + "".join(lines))
    cells = {name: {"type": ["number", "null"], "description": meaning} for name in names}
    revise(service_, OPENAPI, lambda document: row(document)["properties"].update(cells))
    bad = [{"field": name, "set": {name: "three"}} for name in names]
    revise(service_, EXAMPLES, lambda value: changed(value, *CHANGES, *bad))
    service_.edit("contract", lambda results: results["examples"].update(bad=len(CHANGES) + len(names)))


def test_a_wide_table_has_more_requests_and_larger_files(service_: Service) -> None:
    """700 fields, one bad request each, a document of more than 2 MiB."""
    widen(service_, [f"c{number}" for number in range(700)], "x" * 3_200)
    assert (service_.root / OPENAPI).stat().st_size > 2 << 20
    assert service_.said("contract", "examples") == (
        "pass",
        "1 good requests hold, 706 bad ones break at their own field",
    )


def test_files_beyond_what_so_many_columns_need_are_not_judged(service_: Service) -> None:
    """They are named."""
    widen(service_, ["c"], "x" * (3 << 20))
    found, text = service_.said("contract", "examples")
    assert (found, "at most 2,211,840 are judged" in text) == ("unknown", True), text


def test_the_validator_is_loaded_where_it_is_used() -> None:
    """A check of another step does not wait for it."""
    code = "import sys, poc2prod.evidence.contract; sys.exit('jsonschema_rs' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_another_notation_of_null_and_references(service_: Service) -> None:
    """`anyOf` with null, an enumeration by reference: as pydantic writes them."""

    def change(document: dict[str, Any]) -> None:
        colour = row(document)["properties"]["colour"]
        kinds = {"type": "string", "enum": [item for item in colour.pop("enum") if item is not None]}
        document["components"]["schemas"]["Colour"] = kinds
        row(document)["properties"]["colour"] = {
            "description": colour["description"],
            "anyOf": [{"$ref": "#/components/schemas/Colour"}, {"type": "null"}],
        }

    revise(service_, OPENAPI, change)
    assert [service_.said("contract", check)[0] for check in ("document", "examples")] == ["pass", "pass"]
    revise(service_, OPENAPI, lambda made: made["components"]["schemas"]["Colour"]["enum"].append("mauve"))
    outcome, text = service_.said("contract", "document")
    assert (outcome, "'mauve'" in text) == ("fail", True), text


@pytest.mark.parametrize(
    ("old", "new", "outcome", "says"),
    [
        ("pipeline -- model", "%% pipeline -- model", "fail", "does not name pipeline"),
        ("pipeline -- model", "pipelines -- model", "fail", "does not name pipeline"),
        ("```mermaid", "<!-- ```mermaid", "unknown", ""),
        ("```mermaid", "```text", "fail", "has no diagram"),
    ],
)
def test_diagrams(service_: Service, old: str, new: str, outcome: str, says: str) -> None:
    """Every service is named in the diagram itself, not in a comment or in words."""
    service_.replace("docs/contract.md", old, new)
    if outcome == "unknown":
        assert service_.outcomes("contract")["answers"] == "unknown"
        return
    found, text = service_.said("contract", "diagram")
    assert (found, says in text) == (outcome, True), text


@pytest.mark.parametrize(("text", "says"), [("", "is empty"), ("services: {}\n", "has no services")])
def test_services_that_are_not_there(service_: Service, text: str, says: str) -> None:
    """An empty compose.yaml proves nothing."""
    service_.write("compose.yaml", text)
    found, said = service_.said("contract", "diagram")
    assert (found, says in said) == ("unknown", True), said


def test_without_any_contract_there_is_one_finding(service_: Service) -> None:
    """A proof of concept alone."""
    for name in ("src/app/contract.py", "docs/contract.md", OPENAPI, EXAMPLES, "reports/contract.json"):
        (service_.root / name).unlink()
    assert service_.outcomes("contract") == {"missing": "unknown"}
