"""Faults of I.1: a table that says nothing, or not what the pipeline tries."""

from __future__ import annotations

from pathlib import Path

from bench import hands
from bench.registry import fault

PAGE = "docs/approaches.md"
LINEAR = "| kept as the simple model: weights can be shown to the board |"
QUESTIONS = ("similar", "first")


@fault("approaches", "unknown", "is not there")
def page_deleted(project: Path) -> None:
    """The page is gone."""
    (project / PAGE).unlink()


@fault("approaches", "unknown", "3 of 3 questions open")
def page_emptied(project: Path) -> None:
    """The page has 0 bytes."""
    hands.write(project, PAGE, "")


@fault("approaches", "unknown", "questions open")
def heading_only(project: Path) -> None:
    """Headings without a word below them."""
    for question in QUESTIONS:
        hands.answer(project, "approaches", question, "")


@fault("approaches", "unknown", "questions open: first")
def templates_words(project: Path) -> None:
    """An answer that is the template's own placeholder."""
    hands.answer(project, "approaches", "first", "_Open._")


@fault("approaches", "unknown", "questions open: similar")
def todo(project: Path) -> None:
    """TODO as an answer."""
    hands.answer(project, "approaches", "similar", "TODO: ask Lena")


@fault("approaches", "unknown", "questions open: similar")
def not_applicable_without_reason(project: Path) -> None:
    """A bare n/a."""
    hands.answer(project, "approaches", "similar", "n/a")


@fault("approaches", "unknown", "questions open: similar")
def bare_no(project: Path) -> None:
    """A bare no."""
    hands.answer(project, "approaches", "similar", "- No.")


@fault("approaches", "fail", "kept or dropped")
def reason_left_out(project: Path) -> None:
    """A row without its reason."""
    hands.edit(project, PAGE, LINEAR, "| |")


@fault("approaches", "fail", "gives no reason")
def verdict_without_reason(project: Path) -> None:
    """Kept, and no word why."""
    hands.edit(project, PAGE, LINEAR, "| kept |")


@fault("approaches", "fail", "employed_at_that_age: cost")
def placeholder_cell(project: Path) -> None:
    """A placeholder in a cell."""
    hands.edit(project, PAGE, "| an hour, once |", "| tbd |")


@fault("approaches", "fail", "employed_at_that_age: cost")
def dashes_in_a_cell(project: Path) -> None:
    """A dash where the cost should stand."""
    hands.edit(project, PAGE, "| an hour, once |", "| — |")


@fault("approaches", "fail", "at least 2")
def one_option(project: Path) -> None:
    """One way besides doing nothing."""
    _drop(project, "employed_at_that_age", "linear", "counsellor")


@fault("approaches", "fail", "employed_at_that_age of [baseline] is not in the table")
def rule_not_in_table(project: Path) -> None:
    """The rule of thumb that the pipeline tries is not discussed."""
    _drop(project, "employed_at_that_age")


@fault("approaches", "fail", "nearest of [baseline]", "baseline", "interpret", "evaluate", "improve")
def another_candidate(project: Path) -> None:
    """[baseline] tries what the table does not name."""
    hands.choose(project, "baseline", "candidate", '"nearest"')


@fault("approaches", "unknown", "the table is not filled in")
def table_of_names(project: Path) -> None:
    """Names, and nothing else in any row."""
    names = ("no_model", "employed_at_that_age", "linear", "gradient_boosting")
    head = "| approach | when | data | cost | explainability | verdict |\n|---|---|---|---|---|---|\n"
    hands.answer(
        project, "approaches", "table", head + "".join(f"| `{name}` | | | | | |\n" for name in names)
    )


@fault("approaches", "fail", "both must be numbers")
def reproduced_without_numbers(project: Path) -> None:
    """A known implementation is said to be reproduced, and the two numbers are missing."""
    hands.choose(project, "baseline", "reproduced_from", '"a paper on the same survey"')


@fault("approaches", "unknown", "stands there twice")
def question_twice(project: Path) -> None:
    """The same anchor twice: a merge of two versions of the page."""
    page = project / PAGE
    page.write_text(page.read_text("utf-8") + "\n<!-- q:first -->\n\n## Again\n\nThe linear one.\n", "utf-8")


@fault("approaches", "unknown", "unresolved merge")
def conflict_marks(project: Path) -> None:
    """A conflict of a merge left in the page."""
    hands.edit(
        project,
        PAGE,
        "The table by age.",
        "<<<<<<< ours\nThe table by age.\n=======\nNothing.\n>>>>>>> theirs",
    )


def _drop(project: Path, *names: str) -> None:
    page = project / PAGE
    lines = page.read_text("utf-8").split("\n")
    page.write_text(
        "\n".join(line for line in lines if not line.startswith(tuple(f"| `{n}`" for n in names))), "utf-8"
    )
