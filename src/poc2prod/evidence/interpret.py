"""I.8: what the model learned, for whom it is worse, and why it is wrong when it is wrong."""

from collections.abc import Iterable
from typing import Any

from ..project import Facts
from ..recount import raw, scores, slices
from ..recount.metrics import Said
from . import causes, generic, seen
from .baseline import generic_kinds
from .finding import CLAIMED, Finding, Unproven, failed, passed, skipped, unknown

on_rows = seen.on_rows("interpret")
SHOWN = 20


def of_this_model(facts: Facts) -> Finding:
    """The report is about the model that is kept now."""
    return same_model(facts, "interpret")


def importance(facts: Facts) -> Finding:
    """Each feature's permutation importance has an interval, and the curves of the top features are there."""
    found = seen.results(facts, "interpret")
    listed = [item for item in _list(found.get("importance"), "features") if isinstance(item, dict)]
    if not listed:
        return unknown("the report has no importance of any feature", seen.again(facts, "interpret"))
    wrong = [f"{item.get('feature')}: {why}" for item in listed if (why := scores.incoherent(item))]
    values = [item.value for entry in listed if (item := scores.told(entry)) and item.value == item.value]
    if wrong or values != sorted(values, reverse=True):
        why = wrong[0] if wrong else "the features are not in order of importance"
        return failed(f"importance of {why}" if wrong else why, seen.again(facts, "interpret"))
    curves = {str(item.get("feature")): item for item in _list(found, "dependence") if isinstance(item, dict)}
    top = facts.param("interpret.top", 6)
    due = [str(item.get("feature")) for item in listed][: top if isinstance(top, int) else 6]
    bare = [name for name in due if not _is_curve(curves.get(name))]
    if bare:
        return failed(f"no dependence curve of {bare[0]}, a top feature", seen.again(facts, "interpret"))
    shown = [(item.get("feature"), scores.told(item)) for item in listed[:3]]
    first = ", ".join(f"{name} {scores.shown(told)}" for name, told in shown if told)
    return passed(f"{len(listed)} features, {len(due)} curves: {first}", CLAIMED)


@on_rows
def sliced(facts: Facts) -> Iterable[Finding]:
    """Each sensitive and declared column is cut into slices; all of their numbers are counted again."""
    found, metric = seen.results(facts, "interpret"), seen.metric(facts)
    told = _table(found, "slices")
    due = _columns(facts)
    if not due:
        yield skipped("[data] sensitive and [interpret] slices name no column")
        return
    missing = [name for name in due if name not in _list(told, "columns")]
    if missing:
        yield failed(
            f"no slices of {', '.join(missing)}, which params.toml names", seen.again(facts, "interpret")
        )
        return
    table = seen.table(facts)
    unknown_columns = [name for name in due if name not in table.columns]
    if unknown_columns:
        raise Unproven(f"{unknown_columns[0]} is not a column of the data", "correct params.toml")
    if table.table.sampled:
        yield passed("slices of tables above 100,000 rows are not counted again", CLAIMED)
        return
    made = _slices(facts, due, metric)
    yield from _compared(facts, told, made, metric)


@on_rows
def worst(facts: Facts) -> Finding:
    """The worst errors in the report really are the worst, and the wrong rows are counted right."""
    told = _table(seen.results(facts, "interpret"), "worst_errors")
    listed = [str(item.get("id")) for item in _list(told, "rows") if isinstance(item, dict)]
    ranked = _wrong_of_looked_at(facts)
    due = [row for row, _ in ranked[:SHOWN]]
    if told.get("count") != len(ranked):
        return failed(
            f"the report counts {told.get('count')} wrong rows, the predictions {len(ranked)}",
            seen.again(facts, "interpret"),
        )
    if listed != due:
        place = next(
            (at for at, pair in enumerate(zip(listed, due, strict=False)) if pair[0] != pair[1]),
            min(len(listed), len(due)),
        )
        one = listed[place] if place < len(listed) else "nothing"
        other = due[place] if place < len(due) else "nothing"
        return failed(
            f"worst error {place + 1} is {one} in the report, {other} by the predictions",
            seen.again(facts, "interpret"),
        )
    return passed(f"{len(due)} worst of {len(ranked):,} wrong rows, as the predictions rank them")


