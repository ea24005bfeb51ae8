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
from poc2prod_kit.serving import complexity, records, tools

Json = dict[str, Any]
SHOWN, KEPT = 10, 20
PARTS = ("format", "lint", "types")


def main(arguments: Sequence[str]) -> int:
    """Judge the code, print and record; 0 where nothing was found, else 1. Raises ProjectError."""
    argparse.ArgumentParser(prog=f"python -m {package().name} lint", description=__doc__).parse_args(
        arguments
    )
    project, console = Project(), Console()
    tools.needed("ruff", "mypy")
    golden, why = asked(project, console)
    source = records.source_of(project.root)
    results = observed(project.root, limit(project))
    found = report(console, results, golden, why)
    if golden is None:
        console.paragraph(
            "Nothing is recorded, since without golden predictions a record would be half a record."
        )
        return 1 if found else 0
    for part in PARTS:
        results[part]["examples"] = results[part]["examples"][:KEPT]
    path = records.write(
        project.root, "lint", {**results, "golden": golden}, tools=tools.versions("ruff", "mypy"), of=source
    )
    console.say(f"recorded     {path.relative_to(project.root).as_posix()}")
    return 1 if found or why or golden["differing"] else 0


def observed(root: Path, most: int) -> Json:
    """What ruff and mypy say of the code, all findings as examples."""
    return {
        "format": formatted(root),
        "lint": linted(root),
        "types": typed(root),
        "complexity": complexity.measured(root, most),
    }


def formatted(root: Path) -> Json:
    """Files that `ruff format` would change or cannot read; how many modules of src/ it looks at."""
    done = tools.run(root, "ruff", "format", "--diff", "--no-cache", ".", fine=(0, 1, 2))
    unread = re.findall(r"^error: Failed to parse (\S+?:\d+):\d+: (.*)", done.stderr, re.MULTILINE)
    changed = re.findall(r"^--- (.+)\n\+\+\+ .+\n@@ -(\d+)", done.stdout, re.MULTILINE)
    if done.returncode == 2 and not unread:
        raise ProjectError(f"ruff format could not run: {' '.join(done.stderr.split())[:400]}")
    found = [f"{complexity.below(root, name)}:{line} would be reformatted" for name, line in changed]
    found += [f"{place} cannot be read: {why}" for place, why in unread]
    done = tools.run(root, "ruff", "format", "--check", "--no-cache", "src", fine=(0, 1, 2))
    return _part(_counted(r"(\d+) files? (?:would be re|already )formatted", done), found)


def linted(root: Path) -> Json:
    """What `ruff check` finds, by the project's own settings; how many modules of src/ it looks at."""
    said = tools.run(root, "ruff", "check", "--output-format", "json", "--no-cache", ".").stdout
    items = json.loads(said or "[]")
    done = tools.run(root, "ruff", "check", "--verbose", "--no-cache", "src")
    found = [f"{_place(root, item)} {item['code']} {item['message']}" for item in items]
    return _part(_counted(r"Checked (\d+) files in", done), found)


def typed(root: Path) -> Json:
    """What mypy finds, by the project's own settings, in as many files as it says that it checked."""
    plain = (
        "--no-pretty",
        "--hide-column-numbers",
        "--hide-error-end",
        "--show-error-codes",
        "--error-summary",
    )
    said = tools.run(root, "mypy", *plain, "--hide-error-context", fine=(0, 1, 2))
    items = re.findall(r"^(.+?\.pyi?):(\d+): error: (.*?) +(\[[\w-]+\])$", said.stdout, re.MULTILINE)
    if said.returncode == 2 and not items:
        raise ProjectError(f"mypy could not run: {' '.join((said.stderr + said.stdout).split())[:400]}")
    found = [
        f"{complexity.below(root, file)}:{line} {message} {code}"
        for file, line, message, code in sorted(items, key=lambda item: (item[0], int(item[1])))
    ]
    return _part(_counted(r"(?:issues found in|\(checked) (\d+) source files?", said), found)


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
    found = project.param("refactor.complexity", complexity.LIMIT)
    if isinstance(found, bool) or found < 1:
        raise ProjectError(f"[refactor] complexity = {found!r} must be a whole number from 1.")
    return int(found)


def report(console: Console, results: Json, golden: Json | None, why: str) -> int:
    """Print a line for each part and the first of its findings; how many there are, golden rows apart."""
    for part in PARTS:
        found = results[part]
        console.say(f"{part:<12} {_count(found, 'findings')} in {_count(found, 'files')}")
        _show(console, found["examples"])
    branched = results["complexity"]
    worst = branched["worst"] or {"name": "no function", "value": 0}
    over = f"{len(branched['over'])} over the limit of {branched['limit']}"
    console.say(f"complexity   {over}; most: {worst['value']} in {worst['name']}")
    _show(console, [f"{one['name']} has {one['value']}" for one in branched["over"]])
    alike = f"{golden['rows']} rows, as before" if golden else ""
    console.paragraph(why or alike, "golden       ", " " * 13)
    return sum(results[part]["findings"] for part in PARTS) + len(branched["over"])


def _count(found: Json, what: str) -> str:
    return f"{found[what]} {what if found[what] != 1 else what[:-1]}"


def _show(console: Console, found: list[str]) -> None:
    for line in found[:SHOWN]:
        console.say(f"  {line}")
    if len(found) > SHOWN:
        console.say(f"  and {len(found) - SHOWN} more")


def _counted(pattern: str, done: tools.Done) -> int:
    """The sum of what a tool says that it looked at."""
    return sum(map(int, re.findall(pattern, done.stdout + done.stderr)))


def _part(files: int, found: list[str]) -> Json:
    return {"files": files, "findings": len(found), "examples": found}


def _place(root: Path, item: Json) -> str:
    return f"{complexity.below(root, item['filename'])}:{item['location']['row']}"
