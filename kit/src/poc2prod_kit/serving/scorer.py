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
from poc2prod_kit.tables import cleaning

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
        self.rules = cleaning.parse({"rule": about.get("cleaning", [])}).rules

    def predict(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        """Each row's answer as /predict gives it, less the model's id. Numbers have 6 significant digits.

        Rows are cleaned as those of training were; `scores` takes them cleaned.
        """
        scores: list[list[float]] = self.scores([self.cleaned(row) for row in rows]).tolist()
        if self.outcome == "regression":
            return [{"prediction": rounded(min(max(one[0], -LARGEST), LARGEST))} for one in scores]
        if self.outcome == "binary":
            # The rounded probability decides, so that an answer agrees with itself.
            shares = [rounded(one[self.yes]) for one in scores]
            return [{"prediction": one >= self.threshold, "probability": one} for one in shares]
        labels = self.about["classes"]
        return [
            {
                "prediction": labels[one.index(max(one))],
                "probabilities": dict(zip(labels, map(rounded, one), strict=True)),
            }
            for one in scores
        ]

    def cleaned(self, row: Row) -> Row:
        """The row after the rules of cleaning.toml."""
        if not any(rule.column in row for rule in self.rules):
            return row
        made = dict(row)
        for rule in self.rules:
            made[rule.column] = rule.value(made.get(rule.column))
        return {name: value for name, value in made.items() if value is not None}


def rounded(value: float) -> float:
    """The value with 6 significant digits, as it is written to disk."""
    return float(f"{value:.6g}") if math.isfinite(value) else value


def load(root: Path, rules: ModuleType) -> Scorer:
    """The serving model in models/; ProjectError where absent, damaged, of two exports or of other code."""
    again = f"python -m {package().name} api"
    try:
        about = json.loads((root / SERVING).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ProjectError(f"{SERVING} is not there. Make it: {again}") from None
    except (OSError, ValueError) as error:
        raise ProjectError(f"{SERVING} cannot be read ({error}). Make it anew: {again}") from error
    if not isinstance(about, dict) or about.get("code") != code(rules):
        raise ProjectError(
            f"{SERVING} was made by other code than is here: rules.py, or what computes features with it, "
            f"has changed since. Make it anew: {again}"
        )
    try:
        score = _of_file(root, about, rules)
    except FileNotFoundError as error:
        raise ProjectError(f"models/{Path(error.filename).name} is not there. Make it: {again}") from None
    except ModuleNotFoundError as error:
        raise ProjectError(
            f"The model in models/ is served by packages of which {error.name} is not installed here. "
            f"It needs {', '.join(about.get('requires', ()))}."
        ) from error
    except ProjectError:
        raise
    except Exception as error:
        raise ProjectError(
            f"The model in models/ cannot be loaded ({error}). Make it anew: {again}"
        ) from error
    if score is None:
        name = FITTED if about.get("served_by") == "pipeline" else ONNX
        raise ProjectError(f"{SERVING} and {name} are not of one export. Make them anew: {again}")
    return Scorer(about, score)


def _of_file(root: Path, about: Mapping[str, Any], rules: ModuleType) -> Score | None:
    """The scores of the model that `about` goes with; None where the file holds another."""
    if about.get("served_by") != "pipeline":
        graph = (root / ONNX).read_bytes()
        return by_onnx(about, graph, rules) if about["onnx"] == hashlib.sha256(graph).hexdigest() else None
    from poc2prod_kit.models import model_file
    from poc2prod_kit.run.code import trusted_types

    if about.get("model") != model_file.content_id(root / FITTED):
        return None
    return by_pipeline(about, model_file.load(root / FITTED, trusted_types()), rules)


def code(rules: ModuleType) -> str:
    """The hash of the code that computes features here: rules.py and what it imports, and the encoder."""
    path, own = Path(str(rules.__file__)).resolve(), Path(encoder.__file__).resolve()
    modules = {
        one.relative_to(folder).as_posix(): hashing.of_file(one)
        for first, top, folder in ((path, path.parent, path.parent), (own, own.parents[1], own.parents[2]))
        for one in hashing.local_modules(first, top)
    }
    return hashing.of_value(modules)
