"""I.8: what the model learned, for which groups it is worse, and what causes its errors."""

from collections.abc import Iterable
from itertools import zip_longest
from typing import Any

from ..project import Facts
from ..recount import clusters, scores, slices
from . import causes, generic, predictions, rows, step_reports
from .baseline import generic_kinds
from .finding import CLAIMED, Absent, Finding, Unproven, failed, passed, skipped, unknown
from .values import entries, fields, items_at, some, texts

SHOWN, ROWS = 20, 20_000


def of_this_model(facts: Facts) -> Finding:
    """The report is about the current model."""
    return same_model(facts, "interpret")


def importance(facts: Facts) -> Finding:
    """Each feature has a permutation importance with an interval, each top feature a dependence curve."""
    results = step_reports.results(facts, "interpret")
    listed = entries(results.get("importance"), "features")
    if not listed:
        return unknown("the report has no feature importance")
    for item in listed:
        if why := scores.incoherent(item):
            return failed(f"importance of {item.get('feature')}: {why}")
    estimates = [
        (str(item.get("feature")), estimate) for item in listed if (estimate := scores.reported(item))
    ]
    values = [estimate.value for _, estimate in estimates if estimate.value == estimate.value]
    if values != sorted(values, reverse=True):
        return failed("the features are not sorted by importance")
    curves = {str(item.get("feature")): item for item in entries(results, "dependence")}
    top = facts.param("interpret.top", 6)
    top_features = [str(item.get("feature")) for item in listed][: top if isinstance(top, int) else 6]
    for name in top_features:
        at, prediction = (items_at(curves.get(name), key) for key in ("at", "prediction"))
        if not len(at) == len(prediction) > 0:
            return failed(f"no dependence curve of the top feature {name}")
    first = ", ".join(f"{name} {scores.shown(estimate)}" for name, estimate in estimates[:3])
    return passed(f"{len(listed)} features, {len(top_features)} curves: {first}", CLAIMED)


def sliced(facts: Facts) -> Iterable[Finding]:
    """Each column of [data] sensitive and [interpret] slices is evaluated by slice; all numbers are
    recomputed.
    """
    results, metric = step_reports.results(facts, "interpret"), predictions.metric(facts)
    reported = fields(results, "slices")
    required = list(dict.fromkeys([*texts(facts, "data.sensitive"), *texts(facts, "interpret.slices")]))
    if not required:
        yield skipped("[data] sensitive and [interpret] slices name no column")
        return
    if missing := [name for name in required if name not in items_at(reported, "columns")]:
        yield failed(f"no slices of {', '.join(missing)}, which params.toml names")
        return
    table = rows.read(facts)
    if others := [name for name in required if name not in table.columns]:
        raise Unproven(f"{others[0]} is not a column of the data", "correct params.toml")
    if table.table.sampled:
        yield passed("slices are not recomputed above 100,000 rows", CLAIMED)
        return
    computed = {f"{item.column} = {item.value}": item for item in _slices(facts, required, metric)}
    listed = {f"{item.get('column')} = {item.get('value')}": item for item in entries(reported, "rows")}
    problems = [
        f"the slice {name} ({item.n} rows) is missing"
        for name, item in computed.items()
        if name not in listed
    ]
    problems += [f"{name} is not a slice of these rows" for name in sorted(set(listed) - set(computed))]
    problems = problems or list(rows.differences(listed, {n: _as_reported(i) for n, i in computed.items()}))
    if problems:
        yield failed(some(problems, 1))
        return
    weak = {name: item for name, item in computed.items() if item.verdict == "worse"}
    small = sum(item.small for item in computed.values())
    yield passed(
        f"{len(computed)} slices agree with the report; {small} are small, {len(weak)} are worse than the rest"
    )
    for name, item in list(weak.items())[:5]:
        gap = f", {item.difference.value:+.3g} against the rest" if item.difference else ""
        yield passed(f"worse: {name} ({item.n} rows): {metric} {scores.shown(item.score)}{gap}")


def _slices(facts: Facts, columns: list[str], metric: str) -> list[slices.Slice]:
    predicted, table, inside = predictions.part(facts, "validation"), rows.read(facts), _looked_at(facts)
    places = [place for place, row in enumerate(predicted.ids) if row in inside]
    smallest = facts.param("interpret.smallest_slice", 30)
    values = {name: table.values(name) for name in columns}
    return slices.look(
        metric,
        [(table.columns[name], [values[name][predicted.places[at]] for at in places]) for name in columns],
        [predicted.y[at] for at in places],
        predictions.selected(facts).at(places),
        clusters.at(predicted.clusters, places),
        smallest if isinstance(smallest, int) else 30,
    )


