"""One Markdown page a step, from checklist.toml, the template's forms and the docstrings of the checks."""

from collections.abc import Iterable

from .. import forms
from ..checklist import Step, steps
from ..evidence import explained
from ..project import template_page
from .words import STAGES

NOT_YET = "no_machine_evidence"
COMMANDS = """\
    poc2prod show {0:<24}explain the step, with the findings in your project
    poc2prod check {0:<23}check the step and save the findings
    poc2prod sign {0:<24}sign the step as it is now"""


def pages() -> dict[str, str]:
    """The pages of docs/steps by file name: the list of all steps and a page for each."""
    return {"README.md": _list(), **{f"{step.slug}.md": page(step) for step in steps()}}


def page(step: Step) -> str:
    """One step: its question, why, what people answer, its files, its checks, its commands."""
    parts = [
        f"# {step.number} {step.title}",
        f"{STAGES[step.stage]}. **{step.question}**",
        step.why,
        *_decided(step),
        "## Files",
        _places(step),
        "## Checks",
        *_proven(step),
        "## Commands",
        COMMANDS.format(step.slug),
        _neighbours(step),
    ]
    return "\n\n".join(parts) + "\n"


def questions(slug: str) -> list[forms.Question]:
    """The questions of a step's form in the template; none without a form."""
    return list(forms.parse(template_page(f"docs/{slug}.md")).questions.values())


def _decided(step: Step) -> Iterable[str]:
    asked = questions(step.slug) if step.form else []
    if asked:
        items = [
            f"- {item.asked or item.title} (`{item.name}`{', optional' if item.optional else ''})"
            for item in asked
        ]
        yield "## Questions for people"
        yield f"Answer them in the project's `docs/{step.slug}.md`."
        yield "\n".join(items)


def _places(step: Step) -> str:
    """The table of a step's files."""
    slug, needs = step.slug, ", ".join(f"`{name}`" for name in step.needs)
    rows = {
        "answers": step.form and f"`docs/{slug}.md`",
        "parameters": step.params and f"`[{slug}]` in `params.toml`",
        "code": step.module and f"`src/<package>/{slug}.py`",
        "report": step.report and f"`reports/{slug}.json`, [its fields](../evidence/{slug}.md)",
        "inputs that the report must name": needs,
        "signature": " and ".join(step.signers) or "not required",
        "findings of the last check": f"`.poc2prod/checks/{slug}.json`",
    }
    return "\n".join(["| | |\n|---|---|", *(f"| {what} | {text} |" for what, text in rows.items() if text)])


def _proven(step: Step) -> Iterable[str]:
    texts = explained(step)
    proofs = [f"- `{name}`: {text}" for name, text in texts.items() if name != NOT_YET]
    if proofs:
        yield "\n".join(proofs)
    if NOT_YET in texts:
        yield (
            "This version of poc2prod cannot check this step yet. It stays `unknown` until somebody "
            f"waives it: `poc2prod waive {step.slug}`."
        )
    else:
        yield "What a check is based on and what it cannot detect: [verdicts](../verdicts.md)."


def _neighbours(step: Step) -> str:
    place = steps().index(step)
    near = [("Previous", steps()[place - 1 : place]), ("Next", steps()[place + 1 : place + 2])]
    links = [f"{word}: [{item.number} {item.title}]({item.slug}.md)." for word, few in near for item in few]
    return " ".join([*links, "[All steps](README.md)."])


def _list() -> str:
    parts = [
        "# The 21 steps",
        "From a proof of concept to production, and on to the next iteration. `poc2prod status` shows "
        "the verdict of each step in your project; `poc2prod show STEP` explains a step and its findings.",
    ]
    for stage, title in STAGES.items():
        rows = [
            f"| {item.number} | [{item.title}]({item.slug}.md) | {item.question} |"
            for item in steps()
            if item.stage == stage
        ]
        parts += [f"## {title}", "\n".join(["| | step | question |\n|---|---|---|", *rows])]
    return "\n\n".join(parts) + "\n"
