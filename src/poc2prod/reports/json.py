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
        row["question"] = item.step.question
        row["findings"] = [one._asdict() for one in item.findings]
        row["signatures"] = [one._asdict() for one in item.signatures]
    content = {
        **overview, "schema": SCHEMA, "kind": "report", "project": report.name, "day": report.day.isoformat(),
        "waivers": [{**item._asdict(), "step": item.step.slug} for item in report.waivers],
        "days": [{**item._asdict(), "step": item.step.slug} for item in report.days],
        "events": [item._asdict() for item in report.events],
        "damage": [item._asdict() for item in report.damage],
        "measured": _measured(report),
    }  # fmt: skip
    cleaned: dict[str, Any] = _clean(content)
    return cleaned


def _measured(report: ReportData) -> dict[str, Any] | None:
    if not report.measured:
        return None
    scores = [{"role": s.role, "name": s.name, **s.score._asdict()} for s in report.measured.scores]
    leads = {name: lead._asdict() for name, lead in report.measured.leads.items()}
    off = report.measured.calibration
    more = {"scores": scores, "leads": leads, "calibration": off._asdict() if off else None}
    return {**report.measured._asdict(), **more}


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, dict):
        return {plain(str(key)): _clean(item) for key, item in value.items()}
    return [_clean(item) for item in value] if isinstance(value, list | tuple) else value
