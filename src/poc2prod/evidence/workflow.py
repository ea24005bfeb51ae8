"""GitHub workflows as jobs and steps: what runs them, what they run, what they use and what they may do.

Source: docs.github.com, Workflow syntax; Security hardening for GitHub Actions.
"""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from . import needed, shell
from .yamlfile import table, texts

PINNED = r"[^@\s]+@[0-9a-f]{40}"
# What anybody who opens a pull request or an issue may write: the event, and `github` as a whole.
STRANGERS = r"\bgithub\s*(\.\s*(event\b|head_ref\b|\*)|\[|[,)]|$)"
# Changes reach one of these branches in nearly every repository; these types are those of each new commit.
MAIN = ("main", "master", "trunk", "develop")
COMMITS = frozenset({"opened", "synchronize"})
NEVER = r"(\$\{\{\s*)?(false|0|'')(\s*\}\})?"


class Step(NamedTuple):
    """One step of a job: its script and the shell for it, or the action it uses, and all that is written."""

    run: str
    uses: str
    shell: str
    said: dict[str, Any]


class Job(NamedTuple):
    """One job: its key, its name to people, its steps, and all that was written."""

    key: str
    name: str
    steps: list[Step]
    said: dict[str, Any]


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
    shell = _shell(said)
    jobs = [_job(key, table(job), shell) for key, job in table(said.get("jobs")).items()]
    return Workflow(file, on, jobs, said)


def _shell(said: dict[str, Any]) -> str:
    """The shell that a workflow or a job gives to its steps."""
    return text(table(table(said.get("defaults")).get("run")).get("shell"))


def _job(key: str, said: dict[str, Any], shell: str) -> Job:
    listed = said.get("steps")
    steps = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    due = _shell(said) or shell
    made = [
        Step(text(one.get("run")), text(one.get("uses")), text(one.get("shell")) or due, one) for one in steps
    ]
    return Job(key, text(said.get("name")) or key, made, said)


def guards(workflow: Workflow) -> bool:
    """Whether a push or a pull request starts it, whatever it touches."""
    return any(
        event in workflow.on and _whatever(table(workflow.on[event])) for event in ("push", "pull_request")
    )


def _whatever(said: dict[str, Any]) -> bool:
    """Whether an event with these filters starts it on each commit of, or for, a main branch."""
    if {"paths", "paths-ignore"} & set(said) or (
        "types" in said and not set(texts(said["types"])) >= COMMITS
    ):
        return False
    if not {"branches", "branches-ignore"} & set(said):
        return not {"tags", "tags-ignore"} & set(said)
    return any(
        _matches(branch, texts(said.get("branches", "**")))
        and not _matches(branch, texts(said.get("branches-ignore")))
        for branch in MAIN
    )


def _matches(branch: str, patterns: list[str]) -> bool:
    """Whether a branch's name meets patterns, the last that fits deciding; `!` turns one round."""
    found = False
    for pattern in patterns:
        if fnmatchcase(branch, pattern.removeprefix("!").replace("**", "*")):
            found = not pattern.startswith("!")
    return found


def runs(job: Job) -> set[str]:
    """Which of the needed things a job runs so that its failure is the job's."""
    if _lax(job.said) or _never(job.said):
        return set()
    return {
        what
        for step in job.steps
        if not _lax(step.said) and not _never(step.said)
        for command in shell.commands(step.run, step.shell)
        if not command.lost
        for what in needed.by(command.words)
    }


def disarmed(job: Job) -> list[str]:
    """Needed commands of a job whose failure goes unnoticed, each with how."""
    return [
        f"{what} in the job {job.key}: {how}"
        for step in job.steps
        for command in shell.commands(step.run, step.shell)
        if (how := _how(job, step) or command.lost)
        for what in needed.by(command.words)
    ]


def _how(job: Job, step: Step) -> str:
    if _lax(job.said) or _lax(step.said):
        return "continue-on-error"
    return "if: false" if _never(job.said) or _never(step.said) else ""


def _lax(said: dict[str, Any]) -> bool:
    """Whether a job or a step may fail, and what comes after goes on."""
    return text(said.get("continue-on-error")) not in ("", "false")


def _never(said: dict[str, Any]) -> bool:
    """Whether a job or a step never runs."""
    return bool(re.fullmatch(NEVER, text(said.get("if")).strip()))


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
        f"${{{{{hit[:60]}}}}} inside run, job {job.key}"
        for job in workflow.jobs
        for step in job.steps
        for script in (step.run, text(table(step.said.get("with")).get("script")))
        for hit in _expressions(script)
        if re.search(STRANGERS, hit.strip())
    ]


def _expressions(script: str) -> list[str]:
    """What stands inside `${{ }}`."""
    return [part.partition("}}")[0] for part in script.split("${{")[1:]]


def text(value: Any) -> str:
    """The value if it is a text, else nothing."""
    return value if isinstance(value, str) else ""
