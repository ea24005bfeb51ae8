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
from .step_reports import again
from .values import is_number, some, texts


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
    if not step.report:
        return
    content, name, run = facts.report(step.slug), f"reports/{step.slug}.json", again(facts, step.slug)
    if not isinstance(content, dict):
        yield unknown(str(content or f"{name} is not there"), run)
    elif not _sealed(content):
        yield failed(
            f"{name} was edited or merged after the step wrote it: its seal does not match its content", run
        )
    else:
        yield passed(f"{name} is complete, with {many(len(content['inputs']), 'input')}")


def declared(step: Step, facts: Facts) -> Iterable[Finding]:
    """The report names all required inputs: data, code, parameters."""
    content = facts.report(step.slug) if step.report else None
    if isinstance(content, dict):
        needed = _needed(step, facts)
        if missing := [name for name in needed if not _names(content["inputs"], name)]:
            text = f"reports/{step.slug}.json does not name these inputs: {some(missing)}"
            yield unknown(text, again(facts, step.slug))
        else:
            yield passed(f"all required inputs are named: {len(needed)}")


def inputs(step: Step, facts: Facts) -> Iterable[Finding]:
    """The inputs of the report are unchanged."""
    content = facts.report(step.slug) if step.report else None
    if isinstance(content, dict):
        if changed := _changes(facts, content):
            cause = _libraries(facts, content, changed)
            yield stale(f"{some(list(changed.values()))} since the step ran{cause}", again(facts, step.slug))
        elif behind := _behind(facts, content):
            yield stale(behind, f"python -m {facts.package} poc")
        else:
            yield passed(
                f"{many(len(content['inputs']), 'input')} unchanged", _basis(facts, content["inputs"])
            )


def outputs(step: Step, facts: Facts) -> Iterable[Finding]:
    """The outputs of the report are unchanged."""
    content = facts.report(step.slug) if step.report else None
    if isinstance(content, dict) and (recorded := content["outputs"]):
        now = {
            name: facts.now(name).hash for name in sorted(recorded) if not facts.holds(name, recorded[name])
        }
        missing = [name for name, hash_ in now.items() if hash_ is None]
        if missing:
            yield unknown(f"{some(missing)} is missing; the step wrote it", again(facts, step.slug))
        elif now:
            pairs = [
                f"{name} has the hash {str(hash_)[:8]}, the report says {recorded[name][:8]}"
                for name, hash_ in now.items()
            ]
            yield failed(some(pairs), again(facts, step.slug))
        else:
            yield passed(f"{some(sorted(recorded))} as reported", _basis(facts, recorded))


def no_machine_evidence(facts: Facts) -> Finding:
    """Not implemented: this version has no checks for this step."""
    return unknown("this version of poc2prod cannot check this step's evidence yet")


CHECKS: tuple[Callable[[Step, Facts], Iterable[Finding]], ...] = (answers, report, declared, inputs, outputs)


def due(step: Step) -> list[Callable[[Step, Facts], Iterable[Finding]]]:
    """The general checks that this step has."""
    return [check for check in CHECKS if (step.form if check is answers else step.report)]


def numbers(
    facts: Facts, section: str, keys: Iterable[str], question: str = "", *, above: bool = False
) -> Finding:
    """Whether each of these keys of a section of params.toml is a number of 0 or more, or above 0."""
    values = {key: facts.param(f"{section}.{key}") for key in keys}
    if unset := [key for key, value in values.items() if value is None]:
        names = " and ".join(unset)
        asks = f": {question}" if question else ""
        return unknown(f"[{section}] {names} not set{asks}", f"set [{section}] {names} in params.toml")
    invalid = [k for k, v in values.items() if not is_number(v) or v < 0 or (above and v == 0)]
    if invalid:
        shown = ", ".join(f"{key} = {str(values[key])[:40]!r}" for key in invalid)
        return failed(
            f"[{section}] {shown}: must be a number{' above 0' if above else ' of 0 or more'}",
            f"correct [{section}] {' and '.join(invalid)}",
        )
    return passed(", ".join(f"{key} = {value}" for key, value in values.items()))


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
    raw = texts(facts, "data.files") or ["data/raw/*"]
    needed = [name for need in step.needs for name in (raw if need == "data/raw/*" else [need])]
    return [*needed, f"…/{step.slug}.py"] if step.module else needed


def _names(inputs: dict[str, str], needed: str) -> bool:
    if needed.startswith("…"):
        return any(name.endswith(needed[1:]) for name in inputs)
    if needed.endswith("/*"):
        return any(name.startswith(needed[:-1]) for name in inputs)
    return needed in inputs


def _changes(facts: Facts, report: dict[str, Any]) -> dict[str, str]:
    """How each changed input of a report changed: the team's parameters and data first, since a person can act on
    them, the library last.
    """
    recorded = report["inputs"]
    changed = [name for name in recorded if not facts.holds(name, recorded[name])]

    def order(name: str) -> tuple[bool, bool, str]:
        return not name.startswith(("params", "data/raw", "schema")), name.startswith(LIBRARY), name

    return {name: _change(facts, name, recorded[name]) for name in sorted(changed, key=order)}


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


def _libraries(facts: Facts, report: dict[str, Any], changed: Iterable[str]) -> str:
    """Where the step that makes a changed input ran with other libraries: which, in brackets."""
    causes = [
        changes(report.get("libraries"), other.get("libraries")) for other in _makers(facts, {*changed})
    ]
    return next((f" ({text})" for text in causes if text), "")


def _behind(facts: Facts, report: dict[str, Any]) -> str:
    """What changed since an earlier step ran whose results this one read, directly or not; else empty."""
    waiting, known = [report], {report["step"]}
    while waiting:
        for other in _makers(facts, {*waiting.pop(0)["inputs"]}):
            if other["step"] in known:
                continue
            known.add(other["step"])
            waiting.append(other)
            facts.report(other["step"])  # an input of this check from now on
            if changed := _changes(facts, other):
                how = some(list(changed.values()))
                return f"{how} since the step {other['step']} ran, whose results it uses"
    return ""


def _makers(facts: Facts, names: set[str]) -> list[dict[str, Any]]:
    """The reports of the steps that make any of these files."""
    return [
        other for other in facts.reports() if names & {f"reports/{other['step']}.json", *other["outputs"]}
    ]


def _basis(facts: Facts, names: Iterable[str]) -> str:
    return ATTESTED if any(facts.now(name).basis == ATTESTED for name in names) else RECOMPUTED
