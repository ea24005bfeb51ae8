"""Faults of II.7: workflows that run nothing, that nobody hears, that anybody may change, and red runs."""

from __future__ import annotations

from pathlib import Path

from bench import hands, produced
from bench.produced import fault

FILE = ".github/workflows/ci.yml"


def written(project: Path, old: str, new: str) -> None:
    """Edit the workflow, and bind all records to it as if it had run."""
    hands.edit(project, FILE, old, new)
    produced.rebind(project)


@fault("ci", "fail", "no workflow in .github/workflows runs on every push")
def by_hand_only(project: Path) -> None:
    """Somebody remembers to start it."""
    written(project, "on:\n  push:\n    branches: [main]\n  pull_request:\n", "on:\n  workflow_dispatch:\n")


@fault("ci", "fail", "runs tests")
def tests_taken_out(project: Path) -> None:
    """They were slow."""
    written(project, "      - run: python -m letters test\n", "")


@fault("ci", "fail", "runs gate")
def gate_said_only(project: Path) -> None:
    """It is printed."""
    written(project, "- run: poc2prod gate", "- run: echo poc2prod gate")


@fault("ci", "fail", "its failure is lost")
def failure_swallowed(project: Path) -> None:
    """Always green."""
    written(project, "run: python -m letters lint", "run: python -m letters lint || true")


TEST = "- run: python -m letters test\n"


@fault("ci", "fail", "runs tests")
def tests_installed_only(project: Path) -> None:
    """The runner of tests is there."""
    written(project, TEST, "- run: pip install pytest\n")


@fault("ci", "fail", "runs tests")
def version_of_tests(project: Path) -> None:
    """It says which version it is."""
    written(project, TEST, "- run: pytest --version\n")


@fault("ci", "fail", "runs tests")
def settings_of_tests_shown(project: Path) -> None:
    """A file with its name."""
    written(project, TEST, "- run: cat pytest.ini\n")


@fault("ci", "fail", "its failure is lost (python -m letters test | tee log)")
def failure_piped(project: Path) -> None:
    """The status is that of tee."""
    written(project, TEST, "- run: python -m letters test | tee log\n")


@fault("ci", "fail", "its failure is lost")
def shell_goes_on(project: Path) -> None:
    """The status is that of the last line."""
    written(project, TEST, "- run: |\n          set +e\n          python -m letters test\n          ls\n")


@fault("ci", "fail", "its failure is lost")
def failure_made_true(project: Path) -> None:
    """By its full name."""
    written(project, TEST, "- run: python -m letters test || /bin/true\n")


ON = "  push:\n    branches: [main]\n  pull_request:\n"


@fault("ci", "fail", "no workflow in .github/workflows runs on every push")
def all_paths_ignored(project: Path) -> None:
    """Whatever changes."""
    written(project, ON, "  push:\n    paths-ignore: ['**']\n")


@fault("ci", "fail", "no workflow in .github/workflows runs on every push")
def branch_that_is_none(project: Path) -> None:
    """Nobody pushes there."""
    written(project, ON, "  push:\n    branches: [nowhere]\n")


@fault("ci", "fail", "toJSON(github)")
def event_in_a_command(project: Path) -> None:
    """With all that a stranger wrote."""
    written(project, TEST, "- run: echo '${{ toJSON(github) }}'; python -m letters test\n")


@fault("ci", "fail", "tests in the job test: continue-on-error")
def failure_allowed(project: Path) -> None:
    """Red, and the run is green."""
    written(project, "    name: Test (Python", "    continue-on-error: true\n    name: Test (Python")


@fault("ci", "fail", "if: false")
def job_switched_off(project: Path) -> None:
    """For now."""
    written(project, "    name: Image\n", "    name: Image\n    if: false\n")


@fault("ci", "fail", "actions/checkout@v7, which can change")
def action_by_tag(project: Path) -> None:
    """Whoever owns it may change it."""
    text = (project / FILE).read_text("utf-8")
    pin = text.split("actions/checkout@")[1].split(" ")[0]
    written(project, f"actions/checkout@{pin}", "actions/checkout@v7")


@fault("ci", "fail", "permissions: write-all")
def all_rights(project: Path) -> None:
    """It did not work without."""
    written(project, "permissions: {}\n", "permissions: write-all\n")


