"""I.7: whether a model is better than none, and the complicated one better than the simple one."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from ..project import Facts
from ..recount import scores
from ..recount.intervals import Estimate
from . import agree, generic, rows, seen, stored
from .finding import CLAIMED, Finding, Unproven, failed, passed, unknown

ROLES = ("dummy", "simple", "candidate")
PREDICTIONS = "data/predictions/validation.csv.gz"
UNUSUAL, CONFIRMED, LEAST_EXCESS = 4.0, 3.0, 0.03
on_rows = seen.on_rows("baseline")


def outputs_declared(facts: Facts) -> Finding:
    """The report names the predictions and the model that it made."""
    report = facts.report("baseline")
    if not isinstance(report, dict):
        raise Unproven("there is no report")
    missing = [name for name in (PREDICTIONS, stored.MODEL) if name not in report["outputs"]]
    if missing:
        return failed(f"the report's outputs do not name {' and '.join(missing)}", _again(facts))
    return passed("predictions and model are among the outputs")


@on_rows
def same_rows(facts: Facts) -> Finding:
    """The predictions are of exactly the validation rows: the ids are those of the split, each once."""
    found = seen.peek(facts, "validation")
    if found.problem:
        return failed(f"{found.file}: {found.problem}", _again(facts))
    return _ids_agree(facts, found, "validation")


@on_rows
def truth(facts: Facts) -> Finding:
    """The truth beside the predictions is the target as it stands in the data."""
    return _truth(facts, "validation", _again(facts))


@on_rows
def models(facts: Facts) -> Finding:
    """Dummy, simple model, candidate and each rule of thumb of [baseline] predict the same rows."""
    found, said = seen.results(facts, "baseline"), seen.part(facts, "validation").said
    rules = facts.param("baseline.rules", [])
    due = [*ROLES, *(str(rule) for rule in rules if isinstance(rules, list))]
    missing = [role for role in due if role not in said or role not in _table(found, "scores")]
    if missing:
        return failed(f"{' and '.join(missing)} left out of predictions or scores", _again(facts))
    chosen = {role: facts.param(f"baseline.{role}") for role in ("simple", "candidate")}
    other = [role for role in chosen if _table(found, "models").get(role) != chosen[role]]
    if other:
        role = other[0]
        return failed(
            f"[baseline] {role} is {chosen[role]!r}, the report's is {_table(found, 'models').get(role)!r}",
            _again(facts),
        )
    return passed(f"{', '.join(due)} on the same {len(seen.part(facts, 'validation').ids):,} rows")


@on_rows
def dummy(facts: Facts) -> Finding:
    """The dummy says what training rows alone say: the share of the class, the mean or the median."""
    said, table = seen.part(facts, "validation"), seen.table(facts)
    seen.split(facts)
    labels = rows.target(facts, table)
    taught = [
        label
        for part, label in zip(rows.part_of_each(facts, table), labels, strict=True)
        if label is not None and part == "train"
    ]
    if not taught:
        raise Unproven("the split has no training rows with a label", seen.again(facts, "split"))
    if "dummy" not in said.said:
        return failed(f"{PREDICTIONS} has no column dummy", _again(facts))
    one, what = said.said["dummy"], _naive(facts, taught)
    if isinstance(what, float):
        odd = next((value for value in one.value if not scores.same(float(value), what)), None)
        if odd is not None:
            return failed(
                f"the dummy says {odd}; of {len(taught):,} training rows it would be {what:.6g}",
                _again(facts),
            )
        return passed(f"the dummy says {what:.6g}, as {len(taught):,} training rows do")
    common, shares = what
    given = zip(said.ids, one.value, one.true or [], said.y, strict=True)
    odd = next(
        (row for row, word, p, y in given if word != common or not scores.same(p, shares.get(y, 0.0))), None
    )
    if odd is not None:
        return failed(
            f"the dummy of row {odd} is not {common!r} with the training share of its class", _again(facts)
        )
    return passed(f"the dummy says {common!r}, the commonest of {len(taught):,} training rows")


@on_rows
def measured(facts: Facts) -> Iterable[Finding]:
    """Every metric with its interval, counted again from the predictions, is what the report says."""
    found, metric = seen.results(facts, "baseline"), seen.metric(facts)
    if found.get("metric") != metric:
        yield failed(
            f"[problem] metric is {metric!r}, the report's is {found.get('metric')!r}", _again(facts)
        )
        return
    if found.get("higher_is_better") is not scores.higher_is_better(metric):
        yield failed(
            f"the report says higher_is_better = {found.get('higher_is_better')} for {metric}", _again(facts)
        )
    told = _table(found, "predictions").get("rows"), _table(found, "predictions").get("sampled_from")
    n, of = len(seen.part(facts, "validation").ids), Counter(seen.split(facts).values())["validation"]
    if told != (n, of):
        yield failed(
            f"{n} of {of} rows are written, the report says {told[0]} of {told[1]}",
            _again(facts),
        )
        return
    wrong = list(_sampled(facts, found, metric) if n < of else _all_scores(facts, found, metric))
    if wrong:
        more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        yield failed(f"{wrong[0]}{more}", _again(facts))
    else:
        main = {role: seen.score(facts, "validation", role, metric) for role in _said(facts)}
        each = "; ".join(f"{role} {scores.shown(item)}" for role, item in main.items())
        sample = f", on {n:,} of {of:,} rows drawn by hash" if n < of else ""
        yield passed(f"{metric}: {each}{sample}")


@on_rows
def differences(facts: Facts) -> Finding:
    """The differences between models are paired, row by row, and are what the report says."""
    found, metric = seen.results(facts, "baseline"), seen.metric(facts)
    if _is_sample(facts):
        return passed("the differences are over all rows; the predictions are a sample", CLAIMED)
    wrong = []
    for place, told, one, other in _pairs(found, list(_said(facts))):
        made = seen.difference(facts, "validation", one, other, metric)
        differing = scores.differs(told, made)
        wrong += [f"{place}: {differing}"] if differing else []
    if wrong:
        return failed(f"{wrong[0]}{f' and {len(wrong) - 1} more' if len(wrong) > 1 else ''}", _again(facts))
    pair = seen.difference(facts, "validation", "candidate", "simple", metric)
    return passed(f"candidate less simple: {scores.shown(pair)} ({metric}, paired)")


@on_rows
def kept(facts: Facts) -> Finding:
    """The candidate is kept where it beats the simple model beyond the interval, else the simple model."""
    found, metric = seen.results(facts, "baseline"), seen.metric(facts)
    pair = _pair(facts, found, "simple", metric)
    due = "candidate" if scores.better(metric, pair) else "simple"
    text = f"candidate less simple is {scores.shown(pair)} ({metric})"
    if found.get("kept") != due:
        return failed(f"{text}, so {due} is kept; the report keeps {found.get('kept')!r}", _again(facts))
    return passed(f"{text}: {due} is kept")


@on_rows
def better_than_none(facts: Facts) -> Finding:
    """The candidate is better than the dummy beyond the noise."""
    found, metric = seen.results(facts, "baseline"), seen.metric(facts)
    pair = _pair(facts, found, "dummy", metric)
    text = f"candidate less dummy is {scores.shown(pair)} ({metric})"
    if pair.low != pair.low:
        return unknown(f"{text}: no interval tells it from chance", "choose another metric or split")
    if not scores.better(metric, pair):
        return failed(
            f"{text}: inside the noise", "look at features, labels and the question: docs/problem.md"
        )
    return passed(text)


@on_rows
def twins(facts: Facts) -> Finding:
    """Validation rows agree with near twins in training no more often than chance: none is a copy."""
    found, table = _table(seen.results(facts, "baseline"), "twins"), seen.table(facts)
    role = str(seen.results(facts, "baseline").get("kept"))
    if table.table.sampled or _is_sample(facts):
        return passed(
            f"z = {found.get('z')}: the agreement of large tables' twins is not counted again", CLAIMED
        )
    made = agree.twins(facts, table, role)
    if made is None and found.get("z") is not None:
        return failed(f"twins: z {found.get('z')}, but fewer than 5 rows have a near twin", _again(facts))
    if made is None:
        return passed("fewer than 5 validation rows have a near twin in training")
    for key, value in made._asdict().items():
        told = found.get(key)
        if not isinstance(told, (int, float)) or abs(told - value) > 1e-4 * max(1.0, abs(value)):
            return failed(f"twins: {key} {told}, recomputed {value:.6g}", _again(facts))
    shares = f"{made.observed:.1%}, expected {made.expected:.1%} (z = {made.z:.2f})"
    text = f"{made.rows:,} rows with twins agree in {shares}"
    if _copied(made._asdict()):
        return failed(f"{text}: some are copies", "remove the copies, or give them a common group")
    return passed(text)


def model_file(facts: Facts) -> Finding:
    """The model loads without running code: a skops archive of the types that models here are made of."""
    return stored.safe(facts, _again(facts))


def remarks(facts: Facts) -> Iterable[Finding]:
    """What the report found that a person must look at, and that it left nothing out."""
    found, metric = seen.results(facts, "baseline"), seen.metric(facts)
    kinds = generic_kinds(found)
    due = _due(found, metric)
    silent = [kind for kind in due if kind not in kinds]
    if silent:
        yield failed(
            f"the report's numbers call for the finding {silent[0]}, which it does not list", _again(facts)
        )
    for kind, text in kinds.items():
        if kind in ("nothing_learned", "copies_across_split", "metric_undefined"):
            yield failed(text, "mend what it names, then run the pipeline again", CLAIMED)
        else:
            yield passed(text, CLAIMED)
    if not kinds and not silent:
        yield passed("nothing that the report's numbers call for is left out")


CHECKS = seen.fresh(
    "baseline",
    *(outputs_declared, same_rows, truth, models, dummy, measured, differences, kept),
    *(better_than_none, twins, model_file, remarks),
)


def signed(facts: Facts) -> dict[str, Any]:
    """The choices of [baseline] and a hash of the results."""
    return {**generic.chosen("baseline", facts), **generic.found("baseline", facts)}


def generic_kinds(results: dict[str, Any]) -> dict[str, str]:
    """Text by kind of a report's findings."""
    found = results.get("findings")
    listed = [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
    return {str(item.get("kind")): str(item.get("text", ""))[:300] for item in listed}


def _due(found: dict[str, Any], metric: str) -> list[str]:
    """The kinds of finding that a report's own numbers call for."""
    pairs = _table(found, "candidate_minus")
    one, other = scores.told(pairs.get("dummy")), scores.told(found.get("simple_minus_dummy"))
    due = []
    if (
        one
        and other
        and one.low == one.low
        and not scores.better(metric, one)
        and not scores.better(metric, other)
    ):
        due.append("nothing_learned")
    rivals = [scores.told(item) for item in _table(found, "kept_minus_rules").values()]
    if any(item and item.low == item.low and not scores.better(metric, item) for item in rivals):
        due.append("rule_as_good")
    if _copied(_table(found, "twins")):
        due.append("copies_across_split")
    return due


def _copied(twins: dict[str, Any]) -> bool:
    """Whether twins agree beyond chance: single ones, or several beyond training rows among themselves.

    Nothing is accused for an excess below 3 in 100, which a model that is sure of itself makes look regular.
    """
    observed, expected = twins.get("observed"), twins.get("expected")
    if isinstance(observed, float) and isinstance(expected, float) and observed - expected < LEAST_EXCESS:
        return False
    z = [twins.get(key) for key in ("z", "z_of_single_twins", "z_against_training_pairs")]
    every, single, pairs = (item if isinstance(item, (int, float)) else 0.0 for item in z)
    return single >= UNUSUAL or (every >= UNUSUAL and pairs >= CONFIRMED)


def _naive(facts: Facts, taught: list[Any]) -> float | tuple[str, dict[str, float]]:
    """What knows only the training labels: a number, or the commonest class with all shares."""
    if seen.outcome(facts) == "regression":
        from statistics import median

        absolute = seen.metric(facts) in ("mae", "mape")
        return float(median(taught) if absolute else sum(taught) / len(taught))
    if seen.outcome(facts) == "binary":
        return float(sum(taught) / len(taught))
    counts = Counter(taught)
    common = max(sorted(counts), key=lambda label: counts[label])
    return common, {label: count / len(taught) for label, count in counts.items()}


def _ids_agree(facts: Facts, found: seen.Seen, part: str) -> Finding:
    due, got = seen.expected(facts, part), set(found.ids)
    extra, missing = sorted(got - due), sorted(due - got)
    if extra or missing:
        where = seen.split(facts).get(extra[0], "not in the split") if extra else ""
        one = f"row {extra[0]} is {where}" if extra else f"row {missing[0]} is missing"
        return failed(
            f"{found.file} has {len(got):,} rows, the split's {part} part {len(due):,}: "
            f"{len(extra)} too many, {len(missing)} missing ({one})",
            _again(facts),
        )
    return passed(f"{len(got):,} ids are those of the {part} part")


def _truth(facts: Facts, part: str, todo: str) -> Finding:
    found = seen.part(facts, part)
    pairs = zip(found.ids, found.told, found.y, strict=True)
    wrong = [(row, told, label) for row, told, label in pairs if not seen.is_label(told, label)]
    if wrong:
        row, told, label = wrong[0]
        return failed(
            f"{len(wrong)} rows of {found.file} have another y than the data: {row} {told}, the data {label}",
            todo,
        )
    return passed(f"y of {len(found.ids):,} rows is the target as in the data")


def _sampled(facts: Facts, found: dict[str, Any], metric: str) -> Iterable[str]:
    sample = _table(found, "scores_of_sample")
    for role in _said(facts):
        made = seen.score(facts, "validation", role, metric)
        wrong = scores.differs(sample.get(role), made)
        whole = scores.told(_table(found, "scores").get(role))
        if wrong:
            yield f"{metric} of {role} on the written rows: {wrong}"
        elif whole and made.low == made.low and abs(whole.value - made.value) > 2 * (made.high - made.low):
            yield f"{metric} of {role} is {whole.value:.6g} on all rows, {scores.shown(made)} on the written"


def _all_scores(facts: Facts, found: dict[str, Any], metric: str) -> Iterable[str]:
    others = _table(found, "other_metrics")
    for name in scores.FITTING[seen.outcome(facts)]:
        told = _table(found, "scores") if name == metric else _table(others, name)
        for role in _said(facts):
            wrong = scores.differs(told.get(role), seen.score(facts, "validation", role, name))
            if wrong:
                yield f"{name} of {role}: {wrong}"


def _pairs(found: dict[str, Any], roles: list[str]) -> Iterable[tuple[str, Any, str, str]]:
    """Each difference that a report owes: its place, what it says, and the two models."""
    table, rivals = _table(found, "candidate_minus"), _table(found, "kept_minus_rules")
    for role in roles:
        if role != "candidate":
            yield f"candidate less {role}", table.get(role), "candidate", role
    yield "simple less dummy", found.get("simple_minus_dummy"), "simple", "dummy"
    best = str(found.get("kept"))
    for role in roles:
        if role not in ROLES and best in ROLES:
            yield f"{best} less {role}", rivals.get(role), best, role


def _pair(facts: Facts, found: dict[str, Any], other: str, metric: str) -> Estimate:
    """Candidate less another model: recomputed, or where predictions are a sample, as told."""
    if not _is_sample(facts):
        return seen.difference(facts, "validation", "candidate", other, metric)
    told = scores.told(_table(found, "candidate_minus").get(other))
    if told is None:
        raise Unproven(f"the report has no candidate_minus {other}", _again(facts))
    return told


def _is_sample(facts: Facts) -> bool:
    return Counter(seen.split(facts).values())["validation"] > len(seen.part(facts, "validation").ids)


def _said(facts: Facts) -> Iterable[str]:
    return seen.part(facts, "validation").said


def _table(value: dict[str, Any], key: str) -> dict[str, Any]:
    found = value.get(key)
    return found if isinstance(found, dict) else {}


def _again(facts: Facts) -> str:
    return seen.again(facts, "baseline")
