"""The content of the reports, collected once, so that each format only writes it."""

from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from ..checklist import STAGES, Step, steps
from ..clock import day
from ..project import lookup
from ..review import DONE, NOT_APPLICABLE, WAIVED, Overview, Review, next_check_in
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
    overview, people, facts = survey.overview(), survey.people, survey.facts
    name, description = named(survey)
    due = next_check_in(people, facts.settings)
    enforced = lookup(facts.settings, "gate.enforce")
    waivers = [e for e in people.events if e.kind in ("waive", "not-applicable")]
    quoted = ("problem.use", "problem.decision", "problem.deadline", "improve.next")
    return ReportData(
        name, description, people.today, overview, enforced if enforced in STAGES else None, people.events,
        people.log.damage, tuple(_waiver(event, overview, people.today) for event in waivers),
        tuple(filter(None, (_days(step, survey) for step in steps()))), measured(facts),
        number(facts.param("problem.target")), figures(facts) if pictures else (), people.roles,
        {key: facts.answer(*key.split(".")) for key in quoted}, str(due[0]) if due else "",
    )  # fmt: skip


def named(survey: Survey) -> tuple[str, str]:
    """The project's name and description from template.json; without them the folder's name."""
    content = survey.facts.files.json(".poc2prod/template.json")
    name, description = (lookup(content, f"answers.{key}", "") for key in ("project_name", "description"))
    return (
        name if isinstance(name, str) and name.strip() else Path(survey.facts.root).name or "project",
        description if isinstance(description, str) else "",
    )


def _waiver(event: Event, overview: Overview, today: date) -> Waiver:
    review = next((item for item in overview.reviews if item.step.slug == event.step), None)
    owner, until, reason = (str(event.fields.get(key, "")) for key in ("owner", "until", "reason"))
    last = day(until)
    if last is not None and last < today:
        state = "past its date"
    elif review and review.verdict == (WAIVED if event.kind == "waive" else NOT_APPLICABLE):
        state = "in force"
    else:
        state = "not needed now" if review and review.verdict in DONE else "does not count"
    step = review.step if review else Step("?", event.step, "", event.step, "", "")
    return Waiver(step, event.kind, owner or event.who, until, reason, event.who, event.when, state)


def _days(step: Step, survey: Survey) -> Days | None:
    plan = survey.facts.param(f"roadmap.{step.slug}")
    plan = plan if isinstance(plan, dict) else {}
    when = [event.when for event in survey.people.events if event.step == step.slug]
    if not plan and not when:
        return None
    # ISO days sort as text, and an event has a valid one.
    first, last = (min(when), max(when)) if when else ("", "")
    passed = (date.fromisoformat(last) - date.fromisoformat(first)).days + 1 if when else 0
    owner, planned, due = (_text(plan.get(key)) for key in ("owner", "days", "date"))
    return Days(step, owner, planned or _text(plan.get("reason")), due, first, last, passed, len(when))


def _text(value: Any) -> str:
    return "" if value is None or isinstance(value, dict | list) else str(value)
