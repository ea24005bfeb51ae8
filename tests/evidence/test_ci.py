"""II.7 from workflows and the record of a run."""

from __future__ import annotations

from typing import Any

import pytest
from evidence.service import COMMIT, Service

FILE = ".github/workflows/ci.yml"
CHECKS = ("guarded", "complete", "heard", "pinned", "permissions", "untrusted", "record", "green", "gate")


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
        (
            {"jobs": {"lint": "success", "test": "success", "gate": "success"}},
            "none of its jobs runs image: the job image is not among its jobs",
        ),
        ({"jobs": {"lint": "success", "test": "success", "image": "skipped"}}, "image ended with skipped"),
        ({"jobs": {}}, "it names no job"),
        ({"commit": "main"}, "its commit, 'main', is none"),
    ],
)
def test_what_a_record_of_a_run_must_say(service_: Service, results: dict[str, Any], says: str) -> None:
    """Each job succeeded, and none that counts is missing."""
    service_.again("ci", lambda made: made.update(results))
    outcome, text = service_.said("ci", "green")
    assert (outcome, says in text) == ("fail", True), text


@pytest.mark.parametrize("result", ["success", "failure", "pending", None])
def test_the_gate_need_not_have_opened_before_it_opens(service_: Service, result: str | None) -> None:
    """Its outcome is what this check is part of."""
    jobs = {"lint": "success", "test": "success", "image": "success", **({"gate": result} if result else {})}
    service_.again("ci", lambda results: results.update(jobs=jobs))
    assert service_.outcomes("ci") == dict.fromkeys(CHECKS, "pass")


CONDITION = "  gate:\n    if: vars.POC2PROD != ''\n"


@pytest.mark.parametrize(
    ("result", "how"), [("skipped", "was skipped"), (None, "is not in it, and runs on a condition")]
)
def test_a_skipped_gate_is_no_gate(service_: Service, result: str | None, how: str) -> None:
    """Its job needs a variable; whether that is set, the text does not say."""
    service_.replace(FILE, "  gate:\n", CONDITION)
    jobs = {"lint": "success", "test": "success", "image": "success", **({"gate": result} if result else {})}
    service_.again("ci", lambda results: results.update(jobs=jobs))
    outcome, text = service_.said("ci", "gate")
    assert (outcome, f"the gate {how}: the variable POC2PROD says" in text) == ("unknown", True), text
    assert "POC2PROD" in service_.todo("ci", "gate")


def test_a_gate_that_ran_on_its_condition(service_: Service) -> None:
    """What the record says counts."""
    service_.replace(FILE, "  gate:\n", CONDITION)
    service_.observe("ci")
    assert service_.outcomes("ci") == dict.fromkeys(CHECKS, "pass")


@pytest.mark.parametrize(
    ("new", "cause"),
    [
        ("run: if true; then python -m app lint; fi", "more than a command a line"),
        ("run: python -m app lint || ./notify", "what comes of its failure is decided later"),
        ("if: github.actor != 'bot'\n        run: python -m app lint", "if: github.actor != 'bot'"),
        (
            "continue-on-error: ${{ matrix.odd }}\n        run: python -m app lint",
            "continue-on-error: ${{ matrix.odd }}",
        ),
        ("shell: pwsh\n        run: python -m app lint", "its shell is pwsh"),
    ],
)
def test_what_cannot_be_read_is_claimed(service_: Service, new: str, cause: str) -> None:
    """With the cause; the record of the run is what proves it."""
    service_.replace(FILE, "run: python -m app lint", new)
    service_.observe("ci")
    assert service_.outcomes("ci") == dict.fromkeys(CHECKS, "pass")
    claimed = [one.text for one in service_.findings_of("ci", "heard") if one.basis == "claimed"]
    assert (len(claimed), cause in claimed[0]) == (1, True), claimed


@pytest.mark.parametrize(
    "new",
    [
        "run: ./ci.sh",
        "run: bash tools/lint.sh",
        "uses: ./.github/actions/lint",
        "run: uv run sh lint.sh",
        "run: mise run lint",
    ],
)
def test_what_stands_elsewhere_is_unknown(service_: Service, new: str) -> None:
    """A script of the repository may run what is needed; nobody read it."""
    service_.replace(FILE, "run: python -m app lint", new)
    outcome, text = service_.said("ci", "complete")
    hidden = new.partition(": ")[2]
    assert (outcome, text.endswith(f"runs lint; what {hidden} runs is not read")) == ("unknown", True), text


def test_one_job_that_counts_is_enough(service_: Service) -> None:
    """Another may run the newest of everything, and fail."""
    more = "  newest:\n    continue-on-error: true\n    steps:\n      - run: python -m app test\n  gate:\n"
    service_.replace(FILE, "  gate:\n", more)
    service_.observe("ci")
    assert service_.outcomes("ci") == dict.fromkeys(CHECKS, "pass")


