"""II.5: a suite in which a test fails when the data, a feature, the model or the service breaks."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from ..forms import hollow
from ..project import Facts
from . import asserting, observed, sources, suites
from .finding import CLAIMED, Finding, Unproven, failed, passed, unknown
from .suites import Module

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


class Suite(NamedTuple):
    """The test modules that hold tests, their own or those of another, by path, and the project's package."""

    files: dict[str, Module]
    package: str


def record(facts: Facts) -> Finding:
    """The tests ran with coverage, on this source, and a record says so."""
    return observed.standing(facts, "test")


def green(facts: Facts) -> Iterable[Finding]:
    """Tests ran and none failed; what was skipped has a reason, and its share is told."""
    found = observed.record(facts, "test")
    if found is None:
        return
    said = found.results
    skipped, todo = said["skipped"], f"mend it, then python -m {facts.package} test"
    wrong = [f"{said[key]} tests ended in {key}" for key in ("failed", "errors") if said[key]]
    total = said["passed"] + said["failed"] + said["errors"] + len(skipped)
    if said["tests"] != total:
        wrong.append(f"{said['tests']} tests, but outcomes of {total}")
    if not said["passed"]:
        wrong.append("not one test passed")
    if said["passed"] < LOWEST * said["tests"]:
        wrong.append(f"{len(skipped)} of {said['tests']} tests were skipped")
    wrong += [f"{one['name'][:60]} was skipped without a reason" for one in skipped if hollow(one["reason"])][
        :2
    ]
    for text in wrong[:5]:
        yield failed(f"{found.file}: {text}", todo, CLAIMED)
    if not wrong:
        share = f"{len(skipped)} skipped ({len(skipped) / said['tests']:.0%}), each with a reason"
        yield passed(f"{said['passed']} of {said['tests']} tests passed, {share}", CLAIMED)


def counted(facts: Facts) -> Iterable[Finding]:
    """The record counts every test file that is here, at least one for each test in it, and no other."""
    found = observed.record(facts, "test")
    if found is None:
        return
    told, here = found.results["files"], suite(facts).files
    due = {name: sum(test.sure for test in one.tests) for name, one in here.items()}
    wrong = [
        f"{name}, which holds tests, is not in the record"
        for name in due
        if due[name] > told.get(name, 0) == 0
    ]
    wrong += [f"{name} is in the record and holds no test here" for name in told if name not in here]
    wrong += [
        f"{name} has {due[name]} tests, the record counts {count}"
        for name, count in told.items()
        if 0 < count < due.get(name, 0)
    ]
    if sum(told.values()) != found.results["tests"]:
        wrong.append(f"{found.results['tests']} tests, {sum(told.values())} by file")
    for text in wrong[:5]:
        yield failed(f"{found.file}: {text}", f"python -m {facts.package} test")
    if not wrong:
        number = sum(len(one.tests) for one in here.values())
        yield passed(f"{len(here)} files with {number} test functions, {found.results['tests']} tests in all")


def assertions(facts: Facts) -> Iterable[Finding]:
    """Every test can fail: it asserts, expects an error, or calls a helper that does."""
    here = suite(facts).files
    empty = [
        f"{name}, line {test.line}: {test.name}"
        for name, one in here.items()
        for test in one.tests
        if not test.asserts
    ]
    for text in empty[:5]:
        yield failed(
            f"{text} cannot fail: it asserts nothing", "let it assert what should hold, or take it out"
        )
    if not any(one.tests for one in here.values()):
        yield failed(f"{FOLDER}/ holds no test", f"bring {FOLDER}/ back from git")
    elif not empty:
        yield passed(f"{sum(len(one.tests) for one in here.values())} test functions, each can fail")


def kinds(facts: Facts) -> Iterable[Finding]:
    """Data, features, the API and the pipeline are tested, by tests that import the project."""
    found = suite(facts)
    lacking = [kind for kind, words in KINDS.items() if not _tested(found, words)]
    if lacking:
        yield failed(
            f"no test in {FOLDER}/ is of {', '.join(lacking)}", f"write {FOLDER}/test_….py for {lacking[0]}"
        )
    else:
        yield passed(f"tests of {', '.join(KINDS)}")


