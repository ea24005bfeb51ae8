"""I.7: whether the model is better than a dummy, and the complex model better than the simple one."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from ..project import Facts
from ..recount import scores
from ..recount.intervals import Estimate
from . import generic, near_duplicates, predictions, rows, step_reports, stored
from .finding import CLAIMED, Finding, Unproven, failed, passed, unknown
from .values import entries, fields, some

ROLES = ("dummy", "simple", "candidate")
PREDICTIONS = "data/predictions/validation.csv.gz"
# Standard errors at which an agreement is suspicious, or confirmed by a second measure; the share that matters.
UNUSUAL, CONFIRMED, LEAST_EXCESS = 4.0, 3.0, 0.03
on_rows = step_reports.on_rows("baseline")


def outputs_declared(facts: Facts) -> Finding:
    """The report names its predictions and its model as outputs."""
    report = facts.report("baseline")
    if not isinstance(report, dict):
        raise Unproven("there is no report")
    missing = [name for name in (PREDICTIONS, stored.MODEL) if name not in report["outputs"]]
    if missing:
        return failed(f"the report's outputs do not name {' and '.join(missing)}", _again(facts))
    return passed("the predictions and the model are outputs of the report")


@on_rows
def same_rows(facts: Facts) -> Finding:
    """The predictions have exactly the validation rows of the split, each id once."""
    predicted = predictions.peek(facts, "validation")
    if predicted.problem:
        return failed(f"{predicted.file}: {predicted.problem}", _again(facts))
    return _ids_agree(facts, predicted, "validation")


@on_rows
def truth(facts: Facts) -> Finding:
    """The column y of the predictions is the target in the data."""
    return _truth(facts, "validation", _again(facts))


@on_rows
def models(facts: Facts) -> Finding:
    """The dummy, the simple model, the candidate and each rule of [baseline] predict the same rows."""
    results, predicted = (
        step_reports.results(facts, "baseline"),
        predictions.part(facts, "validation").by_model,
    )
    rules = facts.param("baseline.rules", [])
    required = [*ROLES, *(str(rule) for rule in rules if isinstance(rules, list))]
    missing = [role for role in required if role not in predicted or role not in fields(results, "scores")]
    if missing:
        return failed(f"{' and '.join(missing)} missing in the predictions or scores", _again(facts))
    chosen = {role: facts.param(f"baseline.{role}") for role in ("simple", "candidate")}
    other = [role for role in chosen if fields(results, "models").get(role) != chosen[role]]
    if other:
        role = other[0]
        return failed(
            f"[baseline] {role} is {chosen[role]!r}, the report has {fields(results, 'models').get(role)!r}",
            _again(facts),
        )
    return passed(
        f"{', '.join(required)} on the same {len(predictions.part(facts, 'validation').ids):,} rows"
    )


@on_rows
def dummy(facts: Facts) -> Finding:
    """The dummy predicts what follows from the training labels alone: class shares, mean or median."""
    predicted, table = predictions.part(facts, "validation"), predictions.table(facts)
    predictions.split(facts)
    labels = rows.target(facts, table)
    y_train = [
        label
        for part, label in zip(rows.part_of_each(facts, table), labels, strict=True)
        if label is not None and part == "train"
    ]
    if not y_train:
        raise Unproven("the split has no training rows with a label", step_reports.again(facts, "split"))
    if "dummy" not in predicted.by_model:
        return failed(f"{PREDICTIONS} has no column dummy", _again(facts))
    dummy_pred, expected = predicted.by_model["dummy"], _naive(facts, y_train)
    if isinstance(expected, float):
        mismatch = next(
            (value for value in dummy_pred.value if not scores.same(float(value), expected)), None
        )
        if mismatch is not None:
            return failed(
                f"the dummy predicts {mismatch}; {len(y_train):,} training rows give {expected:.6g}",
                _again(facts),
            )
        return passed(f"the dummy predicts {expected:.6g}, as {len(y_train):,} training rows give")
    common, shares = expected
    given = zip(predicted.ids, dummy_pred.value, dummy_pred.true or [], predicted.y, strict=True)
    mismatch = next(
        (row for row, label, p, y in given if label != common or not scores.same(p, shares.get(y, 0.0))), None
    )
    if mismatch is not None:
        return failed(
            f"the dummy of row {mismatch} is not {common!r} with the training share of the class",
            _again(facts),
        )
    return passed(f"the dummy predicts {common!r}, the most frequent class of {len(y_train):,} training rows")


@on_rows
def measured(facts: Facts) -> Iterable[Finding]:
    """Every metric and its interval, recomputed from the predictions, agree with the report."""
    results, metric = step_reports.results(facts, "baseline"), predictions.metric(facts)
    if results.get("metric") != metric:
        yield failed(
            f"[problem] metric is {metric!r}, the report has {results.get('metric')!r}", _again(facts)
        )
        return
    if results.get("higher_is_better") is not scores.higher_is_better(metric):
        yield failed(
            f"the report says higher_is_better = {results.get('higher_is_better')} for {metric}",
            _again(facts),
        )
    reported = fields(results, "predictions").get("rows"), fields(results, "predictions").get("sampled_from")
    n, of = (
        len(predictions.part(facts, "validation").ids),
        Counter(predictions.split(facts).values())["validation"],
    )
    if reported != (n, of):
        yield failed(
            f"{n} of {of} rows have predictions, the report says {reported[0]} of {reported[1]}",
            _again(facts),
        )
        return
    problems = list(_sampled(facts, results, metric) if n < of else _all_scores(facts, results, metric))
    if problems:
        yield failed(some(problems, 1), _again(facts))
    else:
        main = {role: predictions.score(facts, "validation", role, metric) for role in _said(facts)}
        each = "; ".join(f"{role} {scores.shown(item)}" for role, item in main.items())
        sample = f", on {n:,} of {of:,} rows sampled by hash" if n < of else ""
        yield passed(f"{metric}: {each}{sample}")


@on_rows
def differences(facts: Facts) -> Finding:
    """The paired differences between models, recomputed, agree with the report."""
    results, metric = step_reports.results(facts, "baseline"), predictions.metric(facts)
    if _is_sample(facts):
        return passed(
            "not recomputed: the differences are over all rows, the predictions are a sample", CLAIMED
        )
    problems = []
    for place, reported, one, other in _pairs(results, list(_said(facts))):
        computed = predictions.difference(facts, "validation", one, other, metric)
        differing = scores.differs(reported, computed)
        problems += [f"{place}: {differing}"] if differing else []
    if problems:
        return failed(some(problems, 1), _again(facts))
    pair = predictions.difference(facts, "validation", "candidate", "simple", metric)
    return passed(f"candidate minus simple: {scores.shown(pair)} ({metric}, paired)")


@on_rows
def kept(facts: Facts) -> Finding:
    """The candidate is selected only if it is better than the simple model by more than the interval."""
    results, metric = step_reports.results(facts, "baseline"), predictions.metric(facts)
    pair = _pair(facts, results, "simple", metric)
    expected = "candidate" if scores.better(metric, pair) else "simple"
    text = f"candidate minus simple is {scores.shown(pair)} ({metric})"
    if results.get("kept") != expected:
        return failed(
            f"{text}, so {expected} is selected; the report selects {results.get('kept')!r}", _again(facts)
        )
    return passed(f"{text}: {expected} is selected")


@on_rows
def better_than_none(facts: Facts) -> Finding:
    """The candidate is better than the dummy by more than noise."""
    results, metric = step_reports.results(facts, "baseline"), predictions.metric(facts)
    pair = _pair(facts, results, "dummy", metric)
    text = f"candidate minus dummy is {scores.shown(pair)} ({metric})"
    # NaN is not equal to itself: the metric has no interval on these rows
    if pair.low != pair.low:
        return unknown(f"{text}: without an interval it may be chance", "choose another metric or split")
    if not scores.better(metric, pair):
        return failed(f"{text}: no more than noise", "check features, labels and docs/problem.md")
    return passed(text)


@on_rows
def twins(facts: Facts) -> Finding:
    """Validation rows have the label of near-duplicates in training no more often than by chance."""
    results, table = fields(step_reports.results(facts, "baseline"), "twins"), predictions.table(facts)
    role = str(step_reports.results(facts, "baseline").get("kept"))
    if table.table.sampled or _is_sample(facts):
        return passed(f"z = {results.get('z')}: not recomputed for a large table", CLAIMED)
    computed = near_duplicates.twins(facts, table, role)
    if computed is None and results.get("z") is not None:
        return failed(
            f"twins: z {results.get('z')}, but fewer than 5 rows have a near-duplicate", _again(facts)
        )
    if computed is None:
        return passed("fewer than 5 validation rows have a near-duplicate in training")
    for key, value in computed._asdict().items():
        reported = results.get(key)
        if not isinstance(reported, (int, float)) or abs(reported - value) > 1e-4 * max(1.0, abs(value)):
            return failed(f"twins: {key} {reported}, recomputed {value:.6g}", _again(facts))
    shares = f"{computed.observed:.1%}, expected {computed.expected:.1%} (z = {computed.z:.2f})"
    text = f"{computed.rows:,} rows have the label of their near-duplicates in {shares}"
    if _copied(computed._asdict()):
        return failed(f"{text}: some are copies", "remove the copies, or put them into one group")
    return passed(text)


def model_file(facts: Facts) -> Finding:
    """The model file is a skops archive of known types, so loading it runs no code."""
    return stored.safe(facts, _again(facts))


def remarks(facts: Facts) -> Iterable[Finding]:
    """The report lists every finding that its numbers call for."""
    results, metric = step_reports.results(facts, "baseline"), predictions.metric(facts)
    kinds = generic_kinds(results)
    required = _due(results, metric)
    silent = [kind for kind in required if kind not in kinds]
    if silent:
        yield failed(
            f"the report's numbers call for the finding {silent[0]}, which it does not list", _again(facts)
        )
    for kind, text in kinds.items():
        if kind in ("nothing_learned", "copies_across_split", "metric_undefined"):
            yield failed(text, "fix the cause, then run the pipeline again", CLAIMED)
        else:
            yield passed(text, CLAIMED)
    if not kinds and not silent:
        yield passed("the report lists all findings that its numbers call for")


CHECKS = step_reports.fresh(
    "baseline",
    *(outputs_declared, same_rows, truth, models, dummy, measured, differences, kept),
    *(better_than_none, twins, model_file, remarks),
)


def signed(facts: Facts) -> dict[str, Any]:
    """The parameters of [baseline] and a hash of the results."""
    return {**generic.chosen("baseline", facts), **generic.found("baseline", facts)}


def generic_kinds(results: dict[str, Any]) -> dict[str, str]:
    """The findings of a report: text by kind."""
    return {str(item.get("kind")): str(item.get("text", ""))[:300] for item in entries(results, "findings")}


def _due(results: dict[str, Any], metric: str) -> list[str]:
    """The kinds of finding that the numbers of the report call for."""
    pairs = fields(results, "candidate_minus")
    candidate, simple = (
        scores.reported(pairs.get("dummy")),
        scores.reported(results.get("simple_minus_dummy")),
    )
    kinds = []
    if (
        candidate
        and simple
        and candidate.low == candidate.low
        and not scores.better(metric, candidate)
        and not scores.better(metric, simple)
    ):
        kinds.append("nothing_learned")
    rules = [scores.reported(item) for item in fields(results, "kept_minus_rules").values()]
    if any(item and item.low == item.low and not scores.better(metric, item) for item in rules):
        kinds.append("rule_as_good")
    if _copied(fields(results, "twins")):
        kinds.append("copies_across_split")
    return kinds


def _copied(twins: dict[str, Any]) -> bool:
    """Whether near-duplicates agree by more than chance: single ones, or several more than training rows do.

    An excess below 3 % is ignored: an overconfident model makes it look significant.
    """
    observed, expected = twins.get("observed"), twins.get("expected")
    if isinstance(observed, float) and isinstance(expected, float) and observed - expected < LEAST_EXCESS:
        return False
    z = [twins.get(key) for key in ("z", "z_of_single_twins", "z_against_training_pairs")]
    every, single, pairs = (item if isinstance(item, (int, float)) else 0.0 for item in z)
    return single >= UNUSUAL or (every >= UNUSUAL and pairs >= CONFIRMED)


def _naive(facts: Facts, y_train: list[Any]) -> float | tuple[str, dict[str, float]]:
    """The dummy's prediction: a number, or the most frequent class with all shares."""
    if predictions.outcome(facts) == "regression":
        from statistics import median

        absolute = predictions.metric(facts) in ("mae", "mape")
        return float(median(y_train) if absolute else sum(y_train) / len(y_train))
    if predictions.outcome(facts) == "binary":
        return float(sum(y_train) / len(y_train))
    counts = Counter(y_train)
    common = max(sorted(counts), key=lambda label: counts[label])
    return common, {label: count / len(y_train) for label, count in counts.items()}


