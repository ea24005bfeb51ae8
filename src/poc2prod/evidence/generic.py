"""What every step owes that has a form or a report: all questions answered; a report of what is on disk
now.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from poc2prod_kit.run.hashing import of_value
from poc2prod_kit.run.libraries import changes
from poc2prod_kit.run.results_versions import LIBRARY

from ..checklist import Step
from ..files import Unreadable
from ..forms import Form
from ..project import Facts
from .finding import ATTESTED, RECOMPUTED, Finding, failed, many, passed, stale, unknown


def answers(step: Step, facts: Facts) -> Iterable[Finding]:
    """Every question of the step's page is answered, in the team's own words."""
    if not step.form:
        return
    name, form = f"docs/{step.slug}.md", facts.form(step.slug)
    if form is None:
        facts.exists(name)
        yield unknown(f"{name} is not there", f"write {name}, or bring it back from git")
    elif isinstance(form, Unreadable):
        facts.text(name)
        yield unknown(str(form), f"mend {name}")
    else:
        yield from _answers(facts, step.slug, form)


def report(step: Step, facts: Facts) -> Iterable[Finding]:
    """The step's report is there, is of this step, and says what it said when the step wrote it."""
    if step.report:
        found, name = facts.report(step.slug), f"reports/{step.slug}.json"
        if isinstance(found, dict) and not _sealed(found):
            yield failed(
                f"{name} was edited or merged since the step wrote it: its seal is of other content",
                _run(facts, step),
            )
        elif isinstance(found, dict):
            yield passed(f"{name} is there and says what it read: {many(len(found['inputs']), 'input')}")
        else:
            yield unknown(str(found) if found else f"{name} is not there", _run(facts, step))


def declared(step: Step, facts: Facts) -> Iterable[Finding]:
    """The report names everything it must depend on: its data, its code, its choices."""
    found = facts.report(step.slug) if step.report else None
    if isinstance(found, dict):
        missing = [name for name in _needed(step, facts) if not _names(found["inputs"], name)]
        if missing:
            yield unknown(
                f"reports/{step.slug}.json does not say it read {_some(missing)}", _run(facts, step)
            )
        else:
            yield passed(f"all needed inputs are declared: {len(_needed(step, facts))}")


def inputs(step: Step, facts: Facts) -> Iterable[Finding]:
    """What the report was made from is what is on disk now."""
    found = facts.report(step.slug) if step.report else None
    if isinstance(found, dict):
        recorded = found["inputs"]
        changed = [name for name in _in_order(recorded) if not facts.holds(name, recorded[name])]
        if changed:
            texts = [_change(facts, name, recorded[name]) for name in changed]
            cause = _libraries(facts, found, changed)
            yield stale(f"{_some(texts)} since the step ran{cause}", _run(facts, step))
        else:
            yield passed(
                f"what was read is as it was: {many(len(recorded), 'input')}", _basis(facts, recorded)
            )


def outputs(step: Step, facts: Facts) -> Iterable[Finding]:
    """What the report says it made is what is on disk now."""
    found = facts.report(step.slug) if step.report else None
    if isinstance(found, dict) and found["outputs"]:
        recorded = found["outputs"]
        changed = [name for name in sorted(recorded) if not facts.holds(name, recorded[name])]
        gone = [name for name in changed if facts.now(name).hash is None]
        if gone:
            yield unknown(f"{_some(gone)}, which the step made, is not there", _run(facts, step))
        elif changed:
            pairs = [
                f"{name} is {_short(facts.now(name).hash)}, the report says {recorded[name][:8]}"
                for name in changed
            ]
            yield failed(_some(pairs), _run(facts, step))
        else:
            yield passed(f"{_some(sorted(recorded))} as reported", _basis(facts, recorded))


def no_machine_evidence(facts: Facts) -> Finding:
    """What a machine can prove of this step is proven."""
    return unknown("this version of poc2prod cannot check this step's evidence yet")


CHECKS: tuple[Callable[[Step, Facts], Iterable[Finding]], ...] = (answers, report, declared, inputs, outputs)


def due(step: Step) -> list[Callable[[Step, Facts], Iterable[Finding]]]:
    """The general checks that this step has."""
    return [check for check in CHECKS if (step.form if check is answers else step.report)]


def signed(step: Step, facts: Facts) -> dict[str, Any]:
    """All answers of the form, the choices of the step's section, and one hash for the results."""
    return {
        **said(step.slug, facts),
        **chosen(step.slug, facts, step.params),
        **found(step.slug, facts, step.report),
    }


