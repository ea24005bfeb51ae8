"""I.9: how good the model is on rows that no choice was based on, and what limits it."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from ..forms import hollow
from ..project import Facts
from ..recount import scores
from ..recount.intervals import Estimate
from . import incumbents, predictions, rows, step_reports, test_evaluations
from .baseline import generic_kinds
from .finding import (
    ATTESTED,
    CLAIMED,
    RECOMPUTED,
    Absent,
    Finding,
    Unproven,
    failed,
    many,
    passed,
    skipped,
    unknown,
)
from .interpret import same_model
from .rows import agree, difference
from .step_reports import again
from .values import fields, is_number, items_at

TEST, REPORT = "data/predictions/test.csv.gz", "reports/evaluate.json"


def of_this_model(facts: Facts) -> Finding:
    """The report is about the current model."""
    return same_model(facts, "evaluate")


def human(facts: Facts) -> Finding:
    """Human performance is given with its source, or stated as unknown."""
    level, source = facts.param("evaluate.human"), facts.param("evaluate.human_source")
    reported = fields(_results(facts), "human")
    if level is None:
        if reported.get("known") is not False:
            return failed(f"[evaluate] human is not set, the report says {reported.get('value')}")
        return passed("human performance is stated as unknown", CLAIMED)
    if not is_number(level) or reported.get("value") != float(level):
        return failed(f"[evaluate] human is {str(level)[:40]}, the report says {reported.get('value')}")
    if not isinstance(source, str) or hollow(source):
        return unknown(f"human performance is {level}, without a source", "set [evaluate] human_source")
    return passed(
        f"human performance is {level} ({source if len(source) <= 80 else source[:79] + '…'})", CLAIMED
    )


def incumbent(facts: Facts) -> Finding:
    """The incumbent (what is in use today) is compared with the selected model row by row, if [evaluate]
    names its predictions.
    """
    name, reported = facts.param("evaluate.incumbent"), fields(_results(facts), "incumbent")
    if not isinstance(name, str) or not name:
        return skipped("[evaluate] incumbent names no file of predictions")
    if reported.get("file") != name:
        return failed(f"[evaluate] incumbent is {name}, the report compares {reported.get('file')}")
    if not facts.exists(name):
        raise Absent
    metric = incumbents.metric(facts)
    score, pair = incumbents.compared(facts, name, metric)
    if wrong := difference(reported, {"score": score, "kept_minus_incumbent": pair}):
        return failed(f"{metric} of {name} on {score.n} rows: {wrong}")
    return passed(
        f"{name}: {metric} {scores.shown(score)}; selected minus incumbent {scores.shown(pair)} on"
        f" {score.n:,} rows"
    )


def side_by_side(facts: Facts) -> Iterable[Finding]:
    """The report has training and validation scores with intervals; the validation scores are recomputed."""
    results, metric = _results(facts), predictions.metric(facts)
    if results.get("metric") != metric:
        yield failed(f"[problem] metric is {metric!r}, the report has {results.get('metric')!r}")
        return
    parts, sizes = fields(results, "parts"), Counter(rows.parts(facts).values())
    columns: dict[str, dict[str, Any]] = {
        "training": {"rows": sizes["train"]},
        "validation": {"rows": sizes["validation"]},
    }
    sampled, n = predictions.evaluated(facts)
    if not sampled:
        role = predictions.selected_role(facts)
        recomputed = predictions.all_scores(facts, "validation")
        columns["validation"]["scores"] = {
            "kept" if one == role else one: recomputed[one] for one in recomputed
        }
    agree(facts, "evaluate", {"parts": columns})
    for role, by_metric in fields(parts, "training", "scores").items():
        for name, item in fields(by_metric).items():
            if wrong := scores.incoherent(item):
                yield failed(f"training {name} of {role} {wrong}")
                return
    one, other = (_kept(parts, name, metric) for name in ("training", "validation"))
    if one is None or other is None:
        yield failed(f"the report has no {metric} of the selected model on both parts")
        return
    how = f"on {sampled:,} of {n:,} rows: not recomputed" if sampled else "as in the predictions"
    yield passed(f"validation {metric} {scores.shown(other)}, {how}", CLAIMED if sampled else RECOMPUTED)
    yield passed(
        f"training {metric} {scores.shown(one)} (in-sample; not recomputed, because its predictions are not"
        " saved)",
        CLAIMED,
    )


def gaps(facts: Facts) -> Finding:
    """Each gap follows from the intervals; the bottleneck is the largest significant gap."""
    results, metric = _results(facts), predictions.metric(facts)
    expected, reported = _gaps(facts, results, metric), fields(results, "gaps")
    for cause in sorted(set(reported) ^ set(expected)):
        return failed(f"the gap {cause} is {'missing' if cause in expected else 'not a gap of this project'}")
    # The report is rounded to 6 digits, so each verdict is derived again from the recomputed interval, and the
    # numbers agree to 1e-5 of the scores that they are differences of.
    training = _kept(fields(results, "parts"), "training", metric)
    scale = 1e4 * abs(training.value) if training else 1e4
    for cause, (value, low, high) in expected.items():
        gap = {"value": value, "low": low, "high": high, "verdict": scores.verdict(low, high)}
        for wrong in rows.differences(fields(reported, cause), gap, cause, scale):
            return failed(f"{wrong} from the intervals")
    named, said = _bottleneck(expected), fields(results, "bottleneck").get("cause")
    if said != named:
        return failed(f"the bottleneck is {named} by the intervals, {said} in the report")
    shown = "; ".join(f"{cause} {_shown(gap)}" for cause, gap in expected.items())
    return passed(f"bottleneck: {named.replace('_', ' ')}. {shown}")


def shift(facts: Facts) -> Finding:
    """How well a classifier separates training from validation rows; the verdict follows from the
    interval.
    """
    reported = fields(_results(facts), "shift")
    if not reported:
        return unknown("the report has no check for data shift")
    auc = scores.reported(reported.get("auc"))
    if auc is None:
        return passed(f"shift: {reported.get('verdict')} ({reported.get('why')})", CLAIMED)
    sizes = ((0.5, "none seen"), (0.55, "hardly any"), (0.65, "small"), (0.8, "moderate"), (2.0, "large"))
    expected = "none seen" if not auc.low > 0.5 else next(word for limit, word in sizes if auc.low < limit)
    problem = scores.incoherent(reported.get("auc"))
    if problem or reported.get("verdict") != expected:
        why = problem or f"is called {reported.get('verdict')!r}; the interval says {expected!r}"
        return failed(f"shift: AUC {scores.shown(auc)} {why}")
    names = ", ".join(str(item.get("feature")) for item in reported.get("columns", [])[:3])
    by = f", by {names}" if names else ""
    least = "at least " if expected in ("small", "moderate") else ""
    return passed(
        f"data shift from training to validation: {least}{expected} (AUC {scores.shown(auc)}){by}", CLAIMED
    )


def opened_on_purpose(facts: Facts) -> Iterable[Finding]:
    """Each evaluation on the test rows has a file that was never changed, and all of them are counted."""
    evaluations, looks = test_evaluations.read(facts), fields(_results(facts), "looks")
    reported, whole, broken = set(items_at(looks, "files")), set(evaluations.whole), evaluations.broken
    for name, why in list(broken.items())[:3]:
        yield failed(f"{name} {why}", f"restore it from git: git checkout -- {name}")
    for name in sorted(reported - whole - set(broken))[:1]:
        yield failed(f"{name} existed when evaluate ran and is missing now", f"git checkout -- {name}")
    if broken or reported - whole:
        return
    if looks.get("looks") != evaluations.looks or whole - reported:
        yield failed(
            f"the report counts {looks.get('looks')} models evaluated on the test rows, the files"
            f" {evaluations.looks}",
            again(facts, "evaluate"),
        )
        return
    times = many(evaluations.looks, "model") if evaluations.looks else "no model"
    more = "; each evaluation makes the next score more optimistic" if evaluations.looks > 1 else ""
    yield passed(f"{times} evaluated on the test rows ({many(len(whole), 'file')}){more}")


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
            f"{again(facts, 'evaluate')} --open-test writes it again",
        )
    predicted, expected = predictions.part(facts, "test"), predictions.expected(facts, "test")
    for row in sorted(set(predicted.ids) ^ expected):
        where = rows.parts(facts).get(row, "no row")
        return failed(
            f"{TEST} has {len(predicted.ids)} rows, the test part {len(expected)}; row {row} is {where}"
        )
    for row, written, y in zip(predicted.ids, predicted.y_written, predicted.y, strict=True):
        if not predictions.is_label(written, y):
            return failed(f"{TEST}: the y of row {row} is not the target in the data")
    if "kept" not in predicted.by_model:
        return failed(f"{TEST} has no column kept")
    report = fields(_results(facts), "parts", "test")
    recomputed = {"scores": predictions.all_scores(facts, "test")}
    evaluations = {name: (item["results"], item["metric"]) for name, item in now.items()}
    for name, (results, by) in {**evaluations, REPORT: (report, report.get("metric"))}.items():
        if wrong := difference(results, recomputed) or incumbents.test_difference(facts, results, by):
            return failed(f"{name}: test {wrong}", test_evaluations.mend(facts, name))
    metric = predictions.metric(facts)
    score = predictions.score(facts, "test", "kept", metric)
    return passed(
        f"test {metric} {scores.shown(score)} on {len(predicted.ids):,} rows, as in the predictions"
    )


def against_target(facts: Facts) -> Finding:
    """The test interval reaches the target, and the target was set before the test evaluation of this
    model.
    """
    target, metric = facts.param("problem.target"), predictions.metric(facts)
    if not is_number(target):
        return unknown("no target is set", "set [problem] target in params.toml: see poc2prod show problem")
    now = _current(facts)
    todo = f"when all choices are made: {again(facts, 'evaluate')} --open-test"
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
    results = _results(facts)
    verdict, kinds = fields(results, "target").get("verdict"), generic_kinds(results)
    if verdict == "missed" and "target_missed" not in kinds:
        yield failed("the report does not list its missed target as a finding")
    for kind, text in kinds.items():
        if kind != "target_missed":
            yield passed(text, CLAIMED)
    calibration = fields(results, "calibration")
    if calibration.get("verdict") == "miscalibrated" and "miscalibrated" not in kinds:
        sizes = [calibration.get(key) for key in ("expected_calibration_error", "noise_high")]
        error, noise = (f"{size:.3g}" if isinstance(size, (int, float)) else "?" for size in sizes)
        yield passed(
            f"the probabilities are miscalibrated: off by {error} on average on validation rows, and noise "
            f"explains at most {noise}",
            CLAIMED,
        )
    if verdict != "missed" and not kinds:
        yield passed(f"the report's verdict on the target: {verdict}", CLAIMED)


CHECKS = (
    *(opened_on_purpose, test_part, against_target),
    *step_reports.fresh("evaluate", of_this_model, human, incumbent, side_by_side, gaps, shift, remarks),
)


def _results(facts: Facts) -> dict[str, Any]:
    return step_reports.results(facts, "evaluate")


def _judged(facts: Facts, metric: str, target: float, levels: list[float], now: dict[str, Any]) -> Finding:
    # The target could be lowered after a look at the result, so the hardest earlier one decides.
    hardest = max(levels) if scores.higher_is_better(metric) else min(levels)
    name, opening = next(iter(now.items()))
    reached = _kept({"test": opening["results"]}, "test", metric)
    if reached is None:
        return unknown(f"{name} has no {metric} of the selected model")
    eased = "" if hardest == target else f" (the hardest one at a test evaluation; now {target:g})"
    text = f"test {metric} {scores.shown(reached)} against the target {hardest:g}{eased}"
    basis = RECOMPUTED if facts.exists(TEST) else ATTESTED
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


def _gaps(facts: Facts, results: dict[str, Any], metric: str) -> dict[str, tuple[float, float, float]]:
    """The gaps that follow from the report's scores, by cause."""
    parts, lesson = fields(results, "parts"), fields(results, "random_split")
    one, other, last = (_kept(parts, name, metric) for name in ("training", "validation", "test"))
    if one is None or other is None:
        raise Unproven(f"the report has no {metric} of training and validation")
    level = facts.param("evaluate.human")
    level = level if is_number(level) else facts.param("problem.target")
    gaps = {"underfit": scores.gap_to(metric, float(level), one)} if is_number(level) else {}
    drawn, honest = scores.reported(lesson.get("random")), scores.reported(lesson.get("honest"))
    strategy = facts.results("split").get("strategy")
    if strategy in ("time", "group"):
        if drawn is None or honest is None:
            raise Unproven("the report has no score of a random split")
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


def _kept(parts: dict[str, Any], name: str, metric: str) -> Estimate | None:
    return scores.reported(fields(parts, name, "scores", "kept").get(metric))


def _shown(gap: tuple[float, float, float]) -> str:
    value, low, high = gap
    return f"{value:.3g} ({low:.3g} to {high:.3g})" if low == low else f"{value:.3g} (no interval)"
