"""The API as callers meet it: answers equal the offline pipeline's, and nothing that is sent breaks it."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable, Sequence
from typing import Any

import httpx
import numpy as np
import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from poc2prod_kit.models import selected_model
from poc2prod_kit.run import steps
from poc2prod_kit.run.project import Project
from poc2prod_kit.serving import examples, parity, scorer
from schemathesis import GenerationMode

from {{ cookiecutter.package }} import api, contract, rules

STEPS = ("data", "split", "features", "baseline", "contract", "api")
Request = dict[str, Any]


@pytest.fixture(scope="module")
def made(project: Project, small: Callable[[], Project]) -> Project:
    """A small project with its serving model."""
    copy = small()
    shutil.copy(project.root / "pyproject.toml", copy.root)
    for step in STEPS:
        steps.run_step(copy, step)
    return copy


@pytest.fixture(scope="module")
def model(made: Project) -> scorer.Scorer:
    """The serving model."""
    return scorer.load(made.root, rules)


@pytest.fixture(scope="module")
def served(model: scorer.Scorer) -> FastAPI:
    """The API over that model."""
    return api.app(model)


def ask(app: FastAPI, method: str, path: str, bodies: Sequence[Any] = (None,)) -> list[httpx.Response]:
    """What the API answers to each of the bodies."""

    async def asking() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
            return [await client.request(method, path, json=body) for body in bodies]

    return asyncio.run(asking())


def read(project: Project) -> tuple[list[Request], list[dict[str, Any]]]:
    """The contract's good requests, and its bad examples."""
    return examples.whole(json.loads((project.root / contract.EXAMPLES).read_text(encoding="utf-8")))


def numbers(answer: dict[str, Any]) -> list[float]:
    """What the fitted pipeline gives too: the number, or the probability of each class."""
    if "probabilities" in answer:
        return list(answer["probabilities"].values())
    share = answer.get("probability")
    return [answer["prediction"]] if share is None else [1 - share, share]


def test_answers_equal_the_offline_pipelines(made: Project, model: scorer.Scorer, served: FastAPI) -> None:
    """Golden rows sent as JSON are predicted as the fitted pipeline predicts them from the table."""
    table = parity.golden_rows(made)
    offline = parity.offline(made, selected_model.load(made), table)
    requests = examples.requests(table, model.about["columns"])
    answers = ask(served, "POST", "/predict", requests)
    asked = [place for place, answer in enumerate(answers) if answer.status_code == 200]
    assert asked
    online = np.array([numbers(answers[place].json()) for place in asked])
    np.testing.assert_allclose(online, offline[asked], rtol=2e-5, atol=2e-5)


def test_a_batch_says_what_its_rows_say_alone(made: Project, served: FastAPI) -> None:
    """In the same order, under the same model's id."""
    rows, _ = read(made)
    alone = [answer.json() for answer in ask(served, "POST", "/predict", rows)]
    (together,) = ask(served, "POST", "/predict/batch", [{"rows": rows}])
    model = together.json()["model"]
    assert [{**one, "model": model} for one in together.json()["predictions"]] == alone


def test_a_batch_may_be_so_large_and_no_larger(made: Project, model: scorer.Scorer, served: FastAPI) -> None:
    """A full batch is answered, one row more is not."""
    most, row = model.about["limits"]["largest_batch"], read(made)[0][0]
    full, over = ask(served, "POST", "/predict/batch", [{"rows": [row] * most}, {"rows": [row] * (most + 1)}])
    assert (full.status_code, len(full.json()["predictions"])) == (200, most)
    assert over.status_code in (413, 422)


def test_bad_examples_are_refused_by_the_fields_name(made: Project, served: FastAPI) -> None:
    """422 for each, as a problem that names the one field that is wrong in it."""
    _, bad = read(made)
    answers = ask(served, "POST", "/predict", [one["request"] for one in bad])
    named = [[error["field"] for error in answer.json()["errors"]] for answer in answers]
    assert [answer.status_code for answer in answers] == [422] * len(bad)
    assert named == [[one["field"]] for one in bad]


@pytest.mark.parametrize("path", ["/health", "/ready", "/metrics", "/version", "/openapi.json"])
def test_it_tells_how_it_is(served: FastAPI, path: str) -> None:
    """Every endpoint that is only read answers 200, with the request's id."""
    (answer,) = ask(served, "GET", path)
    assert (answer.status_code, len(answer.headers["x-request-id"])) == (200, 32)


def test_the_document_served_is_the_contract(made: Project, served: FastAPI) -> None:
    """Callers who read contract/openapi.json and those who ask /openapi.json read the same."""
    committed = json.loads((made.root / contract.OPENAPI).read_text(encoding="utf-8"))
    assert ask(served, "GET", "/openapi.json")[0].json() == committed


@pytest.mark.parametrize("mode", list(GenerationMode), ids=["as described", "otherwise"])
def test_whatever_is_sent_has_a_described_answer(served: FastAPI, mode: GenerationMode) -> None:
    """What it describes is accepted, all else refused; no 5xx, no answer that it does not describe."""
    document = schemathesis.openapi.from_asgi("/openapi.json", served)
    operations = [found.ok() for found in document.get_all_operations()]
    for operation in operations if mode.is_positive else [one for one in operations if one.body]:
        fuzz(operation.as_strategy(generation_mode=mode))


def fuzz(cases: Any) -> None:
    """Send so many cases and hold each answer against the document."""

    @settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(case=cases)
    def answered(case: schemathesis.Case) -> None:
        case.call_and_validate()

    answered()