def said(slug: str, facts: Facts) -> dict[str, Any]:
    """The answers of a step's page, by name."""
    form = facts.form(slug)
    names = form.questions if isinstance(form, Form) else ()
    return {f"docs/{slug}.md#{name}": facts.answer(slug, name) for name in names if facts.answer(slug, name)}


def chosen(slug: str, facts: Facts, params: bool = True) -> dict[str, Any]:
    """The choices in a step's section of params.toml, by key; dates as text."""
    section = facts.param(slug) if params else None
    leaves = _leaves(section, f"params.toml#{slug}") if isinstance(section, dict) else ()
    return dict(leaves)


def found(slug: str, facts: Facts, report: bool = True) -> dict[str, Any]:
    """A hash of a step's results, by name."""
    results = facts.results(slug) if report else {}
    return {f"reports/{slug}.json#results": of_value(results)} if results else {}


def _leaves(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, f"{name}.{key}")
    else:
        yield name, value if value is None or isinstance(value, (bool, int, float, str, list)) else str(value)


def _sealed(report: dict[str, Any]) -> bool:
    """Whether a report's seal is the hash of all else in it; a report without a seal has none to break."""
    rest = {key: value for key, value in report.items() if key != "seal"}
    return "seal" not in report or report["seal"] == of_value(rest)


def _answers(facts: Facts, slug: str, form: Form) -> Iterator[Finding]:
    name = f"docs/{slug}.md"
    due = dict.fromkeys([*facts.asked(slug), *form.questions])
    optional = {item.name for item in form.questions.values() if item.optional}
    open_ = [question for question in due if not facts.answer(slug, question) and question not in optional]
    if not due:
        yield unknown(
            f"{name} has no question that can be found (<!-- q:… -->)", f"bring {name} back from git"
        )
    elif open_:
        words = [_place(form, question) for question in open_]
        yield unknown(
            f"{len(open_)} of {len(due)} questions open: {_some(words, 4)}", f"answer them in {name}"
        )
    else:
        yield passed(f"{many(len(due), 'question')} answered")


def _place(form: Form, question: str) -> str:
    found = form.questions.get(question)
    return f"{question} (line {found.line})" if found else f"{question} (its <!-- q:{question} --> is gone)"


def _needed(step: Step, facts: Facts) -> list[str]:
    """The names a report must declare, with `data/raw/*` spelled out; `…/split.py` stands for the step's
    module.
    """
    needed = []
    for name in step.needs:
        listed = facts.param("data.files", []) if name == "data/raw/*" else [name]
        needed += [str(item) for item in listed] if isinstance(listed, list) and listed else [name]
    return [*needed, f"…/{step.slug}.py"] if step.module else needed


def _names(inputs: dict[str, str], needed: str) -> bool:
    if needed.startswith("…"):
        return any(name.endswith(needed[1:]) for name in inputs)
    if needed.endswith("/*"):
        return any(name.startswith(needed[:-1]) for name in inputs)
    return needed in inputs


def _in_order(names: Iterable[str]) -> list[str]:
    """The team's own choices and data first, shared code last."""
    return sorted(
        names,
        key=lambda name: (
            not name.startswith(("params", "data/raw", "schema")),
            name.startswith(LIBRARY),
            name,
        ),
    )


def _change(facts: Facts, name: str, was: str) -> str:
    """What became of an input, with its value where it is short."""
    if name.startswith(f"{LIBRARY}#"):
        return f"{name}: {was} → {facts.now(name).hash or 'gone'}"
    reason = facts.reason(name)
    if reason:
        return f"{name} {reason}, and has changed"
    if facts.now(name).hash is None:
        return f"{name} has gone"
    if name.startswith("params.toml#"):
        value = str(facts.param(name.partition("#")[2]))
        return f"{name} (now {value[:40]}) has changed"
    return f"{name} has changed"


def _libraries(facts: Facts, report: dict[str, Any], changed: list[str]) -> str:
    """Where the step that makes a changed input ran with other libraries: which, in brackets."""
    makers = [
        other
        for other in facts.reports()
        if {*changed} & {f"reports/{other['step']}.json", *other["outputs"]}
    ]
    causes = [changes(report.get("libraries"), other.get("libraries")) for other in makers]
    return next((f" ({text})" for text in causes if text), "")


def _basis(facts: Facts, names: Iterable[str]) -> str:
    return ATTESTED if any(facts.now(name).basis == ATTESTED for name in names) else RECOMPUTED


def _short(value: str | None) -> str:
    return (value or "")[:8]


def _some(items: list[str], most: int = 2) -> str:
    more = f" and {len(items) - most} more" if len(items) > most else ""
    return ", ".join(items[:most]) + more


def _run(facts: Facts, step: Step) -> str:
    return f"python -m {facts.package} {step.slug}"
