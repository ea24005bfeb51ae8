"""Faults of files as such: merges that git found clean, records of another project, links that lead out."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from bench import hands
from bench.registry import fault
from poc2prod_kit.run.hashing import of_value

STATUS = ("status",)
RECORD = ".poc2prod/checks/{}.json"


SEAL = "its seal does not match its content"


@fault("baseline", "fail", SEAL)
def clean_merge_of_two_runs(project: Path) -> None:
    """Where .gitattributes is gone, git merges two runs cleanly: one's inputs, the other's results."""
    _merged(project, "baseline", lambda found: found["scores"]["candidate"].update(value=0.86), sealed=False)


@fault("interpret", "fail", SEAL)
def clean_merge_of_what_cannot_be_counted_again(project: Path) -> None:
    """The same where only the model could tell: the importance of two runs."""
    _merged(
        project, "interpret", lambda found: found["importance"]["features"][0].update(value=0.5), sealed=False
    )


@fault("baseline", "unknown", "is not JSON")
def merge_of_two_sealed_runs(project: Path) -> None:
    """Two runs, each with its seal, of which git can keep only one."""
    _merged(project, "baseline", lambda found: found["scores"]["candidate"].update(value=0.86), sealed=True)


@fault("interpret", "fail", SEAL)
def interpretation_of_two_runs(project: Path) -> None:
    """One run's inputs, the other's interpretation."""
    _mix(project, "interpret")


@fault("evaluate", "fail", SEAL)
def evaluation_of_two_runs(project: Path) -> None:
    """One run's inputs, the other's evaluation."""
    _mix(project, "evaluate")


@fault("improve", "fail", SEAL)
def improvement_of_two_runs(project: Path) -> None:
    """One run's inputs, the other's list of next steps."""
    _mix(project, "improve")


@fault("features", "fail", SEAL)
def proof_edited_in_the_report(project: Path) -> None:
    """A finding of the proof deleted, where only the pipeline could tell."""
    hands.put(project, "features", "probes.alone", [])


@fault("split", "fail", "split.csv.gz")
def split_file_of_another_seed_and_rule(project: Path) -> None:
    """Parts swapped throughout: what teaches judges."""
    lines = hands.rows(project, hands.SPLIT)
    names = {"train": "test", "test": "train"}
    hands.put_rows(project, hands.SPLIT, [[row, names.get(part, part)] for row, part in lines])


@fault("baseline", "unknown", "stands there twice")
def key_twice_in_a_report(project: Path) -> None:
    """A key that a merge left twice."""
    hands.edit(project, "reports/baseline.json", '"schema": 1,', '"schema": 1,\n "schema": 1,')


@fault("data", "unknown", "is not JSON", "problem")
def conflict_marks_in_a_report(project: Path) -> None:
    """A merge's marks left in a report."""
    hands.edit(project, "reports/data.json", '"schema": 1,', "<<<<<<< ours\n=======\n>>>>>>> theirs\n")


@fault("split", "unknown", "report of the step 'data'")
def report_under_another_name(project: Path) -> None:
    """One step's report under another's name."""
    (project / "reports/split.json").write_bytes((project / "reports/data.json").read_bytes())


@fault("split", "unknown", "out of the project")
def report_linked_from_outside(project: Path) -> None:
    """A report that is a link out of the project."""
    outside = project.parent / "outside.json"
    (project / "reports/split.json").rename(outside)
    (project / "reports/split.json").symlink_to(outside)


@fault("features", "unknown", "is not JSON")
def report_nested_too_deeply(project: Path) -> None:
    """A report of ten thousand brackets."""
    hands.write(project, "reports/features.json", "[" * 100_000)


@fault("data", "unknown", "record", by=STATUS)
def record_of_another_step(project: Path) -> None:
    """One step's record under another's name."""
    text = (project / RECORD.format("split")).read_text("utf-8")
    hands.write(project, RECORD.format("data"), text)


@fault("data", "stale|unknown", "changed since it was checked", by=STATUS)
def record_of_another_project(project: Path) -> None:
    """Another project's record, which failed or passed there."""
    hands.swap(project, "households", RECORD.format("data"))


@fault("data", "unknown", "not checked yet", by=STATUS)
def record_deleted(project: Path) -> None:
    """No record of the last check."""
    (project / RECORD.format("data")).unlink()


@fault("data", "unknown", "is empty", by=STATUS)
def record_of_zero_bytes(project: Path) -> None:
    """A record of 0 bytes."""
    hands.write(project, RECORD.format("data"), b"")


@fault("data", "unknown", "is not this step's record", by=STATUS)
def record_of_braces(project: Path) -> None:
    """A record that is {}."""
    hands.write(project, RECORD.format("data"), "{}")


@fault("data", "unknown", "no findings", by=STATUS)
def record_without_findings(project: Path) -> None:
    """A record that found nothing."""
    _record(project, findings=[])


@fault("data", "stale", "version 0", by=STATUS)
def record_of_older_checks(project: Path) -> None:
    """A record of an older version's checks."""
    _record(project, checks=0)


@fault("data", "unknown", "names no inputs", by=STATUS)
def record_without_inputs(project: Path) -> None:
    """A record that depends on nothing would hold for ever."""
    _record(project, inputs={})


def _record(project: Path, **changes: Any) -> None:
    path = project / RECORD.format("data")
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **changes}), "utf-8")


def _mix(project: Path, step: str) -> None:
    """Another seed's results below this run's inputs and seal."""
    theirs = json.loads((project.parent / f"seed/reports/{step}.json").read_text("utf-8"))
    hands.revise(project, f"reports/{step}.json", lambda value: value.update(results=theirs["results"]))


def _merged(project: Path, step: str, change: Any, *, sealed: bool) -> None:
    """Two branches, one with other inputs, one with other results, merged by git without .gitattributes."""
    report = f"reports/{step}.json"
    (project / ".gitattributes").unlink()
    _git(project, "init", "-q", "-b", "main")
    _commit(project, "base")
    _git(project, "checkout", "-q", "-b", "other")
    hands.report(project, step, change)
    if sealed:
        hands.revise(project, report, hands.seal)
    _commit(project, "theirs")
    _git(project, "checkout", "-q", "main")
    hands.revise(project, report, lambda value: value["inputs"].update({"params.toml#note": of_value(None)}))
    if sealed:
        hands.revise(project, report, hands.seal)
    _commit(project, "ours")
    _git(project, "merge", "-q", "--no-edit", "other", check=not sealed)


def _commit(project: Path, message: str) -> None:
    _git(project, "add", "-A")
    _git(project, "-c", "user.name=x", "-c", "user.email=x@x.example", "commit", "-q", "-m", message)


def _git(project: Path, *arguments: str, check: bool = True) -> None:
    settings = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "x"}
    people = {
        "GIT_AUTHOR_EMAIL": "x@x.example",
        "GIT_COMMITTER_NAME": "x",
        "GIT_COMMITTER_EMAIL": "x@x.example",
    }
    subprocess.run(
        ["git", *arguments],
        cwd=project,
        check=check,
        capture_output=True,
        env={**os.environ, **settings, **people},
    )
