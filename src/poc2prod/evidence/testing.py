"""II.5: a suite in which a test fails when the data, a feature, the model or the service breaks."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from ..forms import hollow
from ..project import Facts
from ..records import Record
from ..template import LIBRARY
from . import code, observed, sources, test_assertions
from .finding import CLAIMED, RECOMPUTED, Finding, Unproven, failed, outcome_of, passed, unknown
from .test_assertions import Module

FOLDER = "tests"
# What must be tested, by the words in the names of the files that do.
KINDS = {
    "data": r"data|schema|rows",
    "features": r"features?|rules",
    "the API": r"api|service|server",
    "the pipeline": r"pipeline|steps|end",
}
# What a model's behaviour is tested by: words in the names of test functions, and tables of [testing].
BEHAVIOUR = ("invariance", "direction", "minimum")
LOWEST = 0.5


def record(facts: Facts) -> Finding:
    """The tests ran with coverage, on this source, and a record says so."""
    return observed.standing(facts, "test")


def green(facts: Facts, newest: Record) -> Iterable[Finding]:
    """Tests ran and none failed; what was skipped has a reason, and its share is told."""
    counts, skipped = newest.results, newest.results["skipped"]
    tests, ended = counts["tests"], counts["passed"] + counts["failed"] + counts["errors"] + len(skipped)
    wrong = [f"{counts[key]} tests ended in {key}" for key in ("failed", "errors") if counts[key]]
    if tests != ended:
        wrong.append(f"{tests} tests, but outcomes of {ended}")
    if not counts["passed"]:
        wrong.append("not one test passed")
    if counts["passed"] < LOWEST * tests:
        wrong.append(f"{len(skipped)} of {tests} tests were skipped")
    silent = [one["name"] for one in skipped if hollow(one["reason"])]
    wrong += [f"{name[:60]} was skipped without a reason" for name in silent[:2]]
    share = f"{len(skipped)} skipped ({len(skipped) / max(tests, 1):.0%}), each with a reason"
    holds = f"{counts['passed']} of {tests} tests passed, {share}"
    return outcome_of(wrong, holds, f"mend it, then python -m {facts.package} test", CLAIMED, newest.file)


def counted(facts: Facts, newest: Record) -> Iterable[Finding]:
    """The record counts every test file that is here, at least one for each test in it, and no other."""
    recorded, files, tests = newest.results["files"], suite(facts), newest.results["tests"]
    wrong = [f"{name} is in the record, and not here" for name in recorded if name not in files]
    for name, module in files.items():
        due, count = len({test.name for test in module.tests if test.always}), recorded.get(name, 0)
        if due and not count:
            wrong.append(f"{name}, which holds tests, is not in the record")
        elif count < due:
            wrong.append(f"{name} has {due} tests, the record counts {count}")
    if sum(recorded.values()) != tests:
        wrong.append(f"{tests} tests, {sum(recorded.values())} by file")
    functions = sum(len(one.tests) for one in files.values())
    holds = f"{len(recorded)} files with {functions} test functions, {tests} tests in all"
    return outcome_of(wrong, holds, f"python -m {facts.package} test", where=newest.file)


def assertions(facts: Facts) -> Iterable[Finding]:
    """No test is plainly without an assertion: each asserts, expects an error or calls a helper that does."""
    tests = [(name, test) for name, module in suite(facts).items() for test in module.tests]
    if not tests:
        return [failed(f"{FOLDER}/ holds no test", f"bring {FOLDER}/ back from git")]
    empty = (
        f"{name}, line {test.line}: {test.name} cannot fail: it asserts nothing"
        for name, test in tests
        if not test.can_fail
    )
    holds = f"{len(tests)} test functions, each with something that can fail"
    return outcome_of(empty, holds, "let it assert what should hold, or take it out")


def kinds(facts: Facts) -> Finding:
    """Data, features, the API and the pipeline are tested, by tests that import the project or its library."""
    lacking = [kind for kind, words in KINDS.items() if not _tested(facts, words)]
    if lacking:
        todo = f"write {FOLDER}/test_….py for {lacking[0]}"
        return failed(f"no test in {FOLDER}/ is of {', '.join(lacking)}", todo)
    return passed(f"tests of {', '.join(KINDS)}")


def _tested(facts: Facts, words: str) -> bool:
    """Whether a test file of these words imports the project, or its library, and holds a test."""
    ours = (facts.package, LIBRARY)
    return any(
        re.search(rf"(^|_)({words})(_|$)", name.rpartition("/")[2].removesuffix(".py"))
        and any(one.partition(".")[0] in ours for one in module.imports)
        and any(test.can_fail for test in module.tests)
        for name, module in suite(facts).items()
    )


def behaviour(facts: Facts) -> Finding:
    """The model's behaviour is tested: what may not move a prediction, what must, what anyone gets right."""
    tests = [test.name for one in suite(facts).values() for test in one.tests if test.can_fail]
    untested = [kind for kind in BEHAVIOUR if not any(kind in name for name in tests)]
    if untested:
        return failed(f"no test of {', '.join(untested)}", f"bring {FOLDER}/test_behaviour.py back from git")
    given = {kind: facts.param(f"testing.{kind}", []) for kind in BEHAVIOUR}
    cases: dict[str, list[Any]] = {
        k: listed if isinstance(listed, list) else [] for k, listed in given.items()
    }
    if empty := [kind for kind, listed in cases.items() if not listed]:
        return unknown(
            f"[testing] names no case of {' and '.join(empty)}: of that, nothing is expected of the model",
            f"add [[testing.{empty[0]}]] to params.toml",
        )
    for kind, listed in cases.items():
        for place, case in enumerate(listed, 1):
            why = case.get("why") if isinstance(case, dict) else None
            if not isinstance(why, str) or hollow(why):
                return failed(f"[testing] {kind} {place} does not say why", "give it its why, in params.toml")
    return passed(", ".join(f"{len(listed)} of {kind}" for kind, listed in cases.items()))


