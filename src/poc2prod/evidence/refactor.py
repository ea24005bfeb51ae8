"""II.3: code that is fit to be kept, with the same predictions as before."""

import ast
import re
from collections.abc import Iterable, Iterator
from typing import Any

from ..project import Facts
from ..records import Record
from . import golden_predictions, observed, sources
from .finding import CLAIMED, Finding, outcome_of, passed

TOOLS = ("format", "lint", "types")
# A limit above this holds nothing: what is more complex cannot be read.
LOOSEST = 20
FOREIGN = frozenset(
    {"IPython", "nbformat", "nbconvert", "nbclient", "papermill", "import_ipynb", "importnb", "nbimporter"}
    | {"ipynb", "testbook"}
)


def record(facts: Facts) -> Finding:
    """Format, lint, types, complexity and golden predictions were looked at, of this source."""
    return observed.standing(facts, "lint")


def clean(facts: Facts, newest: Record) -> Iterable[Finding]:
    """Formatter, linter and type checker looked at every module and found nothing."""
    due = len([name for name in sources.modules(facts, "src") if name.endswith(".py")])
    wrong = []
    for tool in TOOLS:
        result = newest.results[tool]
        if result["findings"]:
            example = f": {result['examples'][0][:80]}" if result["examples"] else ""
            wrong.append(f"{tool} found {result['findings']}{example}")
        if result["files"] < max(due, 1):
            wrong.append(f"{tool} looked at {result['files']} files, src/ has {due} modules")
    files = ", ".join(f"{tool} {newest.results[tool]['files']}" for tool in TOOLS)
    holds = f"nothing found; files: {files}"
    return outcome_of(wrong, holds, f"mend it, then python -m {facts.package} lint", CLAIMED, newest.file)


def simple(facts: Facts, newest: Record) -> Iterable[Finding]:
    """No function is more complex than the limit."""
    limit, worst, over = (newest.results["complexity"][key] for key in ("limit", "worst", "over"))
    most = over[0] if over else worst
    wrong, holds = [], ""
    if not 1 <= limit <= LOOSEST:
        wrong = [f"a complexity of {limit} is no limit (at most {LOOSEST})"]
    elif most is None:
        wrong = ["it names no function, so none was measured"]
    elif over or most["value"] > limit:
        wrong = [f"{most['name'][:60]} has complexity {most['value']}, the limit is {limit}"]
    else:
        holds = f"the most complex, {most['name'][:60]}, has {most['value']} of {limit}"
    return outcome_of(
        wrong, holds, f"take it apart, then python -m {facts.package} lint", CLAIMED, newest.file
    )


def same(facts: Facts, newest: Record) -> Iterable[Finding]:
    """Predictions on the golden requests are what they were."""
    return observed.answered(facts, newest, newest.model) or [
        passed(f"{newest.results['golden']['rows']} golden predictions compared, none differs", CLAIMED)
    ]


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
    holds = f"{len(names)} modules, none imports a notebook"
    return outcome_of(wrong, holds, "move what is needed into a module of src/")


def _from_notebooks(text: str, beside: frozenset[str]) -> Iterator[str]:
    """How a module leans on notebooks; `beside`: what lies in notebooks/."""
    try:
        nodes = list(ast.walk(ast.parse(text)))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        yield f"is not Python ({type(error).__name__})"
        return
    for node in nodes:
        match node:
            case ast.Import():
                names = [alias.name for alias in node.names]
            case ast.ImportFrom(level=0):
                names = [node.module or ""]
            case ast.Name(id="get_ipython"):
                yield f"calls get_ipython (line {node.lineno})"
                continue
            # One word, so that a docstring may speak of a notebook.
            case ast.Constant(value=str(words)) if re.fullmatch(r"[\w./\\-]*\w\.ipynb", words.strip()):
                yield f"names {words[:40]!r} (line {node.lineno})"
                continue
            case _:
                continue
        for name in names:
            if name.partition(".")[0] in {*FOREIGN, "notebooks", *beside}:
                yield f"imports {name} (line {node.lineno})"


def signed(facts: Facts) -> dict[str, Any]:
    """What a person signs: the newest record of this source, and what was chosen."""
    return observed.signed(facts, "refactor", "lint", params=True)


def missing(facts: Facts) -> Finding | None:
    """What is to say instead where the project has neither a command for it nor a record."""
    return observed.unrecorded(facts, "lint", "lints it")


CHECKS = (record, *observed.recorded("lint", clean, simple, same), guard, notebooks)
