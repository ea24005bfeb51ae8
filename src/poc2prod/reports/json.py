"""The report as one JSON object; docs/reports.md describes its schema."""

import json
from typing import Any

from .report_data import ReportData
from .status import data as status
from .words import plain

SCHEMA = 1


def text(report: ReportData) -> str:
    """The object, with sorted keys and without figures' bytes."""
    return json.dumps(data(report), ensure_ascii=False, indent=1, sort_keys=True)


def data(report: ReportData) -> dict[str, Any]:
    """The report as plain values; texts hold no control characters and no lone surrogates."""
    overview = status(report.overview)
    for row, item in zip(overview["steps"], report.overview.reviews, strict=True):
        row |= {"question": item.step.question, "findings": item.findings, "signatures": item.signatures}
    measured: dict[str, Any] | None = None
    if report.measured:
        scores = [{"role": s.role, "name": s.name, **s.score._asdict()} for s in report.measured.scores]
        measured = {**report.measured._asdict(), "scores": scores}
    content = {
        **overview, "schema": SCHEMA, "kind": "report", "project": report.name, "day": report.day.isoformat(),
        "waivers": [{**item._asdict(), "step": item.step.slug} for item in report.waivers],
        "days": [{**item._asdict(), "step": item.step.slug} for item in report.days],
        "events": report.events, "damage": report.damage, "measured": measured,
    }  # fmt: skip
    result: dict[str, Any] = _plain_values(content)
    return result


def _plain_values(value: Any) -> Any:
    """Named tuples as dicts, and texts on one line without control characters."""
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, dict):
        return {plain(str(key)): _plain_values(item) for key, item in value.items()}
    return [_plain_values(item) for item in value] if isinstance(value, list | tuple) else value
