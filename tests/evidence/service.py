"""The small project of `modelled` with all that II.1 and II.3 to II.7 read: code, tests, image, records."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from evidence import modelled
from poc2prod_kit.run.hashing import of_value

from poc2prod.checklist import step
from poc2prod.evidence import code, judge, served
from poc2prod.evidence.finding import Finding
from poc2prod.evidence.golden import GOLDEN
from poc2prod.evidence.rows import schema_columns

OPENAPI, EXAMPLES, PREDICTIONS = (
    "contract/openapi.json",
    "contract/examples.json",
    "tests/golden/predictions.json",
)
FIELDS = ("day", "shop", "price", "colour")
GOOD = {"day": "2023-03-05", "shop": "shop 1", "price": 5, "colour": "red"}
BAD: tuple[dict[str, Any], ...] = (
    {"why": "unknown field", "field": "size", "set": {"size": 1}},
    {"why": "wrong type", "field": "price", "set": {"price": "three"}},
    {"why": "below the minimum", "field": "price", "set": {"price": -1}},
    {"why": "not an allowed value", "field": "colour", "set": {"colour": "mauve"}},
    {"why": "no date", "field": "day", "set": {"day": "soon"}},
    {"why": "missing", "field": "shop", "without": ["shop"]},
)
CASES = """
[testing]
[[testing.invariance]]
why = "the shop says nothing"
[[testing.direction]]
why = "dear things are sold less"
[[testing.minimum]]
why = "what costs nothing is sold"
"""
PAGE = """
```mermaid
flowchart LR
    caller --> api
    pipeline -- model --> api
```
"""
COMPOSE = "services:\n  api:\n    image: app:local\n  pipeline:\n    image: app-pipeline:local\n"
HASH = "a" * 64
COMMIT = "b" * 40
DOCKERFILE = f"""ARG BASE=python:3.13.5-slim-bookworm
FROM ${{BASE}} AS packages
COPY requirements.lock ./
RUN python -m venv /opt/venv \\
    && pip --python /opt/venv/bin/python install --require-hashes -r requirements.lock

FROM node:22.1.0@sha256:{HASH} AS pages

FROM ${{BASE}}
COPY --from=packages /opt/venv /opt/venv
COPY src src
RUN pip install --no-deps .
USER 10001:10001
HEALTHCHECK --interval=10s CMD ["python", "health.py"]
CMD ["python", "-m", "app.api"]
"""
LOCK = f"""numpy==2.4.6 \\
    --hash=sha256:{HASH} \\
    --hash=sha256:{HASH}
    # via app
pandas==3.1.0 --hash=sha256:{HASH}
"""
WORKFLOW = f"""name: CI
on:
  push:
    branches: [main]
  pull_request:
permissions: {{}}
jobs:
  lint:
    steps:
      - uses: actions/checkout@{COMMIT} # v7
      - run: python -m app lint
  test:
    permissions:
      contents: read
    steps:
      - run: python -m app test
      - run: python -m app sample
  image:
    steps:
      - run: |
          read -r -a options <<< "$OPTIONS"
          python -m app image -- "${{options[@]}}"
  gate:
    steps:
      - run: poc2prod gate
