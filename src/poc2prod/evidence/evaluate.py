"""I.9: how good it is on rows that nobody chose by, and what holds it back."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, TypeGuard

from ..forms import hollow
from ..project import Facts
from ..recompute import scores
from ..recompute.intervals import Estimate
from . import calibrated, finding, generic, openings, rival, seen
from .baseline import generic_kinds
from .finding import ATTESTED, CLAIMED, RECOMPUTED, Finding, Unproven, failed, passed, skipped, unknown
from .interpret import same_model

on_rows = seen.on_rows("evaluate")
TEST = "data/predictions/test.csv.gz"
BEHIND = ("underfit", "overfit", "shift", "overfit_or_shift", "overfit_to_validation")


def of_this_model(facts: Facts) -> Finding:
    """The report is about the model that is kept now."""
    return same_model(facts, "evaluate")


def human(facts: Facts) -> Finding:
    """How well a person does is known with its source, or said to be unknown."""
    level, source = facts.param("evaluate.human"), facts.param("evaluate.human_source")
    told = _table(seen.results(facts, "evaluate"), "human")
    if level is None:
        if told.get("known") is not False:
            return failed(
                f"[evaluate] human is not set, the report says {told.get('value')}",
                seen.again(facts, "evaluate"),
            )
        return passed("how well a person does is said to be unknown", CLAIMED)
    if not _is_number(level) or told.get("value") != float(level):
        return failed(
            f"[evaluate] human is {str(level)[:40]}, the report says {told.get('value')}",
            seen.again(facts, "evaluate"),
        )
    if not isinstance(source, str) or hollow(source):
        return unknown(
            f"a person reaches {level}, and nothing says how that is known", "set [evaluate] human_source"
        )
    return passed(f"a person reaches {level} ({source if len(source) <= 80 else source[:79] + '…'})", CLAIMED)


@on_rows
def incumbent(facts: Facts) -> Finding:
    """What is in use today is compared with the kept model row by row, where its predictions are given."""
    name, told = facts.param("evaluate.incumbent"), _table(seen.results(facts, "evaluate"), "incumbent")
    if not isinstance(name, str) or not name:
        return skipped("[evaluate] incumbent names no file of predictions")
    if told.get("file") != name:
        return failed(
            f"[evaluate] incumbent is {name}, the report compares {told.get('file')}",
            seen.again(facts, "evaluate"),
        )
    if not facts.exists(name):
        raise seen.Absent
    metric = rival.metric(facts)
    score, pair, n = rival.compared(facts, name, metric)
    wrong = scores.differs(told.get("score"), score) or scores.differs(told.get("kept_minus_incumbent"), pair)
    if wrong:
        return failed(f"{metric} of {name} on {n} rows: {wrong}", seen.again(facts, "evaluate"))
    return passed(
        f"{name}: {metric} {scores.shown(score)}; kept less incumbent {scores.shown(pair)} on {n:,} rows"
    )


@on_rows
def side_by_side(facts: Facts) -> Iterable[Finding]:
    """Training and validation stand side by side with intervals; the validation column is counted again."""
    found, metric = seen.results(facts, "evaluate"), seen.metric(facts)
    parts, sizes = _table(found, "parts"), Counter(seen.split(facts).values())
    for name, part in (("training", "train"), ("validation", "validation")):
        told = _table(parts, name)
        if told.get("rows") != sizes[part]:
            yield failed(
                f"{name}: the report says {told.get('rows')} rows, the split has {sizes[part]}",
                seen.again(facts, "evaluate"),
            )
            return
    wrong = [why for why in (*_validation_differs(facts, parts), *_incoherent(parts)) if why]
    if found.get("metric") != metric:
        wrong.insert(0, f"[problem] metric is {metric!r}, the report's is {found.get('metric')!r}")
    if wrong:
        more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        yield failed(f"{wrong[0]}{more}", seen.again(facts, "evaluate"))
        return
    one, other = (_kept(parts, name, metric) for name in ("training", "validation"))
    if one is None or other is None:
        raise Unproven(f"the report has no {metric} of both parts", seen.again(facts, "evaluate"))
    some, n = seen.evaluated(facts)
    how = f"on {some:,} of {n:,} rows: not counted again" if some else "as the predictions give it"
    yield passed(f"validation {metric} {scores.shown(other)}, {how}", CLAIMED if some else RECOMPUTED)
    yield passed(f"training {metric} {scores.shown(one)} (in-sample; its predictions are not kept)", CLAIMED)


def gaps(facts: Facts) -> Iterable[Finding]:
    """Each gap follows from the intervals side by side; the bottleneck is the largest one beyond doubt."""
    found, metric = seen.results(facts, "evaluate"), seen.metric(facts)
    due, told = _gaps(facts, found, metric), _table(found, "gaps")
    todo = seen.again(facts, "evaluate")
    if set(told) != set(due):
        odd = sorted(set(told) ^ set(due))
        yield failed(
            f"the gap {odd[0]} is {'left out' if odd[0] in due else 'not one of this project'}", todo
        )
        return
    for cause, (value, low, high) in due.items():
        item = _table(told, cause)
        numbers = [("value", value), ("low", low), ("high", high)]
        wrong = next((key for key, number in numbers if not _close(item.get(key), number, found, metric)), "")
        if wrong:
            yield failed(
                f"{cause}: {wrong} {item.get(wrong)}, the intervals give {dict(numbers)[wrong]:.6g}", todo
            )
            return
        if item.get("verdict") != scores.verdict(low, high):
            yield failed(f"{cause}: called {item.get('verdict')!r} at {low:.3g} to {high:.3g}", todo)
            return
    named, said = _bottleneck(due), _table(found, "bottleneck").get("cause")
    if said != named:
        yield failed(f"the bottleneck is {named} by the intervals, {said} by the report", todo)
        return
    shown = "; ".join(f"{cause} {_shown(gap)}" for cause, gap in due.items())
    yield passed(f"bottleneck: {named.replace('_', ' ')}. {shown}")


def shift(facts: Facts) -> Finding:
    """How far training and validation rows can be told apart, in words that follow from the interval."""
    told = _table(seen.results(facts, "evaluate"), "shift")
    if not told:
        return unknown("the report does not look for shift", seen.again(facts, "evaluate"))
    auc = scores.told(told.get("auc"))
    if auc is None:
        return passed(f"shift: {told.get('verdict')} ({told.get('why')})", CLAIMED)
    sizes = ((0.5, "none seen"), (0.55, "hardly any"), (0.65, "small"), (0.8, "moderate"), (2.0, "large"))
    due = "none seen" if not auc.low > 0.5 else next(word for limit, word in sizes if auc.low < limit)
    wrong = scores.incoherent(told.get("auc"))
    if wrong or told.get("verdict") != due:
        why = wrong or f"is called {told.get('verdict')!r}; the interval says {due!r}"
        return failed(f"shift: AUC {scores.shown(auc)} {why}", seen.again(facts, "evaluate"))
    names = ", ".join(str(item.get("feature")) for item in told.get("columns", [])[:3])
    by = f", by {names}" if names else ""
    least = "at least " if due in ("small", "moderate") else ""
    return passed(f"shift from training to validation: {least}{due} (AUC {scores.shown(auc)}){by}", CLAIMED)


def opened_on_purpose(facts: Facts) -> Iterable[Finding]:
    """Each opening of the test part is one file that was never changed, and all are counted."""
    found = openings.read(facts)
    looks = _table(seen.results(facts, "evaluate"), "looks")
    told, listed = looks.get("looks"), looks.get("files")
    for name, why in list(found.broken.items())[:3]:
        yield failed(f"{name} {why}", f"bring it back from git: git checkout -- {name}")
    gone = sorted(set(listed if isinstance(listed, list) else []) - set(found.whole) - set(found.broken))
    if gone:
        yield failed(f"{gone[0]} was there when evaluate ran, and has gone", f"git checkout -- {gone[0]}")
    new = sorted(set(found.whole) - set(listed if isinstance(listed, list) else []))
    if not gone and not found.broken and (told != found.looks or new):
        yield failed(
            f"the report counts {told} models judged on the test part, the openings {found.looks}",
            seen.again(facts, "evaluate"),
        )
    elif not gone and not found.broken:
        many = "; each look makes the next number more flattering" if found.looks > 1 else ""
        times = f"{found.looks} model{'s' if found.looks != 1 else ''}" if found.looks else "no model"
        yield passed(
            f"the test part was opened for {times} ({finding.many(len(found.whole), 'opening')}){many}"
        )


@on_rows
def test_part(facts: Facts) -> Finding:
    """The test numbers of the current model are what its test predictions give."""
    now = _current(facts)
    if not now:
        return skipped(f"the test part has not been opened for this model{openings.cause(facts)}")
    name, opening = next(iter(now.items()))
    if not facts.exists(TEST):
        return openings.predictions_absent(facts, TEST)
    if opening["outputs"].get(TEST) != facts.now(TEST).hash:
        return failed(
            f"{TEST} is not the file of the opening {name.rpartition('/')[2][:8]}",
            f"{seen.again(facts, 'evaluate')} --open-test makes it again",
        )
    found, due = seen.part(facts, "test"), seen.expected(facts, "test")
    if set(found.ids) != due:
        odd = sorted(set(found.ids) ^ due)[0]
        where = seen.split(facts).get(odd, "no row")
        return failed(f"{TEST} has {len(found.ids)} rows, the test part {len(due)}; row {odd} is {where}")
    untrue = next(
        (
            row
            for row, told, y in zip(found.ids, found.told, found.y, strict=True)
            if not seen.is_label(told, y)
        ),
        None,
    )
    if untrue is not None:
        return failed(f"{TEST}: the y of row {untrue} is not the data's target")
    return _test_scores(facts, now, found)


def against_target(facts: Facts) -> Finding:
    """The test interval reaches the target that was in force when the test part was opened for this model."""
    target, metric = facts.param("problem.target"), seen.metric(facts)
    if not _is_number(target):
        return unknown(
            "no target is set, so nothing can reach it",
            "set [problem] target in params.toml: see poc2prod show problem",
        )
    now = _current(facts)
    todo = f"once the choices are made: {seen.again(facts, 'evaluate')} --open-test"
    if not now:
        return unknown(
            f"the target {target:g} is judged on the test part, which is not open for this model", todo
        )
    then = [(item["metric"], item["target"]) for item in now.values()]
    if metric not in [name for name, _ in then]:
        return failed(
            f"the metric was {then[0][0]} when the test part was opened, now {metric}: set after the result",
            "bring the metric back, or sign the change and take new test rows",
        )
    levels = [level for name, level in then if name == metric and _is_number(level)]
    if target not in levels:
        was = f"{levels[0]:g}" if levels else "not set"
        return failed(
            f"the target was {was} when the test part was opened, is {target:g} now: set after the result",
            "bring the target back, or take new test rows",
        )
    return _judged(facts, metric, target, levels, now)


def remarks(facts: Facts) -> Iterable[Finding]:
    """What the report itself says of the target agrees with its numbers, and no finding is left out."""
    found = seen.results(facts, "evaluate")
    told, kinds = _table(found, "target").get("verdict"), generic_kinds(found)
    if told == "missed" and "target_missed" not in kinds:
        yield failed(
            "the report misses its target and does not list that as a finding", seen.again(facts, "evaluate")
        )
    for kind, text in kinds.items():
        if kind != "target_missed":
            yield passed(text, CLAIMED)
    off = calibrated.off(_table(found, "calibration"))
    if off and "miscalibrated" not in kinds:
        yield passed(off, CLAIMED)
    if told != "missed" and not kinds:
        yield passed(f"the report says of the target: {told}", CLAIMED)


CHECKS = (
    *(opened_on_purpose, test_part, against_target),
    *seen.fresh("evaluate", of_this_model, human, incumbent, side_by_side, gaps, shift, remarks),
)


def signed(facts: Facts) -> dict[str, Any]:
    """The choices of [evaluate] and a hash of the results."""
    return {**generic.chosen("evaluate", facts), **generic.found("evaluate", facts)}


def _judged(facts: Facts, metric: str, target: float, levels: list[float], now: dict[str, Any]) -> Finding:
    hardest = max(levels) if scores.higher_is_better(metric) else min(levels)
    name, opening = next(iter(now.items()))
    reached = _kept({"test": opening["results"]}, "test", metric)
    if reached is None:
        return unknown(f"{name} has no {metric} of the kept model")
    eased = "" if hardest == target else f" (the hardest in force; now {target:g})"
    text = f"test {metric} {scores.shown(reached)} against the target {hardest:g}{eased}"
    basis = "recomputed" if facts.exists(TEST) else ATTESTED
    verdict = scores.verdict(*scores.gap_to(metric, hardest, reached)[1:])
    if verdict == "worse":
        return failed(f"{text}: missed, the whole interval is worse", "poc2prod show improve", basis)
    if reached.low != reached.low:
        short = scores.gap_to(metric, hardest, reached)[0] > 0
        told = f"{text}: cannot tell without an interval"
        return unknown(told, "get more test rows") if short else passed(told, basis)
    return passed(
        f"{text}: {'reached' if verdict == 'not worse' else 'cannot tell, the interval spans it'}", basis
    )


def _current(facts: Facts) -> dict[str, dict[str, Any]]:
    """The openings of the current model, that with today's metric and target first."""
    found = openings.current(facts, openings.read(facts), seen.model_id(facts))
    now = (facts.param("problem.metric"), facts.param("problem.target"))
    return dict(sorted(found.items(), key=lambda pair: (pair[1]["metric"], pair[1]["target"]) != now))


