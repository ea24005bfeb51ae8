"""Shell scripts as simple commands, read and never run: which of them run, and whose failure is lost.

Source: the POSIX Shell Command Language, and GitHub's workflow syntax for how each shell is started.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from .tokens import Token, tokens

# Nesting deeper than this is not followed, and no script of more words is read.
DEEPEST, LONGEST = 40, 5_000
CLOSERS = {"{": "}", "(": ")", "if": "fi", "while": "done", "until": "done", "for": "done", "case": "esac"}
PARTS = frozenset({"then", "else", "elif", "do"})
ENDS = frozenset(CLOSERS.values()) | PARTS
EXIT = r"exit \$\{?"
SEPARATORS = frozenset({"\n", ";", ";;", "&"})


class Command(NamedTuple):
    """A simple command that runs: its words, and how its failure is lost (empty where the script fails)."""

    words: list[str]
    lost: str


class Simple(NamedTuple):
    """Words, without redirections."""

    words: list[str]


class Group(NamedTuple):
    """Statements that belong together: `kind` is the word that opens it, `asked` its conditions."""

    kind: str
    asked: "list[Statement]"
    done: "list[Statement]"


class Pipe(NamedTuple):
    """Commands joined by `|`; `negated`: `!` stands before them."""

    commands: list[Simple | Group]
    negated: bool


class Statement(NamedTuple):
    """Pipes joined by `&&` and `||`, the text of all, and whether it ends with `&`."""

    pipes: list[Pipe]
    joints: list[str]
    text: str
    behind: bool


class Options(NamedTuple):
    """Whether a failure ends the shell (`-e`), and whether one inside a pipe counts."""

    ends: bool
    pipes: bool


def started(shell: str) -> Options | None:
    """How a step's `shell` begins; None where its script is none of a shell."""
    if shell in ("", "sh"):
        return Options(True, False)
    if shell == "bash":
        return Options(True, True)
    words = shell.split()
    if words[0].rpartition("/")[2] in ("bash", "sh", "dash", "zsh"):
        return switched(words, Options(False, False))
    return Options(False, False) if words[0] in ("pwsh", "powershell", "cmd") else None


def switched(words: list[str], before: Options) -> Options:
    """The options after a command such as `set -euo pipefail`."""
    ends, pipes = before
    for place, word in enumerate(words[1:], 1):
        if re.fullmatch(r"[-+][a-z]+", word):
            name = words[place + 1] if "o" in word and place + 1 < len(words) else ""
            on = word[0] == "-"
            ends = on if "e" in word or name == "errexit" else ends
            pipes = on if name == "pipefail" else pipes
    return Options(ends, pipes)


def commands(script: str, shell: str = "") -> list[Command]:
    """The simple commands of a script that run. None of what is no shell's, too long or too deep."""
    options, found = started(shell.strip()), tokens(script, LONGEST)
    if options is None or len(found) > LONGEST:
        return []
    try:
        return list(_Walk(options, "PIPESTATUS" in script).all(_Parser(found).statements(), "", True))
    except RecursionError:
        return []


class _Parser:
    """A script as statements. What is no shell's grammar is read as far as it goes."""

    def __init__(self, found: list[Token]) -> None:
        self.tokens = found
        self.at = 0
        self.depth = 0

    def statements(self, *stops: str) -> list[Statement]:
        """All statements up to one of the words or operators that end them, which stays."""
        found = []
        while (token := self._now()) is not None and token.text not in stops:
            before = self.at
            made = self._statement()
            found += [made] if made.pipes else []
            if self.at == before:
                self.at += 1
        return found

    def _now(self) -> Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def _meets(self, *texts: str) -> bool:
        now = self._now()
        return now is not None and now.text in texts and not now.quoted

    def _statement(self) -> Statement:
        start, pipes, joints = self.at, [self._pipe()], []
        while self._meets("&&", "||"):
            joints.append(self.tokens[self.at].text)
            self.at += 1
            self._blank()
            pipes.append(self._pipe())
        text = self._text(start)
        behind = self._meets("&")
        self.at += self._meets(*SEPARATORS)
        return Statement([pipe for pipe in pipes if pipe.commands], joints, text, behind)

    def _text(self, start: int) -> str:
        return " ".join(token.text.strip() for token in self.tokens[start : self.at])

    def _blank(self) -> None:
        while self._meets("\n"):
            self.at += 1

    def _pipe(self) -> Pipe:
        negated = self._meets("!")
        self.at += negated
        found = [self._command()]
        while self._meets("|", "|&"):
            self.at += 1
            self._blank()
            found.append(self._command())
        return Pipe([one for one in found if isinstance(one, Group) or one.words], negated)

    def _command(self) -> Simple | Group:
        if self._meets(*CLOSERS):
            return self._group(self.tokens[self.at].text)
        if self._meets("function"):
            self.at += 2
            return self._function()
        words: list[str] = []
        while (token := self._now()) is not None and not token.operator:
            if words or token.quoted or token.text not in ENDS:
                words += [token.text]
                self.at += 1
            else:
                break
        return self._function() if len(words) == 1 and self._meets("(") else Simple(words)

    def _function(self) -> Group:
        """A definition: nothing of it runs where it stands."""
        while self._meets("(", ")", "\n"):
            self.at += 1
        self._command()
        return Group("function", [], [])

    def _group(self, kind: str) -> Group:
        self.depth += 1
        if self.depth > DEEPEST:
            raise RecursionError
        self.at += 1
        asked: list[Statement] = []
        done: list[Statement] = []
        closer = CLOSERS[kind]
        now = asked if kind in ("if", "while", "until") else done
        stops = (closer, ")", *PARTS) if kind == "case" else (closer, *PARTS)
        while self._now() is not None:
            now += self.statements(*stops)
            if self._meets(closer):
                break
            now = asked if self._meets("elif") else done
            self.at += 1
        self.at += 1
        self.depth -= 1
        return Group(kind, asked, done)