def doubted(facts: Facts) -> Iterable[Finding]:
    """The training labels that look wrong are listed, worst first."""
    found = seen.results(facts, "interpret")
    told = _table(found, "suspects")
    kinds = generic_kinds(found)
    if told.get("alarm") is True and "flipped_labels" not in kinds:
        yield failed("the labels raise an alarm that the findings leave out", seen.again(facts, "interpret"))
    for text in kinds.values():
        yield passed(text, CLAIMED)
    if told.get("reason"):
        yield passed(f"not judged: {told['reason']}", CLAIMED)
    elif not _list(told, "rows"):
        yield unknown("the report lists no training rows by doubt", seen.again(facts, "interpret"))
    elif not kinds:
        doubtful, of = told.get("beyond_belief"), told.get("rows_judged")
        yield passed(f"{doubtful} of {of} training labels are more likely wrong than right", CLAIMED)


@on_rows
def looked_at(facts: Facts) -> Finding:
    """20 wrong cases, or all there are, have a cause. A cause counts while its row is still wrong."""
    ranked = wrong_rows(facts)
    due = min(SHOWN, len(ranked))
    still = {causes.key(facts, row) for row, _ in causes.still_wrong(facts, ranked)}
    listed, file, todo = causes.read(facts), causes.file(facts), causes.todo(facts)
    if listed is None and facts.now(file).hash:
        raise seen.Absent
    if listed is None:
        return unknown(f"{file} is not there", f"{seen.again(facts, 'interpret')}, then {todo}")
    given = {item.row: item for item in listed if item.given}
    counted = set(given) & still
    gone = sorted(set(given) - counted)
    late = f"; {len(gone)} more are of rows that are not wrong now ({', '.join(gone[:3])})" if gone else ""
    if len(counted) < due:
        return unknown(f"{len(counted)} of {due} wrong cases have a cause{late}", todo)
    return passed(f"{len(counted)} wrong cases have a cause, {due} are due{late}")


@on_rows
def counted(facts: Facts) -> Finding:
    """The causes are counted."""
    still = {causes.key(facts, row) for row, _ in causes.still_wrong(facts, wrong_rows(facts))}
    if not still:
        return passed("no validation row is wrong, so there is no cause to count")
    counts = causes.counts([item for item in causes.read(facts) or [] if item.row in still])
    if not counts:
        return unknown("no cause is given yet", causes.todo(facts))
    return passed(", ".join(f"{cause} {count}" for cause, count in list(counts.items())[:6]))


CHECKS = (
    *seen.fresh("interpret", of_this_model, importance, sliced, worst, doubted),
    *(looked_at, counted),
)


def signed(facts: Facts) -> dict[str, Any]:
    """The answers, the choices, the counted causes and a hash of the results."""
    counts = causes.counts(causes.read(facts) or [])
    return {
        **generic.said("interpret", facts),
        **generic.chosen("interpret", facts),
        **({f"{causes.file(facts)}#causes": counts} if counts else {}),
        **generic.found("interpret", facts),
    }


def same_model(facts: Facts, step: str) -> Finding:
    """Whether a step's report is about the model that is kept now."""
    told = seen.results(facts, step).get("model")
    one, now = str(told.get("id")) if isinstance(told, dict) else "no model", seen.model_id(facts)
    if one != now:
        return failed(
            f"the report is of model {one[:8]}, the model now is {now[:8]}", seen.again(facts, step)
        )
    role = seen.results(facts, "baseline").get("kept")
    if isinstance(told, dict) and told.get("role") != role:
        return failed(
            f"the report is of the {told.get('role')}, the {role} was kept", seen.again(facts, step)
        )
    return passed(f"of the model {now[:8]} ({role}), the one that was kept")


def wrong_rows(facts: Facts) -> list[tuple[str, float]]:
    """All wrong validation rows of the kept model with their loss, worst first. Absent."""
    found = seen.part(facts, "validation")
    return facts.shared("wrong", lambda: _ranked(found.ids, found.y, kept_said(facts), seen.outcome(facts)))


