"""Sentences for the summary: the question, the scores, the bottleneck."""

from __future__ import annotations

import re
from typing import Any

from poc2prod_kit.run.console import table
from poc2prod_kit.run.project import Project
from poc2prod_kit.scoring import calibration
from poc2prod_kit.scoring.metrics import METRICS
from poc2prod_kit.summary import wording
from poc2prod_kit.summary.wording import count, interval, number

Reports = dict[str, dict[str, Any]]
PARTS = {"train": "training", "validation": "validation", "test": "test"}
KINDS = {"binary": "yes or no", "multiclass": "one of several classes", "regression": "a number"}
HOW = {
    "time": "by time: training rows first, then validation, then test",
    "group": "by group: rows of one group are in the same part",
    "stratified": "at random within each class, by the hash of each row's id",
    "random": "at random",
}


def question(project: Project, reports: Reports) -> list[str]:
    """What is predicted, for which rows, and how they are split."""
    target, outcome = str(project.param("data.target")), str(project.param("problem.outcome"))
    meaning = project.schema[target].meaning if target in project.schema else ""
    text = f" ({meaning.removesuffix(': the target')})" if meaning else ""
    texts = [
        f"Predict {target}{text}: {KINDS.get(outcome, outcome)}."
        + _population(project, reports.get("split", {}))
    ]
    return texts + _division(reports.get("split", {}))


def _population(project: Project, split: dict[str, Any]) -> str:
    sizes = split.get("sizes", {})
    total, out = sum(sizes.values()), sizes.get("excluded", 0)
    if not total:
        return ""
    if not out:
        return f" All {count(total, 'row')} are used."
    noted = split.get("excluded")
    reasons = noted if isinstance(noted, dict) else {}
    known = {text.replace("_", " "): rows for text, rows in reasons.items() if isinstance(rows, int) and rows}
    words = list(known) if len(known) == 1 else [f"{text} {rows:,}" for text, rows in known.items()]
    rules = [str(name).replace("_", " ") for name in project.param("data.population", [])]
    why = f": {', '.join(words)}" if words else f"; the population is {', '.join(rules)}" if rules else ""
    return f" {total - out:,} of {count(total, 'row')} are used; {out:,} are excluded{why}."


def _division(split: dict[str, Any]) -> list[str]:
    sizes = split.get("sizes", {})
    if not sizes:
        return []
    how = HOW.get(split.get("strategy", ""), str(split.get("strategy", "")))
    parts = ", ".join(f"{sizes.get(name, 0):,} {word}" for name, word in PARTS.items())
    reason = re.sub(r"; \d[^;]*", "", str(split.get("reason", ""))).rstrip(".")
    return [f"Split {how} ({parts})." + (f" Reason: {reason}." if reason else "")]


def quality(project: Project, reports: Reports) -> list[str]:
    """A table of all models with intervals, the difference to the dummy, and the score of a random split."""
    result = reports.get("baseline")
    if not result:
        return []
    scores, metric, selected = result["scores"], result["metric"], result["kept"]
    decimals = wording.places(scores.values())
    rules = [name for name in scores if name not in ("dummy", "simple", "candidate")]
    rows = [["  ", metric, "95 % interval", ""]]
    for name in ("dummy", *rules, "simple", "candidate"):
        if name in scores:
            model = result.get("models", {}).get(name, name)
            label = f"  {name} ({model})" if model != name else f"  {name}"
            value = number(scores[name]["value"], decimals)
            mark = "<- selected" if name == selected else ""
            rows.append([label, value, interval(scores[name], decimals, metric), mark])
    which = "higher" if METRICS[metric].higher_is_better else "lower"
    return [
        f"On {count(scores[selected]['n'], 'validation row')}, {metric}: "
        f"{wording.measure(metric, unit(project))}; {which} is better.",
        *("  " + line for line in table(rows)),
        *_at_its_limit(scores[selected], metric),
        _against_dummy(result),
        *_alone(reports),
        *_lesson(reports),
        *_meant(reports),
        *_bars(project, reports),
    ]


def _at_its_limit(score: dict[str, Any], metric: str) -> list[str]:
    """A note on a perfect score, or one without an interval."""
    value, units = score["value"], score.get("clusters", 0)
    if value not in (0, 1) or units < 2 or wording.is_number(score.get("standard_error")):
        return []
    if wording.is_number(score.get("low")):
        return [
            f"All {count(score['n'], 'row')} agree, so the interval is one-sided: with {units:,} "
            f"independent units, a deviation of up to {3 / units:.1%} can go unseen."
        ]
    return [
        f"{metric} {value:.4g} has no interval, because no row differs from the others. Collect more "
        "rows, or look for a leak."
    ]


def _against_dummy(result: dict[str, Any]) -> str:
    """The difference to the dummy, and why the selected model was selected."""
    sign, pairs = METRICS[result["metric"]].sign, result["candidate_minus"]
    text = _difference("The candidate", "the dummy", pairs["dummy"], sign)
    if result["kept"] == "simple" and "simple" in pairs:
        if lift := result.get("simple_minus_dummy"):
            text = _difference("The simple model", "the dummy", lift, sign)
        text += f" {_difference('The candidate', 'the simple model', pairs['simple'], sign)}"
        text += " So the simple model is selected."
    return text


