"""What is served is what was judged: the serving model against the fitted one, row by row."""

from __future__ import annotations

import asyncio
import inspect
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import skl2onnx
from poc2prod_kit.models import fitting, model_file, selected_model
from poc2prod_kit.run import steps
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.project import Project
from poc2prod_kit.serving import export, export_step, fields, parity, scorer
from project import api, models, pipeline, rules
from sklearn import ensemble

ROWS = 400
PARAMS = """
seed = 3
[data]
files = ["data/raw/t.csv"]
target = "y"
[problem]
outcome = "{outcome}"
metric = "{metric}"
positive = "yes"
{costs}
[split]
strategy = "random"
[features]
rules = ["ratio", "kind"]
[baseline]
simple = "linear"
candidate = "{candidate}"
[baseline.gradient_boosting]
max_iter = 30
loss = "{loss}"
[testing]
"""
SCHEMA = """
[[column]]
name = "amount €"
type = "number"
nullable = true
[[column]]
name = "count"
type = "integer"
minimum = 0
maximum = 50
[[column]]
name = "town"
type = "category"
nullable = true
[[column]]
name = "said"
type = "text"
[[column]]
name = "on"
type = "date"
formats = ["%Y-%m-%d"]
[[column]]
name = "member"
type = "boolean"
[[column]]
name = "y"
type = "{kind}"
"""
PYPROJECT = '[project]\nname = "served"\nversion = "0.1.0"\n'


def forest(project: Any) -> Any:
    """A small random forest."""
    kind = ensemble.RandomForestRegressor if regression(project) else ensemble.RandomForestClassifier
    return kind(n_estimators=20, min_samples_leaf=5)


def lightgbm(project: Any) -> Any:
    """A small LightGBM; skips where it is not installed."""
    library = pytest.importorskip("lightgbm")
    kind = library.LGBMRegressor if regression(project) else library.LGBMClassifier
    return kind(n_estimators=20, verbose=-1)


def regression(project: Any) -> bool:
    """Whether a number is predicted."""
    return bool(project.param("problem.outcome") == "regression")


CODE = replace(pipeline.CODE, estimators={**models.ESTIMATORS, "random_forest": forest, "lightgbm": lightgbm})
METRICS = {"binary": "roc_auc", "multiclass": "accuracy", "regression": "mae"}


def ratio(row: Any) -> Any:
    """Amount for each one counted."""
    return row["amount €"] / (1 + row["count"])


def kind(row: Any) -> Any:
    """A category that a rule makes."""
    return "north" if row.get("town", "") < "town 5" else "south"


