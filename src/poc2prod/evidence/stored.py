"""The saved model: an archive of data and of the types that the project's own models are made of."""

from collections.abc import Iterator
from typing import Any

from ..files import ROWS_LIMIT, Damaged, parse_json
from ..project import Facts
from .finding import ATTESTED, Finding, failed, passed, unknown

MODEL = "models/model.skops"
SCHEMA_LIMIT = 64 << 20
# The types and ways of loading of the template's kit/model_file.py; a test holds them equal.
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


def safe(facts: Facts, todo: str) -> Finding:
    """Whether the model's file names only known types; where it is not here, what its report says."""
    from ..fitted import BROKEN

    report = facts.report("baseline")
    told = report["outputs"].get(MODEL) if isinstance(report, dict) else None
    if not told:
        return unknown(f"the report does not say that it made {MODEL}", todo)
    if not facts.exists(MODEL):
        return passed(f"{MODEL} is not here; its report gives the id {told[:8]}", ATTESTED)
    try:
        strange = strange_parts(facts)
    except (OSError, Damaged, *BROKEN) as error:
        return failed(f"{MODEL} is no skops archive ({type(error).__name__}: {error})", todo)
    if strange:
        return failed(
            f"{MODEL} names {strange[0]}, which no model of the project is made of: do not load it", todo
        )
    now = facts.now(MODEL).hash
    if told != now:
        return failed(f"{MODEL} is {str(now)[:8]}, the report made {told[:8]}", todo)
    return passed(f"{MODEL} ({told[:8]}) holds data and known types only")


def strange_parts(facts: Facts) -> list[str]:
    """Members, types and loaders of the model's file that are on no list. OSError, Damaged, ValueError."""
    from zipfile import ZipFile

    next(facts.files.blocks(MODEL, ROWS_LIMIT), b"")
    with open(facts.files.place(MODEL), "rb") as file, ZipFile(file) as archive:
        members = [item.filename for item in archive.infolist()]
        if archive.getinfo("schema.json").file_size > SCHEMA_LIMIT:
            raise ValueError("its schema.json is too large")
        tree = parse_json(MODEL, archive.read("schema.json"))
    if not isinstance(tree, dict):
        raise ValueError("its schema.json is not a tree")
    found = {f"a file {name}" for name in members if name != "schema.json" and not name.endswith(".npy")}
    for node in _nodes(tree):
        if "__class__" in node:
            name = f"{node.get('__module__', '')}.{node['__class__']}"
            found |= set() if name in TYPES else {f"the type {name[:80]}"}
        if "__loader__" in node and node["__loader__"] not in LOADERS:
            found.add(f"the loader {str(node['__loader__'])[:80]}")
    return sorted(found)


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
