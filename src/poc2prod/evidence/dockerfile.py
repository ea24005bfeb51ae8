"""A Dockerfile as stages of instructions, and a .dockerignore as a rule: read as Docker reads them.

Source: docs.docker.com/reference/dockerfile (parser directives, line continuation, variables, .dockerignore).
"""

import json
import re
import shlex
from collections.abc import Iterable
from typing import NamedTuple

NAME = r"[A-Za-z_][A-Za-z0-9_]*"
HEREDOC = r"<<-?([\"']?)(\w+)\1"


class Instruction(NamedTuple):
    """One instruction: its name in capitals, its words, its line, its flags (`--from` …), its heredocs.

    `later`: it stands behind ONBUILD, so that it holds in what is made from this image, not in the image.
    """

    name: str
    text: str
    line: int
    flags: dict[str, str]
    inside: str = ""
    later: bool = False

    @property
    def said(self) -> str:
        """The words and, of a heredoc, its content."""
        return f"{self.text}\n{self.inside}" if self.inside else self.text

    @property
    def listed(self) -> list[str] | None:
        """The words of the exec form, else None."""
        try:
            found = json.loads(self.text)
        except (ValueError, RecursionError):
            return None
        fits = isinstance(found, list) and found and all(isinstance(item, str) for item in found)
        return found if fits else None


class Stage(NamedTuple):
    """What one FROM begins: the image or earlier stage with variables filled in, and its instructions."""

    base: str
    name: str
    line: int
    body: list[Instruction]


class Dockerfile(NamedTuple):
    """All stages in order, and the values of ARG that stand before the first."""

    stages: list[Stage]
    arguments: dict[str, str]

    def lineage(self) -> list[Stage]:
        """The last stage, the stage that it is made from, and so on."""
        found = self.stages[-1:]
        while found and (below := self._named(found[-1])):
            found.append(below)
        return found

    def outside(self) -> list[Stage]:
        """The stages that begin with an image, not with an earlier stage."""
        return [stage for stage in self.stages if not self._named(stage) and stage.base != "scratch"]

    def last(self, name: str) -> Instruction | None:
        """The instruction of that name that holds in the image: the last one, from the last stage down."""
        lineage = self.lineage()
        for stage, below in zip(lineage, [*lineage[1:], None], strict=True):
            begun = [one for one in below.body if one.later] if below else []
            for one in reversed([*begun, *(one for one in stage.body if not one.later)]):
                if one.name == name:
                    return one
        return None

    def _named(self, stage: Stage) -> Stage | None:
        before = self.stages[: self.stages.index(stage)]
        return next((one for one in before if one.name and one.name == stage.base.casefold()), None)


def parse(text: str) -> Dockerfile:
    """The Dockerfile's stages; none where there is no FROM."""
    stages: list[Stage] = []
    before: dict[str, str] = {}
    for one in instructions(text):
        if one.name == "FROM":
            words = one.text.split()
            name = words[2].casefold() if len(words) > 2 and words[1].casefold() == "as" else ""
            stages.append(Stage(filled(words[0] if words else "", before), name, one.line, []))
        elif stages:
            stages[-1].body.append(one)
        elif one.name == "ARG":
            before |= assigned(one.text)
    return Dockerfile(stages, before)


def instructions(text: str) -> list[Instruction]:
    """The instructions of the text, comments left out, continued lines joined."""
    lines = text.split("\n")
    escape = "`" if re.match(r"#\s*escape\s*=\s*`", lines[0].strip(), flags=re.I) else "\\"
    found, at = [], 0
    while at < len(lines):
        start = at
        words: list[str] = []
        while at < len(lines):
            line = lines[at].strip()
            at += 1
            if line.startswith("#") or (not line and words):
                continue
            if not line.endswith(escape):
                words.append(line)
                break
            words.append(line[:-1].rstrip())
        joined = " ".join(word for word in words if word)
        inside = []
        for match in re.finditer(HEREDOC, joined) if re.match(r"(run|copy|add)\b", joined, re.I) else ():
            end = next((n for n in range(at, len(lines)) if lines[n].strip() == match[2]), len(lines))
            inside += lines[at:end]
            at = end + 1
        if joined:
            found.append(_instruction(joined, start + 1, "\n".join(inside)))
    return found


def _instruction(joined: str, line: int, inside: str) -> Instruction:
    later = bool(re.match(r"onbuild\s", joined, re.I))
    name, *words = (joined.split(maxsplit=1)[1] if later else joined).split(maxsplit=1) or [""]
    flags, rest = {}, "".join(words).strip()
    while match := re.match(r"--([\w-]+)(?:=(\S*))?(?:\s+|$)", rest):
        flags[match[1]] = match[2] or ""
        rest = rest[match.end() :]
    return Instruction(name.upper(), rest, line, flags, inside, later)


def assigned(text: str) -> dict[str, str]:
    """Names and values of ENV and ARG, in both notations."""
    words = split(text)
    if words and "=" not in words[0] and len(words) > 1 and "=" not in words[1]:
        return {words[0]: " ".join(words[1:])}
    pairs = [word.partition("=") for word in words]
    return {name: value for name, _, value in pairs}


def split(text: str) -> list[str]:
    """Words as a shell sees them; by white space where quotes do not close."""
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def filled(text: str, values: dict[str, str]) -> str:
    """The text with $NAME, ${NAME} and ${NAME:-word} filled in; an unknown one stays as it is."""

    def value(match: re.Match[str]) -> str:
        name = match["name"] or match["bare"]
        return values.get(name) or match["word"] or match[0]

    pattern = rf"\$\{{(?P<name>{NAME})(?::?-(?P<word>[^}}]*))?\}}|\$(?P<bare>{NAME})"
    return re.sub(pattern, value, text)


def values(file: Dockerfile) -> dict[str, str]:
    """What ARG and ENV say in the stages that the image is made of."""
    found = dict(file.arguments)
    for stage in reversed(file.lineage()):
        for one in stage.body:
            if one.name in ("ARG", "ENV"):
                found |= {key: item for key, item in assigned(one.text).items() if item}
    return found


class Ignored:
    """Which files a .dockerignore keeps out of the build."""

    def __init__(self, text: str) -> None:
        self.rules: list[tuple[bool, re.Pattern[str]]] = []
        for line in text.split("\n"):
            words = line.strip()
            if words and not words.startswith("#"):
                keep = words.startswith("!")
                self.rules.append((keep, re.compile(_pattern(words.lstrip("!").strip().strip("/")))))

    def out(self, name: str) -> bool:
        """Whether a file stays out: the last rule that meets it, or a folder of it, decides."""
        out = False
        for keep, pattern in self.rules:
            if any(pattern.fullmatch(part) for part in _parts(name)):
                out = not keep
        return out


def _parts(name: str) -> Iterable[str]:
    parts = name.split("/")
    return ["/".join(parts[:end]) for end in range(1, len(parts) + 1)]


def _pattern(words: str) -> str:
    """A regular expression without nested repetition; `**` is any folders."""
    made = ""
    for piece in re.findall(r"\*\*/?|\*|\?|\[[^\]]*\]|[^*?\[]+|\[", re.sub(r"\*{3,}", "**", words)[:200]):
        if piece.startswith("**"):
            made += "(?:.*/)?" if piece.endswith("/") else ".*"
        elif piece.startswith("[") and len(piece) > 2:
            made += "[" + piece[1:-1].replace("\\", "\\\\") + "]"
        else:
            made += {"*": "[^/]*", "?": "[^/]"}.get(piece) or re.escape(piece)
    return made if made.count("*") <= 6 else re.escape(words)
