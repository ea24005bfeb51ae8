"""II.7: every change is held against all this, without anyone remembering to."""

import re
from collections.abc import Iterable
from typing import Any

from ..files import Unreadable
from ..project import Facts
from ..records import Record
from . import observed, workflow, yamlfile
from .finding import CLAIMED, Finding, Unproven, failed, outcome_of, passed, unknown
from .workflow import NEEDED, Run, Workflow

FOLDER = ".github/workflows"
MOST_FILES = 50
# The variable of the repository that names where poc2prod is installed from; the gate's job needs it.
VARIABLE = "POC2PROD"


def guarded(facts: Facts) -> Finding:
    """A workflow runs on every push or pull request."""
    files = [one.file for one in _guarding(facts)]
    if not files:
        return failed(
            f"no workflow in {FOLDER} runs on every push or pull request",
            f"let one begin with on: push and pull_request in {FOLDER}",
        )
    return passed(f"{', '.join(files)}: runs on every push or pull request")


def complete(facts: Facts) -> Iterable[Finding]:
    """That workflow runs lint, tests, the pipeline, the image's build and the gate."""
    jobs = {run.what: run.job.key for run in _runs(facts)}
    missing = [what for what in NEEDED if what not in jobs]
    hidden = [line for one in _guarding(facts) for line in workflow.elsewhere(one)]
    if not missing:
        yield passed(", ".join(f"{what} in {jobs[what]}" for what in NEEDED))
    elif hidden:
        yield unknown(
            f"no line of a job on every change runs {', '.join(missing)}; what {hidden[0]} runs is not read",
            f"name the command of {missing[0]} in a job in {FOLDER}",
        )
    else:
        yield failed(
            f"no job on every change runs {', '.join(missing)}", f"add {missing[0]} to a job in {FOLDER}"
        )


def heard(facts: Facts) -> Iterable[Finding]:
    """What fails in these jobs fails the run: none may fail unheard, and none is switched off."""
    counts = []
    for what in NEEDED:
        runs = [run for run in _runs(facts) if run.what == what]
        if any(not run.lost and not run.unread for run in runs):
            counts.append(what)
        elif read := [run for run in runs if run.lost]:
            yield failed(
                f"{what} in the job {read[0].job.key}: {read[0].lost}", f"let it fail the job in {FOLDER}"
            )
        elif runs:
            yield passed(
                f"{what} in the job {runs[0].job.key}: whether its failure counts is not told by the text"
                f" ({runs[0].unread})",
                CLAIMED,
            )
    if counts:
        yield passed(f"a failure of {', '.join(counts)} fails its job")


def pinned(facts: Facts) -> Iterable[Finding]:
    """Every action is pinned by the full hash of a commit, every image by its digest."""
    used = [(one.file, name) for one in read(facts) for name in workflow.used(one)]
    loose = (f"{file} uses {name[:80]}, which can change" for file, name in used if not workflow.pinned(name))
    holds = f"{len(used)} uses, each pinned by a full hash"
    return outcome_of(loose, holds, "pin it by the 40 characters of its commit")


def permissions(facts: Facts) -> Iterable[Finding]:
    """Workflows may read at most, but where a job names what it must write."""
    wrong = (f"{one.file}: {text}" for one in read(facts) for text in workflow.excess(one))
    holds = f"{', '.join(one.file for one in read(facts))}: no job may write unless it says what"
    return outcome_of(
        wrong, holds, "begin the workflow with permissions: {}, and give each job what it needs"
    )


def untrusted(facts: Facts) -> Iterable[Finding]:
    """No stranger's words (titles, branches, messages) become part of a command."""
    wrong = [f"{one.file}: {text}" for one in read(facts) for text in workflow.injected(one)]
    wrong += [
        f"{one.file}: runs a stranger's code with this repository's rights (pull_request_target)"
        for one in read(facts)
        if "pull_request_target" in one.on
    ]
    holds = "no expression of github.event stands inside run"
    return outcome_of(wrong, holds, "hand it over as an environment variable, and quote that")


def record(facts: Facts) -> Finding:
    """CI ran on this source, and a record of that run is here."""
    return observed.standing(facts, "ci")