def _as_reported(item: slices.Slice) -> dict[str, Any]:
    """What a report says of a slice."""
    gap = {} if item.difference is None else {"difference": item.difference}
    return {"n": item.n, "small": item.small, "verdict": item.verdict, "score": item.score, **gap}


def worst(facts: Facts) -> Finding:
    """The worst errors and the number of errors in the report follow from the predictions."""
    reported, inside = fields(step_reports.results(facts, "interpret"), "worst_errors"), _looked_at(facts)
    ranked = [row for row, _ in wrong_rows(facts) if row in inside]
    if reported.get("count") != len(ranked):
        return failed(f"the report counts {reported.get('count')} errors, the predictions have {len(ranked)}")
    listed = [str(item.get("id")) for item in entries(reported, "rows")]
    for place, (one, other) in enumerate(zip_longest(listed, ranked[:SHOWN], fillvalue="nothing"), 1):
        if one != other:
            return failed(f"worst error {place} is {one} in the report, {other} in the predictions")
    return passed(f"{len(listed)} worst of {len(ranked):,} errors, as in the predictions")


def doubted(facts: Facts) -> Iterable[Finding]:
    """The training labels that look wrong are listed, worst first."""
    results = step_reports.results(facts, "interpret")
    reported, kinds = fields(results, "suspects"), generic_kinds(results)
    if reported.get("alarm") is True and "flipped_labels" not in kinds:
        yield failed("the label check raises an alarm that is not in the findings")
    for text in kinds.values():
        yield passed(text, CLAIMED)
    if reported.get("reason"):
        yield passed(f"not checked: {reported['reason']}", CLAIMED)
    elif not items_at(reported, "rows"):
        yield unknown("the report has no list of suspected label errors")
    elif not kinds:
        doubtful, of = reported.get("beyond_belief"), reported.get("rows_judged")
        yield passed(f"{doubtful} of {of} training labels are probably wrong", CLAIMED)


def looked_at(facts: Facts) -> Finding:
    """20 errors, or all if there are fewer, have a cause. A cause counts while the row is still an error."""
    ranked = wrong_rows(facts)
    required = min(SHOWN, len(ranked))
    still = {causes.key(facts, row) for row, _ in causes.still_wrong(facts, ranked)}
    listed, file, todo = causes.read(facts), causes.file(facts), causes.todo(facts)
    if listed is None and facts.now(file).hash:
        raise Absent
    if listed is None:
        return unknown(f"{file} is not there", f"{step_reports.again(facts, 'interpret')}, then {todo}")
    given = {item.row: item for item in listed if item.given}
    counted = set(given) & still
    outdated = sorted(set(given) - counted)
    late = f"; {len(outdated)} more are for rows that are no longer errors ({', '.join(outdated[:3])})"
    late = late if outdated else ""
    if len(counted) < required:
        return unknown(f"{len(counted)} of {required} errors have a cause{late}", todo)
    return passed(f"{len(counted)} errors have a cause, {required} are required{late}")


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
    reported = fields(step_reports.results(facts, step), "model")
    one, now = str(reported.get("id", "no model")), predictions.model_id(facts)
    if one != now:
        return failed(f"the report is of model {one[:8]}, the current model is {now[:8]}")
    role = predictions.selected_role(facts)
    if reported.get("role") != role:
        return failed(f"the report is of the {reported.get('role')}, the {role} was selected")
    return passed(f"of the current model {now[:8]} ({role})")


def wrong_rows(facts: Facts) -> list[tuple[str, float]]:
    """All errors of the selected model on validation rows, with their loss, worst first. Absent."""
    return facts.shared("wrong", lambda: _wrong_rows(facts))


def _wrong_rows(facts: Facts) -> list[tuple[str, float]]:
    predicted, y_pred = predictions.part(facts, "validation"), predictions.selected(facts)
    errors, regression = [], predictions.outcome(facts) == "regression"
    for place, (row, y_true) in enumerate(zip(predicted.ids, predicted.y, strict=True)):
        label = y_pred.value[place]
        if y_pred.true is not None:
            loss, is_error = 1 - y_pred.true[place], label != y_true
        else:
            loss = abs(float(y_true) - float(label))
            is_error = loss != 0 if regression else (float(label) >= 0.5) != (y_true == 1)
        errors += [(row, loss)] if is_error else []
    return sorted(errors, key=lambda item: (-item[1], item[0]))


def _looked_at(facts: Facts) -> set[str]:
    """The ids of the validation rows that `interpret` uses: those with the smallest hashes."""
    most = facts.param("interpret.rows", ROWS)
    ids = predictions.part(facts, "validation").ids
    return predictions.sampled(ids, most if isinstance(most, int) and most > 0 else ROWS)
