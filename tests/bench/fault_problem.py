"""Faults of I.2: no use, no number, or a signature that is not of what stands there now."""

from __future__ import annotations

from pathlib import Path

from bench import hands
from bench.registry import fault

PAGE = "docs/problem.md"


@fault("problem", "fail|stale|unknown", "is not a number", "evaluate", "improve")
def target_in_words(project: Path) -> None:
    """Accuracy should be good."""
    hands.choose(project, "problem", "target", '"good"')


@fault("problem", "fail", "outside roc_auc's range", "evaluate", "improve")
def target_in_percent(project: Path) -> None:
    """78 where 0.78 is meant."""
    hands.choose(project, "problem", "target", "78")


@fault("problem", "stale|unknown", "0.78 → nothing", "evaluate", "improve")
def target_taken_away(project: Path) -> None:
    """No target any more."""
    hands.choose(project, "problem", "target", "")


@fault("problem", "stale", "params.toml#problem.target: 0.78 → 0.75", "evaluate", "improve")
def target_lowered_after_signing(project: Path) -> None:
    """The target changed after it was signed."""
    hands.choose(project, "problem", "target", "0.75")


@fault("problem", "fail", "for binary it must be one of", "baseline", "interpret", "evaluate", "improve")
def regression_metric_for_a_yes_or_no(project: Path) -> None:
    """A metric of numbers for a target of two values."""
    hands.choose(project, "problem", "metric", '"rmse"')


@fault("problem", "fail", "must be one of", "baseline", "interpret", "evaluate", "improve")
def metric_that_nobody_computes(project: Path) -> None:
    """A metric that evaluate does not know."""
    hands.choose(project, "problem", "metric", '"gini"')


@fault(
    "problem",
    "fail",
    "regression",
    "data",
    "split",
    "features",
    "baseline",
    "interpret",
    "evaluate",
    "improve",
)
def outcome_that_the_target_does_not_fit(project: Path) -> None:
    """Regression over a column of two values."""
    hands.choose(project, "problem", "outcome", '"regression"')


@fault(
    "problem",
    "fail",
    "multiclass",
    "data",
    "split",
    "features",
    "baseline",
    "interpret",
    "evaluate",
    "improve",
)
def multiclass_of_two(project: Path) -> None:
    """Several classes claimed, two there."""
    hands.choose(project, "problem", "outcome", '"multiclass"')


@fault(
    "problem",
    "fail",
    "positive = 'yes'",
    "data",
    "split",
    "features",
    "baseline",
    "interpret",
    "evaluate",
    "improve",
)
def positive_that_never_occurs(project: Path) -> None:
    """A yes that the column never says."""
    hands.choose(project, "problem", "positive", '"yes"')


@fault("problem", "stale|unknown", "cost_false_negative", "evaluate", "improve")
def cost_left_out(project: Path) -> None:
    """One kind of error has no cost."""
    hands.choose(project, "problem", "cost_false_negative", "")


@fault("problem", "fail", "cost_false_negative", "evaluate", "improve")
def cost_below_zero(project: Path) -> None:
    """An error that pays."""
    hands.choose(project, "problem", "cost_false_negative", "-1")


@fault("problem", "fail", "latency_ms = 'fast'", "improve")
def latency_in_words(project: Path) -> None:
    """A latency that is no number."""
    hands.choose(project, "problem", "latency_ms", '"fast"')


@fault("problem", "stale", "params.toml#problem.latency_ms: 200 → 2000", "improve")
def latency_raised_after_signing(project: Path) -> None:
    """The budget changed after it was signed."""
    hands.choose(project, "problem", "latency_ms", "2000")


@fault("problem", "unknown|stale", "ethics_misuse")
def ethics_left_open(project: Path) -> None:
    """An ethics question without an answer or a reason."""
    hands.answer(project, "problem", "ethics_misuse", "_Open._")


@fault("problem", "unknown|stale", "ethics_harm")
def ethics_waved_off(project: Path) -> None:
    """None, and no reason why none is due."""
    hands.answer(project, "problem", "ethics_harm", "None.")


@fault("problem", "unknown|stale", "ethics_consent")
def anchor_of_a_question_deleted(project: Path) -> None:
    """A question deleted together with its anchor."""
    page = project / PAGE
    text = page.read_text("utf-8")
    start, end = text.index("<!-- q:ethics_consent -->"), text.index("<!-- q:ethics_personal -->")
    page.write_text(text[:start] + text[end:], "utf-8")


@fault("problem", "stale", "docs/problem.md#decision")
def decision_changed_after_signing(project: Path) -> None:
    """The signature is older than the text."""
    hands.answer(
        project, "problem", "decision", "Whoever is ranked as employed gets no letter and no course."
    )


@fault("problem", "stale", "docs/problem.md#use")
def one_word_changed_after_signing(project: Path) -> None:
    """More became fewer."""
    hands.edit(project, PAGE, "more of them should reach", "fewer of them should reach")


@fault("problem", "unknown|stale", "→ nothing")
def template_brought_back(project: Path) -> None:
    """The page as the template writes it."""
    from poc2prod import template

    source = template.root() / template.FOLDER / PAGE
    hands.write(project, PAGE, source.read_bytes())


@fault("problem", "unknown|stale", "docs/problem.md#use")
def comment_never_closed(project: Path) -> None:
    """A comment that swallows the page."""
    hands.edit(project, PAGE, "<!-- q:use -->", "<!-- q:use")
