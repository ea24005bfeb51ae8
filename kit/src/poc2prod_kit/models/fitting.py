"""The models: how each is built, fitted and asked. How they are saved: model_file.py."""

from __future__ import annotations

import warnings
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from threadpoolctl import threadpool_limits

from poc2prod_kit.models.model_file import content_id, load, save
from poc2prod_kit.run import report
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.project import Project
from poc2prod_kit.scoring.metrics import Floats, Predicted

__all__ = ["build", "content_id", "encoder", "fit", "kept", "load", "predict", "rounded", "save"]

MODEL = "models/model.skops"
NAMES = ("dummy", "linear", "gradient_boosting")
LOSSES = ("auto", "squared_error", "absolute_error", "poisson", "gamma")
MAX_CATEGORIES = 100
LARGEST = 1e100
FEW_ROWS = 20_000


def build(name: str, project: Project, matrix: pd.DataFrame) -> Pipeline:
    """An unfitted model of that name for this feature matrix: `dummy`, `linear` or `gradient_boosting`."""
    if name not in NAMES:
        raise ProjectError(
            f"[baseline] names a model {name!r}; this project knows {', '.join(NAMES)} (kit/models.py)."
        )
    outcome = project.param("problem.outcome")
    if name == "dummy" or not matrix.notna().to_numpy().any():
        return Pipeline([("model", _dummy(project, outcome))])
    model = _linear(project, outcome) if name == "linear" else _boosting(project, outcome)
    return make_pipeline(encoder(matrix, linear=name == "linear"), model)


def fit(project: Project, name: str, matrix: pd.DataFrame, y: np.ndarray[Any, Any]) -> Pipeline:
    """A fitted model; the dummy where the labels are all alike, since then there is nothing to tell apart.

    Deterministic on one machine: linear algebra runs in one thread, so that sums are taken in one order.
    """
    if not len(y):
        raise ProjectError(
            "There are no training rows. Look at the sizes in reports/split.json, and mend [split]."
        )
    alike = project.param("problem.outcome") != "regression" and len(set(y)) < 2
    with warnings.catch_warnings(), np.errstate(all="ignore"), _threads(len(y)):
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            return build("dummy" if alike else name, project, matrix).fit(matrix, y)
        except ValueError as error:
            first = str(error).strip().splitlines()[0]
            raise ProjectError(
                f"The model {name!r} cannot be fitted: {first} See [baseline.{name}] of params.toml."
            ) from error


def _threads(rows: int) -> Any:
    """Linear algebra in one thread, for the order of sums.

    Trees too where threads cost more than they bring.
    """
    return threadpool_limits(1, "blas" if rows > FEW_ROWS else None)


def converged(model: Pipeline) -> bool:
    """Whether the last step's solver stopped by itself rather than at its limit of iterations."""
    last = model[-1]
    done = getattr(last, "n_iter_", None)
    return not isinstance(last, LogisticRegression) or done is None or bool(np.max(done) < last.max_iter)


def kept(project: Project) -> Pipeline:
    """The model that `baseline` kept, loaded once a process.

    Refuses a report that is missing or no longer holds.
    """
    report.results(project, "baseline")
    path = project.path(MODEL)
    return _loaded(path, project.hash(MODEL))


@lru_cache(maxsize=2)
def _loaded(path: Path, content: str) -> Pipeline:
    return load(path)


def encoder(matrix: pd.DataFrame, *, linear: bool) -> ColumnTransformer:
    """Numbers and categories as one numeric matrix; unseen categories are a value of their own.

    Trees get ordinal codes (the rarest beyond 100 share one), linear models standardised numbers and one-hot
    codes.
    Columns without any value in these rows are left out.
    """
    known = [name for name in matrix if matrix[name].notna().any()]
    numbers = [name for name in known if pd.api.types.is_numeric_dtype(matrix[name])]
    categories = [name for name in known if name not in numbers]
    number: Any = "passthrough"
    category: Any = OrdinalEncoder(
        handle_unknown="use_encoded_value", unknown_value=-1, max_categories=MAX_CATEGORIES
    )
    if linear:
        number = make_pipeline(SimpleImputer(strategy="median", keep_empty_features=True), StandardScaler())
        category = OneHotEncoder(handle_unknown="ignore", min_frequency=2, max_categories=MAX_CATEGORIES)
    steps = [("numbers", number, numbers), ("categories", category, categories)]
    return ColumnTransformer([step for step in steps if step[2]], verbose_feature_names_out=False)


