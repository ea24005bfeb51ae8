"""The predictions for a part, joined with the target and the clusters of the raw rows."""

from collections.abc import Collection, Hashable, Sequence
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
from .finding import Absent, Unproven

# Above this, the pipeline writes predictions for a sample only: the rows with the smallest hashes.
MOST = 50_000


class Predictions(NamedTuple):
    """The rows of a predictions file in its order: id, y as written there, y in the data, the predictions of
    each model, cluster. `places`: the index of each row in the raw table.
    """

    file: str
    ids: list[str]
    y_written: list[str]
    y: list[Any]
    by_model: dict[str, Predicted]
    clusters: Sequence[Hashable] | None
    places: list[int]


class NotJoined(Unproven):
    """The predictions are not of the rows of the data."""


def part(facts: Facts, name: str) -> Predictions:
    """The predictions for a part. Absent; NotJoined if they cannot be joined with the rows."""
    file = f"data/predictions/{name}.csv.gz"
    if not facts.exists(file):
        raise Absent
    return facts.shared(f"predictions {name}", lambda: _join(facts, file, rows.read(facts)))


def expected(facts: Facts, name: str) -> set[str]:
    """The ids that the predictions of a part must have: above 50,000, those with the smallest hashes. Absent."""
    parts = rows.parts(facts)
    return facts.shared(
        f"expected {name}", lambda: sampled([row for row, where in parts.items() if where == name], MOST)
    )


def sampled(ids: Collection[str], most: int) -> set[str]:
    """So many ids, those with the smallest hashes; all where they are no more."""
    if len(ids) <= most:
        return set(ids)
    positions = {row: raw.position(row) for row in ids}
    limit = sorted(positions.values())[most - 1]
    return {row for row, position in positions.items() if position <= limit}


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


def all_scores(facts: Facts, name: str) -> dict[str, dict[str, Estimate]]:
    """Every metric of every model on a part: by model, by metric."""
    metrics = scores.FITTING[outcome(facts)]
    return {
        role: {metric: score(facts, name, role, metric) for metric in metrics}
        for role in part(facts, name).by_model
    }


def selected_role(facts: Facts) -> str:
    """Which model the baseline selected: simple or candidate. Unproven without its report."""
    return str(step_reports.results(facts, "baseline").get("kept"))


def selected(facts: Facts) -> Predicted:
    """The selected model's predictions for the validation rows. Absent; Unproven."""
    role, by_model = selected_role(facts), part(facts, "validation").by_model
    if role not in by_model:
        raise Unproven(f"the predictions have no column {role}", _again(facts))
    return by_model[role]


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
    number = _number(cell)
    if isinstance(label, str):
        return cell == label or (number is not None and number == _number(label))
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
    def broken(problem: str) -> NotJoined:
        return NotJoined(f"{file}: {problem}", _again(facts))

    names, *lines = read(facts, file, _again(facts))
    if names[:2] != ["id", "y"] or not lines:
        raise broken("its first columns must be id and y, and it must have rows")
    columns = dict(zip(names, map(list, zip(*lines, strict=True)), strict=True))
    ids = columns.pop("id")
    wanted = set(ids)
    where = {row: place for place, row in enumerate(every.table.ids) if row in wanted}
    if (other := next((row for row in ids if row not in where), None)) is not None:
        raise broken(f"the id {other!r} is not in the {every.table.rows:,} rows of the data")
    if len(wanted) < len(ids):
        twice = next(row for place, row in enumerate(ids) if row in ids[:place])
        raise broken(f"the id {twice!r} occurs twice")
    places = [where[row] for row in ids]
    y_true = rows.target(facts, every)
    y = [y_true[place] for place in places]
    if None in y:
        raise broken(f"the row {ids[y.index(None)]!r} has no label in the data")
    y_written = columns.pop("y")
    try:
        y_pred = _predicted(columns, outcome(facts))
    except ValueError as error:
        raise broken(str(error)) from error
    return Predictions(file, ids, y_written, y, y_pred, rows.clusters_among(facts, every, places), places)


def read(facts: Facts, file: str, todo: str) -> list[list[str]]:
    """The header and the rows of a table. Unproven."""
    try:
        return list(chain.from_iterable(raw.records(file, facts.rows(file))))
    except (ValueError, Damaged, OSError) as error:
        raise Unproven(f"{file} cannot be read: {error}", todo) from error


def _predicted(columns: dict[str, list[str]], kind: str) -> dict[str, Predicted]:
    """The predictions of each model, with several classes from two columns. ValueError."""
    y_pred = {}
    for role, cells in columns.items():
        if role.endswith(".p") and role[:-2] in columns:
            continue
        chances = columns.get(f"{role}.p") if kind == "multiclass" else cells
        if chances is None:
            raise ValueError(f"the column {role}.p is missing")
        numbers = []
        for cell in chances:
            number = _number(cell)
            if number is None or (kind != "regression" and not 0 <= number <= 1):
                what = "number" if kind == "regression" else "probability"
                raise ValueError(f"{role} says {cell[:40]!r}, which is not a {what}")
            numbers.append(number)
        y_pred[role] = Predicted(cells, numbers) if kind == "multiclass" else Predicted(numbers)
    return y_pred


def _number(cell: str) -> float | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if isfinite(value) else None
