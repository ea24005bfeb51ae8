"""Shell scripts of workflows and Dockerfiles, line by line: what people commonly write, and no more.

A script of commands on lines, joined by `&&`, `||`, `;` and pipes, is read exactly. Of one with conditions,
loops, functions or substitutions the commands are listed, and each says that its failure cannot be told.
"""

import re
import shlex
from collections.abc import Iterator
from itertools import dropwhile
from typing import NamedTuple

# No script with more characters is read.
LONGEST = 20_000
SEPARATORS, JOINTS, PIPES = (";", "&"), ("&&", "||"), ("|", "|&")
# Words that open, part or close what is not read exactly.
CONTROL = frozenset(
    {"if", "then", "elif", "else", "fi", "for", "while", "until", "do", "done", "case", "esac", "function"}
    | {"{", "}", "!", "[["}
)
# Commands that end well, whatever went wrong before them.
IDLE = frozenset({"true", ":", "echo", "printf", "sleep", "cat", "set", "export"})
EXITS = frozenset({"exit", "return"})
LOST, HANDLED = "its failure is lost", "what comes of its failure is decided later"
PARENTHESIS = re.compile(r"[;<>&|]*[()][;<>&|()]*")
HEREDOC = re.compile(r"(?<!<)<<-?\s*(['\"]?)(\w+)\1")


class Command(NamedTuple):
    """A simple command: its words, how its failure is lost (empty: it counts), why that is not known."""

    words: list[str]
    lost: str = ""
    unread: str = ""


class Options(NamedTuple):
    """`-e`: a failure ends the script. `pipefail`: one inside a pipe counts."""

    exits: bool
    pipefail: bool


class Statement(NamedTuple):
    """Pipes, the `&&` or `||` between them, and the `;` or `&` behind them."""

    pipes: list[list[list[str]]]
    joints: list[str]
    end: str

    def __str__(self) -> str:
        joined = [" | ".join(" ".join(words) for words in pipe) for pipe in self.pipes]
        return " ".join(
            word for pair in zip(joined, [*self.joints, ""], strict=False) for word in pair
        ).strip()


def commands(script: str, shell: str = "") -> list[Command]:
    """The commands of a script, in order. `shell`: as a workflow names it, such as `bash -e {0}`."""
    options = _started(shell)
    if options is None or len(script) > LONGEST:
        return []
    lines, unread = _lines(script)
    statements = [one for tokens in lines for one in _statements(tokens) if one.pipes != [[[]]]]
    unread = unread or ("" if _is_shell(shell) else f"its shell is {shell[:40]}") or _unread(statements)
    if unread:
        return [
            Command(words, unread=unread)
            for one in statements
            for pipe in one.pipes
            for words in map(_behind_control, pipe)
            if words
        ]
    return list(_read(statements, options))


def idle(words: list[str]) -> bool:
    """Whether a command asks nothing, so that it ends well."""
    own = [word for word in words if not re.match(r"\w+=", word)] or ["true"]
    name = own[0].rpartition("/")[2]
    return name in IDLE or (name in EXITS and own[1:] == ["0"])


def _is_shell(shell: str) -> bool:
    return shell == "" or shell.split()[0].rpartition("/")[2] in ("bash", "sh", "dash", "ash", "zsh")


def _started(shell: str) -> Options | None:
    """How GitHub starts a shell; None where a step's script is of another language."""
    if shell in ("", "sh", "bash"):
        return Options(True, shell == "bash")
    if _is_shell(shell):
        return _switched(shell.split(), Options(False, False))
    return Options(False, False) if re.match(r"pwsh|powershell|cmd|\$", shell) else None


