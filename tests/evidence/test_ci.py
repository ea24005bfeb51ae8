"""II.7 from workflows and the record of a run."""

from __future__ import annotations

from typing import Any

import pytest
from evidence.service import COMMIT, Service

FILE = ".github/workflows/ci.yml"
CHECKS = ("guarded", "complete", "heard", "pinned", "permissions", "untrusted", "record", "green")


def test_an_honest_workflow_passes(service_: Service) -> None:
    """Every check, by name."""
    assert service_.outcomes("ci") == dict.fromkeys(CHECKS, "pass")


@pytest.mark.parametrize(
    ("old", "new", "check", "says"),
    [
        (
            "  push:\n    branches: [main]\n  pull_request:\n",
            "  workflow_dispatch:\n",
            "guarded",
            "no workflow",
        ),
        (
            "  push:\n    branches: [main]\n  pull_request:\n",
            "  push:\n    paths: [docs/**]\n",
            "guarded",
            "no workflow",
        ),
        ("      - run: python -m app test\n", "", "complete", "runs tests"),
        ("      - run: python -m app sample\n", "", "complete", "runs pipeline"),
        ("run: poc2prod gate", "run: echo poc2prod gate", "complete", "runs gate"),
        ("run: poc2prod gate", "run: '# poc2prod gate'", "complete", "runs gate"),
        ("run: python -m app lint", "run: python -m app lint || true", "heard", "its failure is lost"),
        (
            "      - run: python -m app test",
            "      - continue-on-error: true\n        run: python -m app test",
            "heard",
            "continue-on-error",
        ),
        ("  image:\n", "  image:\n    continue-on-error: true\n", "heard", "image in the job image"),
        ("  gate:\n", "  gate:\n    if: ${{ false }}\n", "heard", "if: false"),
        (COMMIT, "v7", "pinned", "actions/checkout@v7"),
        (COMMIT, "main", "pinned", "actions/checkout@main"),
        ("  gate:\n", "  gate:\n    container: python:3.13\n", "pinned", "docker://python:3.13"),
        ("permissions: {}\n", "", "permissions", "no permissions at the top, and none in the job lint"),
        ("permissions: {}\n", "permissions: write-all\n", "permissions", "write-all"),
        ("permissions: {}\n", "permissions:\n  contents: write\n", "permissions", "contents: write for all"),
        (
            "    permissions:\n      contents: read\n",
            "    permissions: write-all\n",
            "permissions",
            "write-all",
        ),
        (
            "run: python -m app lint",
            "run: echo ${{ github.event.pull_request.title }}",
            "untrusted",
            "github.event.pull_request.title",
        ),
        ("run: python -m app lint", "run: git switch ${{ github.head_ref }}", "untrusted", "github.head_ref"),
        ("run: python -m app lint", "run: echo ${{ github['event'].x }}", "untrusted", "github['event']"),
        (
            "  pull_request:\n",
            "  pull_request:\n  pull_request_target:\n",
            "untrusted",
            "pull_request_target",
        ),
    ],
)
def test_what_a_workflow_must_not_do(service_: Service, old: str, new: str, check: str, says: str) -> None:
    """Each is named by its own check."""
    service_.replace(FILE, old, new)
    outcome, text = service_.said("ci", check)
    assert (outcome, says in text) == ("fail", True), text


def test_a_second_workflow_is_looked_at_too(service_: Service) -> None:
    """One that releases, with an action by tag."""
    text = "on: release\npermissions: read-all\njobs:\n  a:\n    steps:\n      - uses: x/y@v1\n"
    service_.write(".github/workflows/release.yaml", text)
    service_.observe("ci")
    assert {k: v for k, v in service_.outcomes("ci").items() if v != "pass"} == {"pinned": "fail"}


@pytest.mark.parametrize(
    ("results", "says"),
    [
        (
            {"jobs": {"lint": "success", "test": "failure", "image": "success", "gate": "success"}},
            "test ended",
        ),
        ({"jobs": {"lint": "success", "test": "success", "image": "success"}}, "the job gate is not among"),
        ({"jobs": {}}, "it names no job"),
        ({"commit": "main"}, "its commit, 'main', is none"),
    ],
)
def test_what_a_record_of_a_run_must_say(service_: Service, results: dict[str, Any], says: str) -> None:
    """Each job succeeded, and none that counts is missing."""
    service_.again("ci", lambda found: found.update(results))
    outcome, text = service_.said("ci", "green")
    assert (outcome, says in text) == ("fail", True), text


def test_a_record_of_another_source_is_stale(service_: Service) -> None:
    """And asks for a push."""
    service_.write("src/app/api.py", "NAME = 2\n")
    assert {k: v for k, v in service_.outcomes("ci").items() if v != "pass"} == {"record": "stale"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        ("a: [", "is not YAML"),
        ("a: 1\na: 2\n", "the key 'a' stands there twice"),
        ("[" * 5000, "is nested too deeply"),
        ("a: &a [x]\nb: [" + "*a, " * 30 + "]\n", "so it is not read"),
        ("x: '" + "y" * 300_000 + "'", "at most 262,144 are read"),
        ("? [a]\n: b\n", "a key that is no text"),
        ("a: 1\n---\nb: 2\n", "is not YAML"),
    ],
)
def test_hostile_files_are_unknown(service_: Service, text: str, says: str) -> None:
    """They are named, and nothing hangs."""
    service_.write(FILE, text)
    outcome, found = service_.said("ci", "pinned")
    assert (outcome, says in found) == ("unknown", True), found


def test_without_a_workflow_there_is_one_finding(service_: Service) -> None:
    """A proof of concept alone."""
    (service_.root / FILE).unlink()
    assert service_.outcomes("ci") == {"missing": "unknown"}
