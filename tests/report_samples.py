"""A report made by hand, for tests of the formats."""

from __future__ import annotations

from datetime import date
from typing import Any

from poc2prod.checklist import steps
from poc2prod.evidence.finding import Finding
from poc2prod.reports.figures import Figure
from poc2prod.reports.measured import Estimate, Measured, Score
from poc2prod.reports.report_data import Days, ReportData, Waiver
from poc2prod.review import VERDICTS, Overview, Review, Signature
from poc2prod.state import Event

TODAY = date(2026, 5, 31)
# Everything that markup, a link, a mention or a terminal could take for more than text.
HOSTILE = (
    '<script>alert(1)</script> "><img src=x onerror=alert(1)> | `a` **b** [c](javascript:x) @team #12 '
    "{{ 7*7 }} &lt; \x1b[31m\x00\u202e\ud800\ufffe ]]> www.x.org https://x.org"
)
MEASURED = Measured(
    "roc_auc", "how often a random yes is ranked above a random no", False, "validation", 4130,
    (
        Score("kept", "kept", Estimate(0.837, 0.824, 0.85)),
        Score("rule", "by_age", Estimate(0.816, 0.802, 0.831)),
        Score("dummy", "dummy", Estimate(0.5, None, None)),
    ),
    {"dummy": Estimate(0.337, 0.324, 0.35), "by_age": Estimate(0.021, 0.014, 0.027)},
    0.82, "unknown", ("age: over 49",), 3,
)  # fmt: skip


def reviews(**told: Review) -> tuple[Review, ...]:
    """All 21 reviews: those told by slug, the others pass."""
    return tuple(told.get(step.slug, Review(step, "pass", "", "", (), (), ())) for step in steps())


def verdict(slug: str, name: str, text: str = "", todo: str = "", **more: Any) -> dict[str, Review]:
    """One step's review with one finding, as a keyword for `reviews`."""
    step = next(item for item in steps() if item.slug == slug)
    outcome = name if name in ("pass", "fail", "stale", "unknown") else "unknown"
    found = Review(step, name, text, todo, (Finding("check", outcome, "recomputed", text, todo),), (), ())
    return {slug: found._replace(**more)}


def signature(changed: tuple[str, ...] = (), **more: Any) -> Signature:
    """Ada's signature as stakeholder."""
    made = Signature("e1", "sign", "stakeholder", "Ada <ada@x.org>", "2026-05-12", "", True, "", changed)
    return made._replace(**more)


def sample_report(
    told: dict[str, Review] | None = None, stage: str | None = "poc", **more: Any
) -> ReportData:
    """A report of these reviews."""
    found = reviews(**(told or {}))
    counts = {name: sum(item.verdict == name for item in found) for name in VERDICTS}
    seen = Overview(found, stage, counts, (), "what is next", "poc2prod show data", 1)
    made = ReportData(
        "Calls", "Who is called first.", TODAY, seen, None, (), (), (), (), None, None, (),
        {"stakeholder": ["ada@x.org"], "owner": ["bob@x.org"]},
        {"problem.use": "", "problem.decision": "", "problem.deadline": "", "improve.next": ""}, "",
    )  # fmt: skip
    return made._replace(**more)


def hostile() -> ReportData:
    """A report with hostile text in every place that people or files fill."""
    step = steps()[1]
    told = verdict("problem", "fail", HOSTILE, HOSTILE, changed=(HOSTILE,))
    signed = signature((HOSTILE,), who=f"{HOSTILE} <a@x.org>", note=HOSTILE, role=HOSTILE)
    told["problem"] = told["problem"]._replace(
        signatures=(signed, signed._replace(why=HOSTILE, counts=False))
    )
    fields = {"with": HOSTILE, "decided": HOSTILE}
    scores = (*MEASURED.scores, Score("rule", HOSTILE, Estimate(0.7, 0.6, 0.8)))
    found = sample_report(
        told,
        name=HOSTILE,
        description=HOSTILE,
        events=(Event("e1", "check-in", HOSTILE, HOSTILE, "2026-05-12", HOSTILE, fields),),
        waivers=(Waiver(step, "waive", HOSTILE, HOSTILE, HOSTILE, HOSTILE, "2026-05-12", "in force"),),
        days=(Days(step, HOSTILE, HOSTILE, HOSTILE, "2026-05-12", "2026-05-12", 1, 1),),
        measured=MEASURED._replace(metric=HOSTILE, meaning=HOSTILE, scores=scores, weak=(HOSTILE,)),
        figures=(Figure(HOSTILE, HOSTILE, "", HOSTILE, False),),
        roles={"stakeholder": [HOSTILE]},
        answers=dict.fromkeys(
            ("problem.use", "problem.decision", "problem.deadline", "improve.next"), HOSTILE
        ),
    )
    return found._replace(overview=found.overview._replace(notes=(HOSTILE,), next=HOSTILE, command=HOSTILE))
