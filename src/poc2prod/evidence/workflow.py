"""GitHub workflows as jobs and steps: what runs them, what they run, what they use and what they may do.

Source: docs.github.com, Workflow syntax; Security hardening for GitHub Actions.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from .yamlfile import table, texts

# What a workflow that guards a project must run, as commands in its steps.
NEEDED = {
    "lint": r"-m \S+ (lint|observe)\b|\bruff check\b|\bmake (lint|observe)\b",
    "tests": r"-m \S+ (test|observe)\b|\bpytest\b|\bmake (test|observe)\b",
    "pipeline": r"-m \S+ (poc|sample)\b|\bmake (poc|demo|sample)\b",
    "image": r"-m \S+ image\b|\bdocker (buildx )?(build|bake|compose build)\b|\bmake image\b",
    "gate": r"\bpoc2prod\b.*\bgate\b|\bmake gate\b",
}
PINNED = r"[^@\s]+@[0-9a-f]{40}"
# What anybody who opens a pull request or an issue may write.
STRANGERS = r"\$\{\{[^}]{0,200}\bgithub\s*(\.event\b|\.head_ref\b|\[)[^}]{0,200}\}\}"
LONGEST = 2_000
NEVER = r"(\$\{\{\s*)?(false|0|'')(\s*\}\})?"


class Step(NamedTuple):
    """One step of a job: its command or the action that it uses, and all that was written."""

    run: str
    uses: str
    said: dict[str, Any]

    @property
    def lax(self) -> bool:
        """Whether it may fail and the job goes on."""
        return text(self.said.get("continue-on-error")) not in ("", "false")

    @property
    def never(self) -> bool:
        """Whether it never runs."""
        return bool(re.fullmatch(NEVER, text(self.said.get("if")).strip()))


class Job(NamedTuple):
    """One job: its key, its name to people, its steps, and all that was written."""

    key: str
    name: str
    steps: list[Step]
    said: dict[str, Any]

    @property
    def lax(self) -> bool:
        """Whether it may fail and the run goes on."""
        return text(self.said.get("continue-on-error")) not in ("", "false")

    @property
    def never(self) -> bool:
        """Whether it never runs."""
        return bool(re.fullmatch(NEVER, text(self.said.get("if")).strip()))


class Workflow(NamedTuple):
    """One file: its name, what starts it, its jobs, and all that was written."""

    file: str
    on: dict[str, Any]
    jobs: list[Job]
    said: dict[str, Any]


def parse(file: str, content: Any) -> Workflow:
    """The workflow that a YAML value is; whatever does not fit is left out."""
    said = table(content)
    started = said.get("on")
    on = started if isinstance(started, dict) else dict.fromkeys(texts(started))
    jobs = [_job(key, table(job)) for key, job in table(said.get("jobs")).items()]
    return Workflow(file, on, jobs, said)


def _job(key: str, said: dict[str, Any]) -> Job:
    listed = said.get("steps")
    steps = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    made = [Step(text(one.get("run")), text(one.get("uses")), one) for one in steps]
    return Job(key, text(said.get("name")) or key, made, said)


def guards(workflow: Workflow) -> bool:
    """Whether a push or a pull request starts it, whatever it touches."""
    return any(
        event in workflow.on and not {"paths", "types", "tags"} & set(table(workflow.on[event]))
        for event in ("push", "pull_request")
    )


def runs(job: Job) -> set[str]:
    """Which of the needed things a job runs so that its failure is the job's."""
    return {what for step in job.steps for what in does(step)} if not job.never and not job.lax else set()


def does(step: Step) -> set[str]:
    """Which of the needed things a step runs; one that is switched off or may fail runs none."""
    if step.never or step.lax:
        return set()
    return {what for what, sign in NEEDED.items() for line in commands(step.run) if re.search(sign, line)}


def disarmed(job: Job) -> list[str]:
    """Needed commands of a job whose failure goes unnoticed, each with how."""
    found = []
    for step in job.steps:
        for what, sign in NEEDED.items():
            hit = [line for line in lines(step.run) if re.search(sign, line) and not _said_only(line)]
            how = _how(job, step, hit)
            found += [f"{what} in the job {job.key}: {how}"] if hit and how else []
    return found


def _how(job: Job, step: Step, hit: list[str]) -> str:
    if job.lax or step.lax:
        return "continue-on-error"
    if job.never or step.never:
        return "if: false"
    soft = [line for line in hit if _soft(line)]
    return f"its failure is lost ({soft[0][:60]})" if soft else ""


def commands(script: str) -> list[str]:
    """The lines of a script that run something and whose failure counts."""
    return [line for line in lines(script) if not _said_only(line) and not _soft(line)]


def lines(script: str) -> list[str]:
    """A script's lines, continued ones joined, without comments."""
    joined = re.sub(r"\\\n\s*", " ", script)
    return [line[:LONGEST] for raw in joined.split("\n") if (line := re.sub(r"(^|\s)#.*", "", raw).strip())]


def _said_only(line: str) -> bool:
    return bool(re.match(r"(echo|printf|:|true|false|if false)\b", line))


def _soft(line: str) -> bool:
    return bool(re.search(r"\|\|\s*(true|:|exit 0|echo)\b|\|\|\s*:|;\s*(true|exit 0)\s*$", line))


def used(workflow: Workflow) -> Iterator[str]:
    """All that the jobs use: actions, workflows, and images of containers and services."""
    for job in workflow.jobs:
        yield from (step.uses for step in job.steps if step.uses)
        if "uses" in job.said:
            yield text(job.said["uses"])
        services = [table(item).get("image") for item in table(job.said.get("services")).values()]
        container = job.said.get("container")
        for image in [*services, table(container).get("image", container)]:
            if isinstance(image, str):
                yield f"docker://{image}"


def pinned(name: str) -> bool:
    """Whether it can only ever be what it is now: of this repository, or by a full hash."""
    if name.startswith("./"):
        return True
    if name.startswith("docker://"):
        return bool(re.search(r"@sha256:[0-9a-f]{64}$", name))
    return bool(re.fullmatch(PINNED, name))


def excess(workflow: Workflow) -> list[str]:
    """What of its permissions is more than reading, where all jobs have them; empty if nothing is."""
    given = workflow.said.get("permissions", {} if "permissions" in workflow.said else None)
    found = []
    if given is None:
        if "permissions" not in workflow.said:
            bare = [job.key for job in workflow.jobs if "permissions" not in job.said]
            found += [f"no permissions at the top, and none in the job {bare[0]}"] if bare else []
    elif isinstance(given, dict):
        found += [f"{key}: write for all jobs" for key, value in given.items() if value == "write"]
    elif given != "read-all":
        found.append(f"permissions: {str(given)[:20]}")
    return found + [
        f"{job.said['permissions']} in the job {job.key}"
        for job in workflow.jobs
        if job.said.get("permissions") == "write-all"
    ]


def injected(workflow: Workflow) -> list[str]:
    """Scripts into which a stranger's words are put, each with the job and the words."""
    return [
        f"{hit[0][:60]} inside run, job {job.key}"
        for job in workflow.jobs
        for step in job.steps
        for script in (step.run, text(table(step.said.get("with")).get("script")))
        if (hit := re.search(STRANGERS, script))
    ]


def text(value: Any) -> str:
    """The value if it is a text, else nothing."""
    return value if isinstance(value, str) else ""
