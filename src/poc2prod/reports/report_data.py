"""The content of the reports, collected once, so that each format only writes it."""

from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from ..checklist import STAGES, Step, steps
from ..clock import day
from ..project import lookup
from ..review import DONE, WAIVED, Overview, Review, next_check_in
from ..state import Damage, Event
from ..survey import Survey
from .figures import Figure, figures
from .measured import Measured, measured, number


class Waiver(NamedTuple):
    """A waiver of a step. `state`: in force, past its date, not needed now, does not count."""

    step: Step
    kind: str
    owner: str
    until: str
    reason: str
    who: str
    when: str
    state: str


class Days(NamedTuple):
    """A step's plan, and its events: first and last day, days between them, count."""

    step: Step
    owner: str
    planned: str
    due: str
    first: str
    last: str
    days: int
    events: int


class ReportData(NamedTuple):
    """The state of a project on a day."""

    name: str
    description: str
    day: date
    overview: Overview
    held: str | None
    events: tuple[Event, ...]
    damage: tuple[Damage, ...]
    waivers: tuple[Waiver, ...]
    days: tuple[Days, ...]
    measured: Measured | None
    target: float | None
    figures: tuple[Figure, ...]
    roles: dict[str, list[str]]
    answers: dict[str, str]
    talk: str

    def review(self, slug: str) -> Review:
        """One step's review."""
        return next(item for item in self.overview.reviews if item.step.slug == slug)

    def open(self, stage: str | None = None) -> list[Review]:
        """The steps that are not done, of one stage or of all."""
        return [r for r in self.overview.reviews if r.verdict not in DONE and stage in (None, r.step.stage)]


def collect(survey: Survey, *, pictures: bool = False) -> ReportData:
    """Collect it. `pictures`: read the figures too."""
    overview = survey.overview()
    name, description = named(survey)
    people, due = survey.people, next_check_in(survey.people, survey.facts.settings)
    return ReportData(
        name, description, people.today, overview, _held(survey), people.events, people.log.damage,
        tuple(
            _waiver(e, overview, people.today)
            for e in people.events if e.kind in ("waive", "not-applicable")
        ),
        tuple(filter(None, (_days(step, survey) for step in steps()))), measured(survey.facts),
        number(survey.facts.param("problem.target")),
        figures(survey.facts) if pictures else (), people.roles, _answers(survey), str(due[0]) if due else "",
    )  # fmt: skip


def named(survey: Survey) -> tuple[str, str]:
    """The project's name and description from template.json; without them the folder's name."""
    content = survey.facts.files.json(".poc2prod/template.json")
    answers = content.get("answers") if isinstance(content, dict) else None
    values = answers if isinstance(answers, dict) else {}
    name, description = (values.get(key) for key in ("project_name", "description"))
    return (
        name if isinstance(name, str) and name.strip() else Path(survey.facts.root).name or "project",
        description if isinstance(description, str) else "",
    )


def _held(survey: Survey) -> str | None:
    """The stage in [gate] enforce, if any."""
    value = lookup(survey.facts.settings, "gate.enforce")
    return value if value in STAGES else None


def _waiver(event: Event, overview: Overview, today: date) -> Waiver:
    step = next((item for item in steps() if item.slug == event.step), None)
    until = str(event.fields.get("until", ""))
    last = day(until)
    state = _waiver_state(event, overview, last is not None and last < today)
    owner = str(event.fields.get("owner", event.who))
    return Waiver(
        step or Step("?", event.step, "", event.step, "", ""), event.kind, owner, until,
        str(event.fields.get("reason", "")), event.who, event.when, state,
    )  # fmt: skip


def _waiver_state(event: Event, overview: Overview, past: bool) -> str:
    review = next((item for item in overview.reviews if item.step.slug == event.step), None)
    if past:
        return "past its date"
    if review and review.verdict == (WAIVED if event.kind == "waive" else "not_applicable"):
        return "in force"
    return "not needed now" if review and review.verdict in DONE else "does not count"


def _days(step: Step, survey: Survey) -> Days | None:
    plan = survey.facts.param(f"roadmap.{step.slug}")
    plan = plan if isinstance(plan, dict) else {}
    when = [event.when for event in survey.people.events if event.step == step.slug]
    if not plan and not when:
        return None
    known = sorted(item for text in when if (item := day(text)))
    first, last = (str(known[0]), str(known[-1])) if known else ("", "")
    owner, planned, due = (_text(plan.get(key)) for key in ("owner", "days", "date"))
    passed = (known[-1] - known[0]).days + 1 if known else 0
    return Days(step, owner, planned or _text(plan.get("reason")), due, first, last, passed, len(when))


def _answers(survey: Survey) -> dict[str, str]:
    """The answers that the stakeholder page quotes, by `<step>.<question>`."""
    wanted = ("problem.use", "problem.decision", "problem.deadline", "improve.next")
    return {key: survey.facts.answer(*key.split(".")) for key in wanted}


def _text(value: Any) -> str:
    return "" if value is None or isinstance(value, dict | list) else str(value)
