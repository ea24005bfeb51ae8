"""The project counts open questions as `poc2prod status` does."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import ROOT
from poc2prod_kit.run import forms

from poc2prod.forms import parse

PAGES = ROOT / "{{cookiecutter.__slug}}" / "docs"
ANSWERED = ROOT / "tests" / "bench" / "answers" / "docs"
QUESTION = "<!-- q:why -->\n\n## Why?\n\n"


def counted(page: str, template: str) -> int:
    """The open questions by the command's own reading of a page, beside the page as it was generated."""
    return sum(not item.answered and not item.optional for item in parse(page, template).questions.values())


@pytest.mark.parametrize("name", sorted(path.name for path in PAGES.glob("*.md")))
def test_a_page_as_generated_has_as_many_open_questions_as_the_command_says(name: str) -> None:
    """Tables count as questions, optional questions do not."""
    page = (PAGES / name).read_text(encoding="utf-8")
    template = page if "_Open._" in page else ""
    assert forms.unanswered(page) == counted(page, template)


def test_the_pages_of_the_template_are_open_in_known_numbers() -> None:
    """The table of approaches is a question; what improve puts off is optional."""
    names = ("approaches", "problem", "roadmap", "interpret", "improve")
    found = {name: forms.unanswered((PAGES / f"{name}.md").read_text(encoding="utf-8")) for name in names}
    assert found == {"approaches": 3, "problem": 18, "roadmap": 5, "interpret": 5, "improve": 2}


@pytest.mark.parametrize("path", sorted(ANSWERED.glob("*.md")), ids=lambda path: path.name)
def test_an_answered_page_has_no_open_question(path: Path) -> None:
    """As a team really answers them."""
    assert forms.unanswered(path.read_text(encoding="utf-8")) == 0


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("_Open._", 1),
        ("", 1),
        ("TODO: ask Ines", 1),
        ("- [ ]\n- n/a", 1),
        ("None.", 1),
        ("| what | cost |\n|---|---|\n| `model` | |", 1),
        ("| what | cost |\n|---|---|\n| `model` | 3 days |", 0),
        ("Nobody had counted them.", 0),
        ("```\nplain\n```", 0),
    ],
)
def test_what_says_nothing_is_no_answer(answer: str, expected: int) -> None:
    """Here and in the command alike."""
    page = QUESTION + answer + "\n"
    template = QUESTION + "| what | cost |\n|---|---|\n| `model` | |\n"
    assert (forms.unanswered(page), counted(page, template)) == (expected, expected)
