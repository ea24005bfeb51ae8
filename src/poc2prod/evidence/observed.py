"""What the records of this source say, and the way to a record that is missing."""

from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import Any

from .. import records
from ..project import Facts
from ..records import Lacking, Record
from . import generic, step_reports, stored
from .finding import CLAIMED, Finding, failed, passed, stale, unknown
from .values import is_number

PREDICTIONS = "tests/golden/predictions.json"
BRING = "push, and when CI is green bring its record: poc2prod record add FILE"
# The largest difference of a probability that still counts as none, with the rounding of a report.
TOLERANCE = 1.000001e-5


def absent(facts: Facts, what: str, *names: str) -> Finding | None:
    """The one thing to say of a step of which a project has nothing; None where it has any of the files."""
    if any(facts.exists(name) for name in names):
        return None
    return unknown(
        f"the project has no {what}: it is a proof of concept alone",
        "poc2prod new --set scope=full makes projects that have it",
    )


def unrecorded(facts: Facts, kind: str, command: str) -> Finding | None:
    """The same of a step that rests on a record: None where there is one of the kind, or a command for it."""
    if any(name.startswith(f"{kind}-") for name in facts.files.names("records")):
        return None
    what = f"command that {command}, and no record of a {kind} run"
    return absent(facts, what, f"src/{facts.package}/api.py")


def standing(facts: Facts, kind: str) -> Finding:
    """Whether the newest record of a kind is of this source."""
    newest = records.current(facts, kind)
    if isinstance(newest, Lacking):
        return (stale if newest.stale else unknown)(newest.text, todo(facts, kind))
    same = sum(one.when == newest.when and one.source == newest.source for one in records.whole(facts, kind))
    more = f", the last by name of {same} with that time" if same > 1 else ""
    return passed(f"{newest.file} is of this source, made {newest.when}{more}")


def signed(
    facts: Facts, slug: str, kind: str, *, params: bool = False, report: bool = False
) -> dict[str, Any]:
    """What a person signs of a step that rests on a record: choices, results, the record and its source."""
    newest = record(facts, kind)
    content = {
        **generic.chosen(slug, facts, params),
        **generic.found(slug, facts, report),
    }
    return {
        **content,
        f"records/{kind}#results": newest.seal if newest else None,
        "source": str(facts.source()),
    }


def recorded(
    kind: str, *checks: Callable[[Facts, Record], Iterable[Finding]]
) -> tuple[step_reports.Check, ...]:
    """Checks of the record of this source, which is handed to them; without one they find nothing."""

    def of_record(check: Callable[[Facts, Record], Iterable[Finding]]) -> step_reports.Check:
        @wraps(check)
        def run(facts: Facts) -> Iterable[Finding]:
            newest = record(facts, kind)
            return check(facts, newest) if newest else ()

        return run

    return tuple(map(of_record, checks))


def record(facts: Facts, kind: str) -> Record | None:
    """The record of this source that counts, if there is one."""
    newest = records.current(facts, kind)
    return None if isinstance(newest, Lacking) else newest


def todo(facts: Facts, kind: str) -> str:
    """The first command on the way to a record of a kind that is still due."""
    package = facts.package
    for step in ("contract", "api"):
        if not current(facts, step):
            return f"python -m {package} {step}"
    if kind == "ci":
        return BRING
    return f"python -m {package} {'image' if kind == 'image' else 'observe'}"


def current(facts: Facts, step: str) -> bool:
    """Whether a step's report is of what is on disk now."""
    return isinstance(facts.report(step), dict) and not step_reports.changed(facts, step)


def model(facts: Facts) -> str | None:
    """The content id of the project's model: of the file, else what the reports agree on."""
    return facts.now(stored.MODEL).hash


def no_model(facts: Facts) -> Finding:
    """That no report names the project's model."""
    text = "which model the project has is not known: no report names it"
    return unknown(text, f"python -m {facts.package} poc")


def of_model(facts: Facts, newest: Record, model_then: Any) -> Iterator[Finding]:
    """A finding where a record is of another model than the project's."""
    now = model(facts)
    if now is None or model_then == now:
        return
    text = f"{newest.file} asked the model {str(model_then)[:8]}, the project's is {now[:8]}"
    yield stale(text, todo(facts, newest.kind), CLAIMED)


def answered(facts: Facts, newest: Record, model_then: Any) -> list[Finding]:
    """A finding for each way in which golden predictions of a record do not do, or are of another model."""
    return [*golden(facts, newest), *of_model(facts, newest, model_then)]


def golden(facts: Facts, newest: Record) -> Iterator[Finding]:
    """A finding for each way in which golden predictions of a record are none, too few, or others."""
    content, compared = facts.json(PREDICTIONS), newest.results["golden"]
    content = content if isinstance(content, dict) else {}
    listed = content.get("rows") if content.get("schema") == 1 else None
    due = sum(isinstance(row, dict) for row in listed) if isinstance(listed, list) else 0
    if not due:
        yield unknown(f"{PREDICTIONS} is not there, or holds no predictions", todo(facts, newest.kind))
        return
    rows, differing, largest = (compared[key] for key in ("rows", "differing", "largest_difference"))
    wrong = [f"{rows} golden predictions were compared; there are {due}"] if rows != due else []
    if differing:
        wrong.append(f"{differing} of {rows} golden predictions differ")
    elif largest is None:
        wrong.append("the largest difference of golden predictions is not said")
    elif largest > TOLERANCE and facts.param("problem.outcome", "") in ("binary", "multiclass"):
        wrong.append(f"golden predictions differ by up to {largest:g}, and none is counted as differing")
    # Predictions of the project's model can be compared as they are; others are made anew first.
    of_now = content.get("model") == model(facts)
    again = records.remedy(facts, newest.kind) if of_now else todo(facts, newest.kind)
    yield from (failed(f"{newest.file}: {text}", again, CLAIMED) for text in wrong)


def number(values: Any, key: str) -> float | None:
    """The number at a key; None where there is none, or none that is finite."""
    value = values.get(key) if isinstance(values, dict) else None
    return value if is_number(value) else None