def _tested(found: Suite, words: str) -> bool:
    return any(
        re.search(rf"(^|_)({words})(_|$)", name.rpartition("/")[2].removesuffix(".py"))
        and any(one.partition(".")[0] == found.package for one in module.imports)
        and (module.elsewhere or any(test.asserts for test in module.tests))
        for name, module in found.files.items()
    )


def behaviour(facts: Facts) -> Iterable[Finding]:
    """The model's behaviour is tested: what may not move a prediction, what must, what anyone gets right."""
    tests = [test for one in suite(facts).files.values() for test in one.tests if test.asserts]
    untested = [kind for kind in BEHAVIOUR if not any(kind in test.name for test in tests)]
    if untested:
        yield failed(f"no test of {', '.join(untested)}", f"bring {FOLDER}/test_behaviour.py back from git")
        return
    cases = {kind: facts.param(f"testing.{kind}", []) for kind in BEHAVIOUR}
    empty = [kind for kind, found in cases.items() if not isinstance(found, list) or not found]
    if empty:
        yield unknown(
            f"[testing] names no case of {' and '.join(empty)}: of that, nothing is expected of the model",
            f"add [[testing.{empty[0]}]] to params.toml",
        )
        return
    bare = [
        f"{kind} {place}"
        for kind, found in cases.items()
        for place, one in enumerate(found, 1)
        if not _said(one)
    ]
    if bare:
        yield failed(f"[testing] {bare[0]} does not say why", "give it its why, in params.toml")
        return
    yield passed(", ".join(f"{len(found)} of {kind}" for kind, found in cases.items()))


def _said(case: object) -> bool:
    return isinstance(case, dict) and isinstance(case.get("why"), str) and not hollow(case["why"])


def coverage(facts: Facts) -> Iterable[Finding]:
    """How much of the code the tests run is said, file by file, for every module of the project."""
    found = observed.record(facts, "test")
    if found is None:
        return
    wrong = list(_uncovered(facts, found.results))
    for text in wrong[:5]:
        yield failed(f"{found.file}: {text}", f"python -m {facts.package} test")
    if not wrong:
        said = found.results["coverage"]
        yield passed(
            f"{said['covered']:,} of {said['lines']:,} lines run ({said['covered'] / said['lines']:.0%})",
            CLAIMED,
        )


def _uncovered(facts: Facts, said: dict[str, Any]) -> Iterator[str]:
    total, files = said["coverage"], said["files_covered"]
    lines, covered = (total[key] for key in ("lines", "covered"))
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
            if name not in files and asserting.has_code(text):
                yield f"{name} is not among the files covered"
            elif name in files and files[name][0] > text.count("\n") + 1:
                yield f"{name} has {text.count(chr(10)) + 1} lines, the record {files[name][0]}"


def suite(facts: Facts) -> Suite:
    """The test files that hold tests. Unproven where one cannot be read."""
    return facts.shared("test suite", lambda: _suite(facts))


def _suite(facts: Facts) -> Suite:
    names = [name for name in sources.modules(facts, FOLDER) if name.endswith(".py")]
    texts = {name: sources.text(facts, name) for name in names}
    found = {}
    for name, module in suites.modules(texts).items():
        last = name.rpartition("/")[2]
        if last.startswith("test_") or last.endswith("_test.py"):
            if module.problem:
                raise Unproven(f"{name} {module.problem}", f"mend {name}")
            if module.tests or module.elsewhere:
                found[name] = module
    return Suite(found, facts.package)


def signed(facts: Facts) -> dict[str, Any]:
    """What a person signs: the newest record of this source, and what was chosen."""
    return observed.signed(facts, "testing", "test", params=True)


def missing(facts: Facts) -> Finding | None:
    """What is to say instead where the project has neither a command for it nor a record."""
    return observed.unrecorded(facts, "test", "tests it with coverage")


CHECKS = (record, green, counted, assertions, kinds, behaviour, coverage)
