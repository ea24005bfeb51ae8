"""I.8: what the model learned, for which groups it is worse, and what causes its errors."""

from collections.abc import Iterable
from typing import Any

from ..project import Facts
from ..recount import raw, scores, slices
from ..recount.metrics import Predicted
from . import causes, generic, predictions, step_reports
from .baseline import generic_kinds
from .finding import CLAIMED, Finding, Unproven, failed, passed, skipped, unknown
from .values import entries, fields, items_at, some

on_rows = step_reports.on_rows("interpret")
SHOWN = 20


def of_this_model(facts: Facts) -> Finding:
    """The report is about the current model."""
    return same_model(facts, "interpret")


def importance(facts: Facts) -> Finding:
    """Each feature has a permutation importance with an interval, each top feature a dependence curve."""
    results = step_reports.results(facts, "interpret")
    listed = entries(results.get("importance"), "features")
    if not listed:
        return unknown("the report has no feature importance", step_reports.again(facts, "interpret"))
    problems = [f"{item.get('feature')}: {why}" for item in listed if (why := scores.incoherent(item))]
    values = [item.value for entry in listed if (item := scores.reported(entry)) and item.value == item.value]
    if problems or values != sorted(values, reverse=True):
        why = problems[0] if problems else "the features are not sorted by importance"
        return failed(f"importance of {why}" if problems else why, step_reports.again(facts, "interpret"))
    curves = {
        str(item.get("feature")): item for item in items_at(results, "dependence") if isinstance(item, dict)
    }
    top = facts.param("interpret.top", 6)
    top_features = [str(item.get("feature")) for item in listed][: top if isinstance(top, int) else 6]
    bare = [name for name in top_features if not _is_curve(curves.get(name))]
    if bare:
        return failed(
            f"no dependence curve of the top feature {bare[0]}", step_reports.again(facts, "interpret")
        )
    shown = [(item.get("feature"), scores.reported(item)) for item in listed[:3]]
    first = ", ".join(f"{name} {scores.shown(estimate)}" for name, estimate in shown if estimate)
    return passed(f"{len(listed)} features, {len(top_features)} curves: {first}", CLAIMED)


@on_rows
def sliced(facts: Facts) -> Iterable[Finding]:
    """Each column of [data] sensitive and [interpret] slices is evaluated by slice; all numbers are
    recomputed.
    """
    results, metric = step_reports.results(facts, "interpret"), predictions.metric(facts)
    reported = fields(results, "slices")
    required = _columns(facts)
    if not required:
        yield skipped("[data] sensitive and [interpret] slices name no column")
        return
    missing = [name for name in required if name not in items_at(reported, "columns")]
    if missing:
        yield failed(
            f"no slices of {', '.join(missing)}, which params.toml names",
            step_reports.again(facts, "interpret"),
        )
        return
    table = predictions.table(facts)
    unknown_columns = [name for name in required if name not in table.columns]
    if unknown_columns:
        raise Unproven(f"{unknown_columns[0]} is not a column of the data", "correct params.toml")
    if table.table.sampled:
        yield passed("slices are not recomputed above 100,000 rows", CLAIMED)
        return
    computed = _slices(facts, required, metric)
    yield from _compared(facts, reported, computed, metric)


@on_rows
def worst(facts: Facts) -> Finding:
    """The worst errors and the number of errors in the report follow from the predictions."""
    reported = fields(step_reports.results(facts, "interpret"), "worst_errors")
    listed = [str(item.get("id")) for item in items_at(reported, "rows") if isinstance(item, dict)]
    ranked = _wrong_of_looked_at(facts)
    expected = [row for row, _ in ranked[:SHOWN]]
    if reported.get("count") != len(ranked):
        return failed(
            f"the report counts {reported.get('count')} errors, the predictions have {len(ranked)}",
            step_reports.again(facts, "interpret"),
        )
    if listed != expected:
        place = next(
            (at for at, pair in enumerate(zip(listed, expected, strict=False)) if pair[0] != pair[1]),
            min(len(listed), len(expected)),
        )
        one = listed[place] if place < len(listed) else "nothing"
        other = expected[place] if place < len(expected) else "nothing"
        return failed(
            f"worst error {place + 1} is {one} in the report, {other} in the predictions",
            step_reports.again(facts, "interpret"),
        )
    return passed(f"{len(expected)} worst of {len(ranked):,} errors, as in the predictions")


