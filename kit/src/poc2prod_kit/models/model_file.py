"""Models on disk: skops files of listed types and loaders only, and the hash of their content."""

from __future__ import annotations

import hashlib
import json
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import skops.io
from sklearn.pipeline import Pipeline

from poc2prod_kit.run import atomic, hashing
from poc2prod_kit.run.errors import ProjectError

# Every type that a model of kit/models.py is made of. A file that names any other is refused unread.
TYPES = frozenset(
    {
        "builtins.dict", "builtins.list", "builtins.slice", "builtins.str", "builtins.tuple", "numpy.bool_",
        "numpy.dtype", "numpy.float32", "numpy.float64", "numpy.int32", "numpy.int64", "numpy.ndarray",
        "numpy.random._generator.Generator", "numpy.uint32", "numpy.uint64", "numpy.uint8",
        "sklearn._loss._loss.CyAbsoluteError", "sklearn._loss._loss.CyHalfBinomialLoss",
        "sklearn._loss._loss.CyHalfGammaLoss", "sklearn._loss._loss.CyHalfMultinomialLoss",
        "sklearn._loss._loss.CyHalfPoissonLoss", "sklearn._loss._loss.CyHalfSquaredError",
        "sklearn._loss.link.IdentityLink", "sklearn._loss.link.Interval", "sklearn._loss.link.LogLink",
        "sklearn._loss.link.LogitLink", "sklearn._loss.link.MultinomialLogit",
        "sklearn._loss.loss.AbsoluteError", "sklearn._loss.loss.HalfBinomialLoss",
        "sklearn._loss.loss.HalfGammaLoss", "sklearn._loss.loss.HalfMultinomialLoss",
        "sklearn._loss.loss.HalfPoissonLoss", "sklearn._loss.loss.HalfSquaredError",
        "sklearn.compose._column_transformer.ColumnTransformer", "sklearn.dummy.DummyClassifier",
        "sklearn.dummy.DummyRegressor", "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
        "sklearn.ensemble._hist_gradient_boosting.gradient_boosting.HistGradientBoostingClassifier",
        "sklearn.ensemble._hist_gradient_boosting.gradient_boosting.HistGradientBoostingRegressor",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn.impute._base.SimpleImputer", "sklearn.linear_model._logistic.LogisticRegression",
        "sklearn.linear_model._ridge.Ridge", "sklearn.pipeline.Pipeline",
        "sklearn.preprocessing._data.StandardScaler", "sklearn.preprocessing._encoders.OneHotEncoder",
        "sklearn.preprocessing._encoders.OrdinalEncoder",
        "sklearn.preprocessing._function_transformer.FunctionTransformer",
        "sklearn.preprocessing._label.LabelEncoder",
    }
)  # fmt: skip
LOADERS = frozenset(
    {
        "DTypeNode", "DictNode", "JsonNode", "ListNode", "LossNode", "NdArrayNode", "ObjectNode",
        "RandomGeneratorNode", "SliceNode", "TupleNode", "TypeNode",
    }
)  # fmt: skip
DAMAGE = (
    zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, RuntimeError, ValueError,
)  # fmt: skip


def save(model: Pipeline, path: Path) -> None:
    """Write the model with skops: data and type names, no code.

    A model that could not be loaded is not left behind.
    """
    with atomic.replacing(path) as beside:
        skops.io.dump(model, beside)
        strange = strange_parts(beside)
        if strange:
            raise ProjectError(
                f"A model with a {strange[0]} cannot be saved safely. "
                "Add that type to TYPES of kit/model_file.py."
            )


def load(path: Path) -> Pipeline:
    """Load a saved model. A file that holds any type not on our list is refused.

    So is one that is damaged.
    """
    strange = strange_parts(path)
    if strange:
        raise ProjectError(
            f"{path.name} holds a type that this project does not trust: {strange[0]}. It is not loaded."
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return skops.io.load(path, trusted=sorted(TYPES & set(skops.io.get_untrusted_types(file=path))))
    except Exception as error:
        raise ProjectError(
            f"{path.name} cannot be loaded ({type(error).__name__}). Run the step `baseline` again."
        ) from error


def strange_parts(path: Path) -> list[str]:
    """The types and loaders that a file names and that are not on our lists, in order."""
    found = set()
    for node in _nodes(_tree(path)):
        if "__class__" in node:
            name = f"{node.get('__module__', '')}.{node['__class__']}"
            found |= {name} - TYPES
        found |= {str(node["__loader__"])} - LOADERS if "__loader__" in node else set()
    return sorted(found)


def content_id(path: Path) -> str:
    """The hash of what a saved model says.

    Arrays by their bytes, object ids by order, without the writer's version. A damaged file is named.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if name != "schema.json"]
            files = {name: hashlib.sha256(archive.read(name)).hexdigest() for name in names}
    except DAMAGE as error:
        raise _damaged(path, error) from error
    return hashing.of_model(_tree(path), files)


def _tree(path: Path) -> dict[str, Any]:
    try:
        with zipfile.ZipFile(path) as archive:
            tree = json.loads(archive.read("schema.json"))
    except DAMAGE as error:
        raise _damaged(path, error) from error
    if not isinstance(tree, dict):
        raise ProjectError(f"{path.name} is not a saved model. Run the step `baseline` again.")
    return tree


def _damaged(path: Path, error: Exception) -> ProjectError:
    return ProjectError(f"{path.name} is damaged ({type(error).__name__}). Run the step `baseline` again.")


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