def table(outcome: str) -> str:
    """Numbers with many digits, more towns than codes, empty cells, dates, texts; as CSV."""
    draw = np.random.default_rng(11)
    lines = ["amount €,count,town,said,on,member,y"]
    for _ in range(ROWS):
        amount, count, town = 1e8 + draw.normal() * 3, draw.integers(0, 50), draw.integers(0, 130)
        score = (amount - 1e8) + 0.1 * count + (town % 7) - 4 + draw.normal()
        y = {
            "binary": "yes" if score > 0 else "no",
            "multiclass": ("low", "middle", "high")[int(np.digitize(score, [-2, 2]))],
            "regression": f"{abs(score) * 1000 + 1:.3f}",
        }[outcome]
        cells = (f"{amount:.4f}" if draw.random() > 0.1 else "", count, f"town {town}" if town else "")
        day = f"2021-{draw.integers(1, 13):02}-{draw.integers(1, 29):02}"
        lines.append(",".join(map(str, (*cells, "a b " * draw.integers(1, 4), day, count % 2, y))))
    return "\n".join(lines) + "\n"


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Project]]:
    """A project up to its contract, with rows of that outcome; the candidate is kept.

    Its rules stand in rules.py too, since which columns a rule reads is told from the file.
    """
    source = Path(str(rules.__file__))
    before = source.read_bytes()
    for function in (ratio, kind):
        monkeypatch.setattr(function, "__module__", rules.__name__)
        monkeypatch.setattr(rules, function.__name__, function, raising=False)
    texts = "\n\n".join(inspect.getsource(function) for function in (ratio, kind))
    source.write_bytes(before + f"\n\n{texts}".encode())

    def make(outcome: str, candidate: str, loss: str = "auto", costs: str = "") -> Project:
        (tmp_path / "data" / "raw").mkdir(parents=True)
        (tmp_path / "data" / "raw" / "t.csv").write_text(table(outcome), encoding="utf-8")
        typed = "number" if outcome == "regression" else "category"
        (tmp_path / "schema.toml").write_text(SCHEMA.format(kind=typed), encoding="utf-8")
        said = {"metric": METRICS[outcome], "outcome": outcome, "candidate": candidate}
        (tmp_path / "params.toml").write_text(PARAMS.format(**said, loss=loss, costs=costs), encoding="utf-8")
        (tmp_path / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
        project = Project(tmp_path, CODE)
        monkeypatch.setattr("poc2prod_kit.scoring.metrics.Metric.better", lambda *_: True)
        for step in ("data", "split", "features", "baseline", "contract"):
            steps.run_step(project, step)
        return project

    yield make
    source.write_bytes(before)


@pytest.mark.parametrize("outcome", METRICS)
@pytest.mark.parametrize("candidate", ["linear", "gradient_boosting"])
def test_the_serving_model_says_what_the_fitted_one_says(
    made: Callable[..., Project], outcome: str, candidate: str
) -> None:
    """On golden and on random rows with nulls, unseen categories and large values, within the tolerance."""
    project = made(outcome, candidate)
    results = steps.run_step(project, "api").results
    assert {name: results[name]["differing"] for name in ("golden", "random", "predictions")} == {
        "golden": 0,
        "random": 0,
        "predictions": 0,
    }
    assert (results["golden"]["rows"], results["random"]["rows"]) == (18, 1000)
    assert results["model"] == selected_model.load(project).content_id
    assert scorer.load(project.root, rules).about["model"] == results["model"]


@pytest.mark.parametrize("loss", ["poisson", "gamma"])
def test_a_loss_with_a_log_link_is_served_as_it_was_fitted(made: Callable[..., Project], loss: str) -> None:
    """ONNX gives the trees' sum; the exponential that belongs to the loss is not forgotten."""
    project = made("regression", "gradient_boosting", loss)
    assert steps.run_step(project, "api").results["random"]["differing"] == 0


def test_a_number_beside_a_cut_point_takes_its_branch(made: Callable[..., Project]) -> None:
    """Neighbouring double-precision numbers around every cut point, which float32 cannot tell apart."""
    project = made("regression", "gradient_boosting")
    model = selected_model.load(project)
    served = export.by_onnx(project, model).scorer
    cuts = served.about["encoder"]["numbers"][0]["cuts"]
    assert len(cuts) > 10
    beside = [value for cut in cuts for value in (np.nextafter(cut, 0), cut, np.nextafter(cut, 2e8))]
    rows = parity.random_rows(project, len(beside), served)
    rows["amount €"] = beside
    offline, online = parity.offline(project, model, rows), served.scores(parity.online(project, rows))
    assert np.abs(offline - online).max() < 1e-6 * np.abs(offline).max()


@pytest.mark.parametrize("outcome", METRICS)
@pytest.mark.parametrize("candidate", ["random_forest", "lightgbm"])
def test_what_onnx_cannot_say_the_fitted_pipeline_serves(
    made: Callable[..., Project], outcome: str, candidate: str
) -> None:
    """From training to an answer over HTTP: the same scores, the packages named, and no graph."""
    project = made(outcome, candidate)
    results = steps.run_step(project, "api").results
    about = json.loads((project.root / scorer.SERVING).read_text(encoding="utf-8"))
    assert {name: results[name]["differing"] for name in ("golden", "random", "predictions")} == {
        "golden": 0,
        "random": 0,
        "predictions": 0,
    }
    assert (results["served_by"], about["served_by"]) == ("pipeline", "pipeline")
    needed = {one.partition("==")[0] for one in about["requires"]}
    assert needed >= {"numpy", "pandas", "scikit-learn", "skops", *({"lightgbm"} & {candidate})}
    assert not (project.root / scorer.ONNX).exists()
    golden = json.loads((project.root / export_step.GOLDEN).read_text(encoding="utf-8"))["rows"]

    async def ask() -> list[Any]:
        transport = httpx.ASGITransport(api.app(scorer.load(project.root, rules)))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return [(await client.post("/predict", json=one["request"])).json() for one in golden]

    answers = asyncio.run(ask())
    model = results["model"]
    assert answers == [{**one["answer"], "model": model} for one in golden]


def test_a_converter_that_is_wrong_serves_nothing(
    made: Callable[..., Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One threshold moved in the converted trees: the fitted pipeline serves, and the row is named."""
    project = made("binary", "gradient_boosting")
    ranked = export.ranked

    def wrong(estimator: Any, numbers: int) -> Any:
        copied, cuts = ranked(estimator, numbers)
        for grown in copied._predictors:
            grown[0].nodes["num_threshold"] += 1
        return copied, cuts

    monkeypatch.setattr(export, "ranked", wrong)
    results = steps.run_step(project, "api").results
    assert results["served_by"] == "pipeline"
    assert re.match(r"The serving model differs from the fitted one on \d+ of \d+ ", results["why"])
    assert not (project.root / scorer.ONNX).exists()


@pytest.mark.parametrize("harm", ["absent", "another"])
def test_a_damaged_fitted_model_is_not_served(made: Callable[..., Project], harm: str) -> None:
    """Gone, or of another export: one sentence, and the step to run."""
    project = made("binary", "random_forest")
    steps.run_step(project, "api")
    path = project.root / scorer.FITTED
    if harm == "absent":
        path.unlink()
    else:
        model_file.save(fitting.fit(project, "linear", *_some(project)), path)
    with pytest.raises(ProjectError, match=r"python -m project api$"):
        scorer.load(project.root, rules)


def _some(project: Project) -> Any:
    train = selected_model.rows(project, "train")
    return train.X, train.y


def test_a_model_is_asked_with_what_a_request_can_hold(made: Callable[..., Project]) -> None:
    """A rule that reads a column by stealth, so that the contract does not name it, exports nothing."""
    project = made("binary", "linear")
    model = selected_model.load(project)
    served = export.by_onnx(project, model).scorer
    served.about["columns"] = [one for one in served.about["columns"] if one["name"] != "count"]
    with pytest.raises(ProjectError, match=r"a rule reads a column that the contract does not name"):
        parity.check(project, model, served)


def test_a_model_that_says_the_same_of_every_row_is_not_served(
    made: Callable[..., Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dummy is refused in a sentence."""
    monkeypatch.setattr(
        "poc2prod_kit.models.baselines.roles",
        lambda _: dict.fromkeys(("dummy", "simple", "candidate"), "dummy"),
    )
    project = made("binary", "linear")
    with pytest.raises(ProjectError, match=r"^The selected model ends in a DummyClassifier"):
        steps.run_step(project, "api")


def test_the_threshold_follows_from_the_costs(made: Callable[..., Project]) -> None:
    """A false no that costs four times a false yes makes yes the answer from .2 on."""
    project = made("binary", "linear", costs="cost_false_positive = 1\ncost_false_negative = 4")
    steps.run_step(project, "api")
    served = scorer.load(project.root, rules)
    answers = served.predict(parity.online(project, parity.random_rows(project, 300, served)))
    assert served.threshold == 0.2
    assert {answer["prediction"] == (answer["probability"] >= 0.2) for answer in answers} == {True}
    assert {answer["prediction"] for answer in answers} == {True, False}


def test_a_changed_golden_prediction_is_a_finding(made: Callable[..., Project]) -> None:
    """The file stays as it is until `api --golden`, and the finding says whether model or code changed."""
    project = made("binary", "linear")
    steps.run_step(project, "api")
    path = project.root / export_step.GOLDEN
    content = json.loads(path.read_text(encoding="utf-8"))
    content["rows"][0]["answer"]["probability"] += 0.01
    path.write_text(json.dumps(content), encoding="utf-8")
    before = path.read_bytes()
    found = steps.run_step(project, "api").findings
    assert [one.kind for one in found] == ["golden_predictions"]
    assert found[0].text.startswith("1 of ")
    assert "the model is the same" in found[0].text
    assert path.read_bytes() == before
    assert steps.run_step(project, "api", "write_golden").findings == []


def test_two_exports_are_the_same_bytes(made: Callable[..., Project]) -> None:
    """Nothing of a clock or of chance is in what is exported."""
    project = made("multiclass", "gradient_boosting")
    first, second = (export.by_onnx(project, selected_model.load(project)) for _ in range(2))
    assert (first.about, first.onnx) == (second.about, second.onnx)


def test_in_whatever_order_the_converter_names_its_parts(
    made: Callable[..., Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bytes are the same: skl2onnx goes through sets, whose order is another in each process."""
    project = made("binary", "linear")
    model, convert = selected_model.load(project), skl2onnx.to_onnx
    first = export.by_onnx(project, model)

    def turned(*args: Any, **named: Any) -> Any:
        graph = convert(*args, **named)
        parts = list(graph.opset_import)[::-1]
        assert len(parts) > 1
        del graph.opset_import[:]
        graph.opset_import.extend(parts)
        return graph

    monkeypatch.setattr(skl2onnx, "to_onnx", turned)
    assert export.by_onnx(project, model).onnx == first.onnx


def test_a_limit_that_cannot_be_meant_is_named(made: Callable[..., Project]) -> None:
    """None that lets nothing in, none that no machine can count to."""
    project = made("binary", "linear")
    for key in ("largest_batch", "largest_body_kb"):
        for value, said in ((0, "give 1 or more"), (10**22, "give 1000000 or less")):
            project.params["api"] = {key: value}
            with pytest.raises(ProjectError, match=rf"^params\.toml, \[api\] {key} = {value} .*: {said}\.$"):
                fields.about(project)


@pytest.mark.parametrize("harm", ["absent", "another", "no JSON"])
def test_a_damaged_serving_model_is_not_loaded(made: Callable[..., Project], harm: str) -> None:
    """Files that are gone, of two exports, or unreadable: one sentence, and the step to run."""
    project = made("binary", "linear")
    steps.run_step(project, "api")
    path = project.root / scorer.SERVING
    if harm == "absent":
        (project.root / scorer.ONNX).unlink()
    else:
        path.write_text("{}" if harm == "another" else "{", encoding="utf-8")
    with pytest.raises(ProjectError, match=r"python -m project api$"):
        scorer.load(project.root, rules)


def test_a_model_of_other_rules_is_not_loaded(made: Callable[..., Project]) -> None:
    """Nor one that does not say of which code it is; how lines end is no matter."""
    project = made("binary", "linear")
    steps.run_step(project, "api")
    path, source = project.root / scorer.SERVING, Path(str(rules.__file__))
    before = source.read_bytes()
    try:
        source.write_bytes(before.replace(b"\n", b"\r\n"))
        assert scorer.load(project.root, rules).about["code"] == scorer.code(rules)
        source.write_bytes(before + b"\nLIMIT = 3\n")
        with pytest.raises(ProjectError, match=r"rules\.py.* has changed since\. .*python -m project api$"):
            scorer.load(project.root, rules)
    finally:
        source.write_bytes(before)
    about = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({key: about[key] for key in about if key != "code"}), encoding="utf-8")
    with pytest.raises(ProjectError, match=r"python -m project api$"):
        scorer.load(project.root, rules)


def test_rows_are_given_as_the_service_gets_them(made: Callable[..., Project]) -> None:
    """Plain values by column, empty cells left out, never the target."""
    project = made("binary", "linear")
    table = project.table()
    row = parity.online(project, table[table["amount €"].notna()].iloc[:1])[0]
    assert {name: type(value) for name, value in row.items()} == {
        "amount €": float,
        "count": float,
        "town": str,
        "said": str,
        "on": datetime,
        "member": bool,
    }
