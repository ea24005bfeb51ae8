"""The command `clean`: ends a finding by a rule of cleaning.toml, or by a setting; the raw files stay as they are."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

from poc2prod_kit.run import atomic, params, report, toml
from poc2prod_kit.run.code import Code
from poc2prod_kit.run.console import Console
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.paths import package
from poc2prod_kit.run.project import Project
from poc2prod_kit.screening import decisions
from poc2prod_kit.tables import cleaning, screened

REASONS = {
    "spelling": "one thing spelled more than one way",
    "duplicates": "copies of earlier rows",
    "stray": "texts entered for want of a value",
    "impossible": "values that cannot be, entered for want of one",
    "placeholder": "stands for a missing value",
    "bookkeeping": "says how the table was made, not what a row is",
    "leak": "not known when a prediction is due",
    "exceeds": "not known when a prediction is due",
    "parts": "not known when a prediction is due",
    "late": "not known when a prediction is due",
}


class Remedy(NamedTuple):
    """What would end a finding: a rule of cleaning.toml, or a key of [data] with its value."""

    how: str
    rule: Mapping[str, Any] | None = None
    setting: tuple[str, Any] | None = None

    def __str__(self) -> str:
        """As one line that a person can judge."""
        if self.rule is not None:
            return f"{cleaning.FILE}: " + ", ".join(
                f"{key} = {toml.text(value)}" for key, value in self.rule.items()
            )
        key, value = self.setting or ("", "")
        return f"params.toml, [data]: {key} = {toml.text(value)}"


def main(code: Code, arguments: Sequence[str], console: Console) -> None:
    """List the open findings with what would end each, ask about each on a terminal, or end the one named."""
    given = _parser().parse_args(arguments)
    project = Project(code=code)
    findings = open_findings(project)
    if given.finding:
        if given.finding not in findings:
            near = get_close_matches(given.finding, findings, 1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            listed = ", ".join(findings) or "none"
            raise ProjectError(f"{given.finding!r} is no open finding; open: {listed}.{hint}")
        _end(project, given.finding, given, console)
    elif not findings:
        console.paragraph("No finding about cells, rows or columns is open.")
    else:
        _walk(project, findings, given, console)


def _parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog=f"python -m {package().name} clean",
        description="End a finding: by a rule of cleaning.toml, which training and API apply to each row, or by a "
        "setting of params.toml. Without FINDING: the open findings, and what would end each.",
    )
    made.add_argument("finding", nargs="?", metavar="FINDING", help="its id, such as spelling:city")
    made.add_argument("--reason", default="", help="why; there is a usual one for each kind")
    made.add_argument("--who", default="", help="who decides; without it the name that git knows")
    made.add_argument(
        "--known", action="store_true", help="change nothing: it is as it should be; needs --reason"
    )
    return made


def open_findings(project: Project) -> dict[str, str]:
    """The texts by id of the findings that nothing has ended: in the rows as they are read now, and in reports."""
    exclude = set(project.param("data.exclude", []))
    screening = screened.look(project)[1].findings
    found = [
        asdict(item) | {"id": item.id} for item in screening if item.step and not exclude & set(item.columns)
    ]
    for step in ("split", "features"):
        with suppress(report.StaleError):
            found += report.load(project, step)["results"].get("findings", [])
    return {item["id"]: item["text"] for item in screened.still_open(project, found) if "id" in item}


def _walk(project: Project, findings: Mapping[str, str], given: argparse.Namespace, console: Console) -> None:
    asks = sys.stdin.isatty() and sys.stdout.isatty()
    for finding, text in findings.items():
        remedy = remedy_of(project, finding)
        console.paragraph(f"{finding}: {text}")
        console.paragraph(f"-> {remedy}" if remedy else _by_hand(finding), "    ")
        if asks and remedy and input("    Do so? [y/N] ").strip().casefold() in ("y", "yes"):
            _end(project, finding, given, console)
            project = Project(code=project.code)
    if not asks:
        console.paragraph(f"To end one: python -m {package().name} clean FINDING")


def _by_hand(finding: str) -> str:
    return (
        f"No rule can decide that. Look at the rows; then python -m {package().name} clean {finding!r} --known "
        '--reason "..." says why it is as it should be.'
    )


def remedy_of(project: Project, finding: str) -> Remedy | None:
    """What ends the finding; None where only a person can say."""
    kind, _, _ = finding.partition(":")
    rules = {item.id: item.remedy for item in screened.look(project)[1].findings}
    if rules.get(finding):
        return Remedy("cleaned", rule=rules[finding])
    columns = decisions.names(finding, list(project.schema))
    if decisions.step_of(finding) == "features" and columns:
        exclude = list(project.param("data.exclude", []))
        return Remedy(
            "excluded", setting=("exclude", [*exclude, *(name for name in columns if name not in exclude)])
        )
    if kind in ("group", "order") and columns:
        return Remedy("", setting=("group" if kind == "group" else "time", columns[0]))
    return None


def _end(project: Project, finding: str, given: argparse.Namespace, console: Console) -> None:
    remedy = None if given.known else remedy_of(project, finding)
    if given.known and not given.reason.strip():
        raise ProjectError('--known needs a reason: --reason "..."')
    if remedy is None and not given.known:
        raise ProjectError(_by_hand(finding))
    if finding in project.params.get("findings", {}):
        raise ProjectError(
            f"params.toml has an entry [findings.{toml.text(finding)}] that does not end it. Correct it, or "
            "delete it and run this again."
        )
    who = given.who or _git_name(project.root)
    if not who:
        raise ProjectError('Nobody is named, and git knows no user.name: add --who "Your Name".')
    words = {"reason": given.reason or REASONS.get(finding.partition(":")[0], ""), "who": who}
    settings = project.root / "params.toml"
    before = settings.read_text(encoding="utf-8-sig")
    after = before
    if remedy and remedy.setting:
        after = params.with_key(after, "data", *remedy.setting)
    if remedy and remedy.rule is not None:
        _append(project.root / cleaning.FILE, {**remedy.rule, "finding": finding, **words})
    how = remedy.how if remedy else "known"
    if how:
        after = f"{after.rstrip()}\n\n[findings.{toml.text(finding)}]\n{toml.lines({'how': how, **words})}"
    if after != before:
        tomllib.loads(after)
        atomic.write_text(settings, after)
    _say(project, finding, remedy, console)


def _say(project: Project, finding: str, remedy: Remedy | None, console: Console) -> None:
    """What was written, and whether the finding is gone when the rows are looked at again."""
    console.paragraph(f"{finding}: {remedy or 'known, with its reason in params.toml'}.")
    if remedy and remedy.rule is not None:
        again = screened.look(Project(code=project.code))[1].findings
        gone = all(item.id != finding for item in again)
        console.paragraph("It is no longer found." if gone else "It is still found: look at the rule.")
    console.paragraph(f"Next: python -m {package().name} poc")


def _append(path: Path, rule: Mapping[str, Any]) -> None:
    text = path.read_text(encoding="utf-8-sig") if path.is_file() else cleaning.HEAD
    text = f"{text.rstrip()}\n{cleaning.block(rule)}"
    cleaning.parse(tomllib.loads(text))
    atomic.write_text(path, text)


def _git_name(root: Path) -> str:
    try:
        done = subprocess.run(
            ["git", "config", "user.name"], cwd=root, capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return done.stdout.strip()