class _Walk:
    """Goes through statements in their order and keeps the shell's options."""

    def __init__(self, options: Options, told: bool) -> None:
        self.options = options
        self.told = told

    def all(self, found: list[Statement], lost: str, last: bool) -> Iterator[Command]:
        """The commands of statements. `last`: the status of the last one is the script's."""
        for place, statement in enumerate(found):
            after = found[place + 1 :]
            yield from self._statement(statement, lost, last and not after, after)
            if _leaves(statement):
                return

    def _statement(
        self, said: Statement, lost: str, last: bool, following: list[Statement]
    ) -> Iterator[Command]:
        kept = _kept(said, following)
        for place, pipe in enumerate(said.pipes):
            before, after = said.joints[:place], said.joints[place:]
            if "||" in before or (place and _is(said.pipes[place - 1], "false")):
                continue
            ends = said.behind or pipe.negated or self._softened(said, place, last, kept)
            how = lost or (f"its failure is lost ({said.text[:60]})" if ends else "")
            yield from self._pipe(pipe, how, last or kept, bool(after), said.text)

    def _softened(self, said: Statement, place: int, last: bool, kept: bool) -> bool:
        """Whether the script goes on, and well, after this pipe of a statement failed."""
        after = said.joints[place:]
        if "||" in after:
            return not (kept or _fails(said.pipes[-1]))
        return not (last or kept or (self.options.ends and not after))

    def _pipe(self, pipe: Pipe, lost: str, last: bool, joined: bool, text: str) -> Iterator[Command]:
        for place, command in enumerate(pipe.commands):
            inner = place < len(pipe.commands) - 1 and not self.options.pipes and not self.told
            how = lost or (f"its failure is lost ({text[:60]})" if inner else "")
            if isinstance(command, Group):
                yield from self._group(command, how, last, joined)
            else:
                if command.words[0] == "set":
                    self.options = switched(command.words, self.options)
                yield Command(command.words, how)

    def _group(self, group: Group, lost: str, last: bool, joined: bool) -> Iterator[Command]:
        before = self.options
        if joined:
            self.options = Options(False, before.pipes)
        exits = any(_exits(one) for one in group.done)
        asked = [_plain(one) for one in group.asked] if exits else group.asked
        how = "" if exits else "its failure only decides what comes next"
        yield from self.all(asked, lost or how, True)
        if not any(_is(one.pipes[0], "false") for one in group.asked if one.pipes):
            yield from self.all(group.done, lost, last or joined)
        if joined or group.kind == "(":
            self.options = before


def _is(pipe: Pipe, name: str) -> bool:
    first = pipe.commands[0]
    return isinstance(first, Simple) and first.words[0].rpartition("/")[2] == name


def _fails(pipe: Pipe) -> bool:
    """Whether a pipe ends the script, or its list, with a failure."""
    last = pipe.commands[-1]
    if isinstance(last, Group):
        return bool(last.done) and (_exits(last.done[-1]) or _fails(last.done[-1].pipes[-1]))
    return last.words[0] == "false" or _failure(last.words)


def _exits(statement: Statement) -> bool:
    last = statement.pipes[-1].commands[-1]
    return isinstance(last, Simple) and _failure(last.words)


def _failure(words: list[str]) -> bool:
    return words[0] in ("exit", "return") and words[1:2] != ["0"]


def _leaves(statement: Statement) -> bool:
    """Whether nothing after it runs."""
    first = statement.pipes[0].commands[0]
    return not statement.joints and isinstance(first, Simple) and first.words[0] == "exit"


def _plain(statement: Statement) -> Statement:
    """A statement without its `!`."""
    return statement._replace(pipes=[pipe._replace(negated=False) for pipe in statement.pipes])


def _kept(said: Statement, following: list[Statement]) -> bool:
    """Whether the script ends with this status: by `exit $?` behind it, or kept by a name until an `exit`."""
    first = following[0].text if following else ""
    if re.match(EXIT + r"\?", first):
        return "||" not in said.joints
    hit = re.search(r"\|\| (\w+)=\$\{?\?\}?$", said.text) or re.match(r"(\w+)=\$\{?\?\}?$", first)
    return bool(hit) and any(re.match(rf"{EXIT}{hit[1]}\b", one.text) for one in following if hit)
