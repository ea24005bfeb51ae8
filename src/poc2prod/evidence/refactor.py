"""II.3: code that is fit to be kept, with the same predictions as before."""

import ast
import re
from collections.abc import Iterable, Iterator
from typing import Any

from ..project import Facts
from . import golden_predictions, observed, sources
from .finding import CLAIMED, Finding, failed, passed

TOOLS = ("format", "lint", "types")
# A limit above this holds nothing: what is more complex cannot be read.
LOOSEST = 20
FOREIGN = frozenset(
    {
        "IPython",
        "nbformat",
        "nbconvert",
        "nbclient",
        "papermill",
        "import_ipynb",
        "importnb",
        "nbimporter",
        "ipynb",
        "testbook",
    }
)
NAMES = frozenset({"get_ipython"})


def record(facts: Facts) -> Finding:
    """Format, lint, types, complexity and golden predictions were looked at, of this source."""
    return observed.standing(facts, "lint")


def clean(facts: Facts) -> Iterable[Finding]:
    """Formatter, linter and type checker looked at every module and found nothing."""
    newest = observed.record(facts, "lint")
    if newest is None:
        return
    due = len([name for name in sources.modules(facts, "src") if name.endswith(".py")])
    wrong = []
    for tool in TOOLS:
        result = newest.results[tool]
        if result["findings"]:
            example = f": {result['examples'][0][:80]}" if result["examples"] else ""
            wrong.append(f"{tool} found {result['findings']}{example}")
        if result["files"] < max(due, 1):
            wrong.append(f"{tool} looked at {result['files']} files, src/ has {due} modules")
    for text in wrong:
        yield failed(f"{newest.file}: {text}", f"mend it, then python -m {facts.package} lint", CLAIMED)
    if not wrong:
        files = ", ".join(f"{tool} {newest.results[tool]['files']}" for tool in TOOLS)
        yield passed(f"nothing found; files: {files}", CLAIMED)


def simple(facts: Facts) -> Iterable[Finding]:
    """No function is more complex than the limit."""
    newest = observed.record(facts, "lint")
    if newest is None:
        return
    complexity, todo = newest.results["complexity"], f"take it apart, then python -m {facts.package} lint"
    limit, worst = complexity["limit"], complexity["worst"]
    if not 1 <= limit <= LOOSEST:
        yield failed(f"{newest.file}: a complexity of {limit} is no limit (at most {LOOSEST})", todo, CLAIMED)
    elif complexity["over"] or (worst and worst["value"] > limit):
        first = complexity["over"][0] if complexity["over"] else worst
        yield failed(
            f"{first['name'][:60]} has complexity {first['value']}, the limit is {limit}", todo, CLAIMED
        )
    elif worst is None:
        yield failed(f"{newest.file} names no function, so none was measured", todo, CLAIMED)
    else:
        yield passed(f"the most complex, {worst['name'][:60]}, has {worst['value']} of {limit}", CLAIMED)


def same(facts: Facts) -> Iterable[Finding]:
    """Predictions on the golden requests are what they were."""
    newest = observed.record(facts, "lint")
    if newest is None:
        return
    wrong = [*observed.golden(facts, newest), *observed.of_model(facts, newest, newest.model)]
    yield from wrong
    if not wrong:
        compared = newest.results["golden"]
        yield passed(f"{compared['rows']} golden predictions compared, none differs", CLAIMED)


def guard(facts: Facts) -> Iterable[Finding]:
    """The golden predictions are committed: of this model, one for each good example, and of one sense."""
    return golden_predictions.guard(facts)


def notebooks(facts: Facts) -> Iterable[Finding]:
    """No module runs or imports a notebook."""
    names = sources.modules(facts, "src")
    wrong = [f"{name} is a notebook among the modules" for name in names if name.endswith(".ipynb")]
    beside = frozenset(
        name.partition(".")[0] for name in facts.files.names("notebooks") if name.endswith((".py", ".ipynb"))
    )
    for name in names:
        if name.endswith(".py"):
            wrong += [f"{name} {how}" for how in _from_notebooks(sources.text(facts, name), beside)]
    for text in wrong[:3]:
        yield failed(text, "move what is needed into a module of src/")
    if not wrong:
        yield passed(f"{len(names)} modules, none imports a notebook")


def _from_notebooks(text: str, beside: frozenset[str]) -> Iterator[str]:
    """How a module leans on notebooks; `beside`: what lies in notebooks/."""
    try:
        nodes = list(ast.walk(ast.parse(text)))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        yield f"is not Python ({type(error).__name__})"
        return
    for node in nodes:
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        else:
            names = []
        for name in names:
            top = name.partition(".")[0]
            if top in FOREIGN or top == "notebooks" or top in beside:
                yield f"imports {name} (line {node.lineno})"  # type: ignore[attr-defined]
        if isinstance(node, ast.Name) and node.id in NAMES:
            yield f"calls {node.id} (line {node.lineno})"
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _named(node.value):
            yield f"names {node.value[:40]!r} (line {node.lineno})"


def _named(text: str) -> bool:
    """Whether a text, and no docstring, is the name of a notebook."""
    return bool(re.fullmatch(r"[\w./\\ -]*\w\.ipynb", text)) and len(text.split()) == 1


def signed(facts: Facts) -> dict[str, Any]:
    """What a person signs: the newest record of this source, and what was chosen."""
    return observed.signed(facts, "refactor", "lint", params=True)


def missing(facts: Facts) -> Finding | None:
    """What is to say instead where the project has neither a command for it nor a record."""
    return observed.unrecorded(facts, "lint", "lints it")


CHECKS = (record, clean, simple, same, guard, notebooks)
