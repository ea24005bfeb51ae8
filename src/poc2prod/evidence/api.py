"""II.4: a service that answers as the model does offline, fast enough, and refuses bad input by name."""

from collections.abc import Iterable, Iterator
from math import ceil
from typing import Any

from ..project import Facts
from ..records import Record
from . import golden_predictions, observed, served, step_reports
from .finding import CLAIMED, Finding, failed, passed, stale, unknown
from .golden import GOLDEN
from .golden_predictions import EXAMPLES

RANDOM, TOLERANCE = 1_000, 1e-5
# Of n answers in a closed loop, the mean is (at once) / (per second); half of them took less than twice that.
SLACK = 2.5
# Of fewer answers, the slowest of a hundred was not seen.
FEWEST = 100


def parity(facts: Facts) -> Iterable[Finding]:
    """The served model gives what the fitted one gives: on the golden rows and on 1,000 random ones."""
    results = facts.results("api")
    if not results:
        return
    due = {"golden": _rows(facts), "random": RANDOM}
    wrong = [text for name, rows in due.items() for text in _compared(results, name, rows)]
    wrong += list(_tolerated(results.get("tolerance")))
    if observed.number(results.get("predictions"), "differing") != 0:
        wrong.append("golden predictions are not said to be what they were")
    for text in wrong[:5]:
        yield failed(f"reports/api.json: {text}", _again(facts), CLAIMED)
    if not wrong:
        largest = max(results[name]["largest_difference"] for name in due)
        yield passed(
            f"{due['golden']} golden and {RANDOM:,} random rows, none differs (at most {largest:g})", CLAIMED
        )


def _rows(facts: Facts) -> int:
    content = facts.json(GOLDEN)
    rows = content.get("rows") if isinstance(content, dict) else None
    return len(rows) if isinstance(rows, list) else 0


def _compared(results: dict[str, Any], name: str, due: int) -> Iterator[str]:
    compared = results.get(name)
    rows, differing, largest = (
        observed.number(compared, key) for key in ("rows", "differing", "largest_difference")
    )
    if rows is None or not rows or rows < due:
        yield f"{rows or 0:g} {name} rows were compared; {due:,} are due"
    if differing != 0:
        yield f"{'no count of' if differing is None else f'{differing:g}'} {name} rows differ"
    if largest is None:
        yield f"the largest difference on {name} rows is not said"


def _tolerated(tolerance: Any) -> Iterator[str]:
    values = list(tolerance.values()) if isinstance(tolerance, dict) else [tolerance]
    good = [value for value in values if observed.number({"it": value}, "it") is not None]
    if not good or any(not 0 <= value <= TOLERANCE for value in good):
        yield f"its tolerance, {str(tolerance)[:40]}, is above {TOLERANCE:g}"


def bounded(facts: Facts) -> Iterable[Finding]:
    """No difference that the report counts as none is larger than the tolerance."""
    results = facts.results("api")
    if results and facts.param("problem.outcome", "") in ("binary", "multiclass"):
        for name in ("golden", "random"):
            largest = observed.number(results.get(name), "largest_difference")
            if largest is not None and largest > observed.TOLERANCE:
                yield failed(
                    f"reports/api.json: {name} rows differ by up to {largest:g}, and none is counted",
                    _again(facts),
                )
            else:
                yield passed(f"{name} rows: within {TOLERANCE:g}")


def model(facts: Facts) -> Iterable[Finding]:
    """What is served is the project's model."""
    served_model, now = facts.results("api").get("model"), observed.model(facts)
    if not facts.results("api"):
        return
    if now is None:
        yield unknown(
            "which model the project has is not known: no report names it", f"python -m {facts.package} poc"
        )
    elif served_model != now:
        yield stale(
            f"reports/api.json is of the model {str(served_model)[:8]}, the project's is {now[:8]}",
            _again(facts),
        )
    else:
        yield passed(f"the model served is {now[:8]}, that of I.7")


def guard(facts: Facts) -> Iterable[Finding]:
    """The golden predictions that the service is asked for are there: of this model and these examples."""
    return golden_predictions.guard(facts)


