"""What a workflow that guards a project must run, told by the words of a command."""

import re
from itertools import takewhile

NEEDED = {
    "lint": r"python -m \S+ (lint|observe)|(python -m )?ruff check|make (.* )?(lint|observe)",
    "tests": r"python -m \S+ (test|observe)|(python -m )?(pytest|py\.test)|make (.* )?(test|observe)",
    "pipeline": r"python -m \S+ (poc|sample)|make (.* )?(poc|demo|sample)",
    "image": r"python -m \S+ image|(docker|podman) ((buildx )?(build|bake)|compose (\S+ )*build)"
    r"|make (.* )?image",
    "gate": r"(python -m )?poc2prod(@\S+|[<>=]=\S+)? (-\S+ )*gate|make (.* )?gate",
}
# With one of these a command looks at nothing, or fails for nothing.
IDLE = frozenset(
    {"--version", "-V", "--help", "-h", "--collect-only", "--co", "--setup-plan", "--fixtures", "--markers"}
    | {"--exit-zero", "--dry-run", "--just-print", "--print"}
)
IDLE_MAKE = r"-[a-zA-Z]*[niqt][a-zA-Z]*|--ignore-errors|--question|--touch"
# What starts another command, with the options that take a value.
RUNNERS = frozenset(
    {"sudo", "env", "time", "nice", "exec", "command", "timeout", "xvfb-run"}
    | {"uv", "uvx", "pipx", "poetry", "pdm", "pipenv", "hatch", "rye"}
)
VALUED = frozenset(
    {"--with", "--from", "--python", "-p", "--extra", "--group", "--directory", "--project", "--env-file"}
)
PYTHON = r"(python|pypy|py)[\d.]*(\.exe)?|\$\{?\w*[pP][yY]\w*\}?"
INSIDE = r"(docker|podman) (compose )?(run|exec)"


# Of a command that starts others in a container, so many words are looked at, and none behind these.
MOST = 60
OTHERS = frozenset({"pip", "pip3", "install", "apt", "apt-get", "echo", "printf", "cat"})


def by(words: list[str]) -> list[str]:
    """Which of the needed things the words of a simple command run; none where they only ask about it."""
    if re.match(INSIDE, " ".join(words[:3])):
        own = list(takewhile(lambda word: word not in OTHERS, words[2:MOST]))
        return next((found for place in range(len(own)) if (found := _done(own[place:]))), [])
    return _done(_bare(words))


def _done(words: list[str]) -> list[str]:
    own = _python(words[: words.index("--")] if "--" in words else words)
    if not own or IDLE & set(own):
        return []
    if own[0] == "make" and any(re.fullmatch(IDLE_MAKE, word) for word in own[1:]):
        return []
    line = " ".join(own)
    return [what for what, sign in NEEDED.items() if re.match(rf"({sign})(?!\S)", line)]


def _python(words: list[str]) -> list[str]:
    """The words with the command's bare name; of a Python, whichever, without its own options."""
    name = words[0].rpartition("/")[2] if words else ""
    if not re.fullmatch(PYTHON, name):
        return [name, *words[1:]] if words else []
    at = 1
    while at < len(words) and re.fullmatch(r"-(?!m$|c$)\S+", words[at]):
        at += 2 if words[at] in ("-X", "-W") else 1
    return ["python", *words[at:]]


def _bare(words: list[str]) -> list[str]:
    """The words without what only starts them: assignments, `sudo`, `uv run`, `coverage run -m`."""
    rest = list(words)
    while rest:
        own = _python(rest)
        if own[:3] == ["python", "-m", "coverage"] or own[0] == "coverage":
            return ["python", *rest[rest.index("-m", 2) :]] if "-m" in rest[2:] else rest
        if re.match(r"\w+=", rest[0]):
            rest = rest[1:]
        elif own[0] in RUNNERS:
            rest = _behind(rest)
        else:
            break
    return rest


def _behind(words: list[str]) -> list[str]:
    """What a runner starts: the words behind its own name and options."""
    at = 1
    while at < len(words) and (words[at] in ("run", "tool", "--") or re.match(r"-|\d+[smh]?$", words[at])):
        at += 2 if words[at] in VALUED else 1
    return words[at:]