"""
TESTS = {
    "tests/test_data.py": "from app import data\n\n\ndef test_rows():\n    assert data.rows() == 3\n",
    "tests/test_features.py": "from app import features\n\ndef test_cheap():\n    assert features.made()\n",
    "tests/test_api.py": "import app.api\n\ndef test_answers():\n    app.api.ask()\n    check()\n\n\n"
    "def check():\n    assert app.api.version()\n",
    "tests/test_pipeline.py": "from app import pipeline\n\ndef test_runs():\n    assert pipeline.run()\n",
    "tests/test_behaviour.py": "import pytest\n\nfrom app import model\n\n\n"
    + "\n\n".join(
        f"@pytest.mark.parametrize('case', [1])\ndef test_{kind}(case):\n    assert model.ask(case) > 0\n"
        for kind in ("invariance", "direction", "minimum")
    ),
}
MODULES = ("contract", "api", "pipeline", "__init__")


class Service(modelled.Modelled):
    """`Modelled` with what comes after: reports are made honestly, records as the commands write them."""

    def contract(self) -> None:
        """Write the contract, its examples and its report."""
        columns = schema_columns(self.facts())
        row = {
            "type": "object",
            "additionalProperties": False,
            "required": [name for name in FIELDS if not columns[name].nullable],
            "properties": {name: _field(columns[name]) for name in FIELDS},
        }
        self.write(OPENAPI, json.dumps(_document(row)))
        good = [{"origin": "real", "request": GOOD}]
        self.write(EXAMPLES, json.dumps({"schema": 2, "good": good, "bad": BAD}))
        listed = [{**asdict(columns[name]), "values": list(columns[name].values)} for name in FIELDS]
        for one in listed:
            if one["type"] == "date":
                one.update(minimum=None, maximum=None)
        told = of_value(json.loads((self.root / OPENAPI).read_text("utf-8")))
        results = {
            "fields": listed,
            "openapi": told,
            "examples": {"good": 1, "bad": len(BAD)},
            "golden": {"rows": 4, "origin": "synthetic", "differing_values": 0},
        }
        self.report("contract", results, [OPENAPI, EXAMPLES, GOLDEN], ["src/app/rules.py"])

    def predictions(self, **answer: Any) -> None:
        """Write tests/golden/predictions.json."""
        said = {"prediction": True, "probability": 0.75, **answer}
        content = {"schema": 1, "model": self.id, "rows": [{"request": GOOD, "answer": said}]}
        self.write(PREDICTIONS, json.dumps(content))

    @property
    def id(self) -> str:
        """The model's content id."""
        return str(self.facts().now(modelled.MODEL).hash)

    def api(self) -> None:
        """Write the API's report."""
        none = {"differing": 0, "largest_difference": 2e-7}
        results = {
            "model": self.id,
            "kind": "gradient_boosting",
            "golden": {"rows": 4, **none},
            "random": {"rows": 1000, **none},
            "predictions": {"rows": 1, **none},
            "tolerance": {"absolute": 1e-05},
            "serving": {"bytes": 1000},
            "findings": [],
        }
        self.write("models/serving.json", "{}")
        self.report("api", results, ["models/serving.json"])

    def observe(self, *kinds: str) -> None:
        """Write records of these kinds (all, if none is named) for the source as it is."""
        for kind in kinds or ("lint", "test", "latency", "image", "ci"):
            self.record(kind, self.results(kind))

    def results(self, kind: str) -> dict[str, Any]:
        """What the command of a kind would find."""
        golden = {"rows": 1, "differing": 0, "largest_difference": 1e-7}
        modules = sorted(self.root.glob("src/**/*.py"))
        clean = {"files": len(modules), "findings": 0, "examples": []}
        texts = {path.relative_to(self.root).as_posix(): path.read_text("utf-8") for path in modules}
        lines = {name: [1, 1] for name, text in texts.items() if code.has_code(text)}
        tests = {
            path.relative_to(self.root).as_posix(): path.read_text("utf-8").count("def test_")
            for path in sorted(self.root.glob("tests/test_*.py"))
        }
        total = sum(tests.values())
        level = {"requests": 400, "errors": 0, "p50_ms": 9.0, "p95_ms": 14.0, "p99_ms": 20.0}
        made: dict[str, dict[str, Any]] = {
            "lint": {
                **dict.fromkeys(("format", "lint", "types"), clean),
                "complexity": {"limit": 10, "worst": {"name": "a.py:f", "value": 9}, "over": []},
                "golden": golden,
            },
            "test": {
                "tests": total,
                "passed": total - 1,
                "failed": 0,
                "errors": 0,
                "skipped": [
                    {"name": "test_data::test_rows", "reason": "the raw rows are not on this machine"}
                ],
                "files": tests,
                "coverage": {"lines": len(lines), "covered": len(lines)},
                "files_covered": lines,
            },
            "latency": {
                "levels": [{**level, "concurrency": 1, "per_second": 100.0}],
                "seconds": 4.0,
                "memory_mb": {"start": 100.0, "end": 101.0},
                "cold_start_s": 1.0,
                "where": {"processors": 2, "system": "Linux"},
                "golden": golden,
                "refused": {"tried": len(BAD), "named": len(BAD), "examples": []},
                "endpoints": dict.fromkeys(served.ENDPOINTS, 200),
                "model": self.id,
            },
            "image": {
                "name": "app:local",
                "digest": f"sha256:{HASH}",
                "size_mb": 300.5,
                "base": {"name": "python:3.13.5-slim-bookworm", "digest": f"sha256:{HASH}"},
                "user": "10001:10001",
                "read_only": True,
                "health": "healthy",
                "golden": golden,
                "model": self.id,
                "start_s": 1.5,
                "build_s": None,
            },
            "ci": {
                "provider": "github",
                "repository": "county/app",
                "run": "1",
                "commit": COMMIT,
                "ref": "refs/heads/main",
                "jobs": dict.fromkeys(("lint", "test", "image", "gate"), "success"),
            },
        }
        return made[kind]

    def record(self, kind: str, results: dict[str, Any]) -> None:
        """Write one record, in place of others of its kind."""
        for old in self.root.glob(f"records/{kind}-*.json"):
            old.unlink()
        content: dict[str, Any] = {
            "schema": 1,
            "kind": kind,
            "when": "2026-05-31T14:03:22Z",
            "source": self.facts().source(),
            "model": None if kind == "ci" else self.id,
            "data": None,
            "tools": {},
            "results": json.loads(json.dumps(results)),
        }
        content["seal"] = of_value(content)
        self.write(f"records/{kind}-20260531-{content['seal'][:12]}.json", json.dumps(content))

    def findings_of(self, slug: str, check: str) -> list[Finding]:
        """What a check says."""
        return [item for item in judge(step(slug), self.facts()).findings if item.check == check]

    def todo(self, slug: str, check: str) -> str:
        """What a check that does not pass says to do."""
        return next(item.todo for item in self.findings_of(slug, check) if item.outcome != "pass")

    def again(self, kind: str, change: Callable[[dict[str, Any]], object]) -> None:
        """Write the record of a kind anew with other results."""
        results = json.loads(json.dumps(self.results(kind)))
        change(results)
        self.record(kind, results)


