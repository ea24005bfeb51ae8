"""`lint` and `test`: what the tools say, as data, and when it is recorded."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from poc2prod_kit.run import paths
from poc2prod_kit.run.console import Console
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.serving import lint, observe, records, testing, tools

from poc2prod import shapes

SETTINGS = """[tool.ruff]
line-length = 110
[tool.ruff.lint]
select = ["E", "F"]
[tool.mypy]
packages = ["x"]
mypy_path = "src"
strict = true
"""
CLEAN = 'def f(a: int) -> int:\n    """One more."""\n    return a + 1\n'
BRANCHED = "def g(a: int) -> int:\n" + "    if a:\n        a += 1\n" * 4 + "    return a\n"
GOLDEN = {"rows": 3, "differing": 0, "largest_difference": 0.0}
CLASSES = "class C:\n    def m(self, a: int) -> int:\n        return a if a else 2\n"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of one clean module, as the working folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    write(tmp_path, "pyproject.toml", SETTINGS)
    write(tmp_path, "params.toml", "")
    write(tmp_path, "src/x/__init__.py", "")
    write(tmp_path, "src/x/a.py", CLEAN)
    monkeypatch.setattr(paths, "_package", [tmp_path / "src/x"])
    return tmp_path


def write(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def results(root: Path, kind: str) -> Any:
    """The results of the only record, which must be of this kind and of the shape that the command reads."""
    (only,) = (root / "records").iterdir()
    content = json.loads(only.read_text(encoding="utf-8"))
    assert (content["kind"], shapes.wrong(content["results"], shapes.KINDS[kind])) == (kind, "")
    return content["results"]


def asked(monkeypatch: pytest.MonkeyPatch, golden: Any, why: str = "") -> None:
    def answer(project: object, console: Console) -> Any:
        return golden, why

    monkeypatch.setattr(lint, "asked", answer)


def test_clean_code_is_recorded_as_such(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 0; each part with how many files it looked at."""
    asked(monkeypatch, GOLDEN)
    assert lint.main([]) == 0
    none = {"files": 2, "findings": 0, "examples": []}
    assert results(root, "lint") == {
        **dict.fromkeys(("format", "lint", "types"), none),
        "complexity": {"limit": 10, "worst": {"name": "src/x/a.py:f", "value": 1}, "over": []},
        "golden": GOLDEN,
    }


