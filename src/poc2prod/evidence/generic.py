"""The checks that all steps share: the form is answered, the report is complete and current."""

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
from .values import some


def answers(step: Step, facts: Facts) -> Iterable[Finding]:
    """Every required question in docs/<step>.md is answered."""
    if not step.form:
        return
    name, form = f"docs/{step.slug}.md", facts.form(step.slug)
    if form is None:
        facts.exists(name)
        yield unknown(f"{name} is not there", f"write {name}, or restore it from git")
    elif isinstance(form, Unreadable):
        facts.text(name)
        yield unknown(str(form), f"correct {name}")
    else:
        yield from _answers(facts, step.slug, form)


def report(step: Step, facts: Facts) -> Iterable[Finding]:
    """The report exists, belongs to this step, and was not edited after the step wrote it."""
    if step.report:
        content, name = facts.report(step.slug), f"reports/{step.slug}.json"
        if isinstance(content, dict) and not _sealed(content):
            yield failed(
                f"{name} was edited or merged after the step wrote it: its seal does not match its content",
                _run(facts, step),
            )
        elif isinstance(content, dict):
            yield passed(f"{name} is complete, with {many(len(content['inputs']), 'input')}")
        else:
            yield unknown(str(content) if content else f"{name} is not there", _run(facts, step))


def declared(step: Step, facts: Facts) -> Iterable[Finding]:
    """The report names all required inputs: data, code, parameters."""
    content = facts.report(step.slug) if step.report else None
    if isinstance(content, dict):
        missing = [name for name in _needed(step, facts) if not _names(content["inputs"], name)]
        if missing:
            yield unknown(
                f"reports/{step.slug}.json does not name these inputs: {some(missing)}", _run(facts, step)
            )
        else:
            yield passed(f"all required inputs are named: {len(_needed(step, facts))}")


def inputs(step: Step, facts: Facts) -> Iterable[Finding]:
    """The inputs of the report are unchanged."""
    content = facts.report(step.slug) if step.report else None
    if isinstance(content, dict):
        recorded = content["inputs"]
        changed = [name for name in _in_order(recorded) if not facts.holds(name, recorded[name])]
        if changed:
            texts = [_change(facts, name, recorded[name]) for name in changed]
            cause = _libraries(facts, content, changed)
            yield stale(f"{some(texts)} since the step ran{cause}", _run(facts, step))
        elif behind := _behind(facts, content):
            yield stale(behind, f"python -m {facts.package} poc")
        else:
            yield passed(f"{many(len(recorded), 'input')} unchanged", _basis(facts, recorded))


def outputs(step: Step, facts: Facts) -> Iterable[Finding]:
    """The outputs of the report are unchanged."""
    content = facts.report(step.slug) if step.report else None
    if isinstance(content, dict) and content["outputs"]:
        recorded = content["outputs"]
        changed = [name for name in sorted(recorded) if not facts.holds(name, recorded[name])]
        missing = [name for name in changed if facts.now(name).hash is None]
        if missing:
            yield unknown(f"{some(missing)} is missing; the step wrote it", _run(facts, step))
        elif changed:
            pairs = [
                f"{name} has the hash {_short(facts.now(name).hash)}, the report says {recorded[name][:8]}"
                for name in changed
            ]
            yield failed(some(pairs), _run(facts, step))
        else:
            yield passed(f"{some(sorted(recorded))} as reported", _basis(facts, recorded))


def no_machine_evidence(facts: Facts) -> Finding:
    """Not implemented: this version has no checks for this step."""
    return unknown("this version of poc2prod cannot check this step's evidence yet")


CHECKS: tuple[Callable[[Step, Facts], Iterable[Finding]], ...] = (answers, report, declared, inputs, outputs)


def due(step: Step) -> list[Callable[[Step, Facts], Iterable[Finding]]]:
    """The general checks that this step has."""
    return [check for check in CHECKS if (step.form if check is answers else step.report)]


