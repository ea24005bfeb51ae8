"""The page for stakeholders."""

from __future__ import annotations

import re

import pytest
from dossiers import MEASURED, dossier, hostile, signature, verdict

from poc2prod.checklist import steps
from poc2prod.reports import stakeholder
from poc2prod.reports.certainty import certainty, summary
from poc2prod.reports.measured import Calibration, Estimate

ANSWERS = {
    "problem.use": "Whom to call first.", "problem.decision": "The order of calls.",
    "problem.deadline": "1 March.", "improve.next": "More rows.",
}  # fmt: skip


def test_the_whole_page() -> None:
    """What was promised and by whom, what was measured, what is open, who decides."""
    told = verdict(
        "problem", "stale", "changed", signatures=(signature(("params.toml#problem.target: 0.85 → 0.82",)),)
    )
    told |= verdict("improve", "unknown", "not signed by the owner") | verdict("roadmap", "unknown", "open")
    found = dossier(told, measured=MEASURED, target=0.82, answers=ANSWERS, talk="2026-05-16")
    assert stakeholder.text(stakeholder.page(found)).split("\n") == [
        "Calls",
        "As of 2026-05-31. It is at the stage of finding out whether it works; 18 of 21 points are settled.",
        "",
        "In short",
        "--------",
        "The model is better than the rule of thumb “by age” and answering without a model.",
        "What was promised has changed since it was signed.",
        "Waiting for a decision: the business's representative (ada@x.org); the owner (bob@x.org).",
        "",
        "What was promised",
        "-----------------",
        "- What it is for: Whom to call first.",
        "- What is decided with it: The order of calls.",
        "- The target: ranking quality of at least 0.82.",
        "- Signed by: Ada, 2026-05-12. Changed since: target, 0.85 → 0.82.",
        "",
        "What was measured, and how sure that is",
        "---------------------------------------",
        "The measure is ranking quality: how often a random yes is ranked above a random no; "
        "higher is better.",
        "Measured on 4,130 cases that the model did not learn from, but by which it was chosen. "
        "The final exam, on cases set aside, has not been held yet.",
        "- The model: 0.837, and most likely between 0.824 and 0.850",
        "- The rule of thumb “by age”: 0.816, and most likely between 0.802 and 0.831",
        "- Without a model (the same answer for everyone): 0.500",
        "It is better than the rule of thumb “by age” by 0.021 (range 0.014 to 0.027): "
        "more than chance explains.",
        "It is better than answering without a model by 0.337 (range 0.324 to 0.350): "
        "more than chance explains.",
        "On these cases its range is all better than the target of 0.82; only the final exam decides.",
        "It is worse, beyond chance, for some groups: age: over 49.",
        "“Most likely” means: "
        "of twenty such ranges, about nineteen hold the true value, as long as new cases "
        "are like these.",
        "All that these numbers rest on has been checked again from the files.",
        "",
        "What is open",
        "------------",
        "At this stage, finding out whether it works:",
        "- Changed since it was settled: what it is for, how good it must be, and what errors cost.",
        "- Not settled yet: people, time and money to get it into use.",
        "- Not settled yet: what to do next, or why it is good enough.",
        "",
        "Who decides what next",
        "---------------------",
        "- The business's representative (ada@x.org): decides on what it is for, how good it must be, "
        "and what errors cost. No date is agreed.",
        "- The owner (bob@x.org): decides on what to do next, or why it is good enough. No date is agreed.",
        "- The team: settles 1 other point, first: people, "
        "time and money to get it into use. No date is agreed.",
        "- The team's plan: More rows.",
        "- The deadline: 1 March.",
        "- The next talk: was due by 2026-05-16.",
    ]


def test_no_step_numbers_and_every_step_has_plain_words() -> None:
    """Whatever is open, no number or name of the checklist appears."""
    told = {
        key: value for step in steps() for key, value in verdict(step.slug, "unknown", "docs/x.md#y").items()
    }
    text = stakeholder.text(stakeholder.page(dossier(told)))
    assert set(stakeholder.SETTLED) == {step.slug for step in steps()}
    assert re.findall(r"\bI{1,2}\.\d+|docs/|params\.toml|\bunknown\b|\bstale\b", text) == []


@pytest.mark.parametrize(
    ("slug", "name", "said"),
    [
        (
            "data",
            "fail",
            "Caution: a check of what the numbers rest on does not hold. Do not decide by them yet.",
        ),
        ("split", "stale", "Caution: something that the numbers rest on has changed since they were made."),
    ],
)
def test_numbers_on_sand_carry_a_caution(slug: str, name: str, said: str) -> None:
    """The first section warns where a step under the numbers failed or went stale."""
    page = stakeholder.page(dossier(verdict(slug, name), measured=MEASURED))
    assert page.sections[0].sentences[1] == said


@pytest.mark.parametrize(
    ("lead", "said"),
    [
        (
            Estimate(0.01, -0.01, 0.03),
            "As far as can be told, the model is not better than the rule of thumb “by age”.",
        ),
        (
            Estimate(-0.1, -0.2, -0.05),
            "As far as can be told, the model is not better than the rule of thumb “by age”.",
        ),
        (Estimate(0.1, 0.05, 0.2), "The model is better than the rule of thumb “by age”."),
    ],
)
def test_chance_is_no_lead(lead: Estimate, said: str) -> None:
    """A difference whose interval holds zero is not called better."""
    measured = MEASURED._replace(scores=MEASURED.scores[:2], leads={"by_age": lead})
    assert summary(dossier(measured=measured)) == said


