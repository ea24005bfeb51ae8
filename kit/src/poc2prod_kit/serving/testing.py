"""Run the tests with coverage, and record what came out: `python -m <package> test [ARGUMENTS OF PYTEST]`."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from poc2prod_kit.run.console import Console
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.paths import find_root, package
from poc2prod_kit.serving import records, tools

Json = dict[str, Any]
# pytest's exit codes for "all passed" and "some failed"; the others mean that it did not get through.
THROUGH = (0, 1)
REASON = 300


def main(arguments: Sequence[str]) -> int:
    """Run pytest, which prints as ever; record all of it, never a selection. Its exit code, or 2."""
    console, root = Console(), find_root()
    tools.needed("pytest", "pytest_cov")
    source = records.source_of(root)
    with tempfile.TemporaryDirectory() as folder:
        code = _pytest(root, arguments, Path(folder))
        if arguments or code not in THROUGH:
            console.say("Nothing is recorded: " + _unrecorded(arguments, code))
            return code
        results = observed(root, Path(folder))
    path = records.write(root, "test", results, tools=tools.versions("pytest", "pytest-cov"), of=source)
    for line in summary(results):
        console.say(line)
    console.say(f"recorded     {path.relative_to(root).as_posix()}")
    return code


def observed(root: Path, folder: Path) -> Json:
    """What the JUnit and coverage files of a run say. Raises ProjectError where they cannot be read."""
    try:
        cases = list(ET.parse(folder / "junit.xml").getroot().iter("testcase"))
        covered = json.loads((folder / "coverage.json").read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError, ET.ParseError) as error:
        raise ProjectError(f"What pytest wrote of its run cannot be read ({error}). Run it again.") from error
    ended = [_outcome(case) for case in cases]
    files = {
        _inside(root, name): [one["summary"]["num_statements"], one["summary"]["covered_lines"]]
        for name, one in covered.items()
    }
    skipped = [_skipped(case) for case, how in zip(cases, ended, strict=True) if how == "skipped"]
    return {
        "tests": len(cases),
        "passed": ended.count("passed"),
        "failed": ended.count("failed"),
        "errors": ended.count("errors"),
        "skipped": skipped,
        "files": dict(Counter(_file(root, case) for case in cases)),
        "coverage": {
            "lines": sum(lines for lines, _ in files.values()),
            "covered": sum(hit for _, hit in files.values()),
        },
        "files_covered": files,
    }


def summary(results: Json) -> list[str]:
    """Two lines: how the tests ended, and what they ran through."""
    ended = [f"{results[how]} {how}" for how in ("passed", "failed", "errors") if results[how]]
    skipped = [f"{len(results['skipped'])} skipped"] if results["skipped"] else []
    lines, covered = results["coverage"]["lines"], results["coverage"]["covered"]
    share = f"{covered / lines:.0%} of {lines:,} lines" if lines else "no lines"
    return [
        f"tests        {results['tests']} in {len(results['files'])} files: {', '.join(ended + skipped)}",
        f"coverage     {share} of src/{package().name}",
    ]


def _pytest(root: Path, arguments: Sequence[str], folder: Path) -> int:
    kept = [f"--cov={package()}", "--cov-report=", f"--cov-report=json:{folder / 'coverage.json'}"]
    command = [sys.executable, "-m", "pytest", *kept, f"--junit-xml={folder / 'junit.xml'}", *arguments]
    environment = tools.environment(root) | {"COVERAGE_FILE": str(folder / "coverage")}
    for name in ("NO_COLOR", "PYTEST_ADDOPTS"):
        environment.pop(name, None)
    return subprocess.run(command, cwd=root, env=environment, check=False).returncode


def _unrecorded(arguments: Sequence[str], code: int) -> str:
    if arguments:
        return (
            f"with your own arguments it was not the whole suite. `python -m {package().name} test` records."
        )
    return "there are no tests." if code == 5 else "not all tests could be run; why, pytest says above."


def _outcome(case: ET.Element) -> str:
    names = {child.tag for child in case}
    if "error" in names:
        return "errors"
    return "failed" if "failure" in names else "skipped" if "skipped" in names else "passed"


def _skipped(case: ET.Element) -> Json:
    found = case.find("skipped")
    said = found.get("message", "") if found is not None else ""
    name = f"{case.get('classname', '')}::{case.get('name', '')}"
    return {"name": name, "reason": re.sub(r"\s+", " ", said)[:REASON]}


def _file(root: Path, case: ET.Element) -> str:
    """The test's file: JUnit names its module and class, of which the longest that is a file is meant."""
    parts = str(case.get("classname", "")).split(".")
    for end in range(len(parts), 0, -1):
        path = "/".join(parts[:end]) + ".py"
        if (root / path).is_file():
            return path
    return "/".join(parts)


def _inside(root: Path, name: str) -> str:
    path = root / name
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()
