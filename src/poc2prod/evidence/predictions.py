"""The predictions for a part, joined with the target and the clusters of the raw rows."""

from collections.abc import Hashable, Sequence
from itertools import chain
from math import isfinite
from typing import Any, NamedTuple

from ..files import Damaged
from ..project import UNREADABLE, Facts
from ..recount import raw, scores
from ..recount.intervals import Estimate
from ..recount.labels import Label
from ..recount.metrics import Predicted
from . import rows, step_reports
from .finding import Unproven

# Above this, the pipeline writes predictions for a sample only: the rows with the smallest hashes.
MOST = 50_000


class Predictions(NamedTuple):
    """The rows of a predictions file in its order: id, y as written there, y in the data, the predictions of
    each model, cluster. `places`: the index of each row in the raw table.
    `problem`: why rows cannot be joined.
    """

    file: str
    ids: list[str]
    y_written: list[str]
    y: list[Any]
    by_model: dict[str, Predicted]
    clusters: Sequence[Hashable] | None
    places: list[int]
    problem: str = ""


def table(facts: Facts) -> rows.Rows:
    """The raw table. Absent."""
    rows_ = rows.read(facts)
    if rows_ is None:
        raise step_reports.Absent
    return rows_


def split(facts: Facts) -> dict[str, str]:
    """Part by id. Absent."""
    parts = rows.parts(facts)
    if parts is None:
        raise step_reports.Absent
    return parts


def part(facts: Facts, name: str) -> Predictions:
    """The predictions for a part. Absent; Unproven if they cannot be joined with the rows."""
    predicted = peek(facts, name)
    if predicted.problem:
        raise Unproven(f"{predicted.file}: {predicted.problem}", _again(facts))
    return predicted


def peek(facts: Facts, name: str) -> Predictions:
    """As `part`, but returns the problem instead of raising it."""
    file = f"data/predictions/{name}.csv.gz"
    if not facts.exists(file):
        raise step_reports.Absent
    every = table(facts)
    return facts.shared(f"seen {name}", lambda: _join(facts, file, every))


def expected(facts: Facts, name: str) -> set[str]:
    """The ids that the predictions of a part must have: above 50,000, those with the smallest hashes.
    Absent.
    """
    parts = split(facts)
    return facts.shared(f"expected {name}", lambda: _expected(parts, name))


def _expected(parts: dict[str, str], name: str) -> set[str]:
    ids = [row for row, where in parts.items() if where == name]
    if len(ids) <= MOST:
        return set(ids)
    hashed = {row: raw.position(row) for row in ids}
    limit = sorted(hashed.values())[MOST - 1]
    return {row for row in ids if hashed[row] <= limit}


def evaluated(facts: Facts) -> tuple[int, int]:
    """(validation rows that `evaluate` sampled, 0 if it used all; validation rows)."""
    n, most = len(part(facts, "validation").ids), facts.param("evaluate.rows", MOST)
    return (most if isinstance(most, int) and 0 < most < n else 0), n


def score(facts: Facts, name: str, role: str, metric: str) -> Estimate:
    """A model's score on a part, computed once for all checks."""
    predicted = part(facts, name)
    return facts.shared(
        f"score {name} {role} {metric}",
        lambda: scores.score(metric, predicted.y, predicted.by_model[role], predicted.clusters),
    )


def difference(facts: Facts, name: str, one: str, other: str, metric: str) -> Estimate:
    """The paired difference of two models' scores."""
    predicted = part(facts, name)
    return facts.shared(
        f"difference {name} {one} {other} {metric}",
        lambda: scores.difference(
            metric, predicted.y, predicted.by_model[one], predicted.by_model[other], predicted.clusters
        ),
    )


def outcome(facts: Facts) -> str:
    """[problem] outcome. Unproven if it is not one of the three."""
    value = facts.param("problem.outcome")
    if value not in scores.FITTING:
        raise Unproven(
            f"[problem] outcome = {str(value)[:40]!r} is not known", "set [problem] outcome in params.toml"
        )
    return str(value)


