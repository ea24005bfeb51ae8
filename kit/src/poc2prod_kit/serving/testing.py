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
    console.say(f"recorded     {path.relative_to(root).as_posix()}")
    return code


def observed(root: Path, junit: Path, coverage: Path) -> Json:
    """What the JUnit XML and the coverage JSON of a run say. Raises ProjectError where they cannot be read."""
    try:
        cases = list(ET.parse(junit).getroot().iter("testcase"))
        covered = json.loads(coverage.read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError, ET.ParseError) as error:
        raise ProjectError(f"What pytest wrote of its run cannot be read ({error}). Run it again.") from error
    ended = Counter(_outcome(case) for case in cases)
    files = {
        _inside(root, name): [one["summary"]["num_statements"], one["summary"]["covered_lines"]]
        for name, one in covered.items()
    }
    return {
        "tests": len(cases),
        **{how: ended[how] for how in ("passed", "failed", "errors")},
        "skipped": [_skipped(case) for case in cases if _outcome(case) == "skipped"],
        "files": dict(Counter(_file(root, case) for case in cases)),
        "coverage": {
            "lines": sum(lines for lines, _ in files.values()),
            "covered": sum(hit for _, hit in files.values()),
        },
        "files_covered": files,
        "sha256": {path.name: records.sha256(path) for path in (junit, coverage)},
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


def _outcome(case: ET.Element) -> str:
    tags = {child.tag for child in case}
    kinds = {"error": "errors", "failure": "failed", "skipped": "skipped"}
    return next((how for tag, how in kinds.items() if tag in tags), "passed")


def _skipped(case: ET.Element) -> Json:
    result = case.find("skipped")
    reason = " ".join((result.get("message", "") if result is not None else "").split())
    return {"name": f"{case.get('classname', '')}::{case.get('name', '')}", "reason": reason[:LONGEST_REASON]}


def _file(root: Path, case: ET.Element) -> str:
    """The test's file: JUnit names module and class together, and the longest part that is a file is the module."""
    parts = str(case.get("classname", "")).split(".")
    names = ("/".join(parts[:end]) + ".py" for end in range(len(parts), 0, -1))
    return next((name for name in names if (root / name).is_file()), "/".join(parts))


def _inside(root: Path, name: str) -> str:
    path = root / name
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()