def _ids_agree(facts: Facts, predicted: predictions.Predictions, part: str) -> Finding:
    expected, ids = predictions.expected(facts, part), set(predicted.ids)
    extra, missing = sorted(ids - expected), sorted(expected - ids)
    if extra or missing:
        where = predictions.split(facts).get(extra[0], "not in the split") if extra else ""
        one = f"row {extra[0]} is {where}" if extra else f"row {missing[0]} is missing"
        return failed(
            f"{predicted.file} has {len(ids):,} rows, the {part} part of the split {len(expected):,}: "
            f"{len(extra)} extra, {len(missing)} missing ({one})",
            _again(facts),
        )
    return passed(f"{len(ids):,} ids are those of the {part} part")


def _truth(facts: Facts, part: str, todo: str) -> Finding:
    predicted = predictions.part(facts, part)
    pairs = zip(predicted.ids, predicted.y_written, predicted.y, strict=True)
    mismatches = [
        (row, reported, label) for row, reported, label in pairs if not predictions.is_label(reported, label)
    ]
    if mismatches:
        row, reported, label = mismatches[0]
        return failed(
            f"{len(mismatches)} rows of {predicted.file} have another y than the data: row {row} has "
            f"{reported}, the data {label}",
            todo,
        )
    return passed(f"y of {len(predicted.ids):,} rows is the target in the data")


