"""Format, lint, types, complexity, golden predictions; a record: `python -m <package> lint`."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from poc2prod_kit.run.console import Console
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.paths import package
from poc2prod_kit.run.project import Project
from poc2prod_kit.serving import records, tools

Json = dict[str, Any]
SHOWN, KEPT, COMPLEXITY = 10, 20, 10
PARTS = ("format", "lint", "types")


def main(arguments: Sequence[str]) -> int:
    """Check the code, print and record; 0 where nothing was found, else 1. Raises ProjectError."""
    parser = argparse.ArgumentParser(prog=f"python -m {package().name} lint", description=__doc__)
    parser.parse_args(arguments)
    project, console = Project(), Console()
    tools.needed("ruff", "mypy")
    golden, why = asked(project, console)
    source = records.source_of(project.root)
    results = observed(project.root, limit(project))
    findings = report(console, results, golden, why)
    if golden is None:
        console.paragraph("Nothing is recorded: without golden predictions a record is not complete.")
        return 1 if findings else 0
    for part in PARTS:
        results[part]["examples"] = results[part]["examples"][:KEPT]
    versions = tools.versions("ruff", "mypy")
    path = records.write(project.root, "lint", {**results, "golden": golden}, tools=versions, of=source)
    code = records.conclude(console, path, [])
    return 1 if findings or why or golden["differing"] else code


def observed(root: Path, most: int) -> Json:
    """What ruff and mypy find in the code, all findings as examples."""
    return {
        "format": _part(_count(root, "format", "--check"), _ruff(root, "format", "--check", ".")),
        "lint": _part(_count(root, "check", "--verbose"), _ruff(root, "check", ".")),
        "types": typed(root),
        "complexity": complexity(root, most),
    }


def typed(root: Path) -> Json:
    """What mypy finds, by the project's own settings, in as many files as it says that it checked.

    Its text, since its JSON does not say how many those are.
    """
    options = ("--no-pretty", "--hide-column-numbers", "--hide-error-end", "--hide-error-context")
    done = tools.run(root, "mypy", *options, "--show-error-codes", "--error-summary")
    findings = re.findall(r"^(.+?\.pyi?):(\d+): error: (.*? +\[[\w-]+\])$", done.stdout, re.MULTILINE)
    if done.returncode == 2 and not findings:
        raise tools.broken("mypy", done)
    files = re.search(r"(?:issues found in|\(checked) (\d+) source files?", done.stdout)
    findings.sort(key=lambda one: (one[0], int(one[1])))
    lines = [f"{file}:{line} {' '.join(words.split())}" for file, line, words in findings]
    return {"files": int(files[1]) if files else 0, "findings": len(lines), "examples": lines}


def complexity(root: Path, most: int) -> Json:
    """McCabe's complexity: the `worst` function and those `over` the limit, each with its name and value."""
    every = ("--config", "lint.mccabe.max-complexity=0", "--config", "lint.per-file-ignores={}")
    items: list[Json] = []
    for one in _ruff(root, "check", "--select", "C901", "--ignore-noqa", *every, "src"):
        if match := re.match(r"`(.+)` is too complex \((\d+) > ", one["message"]):
            items.append({"name": f"{one['filename']}:{match[1]}", "value": int(match[2])})
    items.sort(key=lambda one: (-one["value"], one["name"]))
    over = [one for one in items if one["value"] > most]
    return {"limit": most, "worst": items[0] if items else None, "over": over}


def asked(project: Project, console: Console) -> tuple[Json | None, str]:
    """Golden predictions by the serving model as it is, and what is wrong with them; None without a model."""
    if not (project.root / records.MODEL).is_file():
        return None, f"not asked: {records.MODEL} is not here; `python -m {package().name} poc` makes it"
    try:
        from poc2prod_kit.serving import export_step, scorer, server

        server.refresh(project, console)
        now = export_step.answers(project, scorer.load(project.root, project.code.rules))
        golden = export_step.compare(export_step.read(project), now)
    except ImportError as error:
        raise ProjectError(f"{error.name} is not installed. {tools.INSTALL}") from error
    except Exception as error:
        kind = "" if isinstance(error, ProjectError) else f"{type(error).__name__} "
        return {"rows": 0, "differing": 0, "largest_difference": None}, f"not asked: {kind}{error}"
    if not golden["differing"]:
        return golden, ""
    words = f"{golden['differing']} of {golden['rows']} are not what {export_step.GOLDEN} holds"
    return golden, f"{words}; if that is meant: python -m {package().name} api --golden"


def limit(project: Project) -> int:
    """[refactor] complexity of params.toml: how many ways there may be through a function."""
    content = project.param("refactor.complexity", COMPLEXITY)
    if isinstance(content, bool) or content < 1:
        raise ProjectError(f"[refactor] complexity = {content!r} must be a whole number from 1.")
    return int(content)


def report(console: Console, results: Json, golden: Json | None, why: str) -> int:
    """Print a line for each part and the first of its findings; how many there are, golden rows apart."""
    for part in PARTS:
        counts = {what: results[part][what] for what in ("findings", "files")}
        words = (f"{count} {what if count != 1 else what[:-1]}" for what, count in counts.items())
        console.say(f"{part:<12} {' in '.join(words)}")
        _show(console, results[part]["examples"])
    branched = results["complexity"]
    worst = branched["worst"] or {"name": "no function", "value": 0}
    over = f"{len(branched['over'])} over the limit of {branched['limit']}"
    console.say(f"complexity   {over}; most: {worst['value']} in {worst['name']}")
    _show(console, [f"{one['name']} has {one['value']}" for one in branched["over"]])
    alike = f"{golden['rows']} rows, as before" if golden else ""
    console.paragraph(why or alike, "golden       ", " " * 13)
    return sum(results[part]["findings"] for part in PARTS) + len(branched["over"])


def _show(console: Console, findings: list[str]) -> None:
    more = [f"and {len(findings) - SHOWN} more"] if len(findings) > SHOWN else []
    for line in [*findings[:SHOWN], *more]:
        console.say(f"  {line}")


def _ruff(root: Path, command: str, *arguments: str) -> list[Json]:
    """What a command of ruff finds, as its JSON has it, with file names from the project's root."""
    done = tools.run(root, "ruff", command, "--output-format", "json", "--no-cache", *arguments)
    try:
        content: list[Json] = json.loads(done.stdout or "[]")
    except ValueError:
        content = []
    # Code that does not parse ends ruff with 2 as well, and is a finding.
    if done.returncode == 2 and not content:
        raise tools.broken(f"ruff {command}", done)
    for one in content:
        one["filename"] = tools.inside(root, one["filename"])
    return content


def _count(root: Path, command: str, option: str) -> int:
    """How many modules of src/ a command of ruff looks at, less those that its settings exclude."""
    done = tools.run(root, "ruff", command, option, "--no-cache", "src")
    counts = r"(\d+) files? (?:would be re|already )formatted|Checked (\d+) files in"
    return sum(int(one or other) for one, other in re.findall(counts, done.stdout + done.stderr))


def _part(files: int, findings: list[Json]) -> Json:
    lines = [f"{one['filename']}:{one['location']['row']} {one['code']} {one['message']}" for one in findings]
    return {"files": files, "findings": len(lines), "examples": lines}
