"""One Markdown page a step, from the sources of `poc2prod show`: checklist.toml, the template's forms, and
the checks' docstrings.
"""

from collections.abc import Iterable

from .. import forms, template
from ..checklist import Step, steps
from ..evidence import explained
from .words import STAGES

NOT_YET = "no_machine_evidence"


def pages() -> dict[str, str]:
    """File names in docs/steps with their text: the list of all steps, and a page each."""
    return {"README.md": _list(), **{f"{step.slug}.md": page(step) for step in steps()}}


def page(step: Step) -> str:
    """One step: what it asks, why, what people decide, where it stands in a project, what is proven."""
    parts = [
        f"# {step.number} {step.title}",
        f"{STAGES[step.stage]}. **{step.question}**",
        step.why,
        *_decided(step),
        "## Where it stands in a project",
        "\n".join(_places(step)),
        "## What is proven",
        *_proven(step),
        "## Commands",
        "\n".join(_commands(step)),
        _neighbours(step),
    ]
    return "\n\n".join(parts) + "\n"


def questions(slug: str) -> list[forms.Question]:
    """What the template's form of a step asks; none where it has no form yet."""
    folder = template.root() / template.FOLDER / "docs"
    found = [
        folder / f"{start}{slug}.md" for start in ("", "{{cookiecutter.__own}}", "{{cookiecutter.__full}}")
    ]
    texts = [path.read_text(encoding="utf-8") for path in found if path.is_file()]
    return list(forms.parse(texts[0]).questions.values()) if texts else []


def _decided(step: Step) -> Iterable[str]:
    asked = questions(step.slug) if step.form else []
    if asked:
        yield "## What people decide"
        yield f"Each question has a place in the project's `docs/{step.slug}.md`."
        yield "\n".join(
            f"- {item.asked or item.title} (`{item.name}`{', optional' if item.optional else ''})"
            for item in asked
        )


def _places(step: Step) -> Iterable[str]:
    yield "| | |\n|---|---|"
    if step.form:
        yield f"| answers | `docs/{step.slug}.md` |"
    if step.params:
        yield f"| choices | `[{step.slug}]` of `params.toml` |"
    if step.module:
        yield f"| code | `src/<package>/{step.slug}.py` |"
    if step.report:
        yield f"| measured | `reports/{step.slug}.json`, [field by field](../evidence/{step.slug}.md) |"
    if step.needs:
        yield f"| its report must name as inputs | {', '.join(f'`{name}`' for name in step.needs)} |"
    yield f"| must be signed by | {' and '.join(step.signers) or 'nobody; anybody may'} |"
    yield f"| what the last check found | `.poc2prod/checks/{step.slug}.json` |"


def _proven(step: Step) -> Iterable[str]:
    texts = explained(step)
    proofs = [f"- `{name}`: {text}" for name, text in texts.items() if name != NOT_YET]
    if proofs:
        yield "\n".join(proofs)
    if NOT_YET in texts:
        yield (
            "This version of poc2prod cannot prove this step yet, so it stays `unknown`, unless somebody "
            f"answers for it (`poc2prod waive {step.slug}`)."
        )
    else:
        yield "What a proof rests on, and what it cannot catch: [verdicts](../verdicts.md)."


def _commands(step: Step) -> Iterable[str]:
    yield f"    poc2prod show {step.slug:<24}this page with what was found in your project"
    yield f"    poc2prod check {step.slug:<23}look again, and keep what came out"
    yield f"    poc2prod sign {step.slug:<24}answer for its content as it is now"


def _neighbours(step: Step) -> str:
    place = steps().index(step)
    near = [("Before", steps()[place - 1 : place]), ("After", steps()[place + 1 : place + 2])]
    links = [f"{word}: [{item.number} {item.title}]({item.slug}.md)." for word, few in near for item in few]
    return " ".join([*links, "[All steps](README.md)."])


def _list() -> str:
    parts = [
        "# The 21 steps",
        "From a proof of concept to production, and back to the start with what production taught. "
        "`poc2prod status` says of each where a project stands; `poc2prod show STEP` explains one "
        "with what was found.",
    ]
    for stage, title in STAGES.items():
        rows = [
            f"| {item.number} | [{item.title}]({item.slug}.md) | {item.question} |"
            for item in steps()
            if item.stage == stage
        ]
        parts += [f"## {title}", "\n".join(["| | step | asks |\n|---|---|---|", *rows])]
    return "\n\n".join(parts) + "\n"
