"""The report as one JSON object, its schema described in docs/reports.md."""

import json
from typing import Any

from .dossier import Dossier
from .status import data as status
from .words import plain

SCHEMA = 1


def text(found: Dossier) -> str:
    """The object, with sorted keys and without figures' bytes."""
    return json.dumps(data(found), ensure_ascii=False, indent=1, sort_keys=True)


def data(found: Dossier) -> dict[str, Any]:
    """The report as plain values; texts hold no control characters and no lone surrogates."""
    seen = status(found.overview)
    for row, item in zip(seen["steps"], found.overview.reviews, strict=True):
        row["question"] = item.step.question
        row["findings"] = [one._asdict() for one in item.findings]
        row["signatures"] = [one._asdict() for one in item.signatures]
    report = {
        **seen, "schema": SCHEMA, "kind": "report", "project": found.name, "day": found.day.isoformat(),
        "waivers": [{**item._asdict(), "step": item.step.slug} for item in found.waivers],
        "days": [{**item._asdict(), "step": item.step.slug} for item in found.days],
        "events": [item._asdict() for item in found.events],
        "damage": [item._asdict() for item in found.damage],
        "measured": _measured(found),
    }  # fmt: skip
    cleaned: dict[str, Any] = _clean(report)
    return cleaned


def _measured(found: Dossier) -> dict[str, Any] | None:
    if not found.measured:
        return None
    scores = [{"role": s.role, "name": s.name, **s.score._asdict()} for s in found.measured.scores]
    leads = {name: lead._asdict() for name, lead in found.measured.leads.items()}
    off = found.measured.calibration
    more = {"scores": scores, "leads": leads, "calibration": off._asdict() if off else None}
    return {**found.measured._asdict(), **more}


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, dict):
        return {plain(str(key)): _clean(item) for key, item in value.items()}
    return [_clean(item) for item in value] if isinstance(value, list | tuple) else value