@fault("ci", "fail", "no permissions at the top, and none in the job")
def rights_by_default(project: Path) -> None:
    """Whatever the forge gives."""
    written(project, "permissions: {}\n", "")
    text = (project / FILE).read_text("utf-8").replace("    permissions:\n      contents: read\n", "", 1)
    hands.write(project, FILE, text)
    produced.rebind(project)


@fault("ci", "fail", "github.event.pull_request.title")
def title_in_a_command(project: Path) -> None:
    """A stranger writes the title."""
    line = "run: python -m letters lint"
    written(project, line, "run: echo ${{ github.event.pull_request.title }} && python -m letters lint")


@fault("ci", "fail", "pull_request_target")
def strangers_code_with_rights(project: Path) -> None:
    """With the repository's secrets."""
    written(project, "  pull_request:\n", "  pull_request:\n  pull_request_target:\n")


@fault("ci", "unknown", "is nested too deeply")
def bomb(project: Path) -> None:
    """A file that would take for ever."""
    hands.write(project, FILE, "[" * 100_000)
    produced.rebind(project)


@fault("ci", "fail", "test ended with failure")
def red_run(project: Path) -> None:
    """The record of a run that failed."""
    produced.put(project, "ci", "jobs.test", "failure")


@fault("ci", "fail", "image ended with skipped")
def image_skipped(project: Path) -> None:
    """It never ran."""
    produced.put(project, "ci", "jobs.image", "skipped")


@fault("ci", "fail", "the job image is not among its jobs")
def job_left_out(project: Path) -> None:
    """Of the record."""
    produced.tell(project, "ci", lambda results: results["jobs"].pop("image"))


@fault("ci", "fail", "names no job")
def run_of_nothing(project: Path) -> None:
    """Nothing failed."""
    produced.put(project, "ci", "jobs", {})


@fault("ci", "unknown", "the gate was skipped: the variable POC2PROD says where poc2prod comes from")
def gate_skipped(project: Path) -> None:
    """Green, and nothing was judged."""
    produced.put(project, "ci", "jobs.gate", "skipped")


@fault("ci", "unknown", "the gate is not in it, and runs on a condition: the variable POC2PROD")
def gate_on_a_condition(project: Path) -> None:
    """The record does not say whether it was met."""
    produced.tell(project, "ci", lambda results: results["jobs"].pop("gate"))


@fault("ci", "fail", "test ended with skipped")
def condition_that_is_never_met(project: Path) -> None:
    """What the text does not tell, the record of the run does."""
    name = "    name: Test (Python"
    written(project, name, f"    if: github.actor == 'nobody'\n{name}")
    produced.put(project, "ci", "jobs.test", "skipped")


@fault("ci", "unknown", "what ./tools/test.sh runs is not read")
def tests_in_a_script(project: Path) -> None:
    """Which may hold them."""
    written(project, TEST, "- run: ./tools/test.sh\n")


@fault("ci", "pass", "tests in the job test: whether its failure counts is not told", claimed=True)
def tests_below_a_condition(project: Path) -> None:
    """A folder that is not there."""
    written(project, TEST, "- run: if [ -d elsewhere ]; then python -m letters test; fi\n")


@fault("ci", "pass", "tests in the job test: whether its failure counts is not told", claimed=True)
def failure_handled(project: Path) -> None:
    """By a script that ends well."""
    written(project, TEST, "- run: python -m letters test || ./tools/notify.sh\n")


@fault("ci", "unknown", "no record of kind ci")
def never_ran(project: Path) -> None:
    """A workflow, and no run."""
    produced.record(project, "ci").unlink()


@fault("ci", "stale", "is of another source")
def ran_before_the_last_change(project: Path) -> None:
    """What was pushed is not what is here."""
    hands.edit(project, "tests/conftest.py", '"""', '"""Changed. ')
    produced.rebind(project, "lint", "test", "latency", "image")


@fault("ci", "unknown", "was renamed")
def record_of_another_name(project: Path) -> None:
    """Renamed, to look newer."""
    path = produced.record(project, "ci")
    path.rename(path.with_name(path.name.replace("20260621", "20260701")))