def coverage(facts: Facts, newest: Record) -> Iterable[Finding]:
    """How much of the code the tests run is said, file by file, for every module of the project."""
    lines, covered = (newest.results["coverage"][key] for key in ("lines", "covered"))
    holds = f"{covered:,} of {lines:,} lines run ({covered / max(lines, 1):.0%})"
    wrong = list(_uncovered(facts, newest.results))
    basis = RECOMPUTED if wrong else CLAIMED
    return outcome_of(wrong, holds, f"python -m {facts.package} test", basis, newest.file)


def _uncovered(facts: Facts, results: dict[str, Any]) -> Iterator[str]:
    """What is wrong with the numbers of coverage: sums that differ, modules left out or longer than here."""
    files, total = results["files_covered"], results["coverage"]
    lines, covered = total["lines"], total["covered"]
    if not 0 < covered <= lines:
        yield f"{covered} of {lines} lines covered is no coverage"
    odd = [name for name, pair in files.items() if len(pair) != 2 or pair[1] > pair[0]]
    if odd:
        yield f"{odd[0]}: {files[odd[0]]} are not lines and lines covered"
        return
    sums = [sum(pair[place] for pair in files.values()) for place in (0, 1)]
    if sums != [lines, covered]:
        yield f"{covered} of {lines} lines covered, {sums[1]} of {sums[0]} by file"
    for name in sources.modules(facts, "src"):
        if name.endswith(".py"):
            text = sources.text(facts, name)
            if name not in files and code.has_code(text):
                yield f"{name} is not among the files covered"
            elif name in files and files[name][0] > text.count("\n") + 1:
                yield f"{name} has {text.count(chr(10)) + 1} lines, the record {files[name][0]}"


def suite(facts: Facts) -> dict[str, Module]:
    """The test files by path. Unproven where one cannot be read."""
    return facts.shared("test suite", lambda: _suite(facts))


def _suite(facts: Facts) -> dict[str, Module]:
    names = [name for name in sources.modules(facts, FOLDER) if name.endswith(".py")]
    read = test_assertions.modules({name: sources.text(facts, name) for name in names})
    files = {name: one for name, one in read.items() if re.search(r"(/test_[^/]*|_test)\.py$", name)}
    for name, module in files.items():
        if module.problem:
            raise Unproven(f"{name} {module.problem}", f"mend {name}")
    return files


def signed(facts: Facts) -> dict[str, Any]:
    """What a person signs: the newest record of this source, and what was chosen."""
    return observed.signed(facts, "testing", "test", params=True)


def missing(facts: Facts) -> Finding | None:
    """What is to say instead where the project has neither a command for it nor a record."""
    return observed.unrecorded(facts, "test", "tests it with coverage")


CHECKS = (
    *(record, *observed.recorded("test", green, counted)),
    *(assertions, kinds, behaviour, *observed.recorded("test", coverage)),
)