def _field(column: Any) -> dict[str, Any]:
    kind = {"number": "number"}.get(column.type, "string")
    made: dict[str, Any] = {"type": [kind, "null"] if column.nullable else kind}
    if column.type == "number":
        made |= {"minimum": column.minimum, "maximum": column.maximum}
    if column.type == "date":
        made["format"] = "date"
    if column.values:
        made["enum"] = [*column.values, *([None] if column.nullable else [])]
    return {**made, "description": column.meaning, **({"x-unit": column.unit} if column.unit else {})}


def _document(row: dict[str, Any]) -> dict[str, Any]:
    answer = {name: {"type": kind} for name, kind in (("prediction", "boolean"), ("probability", "number"))}
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Row"}}}
    given = {"type": "object", "properties": {**answer, "model": {"type": "string"}}}
    told: dict[str, Any] = {"200": {"content": {"application/json": {"schema": given}}}}
    paths: dict[str, Any] = {path: {method: {"responses": told}} for path, method in served.ENDPOINTS.items()}
    paths["/predict"]["post"]["requestBody"] = {"content": content}
    return {"openapi": "3.1.0", "paths": paths, "components": {"schemas": {"Row": row}}}


def build(root: Path) -> Service:
    """The whole project, all of whose checks of II.1 and II.3 to II.7 pass."""
    made = Service(modelled.build(root).root)
    made.write("params.toml", (root / "params.toml").read_text("utf-8") + CASES)
    names = made.facts().asked("contract")
    made.write("docs/contract.md", PAGE + "".join(map(modelled.ANSWER.format, names)))
    made.write("compose.yaml", COMPOSE)
    made.write("Dockerfile", DOCKERFILE)
    made.write(".dockerignore", "*\n!src\n!requirements.lock\n")
    made.write("requirements.lock", LOCK)
    made.write(".github/workflows/ci.yml", WORKFLOW)
    for name in MODULES:
        made.write(f"src/app/{name}.py", f'"""{name}."""\n\nNAME = 1\n')
    for name, text in TESTS.items():
        made.write(name, text)
    made.contract()
    made.predictions()
    made.api()
    made.observe()
    return made
