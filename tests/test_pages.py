"""The pages of the steps say what the checklist, the forms and the checks say."""

from __future__ import annotations

import runpy

import pytest
from conftest import ROOT

from poc2prod.checklist import step, steps

FOLDER = ROOT / "docs" / "steps"
RENDER = runpy.run_path(str(FOLDER / "render.py"))
PAGES: dict[str, str] = RENDER["pages"]()


def test_the_committed_pages_are_those_of_this_version() -> None:
    """Made by docs/steps/render.py; no page of a step that is gone is left."""
    committed = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    assert committed == PAGES


def test_a_page_in_full() -> None:
    """Question, reason, what people decide, places, proofs, commands, neighbours."""
    assert PAGES["improve.md"].split("\n\n")[:6] == [
        "# I.10 Improve",
        "Proof of concept. **Which earlier step would improve the result most within the constraints, or is "
        "it good enough?**",
        "The next step should follow from measurements: the gap between the parts, the causes of errors and "
        "the learning curve.",
        "## Questions for people",
        "Answer them in the project's `docs/improve.md`.",
        "- What do you try next, who does it, and which evidence supports it? Or why is the model good "
        "enough now? "
        "(`next`)\n"
        "- Which constraints apply (latency, memory, explainability, business rules)? "
        "(`constraint`)\n"
        "- What did you consider and postpone, and why? (`not_next`, optional)",
    ]


@pytest.mark.parametrize("slug", ["approaches", "problem", "roadmap", "data", "interpret", "improve"])
def test_a_step_of_the_proof_of_concept_with_a_form_lists_its_questions(slug: str) -> None:
    """Also where the template has a page for each demo."""
    assert RENDER["questions"](step(slug)) != []


def test_what_cannot_be_checked_yet_is_said() -> None:
    """And no step is without a word on its proof."""
    told = {item.slug: "cannot check this step yet" in PAGES[f"{item.slug}.md"] for item in steps()}
    assert [slug for slug, said in told.items() if said] == [
        *("rollout_plan", "deploy", "rollout", "support", "iterate"),
    ]


def test_links_lead_somewhere() -> None:
    """To pages of steps, of evidence, and of verdicts."""
    targets = {part.partition(")")[0] for text in PAGES.values() for part in text.split("](")[1:]}
    assert [target for target in sorted(targets) if not (FOLDER / target).is_file()] == []