def green(facts: Facts, newest: Record) -> Iterable[Finding]:
    """Every job of that run succeeded, and among them are those that ran lint, tests, pipeline and image."""
    jobs, commit = newest.results["jobs"], newest.results["commit"]
    judged = [name for name in jobs if name not in _gates(facts)]
    wrong = [f"{name[:40]} ended with {jobs[name][:20]}" for name in judged if jobs[name] != "success"]
    wrong += _not_run(facts, set(jobs)) if jobs else ["it names no job"]
    if not re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", commit):
        wrong.append(f"its commit, {commit[:40]!r}, is none")
    holds = f"{len(judged)} jobs succeeded: {newest.results['repository']}, commit {commit[:12]}"
    return outcome_of(wrong, holds, observed.BRING, CLAIMED, newest.file)


def gate(facts: Facts, newest: Record) -> Iterable[Finding]:
    """The gate was not skipped in that run: its job needs the repository's variable POC2PROD."""
    gates = _gates(facts)
    if not gates:
        return
    results = {newest.results["jobs"].get(name) for name in gates} - {None}
    conditional = any(VARIABLE in run.unread for run in _runs(facts) if run.what == "gate")
    if results == {"skipped"} or (conditional and not results):
        how = "was skipped" if results else "is not in it, and runs on a condition"
        yield unknown(
            f"{newest.file}: the gate {how}: the variable {VARIABLE} says where poc2prod comes from",
            f"set the repository's variable {VARIABLE} (an address or a wheel), then {observed.BRING}",
            CLAIMED,
        )
    else:
        yield passed(f"{newest.file}: the gate was not skipped", CLAIMED)


def _gates(facts: Facts) -> set[str]:
    """The keys and names of the jobs that run the gate and nothing else that is needed."""
    runs = _runs(facts)
    others = {run.job.key for run in runs if run.what != "gate"}
    jobs = [run.job for run in runs if run.what == "gate" and run.job.key not in others]
    return {name for job in jobs for name in (job.key, job.name)}


def _not_run(facts: Facts, jobs: set[str]) -> list[str]:
    """What none of a record's jobs ran, in the workflow that they fit best; the gate comes after it."""
    due = [what for what in NEEDED if what in {run.what for run in _runs(facts)} - {"gate"}]
    lacking = []
    for one in _guarding(facts):
        runs = workflow.runs(one)
        ran = {run.what for run in runs if jobs & {run.job.key, run.job.name}}
        keys = {run.what: f": the job {run.job.key} is not among its jobs" for run in runs}
        lacking.append(
            [f"none of its jobs runs {what}{keys.get(what, '')}" for what in due if what not in ran]
        )
    return min(lacking, key=len, default=[])


def signed(facts: Facts) -> dict[str, Any]:
    """What a person signs: the newest record of this source, and what was chosen."""
    return observed.signed(facts, "ci", "ci")


def missing(facts: Facts) -> Finding | None:
    """What is to say instead where the project has no workflow at all."""
    if _names(facts):
        return None
    return observed.absent(facts, "continuous integration", f"{FOLDER}/ci.yml")


def read(facts: Facts) -> list[Workflow]:
    """All workflows. Unproven where one cannot be read."""
    facts.source()

    def parsed(name: str) -> Workflow:
        content = yamlfile.load(facts, f"{FOLDER}/{name}")
        if content is None or isinstance(content, Unreadable):
            raise Unproven(str(content or f"{FOLDER}/{name} is not there"), f"mend {FOLDER}/{name}")
        return workflow.parse(f"{FOLDER}/{name}", content)

    return facts.shared("workflows", lambda: list(map(parsed, _names(facts))))


def _names(facts: Facts) -> list[str]:
    names = [name for name in facts.files.names(FOLDER) if name.endswith((".yml", ".yaml"))]
    if len(names) > MOST_FILES:
        raise Unproven(f"{FOLDER} has {len(names)} workflows; at most {MOST_FILES} are read")
    return names


def _guarding(facts: Facts) -> list[Workflow]:
    return [one for one in read(facts) if workflow.on_every_change(one)]


def _runs(facts: Facts) -> list[Run]:
    """What the workflows on every change run of what is needed."""
    return facts.shared(
        "needed runs", lambda: [run for one in _guarding(facts) for run in workflow.runs(one)]
    )


CHECKS = (
    *(guarded, complete, heard, pinned, permissions, untrusted, record),
    *observed.recorded("ci", green, gate),
)
