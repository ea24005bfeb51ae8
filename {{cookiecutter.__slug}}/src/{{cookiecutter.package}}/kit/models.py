"""The models: how each is built, and how it is saved so that loading runs no code from the file."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import skops.io
from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from .errors import ProjectError
from .metrics import Predicted
from .project import Project

TRUSTED = [
    "numpy.dtype",
    "sklearn._loss.link.IdentityLink",
    "sklearn._loss.link.Interval",
    "sklearn._loss.link.LogLink",
    "sklearn._loss.link.LogitLink",
    "sklearn._loss.link.MultinomialLogit",
    "sklearn._loss.loss.AbsoluteError",
    "sklearn._loss.loss.HalfBinomialLoss",
    "sklearn._loss.loss.HalfMultinomialLoss",
    "sklearn._loss.loss.HalfPoissonLoss",
    "sklearn._loss.loss.HalfSquaredError",
    "sklearn._loss._loss.CyHalfBinomialLoss",
    "sklearn._loss._loss.CyAbsoluteError",
    "sklearn._loss._loss.CyHalfMultinomialLoss",
    "sklearn._loss._loss.CyHalfPoissonLoss",
    "sklearn._loss._loss.CyHalfSquaredError",
    "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
]
MAX_CATEGORIES = 100


def build(name: str, project: Project, matrix: pd.DataFrame) -> Pipeline:
    """An unfitted model of that name for this feature matrix: `dummy`, `linear` or `gradient_boosting`."""
    outcome = project.param("problem.outcome")
    if name == "dummy":
        return make_pipeline(_encoder(matrix, linear=False), _dummy(project, outcome))
    if name == "linear":
        return make_pipeline(_encoder(matrix, linear=True), _linear(project, outcome))
    if name == "gradient_boosting":
        return make_pipeline(_encoder(matrix, linear=False), _boosting(project, outcome))
    raise ProjectError(f"[baseline] names a model {name!r}; this project knows linear and gradient_boosting (kit/models.py).")


def _encoder(matrix: pd.DataFrame, *, linear: bool) -> ColumnTransformer:
    """Numbers and categories as one numeric matrix; unseen categories are a value of their own."""
    numbers = [name for name in matrix if pd.api.types.is_numeric_dtype(matrix[name])]
    categories = [name for name in matrix if name not in numbers]
    if linear:
        number = make_pipeline(SimpleImputer(strategy="median", keep_empty_features=True), StandardScaler())
        category: Any = OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=MAX_CATEGORIES)
    else:
        number = "passthrough"
        category = OrdinalEncoder(
            handle_unknown="use_encoded_value", unknown_value=-1, max_categories=MAX_CATEGORIES
        )
    steps = [("numbers", number, numbers), ("categories", category, categories)]
    return ColumnTransformer([step for step in steps if step[2]], verbose_feature_names_out=False)


def _dummy(project: Project, outcome: str) -> Any:
    if outcome == "regression":
        median = project.param("problem.metric") == "mae"
        return DummyRegressor(strategy="median" if median else "mean")
    return DummyClassifier(strategy="prior")


def _linear(project: Project, outcome: str) -> Any:
    if outcome == "regression":
        return Ridge(alpha=project.param("baseline.linear.alpha", 1.0))
    return LogisticRegression(C=1 / project.param("baseline.linear.alpha", 1.0), max_iter=1000)


def _boosting(project: Project, outcome: str) -> Any:
    options = dict(project.param("baseline.gradient_boosting", {}))
    options = {"early_stopping": False, "random_state": project.param("seed"), **options}
    if outcome == "regression":
        return HistGradientBoostingRegressor(**options)
    options.pop("loss", None)
    return HistGradientBoostingClassifier(**options)


def predict(model: Pipeline, matrix: pd.DataFrame, y: np.ndarray[Any, Any] | None, outcome: str) -> Predicted:
    """What the model says of each row, rounded to 6 significant digits as it is written to disk."""
    if outcome == "regression":
        return Predicted(rounded(model.predict(matrix)))
    probabilities = model.predict_proba(matrix)
    if outcome == "binary":
        return Predicted(rounded(probabilities[:, list(model.classes_).index(1.0)]))
    label = model.classes_[probabilities.argmax(axis=1)]
    place = {name: index for index, name in enumerate(model.classes_)}
    true = [row[place[name]] if name in place else 0.0 for row, name in zip(probabilities, y, strict=True)] if y is not None else None
    return Predicted(label, None if true is None else rounded(np.array(true)))


def rounded(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The values with 6 significant digits."""
    return np.array([float(f"{value:.6g}") for value in values])


def save(model: Pipeline, path: Path) -> None:
    """Write the model with skops: data and type names, no code."""
    path.parent.mkdir(exist_ok=True)
    skops.io.dump(model, path)


def load(path: Path) -> Pipeline:
    """Load a saved model; a file that holds any type not on our list is refused."""
    strange = sorted(set(skops.io.get_untrusted_types(file=path)) - set(TRUSTED))
    if strange:
        raise ProjectError(f"{path.name} holds a type that this project does not trust: {strange[0]}. It is not loaded.")
    return skops.io.load(path, trusted=TRUSTED)


def content_id(path: Path) -> str:
    """The hash of what a saved model says: object ids numbered by appearance, arrays by their bytes."""
    with zipfile.ZipFile(path) as archive:
        files = {name: hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist() if name != "schema.json"}
        tree = json.loads(archive.read("schema.json"))
    order: dict[Any, int] = {}

    def normal(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: order.setdefault(item, len(order)) if key == "__id__" else normal(item) for key, item in node.items()}
        if isinstance(node, list):
            return [normal(item) for item in node]
        return files.get(node, node) if isinstance(node, str) else node

    text = json.dumps(normal(tree), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
