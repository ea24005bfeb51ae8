"""GitHub workflows as jobs and steps: what runs them, what they run, what they use and what they may do.

Source: docs.github.com, Workflow syntax; Security hardening for GitHub Actions.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from . import script
from .yamlfile import table, texts

# What a workflow on every change must run, told by the words that a command begins with.
NEEDED = {
    "lint": r"python -m \S+ (lint|observe)|make (.* )?(lint|observe)|(python -m )?ruff check"
    r"|(pre-commit|prek) run",
    "tests": r"python -m \S+ (test|observe)|make (.* )?(test|observe)|(python -m )?(pytest|py\.test|tox|nox)"
    r"|hatch test",
    "pipeline": r"python -m \S+ (poc|sample)|make (.* )?(poc|demo|sample)",
    "image": r"python -m \S+ image|make (.* )?image|(docker|podman) ((buildx )?(build|bake)"
    r"|compose (\S+ )*build)",
    "gate": r"(python -m )?poc2prod(@\S+|[<>=]=\S+)? (-\S+ )*gate|make (.* )?gate",
}
# What only starts another command, and the options of these that take a value.
STARTERS = frozenset({"sudo", "env", "time", "exec", "timeout", "uvx"})
MANAGERS = frozenset({"uv", "poetry", "pdm", "pipenv", "hatch", "rye", "pipx", "conda"})
VALUED = frozenset({"--with", "--from", "--python", "--extra", "--group", "--env-file", "-X", "-W"})
PYTHON = r"(python|pypy|py)[\d.]*(\.exe)?"
CONTAINER = r"(docker|podman) (compose )?(run|exec) "
# With one of these words a command looks at nothing, or fails for nothing.
IDLE = frozenset(
    {"--version", "-V", "--help", "-h", "--collect-only", "--co", "--exit-zero", "--dry-run", "--fixtures"}
)
IDLE_MAKE = frozenset({"-n", "-i", "-q", "-t", "--ignore-errors", "--question", "--touch", "--just-print"})
# Commands that run something of the repository which is not read here: scripts and tasks.
ELSEWHERE = r"\S+\.sh\b|(ba|da|z)?sh [^-]|python [^-]\S*\.py|(just|task|mise|invoke) |[\w-]+:[\w-]+"
PINNED = r"[^@\s]+@[0-9a-f]{40}"
# What anybody who opens a pull request or an issue may write: the event, and `github` as a whole.
STRANGERS = r"\bgithub\s*(\.\s*(event\b|head_ref\b|\*)|\[|[,)]|$)"
# Changes reach one of these branches in nearly every repository; these types are those of each new commit.
MAIN = frozenset({"main", "master", "trunk", "develop", "*", "**"})
COMMITS = frozenset({"opened", "synchronize"})
NEVER = r"(\$\{\{\s*)?(false|0|'')(\s*\}\})?"
ALWAYS = r"(\$\{\{\s*)?(true|success\(\)|always\(\)|!\s*cancelled\(\)|)(\s*\}\})?"


class Step(NamedTuple):
    """One step of a job: its script and the shell for it, or the action it uses, and all its keys."""

    run: str
    uses: str
    shell: str
    keys: dict[str, Any]


class Job(NamedTuple):
    """One job: its key, its name to people, its steps, and all its keys."""

    key: str
    name: str
    steps: list[Step]
    keys: dict[str, Any]


class Workflow(NamedTuple):
    """One file: its name, what starts it, its jobs, and all its keys."""

    file: str
    on: dict[str, Any]
    jobs: list[Job]
    keys: dict[str, Any]


class Run(NamedTuple):
    """A command that does one of the needed things.

    `lost`: how its failure goes unnoticed; `unread`: why the text does not tell. Both empty: its failure is
    the job's.
    """

    what: str
    job: Job
    lost: str
    unread: str


def parse(file: str, content: Any) -> Workflow:
    """The workflow that a YAML value is; whatever does not fit is left out."""
    keys = table(content)
    events = keys.get("on")
    on = events if isinstance(events, dict) else dict.fromkeys(texts(events))
    jobs = [_job(key, table(job), _shell(keys)) for key, job in table(keys.get("jobs")).items()]
    return Workflow(file, on, jobs, keys)


def _shell(keys: dict[str, Any]) -> str:
    """The shell that a workflow or a job gives to its steps."""
    return text(table(table(keys.get("defaults")).get("run")).get("shell"))


def _job(key: str, keys: dict[str, Any], shell: str) -> Job:
    listed = keys.get("steps")
    steps = []
    for step in filter(None, map(table, listed if isinstance(listed, list) else [])):
        own = text(step.get("shell")) or _shell(keys) or shell
        steps.append(Step(text(step.get("run")), text(step.get("uses")), own, step))
    return Job(key, text(keys.get("name")) or key, steps, keys)


def on_every_change(workflow: Workflow) -> bool:
    """Whether a push or a pull request starts it, whatever it touches."""
    return any(
        event in workflow.on and _unfiltered(table(workflow.on[event])) for event in ("push", "pull_request")
    )


def _unfiltered(filters: dict[str, Any]) -> bool:
    """Whether an event with these filters starts it on each commit of, or for, a main branch."""
    given = {name: set(texts(value)) for name, value in filters.items()}
    if {"paths", "paths-ignore"} & set(given) or COMMITS - given.get("types", COMMITS):
        return False
    if "branches" in given or "branches-ignore" in given:
        return bool(MAIN & given.get("branches", MAIN)) and not MAIN & given.get("branches-ignore", set())
    return not {"tags", "tags-ignore"} & set(given)


def runs(workflow: Workflow) -> list[Run]:
    """The commands of a workflow that do what is needed."""
    return [
        Run(what, job, lost or command.lost, untold or command.unread)
        for job in workflow.jobs
        for step in job.steps
        for lost, untold in [_condition(job, step)]
        for command in script.commands(step.run, step.shell)
        for what in does(command.words)
    ]


def does(words: list[str]) -> list[str]:
    """Which of the needed things a command does; none where it only asks for a version or the like."""
    own = _bare(words[: words.index("--")] if "--" in words else words)
    if IDLE & set(own) or (own[:1] == ["make"] and IDLE_MAKE & set(own)):
        return []
    lines = [" ".join(own)]
    if re.match(CONTAINER, lines[0]):
        lines = [" ".join(own[place:]) for place in range(2, min(len(own), 40))]
    return [
        what for what, begin in NEEDED.items() if any(re.match(rf"({begin})(?!\S)", line) for line in lines)
    ]


def _bare(words: list[str]) -> list[str]:
    """The command without what only starts it, and any Python as `python`."""
    while words:
        name = words[0].rpartition("/")[2]
        if re.fullmatch(PYTHON, name):
            at = 1
            while at < len(words) and re.match(r"-[^mc]", words[at]):
                at += 2 if words[at] in VALUED else 1
            return ["python", *words[at:]]
        if name == "coverage" and "-m" in words:
            return ["python", *words[words.index("-m") :]]
        if name in MANAGERS and words[1:2] == ["run"]:
            words = words[2:]
        elif name in STARTERS or re.match(r"\w+=|-|\d+[smh]?$", words[0]):
            words = words[2 if words[0] in VALUED else 1 :]
        else:
            return [name, *words[1:]]
    return []


def elsewhere(workflow: Workflow) -> list[str]:
    """What of this repository a workflow runs without saying what that does: scripts, actions, workflows."""
    steps = [step for job in workflow.jobs for step in job.steps]
    commands = [command.words for step in steps for command in script.commands(step.run, step.shell)]
    scripts = [
        " ".join(words)[:60]
        for words in commands
        if words[0].startswith("./") or re.match(ELSEWHERE, " ".join(_bare(words)))
    ]
    actions = [step.uses for step in steps if step.uses.startswith("./")]
    return [*scripts, *actions, *(text(job.keys["uses"]) for job in workflow.jobs if "uses" in job.keys)]


def _condition(job: Job, step: Step) -> tuple[str, str]:
    """How a job or a step says that its failure does not count or that it never runs; what does not tell."""
    lost: list[str] = []
    untold: list[str] = []
    for keys in (job.keys, step.keys):
        lenient, condition = text(keys.get("continue-on-error")), text(keys.get("if"))
        if lenient not in ("", "false"):
            (lost if lenient == "true" else untold).append(f"continue-on-error: {lenient[:60]}")
        if re.fullmatch(NEVER, condition.strip()):
            lost.append("if: false")
        elif not re.fullmatch(ALWAYS, condition.strip()):
            untold.append(f"if: {condition[:60]}")
    return "".join(lost[:1]), "".join(untold[:1])


def used(workflow: Workflow) -> Iterator[str]:
    """All that the jobs use: actions, workflows, and images of containers and services."""
    for job in workflow.jobs:
        yield from (step.uses for step in job.steps if step.uses)
        if "uses" in job.keys:
            yield text(job.keys["uses"])
        services = [table(item).get("image") for item in table(job.keys.get("services")).values()]
        container = job.keys.get("container")
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
    own = {job.key: job.keys.get("permissions") for job in workflow.jobs}
    wide = [f"write-all in the job {key}" for key, rights in own.items() if rights == "write-all"]
    if "permissions" not in workflow.keys:
        bare = [key for key, rights in own.items() if rights is None]
        return [*wide, *(f"no permissions at the top, and none in the job {key}" for key in bare[:1])]
    top = workflow.keys["permissions"]
    if isinstance(top, dict):
        return [*wide, *(f"{key}: write for all jobs" for key, value in top.items() if value == "write")]
    return wide if top in ("read-all", "") else [*wide, f"permissions: {str(top)[:20]}"]


def injected(workflow: Workflow) -> list[str]:
    """Scripts into which a stranger's words are put, each with the job and the words."""
    return [
        f"${{{{{words[:60]}}}}} inside run, job {job.key}"
        for job in workflow.jobs
        for step in job.steps
        for code in (step.run, text(table(step.keys.get("with")).get("script")))
        for words in (part.partition("}}")[0] for part in code.split("${{")[1:])
        if re.search(STRANGERS, words.strip())
    ]


def text(value: Any) -> str:
    """The value if it is a text, else nothing."""
    return value if isinstance(value, str) else ""
