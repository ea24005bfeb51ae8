"""A Dockerfile as stages of instructions, and a .dockerignore as a rule: what people commonly write.

Source: docs.docker.com/reference/dockerfile (line continuation, variables, here-documents, .dockerignore).
What holds only in images made from this one (ONBUILD) is an instruction of that name.
"""

import json
import re
import shlex
from string import Template
from typing import NamedTuple

HEREDOC = r"<<-?([\"']?)(\w+)\1"


class Instruction(NamedTuple):
    """One instruction: its name in capitals, words (with here-documents), line and flags (`--from`)."""

    name: str
    text: str
    line: int
    flags: dict[str, str]

    @property
    def listed(self) -> list[str] | None:
        """The words of the exec form, else None."""
        try:
            words = json.loads(self.text)
        except (ValueError, RecursionError):
            return None
        fits = isinstance(words, list) and words and all(isinstance(item, str) for item in words)
        return words if fits else None


class Stage(NamedTuple):
    """What one FROM begins: the image or earlier stage with variables filled in, and its instructions."""

    base: str
    name: str
    line: int
    body: list[Instruction]


class Dockerfile(NamedTuple):
    """All stages in order."""

    stages: list[Stage]

    def lineage(self) -> list[Stage]:
        """The last stage, the stage that it is made from, and so on."""
        line = self.stages[-1:]
        while below := self._named(line[-1]):
            line.append(below)
        return line

    def outside(self) -> list[Stage]:
        """The stages that begin with an image, not with an earlier stage."""
        return [stage for stage in self.stages if not self._named(stage) and stage.base != "scratch"]

    def last(self, name: str) -> Instruction | None:
        """The instruction of that name that holds in the image: the last one, from the last stage down."""
        every = (one for stage in self.lineage() for one in reversed(stage.body))
        return next((one for one in every if one.name == name), None)

    def all(self, *names: str) -> list[Instruction]:
        """The instructions of these names, of all stages."""
        return [one for stage in self.stages for one in stage.body if one.name in names]

    def _named(self, stage: Stage) -> Stage | None:
        before = self.stages[: self.stages.index(stage)]
        return next((one for one in before if one.name and one.name == stage.base.casefold()), None)


def parse(text: str) -> Dockerfile:
    """The Dockerfile's stages; none where there is no FROM."""
    stages: list[Stage] = []
    arguments: dict[str, str] = {}
    for one in _instructions(text):
        if one.name == "FROM":
            base, *alias = Template(one.text).safe_substitute(arguments).split() or [""]
            name = alias[1].casefold() if len(alias) > 1 and alias[0].casefold() == "as" else ""
            stages.append(Stage(base, name, one.line, []))
        elif stages:
            stages[-1].body.append(one)
        elif one.name == "ARG":
            arguments |= {name: value for name, value in assigned(one.text).items() if value}
    return Dockerfile(stages)


def _instructions(text: str) -> list[Instruction]:
    """The instructions of the text, comments left out, continued lines joined."""
    made: list[Instruction] = []
    lines = enumerate(text.split("\n"), 1)
    for number, line in lines:
        words = line.strip()
        while words.endswith("\\"):
            more = next((one.strip() for _, one in lines if one.strip() and one.strip()[0] != "#"), "")
            words = f"{words[:-1].rstrip()} {more}"
        if words and not words.startswith("#"):
            for _, until in re.findall(HEREDOC, words) if re.match(r"(run|copy|add)\s", words, re.I) else ():
                for _, one in lines:
                    if one.strip() == until:
                        break
                    words += f"\n{one}"
            made.append(_instruction(words, number))
    return made


def _instruction(words: str, line: int) -> Instruction:
    name, *parts = words.split(maxsplit=1)
    flags, rest = {}, "".join(parts)
    while match := re.match(r"--([\w-]+)(?:=(\S*))?(?:\s+|$)", rest):
        flags[match[1]] = match[2] or ""
        rest = rest[match.end() :]
    return Instruction(name.upper(), rest.strip(), line, flags)


def assigned(text: str) -> dict[str, str]:
    """Names and values of ENV and ARG, in both notations."""
    words = split(text)
    if len(words) > 1 and "=" not in words[0] + words[1]:
        return {words[0]: " ".join(words[1:])}
    return {name: value for name, _, value in (word.partition("=") for word in words)}


def split(text: str) -> list[str]:
    """Words as a shell sees them; by white space where quotes do not close."""
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def keeps_out(text: str, name: str) -> bool:
    """Whether a .dockerignore keeps a file out of the build: the last rule that meets it, or a folder of it,
    decides.
    """
    parts = name.split("/")
    ways = ["/".join(parts[:end]) for end in range(1, len(parts) + 1)]
    out = False
    for line in text.split("\n"):
        rule = line.strip()
        if rule and not rule.startswith("#"):
            pattern = _pattern(rule.lstrip("!").strip().strip("/"))
            out = not rule.startswith("!") if any(re.fullmatch(pattern, way) for way in ways) else out
    return out


def _pattern(words: str) -> str:
    """A rule as a regular expression: `**` is any folders, `*` and `?` stay in one."""
    made = re.escape(words[:200])
    for sign, meaning in ((r"\*\*/", "(?:.*/)?"), (r"\*\*", ".*"), (r"\*", "[^/]*"), (r"\?", "[^/]")):
        made = made.replace(sign, meaning)
    return made if made.count("*") <= 6 else re.escape(words)
