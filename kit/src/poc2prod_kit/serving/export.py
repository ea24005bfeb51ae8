"""The fitted model as one that can be served: tables for what Python encodes, ONNX from the numbers on.

Trees compare float64 numbers with float64 cut points; ONNX holds both in float32, where neighbours fall
together. So a number is replaced by its place among the cut points, in Python and in double precision, and
the trees' thresholds by those places: whole numbers, which float32 holds exactly.
"""

from __future__ import annotations

import copy
import hashlib
import json
import warnings
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, Ridge

from poc2prod_kit.models import selected_model
from poc2prod_kit.run import atomic
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.project import Project
from poc2prod_kit.serving import fields, records, scorer

TREES = (HistGradientBoostingClassifier, HistGradientBoostingRegressor)
LINEAR = (LogisticRegression, Ridge)
LOG_LINKS = ("poisson", "gamma")
OPSET = {"": 18, "ai.onnx.ml": 3}
ROWS = 1000
UNSEEN = "never seen before\0"
Tables = dict[str, Any]


class NotConvertibleError(ProjectError):
    """The model has no ONNX form that can be trusted: the fitted pipeline serves instead."""


@dataclass(frozen=True)
class Export:
    """What the server needs, not yet on disk: models/serving.json and, where there is one, the ONNX graph."""

    about: dict[str, Any]
    scorer: scorer.Scorer
    onnx: bytes | None = None

    def write(self, root: Path) -> list[str]:
        """Put the files in place; their names. A graph of an earlier export does not stay behind."""
        if self.onnx is None:
            (root / scorer.ONNX).unlink(missing_ok=True)
        else:
            with atomic.replacing(root / scorer.ONNX) as beside:
                beside.write_bytes(self.onnx)
        atomic.write_json(root / scorer.SERVING, self.about)
        return [scorer.SERVING] if self.onnx is None else [scorer.ONNX, scorer.SERVING]


def by_onnx(project: Project, model: selected_model.SelectedModel) -> Export:
    """The selected model in ONNX. Raises NotConvertibleError for one that cannot be converted."""
    tables, estimator = encoded(model.pipeline)
    onnx = converted(estimator, tables)
    about = _about(project, model, "onnx", tables, ["numpy", "onnxruntime"])
    about["onnx"] = hashlib.sha256(onnx).hexdigest()
    return Export(about, scorer.Scorer(about, scorer.by_onnx(about, onnx, project.code.rules)), onnx)


def by_pipeline(project: Project, model: selected_model.SelectedModel) -> Export:
    """The selected model as it was fitted: nothing is converted, and the server needs what fitted it."""
    X = selected_model.rows(project, "train", most=ROWS).X
    columns = [str(name) for name in X]
    described = {one["name"] for one in project.code.features.definitions(project)}
    if unknown := [name for name in columns if name not in described]:
        raise ProjectError(
            f"features.build makes {unknown[0]!r}, which features.definitions does not describe, so it "
            "cannot be computed for a single request. Make it a rule of rules.py, and name it in "
            "[features] rules."
        )
    categories = [name for name in columns if not pd.api.types.is_numeric_dtype(X[name])]
    tables = {"kind": "pipeline", "columns": columns, "categories": categories}
    steps = {type(step).__module__.partition(".")[0] for step in model.pipeline}
    modules = sorted({"numpy", "pandas", "sklearn", "skops", *steps})
    about = _about(project, model, "pipeline", tables, modules)
    return Export(about, scorer.Scorer(about, scorer.by_pipeline(about, model.pipeline, project.code.rules)))


def _about(
    project: Project, model: selected_model.SelectedModel, how: str, tables: Tables, modules: list[str]
) -> dict[str, Any]:
    """What models/serving.json says: the contract, the encoder, and the packages that give these modules."""
    project.path("data/manifest.json")  # an input, which `data_hash` reads
    labels = [] if model.outcome == "regression" else model.pipeline.classes_
    providers = metadata.packages_distributions()
    packages = sorted({name for module in modules for name in providers.get(module, ())[:1]})
    contract = fields.about(project)
    asked = {one["name"] for one in contract["columns"]}
    rules = [rule.entry for rule in project.schema.cleaning.rules if rule.column in asked]
    about = {
        "schema": 1,
        **contract,
        **({"cleaning": rules} if rules else {}),
        "classes": [float(one) if model.outcome == "binary" else str(one) for one in labels],
        "code": scorer.code(project.code.rules),
        "data": records.data_hash(project.root),
        "encoder": tables,
        "features": project.code.features.definitions(project),
        "model": model.content_id,
        "requires": [f"{name}=={metadata.version(name)}" for name in packages],
        "served_by": how,
    }
    # As the server will read it: what JSON changes shows here.
    return dict(json.loads(json.dumps(about)))