def endpoints(facts: Facts) -> Iterable[Finding]:
    """All six endpoints are in the OpenAPI document, and each answered when it was asked."""
    lacking = served.without(served.document(facts).get("paths"))
    if lacking:
        yield failed(
            f"{served.OPENAPI} does not have {', '.join(lacking)}", f"python -m {facts.package} contract"
        )
    newest = observed.record(facts, "latency")
    if newest is None:
        return
    answered = newest.results["endpoints"]
    silent = [path for path in served.ENDPOINTS if answered.get(path) != 200]
    if silent:
        words = [f"{path} with {answered.get(path, 'nothing')}" for path in silent]
        yield failed(f"{newest.file}: answered {', '.join(words)}", observed.todo(facts, "latency"), CLAIMED)
    elif not lacking:
        yield passed(
            f"{len(served.ENDPOINTS)} endpoints in {served.OPENAPI}, each answered with 200", CLAIMED
        )


def record(facts: Facts) -> Finding:
    """The service of this source was put under load and asked over HTTP, and a record says so."""
    return observed.standing(facts, "latency")


def latency(facts: Facts) -> Iterable[Finding]:
    """At every level of concurrency 99 of 100 answers came within [problem] latency_ms, none an error."""
    newest = observed.record(facts, "latency")
    if newest is None:
        return
    budget = facts.param("problem.latency_ms")
    if observed.number({"ms": budget}, "ms") is None or budget <= 0:
        yield unknown(
            "[problem] latency_ms is not set, so no latency is too long",
            "set [problem] latency_ms in params.toml",
        )
        return
    levels, todo = newest.results["levels"], _longer(facts, newest) or observed.todo(facts, "latency")
    wrong = [text for level in levels for text in _level(level, float(budget))]
    if not levels:
        wrong = ["it names no level of concurrency"]
    for text in wrong[:5]:
        yield failed(f"{newest.file}: {text}", todo, CLAIMED)
    if not wrong:
        words = [f"{one['p99_ms']:.3g} ms with {one['concurrency']} at once" for one in levels]
        yield passed(f"99 of 100 answers within {', '.join(words)}; the budget is {budget:g} ms", CLAIMED)


def _longer(facts: Facts, newest: Record) -> str:
    """The load test that is long enough, where that of a record was too short."""
    fewest = min((level["requests"] for level in newest.results["levels"]), default=FEWEST)
    if not 0 < fewest < FEWEST:
        return ""
    seconds = ceil(2 * FEWEST / fewest * max(newest.results["seconds"], 1))
    return f"python -m {facts.package} load --seconds {seconds}"


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


def answers(facts: Facts) -> Iterable[Finding]:
    """Over HTTP it gave the golden predictions of this model, and refused every bad example by its field."""
    newest = observed.record(facts, "latency")
    if newest is None:
        return
    wrong = [*observed.golden(facts, newest), *observed.of_model(facts, newest, newest.results["model"])]
    content, refused = facts.json(EXAMPLES), newest.results["refused"]
    bad = content.get("bad") if isinstance(content, dict) else None
    due, tried, named = len(bad) if isinstance(bad, list) else 0, refused["tried"], refused["named"]
    if tried < max(due, 1):
        text = f"{newest.file}: {tried} bad requests were tried, {EXAMPLES} has {due}"
        wrong.append(failed(text, observed.todo(facts, "latency"), CLAIMED))
    elif named != tried:
        example = f": {refused['examples'][0][:60]}" if refused["examples"] else ""
        text = f"{newest.file}: {named} of {tried} bad requests were refused by name{example}"
        wrong.append(failed(text, f"mend it, then {observed.todo(facts, 'latency')}", CLAIMED))
    yield from wrong
    if not wrong:
        rows = newest.results["golden"]["rows"]
        yield passed(f"{rows} golden predictions as offline, {named} bad requests refused by name", CLAIMED)


def signed(facts: Facts) -> dict[str, Any]:
    """What a person signs: the newest record of this source, and what was chosen."""
    return observed.signed(facts, "api", "latency", params=True, report=True)


def missing(facts: Facts) -> Finding | None:
    """What is to say instead where the project has no API at all."""
    return observed.absent(facts, "API", f"src/{facts.package}/api.py", "reports/api.json", served.OPENAPI)


def _again(facts: Facts) -> str:
    return f"python -m {facts.package} api"


CHECKS = (*step_reports.fresh("api", parity, bounded), model, guard, endpoints, record, latency, answers)
