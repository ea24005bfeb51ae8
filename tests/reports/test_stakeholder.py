"""The page for stakeholders."""

from __future__ import annotations

import re

import pytest
from report_samples import MEASURED, hostile, sample_report, signature, verdict

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
    found = sample_report(told, measured=MEASURED, target=0.82, answers=ANSWERS, talk="2026-05-16")
    assert stakeholder.text(stakeholder.page(found)).split("\n") == [
        "Calls",
        "As of 2026-05-31. Stage: finding out whether it works. 18 of 21 points are done.",
        "",
        "In short",
        "--------",
        "The model is better than the rule “by age” and than no model.",
        "The goal has changed since it was signed.",
        "Waiting for a decision: the stakeholder (ada@x.org); the owner (bob@x.org).",
        "",
        "The goal",
        "--------",
        "- Purpose: Whom to call first.",
        "- Decision: The order of calls.",
        "- Target: ranking quality of at least 0.82.",
        "- Signed by: Ada, 2026-05-12. Changed since: target, 0.85 → 0.82.",
        "",
        "What was measured, and how certain it is",
        "----------------------------------------",
        "The metric is ranking quality: how often a random yes is ranked above a random no. Higher is "
        "better.",
        "Measured on 4,130 cases that the model did not learn from, but that were used to choose it. The"
        " final test, on cases set aside, is still to come.",
        "- The model: 0.837 (range 0.824 to 0.850)",
        "- The rule “by age”: 0.816 (range 0.802 to 0.831)",
        "- No model (the same answer for every case): 0.500",
        "The model is better than the rule “by age” by 0.021 (range 0.014 to 0.027), more than chance "
        "explains.",
        "The model is better than no model by 0.337 (range 0.324 to 0.350), more than chance explains.",
        "On these cases the range is better than the target of 0.82. Only the final test decides.",
        "For some groups the model is worse, by more than chance explains: age: over 49.",
        "About 19 of 20 such ranges contain the true value, as long as new cases are like these.",
        "Everything behind these numbers was checked again from the files.",
        "",
        "What is open",
        "------------",
        "At this stage (finding out whether it works):",
        "- Changed since it was done: what it is for, how good it must be, and what errors cost.",
        "- Not done yet: people, time and budget to bring it into use.",
        "- Not done yet: what to do next, or why it is good enough.",
        "",
        "Who decides what next",
        "---------------------",
        "- The stakeholder (ada@x.org): must sign “What it is for, how good it must be, and what errors "
        "cost”. No date is agreed.",
        "- The owner (bob@x.org): must sign “What to do next, or why it is good enough”. No date is agreed.",
        "- The team: works on 1 more point; the first: people, time and budget to bring it into use. No "
        "date is agreed.",
        "- The team's plan: More rows.",
        "- Deadline: 1 March.",
        "- Next check-in: was due on 2026-05-16.",
    ]


def test_no_step_numbers_and_every_step_has_plain_words() -> None:
    """Whatever is open, no number or name of the checklist appears."""
    told = {
        key: value for step in steps() for key, value in verdict(step.slug, "unknown", "docs/x.md#y").items()
    }
    text = stakeholder.text(stakeholder.page(sample_report(told)))
    assert set(stakeholder.STEPS) == {step.slug for step in steps()}
    assert re.findall(r"\bI{1,2}\.\d+|docs/|params\.toml|\bunknown\b|\bstale\b", text) == []


@pytest.mark.parametrize(
    ("slug", "name", "said"),
    [
        (
            "data",
            "fail",
            "Caution: a check of the data behind these numbers failed. Do not base a decision on them yet.",
        ),
        ("split", "stale", "Caution: something behind these numbers has changed since they were computed."),
    ],
)
def test_numbers_on_sand_carry_a_caution(slug: str, name: str, said: str) -> None:
    """The first section warns where a step under the numbers failed or went stale."""
    page = stakeholder.page(sample_report(verdict(slug, name), measured=MEASURED))
    assert page.sections[0].sentences[1] == said


@pytest.mark.parametrize(
    ("lead", "said"),
    [
        (
            Estimate(0.01, -0.01, 0.03),
            "It is not shown that the model is better than the rule “by age”.",
        ),
        (
            Estimate(-0.1, -0.2, -0.05),
            "It is not shown that the model is better than the rule “by age”.",
        ),
        (Estimate(0.1, 0.05, 0.2), "The model is better than the rule “by age”."),
    ],
)
def test_chance_is_no_lead(lead: Estimate, said: str) -> None:
    """A difference whose interval holds zero is not called better."""
    measured = MEASURED._replace(scores=MEASURED.scores[:2], leads={"by_age": lead})
    assert summary(sample_report(measured=measured)) == said


@pytest.mark.parametrize(
    ("verdict_", "said"),
    [
        ("reached", "The target is reached, by more than chance explains."),
        ("missed", "The target is missed, by more than chance explains."),
        (
            "cannot tell",
            "It is not clear whether the target is reached: the range includes it.",
        ),
        ("<b>", "It has not been compared with the target."),
    ],
)
def test_on_the_test_part_the_recorded_verdict_counts(verdict_: str, said: str) -> None:
    """Sentences come from here; a word from the report is never repeated."""
    measured = MEASURED._replace(part="test", target_verdict=verdict_)
    assert certainty(sample_report(measured=measured))[2][2] == said


