"""I.9 evaluate: how good the kept model is, where it is held back, and whether it reaches the target."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from poc2prod_kit.inspection import test_evaluations
from poc2prod_kit.models import selected_model
from poc2prod_kit.models.selected_model import Kept, Rows
from poc2prod_kit.run import csv_files, report
from poc2prod_kit.run.project import Project
from poc2prod_kit.run.report import Finding, Report
from poc2prod_kit.scoring import calibration, comparisons, costs, gaps, shift
from poc2prod_kit.scoring.metrics import Predicted
from poc2prod_kit.splitting import split_file
from poc2prod_kit.summary import plots

TEST = "data/predictions/test.csv.gz"
MOST = 50000


def run(project: Project) -> Report:
    """Training beside validation, gaps, shift, calibration, what a random split would say, and the target."""
    model, divided = selected_model.load(project), report.results(project, "split")
    train, validation = (
        selected_model.rows(project, part, most=project.param("evaluate.rows", MOST))
        for part in ("train", "validation")
    )
    said = comparisons.written(project, model, validation)
    taught = comparisons.said(project, model, train, train, "train", "validation")
    parts = {
        "training": {
            "basis": "in-sample: the rows the models were fitted on",
            "rows": train.of,
            **columns(model, train, taught),
        },
        "validation": {
            "basis": "rows that only the choice of model has seen",
            "rows": validation.of,
            **columns(model, validation, said),
        },
    }
    opened, outputs = of_openings(project, model)
    if "scores" in opened:
        parts["test"] = {
            "basis": f"opened on purpose: {opened['file']}",
            "rows": opened["rows"],
            "n": opened["n"],
            "scores": opened.pop("scores"),
            **opened.pop("leads"),
        }
    lesson = random_split(
        project,
        model,
        train,
        validation,
        divided["strategy"],
        parts["validation"]["scores"]["kept"][model.metric.name],
    )
    human, moved = comparisons.human(project), shift.look(train, validation, project.param("seed"))
    target, findings = against_target(project, model, parts, opened)
    results: dict[str, Any] = {
        "model": {"id": model.content_id, "role": model.role, "name": model.name},
        "metric": model.metric.name,
        "parts": parts,
        "human": human,
        "incumbent": comparisons.incumbent(project, model, validation, said["kept"]),
        "random_split": lesson,
        "shift": moved,
        "target": target,
        "looks": opened,
        "opening": opened.get("file"),
        **bottleneck(project, model, parts, human, lesson),
    }
    made: list[str] = []
    results["calibration"] = calibrated(project, model, validation, said["kept"], made)
    results["figures"] = made
    if model.outcome == "binary":
        results["threshold"] = costs.threshold(project)
    off = calibration.findings(results["calibration"], results.get("threshold", costs.EVEN))
    return Report(results, outputs, [*findings, *shift.findings(moved), *off])


def columns(model: Kept, seen: Rows, said: dict[str, Predicted]) -> dict[str, Any]:
    """A column of the table: every metric of every model on these rows."""
    return {"n": len(seen.y), "scores": comparisons.scores(model, seen, said)}


def bottleneck(
    project: Project, model: Kept, parts: dict[str, Any], human: dict[str, Any], lesson: dict[str, Any]
) -> dict[str, Any]:
    """Each gap with its interval, and the largest that is beyond doubt."""
    name = model.metric.name
    reached = {part: column["scores"]["kept"][name] for part, column in parts.items()}
    target = project.param("problem.target", None)
    level = human["value"] if human["known"] else target
    found: dict[str, dict[str, Any]] = {}
    if level is not None:
        found["underfit"] = gaps.to_level(
            model.metric,
            f"{'human level' if human['known'] else 'target'} to training",
            float(level),
            reached["training"],
        )
    if "random" in lesson:
        found["overfit"] = gaps.between(
            model.metric, "training to a random draw of rows not seen", reached["training"], lesson["random"]
        )
        found["shift"] = gaps.between(
            model.metric, "random draw to validation", lesson["random"], lesson["honest"]
        )
    else:
        found["overfit_or_shift"] = gaps.between(
            model.metric, "training to validation", reached["training"], reached["validation"]
        )
    if "test" in reached:
        found["overfit_to_validation"] = gaps.between(
            model.metric, "validation to test", reached["validation"], reached["test"]
        )
    return {"gaps": found, "bottleneck": gaps.bottleneck(found)}


def random_split(
    project: Project, model: Kept, train: Rows, validation: Rows, strategy: str, honest: dict[str, Any]
) -> dict[str, Any]:
    """What the kept kind of model scores on a random split of the same rows, against the honest split.

    Both splits have the same sizes. Where rows were sampled, the honest score is of a model fitted on the
    sampled training rows too.
    """
    if strategy not in ("time", "group"):
        return {"why": f"the split is {strategy}: there is no other split to compare it with"}
    both = selected_model.both(train, validation)
    drawn = np.random.default_rng(project.param("seed")).permutation(len(both.y))
    first, rest = both.take(np.sort(drawn[: len(train.y)])), both.take(np.sort(drawn[len(train.y) :]))
    promised = selected_model.score(
        model.metric,
        rest,
        selected_model.predict(project, selected_model.fit(project, model.name, first), rest),
    )
    if len(train.y) < train.of or len(validation.y) < validation.of:
        honest = selected_model.score(
            model.metric,
            validation,
            selected_model.predict(project, selected_model.fit(project, model.name, train), validation),
        )
    gap = gaps.between(model.metric, "random split to honest split", promised, honest)
    words = {
        "worse": "The random split flatters: believe the honest one.",
        "not worse": "The random split does not flatter here.",
        "cannot tell": "The difference is within its noise.",
    }[gap["verdict"]]
    text = (
        f"A random split would have promised {model.metric.name} {gaps.reached(promised)}; "
        f"the {strategy} split gives {gaps.reached(honest)}. {words}"
    )
    return {"random": promised, "honest": honest, "gap": gap, "strategy": strategy, "text": text}


def calibrated(project: Project, model: Kept, seen: Rows, said: Predicted, made: list[str]) -> dict[str, Any]:
    """Calibration of the kept model on the validation rows, and its figures."""
    if model.outcome == "regression":
        guess = said.value.astype(float)
        found = calibration.of_numbers(
            project, seen.table, guess - seen.y.astype(float), guess, seen.clusters
        )
        plots.residuals(project.root, found["blocks"], f"{project.param('data.target')}", made)
        return found
    if model.outcome == "binary":
        chance, hit = said.value.astype(float), seen.y.astype(float)
        counts = {
            name: np.histogram(chance[hit == value], 25, (0, 1))[0].tolist()
            for name, value in (("yes", 1), ("no", 0))
        }
        plots.scores(
            project.root,
            counts,
            f"{project.param('data.target')} = {project.param('problem.positive')}",
            made,
        )
    else:
        classes = np.array(sorted(set(seen.y) | set(model.model.classes_)), dtype=object)
        every = selected_model.probabilities(model.model, seen.matrix, classes)
        chance, hit = every.max(axis=1), (classes[every.argmax(axis=1)] == seen.y).astype(float)
        confused(project, seen, said, made)
    found = calibration.of_probabilities(chance, hit, seen.clusters)
    plots.calibration(project.root, report.plain(found["bins"]), "probability", made)
    return found


def confused(project: Project, seen: Rows, said: Predicted, made: list[str]) -> None:
    """The confusion of the 12 commonest classes, all others as one."""
    common = list(pd.Series(seen.y).value_counts().index[:12])
    names = sorted(common) + (["(other)"] if set(seen.y) | set(said.value) > set(common) else [])
    pair = [
        pd.Series(values).map(lambda value: value if value in common else "(other)")
        for values in (seen.y, said.value)
    ]
    table = pd.crosstab(*pair).reindex(index=names, columns=names, fill_value=0)
    plots.confusion(project.root, names, table.to_numpy().tolist(), made)


def of_openings(project: Project, model: Kept) -> tuple[dict[str, Any], list[str]]:
    """Every opening of the test part, and the scores of the current model where it has one."""
    every, of = (
        test_evaluations.read(project),
        test_evaluations.subject(project, model.content_id, split_file.FILE),
    )
    mine, looks = test_evaluations.current(every, of), test_evaluations.looks(every)
    found: dict[str, Any] = {"looks": looks, "files": [item["name"] for item in every]}
    if not mine:
        text = (
            f"The test part was opened for {looks} earlier model(s), not for this one."
            if every
            else "The test part has not been opened."
        )
        changed = test_evaluations.explained(every, of)
        text += f" Since then: {changed}." if changed else ""
        return {**found, "text": text, "current": []}, []
    now = next(
        (item for item in mine if item["metric"] == of["metric"] and item["target"] == of["target"]), mine[0]
    )
    found |= {
        "file": now["name"],
        "rows": now["results"]["rows"],
        "n": now["results"]["n"],
        "scores": now["results"]["scores"],
        "leads": _leads(now),
    }
    found["current"] = [
        {"name": item["name"], "metric": item["metric"], "target": item["target"]} for item in mine
    ]
    path = project.root / TEST
    outputs = [TEST] if path.is_file() and project.hash(TEST) == now["outputs"].get(TEST) else []
    return {**found, "text": f"Looks at the test part so far: {looks} model(s)."}, outputs


def _leads(opening: dict[str, Any]) -> dict[str, Any]:
    """The paired differences of an opening, where they are those of its metric: earlier ones have none."""
    found = opening["results"].get("kept_minus")
    return {"kept_minus": found, "metric": opening["metric"]} if isinstance(found, dict) else {}


def against_target(
    project: Project, model: Kept, parts: dict[str, Any], opened: dict[str, Any]
) -> tuple[dict[str, Any], list[Finding]]:
    """Whether the test interval reaches the target in force when the test part was opened.

    Of several openings the one with the hardest target counts.
    """
    metric, target = model.metric, project.param("problem.target", None)
    if target is None:
        return {"verdict": "unknown", "text": "[problem] target is not set."}, []
    if "test" not in parts:
        return {
            "verdict": "unknown",
            "value": target,
            "text": f"{opened['text']} The target {target:g} is judged on the test part only.",
        }, []
    then = {
        item["target"]
        for item in opened["current"]
        if item["metric"] == metric.name and item["target"] is not None
    }
    if target not in then:
        text = (
            f"The target {target:g} was not in force when the test part was opened for this model, "
            "so it is not judged by it."
        )
        return {"verdict": "unknown", "value": target, "text": text}, []
    hardest = max(then) if metric.higher_is_better else min(then)
    reached = parts["test"]["scores"]["kept"][metric.name]
    gap = gaps.to_level(metric, "target to test", hardest, reached)
    verdict = {"worse": "missed", "not worse": "reached"}.get(gap["verdict"], "cannot tell")
    text = f"Test {metric.name} {gaps.reached(reached)} against the target {hardest:g}: {verdict}."
    advice = f"{text} The whole interval is worse; see `improve` for where to go back to."
    findings = [Finding("target_missed", advice)] if verdict == "missed" else []
    return {"verdict": verdict, "value": hardest, "gap": gap, "text": text}, findings


def open_test(project: Project) -> dict[str, Any]:
    """Look at the test part on purpose: predictions, scores, and an immutable file of the opening.

    Run `evaluate` after it. Returns the opening's `file`, whether it is `new`, and the number of `looks`
    so far (distinct models).
    """
    model = selected_model.load(project)
    report.results(project, "split")
    of = test_evaluations.subject(project, model.content_id, split_file.FILE)
    done = {item["name"] for item in test_evaluations.read(project)}
    train, test = (
        selected_model.rows(project, "train", most=MOST),
        selected_model.rows(project, "test", most=MOST),
    )
    said = comparisons.said(project, model, train, test, "train", "validation", "test")
    csv_files.write_csv(project.root / TEST, as_table(test, said))
    results = {
        "rows": test.of,
        **columns(model, test, said),
        "kept_minus": comparisons.leads(model, test, said),
    }
    path = test_evaluations.write(project, of, results, [TEST])
    name = f"{test_evaluations.FOLDER}/{path.name}"
    return {
        "file": name,
        "new": name not in done,
        "looks": test_evaluations.looks(test_evaluations.read(project)),
    }


def as_table(seen: Rows, said: dict[str, Predicted]) -> pd.DataFrame:
    """One row an id: the truth and what each model said, as in the validation predictions."""
    columns: dict[str, Any] = {"id": seen.table.index, "y": seen.y}
    for role, predicted in said.items():
        columns[role] = predicted.value
        if predicted.true is not None:
            columns[f"{role}.p"] = predicted.true
    return pd.DataFrame(columns)
