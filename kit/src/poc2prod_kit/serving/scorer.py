"""The serving model: models/serving.json beside an ONNX graph or the fitted pipeline, asked about rows.

Packages that only one of the two needs are imported when it is loaded, since an image holds those of one.
"""

from __future__ import annotations

import hashlib
import json
import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from poc2prod_kit.rules import rulebook
from poc2prod_kit.run import hashing
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.paths import package
from poc2prod_kit.serving import encoder
from poc2prod_kit.serving.encoder import Encoder

SERVING, ONNX, FITTED = "models/serving.json", "models/serving.onnx", "models/model.skops"
LARGEST = 1e100
Row = Mapping[str, Any]
# Rows to scores: shape (rows, classes), the probability of each class; regression (rows, 1).
Score = Callable[[Sequence[Row]], np.ndarray[Any, Any]]


def by_onnx(about: Mapping[str, Any], graph: bytes, rules: ModuleType) -> Score:
    """Scores by onnxruntime, in one thread, of what the encoder makes of the rows."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    encode, output = Encoder(about["features"], about["encoder"], rules), [session.get_outputs()[-1].name]
    exponential = about["encoder"].get("link") == "log"

    def score(rows: Sequence[Row]) -> np.ndarray[Any, Any]:
        scores = np.asarray(session.run(output, {"rows": encode.matrix(rows)})[0], dtype=float)
        scores = scores.reshape(len(rows), -1)
        return np.exp(scores) if exponential else scores

    return score


def by_pipeline(about: Mapping[str, Any], model: Any, rules: ModuleType) -> Score:
    """Scores by the fitted pipeline itself, of the features that the same row functions compute."""
    import pandas as pd

    made = {one["name"]: encoder.feature(one, rules) for one in about["features"]}
    categories, names = set(about["encoder"]["categories"]), about["encoder"]["columns"]
    ask = model.predict if about["outcome"] == "regression" else model.predict_proba

    def score(rows: Sequence[Row]) -> np.ndarray[Any, Any]:
        cells = [rulebook.Cells(row) for row in rows]
        columns = {}
        for name in names:
            values = [made[name](row) for row in cells]
            if name in categories:
                columns[name] = pd.Series([encoder.category(value) for value in values], dtype=object)
            else:
                columns[name] = pd.Series(values, dtype=float)
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore", UserWarning)  # LightGBM: fitted without names, which it denies
            return np.asarray(ask(pd.DataFrame(columns)), dtype=float).reshape(len(rows), -1)

    return score


class Scorer:
    """A loaded serving model. `about` is what models/serving.json says: columns, outcome, limits, ids.

    `scores(rows)` has shape (rows, classes): the probability of each class; regression (rows, 1): the number.
    A row maps columns to float, bool, str or datetime (naive, UTC); what is missing is absent.
    """

    def __init__(self, about: dict[str, Any], score: Score) -> None:
        self.about, self.scores = about, score
        self.outcome: str = about["outcome"]
        self.threshold: float = about["threshold"]
        self.yes: int = about["classes"].index(1.0) if self.outcome == "binary" else 0

    def predict(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        """Each row's answer as /predict gives it, less the model's id. Numbers have 6 significant digits."""
        scores: list[list[float]] = self.scores(rows).tolist()
        if self.outcome == "regression":
            return [{"prediction": rounded(min(max(one[0], -LARGEST), LARGEST))} for one in scores]
        if self.outcome == "binary":
            return [self._binary(rounded(one[self.yes])) for one in scores]
        return [self._multiclass(one) for one in scores]

    def _binary(self, probability: float) -> dict[str, Any]:
        return {"prediction": probability >= self.threshold, "probability": probability}

    def _multiclass(self, probabilities: list[float]) -> dict[str, Any]:
        classes = self.about["classes"]
        shown = {label: rounded(one) for label, one in zip(classes, probabilities, strict=True)}
        return {"prediction": classes[probabilities.index(max(probabilities))], "probabilities": shown}


def rounded(value: float) -> float:
    """The value with 6 significant digits, as it is written to disk."""
    return float(f"{value:.6g}") if math.isfinite(value) else value


def load(root: Path, rules: ModuleType) -> Scorer:
    """The serving model in models/; ProjectError where absent, damaged, of two exports or of other code."""
    about = _about(root)
    if about.get("code") != code(rules):
        raise ProjectError(
            f"{SERVING} was made by other code than is here: rules.py, or what computes features with it, "
            f"has changed since. Make it anew: {_again()}"
        )
    try:
        score = (
            _pipeline(root, about, rules)
            if about.get("served_by") == "pipeline"
            else _onnx(root, about, rules)
        )
        return Scorer(about, score)
    except ProjectError:
        raise
    except FileNotFoundError as error:
        raise ProjectError(f"models/{Path(error.filename).name} is not there. Make it: {_again()}") from None
    except ModuleNotFoundError as error:
        raise ProjectError(
            f"The model in models/ is served by packages of which {error.name} is not installed here. "
            f"It needs {', '.join(about.get('requires', ()))}."
        ) from error
    except Exception as error:
        raise ProjectError(
            f"The model in models/ cannot be loaded ({error}). Make it anew: {_again()}"
        ) from error


def _about(root: Path) -> dict[str, Any]:
    try:
        about = json.loads((root / SERVING).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ProjectError(f"{SERVING} is not there. Make it: {_again()}") from None
    except (OSError, ValueError) as error:
        raise ProjectError(f"{SERVING} cannot be read ({error}). Make it anew: {_again()}") from error
    return about if isinstance(about, dict) else {}


def _onnx(root: Path, about: dict[str, Any], rules: ModuleType) -> Score:
    graph = (root / ONNX).read_bytes()
    if about.get("onnx") != hashlib.sha256(graph).hexdigest():
        raise ProjectError(f"{SERVING} and {ONNX} are not of one export. Make them anew: {_again()}")
    return by_onnx(about, graph, rules)


def _pipeline(root: Path, about: dict[str, Any], rules: ModuleType) -> Score:
    from poc2prod_kit.models import model_file
    from poc2prod_kit.run.code import trusted_types

    if about.get("model") != model_file.content_id(root / FITTED):
        raise ProjectError(f"{SERVING} and {FITTED} are not of one export. Make them anew: {_again()}")
    return by_pipeline(about, model_file.load(root / FITTED, trusted_types()), rules)


def code(rules: ModuleType) -> str:
    """The hash of the code that computes features here: rules.py and what it imports, and the encoder."""
    path = Path(str(rules.__file__)).resolve()
    library = Path(encoder.__file__).resolve().parents[1]
    modules = {
        *((one, path.parent) for one in hashing.local_modules(path, path.parent)),
        *((one, library.parent) for one in hashing.local_modules(Path(encoder.__file__).resolve(), library)),
    }
    return hashing.of_value({one.relative_to(top).as_posix(): hashing.of_file(one) for one, top in modules})


def _again() -> str:
    return f"python -m {package().name} api"