def signed(step: Step, facts: Facts) -> dict[str, Any]:
    """All answers of the form, the step's parameters, and a hash of the results."""
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
    """The parameters of a step in params.toml, by key; dates as text."""
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
    """Whether the seal is the hash of the rest of the report; a report without a seal passes."""
    rest = {key: value for key, value in report.items() if key != "seal"}
    return "seal" not in report or report["seal"] == of_value(rest)


def _answers(facts: Facts, slug: str, form: Form) -> Iterator[Finding]:
    name = f"docs/{slug}.md"
    required = dict.fromkeys([*facts.asked(slug), *form.questions])
    optional = {item.name for item in form.questions.values() if item.optional}
    open_ = [
        question for question in required if not facts.answer(slug, question) and question not in optional
    ]
    if not required:
        yield unknown(f"{name} has no question (<!-- q:… -->)", f"restore {name} from git")
    elif open_:
        words = [_place(form, question) for question in open_]
        yield unknown(
            f"{len(open_)} of {len(required)} questions open: {some(words, 4)}", f"answer them in {name}"
        )
    else:
        yield passed(f"{many(len(required), 'question')} answered")


def _place(form: Form, question: str) -> str:
    asked = form.questions.get(question)
    return f"{question} (line {asked.line})" if asked else f"{question} (<!-- q:{question} --> is missing)"


def _needed(step: Step, facts: Facts) -> list[str]:
    """The inputs that a report must name; `…/split.py` stands for the step's module."""
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


# A person can act on a parameter or a file; a change in the library is listed last.
def _in_order(names: Iterable[str]) -> list[str]:
    """The team's parameters and data first, shared code last."""
    return sorted(
        names,
        key=lambda name: (
            not name.startswith(("params", "data/raw", "schema")),
            name.startswith(LIBRARY),
            name,
        ),
    )


def _change(facts: Facts, name: str, was: str) -> str:
    """How an input changed, with its current value if it is a parameter."""
    if name.startswith(f"{LIBRARY}#"):
        return f"{name}: {was} → {facts.now(name).hash or 'gone'}"
    reason = facts.reason(name)
    if reason:
        return f"{name} {reason}, and has changed"
    if facts.now(name).hash is None:
        return f"{name} is missing now"
    if name.startswith("params.toml#"):
        value = str(facts.param(name.partition("#")[2]))
        return f"{name} (now {value[:40]}) has changed"
    return f"{name} has changed"


def _libraries(facts: Facts, report: dict[str, Any], changed: list[str]) -> str:
    """Where the step that makes a changed input ran with other libraries: which, in brackets."""
    causes = [
        changes(report.get("libraries"), other.get("libraries")) for other in _makers(facts, {*changed})
    ]
    return next((f" ({text})" for text in causes if text), "")


def _behind(facts: Facts, report: dict[str, Any]) -> str:
    """What changed since an earlier step ran whose results this one read, directly or not; else empty."""
    waiting, seen = [report], {report["step"]}
    while waiting:
        for other in _makers(facts, {*waiting.pop(0)["inputs"]}):
            if other["step"] in seen:
                continue
            seen.add(other["step"])
            waiting.append(other)
            facts.report(other["step"])  # an input of this check from now on
            recorded = other["inputs"]
            changed = [name for name in _in_order(recorded) if not facts.holds(name, recorded[name])]
            if changed:
                texts = [_change(facts, name, recorded[name]) for name in changed]
                return f"{some(texts)} since the step {other['step']} ran, whose results it uses"
    return ""


def _makers(facts: Facts, names: set[str]) -> list[dict[str, Any]]:
    """The reports of the steps that make any of these files."""
    return [
        other for other in facts.reports() if names & {f"reports/{other['step']}.json", *other["outputs"]}
    ]


def _basis(facts: Facts, names: Iterable[str]) -> str:
    return ATTESTED if any(facts.now(name).basis == ATTESTED for name in names) else RECOMPUTED


def _short(value: str | None) -> str:
    return (value or "")[:8]


def _run(facts: Facts, step: Step) -> str:
    return f"python -m {facts.package} {step.slug}"