def doubted(facts: Facts) -> Iterable[Finding]:
    """The training labels that look wrong are listed, worst first."""
    results = step_reports.results(facts, "interpret")
    reported = fields(results, "suspects")
    kinds = generic_kinds(results)
    if reported.get("alarm") is True and "flipped_labels" not in kinds:
        yield failed(
            "the label check raises an alarm that is not in the findings",
            step_reports.again(facts, "interpret"),
        )
    for text in kinds.values():
        yield passed(text, CLAIMED)
    if reported.get("reason"):
        yield passed(f"not checked: {reported['reason']}", CLAIMED)
    elif not items_at(reported, "rows"):
        yield unknown(
            "the report has no list of suspected label errors", step_reports.again(facts, "interpret")
        )
    elif not kinds:
        doubtful, of = reported.get("beyond_belief"), reported.get("rows_judged")
        yield passed(f"{doubtful} of {of} training labels are probably wrong", CLAIMED)


@on_rows
def looked_at(facts: Facts) -> Finding:
    """20 errors, or all if there are fewer, have a cause. A cause counts while the row is still an error."""
    ranked = wrong_rows(facts)
    required = min(SHOWN, len(ranked))
    still = {causes.key(facts, row) for row, _ in causes.still_wrong(facts, ranked)}
    listed, file, todo = causes.read(facts), causes.file(facts), causes.todo(facts)
    if listed is None and facts.now(file).hash:
        raise step_reports.Absent
    if listed is None:
        return unknown(f"{file} is not there", f"{step_reports.again(facts, 'interpret')}, then {todo}")
    given = {item.row: item for item in listed if item.given}
    counted = set(given) & still
    outdated = sorted(set(given) - counted)
    late = (
        f"; {len(outdated)} more are for rows that are no longer errors ({', '.join(outdated[:3])})"
        if outdated
        else ""
    )
    if len(counted) < required:
        return unknown(f"{len(counted)} of {required} errors have a cause{late}", todo)
    return passed(f"{len(counted)} errors have a cause, {required} are required{late}")


@on_rows
def counted(facts: Facts) -> Finding:
    """At least one error has a cause."""
    still = {causes.key(facts, row) for row, _ in causes.still_wrong(facts, wrong_rows(facts))}
    if not still:
        return passed("there are no errors on validation rows, so there are no causes")
    counts = causes.counts([item for item in causes.read(facts) or [] if item.row in still])
    if not counts:
        return unknown("no error has a cause yet", causes.todo(facts))
    return passed(", ".join(f"{cause} {count}" for cause, count in list(counts.items())[:6]))


CHECKS = (
    *step_reports.fresh("interpret", of_this_model, importance, sliced, worst, doubted),
    *(looked_at, counted),
)


def signed(facts: Facts) -> dict[str, Any]:
    """The answers, the parameters, the counted causes and a hash of the results."""
    counts = causes.counts(causes.read(facts) or [])
    return {
        **generic.said("interpret", facts),
        **generic.chosen("interpret", facts),
        **({f"{causes.file(facts)}#causes": counts} if counts else {}),
        **generic.found("interpret", facts),
    }


def same_model(facts: Facts, step: str) -> Finding:
    """Whether a step's report is about the current model."""
    reported = step_reports.results(facts, step).get("model")
    one, now = (
        str(reported.get("id")) if isinstance(reported, dict) else "no model",
        predictions.model_id(facts),
    )
    if one != now:
        return failed(
            f"the report is of model {one[:8]}, the current model is {now[:8]}",
            step_reports.again(facts, step),
        )
    role = step_reports.results(facts, "baseline").get("kept")
    if isinstance(reported, dict) and reported.get("role") != role:
        return failed(
            f"the report is of the {reported.get('role')}, the {role} was selected",
            step_reports.again(facts, step),
        )
    return passed(f"of the current model {now[:8]} ({role})")


def wrong_rows(facts: Facts) -> list[tuple[str, float]]:
    """All errors of the selected model on validation rows, with their loss, worst first. Absent."""
    predicted = predictions.part(facts, "validation")
    return facts.shared(
        "wrong",
        lambda: _ranked(predicted.ids, predicted.y, selected_predictions(facts), predictions.outcome(facts)),
    )


def selected_predictions(facts: Facts) -> Predicted:
    """The selected model's predictions for the validation rows. Absent; Unproven."""
    role = str(step_reports.results(facts, "baseline").get("kept"))
    predicted = predictions.part(facts, "validation").by_model
    if role not in predicted:
        raise Unproven(f"the predictions have no column {role}", step_reports.again(facts, "baseline"))
    return predicted[role]


