"""What changes nothing of what II.1 and II.3 to II.7 rest on."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from bench import hands, produced
from bench.produced import harmless
from poc2prod_kit.run.hashing import of_value

TEXTS = ("Dockerfile", ".dockerignore", "requirements.lock", "compose.yaml", ".github/workflows/ci.yml")


@harmless()
def json_reformatted(project: Path) -> None:
    """Records, reports and the contract, indented otherwise."""
    for pattern in ("records/*.json", "contract/*.json", "reports/*.json", "tests/golden/*.json"):
        for path in project.glob(pattern):
            path.write_text(json.dumps(json.loads(path.read_text("utf-8")), indent=4), "utf-8")


@harmless()
def windows_line_ends(project: Path) -> None:
    """All text files of the source."""
    code = [*project.glob("src/**/*.py"), *project.glob("tests/*.py")]
    for path in [*(project / name for name in TEXTS), *code]:
        path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))


@harmless()
def toml_reordered(project: Path) -> None:
    """A comment and white space in params.toml."""
    path = project / "params.toml"
    path.write_text("# Choices.\n\n" + path.read_text("utf-8"), "utf-8")


@harmless()
def plan_moved(project: Path) -> None:
    """[roadmap] is no part of the source."""
    hands.edit(project, "params.toml", "days = 5", "days = 6")


@harmless(kept=False)
def older_record_beside(project: Path) -> None:
    """A failed run of another source, from before."""
    path = produced.record(project, "test")
    content = json.loads(path.read_text("utf-8"))
    content.pop("seal")
    content["results"].update(failed=9)
    content.update(source="0" * 64, when="2026-05-01T10:00:00Z")
    content["seal"] = of_value(content)
    hands.write(project, f"records/test-20260501-{content['seal'][:12]}.json", json.dumps(content))


@harmless(kept=False)
def same_run_twice(project: Path) -> None:
    """A second record of this source, a day later."""
    content = json.loads(produced.record(project, "lint").read_text("utf-8"))
    content.pop("seal")
    content.update(when="2026-06-22T10:00:00Z")
    content["seal"] = of_value(content)
    hands.write(project, f"records/lint-20260622-{content['seal'][:12]}.json", json.dumps(content))


@harmless(kept=False)
def page_reworded(project: Path) -> None:
    """The introduction of docs/contract.md."""
    hands.edit(project, "docs/contract.md", "What callers may rely on.", "What our callers can rely on.")


WORKFLOW, RUN = ".github/workflows/ci.yml", "- run: python -m letters test\n"


def workflow(project: Path, old: str, new: str) -> None:
    """Edit the workflow, and run all again."""
    hands.edit(project, WORKFLOW, old, new)
    produced.rebind(project)


@harmless(kept=False)
def gate_closed_when_it_was_recorded(project: Path) -> None:
    """The run that the record is of ended with a closed gate."""
    produced.put(project, "ci", "jobs.gate", "failure")


@harmless(kept=False)
def second_workflow(project: Path) -> None:
    """One that builds pages, and runs their examples."""
    text = "on: push\npermissions: {}\njobs:\n  docs:\n    steps:\n      - run: pytest docs\n"
    hands.write(project, ".github/workflows/docs.yml", text)
    produced.rebind(project)


@harmless(kept=False)
def pipe_whose_failure_counts(project: Path) -> None:
    """`shell: bash` is started with pipefail."""
    workflow(project, RUN, "- run: python -m letters test | tee log\n        shell: bash\n")


@harmless(kept=False)
def line_that_ends_with_true(project: Path) -> None:
    """The script ends before, where the tests fail."""
    workflow(project, RUN, "- run: python -m letters test; true\n")


@harmless(kept=False)
def default_types_written_out(project: Path) -> None:
    """What pull_request means without them."""
    old = "  push:\n    branches: [main]\n  pull_request:\n"
    workflow(project, old, "  pull_request:\n    types: [opened, synchronize, reopened]\n")


def tested(project: Path, text: str, tests: int) -> None:
    """A module of tests more, and all run again."""

    def count(results: dict[str, Any]) -> None:
        results["files"]["tests/test_more.py"] = tests
        results.update(tests=results["tests"] + tests, passed=results["passed"] + tests)

    hands.write(project, "tests/test_more.py", text)
    produced.tell(project, "test", count)
    produced.rebind(project)


@harmless(kept=False)
def tests_of_unittest(project: Path) -> None:
    """A class whose name does not begin with Test, and one that inherits all its tests."""
    text = "import unittest\n\n\nclass Rows(unittest.TestCase):\n    def test_it(self):\n"
    tested(project, text + "        self.assertTrue(self)\n\n\nclass More(Rows):\n    pass\n", 2)


@harmless(kept=False)
def test_of_another_system(project: Path) -> None:
    """Defined on Windows alone."""
    text = "import os\n\nif os.name == 'nt':\n\n    def test_it():\n        assert os.sep != '/'\n"
    tested(project, text + "\n\ndef test_other():\n    assert os.sep\n", 1)


@harmless(kept=False)
def tests_that_raise(project: Path) -> None:
    """An error of their own, an assertion of False, a table held against its schema."""
    text = "import x\n\n\ndef test_a():\n    if x.a:\n        raise AssertionError('a')\n\n\ndef test_b():\n"
    text += "    if x.b:\n        assert False, 'b'\n\n\ndef test_c():\n    x.schema.validate(x.rows())\n"
    tested(project, text, 3)


@harmless()
def caches(project: Path) -> None:
    """What Python and its tools leave behind."""
    hands.write(project, "src/letters/__pycache__/api.cpython-311.pyc", b"\0")
    hands.write(project, ".mypy_cache/x.json", "{")
    hands.write(project, "tests/.DS_Store", b"\0")


@harmless()
def elsewhere(project: Path) -> None:
    """A notebook and a page beside the code."""
    hands.write(project, "notebooks/look.ipynb", "{}")
    hands.write(project, "docs/runbook.md", "# Runbook\n")


@harmless()
def model_here(project: Path) -> None:
    """An empty folder where the model is when it is here."""
    shutil.rmtree(project / "models", ignore_errors=True)
    (project / "models").mkdir()
