"""Shell scripts of workflows and Dockerfiles, line by line: what people commonly write, and no more.

A script of commands on lines, joined by `&&`, `||`, `;` and pipes, is read exactly. Of one with conditions,
loops, functions or substitutions the commands are listed, and each says that its failure cannot be told.
"""

import re
import shlex
from collections.abc import Iterator
from itertools import dropwhile, pairwise
from typing import NamedTuple

# No script with more characters is read.
LONGEST = 20_000
JOINTS, ENDS = ("&&", "||", "|", "|&"), (";", "&")
# Words that open, part or close what is not read exactly.
CONTROL = frozenset(
    {"if", "then", "elif", "else", "fi", "for", "while", "until", "do", "done", "case", "esac", "function"}
    | {"{", "}", "!", "[["}
)
PARENTHESIS = re.compile(r"[;<>&|]*[()][;<>&|()]*")
# Commands that end well, whatever went wrong before them.
IDLE = frozenset({"true", ":", "echo", "printf", "sleep", "cat", "set", "export"})
EXITS = frozenset({"exit", "return"})
LOST, HANDLED = "its failure is lost", "what comes of its failure is decided later"
HEREDOC = re.compile(r"(?<!<)<<-?\s*(['\"]?)(\w+)\1")
SHELL = re.compile(r"(\S*/)?(ba|da|a|z)?sh")
# How GitHub starts a shell that a step names by its name alone, or not at all.
STARTED = {"": "bash -e", "sh": "sh -e", "bash": "bash -eo pipefail"}


class Command(NamedTuple):
    """A simple command: its words, how its failure is lost (empty: it counts), why that is not known."""

    words: list[str]
    lost: str = ""
    unread: str = ""


class Statement(NamedTuple):
    """Simple commands, the pipes, `&&` and `||` between them, and the `;` or `&` behind them."""

    commands: list[list[str]]
    joints: list[str]
    end: str

    def __str__(self) -> str:
        pairs = zip(self.commands, [*self.joints, ""], strict=True)
        return " ".join(word for words, joint in pairs for word in [*words, joint]).strip()


def commands(script: str, shell: str = "") -> list[Command]:
    """The commands of a script, in order. `shell`: as a workflow names it, such as `bash -e {0}`."""
    name, *words = STARTED.get(shell, shell).split()
    if len(script) > LONGEST or not re.match(rf"{SHELL.pattern}$|pwsh|powershell|cmd|\$", name):
        return []  # of another language
    lines, unread = _lines(script)
    statements = [one for tokens in lines for one in _statements(tokens) if one.commands != [[]]]
    unread = unread or ("" if SHELL.fullmatch(name) else f"its shell is {shell[:40]}") or _unread(statements)
    if not unread:
        return list(_read(statements, _switched(words, frozenset())))
    every = (_behind_control(words) for one in statements for words in one.commands)
    return [Command(words, unread=unread) for words in every if words]


def idle(words: list[str]) -> bool:
    """Whether a command asks nothing, so that it ends well."""
    own = [word for word in words if not re.match(r"\w+=", word)] or ["true"]
    name = own[0].rpartition("/")[2]
    return name in IDLE or (name in EXITS and own[1:] == ["0"])


def _switched(words: list[str], options: frozenset[str]) -> frozenset[str]:
    """The options of a shell (`errexit`, `pipefail`) after words such as `-euo pipefail`."""
    for word, value in pairwise([*words, ""]):
        named = {"errexit"} if re.fullmatch(r"[-+][a-z]*e[a-z]*", word) else set()
        named |= {value} if re.fullmatch(r"[-+][a-z]*o", word) else set()
        options = options | named if word.startswith("-") else options - named
    return options


def _lines(script: str) -> tuple[list[list[str]], str]:
    """The words and operators of each line, without comments and here-documents; why some are not read."""
    lines, unread, until = [], "", ""
    # A word for each `${{ … }}`, whose quotes and operators are not the shell's.
    plain = re.sub(r"\$\{\{.*?(\}\}|\Z)", "EXPRESSION", script, flags=re.S)
    for line in re.sub(r"\\\n|(?<=[&|])[ \t]*\n", " ", plain).split("\n"):
        if until:
            until = "" if line.strip() == until else until
            continue
        if hit := HEREDOC.search(line):
            until = hit[2]
        reader = shlex.shlex(line, posix=True, punctuation_chars=True)
        reader.whitespace_split, reader.commenters = True, ""
        try:
            tokens = list(reader)
        except ValueError:
            tokens, unread = line.split(), "a quote does not end on its line"
        comment = next((place for place, token in enumerate(tokens) if token[0:1] == "#"), None)
        lines.append(list(_without_redirections(tokens[:comment])))
    return lines, unread


def _without_redirections(tokens: list[str]) -> Iterator[str]:
    target = False
    for token in tokens:
        redirects = bool(re.fullmatch(r"[<>&|]*[<>][<>&|]*", token))
        if not redirects and not target:
            yield token
        target = redirects


def _statements(tokens: list[str]) -> Iterator[Statement]:
    items: list[list[str]] = [[]]
    joints: list[str] = []
    for token in [*tokens, ";"]:
        if token in JOINTS:
            joints.append(token)
            items.append([])
        elif token in ENDS:
            yield Statement(items, joints, token)
            items, joints = [[]], []
        else:
            items[-1].append(token)


def _unread(statements: list[Statement]) -> str:
    """What in a script is more than commands on lines; empty if nothing is."""
    for one in statements:
        for words in one.commands:
            odd = any(PARENTHESIS.fullmatch(word) or "`" in word or "PIPESTATUS" in word for word in words)
            if odd or not words or words[0] in CONTROL:
                return f"its script is more than a command a line: {str(one)[:60]}"
    return ""


def _behind_control(words: list[str]) -> list[str]:
    """The words without what opens or parts a block: `then pytest` runs pytest."""
    return list(
        dropwhile(lambda word: word in CONTROL or PARENTHESIS.fullmatch(word) or word.endswith("$"), words)
    )


def _read(statements: list[Statement], options: frozenset[str]) -> Iterator[Command]:
    """The commands of a script that is read exactly, up to one that ends it."""
    *_, decides = (-1, *(place for place, one in enumerate(statements) if str(one).startswith("exit $")))
    for place, one in enumerate(statements):
        if not one.joints and one.commands[0][0] == "exit":
            return
        # What is kept of a failure, such as `code=$?`, may decide how the script exits.
        ignored = HANDLED if place < decides else LOST
        for number, words in enumerate(one.commands):
            outcome = _outcome(one, number, options, "" if place == len(statements) - 1 else ignored)
            where = f"{outcome} ({str(one)[:60]})"
            yield Command(words, where if outcome == LOST else "", where if outcome == HANDLED else "")
            if words[0] == "set":
                options = _switched(words, options)


def _outcome(one: Statement, number: int, options: frozenset[str], ignored: str) -> str:
    """What comes of the failure of a command: LOST, HANDLED by another command; empty: it counts.

    `ignored`: what comes of it where the statement fails and the script goes on.
    """
    behind = one.joints[number:]
    piped = behind[:1] == ["|"] or behind[:1] == ["|&"]
    if piped and "pipefail" not in options:
        return LOST
    if one.end == "&":
        return ignored or LOST
    if "||" in behind:
        handler = one.commands[-1]
        return ignored or LOST if idle(handler) else "" if handler[0] in {*EXITS, "false"} else HANDLED
    return "" if "errexit" in options and "&&" not in behind else ignored