def _test_scores(facts: Facts, now: dict[str, Any], found: seen.Seen) -> Finding:
    if "kept" not in found.said:
        return failed(f"{TEST} has no column kept")
    told_now = _table(_table(seen.results(facts, "evaluate"), "parts"), "test")
    for name, item in [*now.items(), ("reports/evaluate.json", {"results": told_now})]:
        for role in found.said:
            for metric in scores.FITTING[seen.outcome(facts)]:
                told = _table(_table(item["results"], "scores"), role).get(metric)
                wrong = scores.differs(told, seen.score(facts, "test", role, metric))
                if wrong:
                    return failed(f"{name}: test {metric} of {role}: {wrong}", openings.mend(facts, name))
    untrue = rival.tested(facts, now, told_now)
    if untrue:
        return failed(": test ".join(untrue), openings.mend(facts, untrue[0]))
    metric = seen.metric(facts)
    made = seen.score(facts, "test", "kept", metric)
    return passed(
        f"test {metric} {scores.shown(made)} on {len(found.ids):,} rows, as the predictions give it"
    )


def _validation_differs(facts: Facts, parts: dict[str, Any]) -> Iterable[str]:
    said, column = seen.part(facts, "validation").said, _table(_table(parts, "validation"), "scores")
    best = str(seen.results(facts, "baseline").get("kept"))
    if seen.evaluated(facts)[0]:
        return
    for role in said:
        for metric in scores.FITTING[seen.outcome(facts)]:
            told = _table(column, "kept" if role == best else role).get(metric)
            wrong = scores.differs(told, seen.score(facts, "validation", role, metric))
            if wrong:
                yield f"validation {metric} of {role}: {wrong}"


