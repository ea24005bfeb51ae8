"""Write the pages of this folder from checklist.toml, the template's forms and the docstrings of the checks.

python docs/steps/render.py
"""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from poc2prod import forms
from poc2prod.checklist import Step, steps
from poc2prod.evidence import explained
from poc2prod.project import template_page
from poc2prod.reports.words import STAGES
from poc2prod.review import UNCHECKED

FOLDER = Path(__file__).parent


def pages() -> dict[str, str]:
    """The pages by file name: the list of all steps and a page for each."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=True,
    )  # fmt: skip
    texts = {"README.md": environment.get_template("README.md.jinja").render(stages=STAGES, steps=steps())}
    template = environment.get_template("step.md.jinja")
    for previous, step, following in zip((None, *steps()), steps(), (*steps()[1:], None), strict=False):
        texts[f"{step.slug}.md"] = template.render(
            step=step, stage=STAGES[step.stage], questions=questions(step), checks=explained(step),
            not_yet=UNCHECKED, previous=previous, next=following,
        )  # fmt: skip
    return texts


def questions(step: Step) -> list[forms.Question]:
    """The questions of a step's form in the template; none without a form."""
    page = template_page(f"docs/{step.slug}.md") if step.form else ""
    return list(forms.parse(page).questions.values())


if __name__ == "__main__":
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8", newline="\n")