def _switched(words: list[str], options: Options) -> Options:
    """The options after words such as `set -euo pipefail`."""
    exits, pipefail = options
    for word, value in zip(words[1:], [*words[2:], ""], strict=True):
        if re.fullmatch(r"[-+][a-z]+", word):
            name = value if "o" in word else ""
            exits = word[0] == "-" if "e" in word or name == "errexit" else exits
            pipefail = word[0] == "-" if name == "pipefail" else pipefail
    return Options(exits, pipefail)


def _lines(script: str) -> tuple[list[list[str]], str]:
    """The words and operators of each line, without comments and here-documents; why some are not read."""
    lines, unread, until = [], "", ""
    for line in re.sub(r"\\\n|(?<=[&|])[ \t]*\n", " ", _without_expressions(script)).split("\n"):
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
    return [tokens for tokens in lines if tokens], unread


def _without_expressions(script: str) -> str:
    """The script with a word for each `${{ … }}`, whose quotes and operators are not the shell's."""
    first, *rest = script.split("${{")
    return first + "".join("EXPRESSION" + part.partition("}}")[2] for part in rest)


def _without_redirections(tokens: list[str]) -> Iterator[str]:
    skip = False
    for token in tokens:
        if re.fullmatch(r"[<>&|]*[<>][<>&|]*", token):
            skip = True
        elif not skip:
            yield token
        else:
            skip = False


def _statements(tokens: list[str]) -> Iterator[Statement]:
    pipes: list[list[list[str]]] = [[[]]]
    joints: list[str] = []
    for token in [*tokens, ";"]:
        if token in JOINTS:
            joints.append(token)
            pipes.append([[]])
        elif token in PIPES:
            pipes[-1].append([])
        elif token in SEPARATORS:
            yield Statement(pipes, joints, token)
            pipes, joints = [[[]]], []
        else:
            pipes[-1][-1].append(token)


def _unread(statements: list[Statement]) -> str:
    """What in a script is more than commands on lines; empty if nothing is."""
    for one in statements:
        for words in (words for pipe in one.pipes for words in pipe):
            odd = set(words[:1]) & CONTROL or {
                word for word in words if PARENTHESIS.fullmatch(word) or "`" in word or "PIPESTATUS" in word
            }
            if odd or not words:
                return f"its script is more than a command a line: {str(one)[:60]}"
    return ""


def _behind_control(words: list[str]) -> list[str]:
    """The words without what opens or parts a block: `then pytest` runs pytest."""
    return list(
        dropwhile(lambda word: word in CONTROL or PARENTHESIS.fullmatch(word) or word.endswith("$"), words)
    )


def _read(statements: list[Statement], options: Options) -> Iterator[Command]:
    """The commands of a script that is read exactly, up to one that ends it."""
    decides = max(
        (place for place, one in enumerate(statements) if str(one).startswith("exit $")), default=-1
    )
    for place, one in enumerate(statements):
        if not one.joints and one.pipes[0][0][0] == "exit":
            return
        where = f"({str(one)[:60]})"
        for number, pipe in enumerate(one.pipes):
            outcome = _outcome(one, number, options, place == len(statements) - 1)
            if outcome == LOST and place < decides:
                outcome = HANDLED
            lost = f"{LOST} {where}" if outcome == LOST else ""
            unread = f"{HANDLED} {where}" if outcome == HANDLED else ""
            inside = lost or ("" if options.pipefail else f"{LOST} {where}")
            yield from (Command(words, inside, unread) for words in pipe[:-1])
            yield Command(pipe[-1], lost, unread)
            if pipe[-1][0] == "set":
                options = _switched(pipe[-1], options)


def _outcome(one: Statement, number: int, options: Options, last: bool) -> str:
    """What comes of the failure of a statement's pipe: LOST, HANDLED by another command; empty: it counts."""
    behind = one.joints[number:]
    if one.end == "&":
        return LOST
    if "||" in behind:
        handler = one.pipes[-1][-1]
        return LOST if idle(handler) else "" if handler[0] in {*EXITS, "false"} else HANDLED
    return "" if last or (options.exits and not behind) else LOST
