"""Models: a project's estimator behind its preprocessor, fitted and asked. Saving: model_file.py."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import is_classifier, is_regressor
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from threadpoolctl import threadpool_limits

from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.project import Project
from poc2prod_kit.scoring.metrics import Floats, Predicted

MODEL = "models/model.skops"
DUMMY = "dummy"
LARGEST = 1e100
FEW_ROWS = 20_000


def estimator(project: Project, name: str) -> Any:
    """The unfitted estimator of that name, as models.py makes it, with [seed] where it has none.

    Raises ProjectError where it is of another kind than the outcome, or gives no probabilities.
    """
    made = project.code.estimators[name](project)
    outcome, kind = project.param("problem.outcome"), type(made).__name__
    if not (is_regressor if outcome == "regression" else is_classifier)(made):
        raise ProjectError(
            f"models.py, {name!r}: {kind} does not fit [problem] outcome = {outcome!r}. "
            f"Give a {'regressor' if outcome == 'regression' else 'classifier'}."
        )
    if outcome != "regression" and not hasattr(made, "predict_proba"):
        raise ProjectError(
            f"models.py, {name!r}: {kind} has no predict_proba, and metrics and the API need probabilities. "
            "Wrap it in sklearn.calibration.CalibratedClassifierCV, or choose another."
        )
    return made.set_params(**_repeatable(made, project.param("seed")))


def _repeatable(made: Any, seed: int) -> dict[str, Any]:
    """What two runs need to give the same model: a seed for each random_state left open, and one thread.

    scikit-learn's n_jobs=None is one thread; LightGBM's is all cores, which also slows down the many small
    fits and predictions of `interpret` and `improve`.
    """
    unset = [key for key, value in made.get_params().items() if value is None]
    seeds = {key: seed for key in unset if key.rpartition("__")[2] == "random_state"}
    threads = {"n_jobs": 1} if "n_jobs" in unset and not type(made).__module__.startswith("sklearn.") else {}
    return seeds | threads


def build(name: str, project: Project, X: pd.DataFrame) -> Pipeline:
    """An unfitted pipeline for features such as these: the project's preprocessor, then the estimator."""
    if name == DUMMY or not X.notna().to_numpy().any():
        return Pipeline([("model", _dummy(project))])
    made = estimator(project, name)
    return make_pipeline(project.code.features.preprocessor(X, made), made)


def fit(project: Project, name: str, X: pd.DataFrame, y: np.ndarray[Any, Any]) -> Pipeline:
    """A fitted pipeline; the dummy where the labels are all alike, since then there is nothing to tell apart.

    Deterministic on one machine: linear algebra runs in one thread, so that sums are taken in one order.
    """
    if not len(y):
        raise ProjectError(
            "There are no training rows. Look at the sizes in reports/split.json, and mend [split]."
        )
    # A sample or a fold may hold one class alone, which most classifiers refuse.
    alike = project.param("problem.outcome") != "regression" and len(set(y)) < 2
    with warnings.catch_warnings(), np.errstate(all="ignore"), threads(len(y)):
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            return build(DUMMY if alike else name, project, X).fit(X, y)
        except ValueError as error:
            first = str(error).strip().splitlines()[0]
            raise ProjectError(
                f"The model {name!r} of models.py cannot be fitted: {first} Look at its settings there "
                f"and in [baseline.{name}] of params.toml."
            ) from error


def threads(rows: int) -> Any:
    """Linear algebra in one thread, so that sums are taken in one order.

    Trees too, up to 20,000 rows: there, threads cost more than they bring.
    """
    return threadpool_limits(1, "blas" if rows > FEW_ROWS else None)


def converged(model: Pipeline) -> bool:
    """Whether the last step's solver stopped by itself rather than at its limit of iterations."""
    last = model[-1]
    done = getattr(last, "n_iter_", None)
    return not isinstance(last, LogisticRegression) or done is None or bool(np.max(done) < last.max_iter)


def _dummy(project: Project) -> Any:
    if project.param("problem.outcome") == "regression":
        # The best constant by the metric: the median minimises absolute errors, the mean squared ones.
        absolute = project.param("problem.metric") in ("mae", "mape")
        return DummyRegressor(strategy="median" if absolute else "mean")
    return DummyClassifier(strategy="prior")


def predict(model: Pipeline, X: pd.DataFrame, y_true: np.ndarray[Any, Any] | None, outcome: str) -> Predicted:
    """The prediction of each row, rounded to 6 significant digits as it is written to disk."""
    if outcome == "regression":
        with _quietly(X):
            return Predicted(rounded(np.clip(np.nan_to_num(model.predict(X)), -LARGEST, LARGEST)))
    if outcome == "binary":
        return Predicted(rounded(probabilities(model, X, np.ones(1))[:, 0]))
    every = probabilities(model, X, model.classes_)
    label = np.asarray(model.classes_)[every.argmax(axis=1)]
    if y_true is None:
        return Predicted(label)
    # A class that was not in training has a probability of 0.
    place = pd.Index(model.classes_).get_indexer(pd.Index(y_true))
    return Predicted(label, rounded(np.where(place >= 0, every[np.arange(len(y_true)), place], 0.0)))


def probabilities(model: Pipeline, X: pd.DataFrame, classes: np.ndarray[Any, Any]) -> Floats:
    """The probability of each class, 0 for a class that training did not hold. Shape (n, classes)."""
    with _quietly(X):
        known = pd.DataFrame(np.nan_to_num(model.predict_proba(X)), columns=model.classes_)
    return known.reindex(columns=classes, fill_value=0.0).to_numpy()


@contextmanager
def _quietly(X: pd.DataFrame) -> Iterator[None]:
    with np.errstate(all="ignore"), warnings.catch_warnings(), threads(len(X)):
        warnings.simplefilter("ignore", RuntimeWarning)
        # LightGBM claims feature names that it was not fitted with; scikit-learn then misses them.
        warnings.filterwarnings("ignore", "X does not have valid feature names", UserWarning)
        yield


def rounded(values: np.ndarray[Any, Any]) -> Floats:
    """The values with 6 significant digits, as float(f"{x:.6g}") gives them, without formatting each.

    A power of ten up to 10^22 and a whole number below 2^53 are exact, so one division rounds correctly.
    Where that does not hold, or where the seventh digit is within 1e-6 of a tie, the value is formatted.
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
