"""Models: what they round, save and refuse; one content, one id."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from poc2prod_kit.models import baselines, fitting, model_file
from poc2prod_kit.run import params
from poc2prod_kit.run.errors import ProjectError
from project import models, pipeline
from sklearn import ensemble, naive_bayes, neighbors, svm

OUTCOMES = ("binary", "multiclass", "regression")


FOREST: dict[str, Callable[[Any], Any]] = {
    "forest": lambda project: (
        ensemble.RandomForestRegressor(n_estimators=5, min_samples_leaf=5)
        if project.param("problem.outcome") == "regression"
        else ensemble.RandomForestClassifier(n_estimators=5, min_samples_leaf=5)
    )
}
NAMES = ["dummy", *models.ESTIMATORS, *FOREST]


class Choices:
    """A project of parameters and estimators, and nothing else."""

    def __init__(self, estimators: Any = None, **params: Any) -> None:
        self.params = {"seed": 1, "problem.metric": "mae", "baseline.gradient_boosting.max_iter": 5, **params}
        self.code = replace(pipeline.CODE, estimators={**models.ESTIMATORS, **FOREST, **(estimators or {})})

    def param(self, key: str, default: Any = None, among: Any = ()) -> Any:
        """The value at a dotted key."""
        return self.params.get(key, default)


def matrix(n: int = 300) -> pd.DataFrame:
    """Features of every kind: a number with gaps, a category, a constant, nothing at all."""
    generator = np.random.default_rng(0)
    number = generator.normal(size=n)
    number[::7] = np.nan
    words = np.array(generator.choice(["a", "b", "é"], n), dtype=object)
    return pd.DataFrame({"number": number, "word": words, "one": 1.0, "none": np.nan})


def target(outcome: str, seen: pd.DataFrame) -> np.ndarray[Any, Any]:
    """A target that the features tell something about."""
    number = seen["number"].fillna(0).to_numpy()
    if outcome == "multiclass":
        return np.asarray(seen["word"].to_numpy())
    return np.asarray((number > 0).astype(float) if outcome == "binary" else np.exp(number))


def test_rounding_is_that_of_formatting() -> None:
    """Each value comes out as float(f"{x:.6g}") gives it, at every size, at ties and at the edges."""
    generator = np.random.default_rng(3)
    wide = generator.normal(size=20_000) * 10.0 ** generator.integers(-300, 300, 20_000)
    ties = (generator.integers(100_000, 999_999, 5000) * 10 + 5) / 1e7
    edges = [
        0.0,
        -0.0,
        np.inf,
        -np.inf,
        0.1234565,
        1234565.0,
        999999.5,
        99999.95,
        1e-320,
        1e308,
        0.5,
        1e22,
        1e23,
    ]
    values = np.concatenate([wide, generator.random(20_000), ties, np.arange(-4000, 4000) / 8, edges])
    expected = np.array([float(f"{value:.6g}") for value in values])
    assert fitting.rounded(values).tobytes() == expected.tobytes()


@pytest.mark.parametrize(
    ("outcome", "name", "loss"),
    [
        *((outcome, name, "auto") for outcome in OUTCOMES for name in NAMES),
        *(("regression", "gradient_boosting", loss) for loss in models.LOSSES),
    ],
)
def test_a_saved_model_says_the_same_after_loading(
    tmp_path: Path, outcome: str, name: str, loss: str
) -> None:
    """Every model of every outcome and loss holds listed types only and predicts the same when loaded."""
    project: Any = Choices(**{"problem.outcome": outcome, "baseline.gradient_boosting.loss": loss})
    seen = matrix()
    y = target(outcome, seen)
    model = fitting.fit(project, name, seen, y)
    model_file.save(model, tmp_path / "m.skops")
    again = model_file.load(tmp_path / "m.skops")
    first, second = (fitting.predict(one, seen, y, outcome).value for one in (model, again))
    assert first.tolist() == second.tolist()


def test_two_fits_have_one_content_id(tmp_path: Path) -> None:
    """The id is of what a model says, not of when and how it was written; another model has another."""
    ids = []
    for place, rows in enumerate((300, 300, 299)):
        seen = matrix()[:rows]
        project: Any = Choices(**{"problem.outcome": "binary"})
        path = tmp_path / f"{place}.skops"
        model_file.save(fitting.fit(project, "gradient_boosting", seen, target("binary", seen)), path)
        ids.append(model_file.content_id(path))
    assert [ids[0] == ids[1], ids[0] == ids[2]] == [True, False]


def test_a_file_with_another_type_is_refused(tmp_path: Path) -> None:
    """A type, or a way of loading, that is not listed is named and nothing is loaded."""
    path = tmp_path / "m.skops"
    node = {
        "__class__": "system",
        "__module__": "os",
        "__loader__": "FunctionNode",
        "content": "x",
        "__id__": 1,
    }
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("schema.json", json.dumps({**node, "_skops_version": "0.16", "protocol": 2}))
    with pytest.raises(ProjectError) as refused:
        model_file.load(path)
    told = "m.skops holds a type that this project does not trust: FunctionNode. It is not loaded."
    assert str(refused.value) == told


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    """Bytes that are no archive are an error that says which step makes the file."""
    (tmp_path / "m.skops").write_bytes(b"PK\x03\x04 not a model")
    with pytest.raises(ProjectError) as refused:
        model_file.load(tmp_path / "m.skops")
    assert str(refused.value) == "m.skops is damaged (BadZipFile). Run the step `baseline` again."


@pytest.mark.parametrize("harm", ["cut", "inside"])
def test_the_content_of_a_damaged_file_is_not_told(tmp_path: Path, harm: str) -> None:
    """Neither where the archive is cut short nor where one of its members is spoilt."""
    path = tmp_path / "m.skops"
    project: Any = Choices(**{"problem.outcome": "binary"})
    model_file.save(fitting.fit(project, "linear", matrix(), target("binary", matrix())), path)
    whole = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        first = archive.infolist()[0]
    begin = first.header_offset + 30 + len(first.filename)
    spoilt = whole[:begin] + b"\xff" * first.compress_size + whole[begin + first.compress_size :]
    path.write_bytes(whole[:100] if harm == "cut" else spoilt)
    with pytest.raises(ProjectError, match=r"^m\.skops is damaged \(.*\)\. Run the step `baseline` again\.$"):
        model_file.content_id(path)


def test_a_class_absent_from_training_gets_no_probability() -> None:
    """A class that was not in training has probability 0, and the prediction is one of the known classes."""
    project: Any = Choices(**{"problem.outcome": "multiclass"})
    seen = matrix(40)
    y = np.where(np.arange(40) < 39, target("multiclass", seen), "rare").astype(object)
    model = fitting.fit(project, "linear", seen[:39], y[:39])
    said = fitting.predict(model, seen[39:], y[39:], "multiclass")
    assert said.true is not None
    assert (said.true.tolist(), said.value[0] in ("a", "b", "é")) == ([0.0], True)


def test_one_class_alone_becomes_the_dummy() -> None:
    """Where all labels are alike the model says the one class with certainty instead of failing."""
    project: Any = Choices(**{"problem.outcome": "binary"})
    seen = matrix(10)
    said = [
        fitting.predict(fitting.fit(project, "linear", seen, np.full(10, y)), seen, None, "binary").value
        for y in (0.0, 1.0)
    ]
    assert [one.tolist() for one in said] == [[0.0] * 10, [1.0] * 10]


def test_an_unseen_category_does_not_fail() -> None:
    """Linear model and trees take a category that training did not hold."""
    seen = matrix()
    odd = seen.assign(word=np.array(["never seen"] * len(seen), dtype=object))
    project: Any = Choices(**{"problem.outcome": "regression"})
    for name in ("linear", "gradient_boosting", "forest"):
        model = fitting.fit(project, name, seen, target("regression", seen))
        assert np.isfinite(fitting.predict(model, odd, None, "regression").value.astype(float)).all()


def test_an_unknown_model_is_named() -> None:
    """A name that is no model of the project is refused with those that are."""

    class Asked(Choices):
        def param(self, key: str, default: Any = None, among: Any = ()) -> Any:
            return params.checked(key, self.params[key], params.MISSING, among)

    project: Any = Asked(**{"baseline.simple": "linear", "baseline.candidate": "forrest"})
    with pytest.raises(ProjectError) as refused:
        baselines.roles(project)
    told = (
        'params.toml, [baseline] candidate = "forrest" is not one of dummy, linear, gradient_boosting, '
        "forest. Did you mean 'forest'?"
    )
    assert str(refused.value) == told


def test_what_leaves_its_seed_open_takes_the_project_s() -> None:
    """So that two runs give the same model; a seed that the team chose stays."""
    made = [
        Choices({"mine": make}, **{"problem.outcome": "binary"})
        for make in (
            lambda _: ensemble.ExtraTreesClassifier(),
            lambda _: ensemble.ExtraTreesClassifier(random_state=7),
        )
    ]
    projects: list[Any] = made
    assert [fitting.estimator(project, "mine").random_state for project in projects] == [1, 7]


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (
            ensemble.RandomForestRegressor(),
            "models.py, 'mine': RandomForestRegressor does not fit [problem] outcome = 'binary'. "
            "Give a classifier.",
        ),
        (
            svm.LinearSVC(),
            "models.py, 'mine': LinearSVC has no predict_proba, and metrics and the API need probabilities. "
            "Wrap it in sklearn.calibration.CalibratedClassifierCV, or choose another.",
        ),
    ],
)
def test_an_estimator_that_cannot_be_used_is_named(made: Any, told: str) -> None:
    """One of another kind than the outcome, and one without probabilities."""
    project: Any = Choices({"mine": lambda _: made}, **{"problem.outcome": "binary"})
    with pytest.raises(ProjectError) as refused:
        fitting.estimator(project, "mine")
    assert str(refused.value) == told


def test_one_that_takes_no_missing_values_gets_none() -> None:
    """Naive Bayes refuses missing values, and is given imputed numbers and one-hot codes."""
    made: Any = Choices({"mine": lambda _: naive_bayes.BernoulliNB()}, **{"problem.outcome": "binary"})
    seen = matrix()
    model = fitting.fit(made, "mine", seen, target("binary", seen))
    assert np.isfinite(np.asarray(fitting.predict(model, seen, None, "binary").value, dtype=float)).all()


def test_one_that_cannot_be_saved_without_pickle_is_named(tmp_path: Path) -> None:
    """A search tree of neighbours has no form that skops can write; nothing is left behind."""
    made: Any = Choices({"mine": lambda _: neighbors.KNeighborsClassifier()}, **{"problem.outcome": "binary"})
    seen = matrix().assign(one=np.arange(300.0))
    model = fitting.fit(made, "mine", seen, target("binary", seen))
    with pytest.raises(ProjectError, match=r"KNeighborsClassifier|is not a type that is trusted"):
        model_file.save(model, tmp_path / "m.skops")
    assert list(tmp_path.iterdir()) == []


def test_lightgbm_is_saved_and_says_the_same(tmp_path: Path) -> None:
    """Its trees are text in the file; the types are trusted, and other types of it are not."""
    lightgbm = pytest.importorskip("lightgbm")
    chosen = {"mine": lambda _: lightgbm.LGBMClassifier(n_estimators=5, verbose=-1)}
    project: Any = Choices(chosen, **{"problem.outcome": "binary"})
    seen = matrix()
    y = target("binary", seen)
    model = fitting.fit(project, "mine", seen, y)
    ids = []
    for name in ("one", "other"):
        model_file.save(fitting.fit(project, "mine", seen, y), tmp_path / name)
        ids.append(model_file.content_id(tmp_path / name))
    again = model_file.load(tmp_path / "one")
    first, second = (fitting.predict(one, seen, y, "binary").value for one in (model, again))
    assert (first.tolist() == second.tolist(), ids[0] == ids[1], model[-1].n_jobs) == (True, True, 1)