def _sampled(facts: Facts, results: dict[str, Any], metric: str) -> Iterable[str]:
    sample = fields(results, "scores_of_sample")
    for role in _said(facts):
        computed = predictions.score(facts, "validation", role, metric)
        problem = scores.differs(sample.get(role), computed)
        whole = scores.reported(fields(results, "scores").get(role))
        if problem:
            yield f"{metric} of {role} on the sampled rows: {problem}"
        elif (
            whole
            and computed.low == computed.low
            and abs(whole.value - computed.value) > 2 * (computed.high - computed.low)
        ):
            shown = scores.shown(computed)
            yield f"{metric} of {role} is {whole.value:.6g} on all rows, {shown} on the sampled rows"


def _all_scores(facts: Facts, results: dict[str, Any], metric: str) -> Iterable[str]:
    others = fields(results, "other_metrics")
    for name in scores.FITTING[predictions.outcome(facts)]:
        reported = fields(results, "scores") if name == metric else fields(others, name)
        for role in _said(facts):
            problem = scores.differs(reported.get(role), predictions.score(facts, "validation", role, name))
            if problem:
                yield f"{name} of {role}: {problem}"


def _pairs(results: dict[str, Any], roles: list[str]) -> Iterable[tuple[str, Any, str, str]]:
    """Each difference that a report must have: name, reported value, and the two models."""
    table, rules = fields(results, "candidate_minus"), fields(results, "kept_minus_rules")
    for role in roles:
        if role != "candidate":
            yield f"candidate minus {role}", table.get(role), "candidate", role
    yield "simple minus dummy", results.get("simple_minus_dummy"), "simple", "dummy"
    kept_role = str(results.get("kept"))
    for role in roles:
        if role not in ROLES and kept_role in ROLES:
            yield f"{kept_role} minus {role}", rules.get(role), kept_role, role


def _pair(facts: Facts, results: dict[str, Any], other: str, metric: str) -> Estimate:
    """Candidate minus another model: recomputed, or as reported if the predictions are a sample."""
    if not _is_sample(facts):
        return predictions.difference(facts, "validation", "candidate", other, metric)
    reported = scores.reported(fields(results, "candidate_minus").get(other))
    if reported is None:
        raise Unproven(f"the report has no candidate_minus {other}", _again(facts))
    return reported


def _is_sample(facts: Facts) -> bool:
    return Counter(predictions.split(facts).values())["validation"] > len(
        predictions.part(facts, "validation").ids
    )


def _said(facts: Facts) -> Iterable[str]:
    return predictions.part(facts, "validation").by_model


def _again(facts: Facts) -> str:
    return step_reports.again(facts, "baseline")