def test_on_the_test_part_leads_are_told_of_the_rows_they_were_measured_on() -> None:
    """Overlapping ranges are no doubt about a difference that was measured in pairs."""
    rule = MEASURED.scores[1]._replace(score=Estimate(0.83, 0.82, 0.845))
    seen = MEASURED._replace(part="test", scores=(MEASURED.scores[0], rule))
    told = summary(sample_report(measured=seen)), certainty(sample_report(measured=seen))[2][0]
    assert told == (
        "On the cases used to choose the model, the model is better than the rule “by age”.",
        "On the cases used to choose the model, the model is better than the rule “by age” by 0.021 "
        "(range 0.014 to 0.027), more than chance explains.",
    )
    own = sample_report(measured=seen._replace(leads_part="test"))
    assert summary(own) == "The model is better than the rule “by age”."
    alone = certainty(sample_report(measured=seen._replace(leads={})))[2][0]
    assert alone == (
        "It is not clear whether the model is better than the rule “by age”: the ranges overlap."
    )


def test_why_many_cases_do_not_tell() -> None:
    """They come in few groups or periods."""
    seen = MEASURED._replace(part="test", target_verdict="cannot tell", rows=20_163, clusters=11)
    assert certainty(sample_report(measured=seen))[2][2] == (
        "It is not clear whether the target is reached: the range includes it. Cases of one group or period "
        "are alike, so these count as only 11."
    )


@pytest.mark.parametrize(
    ("threshold", "more"),
    [
        (None, ""),
        (0.25, " This affects decisions: error costs set the threshold at 0.25."),
    ],
)
def test_chances_that_do_not_mean_what_they_say(threshold: float | None, more: str) -> None:
    """It is said, and that costs rest on them where they do."""
    seen = MEASURED._replace(calibration=Calibration(0.46, 0.38, threshold))
    assert certainty(sample_report(measured=seen))[2][4] == (
        "The probabilities are not reliable: of the cases with a predicted 46%, 38% came true." + more
    )


def test_a_target_that_may_be_missed_is_for_somebody_to_decide() -> None:
    """Until they sign how it is let loose; then they went on."""
    seen = MEASURED._replace(part="test", target_verdict="cannot tell")
    page = stakeholder.page(sample_report(verdict("deploy", "unknown"), "pre-production", measured=seen))
    assert page.sections[0].sentences[-1] == ("Waiting for a decision: the stakeholder (ada@x.org).")
    assert page.sections[-1].items[0] == stakeholder.Item(
        "The stakeholder (ada@x.org)",
        "decides whether to go on or to collect more cases first: it is not clear whether the target of 0.82 "
        "is reached.",
    )
    signed = verdict("deploy", "unknown") | verdict("rollout_plan", "pass", signatures=(signature(),))
    page = stakeholder.page(sample_report(signed, "pre-production", measured=seen))
    assert page.sections[0].sentences[-1] == "No decision is due today."


def test_a_signed_step_that_is_open_is_the_teams() -> None:
    """Every open point belongs to somebody."""
    both = signature(), signature(role="owner")
    told = verdict("rollout_plan", "unknown", signatures=both) | verdict("deploy", "unknown")
    page = stakeholder.page(sample_report(told, stage="pre-production"))
    assert page.sections[-1].items[0] == stakeholder.Item(
        "The team",
        "works on 2 more points; the first: how it is released, and what counts as success. "
        "No date is agreed.",
    )


def test_nobody_signed_and_nothing_measured_is_said() -> None:
    """An empty project makes an honest page."""
    page = stakeholder.page(sample_report(roles={}))
    assert page.sections[0].sentences == (
        "No model has been measured yet.",
        "Nobody has signed the goal yet.",
        "Waiting for a decision: the owner.",
    )


def test_markdown_of_hostile_answers_is_text() -> None:
    """No tag, mention or control character gets through."""
    made = stakeholder.markdown(stakeholder.page(hostile()))
    assert [mark for mark in ("<", "@team", "\x1b", "\x00", "\ud800", "`") if mark in made] == []


@pytest.mark.parametrize(
    ("target", "said"),
    [
        (0.82, "is better than the target of 0.82"),
        (0.84, "includes the target of 0.84"),
        (0.9, "is worse than the target of 0.9"),
    ],
)
def test_a_range_is_held_against_the_target(target: float, said: str) -> None:
    """On the validation part nothing is called reached or missed."""
    found = certainty(sample_report(measured=MEASURED._replace(target=target)))[2][2]
    assert found == f"On these cases the range {said}. Only the final test decides."
    low = MEASURED._replace(target=0.9, lower_is_better=True)
    assert "is better than" in certainty(sample_report(measured=low))[2][2]


def test_hostile_text_cannot_steer_the_terminal() -> None:
    """Every character but the line's end can be printed."""
    made = stakeholder.text(stakeholder.page(hostile()))
    assert [char for char in made if not char.isprintable() and char != "\n"] == []
