"""Faults of II.3: findings that are not mended, code that nobody looked at, predictions that moved."""

from __future__ import annotations

from pathlib import Path

from bench import hands, produced
from bench.produced import fault

PREDICTIONS = "tests/golden/predictions.json"


@fault("refactor", "fail", "lint found 3")
def lint_with_findings(project: Path) -> None:
    """Three, and a record that says so."""
    produced.put(project, "lint", "lint.findings", 3)


@fault("refactor", "fail", "types looked at 2 files")
def two_files_looked_at(project: Path) -> None:
    """The rest was left out."""
    produced.put(project, "lint", "types.files", 2)


@fault("refactor", "fail", "a complexity of 500 is no limit")
def limit_beyond_everything(project: Path) -> None:
    """Nothing is over it."""
    produced.put(project, "lint", "complexity.limit", 500)


@fault("refactor", "fail", "has complexity 31")
def one_function_does_everything(project: Path) -> None:
    """One is over the limit."""
    produced.put(project, "lint", "complexity.over", [{"name": "src/letters/api.py:app", "value": 31}])


@fault("refactor", "fail", "2 of 7 golden predictions differ")
def predictions_moved(project: Path) -> None:
    """While the code was tidied up."""
    produced.put(project, "lint", "golden.differing", 2)


@fault("refactor", "fail", "0 golden predictions were compared")
def nothing_compared(project: Path) -> None:
    """No row, no difference."""
    produced.put(project, "lint", "golden.rows", 0)


@fault("refactor", "fail", "5 golden predictions were compared; there are 7")
def few_compared(project: Path) -> None:
    """The five that are the same."""
    produced.put(project, "lint", "golden.rows", 5)


@fault("refactor", "stale", "is of another source", "api", "testing", "docker", "ci")
def code_changed_since(project: Path) -> None:
    """A line after all was looked at."""
    hands.edit(project, "tests/conftest.py", '"""', '"""Changed. ')


@fault("refactor", "stale", "is of another source", "api", "testing", "docker", "ci")
def other_settings_since(project: Path) -> None:
    """A file that ruff reads before pyproject.toml, added after all was looked at."""
    hands.write(project, "ruff.toml", 'exclude = ["src"]\n')


@fault("refactor", "unknown", "was edited")
def record_edited(project: Path) -> None:
    """Findings taken out of the record by hand."""
    path = produced.record(project, "lint")
    path.write_text(path.read_text("utf-8").replace('"files": 1', '"files": 9'), "utf-8")


@fault("refactor", "unknown", "no record of kind lint")
def record_gone(project: Path) -> None:
    """Nobody knows."""
    produced.record(project, "lint").unlink()


@fault("refactor", "fail", "imports nbformat")
def notebook_imported(project: Path) -> None:
    """A module runs a notebook, and all commands ran again."""
    hands.write(project, "src/letters/explore.py", "import nbformat\n\nTOLD = nbformat.read\n")
    produced.tell(project, "test", lambda results: _covered(results, "src/letters/explore.py", 2))
    for tool in ("format", "lint", "types"):
        produced.put(project, "lint", f"{tool}.files", 999)
    produced.rebind(project)


@fault("refactor", "stale", "is of the model", "api", "testing", "docker", "ci")
def predictions_of_another_model(project: Path) -> None:
    """Golden predictions that another model made."""
    hands.revise(project, PREDICTIONS, lambda value: value.update(model="0" * 64))


@fault("refactor", "fail", "is answered with", "api")
def prediction_turned(project: Path) -> None:
    """A yes where probability and costs say no, with all hashes brought up to date."""

    def change(value: dict[str, list[dict[str, dict[str, bool]]]]) -> None:
        answer = value["rows"][0]["answer"]
        answer["prediction"] = not answer["prediction"]

    hands.revise(project, PREDICTIONS, change)
    produced.retold(project, "api")
    produced.rebind(project)


def _covered(results: dict[str, dict[str, object]], name: str, lines: int) -> None:
    results["files_covered"][name] = [lines, 0]
    results["coverage"]["lines"] += lines  # type: ignore[operator]
