"""II.4: a service that answers as the model does offline, fast enough, and refuses bad input by name."""

from collections.abc import Iterable, Iterator
from math import ceil
from typing import Any

from ..project import Facts
from ..records import Record
from . import golden_predictions, observed, served, step_reports
from .finding import CLAIMED, Finding, failed, outcome_of, passed, stale, unknown
from .golden import GOLDEN
from .golden_predictions import EXAMPLES
from .values import is_number

RANDOM, TOLERANCE = 1_000, 1e-5
# Of n answers in a closed loop, the mean is (at once) / (per second); half of them took less than twice that.
SLACK = 2.5
# Of fewer answers, the slowest of a hundred was not seen.
FEWEST = 100


def parity(facts: Facts) -> Iterable[Finding]:
    """The served model gives what the fitted one gives: on the golden rows and on 1,000 random ones."""
    results, content = facts.results("api"), facts.json(GOLDEN)
    if not results:
        return ()
    rows = content.get("rows") if isinstance(content, dict) else None
    due = {"golden": len(rows) if isinstance(rows, list) else 0, "random": RANDOM}
    wrong = [text for name, count in due.items() for text in _compared(results.get(name), name, count)]
    tolerance = results.get("tolerance")
    values = list(tolerance.values()) if isinstance(tolerance, dict) else [tolerance]
    if not values or not all(is_number(value) and 0 <= value <= TOLERANCE for value in values):
        wrong.append(f"its tolerance, {str(tolerance)[:40]}, is above {TOLERANCE:g}")
    if observed.number(results.get("predictions"), "differing") != 0:
        wrong.append("golden predictions are not said to be what they were")
    largest = 0 if wrong else max(results[name]["largest_difference"] for name in due)
    holds = f"{due['golden']} golden and {RANDOM:,} random rows, none differs (at most {largest:g})"
    return outcome_of(wrong, holds, _again(facts), CLAIMED, "reports/api.json")


def _compared(compared: Any, name: str, due: int) -> Iterator[str]:
    rows, differing, largest = (
        observed.number(compared, key) for key in ("rows", "differing", "largest_difference")
    )
    if not rows or rows < due:
        yield f"{rows or 0:g} {name} rows were compared; {due:,} are due"
    if differing != 0:
        yield f"{'no count of' if differing is None else f'{differing:g}'} {name} rows differ"
    if largest is None:
        yield f"the largest difference on {name} rows is not said"


def bounded(facts: Facts) -> Iterable[Finding]:
    """No difference that the report counts as none is larger than the tolerance."""
    results = facts.results("api")
    if not results or facts.param("problem.outcome", "") not in ("binary", "multiclass"):
        return
    for name in ("golden", "random"):
        largest = observed.number(results.get(name), "largest_difference") or 0
        above = largest > observed.TOLERANCE
        wrong = [f"{name} rows differ by up to {largest:g}, and none is counted"] if above else []
        holds = f"{name} rows: within {TOLERANCE:g}"
        yield from outcome_of(wrong, holds, _again(facts), where="reports/api.json")


def model(facts: Facts) -> Iterable[Finding]:
    """What is served is the project's model."""
    results = facts.results("api")
    if not results:
        return
    now = observed.model(facts)
    if now is None:
        yield observed.no_model(facts)
    elif results.get("model") != now:
        served_model = str(results.get("model"))[:8]
        text = f"reports/api.json is of the model {served_model}, the project's is {now[:8]}"
        yield stale(text, _again(facts))
    else:
        yield passed(f"the model served is {now[:8]}, that of I.7")


def guard(facts: Facts) -> Iterable[Finding]:
    """The golden predictions that the service is asked for are there: of this model and these examples."""
    return golden_predictions.guard(facts)


def endpoints(facts: Facts) -> Iterable[Finding]:
    """All six endpoints are in the OpenAPI document, and each answered when it was asked."""
    lacking, newest = served.without(served.document(facts).get("paths")), observed.record(facts, "latency")
    if lacking:
        text = f"{served.OPENAPI} does not have {', '.join(lacking)}"
        yield failed(text, f"python -m {facts.package} contract")
    answered = newest.results["endpoints"] if newest else {}
    silent = [
        f"{path} with {answered.get(path, 'nothing')}"
        for path in served.ENDPOINTS
        if answered.get(path) != 200
    ]
    if newest and silent:
        text = f"{newest.file}: answered {', '.join(silent)}"
        yield failed(text, observed.todo(facts, "latency"), CLAIMED)
    elif newest and not lacking:
        text = f"{len(served.ENDPOINTS)} endpoints in {served.OPENAPI}, each answered with 200"
        yield passed(text, CLAIMED)