@pytest.mark.parametrize(
    ("verdict_", "said"),
    [
        ("reached", "The target is reached, beyond what chance explains."),
        ("missed", "The target is missed, by more than chance explains."),
        (
            "cannot tell",
            "Whether the target is reached cannot be told: the range reaches to both sides of it.",
        ),
        ("<b>", "It has not been held against the target."),
    ],
)
def test_on_the_test_part_the_recorded_verdict_counts(verdict_: str, said: str) -> None:
    """Sentences come from here; a word from the report is never repeated."""
    measured = MEASURED._replace(part="test", target_verdict=verdict_)
    assert certainty(dossier(measured=measured))[2][2] == said


def test_on_the_test_part_leads_are_told_of_the_rows_they_were_measured_on() -> None:
    """Overlapping ranges are no doubt about a difference that was measured in pairs."""
    rule = MEASURED.scores[1]._replace(score=Estimate(0.83, 0.82, 0.845))
    seen = MEASURED._replace(part="test", scores=(MEASURED.scores[0], rule))
    told = summary(dossier(measured=seen)), certainty(dossier(measured=seen))[2][0]
    assert told == (
        "On the cases by which it was chosen, the model is better than the rule of thumb “by age”.",
        "On the cases by which it was chosen, it is better than the rule of thumb “by age” by 0.021 "
        "(range 0.014 to 0.027): more than chance explains.",
    )
    own = dossier(measured=seen._replace(leads_part="test"))
    assert summary(own) == "The model is better than the rule of thumb “by age”."
    alone = certainty(dossier(measured=seen._replace(leads={})))[2][0]
    assert alone == (
        "Whether it is better than the rule of thumb “by age” cannot be told by their ranges, which overlap."
    )


def test_why_many_cases_do_not_tell() -> None:
    """They come in few groups or periods."""
    seen = MEASURED._replace(part="test", target_verdict="cannot tell", rows=20_163, clusters=11)
    assert certainty(dossier(measured=seen))[2][2] == (
        "Whether the target is reached cannot be told: the range reaches to both sides of it, since cases of "
        "one group or time rise and fall together, and there are 11 of those."
    )


@pytest.mark.parametrize(
    ("threshold", "more"),
    [
        (None, ""),
        (0.25, " A yes is given from 0.25 on, by what errors cost, so this has a price."),
    ],
)
def test_chances_that_do_not_mean_what_they_say(threshold: float | None, more: str) -> None:
    """It is said, and that costs rest on them where they do."""
    seen = MEASURED._replace(calibration=Calibration(0.46, 0.38, threshold))
    assert certainty(dossier(measured=seen))[2][4] == (
        "The chances that it states cannot be taken at their word: of cases said to have 46%, 38% came true."
        + more
    )


def test_a_target_that_may_be_missed_is_for_somebody_to_decide() -> None:
    """Until they sign how it is let loose; then they went on."""
    seen = MEASURED._replace(part="test", target_verdict="cannot tell")
    page = stakeholder.page(dossier(verdict("deploy", "unknown"), "pre-production", measured=seen))
    assert page.sections[0].sentences[-1] == (
        "Waiting for a decision: the business's representative (ada@x.org)."
    )
    assert page.sections[-1].items[0] == stakeholder.Item(
        "The business's representative (ada@x.org)",
        "decides whether this is good enough to go on, or more cases are gathered first: whether the target "
        "of 0.82 is reached cannot be told.",
    )
    signed = verdict("deploy", "unknown") | verdict("rollout_plan", "pass", signatures=(signature(),))
    page = stakeholder.page(dossier(signed, "pre-production", measured=seen))
    assert page.sections[0].sentences[-1] == "Nobody has to decide anything today."


def test_a_signed_step_that_is_open_is_the_teams() -> None:
    """Every open point belongs to somebody."""
    both = signature(), signature(role="owner")
    told = verdict("rollout_plan", "unknown", signatures=both) | verdict("deploy", "unknown")
    page = stakeholder.page(dossier(told, stage="pre-production"))
    assert page.sections[-1].items[0] == stakeholder.Item(
        "The team",
        "settles 2 other points, first: how it will be let loose, and what counts as success. "
        "No date is agreed.",
    )


def test_nobody_signed_and_nothing_measured_is_said() -> None:
    """An empty project makes an honest page."""
    page = stakeholder.page(dossier(roles={}))
    assert page.sections[0].sentences == (
        "No model has been measured yet.",
        "Nobody has signed what it promises.",
        "Waiting for a decision: the owner.",
    )


def test_markdown_of_hostile_answers_is_text() -> None:
    """No tag, mention or control character gets through."""
    made = stakeholder.markdown(stakeholder.page(hostile()))
    assert [mark for mark in ("<", "@team", "\x1b", "\x00", "\ud800", "`") if mark in made] == []


@pytest.mark.parametrize(
    ("target", "said"),
    [
        (0.82, "is all better than the target of 0.82"),
        (0.84, "reaches to both sides of the target of 0.84"),
        (0.9, "is all worse than the target of 0.9"),
    ],
)
def test_a_range_is_held_against_the_target(target: float, said: str) -> None:
    """On the validation part nothing is called reached or missed."""
    found = certainty(dossier(measured=MEASURED._replace(target=target)))[2][2]
    assert found == f"On these cases its range {said}; only the final exam decides."
    low = MEASURED._replace(target=0.9, lower_is_better=True)
    assert "is all better than" in certainty(dossier(measured=low))[2][2]


def test_hostile_text_cannot_steer_the_terminal() -> None:
    """Every character but the line's end can be printed."""
    made = stakeholder.text(stakeholder.page(hostile()))
    assert [char for char in made if not char.isprintable() and char != "\n"] == []