def _dummy(project: Project, outcome: str) -> Any:
    if outcome == "regression":
        return DummyRegressor(strategy="median" if _absolute(project) else "mean")
    return DummyClassifier(strategy="prior")


def _absolute(project: Project) -> bool:
    return project.param("problem.metric") in ("mae", "mape")


def _linear(project: Project, outcome: str) -> Any:
    alpha = project.param("baseline.linear.alpha", 1.0)
    if alpha <= 0:
        raise ProjectError(f"params.toml, [baseline.linear] alpha = {alpha} must be above 0.")
    return Ridge(alpha=alpha) if outcome == "regression" else LogisticRegression(C=1 / alpha, max_iter=2000)


def _boosting(project: Project, outcome: str) -> Any:
    options = {
        "learning_rate": project.param("baseline.gradient_boosting.learning_rate", 0.06),
        "max_iter": project.param("baseline.gradient_boosting.max_iter", 150),
        "max_leaf_nodes": project.param("baseline.gradient_boosting.max_leaf_nodes", 15),
        "min_samples_leaf": project.param("baseline.gradient_boosting.min_samples_leaf", 20),
        "l2_regularization": project.param("baseline.gradient_boosting.l2_regularization", 0.0),
        "early_stopping": False,
        "random_state": project.param("seed"),
    }
    if outcome != "regression":
        return HistGradientBoostingClassifier(**options)
    loss = project.param("baseline.gradient_boosting.loss", "auto", among=LOSSES)
    best = "absolute_error" if _absolute(project) else "squared_error"
    return HistGradientBoostingRegressor(loss=best if loss == "auto" else loss, **options)


def predict(model: Pipeline, matrix: pd.DataFrame, y: np.ndarray[Any, Any] | None, outcome: str) -> Predicted:
    """What the model says of each row, rounded to 6 significant digits as it is written to disk."""
    with np.errstate(all="ignore"), warnings.catch_warnings(), _threads(len(matrix)):
        warnings.simplefilter("ignore", RuntimeWarning)
        if outcome == "regression":
            return Predicted(rounded(np.clip(np.nan_to_num(model.predict(matrix)), -LARGEST, LARGEST)))
        probabilities = np.nan_to_num(model.predict_proba(matrix))
    classes = pd.Index(model.classes_)
    if outcome == "binary":
        return Predicted(
            rounded(probabilities[:, classes.get_loc(1.0)]) if 1.0 in classes else np.zeros(len(matrix))
        )
    label = np.asarray(model.classes_)[probabilities.argmax(axis=1)]
    return Predicted(label, None if y is None else rounded(_of_true(probabilities, classes, y)))


def _of_true(probabilities: Floats, classes: pd.Index[Any], y: np.ndarray[Any, Any]) -> Floats:
    """The probability given to each row's true class; 0 for a class that was not in training."""
    place = classes.get_indexer(pd.Index(y))
    return np.where(place >= 0, probabilities[np.arange(len(y)), place], 0.0)


def rounded(values: np.ndarray[Any, Any]) -> Floats:
    """The values with 6 significant digits, as float(f"{x:.6g}") gives them, without formatting each.

    A power of ten up to 10^22 and a whole number below 2^53 are exact, so one division rounds correctly.
    Where that does
    not hold, or where the seventh digit is within 1e-6 of a tie, the value is formatted after all.
    """
    values = np.asarray(values, dtype=float)
    with np.errstate(all="ignore"):
        power = 5 - np.floor(np.log10(np.abs(values)))
        scaled = values * 10.0**power
        whole = np.rint(scaled)
        made = np.where(power >= 0, whole / 10.0 ** np.abs(power), whole * 10.0 ** np.abs(power))
        sure = (np.abs(power) <= 22) & (np.abs(np.abs(scaled - np.floor(scaled)) - 0.5) > 1e-6)
    made[values == 0] = values[values == 0]
    rest = np.flatnonzero(~sure & (values != 0))
    made[rest] = [float(f"{value:.6g}") for value in values[rest]]
    return made
