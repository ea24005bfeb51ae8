"""Faults of II.1: fields that are not the schema's, examples that do nothing, another document."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench import hands, produced
from bench.produced import fault

from poc2prod.project import Facts

# tests/golden/ is part of the source that records are bound to.
SOURCE = ("refactor", "api", "testing", "docker", "ci")
GOLDEN = "tests/golden/rows.json"
OPENAPI, EXAMPLES = "contract/openapi.json", "contract/examples.json"


def document(project: Path, change: Any) -> None:
    """Change contract/openapi.json, and all that says what it was."""
    hands.revise(project, OPENAPI, change)
    now = Facts(str(project)).now(OPENAPI).hash
    hands.report(project, "contract", lambda results: results.update(openapi=now))
    produced.retold(project, "contract", "api")


def cell(name: str, **said: Any) -> Any:
    """Describe a field of a request in another way."""
    return lambda value: value["components"]["schemas"]["Row"]["properties"][name].update(said)


@fault("contract", "fail", "age: maximum '120'")
def wider_range(project: Path) -> None:
    """Ages that the model has never seen, with all hashes brought up to date."""
    document(project, cell("age", maximum=120))


@fault("contract", "fail", "age: nullable 'True'")
def null_where_none_is_allowed(project: Path) -> None:
    """The document allows what the schema does not."""
    document(project, cell("age", type=["integer", "null"]))


@fault("contract", "fail", "'widow'")
def value_renamed(project: Path) -> None:
    """A category is spelled in another way."""

    def change(value: Any) -> None:
        values = value["components"]["schemas"]["Row"]["properties"]["marital_status"]["enum"]
        values[values.index("widowed")] = "widow"

    document(project, change)


@fault("contract", "fail", "meaning ''")
def meaning_left_out(project: Path) -> None:
    """Nobody knows what is meant."""
    document(project, cell("education", description=""))


@fault("contract", "fail", "'education' is not in the request")
def field_left_out(project: Path) -> None:
    """A request without what the model needs."""

    def change(value: Any) -> None:
        row = value["components"]["schemas"]["Row"]
        del row["properties"]["education"]
        row["required"].remove("education")

    document(project, change)


@fault("contract", "fail", "'employed' is in the request")
def target_asked_for(project: Path) -> None:
    """The answer becomes a field."""
    document(
        project,
        lambda value: value["components"]["schemas"]["Row"]["properties"].update(
            employed={"type": "boolean"}
        ),
    )


@fault("contract", "fail", "does not have GET /version", "api")
def endpoint_left_out(project: Path) -> None:
    """Five of six."""
    document(project, lambda value: value["paths"].pop("/version"))


@fault("contract", "fail", "contract/openapi.json is", "api")
def document_edited(project: Path) -> None:
    """By hand, without the step."""
    hands.revise(project, OPENAPI, lambda value: value["info"].update(title="Other"))


@fault("contract", "fail", "edited or merged")
def fields_deleted_from_the_report(project: Path) -> None:
    """A field less in the report, under the old seal."""
    hands.report(project, "contract", lambda results: results["fields"].pop())


@fault("contract", "fail", "breaks at nothing", "refactor", "api")
def bad_example_mended(project: Path) -> None:
    """A request that should be refused, and is not."""

    def change(value: Any) -> None:
        value["bad"][3].pop("without", None)
        value["bad"][3]["set"] = {}

    hands.revise(project, EXAMPLES, change)
    produced.retold(project, "contract", "api")


@fault("contract", "fail", "0 bad requests", "refactor", "api")
def no_bad_examples(project: Path) -> None:
    """Nothing is refused any more, and the report says so."""
    hands.revise(project, EXAMPLES, lambda value: value.update(bad=[]))
    hands.report(project, "contract", lambda results: results["examples"].update(bad=0))
    produced.retold(project, "contract", "api")


@fault("contract", "fail", "good request 1", "refactor", "api")
def good_example_broken(project: Path) -> None:
    """An example that callers copy, and that is refused."""
    hands.revise(project, EXAMPLES, lambda value: value["good"][0]["request"].update(age="old"))
    produced.retold(project, "contract", "api")


@fault("contract", "fail", "does not name queue", "refactor", "api", "testing", "docker", "ci")
def service_not_drawn(project: Path) -> None:
    """A service more in compose.yaml."""
    hands.edit(
        project, "compose.yaml", "\n  pipeline:\n", "\n  queue:\n    image: queue:1.0.0\n\n  pipeline:\n"
    )


@fault("contract", "fail", "has no diagram")
def diagram_taken_out(project: Path) -> None:
    """Words only."""
    hands.edit(project, "docs/contract.md", "```mermaid", "```text")


@fault("contract", "unknown", "questions open: unavailable")
def question_open(project: Path) -> None:
    """TBD."""
    hands.answer(project, "contract", "unavailable", "TBD")


@fault("contract", "unknown", "is not there", "api", "refactor")
def report_gone(project: Path) -> None:
    """Nothing says what was made."""
    (project / "reports/contract.json").unlink()


@fault("contract", "stale", "schema.toml has changed", "api", "refactor", "testing", "docker", "ci")
def schema_changed(project: Path) -> None:
    """The range in schema.toml moves, and nobody makes the contract anew."""
    hands.edit(project, "schema.toml", "maximum = 95", "maximum = 96")


@fault("contract", "unknown", GOLDEN, *SOURCE)
def golden_rows_deleted(project: Path) -> None:
    """No golden rows."""
    (project / GOLDEN).unlink()


@fault("contract", "fail", "the file says", *SOURCE)
def golden_value_edited(project: Path) -> None:
    """A golden row that today's definition does not give; hashes brought up to date."""
    _golden(project, lambda rows: rows[0]["features"].update(age=rows[0]["features"]["age"] + 1))


@fault("contract", "fail", GOLDEN, *SOURCE)
def golden_rows_of_older_code(project: Path) -> None:
    """A parity fixture from before a feature was added."""
    _golden(project, lambda rows: [row["features"].pop("student_age_in_quarters") for row in rows])


@fault("contract", "fail", GOLDEN, *SOURCE)
def golden_rows_thinned(project: Path) -> None:
    """One golden row instead of all; the report says one."""
    hands.revise(project, GOLDEN, lambda value: value.update(rows=value["rows"][:1]))
    hands.put(project, "contract", "golden.rows", 1)
    produced.retold(project, "contract", "api")


@fault("contract", "fail", "the file says", *SOURCE)
def golden_rows_with_features_of_others(project: Path) -> None:
    """Each golden row has the features of the next one; hashes brought up to date."""

    def change(rows: list[Any]) -> None:
        features = [row["features"] for row in rows]
        for row, other in zip(rows, [*features[1:], features[0]], strict=True):
            row["features"] = other

    _golden(project, change)


@fault("contract", "fail", "values of")
def golden_rows_that_differ(project: Path) -> None:
    """The report itself counts values that are not what the code computes."""
    hands.put(project, "contract", "golden.differing_values", 4)
    produced.retold(project, "contract", "api")


def _golden(project: Path, change: Any) -> None:
    hands.revise(project, GOLDEN, lambda value: change(value["rows"]))
    produced.retold(project, "contract", "api")
