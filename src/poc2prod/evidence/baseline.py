"""I.7: whether the model is better than a dummy, and the complex model better than the simple one."""

from collections import Counter
from collections.abc import Iterable
from statistics import median
from typing import Any

from poc2prod_kit.screening import near_duplicates

from ..project import Facts
from ..recount import clusters, scores
from ..recount.intervals import Estimate
from . import predictions, rows, step_reports, stored
from .finding import CLAIMED, Finding, Refuted, Unproven, failed, passed, unknown
from .rows import agree
from .values import entries, fields, is_number, texts

ROLES = ("dummy", "simple", "candidate")
PREDICTIONS = "data/predictions/validation.csv.gz"
# Standard errors at which an agreement is suspicious, or confirmed by a second measure; the share that matters.
UNUSUAL, CONFIRMED, LEAST_EXCESS = 4.0, 3.0, 0.03


def outputs_declared(facts: Facts) -> Finding:
    """The report names its predictions and its model as outputs."""
    report = facts.report("baseline")
    if not isinstance(report, dict):
        raise Unproven("there is no report")
    missing = [name for name in (PREDICTIONS, stored.MODEL) if name not in report["outputs"]]
    if missing:
        return failed(f"the report's outputs do not name {' and '.join(missing)}")
    return passed("the predictions and the model are outputs of the report")


def same_rows(facts: Facts) -> Finding:
    """The predictions have exactly the validation rows of the split, each id once."""
    try:
        predicted = predictions.part(facts, "validation")
    except predictions.NotJoined as error:
        return failed(error.finding.text)
    expected, ids = predictions.expected(facts, "validation"), set(predicted.ids)
    extra, missing = sorted(ids - expected), sorted(expected - ids)
    if extra or missing:
        where = rows.parts(facts).get(extra[0], "not in the split") if extra else ""
        one = f"row {extra[0]} is {where}" if extra else f"row {missing[0]} is missing"
        return failed(
            f"{predicted.file} has {len(ids):,} rows, the validation part of the split {len(expected):,}: "
            f"{len(extra)} extra, {len(missing)} missing ({one})"
        )
    return passed(f"{len(ids):,} ids are those of the validation part")


def truth(facts: Facts) -> Finding:
    """The column y of the predictions is the target in the data."""
    predicted = predictions.part(facts, "validation")
    mismatches = [
        (row, written, label)
        for row, written, label in zip(predicted.ids, predicted.y_written, predicted.y, strict=True)
        if not predictions.is_label(written, label)
    ]
    if mismatches:
        row, written, label = mismatches[0]
        return failed(
            f"{len(mismatches)} rows of {predicted.file} have another y than the data: row {row} has "
            f"{written}, the data {label}"
        )
    return passed(f"y of {len(predicted.ids):,} rows is the target in the data")


def models(facts: Facts) -> Finding:
    """The dummy, the simple model, the candidate and each rule of [baseline] predict the same rows."""
    results, predicted = step_reports.results(facts, "baseline"), predictions.part(facts, "validation")
    required = [*ROLES, *texts(facts, "baseline.rules")]
    known = set(predicted.by_model) & set(fields(results, "scores"))
    if missing := [role for role in required if role not in known]:
        return failed(f"{' and '.join(missing)} missing in the predictions or scores")
    for role in ("simple", "candidate"):
        chosen, reported = facts.param(f"baseline.{role}"), fields(results, "models").get(role)
        if chosen != reported:
            return failed(f"[baseline] {role} is {chosen!r}, the report has {reported!r}")
    return passed(f"{', '.join(required)} on the same {len(predicted.ids):,} rows")


def dummy(facts: Facts) -> Finding:
    """The dummy predicts what follows from the training labels alone: class shares, mean or median."""
    predicted, table = predictions.part(facts, "validation"), rows.read(facts)
    labels = zip(rows.part_of_each(facts, table), rows.target(facts, table), strict=True)
    y_train = [label for part, label in labels if label is not None and part == "train"]
    if not y_train:
        raise Unproven("the split has no training rows with a label", step_reports.again(facts, "split"))
    if "dummy" not in predicted.by_model:
        return failed(f"{PREDICTIONS} has no column dummy")
    y_pred, expected = predicted.by_model["dummy"], _naive(facts, y_train)
    if isinstance(expected, float):
        for value in y_pred.value:
            if not scores.same(float(value), expected):
                return failed(
                    f"the dummy predicts {value}; {len(y_train):,} training rows give {expected:.6g}"
                )
        return passed(f"the dummy predicts {expected:.6g}, as {len(y_train):,} training rows give")
    common, shares = expected
    for row, label, p, y in zip(predicted.ids, y_pred.value, y_pred.true or [], predicted.y, strict=True):
        if label != common or not scores.same(p, shares.get(y, 0.0)):
            return failed(f"the dummy of row {row} is not {common!r} with the training share of the class")
    return passed(f"the dummy predicts {common!r}, the most frequent class of {len(y_train):,} training rows")


