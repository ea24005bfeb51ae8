"""II.4 api: answer over HTTP what the model predicts. `python -m <package>.api` starts the server."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI
from poc2prod_kit.run.paths import find_root, use_package
from poc2prod_kit.serving import metrics, openapi, server
from poc2prod_kit.serving.app import READY, Scorer, Service
from poc2prod_kit.serving.problem import ProblemError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from . import rules

if TYPE_CHECKING:
    from poc2prod_kit.run.project import Project
    from poc2prod_kit.run.report import Report


def run(project: Project) -> Report:
    """Export the kept model, hold it against the fitted one, and its answers against the golden ones."""
    from poc2prod_kit.serving import export_step, import_check

    import_check.check(project.root)
    return export_step.run(project)


def write_golden(project: Project) -> None:
    """Write the golden predictions anew: what the API answers from now on."""
    from poc2prod_kit.serving import export_step

    export_step.write_golden(project)


def app(model: Scorer, about: dict[str, str | None] | None = None) -> FastAPI:
    """The endpoints over a loaded model; `about` is what /version tells."""
    service = Service(model, about or server.about(None, model.about))
    document = json.dumps(openapi.document(model.about), ensure_ascii=False).encode()
    api = service.api()

    @api.post("/predict")
    async def predict(request: Request) -> Response:
        return await service.read(
            request, service.row, lambda row: {**service.predict([row])[0], "model": model.about["model"]}
        )

    @api.post("/predict/batch")
    async def predict_batch(request: Request) -> Response:
        return await service.read(
            request,
            service.batch,
            lambda batch: {"predictions": service.predict(batch["rows"]), "model": model.about["model"]},
        )

    @api.get("/health")
    async def health() -> Response:
        return JSONResponse({"status": "alive"})

    @api.get("/ready")
    async def ready() -> Response:
        if service.state != READY:
            raise ProblemError(503, f"The service is {service.state}.", headers={"Retry-After": "1"})
        return JSONResponse({"status": "ready"})

    @api.get("/metrics")
    async def numbers() -> Response:
        return Response(service.metrics.text(), media_type=metrics.MEDIA_TYPE)

    @api.get("/version")
    async def version() -> Response:
        return JSONResponse(service.about)

    @api.get("/openapi.json")
    async def specification() -> Response:
        return Response(document, media_type="application/json")

    return api


def create() -> FastAPI:
    """The API over what is in models/, once that has shown that it predicts. Raises ProjectError."""
    from poc2prod_kit.serving import scorer

    use_package(Path(__file__).parent)
    root = find_root()
    model = scorer.load(root, rules)
    made = app(model, server.about(root, model.about))
    made.state.service.prove()
    return made


if __name__ == "__main__":
    use_package(Path(__file__).parent)
    sys.exit(server.run(create))
