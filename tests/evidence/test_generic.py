"""A report is believed as far as it is whole, its own step's, and of what is on disk now."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from outcomes import outcomes, replace, text

from poc2prod.checklist import step
from poc2prod.evidence import judge
from poc2prod.project import Facts


def edit(root: Path, **changes: Any) -> None:
    """Change the report's top level."""
    path = root / "reports/data.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | changes), encoding="utf-8")


def test_a_current_report_passes(root: Path) -> None:
    """Present, declared, unchanged; nothing was made, so there are no outputs to compare."""
    found = outcomes(root, "data")
    assert {name: found[name] for name in ("report", "declared", "inputs")} == dict.fromkeys(
        ("report", "declared", "inputs"), "pass"
    )


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", "null", "7", "{", "[" * 100_000, '{"schema": 1, "schema": 1}']
)
def test_hollow_and_damaged_reports_are_unknown(root: Path, content: str) -> None:
    """Nothing empty, cut, nested without end or said twice passes."""
    (root / "reports/data.json").write_text(content, encoding="utf-8")
    assert outcomes(root, "data")["report"] == "unknown"


@pytest.mark.parametrize(
    "changes", [{"schema": 2}, {"schema": True}, {"step": "split"}, {"results": {}}, {"inputs": 3}]
)
def test_a_report_of_another_kind_is_unknown(root: Path, changes: dict[str, Any]) -> None:
    """Another schema, another step, no results, no inputs."""
    edit(root, **changes)
    assert outcomes(root, "data")["report"] == "unknown"


def test_an_input_that_is_not_declared_is_unknown(root: Path) -> None:
    """A report that leaves out its code would be fresh for ever."""
    inputs = json.loads((root / "reports/data.json").read_text(encoding="utf-8"))["inputs"]
    edit(root, inputs={name: value for name, value in inputs.items() if name != "src/app/data.py"})
    assert text(root, "data", "declared") == "reports/data.json does not name these inputs: …/data.py"


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("src/app/data.py", "print(1)", "print(2)", "src/app/data.py has changed since the step ran"),
        (
            "params.toml",
            'target = "y"',
            'target = "x"',
            "params.toml#data.target (now x) has changed since the step ran",
        ),
        ("schema.toml", "boolean", "integer", "schema.toml has changed since the step ran"),
    ],
)
def test_a_changed_input_makes_it_stale(root: Path, name: str, old: str, new: str, said: str) -> None:
    """The input is named."""
    replace(root, name, old, new)
    assert (outcomes(root, "data")["inputs"], text(root, "data", "inputs")) == ("stale", said)


def test_rows_that_are_not_here_are_attested_by_the_manifest(root: Path) -> None:
    """Rows kept out of git do not fail; a manifest of other rows makes it stale."""
    (root / "data/raw/t.csv.gz").unlink()
    found = {
        item.check: (item.outcome, item.basis) for item in judge(step("data"), Facts(str(root))).findings
    }
    assert found["inputs"] == ("pass", "attested")
    replace(root, "data/manifest.json", '"sha256": "', '"sha256": "0')
    assert outcomes(root, "data")["inputs"] == "stale"


def test_harmless_changes_change_nothing(root: Path) -> None:
    """Newlines, the layout of JSON and TOML."""
    before = outcomes(root, "data")
    (root / "src/app/data.py").write_bytes(b"print(1)\r\n")
    edit(root)
    replace(root, "params.toml", 'target = "y"', "target   =   'y'  # the label")
    assert outcomes(root, "data") == before


def test_an_output_that_was_edited_fails_with_both_hashes(root: Path) -> None:
    """What the step made must be what it says."""
    (root / "data/split.csv.gz").write_bytes(b"")
    edit(root, outputs={"src/app/data.py": "0" * 64})
    assert outcomes(root, "data")["outputs"] == "fail"


def test_names_that_lead_out_are_refused(root: Path) -> None:
    """A report that names a file outside of the project does not make it read."""
    inputs = json.loads((root / "reports/data.json").read_text(encoding="utf-8"))["inputs"]
    edit(root, inputs=inputs | {"../secret.csv": "0" * 64})
    assert text(root, "data", "inputs") == (
        "../secret.csv lies outside the project, so it is not read, and has changed since the step ran"
    )