def measured(facts: Facts) -> Finding:
    """Every metric and its interval, recomputed from the predictions, agree with the report."""
    results, metric = step_reports.results(facts, "baseline"), predictions.metric(facts)
    if results.get("metric") != metric:
        return failed(f"[problem] metric is {metric!r}, the report has {results.get('metric')!r}")
    n, of = len(predictions.part(facts, "validation").ids), _rows(facts)
    reported = fields(results, "predictions")
    if (reported.get("rows"), reported.get("sampled_from")) != (n, of):
        said = f"{reported.get('rows')} of {reported.get('sampled_from')}"
        return failed(f"{n} of {of} rows have predictions, the report says {said}")
    by_metric: dict[str, dict[str, Estimate]] = {}
    for role, metrics in predictions.all_scores(facts, "validation").items():
        for name, score in metrics.items():
            by_metric.setdefault(name, {})[role] = score
    main = by_metric.pop(metric)
    higher = {"higher_is_better": scores.higher_is_better(metric)}
    if n < of:
        agree(facts, "baseline", {**higher, "scores_of_sample": main})
        _near_the_sample(results, metric, main)
    else:
        agree(facts, "baseline", {**higher, "scores": main, "other_metrics": by_metric})
    each = "; ".join(f"{role} {scores.shown(item)}" for role, item in main.items())
    sample = f", on {n:,} of {of:,} rows sampled by hash" if n < of else ""
    return passed(f"{metric}: {each}{sample}")


def _near_the_sample(results: dict[str, Any], metric: str, sample: dict[str, Estimate]) -> None:
    """Refuted if a score on all rows is farther from the one on the sample than two intervals."""
    for role, computed in sample.items():
        whole = scores.reported(fields(results, "scores").get(role))
        # comparing with NaN is false: without an interval nothing is too far
        if whole and abs(whole.value - computed.value) > 2 * (computed.high - computed.low):
            raise Refuted(
                f"{metric} of {role} is {whole.value:.6g} on all rows, {scores.shown(computed)} on the"
                " sampled rows"
            )


def differences(facts: Facts) -> Finding:
    """The paired differences between models, recomputed, agree with the report."""
    results, metric = step_reports.results(facts, "baseline"), predictions.metric(facts)
    if _is_sample(facts):
        return passed(
            "not recomputed: the differences are over all rows, the predictions are a sample", CLAIMED
        )

    def less(one: str, other: str) -> Estimate:
        return predictions.difference(facts, "validation", one, other, metric)

    roles, selected = list(predictions.part(facts, "validation").by_model), str(results.get("kept"))
    rules = [role for role in roles if role not in ROLES] if selected in ROLES else []
    agree(
        facts,
        "baseline",
        {
            "candidate_minus": {role: less("candidate", role) for role in roles if role != "candidate"},
            "simple_minus_dummy": less("simple", "dummy"),
            **({"kept_minus_rules": {role: less(selected, role) for role in rules}} if rules else {}),
        },
    )
    pair = less("candidate", "simple")
    return passed(f"candidate minus simple: {scores.shown(pair)} ({metric}, paired)")


def kept(facts: Facts) -> Finding:
    """The candidate is selected only if it is better than the simple model by more than the interval."""
    results, metric = step_reports.results(facts, "baseline"), predictions.metric(facts)
    pair = _pair(facts, results, "simple", metric)
    expected = "candidate" if scores.better(metric, pair) else "simple"
    text = f"candidate minus simple is {scores.shown(pair)} ({metric})"
    if results.get("kept") != expected:
        return failed(f"{text}, so {expected} is selected; the report selects {results.get('kept')!r}")
    return passed(f"{text}: {expected} is selected")


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


def twins(facts: Facts) -> Finding:
    """Validation rows have the label of near-duplicates in training no more often than by chance."""
    reported = fields(step_reports.results(facts, "baseline"), "twins")
    if rows.read(facts).table.sampled or _is_sample(facts):
        return passed(f"z = {reported.get('z')}: not recomputed for a large table", CLAIMED)
    computed = near_duplicate_labels(facts)
    if computed is None:
        if reported.get("z") is not None:
            return failed(f"twins: z {reported.get('z')}, but fewer than 5 rows have a near-duplicate")
        return passed("fewer than 5 validation rows have a near-duplicate in training")
    for key, value in computed._asdict().items():
        # what is expected of a row depends on rounded predictions
        if not is_number(reported.get(key)) or abs(reported[key] - value) > 1e-4 * max(1.0, abs(value)):
            return failed(f"twins: {key} {reported.get(key)}, recomputed {value:.6g}")
    shares = f"{computed.observed:.1%}, expected {computed.expected:.1%} (z = {computed.z:.2f})"
    text = f"{computed.rows:,} rows have the label of their near-duplicates in {shares}"
    if _copied(computed._asdict()):
        return failed(f"{text}: some are copies", "remove the copies, or put them into one group")
    return passed(text)


