"""The serving model: models/serving.json and models/serving.onnx, asked about one row or many."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import onnxruntime

from poc2prod_kit.run import hashing
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.paths import package
from poc2prod_kit.serving import encoder
from poc2prod_kit.serving.encoder import Encoder

SERVING, ONNX = "models/serving.json", "models/serving.onnx"
LARGEST = 1e100


class Scorer:
    """A loaded serving model. `about` is what models/serving.json says: columns, outcome, limits, ids."""

    def __init__(self, about: dict[str, Any], onnx: bytes, rules: ModuleType) -> None:
        self.about = about
        self.outcome: str = about["outcome"]
        self.encoder = Encoder(about["features"], about["encoder"], rules)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])
        self.output = [self.session.get_outputs()[-1].name]
        self.exponential = about["encoder"].get("link") == "log"
        self.threshold: float = about["threshold"]
        self.yes: int = about["classes"].index(1.0) if self.outcome == "binary" else 0

    def scores(self, rows: Sequence[Mapping[str, Any]]) -> np.ndarray[Any, Any]:
        """Shape (rows, classes): the probability of each class; regression (rows, 1): the number.

        A row maps columns to float, bool, str or datetime (naive, UTC); what is missing is absent.
        """
        made = self.session.run(self.output, {"rows": self.encoder.matrix(rows)})[0]
        found = np.asarray(made, dtype=float).reshape(len(rows), -1)
        return np.exp(found) if self.exponential else found

    def predict(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Each row's answer as /predict gives it, less the model's id. Numbers have 6 significant digits."""
        said: list[list[float]] = self.scores(rows).tolist()
        if self.outcome == "regression":
            return [{"prediction": rounded(min(max(one[0], -LARGEST), LARGEST))} for one in said]
        if self.outcome == "binary":
            return [self._binary(rounded(one[self.yes])) for one in said]
        return [self._multiclass(one) for one in said]

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
    try:
        about = json.loads((root / SERVING).read_text(encoding="utf-8"))
        onnx = (root / ONNX).read_bytes()
    except FileNotFoundError as error:
        name = Path(error.filename).name
        raise ProjectError(f"models/{name} is not there. Make it: {_again()}") from None
    except (OSError, ValueError) as error:
        raise ProjectError(f"{SERVING} cannot be read ({error}). Make it anew: {_again()}") from error
    if not isinstance(about, dict) or about.get("onnx") != hashlib.sha256(onnx).hexdigest():
        raise ProjectError(f"{SERVING} and {ONNX} are not of one export. Make them anew: {_again()}")
    if about.get("code") != code(rules):
        raise ProjectError(
            f"{SERVING} was made by other code than is here: rules.py, or what computes features with it, "
            f"has changed since. Make it anew: {_again()}"
        )
    try:
        return Scorer(about, onnx, rules)
    except ProjectError:
        raise
    except Exception as error:
        raise ProjectError(
            f"The model in models/ cannot be loaded ({error}). Make it anew: {_again()}"
        ) from error


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