def metric(facts: Facts) -> str:
    """[problem] metric. Unproven if it does not fit the outcome."""
    value = facts.param("problem.metric")
    if value not in scores.FITTING[outcome(facts)] or value == "bias":
        raise Unproven(
            f"[problem] metric = {str(value)[:40]!r} does not fit the outcome {outcome(facts)!r}",
            "correct [problem] metric in params.toml",
        )
    return str(value)


def is_label(cell: str, label: Label) -> bool:
    """Whether a cell of a predictions file is this label; numbers to 6 significant digits."""
    if label is None:
        return False
    if isinstance(label, str):
        if cell == label:
            return True
        return _number(cell) is not None and _number(cell) == _number(label)
    number = _number(cell)
    return number is not None and scores.same(number, label)


def model_id(facts: Facts) -> str:
    """The id of the current model: from the file, else from the baseline's report. Unproven."""
    current = facts.now("models/model.skops").hash
    report = facts.report("baseline")
    reported = report["outputs"].get("models/model.skops") if isinstance(report, dict) else None
    if current == UNREADABLE or not (current or reported):
        why = (
            f"models/model.skops {facts.reason('models/model.skops')}" if current else "there is no model yet"
        )
        raise Unproven(why, f"python -m {facts.package} baseline")
    return str(current or reported)


def _again(facts: Facts) -> str:
    return step_reports.again(facts, "baseline")


def _join(facts: Facts, file: str, every: rows.Rows) -> Predictions:
    names, lines = _lines(facts, file)
    columns = dict(zip(names, zip(*lines, strict=True), strict=True)) if lines else {}
    if names[:2] != ["id", "y"] or not lines:
        return _broken(file, "its first columns must be id and y, and it must have rows")
    ids = list(columns["id"])
    wanted = set(ids)
    where = {row: place for place, row in enumerate(every.table.ids) if row in wanted}
    unknown_id = next((row for row in ids if row not in where), None)
    if unknown_id is not None:
        return _broken(file, f"the id {unknown_id!r} is not in the {every.table.rows:,} rows of the data")
    if len(wanted) < len(ids):
        twice = next(row for place, row in enumerate(ids) if row in ids[:place])
        return _broken(file, f"the id {twice!r} occurs twice")
    places = [where[row] for row in ids]
    y_true = rows.target(facts, every)
    y = [y_true[place] for place in places]
    if None in y:
        return _broken(file, f"the row {ids[y.index(None)]!r} has no label in the data")
    y_pred, problem = _said(columns, outcome(facts))
    if problem:
        return _broken(file, problem)
    return Predictions(
        file, ids, list(columns["y"]), y, y_pred, rows.clusters_among(facts, every, places), places
    )


def _lines(facts: Facts, file: str) -> tuple[list[str], list[list[str]]]:
    try:
        lines = list(chain.from_iterable(raw.records(file, facts.rows(file))))
    except (ValueError, Damaged, OSError) as error:
        raise Unproven(f"{file} cannot be read: {error}", _again(facts)) from error
    return lines[0], lines[1:]


def _said(columns: dict[str, Any], kind: str) -> tuple[dict[str, Predicted], str]:
    y_pred = {}
    for role, cells in columns.items():
        if role in ("id", "y") or (role.endswith(".p") and role[:-2] in columns):
            continue
        chances = columns.get(f"{role}.p") if kind == "multiclass" else cells
        if chances is None:
            return {}, f"the column {role}.p is missing"
        numbers = [_number(cell) for cell in chances]
        limited = kind != "regression"
        invalid = next(
            (
                cell
                for cell, n in zip(chances, numbers, strict=True)
                if n is None or (limited and not 0 <= n <= 1)
            ),
            None,
        )
        if invalid is not None:
            return (
                {},
                f"{role} says {invalid[:40]!r}, which is not a {'probability' if limited else 'number'}",
            )
        known = [number for number in numbers if number is not None]
        y_pred[role] = Predicted(list(cells), known) if kind == "multiclass" else Predicted(known)
    return y_pred, ""


def _broken(file: str, problem: str) -> Predictions:
    return Predictions(file, [], [], [], {}, None, [], problem)


def _number(cell: str) -> float | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if isfinite(value) else None
