"""II.4 api: answer over HTTP what the model predicts. `python -m <package>.api` starts the server."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from fastapi import FastAPI, HTTPException, Response
from fastapi.responses import PlainTextResponse
from poc2prod_kit.run.paths import find_root, use_package
from poc2prod_kit.serving import logs, metrics, problems, schemas, server
from poc2prod_kit.serving.middleware import BodyLimit, Observe

from . import rules

if TYPE_CHECKING:
    from poc2prod_kit.run.project import Project
    from poc2prod_kit.run.report import Report


class Scorer(Protocol):
    """A loaded model (poc2prod_kit.serving.scorer), or a fake one in a test.

    `about` is models/serving.json: columns, target, limits, threshold, title, version, model.
    """

    about: dict[str, Any]

    def predict(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The answer to each row, without the model's id."""


def run(project: "Project") -> "Report":
    """Export the selected model, compare it with the fitted one, and its answers with the golden ones."""
    from poc2prod_kit.serving import export_step, import_check

    import_check.check(project.root)
    return export_step.run(project)


def write_golden(project: "Project") -> None:
    """Write the golden predictions anew: what the API answers from now on."""
    from poc2prod_kit.serving import export_step

    export_step.write_golden(project)


def app(scorer: Scorer, version: dict[str, str | None] | None = None) -> FastAPI:
    """The endpoints over a loaded model; `version` is what /version answers."""
    about = scorer.about
    Row = schemas.row_model(about["columns"])
    Batch = schemas.batch_model(Row, about["limits"]["largest_batch"])
    Answer, BatchAnswer = schemas.answer_models(about["target"], about.get("threshold"))
    example = schemas.as_row(Row.model_validate({one["name"]: one["example"] for one in about["columns"]}))
    version = version or {"model": about["model"], "data": None, "source": None, "version": about["version"]}
    observed = metrics.Metrics(about, version)

    api = FastAPI(
        title=about["title"],
        version=about["version"],
        description=about.get("description", ""),
        lifespan=observed.lifespan,
        responses=problems.responses(500),
        generate_unique_id_function=lambda route: route.name,
    )
    api.add_middleware(BodyLimit, largest=about["limits"]["largest_body_kb"] * 1024)
    api.add_middleware(Observe, metrics=observed)
    problems.install(api)
    api.state.metrics = observed

    def predicted(rows: list[schemas.Row]) -> list[dict[str, Any]]:
        answers = scorer.predict(rows)
        observed.predicted(answers)
        return answers

    # The models are made while this runs, so mypy cannot know them as types.
    @api.post("/predict", response_model=Answer, responses=problems.responses(400, 413, 422))
    async def predict(row: Row) -> dict[str, Any]:  # type: ignore[valid-type]
        """Predict one row."""
        return {**predicted([schemas.as_row(row)])[0], "model": about["model"]}

    # Not async: FastAPI runs it in a thread, so that single rows do not wait for a large batch.
    @api.post("/predict/batch", response_model=BatchAnswer, responses=problems.responses(400, 413, 422))
    def predict_batch(batch: Batch) -> dict[str, Any]:  # type: ignore[valid-type]
        """Predict several rows, answered in their order."""
        return {"predictions": predicted(schemas.as_rows(batch)), "model": about["model"]}

    @api.head("/health", include_in_schema=False)
    @api.get("/health")
    async def health() -> dict[str, str]:
        """Whether the process answers."""
        return {"status": "alive"}

    @api.get("/ready", responses=problems.responses(503))
    async def ready() -> dict[str, str]:
        """Whether the model predicts: the example of its own columns."""
        try:
            scorer.predict([example])
        except Exception as error:
            raise HTTPException(503, problems.MEANINGS[503], {"Retry-After": "1"}) from error
        return {"status": "ready"}

    @api.get("/metrics", response_class=PlainTextResponse)
    async def numbers() -> Response:
        """Counts and times, for Prometheus."""
        return Response(observed.text(), media_type=metrics.MEDIA_TYPE)

    @api.get("/version")
    async def served() -> dict[str, str | None]:
        """Which model, data, source and version answer."""
        return version

    return api


def create() -> FastAPI:
    """The API over models/. Raises ProjectError where it cannot be loaded."""
    from poc2prod_kit.serving.scorer import load

    use_package(Path(__file__).parent)
    root = find_root()
    scorer = load(root, rules)
    api = app(scorer, server.about(root, scorer.about))
    logs.configure(dropped=api.state.metrics.log_lines_dropped.inc)
    return api


if __name__ == "__main__":
    use_package(Path(__file__).parent)
    sys.exit(server.run(create))
