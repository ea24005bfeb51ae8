"""I.10 improve: would more data help, and which earlier step should you go back to?"""

from __future__ import annotations

from typing import Any

from poc2prod_kit.inspection import causes, learning_curve, proposals
from poc2prod_kit.models import fitting, selected_model
from poc2prod_kit.models.selected_model import Rows, SelectedModel
from poc2prod_kit.run import report
from poc2prod_kit.run.project import Project
from poc2prod_kit.run.report import Report
from poc2prod_kit.splitting import folds
from poc2prod_kit.summary import plots

MOST_ROWS = 50_000


def run(project: Project) -> Report:
    """The learning curve, and at most six next steps, each with the numbers that speak for it."""
    # Load
    evaluated, interpreted = report.results(project, "evaluate"), report.results(project, "interpret")
    model = selected_model.load(project)
    train = selected_model.rows(project, "train", most=MOST_ROWS)
    validation = selected_model.rows(project, "validation", most=MOST_ROWS)

    # Fit, predict and score on growing shares of the training rows
    points, influences = curve(project, model, train, validation)
    slope = learning_curve.doubling(model.metric, points, influences, validation.clusters)

    # Rank what to do next
    counts, file = causes.counted(project), causes.file(project)
    if (project.root / file).is_file():
        project.path(file)  # what people wrote there is an input of this report

    # Write
    figures: list[str] = []
    plots.learning_curve(project.root, report.plain(points), model.metric.name, figures)
    results = {
        "model": model.named,
        "metric": model.metric.name,
        "learning_curve": points,
        "doubling": slope,
        "causes": counts,
        "next": proposals.ranked(project, model.metric, evaluated, interpreted, slope, counts),
        "figures": figures,
    }
    return Report(results)


def curve(
    project: Project, model: SelectedModel, train: Rows, validation: Rows
) -> tuple[list[dict[str, Any]], list[Any]]:
    """The validation metric of the selected kind of model on growing, nested shares of the training clusters.

    Not sklearn's learning_curve, which draws rows: half a household would tell about its other half.
    """
    share = folds.order(train.table.index, train.clusters, f"curve {project.param('seed')}")
    points: list[dict[str, Any]] = []
    influences: list[Any] = []
    for fraction in learning_curve.fractions(project):
        part = train.take(share <= fraction)
        if len(part.y) and (not points or len(part.y) > points[-1]["rows"]):
            pipeline = fitting.fit(project, model.name, part.X, part.y)
            y_pred = fitting.predict(pipeline, validation.X, validation.y, model.outcome)
            score = model.metric.score(validation, y_pred)
            points.append({"fraction": fraction, "rows": len(part.y), "score": score})
            influences.append(model.metric.compute(validation.y, y_pred)[1])
    return points, influences