def record(facts: Facts) -> Finding:
    """The service of this source was put under load and asked over HTTP, and a record says so."""
    return observed.standing(facts, "latency")


def latency(facts: Facts, newest: Record) -> Iterable[Finding]:
    """At every level of concurrency 99 of 100 answers came within [problem] latency_ms, none an error."""
    budget, levels = facts.param("problem.latency_ms"), newest.results["levels"]
    if not is_number(budget) or budget <= 0:
        text = "[problem] latency_ms is not set, so no latency is too long"
        return [unknown(text, "set [problem] latency_ms in params.toml")]
    wrong = [text for level in levels for text in _level(level, float(budget))]
    wrong = wrong if levels else ["it names no level of concurrency"]
    words = [f"{one['p99_ms'] or 0:.3g} ms with {one['concurrency']} at once" for one in levels]
    holds = f"99 of 100 answers within {', '.join(words)}; the budget is {budget:g} ms"
    todo = observed.todo(facts, "latency")
    fewest = min((level["requests"] for level in levels), default=FEWEST)
    if 0 < fewest < FEWEST:
        # Twice as long as that many answers take, with room for a slower machine.
        seconds = ceil(2 * FEWEST / fewest * max(newest.results["seconds"], 1))
        todo = f"python -m {facts.package} load --seconds {seconds}"
    return outcome_of(wrong, holds, todo, CLAIMED, newest.file)


def _level(level: dict[str, Any], budget: float) -> Iterator[str]:
    at_once = level["concurrency"]
    where = f"with {at_once} at once"
    times = [level[key] for key in ("p50_ms", "p95_ms", "p99_ms")]
    if not at_once or not level["requests"] or not level["per_second"] or None in times:
        yield f"nothing was measured {where}"
        return
    if level["requests"] < FEWEST:
        yield f"p99 {where} is of {level['requests']} requests; at least {FEWEST} are due"
    if level["errors"]:
        yield f"{level['errors']} of {level['requests']} answers were errors {where}"
    if not 0 < times[0] <= times[1] <= times[2]:
        yield f"{where}, p50, p95 and p99 are {', '.join(f'{one:g}' for one in times)}: not in order"
    mean = 1000 * at_once / level["per_second"]
    if mean > SLACK * times[2] or times[0] > SLACK * mean:
        rate = level["per_second"]
        yield f"{where}, {rate:g} a second do not go with {times[0]:g} ms each (p99 {times[2]:g})"
    if times[2] > budget:
        yield f"p99 is {times[2]:g} ms {where}, [problem] latency_ms {budget:g}"


def answers(facts: Facts, newest: Record) -> Iterable[Finding]:
    """Over HTTP it gave the golden predictions of this model, and refused every bad example by its field."""
    differing = observed.answered(facts, newest, newest.results["model"])
    content, refused, todo = facts.json(EXAMPLES), newest.results["refused"], observed.todo(facts, "latency")
    bad = content.get("bad") if isinstance(content, dict) else None
    due, tried, named = len(bad) if isinstance(bad, list) else 0, refused["tried"], refused["named"]
    wrong = []
    if tried < max(due, 1):
        wrong = [f"{tried} bad requests were tried, {EXAMPLES} has {due}"]
    elif named != tried:
        example = f": {refused['examples'][0][:60]}" if refused["examples"] else ""
        wrong = [f"{named} of {tried} bad requests were refused by name{example}"]
        todo = f"mend it, then {todo}"
    rows = newest.results["golden"]["rows"]
    holds = f"{rows} golden predictions as offline, {named} bad requests refused by name"
    of_refused = list(outcome_of(wrong, holds, todo, CLAIMED, newest.file))
    return [*differing, *(of_refused if wrong or not differing else [])]


def signed(facts: Facts) -> dict[str, Any]:
    """What a person signs: the newest record of this source, and what was chosen."""
    return observed.signed(facts, "api", "latency", params=True, report=True)


def missing(facts: Facts) -> Finding | None:
    """What is to say instead where the project has no API at all."""
    return observed.absent(facts, "API", f"src/{facts.package}/api.py", "reports/api.json", served.OPENAPI)


def _again(facts: Facts) -> str:
    return f"python -m {facts.package} api"


CHECKS = (
    *step_reports.fresh("api", parity, bounded),
    *(model, guard, endpoints, record),
    *observed.recorded("latency", latency, answers),
)
