"""II.7: every change is held against all this, without anyone remembering to."""

import re
from collections.abc import Iterable
from typing import Any

from ..files import Unreadable
from ..project import Facts
from . import observed, workflow, yamlfile
from .finding import CLAIMED, Finding, Unproven, failed, passed
from .needed import NEEDED
from .workflow import Workflow

FOLDER = ".github/workflows"
MOST_FILES = 50


def guarded(facts: Facts) -> Finding:
    """A workflow runs on every push or pull request."""
    found = [one for one in read(facts) if workflow.guards(one)]
    if not found:
        return failed(
            f"no workflow in {FOLDER} runs on every push or pull request",
            f"let one begin with on: push and pull_request in {FOLDER}",
        )
    return passed(f"{', '.join(one.file for one in found)}: runs on every push or pull request")


def complete(facts: Facts) -> Iterable[Finding]:
    """That workflow runs lint, tests, the pipeline, the image's build and the gate."""
    done = {what: job for one in _guarding(facts) for job in one.jobs for what in workflow.runs(job)}
    lacking = [what for what in NEEDED if what not in done]
    if lacking:
        yield failed(
            f"no job on every change runs {', '.join(lacking)}", f"add {lacking[0]} to a job in {FOLDER}"
        )
    else:
        yield passed(", ".join(f"{what} in {done[what].key}" for what in NEEDED))


def heard(facts: Facts) -> Iterable[Finding]:
    """What fails in these jobs fails the run: none may fail unheard, and none is switched off."""
    found = [text for one in _guarding(facts) for job in one.jobs for text in workflow.disarmed(job)]
    for text in found[:3]:
        yield failed(text, f"let it fail the job in {FOLDER}")
    if not found:
        yield passed("every job that counts fails the run when it fails")


def pinned(facts: Facts) -> Iterable[Finding]:
    """Every action is pinned by the full hash of a commit, every image by its digest."""
    used = [(one.file, name) for one in read(facts) for name in workflow.used(one)]
    loose = [pair for pair in used if not workflow.pinned(pair[1])]
    for file, name in loose[:5]:
        yield failed(
            f"{file} uses {name[:80]}, which can change", "pin it by the 40 characters of its commit"
        )
    if not loose:
        yield passed(f"{len(used)} uses, each pinned by a full hash")


def permissions(facts: Facts) -> Iterable[Finding]:
    """Workflows may read at most, but where a job names what it must write."""
    wrong = [(one.file, text) for one in read(facts) for text in workflow.excess(one)]
    for file, text in wrong[:5]:
        yield failed(
            f"{file}: {text}", f"begin {file} with permissions: {{}}, and give each job what it needs"
        )
    if not wrong:
        yield passed(f"{', '.join(one.file for one in read(facts))}: no job may write unless it says what")


def untrusted(facts: Facts) -> Iterable[Finding]:
    """No stranger's words (titles, branches, messages) become part of a command."""
    wrong = [(one.file, text) for one in read(facts) for text in workflow.injected(one)]
    wrong += [
        (one.file, "runs a stranger's code with this repository's rights (pull_request_target)")
        for one in read(facts)
        if "pull_request_target" in one.on
    ]
    for file, text in wrong[:5]:
        yield failed(f"{file}: {text}", "hand it over as an environment variable, and quote that")
    if not wrong:
        yield passed("no expression of github.event stands inside run")


def record(facts: Facts) -> Finding:
    """CI ran on this source, and a record of that run is here."""
    return observed.standing(facts, "ci")


def green(facts: Facts) -> Iterable[Finding]:
    """Every job of that run succeeded, and among them are those that ran lint, tests, pipeline and image."""
    found = observed.record(facts, "ci")
    if found is None:
        return
    jobs = found.results["jobs"]
    here = [_done(one) for one in _guarding(facts)]
    judged = [name for name in jobs if not any(done.get(name) == {"gate"} for done in here)]
    wrong = [f"{name[:40]} ended with {jobs[name][:20]}" for name in judged if jobs[name] != "success"]
    wrong += _unseen(set(jobs), here) if jobs else ["it names no job"]
    if not re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", found.results["commit"]):
        wrong.append(f"its commit, {found.results['commit'][:40]!r}, is none")
    for text in wrong[:5]:
        yield failed(f"{found.file}: {text}", observed.BRING, CLAIMED)
    if not wrong:
        where = f"{found.results['repository']}, commit {found.results['commit'][:12]}"
        yield passed(f"{len(judged)} jobs succeeded: {where}", CLAIMED)


def _done(found: Workflow) -> dict[str, set[str]]:
    """What each job of a workflow runs of what is needed, by its key and by its name."""
    return {name: workflow.runs(job) for job in found.jobs for name in (job.name, job.key)}


def _unseen(jobs: set[str], here: list[dict[str, set[str]]]) -> list[str]:
    """What none of a record's jobs ran, in the workflow it fits best; the gate comes after it."""
    lacking = [
        (set(NEEDED) - {"gate"} - {what for name in jobs for what in done.get(name, ())}, done)
        for done in here
    ]
    due, done = min(lacking, key=lambda one: len(one[0]), default=(set(), {}))
    return [f"none of its jobs runs {what}{_who(what, done)}" for what in NEEDED if what in due]


def _who(what: str, done: dict[str, set[str]]) -> str:
    able = [name for name, found in done.items() if what in found]
    return f": the job {able[-1]} is not among its jobs" if able else ""


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
    return facts.shared("workflows", lambda: [_workflow(facts, name) for name in _names(facts)])


def _workflow(facts: Facts, name: str) -> Workflow:
    content = yamlfile.load(facts, f"{FOLDER}/{name}")
    if content is None or isinstance(content, Unreadable):
        raise Unproven(str(content or f"{FOLDER}/{name} is not there"), f"mend {FOLDER}/{name}")
    return workflow.parse(f"{FOLDER}/{name}", content)


def _names(facts: Facts) -> list[str]:
    names = [name for name in facts.files.names(FOLDER) if name.endswith((".yml", ".yaml"))]
    if len(names) > MOST_FILES:
        raise Unproven(f"{FOLDER} has {len(names)} workflows; at most {MOST_FILES} are read")
    return names


def _guarding(facts: Facts) -> list[Workflow]:
    return [one for one in read(facts) if workflow.guards(one)]


CHECKS = (guarded, complete, heard, pinned, permissions, untrusted, record, green)