def _ranked(ids: list[str], y: list[Any], said: Predicted, kind: str) -> list[tuple[str, float]]:
    errors = []
    for place, (row, y_true) in enumerate(zip(ids, y, strict=True)):
        label = said.value[place]
        if said.true is not None:
            loss, is_error = 1 - said.true[place], label != y_true
        else:
            loss = abs(float(y_true) - float(label))
            is_error = loss != 0 if kind == "regression" else (float(label) >= 0.5) != (y_true == 1)
        errors += [(row, loss)] if is_error else []
    return sorted(errors, key=lambda item: (-item[1], item[0]))


def _looked_at(facts: Facts) -> set[str]:
    """The ids of the validation rows that `interpret` uses: those with the smallest hashes."""
    most, ids = facts.param("interpret.rows", 20_000), predictions.part(facts, "validation").ids
    most = most if isinstance(most, int) and most > 0 else 20_000
    if len(ids) <= most:
        return set(ids)
    limit = sorted(map(raw.position, ids))[most - 1]
    return {row for row in ids if raw.position(row) <= limit}


def _wrong_of_looked_at(facts: Facts) -> list[tuple[str, float]]:
    inside = _looked_at(facts)
    return [item for item in wrong_rows(facts) if item[0] in inside]


def _columns(facts: Facts) -> list[str]:
    named = [facts.param(key, []) for key in ("data.sensitive", "interpret.slices")]
    return list(dict.fromkeys(str(name) for names in named if isinstance(names, list) for name in names))


def _slices(facts: Facts, columns: list[str], metric: str) -> list[slices.Slice]:
    predicted, table, inside = (
        predictions.part(facts, "validation"),
        predictions.table(facts),
        _looked_at(facts),
    )
    places = [place for place, row in enumerate(predicted.ids) if row in inside]
    kept, smallest = selected_predictions(facts), facts.param("interpret.smallest_slice", 30)
    values = [
        (table.columns[name], [table.values(name)[predicted.places[place]] for place in places])
        for name in columns
    ]
    p_true = None if kept.true is None else [kept.true[place] for place in places]
    clusters = None if predicted.clusters is None else [predicted.clusters[place] for place in places]
    labels: list[Any] = [kept.value[place] for place in places]
    kept_pred = Predicted(labels, p_true)
    few = smallest if isinstance(smallest, int) else 30
    return slices.look(metric, values, [predicted.y[place] for place in places], kept_pred, clusters, few)


def _compared(facts: Facts, reported: Any, computed: list[slices.Slice], metric: str) -> Iterable[Finding]:
    listed = {
        (str(item.get("column")), str(item.get("value"))): item
        for item in items_at(reported, "rows")
        if isinstance(item, dict)
    }
    problems = [
        why for item in computed if (why := _slice_differs(listed.get((item.column, item.value)), item))
    ]
    extra = sorted(set(listed) - {(item.column, item.value) for item in computed})
    problems += [f"{column} = {value} is not a slice of these rows" for column, value in extra]
    if problems:
        yield failed(some(problems, 1), step_reports.again(facts, "interpret"))
        return
    weak = [item for item in computed if item.verdict == "worse"]
    small = sum(item.small for item in computed)
    yield passed(
        f"{len(computed)} slices agree with the report; {small} are small, {len(weak)} are worse than "
        "the rest"
    )
    for item in weak[:5]:
        gap = f", {item.difference.value:+.3g} against the rest" if item.difference else ""
        yield passed(
            f"worse: {item.column} = {item.value} ({item.n} rows): {metric} {scores.shown(item.score)}{gap}"
        )


def _slice_differs(reported: Any, computed: slices.Slice) -> str:
    name = f"{computed.column} = {computed.value}"
    if reported is None:
        return f"the slice {name} ({computed.n} rows) is missing"
    for key, value in (("n", computed.n), ("small", computed.small), ("verdict", computed.verdict)):
        if reported.get(key) != value:
            return f"{name}: {key} {reported.get(key)}, recomputed {value}"
    problem = scores.differs(reported.get("score"), computed.score)
    if not problem and computed.difference is not None:
        problem = scores.differs(reported.get("difference"), computed.difference)
    return f"{name}: {problem}" if problem else ""


def _is_curve(item: Any) -> bool:
    if not isinstance(item, dict):
        return False
    at, prediction = item.get("at"), item.get("prediction")
    return isinstance(at, list) and isinstance(prediction, list) and len(at) == len(prediction) > 0
