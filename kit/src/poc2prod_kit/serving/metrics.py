"""What Prometheus reads: traffic, errors, latency, and what was predicted.

Several workers each write to PROMETHEUS_MULTIPROC_DIR (server.py sets it), and /metrics sums over them. Labels
are bounded: paths are those of routes, all others are `other`.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

from fastapi import FastAPI
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
    multiprocess,
)

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
SHARES = tuple(place / 10 for place in range(1, 11))
SIZES = tuple(
    sign * 10.0**power for sign, powers in ((-1, range(6, -3, -1)), (1, range(-2, 7))) for power in powers
)
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_several: Any = multiprocess


class Metrics:
    """The counters of one process."""

    def __init__(self, about: dict[str, Any], build: Mapping[str, str | None]) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.outcome = about["outcome"]
        options: dict[str, Any] = {"registry": self.registry}
        requests = Counter("http_requests", "Requests answered", ["path", "status"], **options)
        seconds = Histogram(
            "http_request_seconds", "Time to the answer", ["path"], buckets=SECONDS, **options
        )
        self.in_flight = Gauge(
            "http_requests_in_flight", "Requests being answered", multiprocess_mode="livesum", **options
        )
        self.log_lines_dropped = Counter(
            "log_lines_dropped", "Log lines lost because nobody reads them fast enough", **options
        )
        classes = Counter("predictions", "Predictions, by class", ["class"], **options)
        name, buckets = (
            ("prediction", SIZES) if self.outcome == "regression" else ("prediction_probability", SHARES)
        )
        meaning = "Numbers predicted, or the probability given"
        self._value = Histogram(name, meaning, buckets=buckets, **options)
        info = Gauge("build_info", "What is served", list(build), multiprocess_mode="max", **options)
        info.labels(*(value or "" for value in build.values())).set(1)
        # Looking the labels of a counter up costs more than counting does.
        self._requests = cache(lambda path, status: requests.labels(path, str(status)))
        self._seconds = cache(seconds.labels)
        self._class = cache(lambda one: classes.labels(str(one).lower() if isinstance(one, bool) else one))

    def answered(self, path: str, status: int, seconds: float) -> None:
        """Count a request, by the template of its path."""
        self._requests(path, status).inc()
        self._seconds(path).observe(seconds)

    def predicted(self, answers: Sequence[dict[str, Any]]) -> None:
        """Count what was predicted, by class, and the numbers or probabilities."""
        for one in answers:
            if self.outcome == "regression":
                self._value.observe(one["prediction"])
            else:
                shares = one.get("probabilities", {})
                self._value.observe(one["probability"] if "probability" in one else max(shares.values()))
                self._class(one["prediction"]).inc()

    def text(self) -> bytes:
        """All of it in Prometheus' text format, of all workers where there are several."""
        if FOLDER not in os.environ:
            return generate_latest(self.registry)
        together = CollectorRegistry()
        _several.MultiProcessCollector(together)
        return generate_latest(together)

    @asynccontextmanager
    async def lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        """At its end, take this worker's requests in flight out of the sum."""
        yield
        if FOLDER in os.environ:
            _several.mark_process_dead(os.getpid())