def test_findings_are_named_by_place_and_recorded(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 1; a record is an observation, whatever it says."""
    asked(monkeypatch, {**GOLDEN, "differing": 1, "largest_difference": 0.5}, "1 of 3 are not what was")
    write(root, "params.toml", "[refactor]\ncomplexity = 4\n")
    write(root, "src/x/b.py", 'import os\nx: int = "a"\ny=1\n' + BRANCHED + CLASSES)
    write(root, "src/x/c.py", "import explore\n")
    assert lint.main([]) == 1
    said = results(root, "lint")
    assert {part: said[part]["examples"] for part in lint.PARTS} == {
        "format": ["src/x/b.py:2 unformatted File would be reformatted"],
        "lint": [
            "src/x/b.py:1 F401 `os` imported but unused",
            "src/x/c.py:1 F401 `explore` imported but unused",
        ],
        "types": [
            'src/x/b.py:2 Incompatible types in assignment (expression has type "str", variable has type '
            '"int") [assignment]',
            'src/x/c.py:1 Cannot find implementation or library stub for module named "explore" '
            "[import-not-found]",
        ],
    }
    worst = {"name": "src/x/b.py:g", "value": 5}
    assert said["complexity"] == {"limit": 4, "worst": worst, "over": [worst]}
    assert said["golden"] == {"rows": 3, "differing": 1, "largest_difference": 0.5}


@pytest.mark.parametrize(
    "excluded",
    [
        "[tool.ruff]\nextend-exclude = ['src/x/b.py']\n",
        "[tool.ruff.format]\nexclude = ['src/x/b.py']\n[tool.ruff.lint]\nexclude = ['src/x/b.py']\n",
    ],
)
def test_a_module_that_a_tool_was_told_to_leave_out_is_not_counted(root: Path, excluded: str) -> None:
    """However many files there are in other places."""
    write(root, "src/x/b.py", "import os\nx: int = ''\n")
    write(root, "tests/test_a.py", "")
    write(root, "tests/test_b.py", "")
    mypy = "[tool.mypy]\npackages = ['x']\nmypy_path = 'src'\nexclude = ['b']\n"
    write(root, "pyproject.toml", excluded + mypy)
    found = lint.observed(root, 10)
    parts = {part: (found[part]["files"], found[part]["findings"]) for part in ("format", "lint", "types")}
    assert parts == {"format": (2, 0), "lint": (2, 0), "types": (2, 0)}


def test_code_that_does_not_parse_is_a_finding(root: Path) -> None:
    """Of the formatter, the linter and the type checker."""
    write(root, "src/x/b.py", "def f(:\n")
    found = lint.observed(root, 10)
    assert [found[part]["examples"][0][:13] for part in ("format", "lint", "types")] == ["src/x/b.py:1 "] * 3


def test_differing_predictions_alone_are_a_finding(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 1, recorded."""
    asked(monkeypatch, {**GOLDEN, "differing": 1}, "1 of 3 are not what was")
    assert lint.main([]) == 1
    assert results(root, "lint")["golden"]["differing"] == 1


def test_without_a_model_nothing_is_recorded(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As in CI, where the code is judged all the same."""
    assert lint.main([]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "models/model.skops is not here" in out
    assert "Nothing is recorded: without golden predictions" in out
    assert not (root / "records").exists()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("[tool.ruff]\nodd = 1\n", "ruff format could not run: "),
        ("[tool.mypy]\npackages = ['nothing']\n", "mypy could not run: "),
    ],
)
def test_a_tool_that_cannot_run_is_an_error(root: Path, settings: str, said: str) -> None:
    """Its own words follow; nothing is recorded."""
    write(root, "pyproject.toml", settings)
    with pytest.raises(ProjectError, match=f"^{said}"):
        lint.main([])


def test_a_tool_that_is_not_installed_is_named() -> None:
    """With how to install it."""
    with pytest.raises(
        ProjectError, match=r"^no-such-tool is not installed\. Install the tools: python -m pip"
    ):
        tools.needed("json", "no_such_tool")


@pytest.mark.parametrize("value", ["0", "true", '"10"'])
def test_a_limit_must_be_a_number(root: Path, value: str) -> None:
    """[refactor] complexity of params.toml."""
    write(root, "params.toml", f"[refactor]\ncomplexity = {value}\n")
    with pytest.raises(ProjectError, match="complexity"):
        lint.main([])


TESTS = """
import pytest
from x.a import f

def test_good(): assert f(1) == 2

@pytest.mark.skip(reason="later")
def test_later(): assert False

class TestMore:
    @pytest.mark.parametrize("a", [1, 2])
    def test_two(self, a): assert f(a) > a
"""


def test_a_run_of_all_tests_is_recorded(root: Path) -> None:
    """Counts by file, what was skipped and why, and lines covered."""
    write(root, "tests/test_a.py", TESTS)
    write(root, "tests/deep/test_b.py", "def test_b(): assert True\n")
    write(root, "src/x/b.py", "a = 1\nb = 2\n")
    assert testing.main([]) == 0
    found = results(root, "test")
    kept = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (root / testing.FOLDER).glob("[!.]*")
    }
    assert found.pop("sha256") == kept
    assert set(kept) == {"junit.xml", "coverage.json"}
    assert found == {
        "tests": 5,
        "passed": 4,
        "failed": 0,
        "errors": 0,
        "skipped": [{"name": "tests.test_a::test_later", "reason": "later"}],
        "files": {"tests/deep/test_b.py": 1, "tests/test_a.py": 4},
        "coverage": {"lines": 4, "covered": 2},
        "files_covered": {"src/x/__init__.py": [0, 0], "src/x/a.py": [2, 2], "src/x/b.py": [2, 0]},
    }


def test_failures_and_errors_are_recorded(root: Path) -> None:
    """pytest's exit code is passed on."""
    broken = "import pytest\n@pytest.fixture\ndef a(): raise ValueError\ndef test_a(a): pass\n"
    write(root, "tests/test_a.py", broken + "def test_b(): assert False\n")
    assert testing.main([]) == 1
    said = results(root, "test")
    assert {key: said[key] for key in ("tests", "passed", "failed", "errors")} == {
        "tests": 2,
        "passed": 0,
        "failed": 1,
        "errors": 1,
    }


@pytest.mark.parametrize(
    ("arguments", "text", "code", "said"),
    [
        (["-k", "good"], TESTS, 0, "only `python -m x test`, without arguments, is."),
        ([], "import nothing\n", 2, "pytest ended with 2, and says why above."),
        ([], "", 5, "pytest ended with 5, and says why above."),
    ],
)
def test_what_is_not_a_whole_run_is_not_recorded(
    root: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], text: str, code: int, said: str
) -> None:
    """A selection, tests that cannot be collected, no tests."""
    write(root, "tests/test_a.py", text)
    assert testing.main(arguments) == code
    assert f"Nothing is recorded: {said}" in capsys.readouterr().out
    assert not (root / "records").exists()


def test_tests_that_change_the_source_are_not_recorded(root: Path) -> None:
    """What was tested is not what is there."""
    code = "from pathlib import Path\ndef test_a(): Path('src/x/a.py').write_text('')\n"
    write(root, "tests/test_a.py", code)
    with pytest.raises(ProjectError, match="source changed while"):
        testing.main([])


def test_observe_tells_what_was_recorded_and_what_not(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One after the other; what cannot be done stops nothing."""

    def ran(name: str, arguments: list[str]) -> tuple[int, str]:
        if name == "lint":
            records.write(root, "lint", {})
        return {"lint": (1, ""), "test": (0, ""), "load": (2, "There is no model.")}[name]

    monkeypatch.setattr(observe, "_run", ran)
    monkeypatch.setattr(observe, "_no_engine", lambda: "No container engine answers.")
    assert observe.main([]) == 1
    (only,) = (root / "records").iterdir()
    assert capsys.readouterr().out.splitlines()[-4:] == [
        f"lint         records/{only.name}: ended with 1, see above",
        "test         nothing new recorded",
        "load         nothing new recorded: There is no model.",
        "image        not observed: No container engine answers.",
    ]
