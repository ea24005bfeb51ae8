"""Openings of the test part: one immutable file for each model, split, data, metric and target looked at."""

from __future__ import annotations

import json
from typing import Any

from poc2prod_kit.models import baselines
from poc2prod_kit.models.selected_model import Rows, SelectedModel
from poc2prod_kit.run import atomic, csv_files, hashing, libraries, report
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.project import Project
from poc2prod_kit.run.report import Finding
from poc2prod_kit.scoring import comparisons, gaps
from poc2prod_kit.scoring.metrics import Metric
from poc2prod_kit.splitting import split_file

FOLDER = "reports/openings"
PREDICTIONS = "data/predictions/test.csv.gz"
SAME = ("model", "split", "data")
CONTENT = {*SAME, "metric", "target", "results", "outputs"}


def subject(project: Project, model_id: str) -> dict[str, Any]:
    """What an opening is of."""
    return {
        "model": model_id,
        "split": project.hash(split_file.FILE),
        "data": {name: project.hash(name) for name in project.param("data.files")},
        "metric": project.param("problem.metric"),
        "target": project.param("problem.target", None),
    }


def state(project: Project, model: SelectedModel) -> tuple[dict[str, Any], list[str]]:
    """Every opening of the test part, with the scores of the selected model where it has one.

    With it the outputs: the predictions of that opening, if they are still here.
    """
    every, of = read(project), subject(project, model.content_id)
    mine, models = current(every, of), looks(every)
    known: dict[str, Any] = {"looks": models, "files": [item["name"] for item in every], "current": []}
    if not mine:
        text = f"The test part was opened for {models} earlier model(s), not for this one."
        changed = explained(every, of)
        since = f" Since then: {changed}." if changed else ""
        return {**known, "text": text + since if every else "The test part has not been opened."}, []
    same = (item for item in mine if item["metric"] == of["metric"] and item["target"] == of["target"])
    latest = next(same, mine[0])
    known |= {
        "text": f"Looks at the test part so far: {models} model(s).",
        "file": latest["name"],
        "current": [{name: item[name] for name in ("name", "metric", "target")} for item in mine],
    }
    known["test"] = {
        "basis": f"opened on purpose: {latest['name']}",
        "metric": latest["metric"],
        **{name: latest["results"][name] for name in ("rows", "n", "scores", "kept_minus")},
    }
    here = (project.root / PREDICTIONS).is_file()
    outputs = here and project.hash(PREDICTIONS) == latest["outputs"].get(PREDICTIONS)
    return known, [PREDICTIONS] if outputs else []


def against_target(
    project: Project, metric: Metric, test: dict[str, Any] | None, known: dict[str, Any]
) -> tuple[dict[str, Any], list[Finding]]:
    """Whether the test interval reaches the target in force when the test part was opened.

    Of several openings the one with the hardest target counts: a target lowered after a look is no target.
    """
    target = project.param("problem.target", None)
    if target is None:
        return {"verdict": "unknown", "text": "[problem] target is not set."}, []
    if test is None:
        text = f"{known['text']} The target {target:g} is judged on the test part only."
        return {"verdict": "unknown", "value": target, "text": text}, []
    then = {item["target"] for item in known["current"] if item["metric"] == metric.name} - {None}
    if target not in then:
        text = (
            f"The target {target:g} was not in force when the test part was opened for this model, "
            "so it is not judged by it."
        )
        return {"verdict": "unknown", "value": target, "text": text}, []
    hardest = max(then) if metric.higher_is_better else min(then)
    score = test["scores"]["kept"][metric.name]
    gap = gaps.to_level(metric, "target to test", hardest, score)
    verdict = {"worse": "missed", "not worse": "reached"}.get(gap["verdict"], "cannot tell")
    text = f"Test {metric.name} {gaps.reached(score)} against the target {hardest:g}: {verdict}."
    advice = f"{text} The whole interval is worse; see `improve` for where to go back to."
    findings = [Finding("target_missed", advice)] if verdict == "missed" else []
    return {"verdict": verdict, "value": hardest, "gap": gap, "text": text}, findings


def evaluate(project: Project, model: SelectedModel, train: Rows, test: Rows) -> dict[str, Any]:
    """Predict and score the test rows, and write an immutable file of that: its name, whether it is new."""
    predictions = comparisons.predictions(project, model, train, test, "train", "validation", "test")
    csv_files.write_csv(project.root / PREDICTIONS, baselines.as_table(test, predictions))
    of = subject(project, model.content_id)
    name = f"{FOLDER}/{hashing.of_value(of)}.json"
    new = not (project.root / name).exists()
    if new:
        results = {
            "rows": test.total,
            "n": len(test.y),
            "scores": comparisons.scores(model, test, predictions),
            "kept_minus": comparisons.differences(model, test, predictions),
        }
        content = {
            "schema": 1,
            **of,
            "results": report.plain(results),
            "outputs": {PREDICTIONS: project.hash(PREDICTIONS)},
            "libraries": libraries.versions(),
        }
        atomic.write_json(project.root / name, content)
    return {"file": name, "new": new, "looks": looks(read(project))}


def read(project: Project) -> list[dict[str, Any]]:
    """All openings, by file name, each with its `name`; an unreadable one is an error that names it."""
    items = []
    for path in sorted((project.root / FOLDER).glob("*.json")):
        name = f"{FOLDER}/{path.name}"
        try:
            content = json.loads(project.path(name).read_text(encoding="utf-8"))
            whole = isinstance(content, dict) and set(content) >= CONTENT
        except (OSError, ValueError):
            whole = False
        if not whole:
            raise ProjectError(
                f"{name} is not an opening that can be read. Restore it from git: openings are never edited."
            )
        items.append({**content, "name": name})
    return items


def current(all_of_them: list[dict[str, Any]], of: dict[str, Any]) -> list[dict[str, Any]]:
    """The openings of this model on this split and data, whatever the metric and target then were."""
    return [item for item in all_of_them if all(item[key] == of[key] for key in SAME)]


def explained(all_of_them: list[dict[str, Any]], of: dict[str, Any]) -> str:
    """How libraries changed since the nearest earlier model was looked at with these rows; empty if not."""
    earlier = [item for item in all_of_them if (item["split"], item["data"]) == (of["split"], of["data"])]
    changed = [libraries.changes(item.get("libraries"), libraries.versions()) for item in earlier]
    return min(changed, key=len, default="")


def looks(all_of_them: list[dict[str, Any]]) -> int:
    """How many distinct models were looked at with the test part."""
    return len({item["model"] for item in all_of_them})
