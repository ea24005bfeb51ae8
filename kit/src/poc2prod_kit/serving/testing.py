"""Run the tests with coverage, and record the result: `python -m <package> test [ARGUMENTS OF PYTEST]`."""

from __future__ import annotations

import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from poc2prod_kit.run import hashing
from poc2prod_kit.run.console import Console
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.paths import find_root, package
from poc2prod_kit.serving import records, tools

Json = dict[str, Any]
# pytest's exit codes for "all passed" and "some failed"; with the others it did not get through.
THROUGH = (0, 1)
LONGEST_REASON = 300
# The files that a record points to stay here, for whatever else reads them.
FOLDER = "build/test"
# What JUnit calls how a test ended; one that passed has none of these.
ENDS = {"error": "errors", "failure": "failed", "skipped": "skipped"}


def main(arguments: Sequence[str]) -> int:
    """Run pytest, which prints as usual; record the whole suite, never a selection. Its exit code, or 2."""
    console, root = Console(), find_root()
    tools.needed("pytest", "pytest_cov")
    source = records.source_of(root)
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.iterdir():
        left.unlink()
    junit, coverage = folder / "junit.xml", folder / "coverage.json"
    command = [sys.executable, "-m", "pytest", f"--junit-xml={junit}", f"--cov={package()}"]
    command += ["--cov-report=", f"--cov-report=json:{coverage}", *arguments]
    environment = tools.environment(root) | {"COVERAGE_FILE": str(folder / ".coverage")}
    for name in ("NO_COLOR", "PYTEST_ADDOPTS"):
        environment.pop(name, None)
    code = subprocess.run(command, cwd=root, env=environment, check=False).returncode
    if arguments:
        console.say(f"Nothing is recorded: only `python -m {package().name} test`, without arguments, is.")
        return code
    if code not in THROUGH:
        console.say(f"Nothing is recorded: pytest ended with {code}, and says why above.")
        return code
    results = observed(root, junit, coverage)
    path = records.write(root, "test", results, tools=tools.versions("pytest", "pytest-cov"), of=source)
    for line in summary(results):
        console.say(line)
    records.conclude(console, path, [])
    return code


def observed(root: Path, junit: Path, coverage: Path) -> Json:
    """What the JUnit XML and the coverage JSON of a run say. Raises ProjectError where they cannot be read."""
    try:
        cases = list(ET.parse(junit).getroot().iter("testcase"))
        covered = json.loads(coverage.read_text(encoding="utf-8"))
        total, files = covered["totals"], covered["files"]
    except (OSError, ValueError, KeyError, ET.ParseError) as error:
        raise ProjectError(f"What pytest wrote of its run cannot be read ({error}). Run it again.") from error
    ends = [
        next((end for tag, end in ENDS.items() if case.find(tag) is not None), "passed") for case in cases
    ]
    return {
        "tests": len(cases),
        **{end: ends.count(end) for end in ("passed", "failed", "errors")},
        "skipped": [_skipped(case) for case, end in zip(cases, ends, strict=True) if end == "skipped"],
        "files": dict(Counter(_file(root, case) for case in cases)),
        "coverage": {"lines": total["num_statements"], "covered": total["covered_lines"]},
        "files_covered": {
            tools.inside(root, name): [one["summary"]["num_statements"], one["summary"]["covered_lines"]]
            for name, one in files.items()
        },
        "sha256": {path.name: hashing.of_blocks([path.read_bytes()]) for path in (junit, coverage)},
    }


def summary(results: Json) -> list[str]:
    """Two lines: how the tests ended, and how much of the code they ran."""
    ended = [f"{results[how]} {how}" for how in ("passed", "failed", "errors") if results[how]]
    skipped = [f"{len(results['skipped'])} skipped"] if results["skipped"] else []
    lines, covered = results["coverage"]["lines"], results["coverage"]["covered"]
    share = f"{covered / lines:.0%} of {lines:,} lines" if lines else "no lines"
    return [
        f"tests        {results['tests']} in {len(results['files'])} files: {', '.join(ended + skipped)}",
        f"coverage     {share} of src/{package().name}",
    ]


def _skipped(case: ET.Element) -> Json:
    words = [word for one in case.iter("skipped") for word in one.get("message", "").split()]
    name = f"{case.get('classname', '')}::{case.get('name', '')}"
    return {"name": name, "reason": " ".join(words)[:LONGEST_REASON]}


def _file(root: Path, case: ET.Element) -> str:
    """The test's file: JUnit names module and class together, and the longest part that is a file is the module."""
    parts = str(case.get("classname", "")).split(".")
    names = ("/".join(parts[:end]) + ".py" for end in range(len(parts), 0, -1))
    return next((name for name in names if (root / name).is_file()), "/".join(parts))
