"""II.5 from the tests themselves and the record of a run."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

import pytest
from evidence.service import Service

from poc2prod import kept
from poc2prod.checklist import step
from poc2prod.evidence import judge, test_assertions

Change = Callable[[Any], Any]
CHECKS = ("record", "green", "counted", "assertions", "kinds", "behaviour", "coverage")


def test_an_honest_suite_passes(service_: Service) -> None:
    """Every check, by name."""
    assert service_.outcomes("testing") == dict.fromkeys(CHECKS, "pass")


@pytest.mark.parametrize(
    ("change", "check", "says"),
    [
        (lambda r: r.update(failed=1, passed=r["passed"] - 1), "green", "1 tests ended in failed"),
        (lambda r: r.update(errors=1, passed=r["passed"] - 1), "green", "1 tests ended in errors"),
        (lambda r: r.update(passed=r["passed"] + 5), "green", "9 tests, but outcomes of 14"),
        (lambda r: r.update(tests=0, passed=0, skipped=[], files={}), "green", "not one test passed"),
        (lambda r: r["skipped"][0].update(reason=""), "green", "was skipped without a reason"),
        (lambda r: r.update(passed=3, skipped=r["skipped"] * 6), "green", "6 of 9 tests were skipped"),
        (lambda r: r["files"].pop("tests/test_api.py"), "counted", "test_api.py, which holds tests, is not"),
        (
            lambda r: r["files"].update({"tests/test_no.py": 4}),
            "counted",
            "test_no.py is in the record, and not here",
        ),
        (
            lambda r: r["files"].update({"tests/test_behaviour.py": 1}),
            "counted",
            "has 3 tests, the record counts 1",
        ),
        (lambda r: r["files"].update({"tests/test_api.py": 9}), "counted", "9 tests, 17 by file"),
        (lambda r: r["coverage"].update(covered=0), "coverage", "is no coverage"),
        (lambda r: r["coverage"].update(covered=10**6), "coverage", "is no coverage"),
        (lambda r: r["coverage"].update(lines=10**6), "coverage", "by file"),
        (lambda r: r["files_covered"].update({"src/app/api.py": [1, 2]}), "coverage", "are not lines"),
        (lambda r: r["files_covered"].pop("src/app/api.py"), "coverage", "by file"),
    ],
)
def test_records_that_do_not_do(service_: Service, change: Change, check: str, says: str) -> None:
    """Failures, sums that do not add up, files that are not counted."""
    service_.again("test", change)
    outcome, text = service_.said("testing", check)
    assert (outcome, says in text) == ("fail", True), text


def test_a_module_without_coverage_is_named(service_: Service) -> None:
    """Although all sums add up."""

    def leave(results: dict[str, Any]) -> None:
        lines, covered = results["files_covered"].pop("src/app/api.py")
        results["coverage"]["lines"] -= lines
        results["coverage"]["covered"] -= covered

    service_.again("test", leave)
    assert service_.said("testing", "coverage") == (
        "fail",
        f"{next((service_.root / 'records').glob('test-*')).relative_to(service_.root).as_posix()}:"
        " src/app/api.py is not among the files covered",
    )


@pytest.mark.parametrize(
    ("name", "old", "new", "check", "says"),
    [
        (
            "test_data.py",
            "    assert data.rows() == 3\n",
            "    data.rows()\n",
            "assertions",
            "asserts nothing",
        ),
        ("test_data.py", "assert data.rows() == 3", "assert True", "assertions", "asserts nothing"),
        (
            "test_api.py",
            "    assert app.api.version()\n",
            "    app.api.version()\n",
            "assertions",
            "test_answers",
        ),
        ("test_data.py", "from app import data", "import data", "kinds", "is of data"),
        ("test_pipeline.py", "from app", "from other", "kinds", "is of the pipeline"),
        ("test_behaviour.py", "def test_direction", "def test_way", "behaviour", "no test of direction"),
    ],
)
def test_suites_that_prove_nothing(
    service_: Service, name: str, old: str, new: str, check: str, says: str
) -> None:
    """A test that cannot fail, a part that nobody tests."""
    service_.replace(f"tests/{name}", old, new)
    outcome, text = service_.said("testing", check)
    assert (outcome, says in text) == ("fail", True), text


@pytest.mark.parametrize(
    ("old", "new", "outcome"),
    [
        ("[[testing.minimum]]", "[[testing.minima]]", "unknown"),
        ('why = "the shop says nothing"', "", "fail"),
        ('why = "the shop says nothing"', 'why = "TODO"', "fail"),
    ],
)
def test_behaviour_needs_cases_with_reasons(service_: Service, old: str, new: str, outcome: str) -> None:
    """What nobody expects cannot be tested."""
    service_.replace("params.toml", old, new)
    assert service_.outcomes("testing")["behaviour"] == outcome


def test_a_suite_that_cannot_be_read_is_unknown(service_: Service) -> None:
    """It is named."""
    service_.write("tests/test_data.py", "def (:\n")
    assert service_.said("testing", "assertions") == (
        "unknown",
        "tests/test_data.py is not Python (SyntaxError)",
    )


def test_no_command_and_no_record_is_one_finding(service_: Service) -> None:
    """A proof of concept alone."""
    (service_.root / "src/app/api.py").unlink()
    for path in service_.root.glob("records/test-*.json"):
        path.unlink()
    assert service_.outcomes("testing") == {"missing": "unknown"}


@pytest.mark.parametrize(
    ("body", "able"),
    [
        ("assert f() == 1", True),
        ("assert f() == f()", True),
        ("with pytest.raises(ValueError):\n        f()", True),
        ("pytest.fail('no')", True),
        ("np.testing.assert_allclose(f(), 1)", True),
        ("pd.testing.assert_frame_equal(f(), g())", True),
        ("self.assertEqual(f(), 1)", True),
        ("case.call_and_validate()", True),
        ("for x in f():\n        assert x", True),
        ("if f():\n        g()\n    else:\n        assert False", True),
        ("if f():\n        raise AssertionError('no')", True),
        ("try:\n        f()\n    except ValueError:\n        raise", False),
        ("assert f() or False", True),
        ("assert 0", True),
        ("schema.validate(f())", True),
        ("response.raise_for_status()", True),
        ("subprocess.run(['f'], check=True)", True),
        ("subprocess.run(['f'])", False),
        ("subprocess.run(['f'], check=False)", False),
        ("try:\n        f()\n    except ValueError:\n        pytest.fail('no')", True),
        ("try:\n        assert f()\n    finally:\n        g()", True),
        ("helper(1)", True),
        ("pass", False),
        ("f()", False),
        ("assert True", False),
        ("assert 1 == 1", False),
        ("assert 'text'", False),
        ("assert (f(), 'words')", False),
        ("try:\n        assert f()\n    except AssertionError:\n        pass", False),
        ("try:\n        assert f()\n    except Exception:\n        print('no')", False),
        ("'assert f()'", False),
    ],
)
def test_what_can_fail(body: str, able: bool) -> None:
    """An assertion that something could break; what is less than obvious (`assert x == x`) is believed."""
    text = f"def helper(x):\n    assert x\n\n\ndef test_it(self=None):\n    {body}\n"
    assert [one.can_fail for one in read(text).tests] == [able]


def read(text: str, **others: str) -> test_assertions.Module:
    """The module tests/test_it.py beside others of these names."""
    texts = {"tests/test_it.py": text, **{f"tests/{name}.py": other for name, other in others.items()}}
    return test_assertions.modules(texts)["tests/test_it.py"]


CASE = "def test_a(self):\n        assert self\n"
SUITES = {
    f"class TestA:\n    {CASE}    def b(self):\n        pass\n": ["test_a"],
    f"import unittest\n\n\nclass Frames(unittest.TestCase):\n    {CASE}": ["test_a"],
    f"class Frames:\n    {CASE}": [],
    f"class TestA:\n    def __init__(self):\n        pass\n\n    {CASE}": [],
    f"class TestA:\n    class TestB:\n        {CASE.replace('        ', '            ')}": ["test_a"],
    f"from pydantic import BaseModel\n\n\nclass Fake(BaseModel):\n    {CASE}": [],
    "async def test_c():\n    assert f()\n": ["test_c"],
}


@pytest.mark.parametrize(("text", "names"), SUITES.items())
def test_tests_are_found_as_pytest_finds_them(text: str, names: list[str]) -> None:
    """At the top, in Test classes and in those of unittest."""
    assert [one.name for one in read(text).tests if one.can_fail and one.always] == names


def test_a_test_below_a_condition_may_be_left_out() -> None:
    """It must be able to fail nevertheless."""
    tests = read("import sys\n\nif sys.platform == 'win32':\n\n    def test_a():\n        pass\n").tests
    assert [(one.name, one.can_fail, one.always) for one in tests] == [("test_a", False, False)]


HELPERS = "def check(x):\n    assert x\n\n\ndef run(x):\n    check(x)\n\n\ndef get(x):\n    return x\n"
HELPERS += "\n\nclass Page:\n    def holds(self):\n        assert self\n"
FIXTURE = "import pytest\n\n\n@pytest.fixture\ndef fixture():\n    def both(a, b):\n        assert a == b\n\n"
FIXTURE += "    return both\n"


@pytest.mark.parametrize(
    ("imports", "call", "able"),
    [
        ("from helpers import check", "check(1)", True),
        ("from .helpers import run as go", "go(1)", True),
        ("from tests.helpers import get", "get(1)", False),
        ("from tests import helpers", "helpers.run(1)", True),
        ("import tests.helpers", "tests.helpers.check(1)", True),
        ("import helpers as h", "h.get(1)", False),
        ("from helpers import *", "check(1)", True),
        ("from helpers import Page", "Page().holds()", True),
        ("import subprocess", "subprocess.run(['ls'])", False),
        ("from subprocess import run", "run(['ls'])", False),
        ("import helpers", "helpers.Page().holds()", True),
        ("", "fixture(1, 1)", True),
        ("", "get()", False),
    ],
)
def test_helpers_count_where_they_come_from(imports: str, call: str, able: bool) -> None:
    """A function of another module with the name of one that asserts is not that one."""
    text = f"{imports}\n\n\ndef test_it({'fixture' if 'fixture' in call else ''}):\n    {call}\n"
    assert [one.can_fail for one in read(text, helpers=HELPERS, conftest=FIXTURE).tests] == [able]


def test_a_fixture_may_ask_for_the_test() -> None:
    """One that asserts fails each test that takes it."""
    text = "def test_it(fixture):\n    pass\n\n\ndef test_other(tmp_path):\n    pass\n"
    assert [one.can_fail for one in read(text, conftest=FIXTURE).tests] == [True, False]


def test_a_suite_of_unittest_passes(service_: Service) -> None:
    """Classes without Test in their names, and a file all of whose tests are inherited."""
    base = "import unittest\n\n\nclass Base(unittest.TestCase):\n    def test_rows(self):\n"
    base += "        self.assertEqual(1, 1)\n"
    frames = "from app import data\nfrom tests.base import Base\n\n\nclass Frames(Base):\n    rows = data\n"
    service_.write("tests/base.py", base)
    service_.write("tests/test_frames.py", frames)
    service_.write("tests/test_data.py", base.replace("Base", "Rows") + "\n\nfrom app import data\n")
    service_.observe()
    service_.again("test", _inherited)
    assert service_.outcomes("testing") == dict.fromkeys(CHECKS, "pass")


def _inherited(results: dict[str, Any]) -> None:
    results["files"]["tests/test_frames.py"] = 1
    results.update(tests=results["tests"] + 1, passed=results["passed"] + 1)


@pytest.mark.parametrize("text", ["(" * 3_000, "x" + ".a()" * 5_000, "[" * 150, "-" * 20_000 + "1"])
def test_hostile_modules_stop_nothing(text: str) -> None:
    """They are said not to be readable, at most."""
    module = read(f"def test_it():\n    {text}\n")
    assert module.problem.startswith("is not Python") or not module.tests[0].can_fail


def test_the_cases_that_are_missing_are_named(service_: Service) -> None:
    """Of what there are cases, something is expected."""
    service_.replace("params.toml", "[[testing.invariance]]", "[[testing.invariances]]")
    assert service_.said("testing", "behaviour") == (
        "unknown",
        "[testing] names no case of invariance: of that, nothing is expected of the model",
    )


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="such names cannot be written here")
def test_a_record_whose_name_is_no_text(service_: Service) -> None:
    """What is kept of the check names it, and is read again as it was."""
    path = service_.root / "records" / os.fsdecode(b"test-\xff.json")
    path.write_text("{}", "utf-8")
    facts = service_.facts()
    judged = judge(step("testing"), facts)
    assert path.name in "".join(judged.inputs)
    kept.save("testing", judged, facts.files)
    assert service_.facts().files.json(".poc2prod/checks/testing.json")["inputs"] == judged.inputs
