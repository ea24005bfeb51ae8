"""The report as one HTML file: nothing is loaded from elsewhere, nothing runs, and all text is escaped."""

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
from ..evidence.finding import (
    ATTESTED,
    CLAIMED,
    FAIL,
    PASS,
    RECOMPUTED,
    SKIPPED,
    STALE,
    UNKNOWN,
    Finding,
)
from ..review import DONE, VERDICTS
from .certainty import line_name
from .dossier import Dossier
from .measured import Measured, Score, shown
from .stakeholder import Page
from .words import STAGES as TITLES
from .words import plain, verdict

FOLDER = Path(__file__).parent / "templates"
SIGNS = dict(zip((*VERDICTS, "skipped"), ("✓", "✕", "↻", "?", "‖", "–", "–"), strict=True))
MEANS = {
    "pass": "every check holds on what is on disk now, and who must sign has signed it",
    "fail": "a check ran and does not hold",
    "stale": "it held once, and something it rests on has changed since",
    "unknown": "evidence or a signature is missing or cannot be read; this never counts as a pass",
    "waived": "somebody takes it until a date, for a reason",
    "not_applicable": "somebody says, with a reason, that it is not needed here",
}
BASES = {
    RECOMPUTED: "computed again from the files, just now",
    ATTESTED: "recorded by an earlier check; what it rests on is unchanged",
    CLAIMED: "the project or a person says so",
}
KINDS = {
    "sign": "signed", "refuse": "refused", "waive": "waived", "not-applicable": "called not applicable",
    "check-in": "talked with stakeholders", "iterate": "opened an iteration",
}  # fmt: skip


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


def text(found: Dossier) -> str:
    """The report for the team."""
    texts = {item.step.slug: explained(item.step) for item in found.overview.reviews}
    stages = [(s, TITLES[s], [r for r in found.overview.reviews if r.step.stage == s]) for s in STAGES]
    return _render("report.html.jinja", found, {"stages": stages, "texts": texts, "done": DONE})


def stakeholder(page: Page, found: Dossier) -> str:
    """The page for stakeholders."""
    return _render("stakeholder.html.jinja", found, {"page": page})


def _render(template: str, found: Dossier, more: dict[str, Any]) -> str:
    style = (FOLDER / "style.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    bars, target = chart(found.measured)
    environment = Environment(
        loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, finalize=_safe,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=False,
    )  # fmt: skip
    environment.filters |= {"verdict": verdict, "worst_first": worst_first}
    environment.tests["command"] = lambda text: str(text).startswith(COMMANDS)
    return environment.get_template(template).render(
        found=found, seen=found.overview, style=Markup(style), style_hash=digest, signs=SIGNS, means=MEANS,
        bases=BASES,
        kinds=KINDS, bars=bars, target=target, stage_titles=TITLES, version=__version__, **more,
    )  # fmt: skip


def worst_first(found: Sequence[Finding]) -> list[Finding]:
    """What stands in the way comes first, else in the order of the checks."""
    return sorted(found, key=lambda item: ORDER.index(item.outcome))


def chart(found: Measured | None) -> tuple[list[Bar], float | None]:
    """The scores on one scale from 0 to 100, and the target's place on it if there is one."""
    if found is None:
        return [], None
    ends = [end for s in found.scores for end in s.score if end is not None]
    ends += [found.target] if found.target is not None else []
    low, high = min(ends), max(ends)
    pad = (high - low) * 0.04 or 1.0

    def place(value: float) -> float:
        return round((value - low + pad) / (high - low + 2 * pad) * 100, 2)

    def bar(item: Score) -> Bar:
        value, least, most = item.score
        start, end = place(value if least is None else least), place(value if most is None else most)
        interval = "none" if least is None else f"{shown(least, found.places)} to {shown(most, found.places)}"
        return Bar(
            line_name(item), item.role == "kept", shown(value, found.places), interval,
            place(value), start, round(end - start, 2),
        )  # fmt: skip

    return [bar(item) for item in found.scores], None if found.target is None else place(found.target)


def _safe(value: Any) -> Any:
    """Text on one line without control characters; what was rendered here stays."""
    if value is None:
        return ""
    return plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value
