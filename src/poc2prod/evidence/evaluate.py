"""I.9: how good the model is on rows that no choice was based on, and what limits it."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from ..forms import hollow
from ..project import Facts
from ..recount import scores
from ..recount.intervals import Estimate
from . import calibration, finding, generic, incumbents, predictions, step_reports, test_evaluations
from .baseline import generic_kinds
from .finding import ATTESTED, CLAIMED, RECOMPUTED, Finding, Unproven, failed, passed, skipped, unknown
from .interpret import same_model
from .values import fields, is_number, some

on_rows = step_reports.on_rows("evaluate")
TEST = "data/predictions/test.csv.gz"


def of_this_model(facts: Facts) -> Finding:
    """The report is about the current model."""
    return same_model(facts, "evaluate")


def human(facts: Facts) -> Finding:
    """Human performance is given with its source, or stated as unknown."""
    level, source = facts.param("evaluate.human"), facts.param("evaluate.human_source")
    reported = fields(step_reports.results(facts, "evaluate"), "human")
    if level is None:
        if reported.get("known") is not False:
            return failed(
                f"[evaluate] human is not set, the report says {reported.get('value')}",
                step_reports.again(facts, "evaluate"),
            )
        return passed("human performance is stated as unknown", CLAIMED)
    if not is_number(level) or reported.get("value") != float(level):
        return failed(
            f"[evaluate] human is {str(level)[:40]}, the report says {reported.get('value')}",
            step_reports.again(facts, "evaluate"),
        )
    if not isinstance(source, str) or hollow(source):
        return unknown(f"human performance is {level}, without a source", "set [evaluate] human_source")
    return passed(
        f"human performance is {level} ({source if len(source) <= 80 else source[:79] + '…'})", CLAIMED
    )


@on_rows
def incumbent(facts: Facts) -> Finding:
    """The incumbent (what is in use today) is compared with the selected model row by row, if [evaluate]
    names its predictions.
    """
    name, reported = (
        facts.param("evaluate.incumbent"),
        fields(step_reports.results(facts, "evaluate"), "incumbent"),
    )
    if not isinstance(name, str) or not name:
        return skipped("[evaluate] incumbent names no file of predictions")
    if reported.get("file") != name:
        return failed(
            f"[evaluate] incumbent is {name}, the report compares {reported.get('file')}",
            step_reports.again(facts, "evaluate"),
        )
    if not facts.exists(name):
        raise step_reports.Absent
    metric = incumbents.metric(facts)
    score, pair, n = incumbents.compared(facts, name, metric)
    problem = scores.differs(reported.get("score"), score) or scores.differs(
        reported.get("kept_minus_incumbent"), pair
    )
    if problem:
        return failed(f"{metric} of {name} on {n} rows: {problem}", step_reports.again(facts, "evaluate"))
    return passed(
        f"{name}: {metric} {scores.shown(score)}; selected minus incumbent {scores.shown(pair)} on {n:,} rows"
    )


@on_rows
def side_by_side(facts: Facts) -> Iterable[Finding]:
    """The report has training and validation scores with intervals; the validation scores are recomputed."""
    results, metric = step_reports.results(facts, "evaluate"), predictions.metric(facts)
    parts, sizes = fields(results, "parts"), Counter(predictions.split(facts).values())
    for name, part in (("training", "train"), ("validation", "validation")):
        reported = fields(parts, name)
        if reported.get("rows") != sizes[part]:
            yield failed(
                f"{name}: the report says {reported.get('rows')} rows, the split has {sizes[part]}",
                step_reports.again(facts, "evaluate"),
            )
            return
    problems = [why for why in (*_validation_differs(facts, parts), *_incoherent(parts)) if why]
    if results.get("metric") != metric:
        problems.insert(0, f"[problem] metric is {metric!r}, the report has {results.get('metric')!r}")
    if problems:
        yield failed(some(problems, 1), step_reports.again(facts, "evaluate"))
        return
    one, other = (_kept(parts, name, metric) for name in ("training", "validation"))
    if one is None or other is None:
        raise Unproven(f"the report has no {metric} of both parts", step_reports.again(facts, "evaluate"))
    sampled, n = predictions.evaluated(facts)
    how = f"on {sampled:,} of {n:,} rows: not recomputed" if sampled else "as in the predictions"
    yield passed(f"validation {metric} {scores.shown(other)}, {how}", CLAIMED if sampled else RECOMPUTED)
    yield passed(
        f"training {metric} {scores.shown(one)} (in-sample; not recomputed, because its predictions are "
        "not saved)",
        CLAIMED,
    )


def gaps(facts: Facts) -> Iterable[Finding]:
    """Each gap follows from the intervals; the bottleneck is the largest significant gap."""
    results, metric = step_reports.results(facts, "evaluate"), predictions.metric(facts)
    expected, reported = _gaps(facts, results, metric), fields(results, "gaps")
    todo = step_reports.again(facts, "evaluate")
    if set(reported) != set(expected):
        difference = sorted(set(reported) ^ set(expected))
        yield failed(
            f"the gap {difference[0]} is "
            f"{'missing' if difference[0] in expected else 'not a gap of this project'}",
            todo,
        )
        return
    # The report is rounded to 6 digits, so each verdict is derived again from the recomputed interval.
    for cause, (value, low, high) in expected.items():
        item = fields(reported, cause)
        numbers = [("value", value), ("low", low), ("high", high)]
        key_off = next(
            (key for key, number in numbers if not _close(item.get(key), number, results, metric)), ""
        )
        if key_off:
            yield failed(
                f"{cause}: {key_off} {item.get(key_off)}, the intervals give {dict(numbers)[key_off]:.6g}",
                todo,
            )
            return
        if item.get("verdict") != scores.verdict(low, high):
            yield failed(f"{cause}: called {item.get('verdict')!r} at {low:.3g} to {high:.3g}", todo)
            return
    named, reported_cause = _bottleneck(expected), fields(results, "bottleneck").get("cause")
    if reported_cause != named:
        yield failed(f"the bottleneck is {named} by the intervals, {reported_cause} in the report", todo)
        return
    shown = "; ".join(f"{cause} {_shown(gap)}" for cause, gap in expected.items())
    yield passed(f"bottleneck: {named.replace('_', ' ')}. {shown}")


def shift(facts: Facts) -> Finding:
    """How well a classifier separates training from validation rows; the verdict follows from the
    interval.
    """
    reported = fields(step_reports.results(facts, "evaluate"), "shift")
    if not reported:
        return unknown("the report has no check for data shift", step_reports.again(facts, "evaluate"))
    auc = scores.reported(reported.get("auc"))
    if auc is None:
        return passed(f"shift: {reported.get('verdict')} ({reported.get('why')})", CLAIMED)
    sizes = ((0.5, "none seen"), (0.55, "hardly any"), (0.65, "small"), (0.8, "moderate"), (2.0, "large"))
    expected = "none seen" if not auc.low > 0.5 else next(word for limit, word in sizes if auc.low < limit)
    problem = scores.incoherent(reported.get("auc"))
    if problem or reported.get("verdict") != expected:
        why = problem or f"is called {reported.get('verdict')!r}; the interval says {expected!r}"
        return failed(f"shift: AUC {scores.shown(auc)} {why}", step_reports.again(facts, "evaluate"))
    names = ", ".join(str(item.get("feature")) for item in reported.get("columns", [])[:3])
    by = f", by {names}" if names else ""
    least = "at least " if expected in ("small", "moderate") else ""
    return passed(
        f"data shift from training to validation: {least}{expected} (AUC {scores.shown(auc)}){by}", CLAIMED
    )


def opened_on_purpose(facts: Facts) -> Iterable[Finding]:
    """Each evaluation on the test rows has a file that was never changed, and all of them are counted."""
    evaluations = test_evaluations.read(facts)
    looks = fields(step_reports.results(facts, "evaluate"), "looks")
    reported, listed = looks.get("looks"), looks.get("files")
    for name, why in list(evaluations.broken.items())[:3]:
        yield failed(f"{name} {why}", f"restore it from git: git checkout -- {name}")
    missing = sorted(
        set(listed if isinstance(listed, list) else []) - set(evaluations.whole) - set(evaluations.broken)
    )
    if missing:
        yield failed(
            f"{missing[0]} existed when evaluate ran and is missing now", f"git checkout -- {missing[0]}"
        )
    new = sorted(set(evaluations.whole) - set(listed if isinstance(listed, list) else []))
    if not missing and not evaluations.broken and (reported != evaluations.looks or new):
        yield failed(
            f"the report counts {reported} models evaluated on the test rows, the files {evaluations.looks}",
            step_reports.again(facts, "evaluate"),
        )
    elif not missing and not evaluations.broken:
        many = "; each evaluation makes the next score more optimistic" if evaluations.looks > 1 else ""
        times = (
            f"{evaluations.looks} model{'s' if evaluations.looks != 1 else ''}"
            if evaluations.looks
            else "no model"
        )
        yield passed(
            f"{times} evaluated on the test rows ({finding.many(len(evaluations.whole), 'file')}){many}"
        )


@on_rows
def test_part(facts: Facts) -> Finding:
    """The test scores of the current model, recomputed from its test predictions, agree with the report."""
    now = _current(facts)
    if not now:
        return skipped(f"this model has not been evaluated on the test rows{test_evaluations.cause(facts)}")
    name, opening = next(iter(now.items()))
    if not facts.exists(TEST):
        return test_evaluations.predictions_absent(facts, TEST)
    if opening["outputs"].get(TEST) != facts.now(TEST).hash:
        return failed(
            f"{TEST} is not the file of the test evaluation {name.rpartition('/')[2][:8]}",
            f"{step_reports.again(facts, 'evaluate')} --open-test writes it again",
        )
    predicted, expected = predictions.part(facts, "test"), predictions.expected(facts, "test")
    if set(predicted.ids) != expected:
        row = sorted(set(predicted.ids) ^ expected)[0]
        where = predictions.split(facts).get(row, "no row")
        return failed(
            f"{TEST} has {len(predicted.ids)} rows, the test part {len(expected)}; row {row} is {where}"
        )
    mismatch = next(
        (
            row
            for row, reported, y in zip(predicted.ids, predicted.y_written, predicted.y, strict=True)
            if not predictions.is_label(reported, y)
        ),
        None,
    )
    if mismatch is not None:
        return failed(f"{TEST}: the y of row {mismatch} is not the target in the data")
    return _test_scores(facts, now, predicted)


def against_target(facts: Facts) -> Finding:
    """The test interval reaches the target, and the target was set before the test evaluation of this
    model.
    """
    target, metric = facts.param("problem.target"), predictions.metric(facts)
    if not is_number(target):
        return unknown(
            "no target is set",
            "set [problem] target in params.toml: see poc2prod show problem",
        )
    now = _current(facts)
    todo = f"when all choices are made: {step_reports.again(facts, 'evaluate')} --open-test"
    if not now:
        return unknown(f"the target {target:g} needs a test evaluation of this model", todo)
    then = [(item["metric"], item["target"]) for item in now.values()]
    if metric not in [name for name, _ in then]:
        return failed(
            f"the metric was {then[0][0]} at the test evaluation and is {metric} now: changed after the "
            "result",
            "restore the metric, or sign the change and use new test rows",
        )
    levels = [level for name, level in then if name == metric and is_number(level)]
    if target not in levels:
        was = f"{levels[0]:g}" if levels else "not set"
        return failed(
            f"the target was {was} at the test evaluation and is {target:g} now: changed after the result",
            "restore the target, or use new test rows",
        )
    return _judged(facts, metric, target, levels, now)


def remarks(facts: Facts) -> Iterable[Finding]:
    """The report lists every finding that its numbers call for, such as a missed target."""
    results = step_reports.results(facts, "evaluate")
    verdict, kinds = fields(results, "target").get("verdict"), generic_kinds(results)
    if verdict == "missed" and "target_missed" not in kinds:
        yield failed(
            "the report does not list its missed target as a finding", step_reports.again(facts, "evaluate")
        )
    for kind, text in kinds.items():
        if kind != "target_missed":
            yield passed(text, CLAIMED)
    off = calibration.off(fields(results, "calibration"))
    if off and "miscalibrated" not in kinds:
        yield passed(off, CLAIMED)
    if verdict != "missed" and not kinds:
        yield passed(f"the report's verdict on the target: {verdict}", CLAIMED)


CHECKS = (
    *(opened_on_purpose, test_part, against_target),
    *step_reports.fresh("evaluate", of_this_model, human, incumbent, side_by_side, gaps, shift, remarks),
)


def signed(facts: Facts) -> dict[str, Any]:
    """The parameters of [evaluate] and a hash of the results."""
    return {**generic.chosen("evaluate", facts), **generic.found("evaluate", facts)}


def _judged(facts: Facts, metric: str, target: float, levels: list[float], now: dict[str, Any]) -> Finding:
    # The target could be lowered after a look at the result, so the hardest earlier one decides.
    hardest = max(levels) if scores.higher_is_better(metric) else min(levels)
    name, opening = next(iter(now.items()))
    reached = _kept({"test": opening["results"]}, "test", metric)
    if reached is None:
        return unknown(f"{name} has no {metric} of the selected model")
    eased = "" if hardest == target else f" (the hardest one at a test evaluation; now {target:g})"
    text = f"test {metric} {scores.shown(reached)} against the target {hardest:g}{eased}"
    basis = "recomputed" if facts.exists(TEST) else ATTESTED
    verdict = scores.verdict(*scores.gap_to(metric, hardest, reached)[1:])
    if verdict == "worse":
        return failed(f"{text}: missed, the whole interval is worse", "poc2prod show improve", basis)
    if reached.low != reached.low:
        short = scores.gap_to(metric, hardest, reached)[0] > 0
        text_unclear = f"{text}: cannot tell without an interval"
        return unknown(text_unclear, "collect more test rows") if short else passed(text_unclear, basis)
    return passed(
        f"{text}: {'reached' if verdict == 'not worse' else 'cannot tell, the interval includes it'}", basis
    )


def _current(facts: Facts) -> dict[str, dict[str, Any]]:
    """The test evaluations of the current model; those with the current metric and target first."""
    current = test_evaluations.current(facts, test_evaluations.read(facts), predictions.model_id(facts))
    now = (facts.param("problem.metric"), facts.param("problem.target"))
    return dict(sorted(current.items(), key=lambda pair: (pair[1]["metric"], pair[1]["target"]) != now))


def _test_scores(facts: Facts, now: dict[str, Any], predicted: predictions.Predictions) -> Finding:
    if "kept" not in predicted.by_model:
        return failed(f"{TEST} has no column kept")
    told_now = fields(fields(step_reports.results(facts, "evaluate"), "parts"), "test")
    for name, item in [*now.items(), ("reports/evaluate.json", {"results": told_now})]:
        for role in predicted.by_model:
            for metric in scores.FITTING[predictions.outcome(facts)]:
                reported = fields(fields(item["results"], "scores"), role).get(metric)
                problem = scores.differs(reported, predictions.score(facts, "test", role, metric))
                if problem:
                    return failed(
                        f"{name}: test {metric} of {role}: {problem}", test_evaluations.mend(facts, name)
                    )
    difference = incumbents.tested(facts, now, told_now)
    if difference:
        return failed(": test ".join(difference), test_evaluations.mend(facts, difference[0]))
    metric = predictions.metric(facts)
    score = predictions.score(facts, "test", "kept", metric)
    return passed(
        f"test {metric} {scores.shown(score)} on {len(predicted.ids):,} rows, as in the predictions"
    )


def _validation_differs(facts: Facts, parts: dict[str, Any]) -> Iterable[str]:
    predicted, column = (
        predictions.part(facts, "validation").by_model,
        fields(fields(parts, "validation"), "scores"),
    )
    kept_role = str(step_reports.results(facts, "baseline").get("kept"))
    if predictions.evaluated(facts)[0]:
        return
    for role in predicted:
        for metric in scores.FITTING[predictions.outcome(facts)]:
            reported = fields(column, "kept" if role == kept_role else role).get(metric)
            problem = scores.differs(reported, predictions.score(facts, "validation", role, metric))
            if problem:
                yield f"validation {metric} of {role}: {problem}"


def _incoherent(parts: dict[str, Any]) -> Iterable[str]:
    for role, reported in fields(fields(parts, "training"), "scores").items():
        for metric, item in reported.items() if isinstance(reported, dict) else ():
            problem = scores.incoherent(item)
            if problem:
                yield f"training {metric} of {role} {problem}"
    if not fields(fields(fields(parts, "training"), "scores"), "kept"):
        yield "the training column has no scores of the selected model"


def _gaps(facts: Facts, results: dict[str, Any], metric: str) -> dict[str, tuple[float, float, float]]:
    """The gaps that follow from the report's scores, by cause."""
    parts, lesson = fields(results, "parts"), fields(results, "random_split")
    one, other, last = (_kept(parts, name, metric) for name in ("training", "validation", "test"))
    if one is None or other is None:
        raise Unproven(
            f"the report has no {metric} of training and validation", step_reports.again(facts, "evaluate")
        )
    level = facts.param("evaluate.human")
    level = level if is_number(level) else facts.param("problem.target")
    gaps = {"underfit": scores.gap_to(metric, float(level), one)} if is_number(level) else {}
    drawn, honest = scores.reported(lesson.get("random")), scores.reported(lesson.get("honest"))
    strategy = facts.results("split").get("strategy")
    if strategy in ("time", "group"):
        if drawn is None or honest is None:
            raise Unproven(
                "the report has no score of a random split",
                step_reports.again(facts, "evaluate"),
            )
        gaps |= {
            "overfit": scores.gap_between(metric, one, drawn),
            "shift": scores.gap_between(metric, drawn, honest),
        }
    else:
        gaps["overfit_or_shift"] = scores.gap_between(metric, one, other)
    if last is not None:
        gaps["overfit_to_validation"] = scores.gap_between(metric, other, last)
    return gaps


def _bottleneck(gaps: dict[str, tuple[float, float, float]]) -> str:
    worse = {cause: value for cause, (value, low, _) in gaps.items() if low > 0}
    if worse:
        return max(worse, key=lambda cause: worse[cause])
    fine = gaps and all(scores.verdict(low, high) == "not worse" for _, low, high in gaps.values())
    return "none" if fine else "cannot_tell"


def _close(reported: Any, computed: float, results: dict[str, Any], metric: str) -> bool:
    """Whether a gap agrees with the recomputed one; the last digits may differ, because scores are
    rounded.
    """
    if reported is None:
        return computed != computed
    kept = _kept(fields(results, "parts"), "training", metric)
    scale = abs(kept.value) if kept else 1.0
    return is_number(reported) and abs(reported - computed) <= 1e-5 * max(scale, abs(computed))


def _kept(parts: dict[str, Any], name: str, metric: str) -> Estimate | None:
    return scores.reported(fields(fields(fields(parts, name), "scores"), "kept").get(metric))


def _shown(gap: tuple[float, float, float]) -> str:
    value, low, high = gap
    return f"{value:.3g} ({low:.3g} to {high:.3g})" if low == low else f"{value:.3g} (no interval)"