def encoded(model: Any) -> tuple[Tables, Any]:
    """The fitted encoder as tables, and the estimator changed to take what they make."""
    encoder, estimator = model[0], model[-1]
    if isinstance(estimator, (DummyClassifier, DummyRegressor)):
        raise ProjectError(
            f"The selected model ends in a {type(estimator).__name__}, which has nothing to be served: it "
            "predicts the same for every row. See `baseline`: get a model that is better than the dummy "
            "first."
        )
    known = isinstance(encoder, ColumnTransformer) and isinstance(estimator, (*TREES, *LINEAR))
    if len(model) != 2 or not known:
        raise NotConvertibleError(
            f"a {type(estimator).__name__} behind this preprocessor has no exact conversion"
        )
    parts = {name: (part, list(names)) for name, part, names in encoder.transformers_ if name != "remainder"}
    _, numbers = parts.get("numbers", (None, []))
    trees = isinstance(estimator, TREES)
    try:
        if trees:
            estimator, cuts = ranked(estimator, len(numbers))
            made = [{"name": name, "cuts": result} for name, result in zip(numbers, cuts, strict=True)]
        else:
            made = _standard(*parts["numbers"]) if numbers else []
        categories = _codes(*parts["categories"], len(numbers), trees) if "categories" in parts else []
    except (AttributeError, KeyError, IndexError, TypeError) as error:
        # An edited preprocessor, or a version of scikit-learn that keeps its models in another way.
        raise NotConvertibleError(
            f"its preprocessor is not one that is converted ({type(error).__name__}: {error})"
        ) from error
    kind, width = "trees" if trees else "linear", int(estimator.n_features_in_)
    tables = {"kind": kind, "numbers": made, "categories": categories, "width": width}
    link = {"link": "log"} if getattr(estimator, "loss", "") in LOG_LINKS else {}
    return {**tables, **link}, estimator


def ranked(estimator: Any, numbers: int) -> tuple[Any, list[list[float]]]:
    """A copy of the trees that compares places, and each number's cut points in order.

    x ≤ cut i exactly where fewer than i + 1 cut points are below x. An infinite threshold sends all left.
    """
    made = copy.deepcopy(estimator)
    trees = [tree.nodes for grown in made._predictors for tree in grown]
    cuts: list[list[float]] = []
    for feature in range(numbers):
        items = [nodes["num_threshold"][_splits(nodes, feature)] for nodes in trees]
        known = np.unique(np.concatenate(items)) if items else np.array([])
        cuts.append(known[np.isfinite(known)].tolist())
        for nodes in trees:
            here = _splits(nodes, feature)
            nodes["num_threshold"][here] = np.searchsorted(cuts[-1], nodes["num_threshold"][here])
    return made, cuts


def _splits(nodes: Any, feature: int) -> Any:
    if nodes["is_categorical"].any():
        raise NotConvertibleError(
            "its trees split categories natively, which the converter to ONNX gets wrong"
        )
    return (nodes["is_leaf"] == 0) & (nodes["feature_idx"] == feature)


def _standard(part: Any, names: list[str]) -> list[Tables]:
    imputer, scaler = part[0], part[-1]
    rows = zip(names, imputer.statistics_, scaler.mean_, scaler.scale_, strict=True)
    return [
        {"name": name, "median": float(median), "mean": float(mean), "scale": float(scale)}
        for name, median, mean, scale in rows
    ]


def _codes(part: Any, names: list[str], before: int, trees: bool) -> list[Tables]:
    """For each category the code that the fitted encoder gives it, by asking it about one after the other.

    For trees its ordinal code; for linear models the column of the matrix where it puts a 1 (none: absent).
    """
    made = []
    for name, categories in zip(names, part.categories_, strict=True):
        rows = pd.DataFrame({other: [UNSEEN] * len(categories) for other in names}, dtype=object)
        rows[name] = list(categories)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            result = part.transform(rows)
        result = np.asarray(result.todense() if hasattr(result, "todense") else result)
        rows_made = zip(map(str, categories), result, strict=True)
        if trees:
            codes = {one: float(row[names.index(name)]) for one, row in rows_made}
        else:
            codes = {one: before + int(row.argmax()) for one, row in rows_made if row.any()}
        made.append({"name": name, "codes": codes})
    return made


def converted(estimator: Any, tables: Tables) -> bytes:
    """The estimator in ONNX, taking `rows` of shape (n, width); the last output is what is asked for."""
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType

    kind = FloatTensorType if tables["kind"] == "trees" else DoubleTensorType
    options = {id(estimator): {"zipmap": False}} if hasattr(estimator, "predict_proba") else None
    shape = [("rows", kind([None, tables["width"]]))]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            graph = to_onnx(estimator, initial_types=shape, options=options, target_opset=OPSET, name="model")
    except Exception as error:
        first = str(error).strip().partition("\n")[0]
        raise NotConvertibleError(f"the converter fails ({type(error).__name__}: {first})") from error
    graph.opset_import.sort(key=lambda one: one.domain)  # the converter keeps these in a set
    graph.metadata_props.sort(key=lambda one: one.key)
    made: bytes = graph.SerializeToString(deterministic=True)
    return made