def near_duplicate_labels(facts: Facts) -> near_duplicates.Agreement | None:
    """How often near-duplicates in training have the label of a validation row, beside what the selected model
    expects; None for fewer than 5 validation rows. Absent; Unproven.
    """
    table, parts, predicted = rows.read(facts), rows.parts(facts), predictions.part(facts, "validation")
    y_pred, names = predictions.selected(facts), table.inputs()
    if not names:
        return None
    ids, labels = table.table.ids, rows.target(facts, table)
    places = [at for at, row in enumerate(ids) if parts.get(row) in ("train", "validation")]
    codes = [near_duplicates.near_codes(name, [table.values(name)[at] for at in places]) for name in names]
    late = [parts[ids[at]] == "validation" for at in places]
    # the predictions in the order of the table
    where = {row: at for at, row in enumerate(predicted.ids)}
    order = [where[ids[at]] for at, is_late in zip(places, late, strict=True) if is_late]
    own = _of_own_label(predictions.outcome(facts), predicted.y, y_pred)
    return near_duplicates.agreement(
        codes,
        [labels[at] for at in places],
        late,
        [own[at] for at in order],
        clusters.at(predicted.clusters, order),
    )[0]


def _of_own_label(kind: str, y: list[Any], y_pred: Any) -> list[float]:
    """The predicted probability of each row's own label."""
    if kind == "regression":
        return near_duplicates.same_nearby(y_pred.value, y)
    if y_pred.true is not None:
        return list(y_pred.true)
    return [p if label == 1 else 1 - p for p, label in zip(y_pred.value, y, strict=True)]


def model_file(facts: Facts) -> Finding:
    """The model file is a skops archive of known types, so loading it runs no code."""
    return stored.safe(facts, step_reports.again(facts, "baseline"))


def remarks(facts: Facts) -> Iterable[Finding]:
    """The report lists every finding that its numbers call for."""
    results, metric = step_reports.results(facts, "baseline"), predictions.metric(facts)
    kinds = generic_kinds(results)
    silent = [kind for kind in _due(results, metric) if kind not in kinds]
    if silent:
        yield failed(f"the report's numbers call for the finding {silent[0]}, which it does not list")
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


def generic_kinds(results: dict[str, Any]) -> dict[str, str]:
    """The findings of a report: text by kind."""
    return {str(item.get("kind")): str(item.get("text", ""))[:300] for item in entries(results, "findings")}


def _due(results: dict[str, Any], metric: str) -> Iterable[str]:
    """The kinds of finding that the numbers of the report call for."""

    def no_better(item: Any) -> bool:
        pair = scores.reported(item)
        return pair is not None and pair.low == pair.low and not scores.better(metric, pair)

    simple = scores.reported(results.get("simple_minus_dummy"))
    no_better_candidate = no_better(fields(results, "candidate_minus").get("dummy"))
    if no_better_candidate and simple and not scores.better(metric, simple):
        yield "nothing_learned"
    if any(map(no_better, fields(results, "kept_minus_rules").values())):
        yield "rule_as_good"
    if _copied(fields(results, "twins")):
        yield "copies_across_split"


def _copied(reported: dict[str, Any]) -> bool:
    """Whether near-duplicates agree by more than chance: single ones, or several more than training rows do.

    An excess below 3 % is ignored: an overconfident model makes it look significant.
    """
    observed, expected = reported.get("observed"), reported.get("expected")
    if isinstance(observed, float) and isinstance(expected, float) and observed - expected < LEAST_EXCESS:
        return False
    z = [reported.get(key) for key in ("z", "z_of_single_twins", "z_against_training_pairs")]
    every, single, pairs = (item if isinstance(item, (int, float)) else 0.0 for item in z)
    return single >= UNUSUAL or (every >= UNUSUAL and pairs >= CONFIRMED)


def _naive(facts: Facts, y_train: list[Any]) -> float | tuple[str, dict[str, float]]:
    """The dummy's prediction: a number, or the most frequent class with all shares."""
    outcome = predictions.outcome(facts)
    if outcome == "regression" and predictions.metric(facts) in ("mae", "mape"):
        return float(median(y_train))
    if outcome != "multiclass":
        return float(sum(y_train) / len(y_train))
    counts = Counter(y_train)
    common = max(sorted(counts), key=lambda label: counts[label])
    return common, {label: count / len(y_train) for label, count in counts.items()}


def _pair(facts: Facts, results: dict[str, Any], other: str, metric: str) -> Estimate:
    """Candidate minus another model: recomputed, or as reported if the predictions are a sample."""
    if not _is_sample(facts):
        return predictions.difference(facts, "validation", "candidate", other, metric)
    reported = scores.reported(fields(results, "candidate_minus").get(other))
    if reported is None:
        raise Unproven(f"the report has no candidate_minus {other}")
    return reported


def _rows(facts: Facts) -> int:
    return Counter(rows.parts(facts).values())["validation"]


def _is_sample(facts: Facts) -> bool:
    return _rows(facts) > len(predictions.part(facts, "validation").ids)