def test_a_job_that_gates_and_tests_must_succeed(service_: Service) -> None:
    """What else it runs may have failed."""
    service_.replace(FILE, "run: poc2prod gate", "run: ruff check && poc2prod gate")
    service_.again("ci", lambda results: results["jobs"].update(gate="failure"))
    assert service_.said("ci", "green")[0] == "fail"


def test_another_workflow_may_run_tests_too(service_: Service) -> None:
    """A record holds the jobs of one workflow; those of others are not asked for."""
    text = "on: push\npermissions: {}\njobs:\n  docs:\n    steps:\n      - run: pytest --doctest-modules\n"
    service_.write(".github/workflows/docs.yml", text)
    service_.observe("ci")
    assert service_.outcomes("ci") == dict.fromkeys(CHECKS, "pass")


def test_what_ran_in_another_workflow_is_not_in_the_record(service_: Service) -> None:
    """Though both have a job of that name."""
    text = "on: push\npermissions: {}\njobs:\n  test:\n    steps:\n      - run: pytest\n"
    service_.write(".github/workflows/other.yml", text)
    service_.replace(FILE, "      - run: python -m app test\n", "")
    service_.observe("ci")
    assert service_.said("ci", "green")[1].endswith(": none of its jobs runs tests")


EVERY = "  push:\n    branches: [main]\n  pull_request:\n"
EVENTS = {
    "  push:\n    paths-ignore: ['**']\n": False,
    "  push:\n    branches: [nowhere]\n": False,
    "  push:\n    branches-ignore: ['**']\n": False,
    "  push:\n    tags: ['v*']\n": False,
    "  push:\n    tags-ignore: ['v*']\n": False,
    "  pull_request:\n    types: [labeled]\n": False,
    "  pull_request:\n    types: [opened, synchronize, reopened]\n": True,
    "  pull_request:\n    branches: [main]\n": True,
    "  push:\n    branches: ['**']\n    tags: ['v*']\n": True,
    "  push:\n    branches-ignore: [gh-pages, 'dependabot/**']\n": True,
    "  push:\n": True,
}


@pytest.mark.parametrize(("events", "every"), EVENTS.items())
def test_what_starts_on_every_change(service_: Service, events: str, every: bool) -> None:
    """Filters that leave commits of a main branch out, and some that do not."""
    service_.replace(FILE, EVERY, events)
    assert service_.outcomes("ci")["guarded"] == ("pass" if every else "fail")


@pytest.mark.parametrize(
    "words", ["toJSON(github)", "github", "format('{0}', github.event.issue.title)", "github.*.title"]
)
def test_all_that_is_known_of_an_event_holds_strangers_words(service_: Service, words: str) -> None:
    """The whole of it, or a part in braces."""
    service_.replace(FILE, "run: python -m app lint", f"run: echo '${{{{ {words} }}}}'")
    outcome, text = service_.said("ci", "untrusted")
    assert (outcome, words[:60] in text) == ("fail", True), text


def test_shells_that_go_on_after_a_failure(service_: Service) -> None:
    """Given to the step, the job or all."""
    two = "run: |\n          python -m app lint\n          ls"
    service_.replace(FILE, "run: python -m app lint", two)
    assert service_.outcomes("ci")["heard"] == "pass"
    service_.replace(FILE, "permissions: {}\n", "permissions: {}\ndefaults:\n  run:\n    shell: bash {0}\n")
    assert service_.said("ci", "heard") == (
        "fail",
        "lint in the job lint: its failure is lost (python -m app lint)",
    )


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
        (
            "a0: &a0 [x, x]\n" + "".join(f"a{n + 1}: &a{n + 1} [*a{n}, *a{n}]\n" for n in range(60)),
            "so it is not read",
        ),
        ("a: &a [*a]\n", "is nested too deeply"),
        ("x: '" + "y" * 300_000 + "'", "at most 262,144 are read"),
        ("? [a]\n: b\n", "a key that is no text"),
        ("a: 1\n---\nb: 2\n", "is not YAML"),
    ],
)
def test_hostile_files_are_unknown(service_: Service, text: str, says: str) -> None:
    """They are named, and nothing hangs."""
    service_.write(FILE, text)
    outcome, said = service_.said("ci", "pinned")
    assert (outcome, says in said) == ("unknown", True), said


def test_without_a_workflow_there_is_one_finding(service_: Service) -> None:
    """A proof of concept alone."""
    (service_.root / FILE).unlink()
    assert service_.outcomes("ci") == {"missing": "unknown"}
