"""What the results of each kind of record hold, as data, and what is wrong with results that do not."""

import math
from typing import Any, NamedTuple


class Maybe(NamedTuple):
    """A value of the shape, or null."""

    shape: Any


class Each(NamedTuple):
    """Any names, each with a value of the shape."""

    shape: Any


FOUND = {"files": int, "findings": int, "examples": [str]}
GOLDEN = {"rows": int, "differing": int, "largest_difference": Maybe(float)}
MOST_COMPLEX = {"name": str, "value": int}
LEVEL = {
    "concurrency": int, "requests": int, "errors": int, "per_second": float,
    "p50_ms": Maybe(float), "p95_ms": Maybe(float), "p99_ms": Maybe(float),
}  # fmt: skip
# The kinds of records and what their `results` hold at least.
KINDS: dict[str, dict[str, Any]] = {
    "lint": {
        "format": FOUND,
        "lint": FOUND,
        "types": FOUND,
        "complexity": {"limit": int, "worst": Maybe(MOST_COMPLEX), "over": [MOST_COMPLEX]},
        "golden": GOLDEN,
    },
    "test": {
        "tests": int,
        "passed": int,
        "failed": int,
        "errors": int,
        "skipped": [{"name": str, "reason": str}],
        "files": Each(int),
        "coverage": {"lines": int, "covered": int},
        "files_covered": Each([int]),
    },
    "latency": {
        "levels": [LEVEL],
        "seconds": float,
        "memory_mb": {"start": Maybe(float), "end": Maybe(float)},
        "cold_start_s": Maybe(float),
        "where": {"processors": int, "system": str},
        "golden": GOLDEN,
        "refused": {"tried": int, "named": int, "examples": [str]},
        "endpoints": Each(int),
        "model": Maybe(str),
    },
    "image": {
        "name": str,
        "digest": str,
        "size_mb": float,
        "base": {"name": str, "digest": Maybe(str)},
        "user": str,
        "read_only": bool,
        "health": str,
        "golden": GOLDEN,
        "model": Maybe(str),
        "start_s": Maybe(float),
        "build_s": Maybe(float),
    },
    "ci": {
        "provider": str,
        "repository": str,
        "run": str,
        "commit": str,
        "ref": str,
        "jobs": Each(str),
    },
}
PLAIN = {
    int: "a whole number from 0",
    float: "a number from 0",
    str: "text",
    bool: "true or false",
    list: "a list",
    dict: "a table",
}


def wrong(value: Any, shape: Any, where: str = "results") -> str:
    """The first thing that is not as the shape says, in words; empty where all is."""
    if isinstance(shape, Maybe):
        return "" if value is None else wrong(value, shape.shape, where)
    if isinstance(shape, type):
        return "" if _is(value, shape) else _must(where, shape)
    if isinstance(shape, list):
        if not isinstance(value, list):
            return _must(where, list)
        return _first([(item, shape[0], f"{where}[{place}]") for place, item in enumerate(value)])
    if not isinstance(value, dict):
        return _must(where, dict)
    if isinstance(shape, dict):
        lacking = [key for key in shape if key not in value]
        parts = [(value[key], shape[key], f"{where}.{key}") for key in shape if key in value]
        return f"{where}.{lacking[0]} is missing" if lacking else _first(parts)
    return _first([(item, shape.shape, f"{where}.{key[:60]}") for key, item in value.items()])


def _first(parts: list[tuple[Any, Any, str]]) -> str:
    return next((fault for part in parts if (fault := wrong(*part))), "")


def _is(value: Any, shape: type) -> bool:
    if shape is bool or isinstance(value, bool):
        return shape is bool and isinstance(value, bool)
    if shape is float:
        return isinstance(value, int | float) and 0 <= value < math.inf
    if shape is int:
        return isinstance(value, int) and value >= 0
    return isinstance(value, shape)


def _must(where: str, shape: type) -> str:
    return f"{where} must be {PLAIN[shape]}"
