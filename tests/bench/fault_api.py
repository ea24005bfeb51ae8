"""Faults of II.4: a serving model that says something else, answers too late, refusals without a name."""

from __future__ import annotations

from pathlib import Path

from bench import hands, produced
from bench.produced import fault


def put(project: Path, key: str, value: object) -> None:
    """Put another value into reports/api.json, under a seal that fits."""
    hands.put(project, "api", key, value)
    hands.revise(project, "reports/api.json", hands.seal)


@fault("api", "fail", "3 random rows differ")
def parity_broken(project: Path) -> None:
    """Training and serving compute something differently."""
    put(project, "random.differing", 3)


@fault("api", "fail", "12 random rows were compared; 1,000 are due")
def few_random_rows(project: Path) -> None:
    """Twelve rows agree."""
    put(project, "random.rows", 12)


@fault("api", "fail", "0 golden rows were compared")
def no_golden_rows(project: Path) -> None:
    """None was compared, so none differs."""
    put(project, "golden.rows", 0)


@fault("api", "fail", "is above 1e-05")
def wide_tolerance(project: Path) -> None:
    """Everything is the same within a tenth."""
    put(project, "tolerance", {"absolute": 0.1})


@fault("api", "fail", "up to 0.03")
def difference_not_counted(project: Path) -> None:
    """The largest difference is told, and none is counted."""
    put(project, "golden.largest_difference", 0.03)


@fault("api", "stale", "is of the model 00000000")
def model_of_another_run(project: Path) -> None:
    """Another model is served."""
    put(project, "model", "0" * 64)


@fault("api", "fail", "edited or merged")
def report_edited(project: Path) -> None:
    """A number, by hand."""
    hands.put(project, "api", "golden.largest_difference", 0.0)


@fault("api", "unknown", "does not name these inputs: contract/openapi.json")
def input_left_out(project: Path) -> None:
    """The report rests on less than it must."""
    hands.forget(project, "api", "inputs", "contract/openapi.json")


@fault("api", "fail", "p99 is 950 ms with 8 at once, [problem] latency_ms 200")
def too_slow(project: Path) -> None:
    """Eight callers wait for a second."""
    produced.tell(
        project,
        "latency",
        lambda results: results["levels"][1].update(
            per_second=10.0, p50_ms=800.0, p95_ms=900.0, p99_ms=950.0
        ),
    )


@fault("api", "fail", "do not go with")
def latency_made_up(project: Path) -> None:
    """Ten answers a second, and each within a millisecond."""
    produced.put(project, "latency", "levels.1.per_second", 10.0)


@fault("api", "fail", "were errors")
def errors_under_load(project: Path) -> None:
    """Two of thousands."""
    produced.put(project, "latency", "levels.1.errors", 2)


@fault("api", "fail", "names no level")
def nothing_measured(project: Path) -> None:
    """A load test without load."""
    produced.put(project, "latency", "levels", [])


@fault("api", "fail", "p99 with 8 at once is of 11 requests; at least 100 are due")
def eleven_requests(project: Path) -> None:
    """Of a hundred, none was the slowest."""
    produced.put(project, "latency", "levels.1.requests", 11)


@fault("api", "fail", "45 of 46 bad requests were refused by name")
def refusal_without_a_name(project: Path) -> None:
    """One bad request gets a 500."""
    produced.put(project, "latency", "refused.named", 45)


@fault("api", "fail", "3 bad requests were tried")
def few_bad_requests(project: Path) -> None:
    """The three that do well."""
    produced.put(project, "latency", "refused", {"tried": 3, "named": 3, "examples": []})


@fault("api", "fail", "/ready with 503")
def never_ready(project: Path) -> None:
    """It answers, but is not ready."""
    produced.put(project, "latency", "endpoints./ready", 503)


@fault("api", "fail", "1 of 7 golden predictions differ")
def golden_row_answered_otherwise(project: Path) -> None:
    """Over HTTP, one."""
    produced.put(project, "latency", "golden.differing", 1)


@fault("api", "stale", "asked the model 00000000")
def another_model_asked(project: Path) -> None:
    """The server that was asked serves an older model."""
    produced.put(project, "latency", "model", "0" * 64)


@fault("api", "unknown", "no record of kind latency")
def never_asked(project: Path) -> None:
    """No load test."""
    produced.record(project, "latency").unlink()


@fault("api", "unknown", "latency_ms is not set")
def no_budget(project: Path) -> None:
    """Nobody says how fast is fast enough."""
    hands.choose(project, "problem", "latency_ms", "")
    produced.rebind(project)


@fault("api", "stale", "models/model.skops has changed", "refactor", "docker")
def retrained(project: Path) -> None:
    """Another model is kept, and the service is not made anew."""
    hands.retrain(project)
