"""Models on disk: skops files of listed types and loaders only, and the hash of their content."""

from __future__ import annotations

import hashlib
import json
import warnings
import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path
from typing import Any

import skops.io
from sklearn.pipeline import Pipeline

from poc2prod_kit.models.loaders import LOADERS, nodes
from poc2prod_kit.run import atomic, hashing
from poc2prod_kit.run.errors import ProjectError

# skops itself trusts the public estimators of scikit-learn, and data of numpy and scipy. These are private
# parts of estimators that it leaves out, since it checks types and not contents: crafted tree nodes can crash
# the process, yet run no code. Older versions of skops ask about some that newer ones trust.
TRUSTED = frozenset(
    {
        "collections.OrderedDict",
        "lightgbm.basic.Booster", "lightgbm.sklearn.LGBMClassifier", "lightgbm.sklearn.LGBMRegressor",
        "numpy.bool_", "numpy.dtype", "numpy.float32", "numpy.float64", "numpy.int32", "numpy.int64",
        "numpy.ndarray",
        "numpy.random._generator.Generator", "numpy.uint32", "numpy.uint64", "numpy.uint8",
        "sklearn._loss._loss.CyAbsoluteError", "sklearn._loss._loss.CyHalfBinomialLoss",
        "sklearn._loss._loss.CyHalfGammaLoss", "sklearn._loss._loss.CyHalfMultinomialLoss",
        "sklearn._loss._loss.CyHalfPoissonLoss", "sklearn._loss._loss.CyHalfSquaredError",
        "sklearn._loss.link.IdentityLink", "sklearn._loss.link.Interval", "sklearn._loss.link.LogLink",
        "sklearn._loss.link.LogitLink", "sklearn._loss.link.MultinomialLogit",
        "sklearn._loss.loss.AbsoluteError", "sklearn._loss.loss.HalfBinomialLoss",
        "sklearn._loss.loss.HalfGammaLoss", "sklearn._loss.loss.HalfMultinomialLoss",
        "sklearn._loss.loss.HalfPoissonLoss", "sklearn._loss.loss.HalfSquaredError",
        "sklearn.calibration._CalibratedClassifier", "sklearn.calibration._SigmoidCalibration",
        "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
        "sklearn.tree._tree.Tree", "sklearn.utils._bunch.Bunch",
    }
)  # fmt: skip
DAMAGE = (
    zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, RuntimeError, ValueError,
)  # fmt: skip


def save(model: Pipeline, path: Path, trusted: Collection[str] = ()) -> None:
    """Write the model with skops: data and type names, no code.

    `trusted`: further types, as `module.Class`. A model that could not be loaded again is not left behind.
    """
    with atomic.replacing(path) as beside:
        try:
            skops.io.dump(model, beside)
        except Exception as error:
            raise ProjectError(
                f"A {type(model[-1]).__name__} cannot be saved without pickle ({error}). "
                "Choose another estimator."
            ) from error
        untrusted = untrusted_parts(beside, trusted)
        if untrusted:
            raise ProjectError(
                f"The model holds a {untrusted[0]}, which is not a type that is trusted to be loaded. "
                "If you trust the library that it comes from, name it in TRUSTED_TYPES of models.py."
            )


def load(path: Path, trusted: Collection[str] = ()) -> Pipeline:
    """Load a saved model. A file that is damaged, or that holds a type not trusted, is refused unread."""
    untrusted = untrusted_parts(path, trusted)
    if untrusted:
        raise ProjectError(
            f"{path.name} holds a type that this project does not trust: {untrusted[0]}. It is not loaded."
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            asked = set(skops.io.get_untrusted_types(file=path))
            return skops.io.load(path, trusted=sorted(asked & (TRUSTED | set(trusted))))
    except Exception as error:
        raise ProjectError(
            f"{path.name} cannot be loaded ({type(error).__name__}). Run the step `baseline` again."
        ) from error


def untrusted_parts(path: Path, trusted: Collection[str] = ()) -> list[str]:
    """The types and loaders that a file names and that are not trusted, in order; nothing of it is loaded."""
    loaders = {str(node["__loader__"]) for node in nodes(_tree(path)) if "__loader__" in node} - LOADERS
    if loaders:
        return sorted(loaders)
    try:
        types = set(skops.io.get_untrusted_types(file=path))
    except Exception as error:
        raise _damaged(path, error) from error
    return sorted(types - TRUSTED - set(trusted))


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
