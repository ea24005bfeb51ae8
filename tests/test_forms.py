"""Answers, told apart from what the template wrote, however people edit Markdown."""

from __future__ import annotations

import time

import pytest

from poc2prod.forms import hollow, parse, uncommented

TEMPLATE = (
    "# Page\n\nIntroduction.\n\n<!-- q:use -->\n\n## What for?\n\n_Open._\n\n"
    "<!-- q:who optional -->\n\n## Who?\n\n_Open._\n"
)


def answers(text: str, template: str = TEMPLATE) -> dict[str, str]:
    """The answers by question."""
    form = parse(text, template)
    return {name: form.answer(name) for name in form.questions}


def test_comments_that_never_end_take_no_time() -> None:
    """60,000 of them, one of which ends."""
    start = time.monotonic()
    assert uncommented("a<!-- b -->" + "<!-- " * 60_000) == "a" + "<!-- " * 60_000
    assert parse("<!-- " * 60_000, TEMPLATE).problem.startswith("line 1: a comment begins")
    assert time.monotonic() - start < 5


def test_the_template_answers_nothing() -> None:
    """Its own words are nobody's answer."""
    assert answers(TEMPLATE) == {"use": "", "who": ""}


@pytest.mark.parametrize(
    "text",
    [
        "<!-- q:use -->\n## What for?\n\nTo call customers.\n",
        "## Wozu?\n<!-- q:use -->\n\nTo call\ncustomers.\n",
        "## What for? <!-- q:use -->\nTo   call customers.\n\n## Notes of ours\n\nSomething else.\n",
        "<!-- q:use -->\n**Wozu?**\n\nTo call customers. <!-- not\nreally -->\n",
        "<!-- q:who -->\n## Who?\n\n<!-- q:use -->\n## What for?\n\n_Open._\n\nTo call customers.\n",
    ],
)
def test_layout_headings_order_and_language_do_not_matter(text: str) -> None:
    """The answer is the same wherever it stands."""
    assert answers(text)["use"] == "To call customers."


def test_a_section_of_the_team_is_no_answer() -> None:
    """What follows another heading answers nothing."""
    assert answers("<!-- q:use -->\n## What for?\n\n## Our notes\n\nLong text.\n") == {"use": ""}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "TODO",
        "todo: ask Ada",
        "n/a",
        "N/A.",
        "- ",
        "- [ ] ",
        "…",
        "???",
        "TBD",
        "<your answer>",
        "[fill in]",
        "| | |",
        "No.",
        "none",
    ],
)
def test_hollow_answers(text: str) -> None:
    """Nothing, placeholders, and bare words."""
    assert hollow(text)


@pytest.mark.parametrize(
    "text", ["n/a: no people are in the data", "Ada", "500", "No, nobody sees it.", "<https://x.org>", "回答"]
)
def test_short_answers(text: str) -> None:
    """A reason, a name, a number, a link."""
    assert not hollow(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("<!-- q:a -->\n\n<!-- q:a -->\n", "line 3: the question q:a stands there twice; remove one"),
        ("x\n<!-- q:a\n", "line 2: a comment begins with <!-- and never ends; close it with -->"),
        ("a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> x\n", "line 2: an unresolved merge; choose one side"),
    ],
)
def test_a_page_that_cannot_be_read_says_where(text: str, problem: str) -> None:
    """The line, what is wrong, what to do."""
    assert parse(text).problem == problem


def test_an_anchor_in_a_code_block_is_none() -> None:
    """An example of a question asks nothing."""
    assert answers("```\n<!-- q:use -->\n```\n") == {}


def test_a_header_of_a_translated_table_is_no_answer() -> None:
    """Only rows count."""
    assert answers("<!-- q:use -->\n\n| Ansatz | Wann |\n|---|---|\n| | |\n") == {"use": ""}


def test_a_number_at_the_start_of_a_line_is_no_list() -> None:
    """A paragraph wrapped before "95." is the same paragraph; a list that begins with 1 goes on with 2."""
    wrapped = "<!-- q:a -->\n\nAges end at 94 or\n95. One state.\n\n1. first\n2. second\n"
    assert answers(wrapped) == {"a": "Ages end at 94 or 95. One state.\n1. first\n2. second"}