def kept_said(facts: Facts) -> Said:
    """What the kept model said of the validation rows. Absent; Unproven."""
    role = str(seen.results(facts, "baseline").get("kept"))
    said = seen.part(facts, "validation").said
    if role not in said:
        raise Unproven(f"the predictions have no column {role}", seen.again(facts, "baseline"))
    return said[role]


def _ranked(ids: list[str], y: list[Any], said: Said, kind: str) -> list[tuple[str, float]]:
    found = []
    for place, (row, truth) in enumerate(zip(ids, y, strict=True)):
        word = said.value[place]
        if said.true is not None:
            loss, wrong = 1 - said.true[place], word != truth
        else:
            loss = abs(float(truth) - float(word))
            wrong = loss != 0 if kind == "regression" else (float(word) >= 0.5) != (truth == 1)
        found += [(row, loss)] if wrong else []
    return sorted(found, key=lambda item: (-item[1], item[0]))


def _looked_at(facts: Facts) -> set[str]:
    """The ids of the validation rows that interpret looks at: those with the smallest hash."""
    most, ids = facts.param("interpret.rows", 20_000), seen.part(facts, "validation").ids
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
    found, table, inside = seen.part(facts, "validation"), seen.table(facts), _looked_at(facts)
    here = [place for place, row in enumerate(found.ids) if row in inside]
    said, smallest = kept_said(facts), facts.param("interpret.smallest_slice", 30)
    values = [
        (table.columns[name], [table.values(name)[found.places[place]] for place in here]) for name in columns
    ]
    true = None if said.true is None else [said.true[place] for place in here]
    clusters = None if found.clusters is None else [found.clusters[place] for place in here]
    words: list[Any] = [said.value[place] for place in here]
    word = Said(words, true)
    few = smallest if isinstance(smallest, int) else 30
    return slices.look(metric, values, [found.y[place] for place in here], word, clusters, few)


def _compared(facts: Facts, told: Any, made: list[slices.Slice], metric: str) -> Iterable[Finding]:
    listed = {
        (str(item.get("column")), str(item.get("value"))): item
        for item in _list(told, "rows")
        if isinstance(item, dict)
    }
    wrong = [why for item in made if (why := _slice_differs(listed.get((item.column, item.value)), item))]
    extra = sorted(set(listed) - {(item.column, item.value) for item in made})
    wrong += [f"{column} = {value} is no slice of these rows" for column, value in extra]
    if wrong:
        more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        yield failed(f"{wrong[0]}{more}", seen.again(facts, "interpret"))
        return
    weak = [item for item in made if item.verdict == "worse"]
    small = sum(item.small for item in made)
    yield passed(f"{len(made)} slices as reported, {small} marked small, {len(weak)} worse than the rest")
    for item in weak[:5]:
        gap = f", {item.difference.value:+.3g} against the rest" if item.difference else ""
        yield passed(
            f"worse: {item.column} = {item.value} ({item.n} rows): {metric} {scores.shown(item.score)}{gap}"
        )


def _slice_differs(told: Any, made: slices.Slice) -> str:
    name = f"{made.column} = {made.value}"
    if told is None:
        return f"the slice {name} ({made.n} rows) is left out"
    for key, value in (("n", made.n), ("small", made.small), ("verdict", made.verdict)):
        if told.get(key) != value:
            return f"{name}: {key} {told.get(key)}, recomputed {value}"
    wrong = scores.differs(told.get("score"), made.score)
    if not wrong and made.difference is not None:
        wrong = scores.differs(told.get("difference"), made.difference)
    return f"{name}: {wrong}" if wrong else ""


def _is_curve(item: Any) -> bool:
    if not isinstance(item, dict):
        return False
    at, said = item.get("at"), item.get("prediction")
    return isinstance(at, list) and isinstance(said, list) and len(at) == len(said) > 0


def _table(value: Any, key: str) -> dict[str, Any]:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def _list(value: Any, key: str) -> list[Any]:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []
