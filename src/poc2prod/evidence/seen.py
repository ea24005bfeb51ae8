"""What the models said of a part, joined with the truth and the clusters of the raw rows."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import wraps
from itertools import chain
from math import isfinite
from typing import Any, NamedTuple

from ..files import Damaged
from ..project import UNREADABLE, Facts
from ..recount import raw, scores
from ..recount.intervals import Estimate
from ..recount.labels import Label
from ..recount.metrics import Said
from . import rows
from .finding import FAIL, STALE, UNKNOWN, Finding, Unproven

MOST = 50_000
Check = Callable[[Facts], Finding | Iterable[Finding]]


class Seen(NamedTuple):
    """The rows of a predictions file in its order: id, y as told, truth, each model's word, cluster.

    `places`: where each row stands in the raw table. `problem`: why rows cannot be joined, if so.
    """

    file: str
    ids: list[str]
    told: list[str]
    y: list[Any]
    said: dict[str, Said]
    clusters: Sequence[Hashable] | None
    places: list[int]
    problem: str = ""


class Absent(Exception):  # noqa: N818
    """Rows that a check needs are not here."""


def on_rows(slug: str) -> Callable[[Check], Check]:
    """Let a check that needs rows fall back on the record where they are not here."""

    def wrap(check: Check) -> Check:
        @wraps(check)
        def run(facts: Facts) -> list[Finding]:
            try:
                found = check(facts)
                return [found] if isinstance(found, Finding) else list(found)
            except Absent:
                return [rows.on_record(facts, slug, check.__name__)]

        return run

    return wrap


def fresh(slug: str, *checks: Check) -> tuple[Check, ...]:
    """The checks of a report, which say `stale` for `fail` where an input of it has changed since."""
    return tuple(_dated(slug, check) for check in checks)


def _dated(slug: str, check: Check) -> Check:
    @wraps(check)
    def run(facts: Facts) -> list[Finding]:
        found = check(facts)
        findings = [found] if isinstance(found, Finding) else list(found)
        if not isinstance(facts.report(slug), dict):
            return [_unheld(item) for item in findings]
        since = changed(facts, slug) if any(item.outcome == FAIL for item in findings) else ""
        if not since:
            return findings
        return [
            item._replace(outcome=STALE, text=f"{item.text} ({since} has changed since)")
            if item.outcome == FAIL
            else item
            for item in findings
        ]

    return run


def _unheld(item: Finding) -> Finding:
    """Where there is no report to hold against, what differs from it is not known to be wrong."""
    return item._replace(outcome=UNKNOWN) if item.outcome == FAIL else item


def changed(facts: Facts, slug: str) -> str:
    """The first input of a step's report that is not what it was; empty where there is none."""
    report = facts.report(slug)
    if not isinstance(report, dict):
        return ""
    return facts.shared(
        f"changed {slug}",
        lambda: next(
            (name for name, was in sorted(report["inputs"].items()) if not facts.holds(name, was)), ""
        ),
    )


def table(facts: Facts) -> rows.Rows:
    """The raw table. Absent."""
    found = rows.read(facts)
    if found is None:
        raise Absent
    return found


def split(facts: Facts) -> dict[str, str]:
    """Part by id. Absent."""
    found = rows.parts(facts)
    if found is None:
        raise Absent
    return found


def part(facts: Facts, name: str) -> Seen:
    """The predictions of a part. Absent; Unproven where they cannot be joined with the rows."""
    found = peek(facts, name)
    if found.problem:
        raise Unproven(f"{found.file}: {found.problem}", _again(facts))
    return found


def peek(facts: Facts, name: str) -> Seen:
    """As `part`, with the problem told rather than raised."""
    file = f"data/predictions/{name}.csv.gz"
    if not facts.exists(file):
        raise Absent
    every = table(facts)
    return facts.shared(f"seen {name}", lambda: _join(facts, file, every))


def expected(facts: Facts, name: str) -> set[str]:
    """The ids that a part's predictions must be of: above 50,000 those with the smallest hash. Absent."""
    parts = split(facts)
    return facts.shared(f"expected {name}", lambda: _expected(parts, name))


def _expected(parts: dict[str, str], name: str) -> set[str]:
    ids = [row for row, where in parts.items() if where == name]
    if len(ids) <= MOST:
        return set(ids)
    hashed = {row: raw.position(row) for row in ids}
    limit = sorted(hashed.values())[MOST - 1]
    return {row for row in ids if hashed[row] <= limit}


def evaluated(facts: Facts) -> tuple[int, int]:
    """(rows that evaluate drew from those of validation: 0 where it took all, rows of validation)."""
    n, most = len(part(facts, "validation").ids), facts.param("evaluate.rows", MOST)
    return (most if isinstance(most, int) and 0 < most < n else 0), n


def score(facts: Facts, name: str, role: str, metric: str) -> Estimate:
    """A model's metric on a part, computed once for all checks."""
    seen = part(facts, name)
    return facts.shared(
        f"score {name} {role} {metric}",
        lambda: scores.score(metric, seen.y, seen.said[role], seen.clusters),
    )


def difference(facts: Facts, name: str, one: str, other: str, metric: str) -> Estimate:
    """The metric of one model less that of another, paired."""
    seen = part(facts, name)
    return facts.shared(
        f"difference {name} {one} {other} {metric}",
        lambda: scores.difference(metric, seen.y, seen.said[one], seen.said[other], seen.clusters),
    )


def outcome(facts: Facts) -> str:
    """[problem] outcome. Unproven where it is none of the three."""
    found = facts.param("problem.outcome")
    if found not in scores.FITTING:
        raise Unproven(
            f"[problem] outcome = {str(found)[:40]!r} is not known", "set [problem] outcome in params.toml"
        )
    return str(found)


def metric(facts: Facts) -> str:
    """[problem] metric. Unproven where it does not fit the outcome."""
    found = facts.param("problem.metric")
    if found not in scores.FITTING[outcome(facts)] or found == "bias":
        raise Unproven(
            f"[problem] metric = {str(found)[:40]!r} does not fit the outcome {outcome(facts)!r}",
            "correct [problem] metric in params.toml",
        )
    return str(found)


def is_label(told: str, label: Label) -> bool:
    """Whether a cell of a predictions file tells this label, numbers to 6 significant digits."""
    if label is None:
        return False
    if isinstance(label, str):
        if told == label:
            return True
        return _number(told) is not None and _number(told) == _number(label)
    number = _number(told)
    return number is not None and scores.same(number, label)


def model_id(facts: Facts) -> str:
    """The id of the current model: of the file, else as the baseline's report gives it. Unproven."""
    found = facts.now("models/model.skops").hash
    report = facts.report("baseline")
    told = report["outputs"].get("models/model.skops") if isinstance(report, dict) else None
    if found == UNREADABLE or not (found or told):
        why = f"models/model.skops {facts.reason('models/model.skops')}" if found else "there is no model yet"
        raise Unproven(why, f"python -m {facts.package} baseline")
    return str(found or told)


def results(facts: Facts, step: str) -> dict[str, Any]:
    """A step's results. Unproven where there are none."""
    found = facts.results(step)
    if not found:
        raise Unproven(
            f"reports/{step}.json is not there, or not readable", f"python -m {facts.package} {step}"
        )
    return found


def again(facts: Facts, step: str) -> str:
    """The command that makes a step's report anew."""
    return f"python -m {facts.package} {step}"


def _again(facts: Facts) -> str:
    return again(facts, "baseline")


def _join(facts: Facts, file: str, every: rows.Rows) -> Seen:
    names, lines = _lines(facts, file)
    columns = dict(zip(names, zip(*lines, strict=True), strict=True)) if lines else {}
    if names[:2] != ["id", "y"] or not lines:
        return _broken(file, "its columns must begin with id and y, with rows below")
    ids = list(columns["id"])
    wanted = set(ids)
    where = {row: place for place, row in enumerate(every.table.ids) if row in wanted}
    strange = next((row for row in ids if row not in where), None)
    if strange is not None:
        return _broken(file, f"the id {strange!r} is not one of the data's {every.table.rows:,} rows")
    if len(wanted) < len(ids):
        twice = next(row for place, row in enumerate(ids) if row in ids[:place])
        return _broken(file, f"the id {twice!r} stands there twice")
    places = [where[row] for row in ids]
    truth = rows.target(facts, every)
    y = [truth[place] for place in places]
    if None in y:
        return _broken(file, f"the row {ids[y.index(None)]!r} has no label in the data")
    said, problem = _said(columns, outcome(facts))
    if problem:
        return _broken(file, problem)
    return Seen(file, ids, list(columns["y"]), y, said, rows.clusters_among(facts, every, places), places)


def _lines(facts: Facts, file: str) -> tuple[list[str], list[list[str]]]:
    try:
        found = list(chain.from_iterable(raw.records(file, facts.rows(file), raw.Dialect())))
    except (ValueError, Damaged, OSError) as error:
        raise Unproven(f"{file} cannot be read: {error}", _again(facts)) from error
    return found[0], found[1:]


def _said(columns: dict[str, Any], kind: str) -> tuple[dict[str, Said], str]:
    found = {}
    for role, cells in columns.items():
        if role in ("id", "y") or (role.endswith(".p") and role[:-2] in columns):
            continue
        chances = columns.get(f"{role}.p") if kind == "multiclass" else cells
        if chances is None:
            return {}, f"no column {role}.p beside {role}"
        numbers = [_number(cell) for cell in chances]
        limited = kind != "regression"
        odd = next(
            (
                cell
                for cell, n in zip(chances, numbers, strict=True)
                if n is None or (limited and not 0 <= n <= 1)
            ),
            None,
        )
        if odd is not None:
            return {}, f"{role} says {odd[:40]!r}, which is no {'probability' if limited else 'number'}"
        known = [number for number in numbers if number is not None]
        found[role] = Said(list(cells), known) if kind == "multiclass" else Said(known)
    return found, ""


def _broken(file: str, problem: str) -> Seen:
    return Seen(file, [], [], [], {}, None, [], problem)


def _number(cell: str) -> float | None:
    try:
        found = float(cell)
    except ValueError:
        return None
    return found if isfinite(found) else None
