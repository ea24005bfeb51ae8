"""I.8 interpret: feature importance, slices, worst errors, suspected label errors."""

from __future__ import annotations

from poc2prod_kit.inspection import causes, importance, label_errors, slices, worst_errors
from poc2prod_kit.models import selected_model
from poc2prod_kit.run.project import Project
from poc2prod_kit.run.report import Report
from poc2prod_kit.summary import plots

MOST_ROWS = 20_000


def run(project: Project) -> Report:
    """Validation rows with the selected model; training rows with models that were not fitted on them."""
    # Load and predict
    model = selected_model.load(project)
    most = project.param("interpret.rows", MOST_ROWS)
    train = selected_model.rows(project, "train", most=most)
    validation = selected_model.rows(project, "validation", most=most)
    y_pred = model.predict(validation)

    # What it goes by
    important = importance.of_model(project, model, validation)
    ranking = [str(item["feature"]) for item in important["features"]]
    top = ranking[: project.param("interpret.top", 6)]
    curves = importance.dependence(model, validation, top)

    # Where it is weak
    weak = slices.of_model(project, model, validation, y_pred)
    cases = worst_errors.worst(model.outcome, validation, y_pred, top)
    lines = worst_errors.readable(project, model, validation, cases, ranking)
    wrong = worst_errors.wrong(model.outcome, validation.y, y_pred)
    if not project.param("data.committed", False):
        # Reports are in git, and these rows are not to be.
        cases = [{name: value for name, value in case.items() if name != "values"} for case in cases]
    suspects, findings = label_errors.of_model(project, model, train)

    # Write
    results = {
        "model": model.named,
        "metric": model.metric.name,
        "rows": {"validation": validation.total, "looked_at": len(validation.y)},
        "importance": important,
        "dependence": curves,
        "slices": weak,
        "worst_errors": {"count": int(wrong.sum()), "rows": cases},
        "errors_file": {"name": worst_errors.FILE, "seeded": len(cases), "causes": causes.file(project)},
        "suspects": suspects,
    }
    causes.seed(project, lines)
    results["figures"] = plots.of_interpret(project.root, results)
    return Report(results, [], findings)
