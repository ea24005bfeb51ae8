"""Faults of II.5: tests that fail, that cannot fail, that are not there, and numbers that do not add up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench import hands, produced
from bench.produced import fault


@fault("testing", "fail", "2 tests ended in failed")
def tests_fail(project: Path) -> None:
    """Two, and the record says so."""
    produced.tell(project, "test", lambda results: results.update(failed=2, passed=results["passed"] - 2))


@fault("testing", "fail", "but outcomes of")
def failures_deleted(project: Path) -> None:
    """One that failed is taken out of the record."""
    produced.tell(project, "test", lambda results: results.update(passed=results["passed"] - 1))


@fault("testing", "fail", "was skipped without a reason")
def skipped_without_a_reason(project: Path) -> None:
    """It was in the way."""
    produced.tell(
        project,
        "test",
        lambda results: results.update(
            passed=results["passed"] - 1, skipped=[{"name": "test_api", "reason": ""}]
        ),
    )


@fault("testing", "fail", "tests were skipped")
def nearly_all_skipped(project: Path) -> None:
    """Nothing failed."""
    why = {"name": "test", "reason": "needs a database that is not here"}
    produced.tell(
        project, "test", lambda results: results.update(passed=1, skipped=[why] * (results["tests"] - 1))
    )


@fault("testing", "fail", "not one test passed")
def no_tests_ran(project: Path) -> None:
    """None failed either."""
    none: dict[str, Any] = {"tests": 0, "passed": 0, "skipped": [], "files": {}}
    produced.tell(project, "test", lambda results: results.update(none))


@fault("testing", "fail", "tests/test_api.py, which holds tests, is not in the record")
def file_left_out(project: Path) -> None:
    """The run leaves out the tests of the API."""

    def change(results: dict[str, Any]) -> None:
        count = results["files"].pop("tests/test_api.py")
        results.update(tests=results["tests"] - count, passed=results["passed"] - count)

    produced.tell(project, "test", change)


@fault("testing", "fail", "is in the record, and not here")
def record_of_other_tests(project: Path) -> None:
    """The file went, and the record was bound anew."""
    (project / "tests/test_split.py").unlink()
    produced.rebind(project)


@fault("testing", "fail", "cannot fail: it asserts nothing")
def assertion_taken_out(project: Path) -> None:
    """A test that only runs."""
    hands.write(project, "tests/test_more.py", "from letters import data\n\n\ndef test_it():\n    data.run\n")
    produced.tell(project, "test", lambda results: _counted(results, "tests/test_more.py"))
    produced.rebind(project)


@fault("testing", "fail", "cannot fail: it asserts nothing")
def assertion_of_nothing(project: Path) -> None:
    """True is true."""
    hands.write(project, "tests/test_more.py", "def test_it():\n    assert True\n")
    produced.tell(project, "test", lambda results: _counted(results, "tests/test_more.py"))
    produced.rebind(project)


@fault("testing", "fail", "cannot fail: it asserts nothing")
def assertion_swallowed(project: Path) -> None:
    """Whatever happens is fine."""
    body = "    try:\n        assert len(__name__) == 1\n    except Exception:\n        pass\n"
    hands.write(project, "tests/test_more.py", f"def test_it():\n{body}")
    produced.tell(project, "test", lambda results: _counted(results, "tests/test_more.py"))
    produced.rebind(project)


@fault("testing", "fail", "cannot fail: it asserts nothing")
def namesake_of_a_helper(project: Path) -> None:
    """Somewhere, a function that is called `run` asserts."""
    hands.write(project, "tests/helpers.py", "def run(results):\n    assert found\n")
    body = "import subprocess\n\n\ndef test_it():\n    subprocess.run(['true'])\n"
    hands.write(project, "tests/test_more.py", body)
    produced.tell(project, "test", lambda results: _counted(results, "tests/test_more.py"))
    produced.rebind(project)


@fault("testing", "fail", "is of the API")
def api_untested(project: Path) -> None:
    """The tests of the API went, and all commands ran again."""
    (project / "tests/test_api.py").unlink()
    produced.tell(project, "test", lambda results: _uncounted(results, "tests/test_api.py"))
    produced.rebind(project)


@fault("testing", "unknown", "no case of direction")
def no_direction(project: Path) -> None:
    """Nobody says what must move the prediction."""
    hands.edit(project, "params.toml", "[[testing.direction]]", "[[testing.way]]", count=99)
    produced.rebind(project)


@fault("testing", "fail", "is no coverage")
def covered_more_than_all(project: Path) -> None:
    """A number rounded up."""
    produced.put(project, "test", "coverage.covered", 10**6)


@fault("testing", "fail", "by file")
def coverage_without_files(project: Path) -> None:
    """The sum stands, the files went."""
    produced.tell(project, "test", lambda results: results["files_covered"].pop("src/letters/api.py"))


@fault("testing", "fail", "is not among the files covered")
def module_left_out_of_coverage(project: Path) -> None:
    """A module that nobody runs, left out so that the share looks better."""

    def change(results: dict[str, Any]) -> None:
        lines, covered = results["files_covered"].pop("src/letters/api.py")
        results["coverage"]["lines"] -= lines
        results["coverage"]["covered"] -= covered

    produced.tell(project, "test", change)


@fault("testing", "stale", "is of another source", "refactor", "api", "docker", "ci")
def test_changed_since(project: Path) -> None:
    """A tolerance is made wider after the run."""
    path = project / "tests/test_behaviour.py"
    path.write_text(path.read_text("utf-8") + "\nWIDE = 0.5\n", "utf-8")


def _counted(results: dict[str, Any], name: str) -> None:
    results["files"][name] = 1
    results.update(tests=results["tests"] + 1, passed=results["passed"] + 1)


def _uncounted(results: dict[str, Any], name: str) -> None:
    count = results["files"].pop(name, 0)
    results.update(tests=results["tests"] - count, passed=results["passed"] - count)
