"""The report as one HTML file. It loads nothing, runs nothing, and all text is escaped."""

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from .. import __version__
from ..checklist import STAGES
from ..evidence import explained
from ..evidence.finding import FAIL, PASS, SKIPPED, STALE, UNKNOWN, Finding
from ..review import DONE, VERDICTS
from .certainty import line_name
from .measured import Measured, shown
from .report_data import ReportData
from .stakeholder import Page
from .words import STAGES as TITLES
from .words import plain, verdict

FOLDER = Path(__file__).parent / "templates"
SIGNS = dict(zip((*VERDICTS, "skipped"), ("✓", "✕", "↻", "?", "‖", "–", "–"), strict=True))
COMMANDS = ("poc2prod ", "python ", "git ", "make ")
ORDER = (FAIL, STALE, UNKNOWN, PASS, SKIPPED)


class Bar(NamedTuple):
    """A score as a row of the chart: positions from 0 to 100, the interval's width 0 where there is none."""

    name: str
    kept: bool
    score: str
    interval: str
    at: float
    start: float
    width: float


def text(report: ReportData) -> str:
    """The report for the team."""
    texts = {item.step.slug: explained(item.step) for item in report.overview.reviews}
    stages = [(s, TITLES[s], [r for r in report.overview.reviews if r.step.stage == s]) for s in STAGES]
    return _render("report.html.jinja", report, {"stages": stages, "texts": texts, "done": DONE})


def stakeholder(page: Page, report: ReportData) -> str:
    """The page for stakeholders."""
    return _render("stakeholder.html.jinja", report, {"page": page})


def _render(template: str, report: ReportData, more: dict[str, Any]) -> str:
    style = (FOLDER / "style.css").read_text(encoding="utf-8")
    # The policy of the page allows this one style sheet by its hash, so injected styles do nothing.
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    bars, target = chart(report.measured)
    environment = Environment(
        loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, finalize=_safe,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=False,
    )  # fmt: skip
    environment.filters |= {"verdict": verdict, "worst_first": worst_first}
    environment.tests["command"] = lambda text: str(text).startswith(COMMANDS)
    return environment.get_template(template).render(
        report=report, overview=report.overview, style=Markup(style), style_hash=digest, signs=SIGNS,
        bars=bars, target=target, stage_titles=TITLES, version=__version__, **more,
    )  # fmt: skip


def worst_first(findings: Sequence[Finding]) -> list[Finding]:
    """Failures first, else in the order of the checks."""
    return sorted(findings, key=lambda item: ORDER.index(item.outcome))


def chart(measured: Measured | None) -> tuple[list[Bar], float | None]:
    """The scores on one scale from 0 to 100, and the target's place on it if there is one."""
    if measured is None:
        return [], None
    ends = [end for s in measured.scores for end in s.score if end is not None]
    ends += [measured.target] if measured.target is not None else []
    low, high = min(ends), max(ends)
    pad = (high - low) * 0.04 or 1.0

    def place(value: float) -> float:
        return round((value - low + pad) / (high - low + 2 * pad) * 100, 2)

    bars, digits = [], measured.places
    for item in measured.scores:
        value, least, most = item.score
        start, end = place(value if least is None else least), place(value if most is None else most)
        interval = "none" if least is None else f"{shown(least, digits)} to {shown(most, digits)}"
        bars.append(
            Bar(
                line_name(item), item.role == "kept", shown(value, digits), interval,
                place(value), start, round(end - start, 2),
            )
        )  # fmt: skip
    return bars, None if measured.target is None else place(measured.target)


def _safe(value: Any) -> Any:
    """Text on one line without control characters; what was rendered here stays."""
    if value is None:
        return ""
    return plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value
