"""II.3 from the record of a lint run, golden predictions, and the modules themselves."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

import pytest
from evidence.service import Service

Change = Callable[[Any], Any]
CHECKS = ("record", "clean", "simple", "same", "guard", "notebooks")


def test_honest_code_passes(service_: Service) -> None:
    """Every check, by name."""
    assert service_.outcomes("refactor") == dict.fromkeys(CHECKS, "pass")


@pytest.mark.parametrize(
    ("change", "check", "outcome", "says"),
    [
        (
            lambda r: r["lint"].update(findings=2, examples=["a.py:1 F401"]),
            "clean",
            "fail",
            "lint found 2: a.py",
        ),
        (lambda r: r["format"].update(findings=1), "clean", "fail", "format found 1"),
        (lambda r: r["types"].update(findings=9), "clean", "fail", "types found 9"),
        (lambda r: r["types"].update(files=1), "clean", "fail", "types looked at 1 files, src/ has"),
        (lambda r: r["complexity"].update(limit=99), "simple", "fail", "a complexity of 99 is no limit"),
        (
            lambda r: r["complexity"]["worst"].update(value=11),
            "simple",
            "fail",
            "complexity 11, the limit is 10",
        ),
        (
            lambda r: r["complexity"].update(over=[{"name": "b.py:g", "value": 12}]),
            "simple",
            "fail",
            "b.py:g has complexity 12",
        ),
        (lambda r: r["complexity"].update(worst=None), "simple", "fail", "names no function"),
        (
            lambda r: r["golden"].update(rows=0),
            "same",
            "fail",
            "0 golden predictions were compared; there are 1",
        ),
        (lambda r: r["golden"].update(differing=1), "same", "fail", "1 of 1 golden predictions differ"),
    ],
)
def test_records_that_do_not_do(
    service_: Service, change: Change, check: str, outcome: str, says: str
) -> None:
    """Each finding, and each that was not looked for, is named."""
    service_.again("lint", change)
    found, text = service_.said("refactor", check)
    assert (found, says in text) == (outcome, True), text


@pytest.mark.parametrize(
    ("name", "text", "outcome"),
    [
        ("src/app/extra.py", "import nbformat\n", "fail"),
        ("src/app/extra.py", "from testbook import testbook\n", "fail"),
        ("src/app/extra.py", "from notebooks.explore import f\n", "fail"),
        ("src/app/extra.py", "def f():\n    import import_ipynb\n", "fail"),
        ("src/app/extra.py", "get_ipython().run_line_magic('run', 'x')\n", "fail"),
        ("src/app/extra.py", "NAME = 'explore.ipynb'\n", "fail"),
        ("src/app/extra.py", "import explore\n", "fail"),
        ("src/app/extra.py", "def (:\n", "fail"),
        ("src/app/explore.ipynb", "{}", "fail"),
        ("src/app/extra.py", '"""Was explore.ipynb."""\n', "pass"),
        ("src/app/extra.py", "PATTERN = '*.ipynb'\n", "pass"),
        ("src/app/extra.py", "from . import explore\n", "pass"),
        ("notebooks/other.ipynb", "{}", "pass"),
    ],
)
def test_notebooks(service_: Service, name: str, text: str, outcome: str) -> None:
    """A module that leans on a notebook is named; a notebook beside the code is nobody's harm."""
    service_.write("notebooks/explore.ipynb", "{}")
    service_.write(name, text)
    assert service_.outcomes("refactor")["notebooks"] == outcome


def test_a_record_of_another_source_is_stale(service_: Service) -> None:
    """And its checks say nothing until there is one of this source."""
    service_.write("src/app/api.py", "NAME = 2\n")
    assert service_.outcomes("refactor") == {"record": "stale", "guard": "pass", "notebooks": "pass"}


@pytest.mark.parametrize(("of_now", "todo"), [(True, "python -m app lint"), (False, "python -m app api")])
def test_predictions_that_were_not_compared_ask_for_the_lint_run(
    service_: Service, of_now: bool, todo: str
) -> None:
    """Whatever has to be run again of other steps; of another model they come first."""
    (service_.root / "reports/api.json").unlink()
    if not of_now:
        path = service_.root / "tests/golden/predictions.json"
        path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), "model": "0" * 64}), "utf-8")
    service_.again("lint", lambda results: results["golden"].update(rows=0))
    found = service_.said("refactor", "same")
    assert ("0 golden predictions were compared" in found[1], service_.todo("refactor", "same")) == (
        True,
        todo,
    )


def test_no_command_and_no_record_is_one_finding(service_: Service) -> None:
    """A proof of concept alone."""
    (service_.root / "src/app/api.py").unlink()
    for path in service_.root.glob("records/lint-*.json"):
        path.unlink()
    assert service_.outcomes("refactor") == {"missing": "unknown"}


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
def test_a_module_elsewhere_is_not_judged(service_: Service) -> None:
    """The source hash does not hold what a link leads to, unless that is source itself."""
    service_.write("lib/extra.py", "NAME = 1\n")
    (service_.root / "src/app/same.py").symlink_to("api.py")
    assert service_.said("refactor", "notebooks")[0] == "pass"
    (service_.root / "src/app/extra.py").symlink_to("../../lib/extra.py")
    said = "src/app/extra.py is a link to lib/extra.py, which is no source"
    assert service_.said("refactor", "notebooks") == ("unknown", said)