def _difference(one: str, other: str, pair: dict[str, Any], sign: float) -> str:
    """How two models compare; `sign`: 1 where a higher metric is better, else −1."""
    if not wording.is_number(pair["value"]):
        return f"{one} cannot be compared with {other}: the metric is undefined on these rows."
    gain = sign * pair["value"]
    word = "better" if gain > 0 else "worse"
    if not wording.has_interval(pair):
        why = "all rows are of one group" if pair.get("clusters") == 1 else "no row differs from another"
        return f"{one} is {word} than {other} by {number(abs(gain))} (no interval, because {why})."
    low, high = sorted((sign * pair["low"], sign * pair["high"]))
    decimals = wording.places([pair])
    if low == high == 0:
        return f"{one} has exactly the same score as {other}."
    if low <= 0 <= high:
        ends = f"{number(low, decimals)} to {number(high, decimals)}"
        return f"{one} is not significantly better than {other}: the 95 % interval of the gain is {ends}."
    low, high = sorted((abs(low), abs(high)))
    ends = f"{number(low, decimals)} to {number(high, decimals)}"
    return f"{one} is {word} than {other} by {number(abs(gain), decimals)} (95 % interval {ends})."


def _lesson(reports: Reports) -> list[str]:
    """The score of a random split beside that of the actual split, if evaluate measured it."""
    result = reports.get("evaluate", {}).get("random_split")
    if not isinstance(result, dict) or not wording.is_number(result.get("random", {}).get("value")):
        return []
    decimals = wording.places([result["random"], result["honest"]])
    metric = reports["baseline"]["metric"]
    promised, honest = (
        f"{number(result[name]['value'], decimals)} ({interval(result[name], decimals, metric)})"
        for name in ("random", "honest")
    )
    here = result.get("strategy", "honest")
    text = f"A random split would have given {promised}; the {here} split gives {honest}"
    if result["gap"]["verdict"] == "worse":
        return [f"{text}. The random split is too optimistic: its validation rows resemble training rows."]
    return [f"{text}: no significant difference."]


def _alone(reports: Reports) -> list[str]:
    """The best single column, with a question if it is so good that it may be known too late."""
    result = reports.get("features", {})
    probes = result.get("probes", {})
    best: dict[str, Any] = next(iter(probes.get("alone", [])), {})
    if not wording.is_number(best.get("score")) or best["score"] <= 0:
        return []
    named = any(best["column"] in one.get("columns", ()) for one in result["findings"])
    ask = " Is it known at prediction time?" if probes.get("far") and not named else ""
    return [
        f"The best single column, over all rows used: {best['column']} ({probes['score']} {best['score']:.3f}).{ask}"
    ]


def _meant(reports: Reports) -> list[str]:
    """That the probabilities are miscalibrated, if no finding says so already."""
    result = reports.get("evaluate", {})
    known = any(item.get("kind") == "miscalibrated" for item in result.get("findings", []))
    text = "" if known else calibration.miscalibration(result.get("calibration", {}))
    return [text] if text else []


def _bars(project: Project, reports: Reports) -> list[str]:
    """The target and human performance, or that they are not set."""
    target, human = project.param("problem.target", None), project.param("evaluate.human", None)
    result = reports.get("evaluate", {})
    goal = "no target is set" if target is None else f"the target is {target:g}"
    people = "human performance is unknown" if human is None else f"human performance is {human:g}"
    reached = f" {result.get('target', {}).get('text', '')}" if target is not None else ""
    return [f"For comparison: {goal}, and {people}.{reached}", *tested(result)]


def tested(results: dict[str, Any]) -> list[str]:
    """The test score, if this model was evaluated on the test rows; `results`: the results of evaluate."""
    metric = str(results.get("metric", ""))
    score = results.get("parts", {}).get("test", {}).get("scores", {}).get("kept", {}).get(metric)
    if not isinstance(score, dict):
        return []
    decimals = wording.places([score])
    content = f"{number(score['value'], decimals)} ({interval(score, decimals, metric)})"
    text = f"On the test rows: {metric} {content}. {results.get('looks', {}).get('text', '')}"
    return [text, *_no_lead(results["parts"]["test"], metric)]


def served(results: dict[str, Any]) -> list[str]:
    """That the fitted pipeline serves where there is no ONNX; `results`: the results of api."""
    if results.get("served_by") != "pipeline":
        return []
    return [
        f"Served by the fitted pipeline, not by ONNX: {results['why']}. The API and its image need the packages "
        "that models/serving.json lists under `requires`, and an answer takes longer: measure it with `load`."
    ]


def _no_lead(test: dict[str, Any], metric: str) -> list[str]:
    """Which simpler models are as good as the selected one on the test rows, by paired differences."""
    pairs = test.get("kept_minus", {}) if test.get("metric") == metric else {}
    sign = METRICS[metric].sign
    texts = []
    for name, pair in pairs.items():
        if wording.has_interval(pair) and min(sign * pair["low"], sign * pair["high"]) <= 0:
            other = "the simple model" if name == "simple" else name
            texts.append(_difference("The selected model", other, pair, sign))
    if not texts:
        return []
    return [
        f"On the same test rows: {' '.join(texts)} Do not choose a model by the test rows; say in "
        "docs/improve.md why the selected model is worth its complexity."
    ]


def unit(project: Project) -> str:
    """The target's unit, from schema.toml."""
    target = project.param("data.target")
    return project.schema[target].unit if target in project.schema else ""