def _incoherent(parts: dict[str, Any]) -> Iterable[str]:
    for role, told in _table(_table(parts, "training"), "scores").items():
        for metric, item in told.items() if isinstance(told, dict) else ():
            wrong = scores.incoherent(item)
            if wrong:
                yield f"training {metric} of {role} {wrong}"
    if not _table(_table(_table(parts, "training"), "scores"), "kept"):
        yield "the training column has no scores of the kept model"


def _gaps(facts: Facts, found: dict[str, Any], metric: str) -> dict[str, tuple[float, float, float]]:
    """The gaps that the report's own columns give, by cause."""
    parts, lesson = _table(found, "parts"), _table(found, "random_split")
    one, other, last = (_kept(parts, name, metric) for name in ("training", "validation", "test"))
    if one is None or other is None:
        raise Unproven(
            f"the report has no {metric} of training and validation", seen.again(facts, "evaluate")
        )
    level = facts.param("evaluate.human")
    level = level if _is_number(level) else facts.param("problem.target")
    due = {"underfit": scores.gap_to(metric, float(level), one)} if _is_number(level) else {}
    drawn, honest = scores.told(lesson.get("random")), scores.told(lesson.get("honest"))
    strategy = facts.results("split").get("strategy")
    if strategy in ("time", "group"):
        if drawn is None or honest is None:
            raise Unproven(
                "the report does not say what a random split would have promised",
                seen.again(facts, "evaluate"),
            )
        due |= {
            "overfit": scores.gap_between(metric, one, drawn),
            "shift": scores.gap_between(metric, drawn, honest),
        }
    else:
        due["overfit_or_shift"] = scores.gap_between(metric, one, other)
    if last is not None:
        due["overfit_to_validation"] = scores.gap_between(metric, other, last)
    return due


def _bottleneck(due: dict[str, tuple[float, float, float]]) -> str:
    worse = {cause: value for cause, (value, low, _) in due.items() if low > 0}
    if worse:
        return max(worse, key=lambda cause: worse[cause])
    fine = due and all(scores.verdict(low, high) == "not worse" for _, low, high in due.values())
    return "none" if fine else "cannot_tell"


def _close(told: Any, made: float, found: dict[str, Any], metric: str) -> bool:
    """Whether a gap is the recomputed one, which is made from rounded columns: last digits may differ."""
    if told is None:
        return made != made
    kept = _kept(_table(found, "parts"), "training", metric)
    scale = abs(kept.value) if kept else 1.0
    return _is_number(told) and abs(told - made) <= 1e-5 * max(scale, abs(made))


def _kept(parts: dict[str, Any], name: str, metric: str) -> Estimate | None:
    return scores.told(_table(_table(_table(parts, name), "scores"), "kept").get(metric))


def _shown(gap: tuple[float, float, float]) -> str:
    value, low, high = gap
    return f"{value:.3g} ({low:.3g} to {high:.3g})" if low == low else f"{value:.3g} (no interval)"


def _table(value: Any, key: str) -> dict[str, Any]:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value == value
