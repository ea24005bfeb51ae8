"""The words and operators of a shell script, one pass over its characters."""

import re
from typing import NamedTuple

OPERATORS = ("&&", "||", ";;&", ";;", ";&", "|&", "|", "&", ";", "(", ")", "\n")
REDIRECTION = re.compile(r"\d*(<<<|<<-?|&>>|&>|>>|>&|>\||<&|<>|>|<)(?!\()")
OPENS = re.compile(r"\$\{\{|\$\(|\$\{|[<>]\(")


class Token(NamedTuple):
    """A word without its quotes, or an operator."""

    text: str
    operator: bool = False
    quoted: bool = False


def tokens(script: str, most: int) -> list[Token]:
    """The words and operators, without comments, redirections and here-documents; few over `most`."""
    script = script.replace("\\\n", "  ")
    found: list[Token] = []
    waiting: list[tuple[str, bool]] = []
    at, skip = 0, False
    while at < len(script) and len(found) <= most:
        char = script[at]
        if char in " \t\r":
            at += 1
        elif char == "#":
            at = _line_end(script, at)
        elif hit := REDIRECTION.match(script, at):
            at, skip = hit.end(), True
            if hit[1] in ("<<", "<<-"):
                at, name = _delimiter(script, at)
                waiting.append((name, hit[1] == "<<-"))
                skip = False
        elif sign := next((one for one in OPERATORS if script.startswith(one, at)), ""):
            found.append(Token(";;" if sign in (";&", ";;&") else sign, operator=True))
            at, skip = at + len(sign), False
            if sign == "\n":
                at = _past(script, at, waiting)
                waiting = []
        else:
            start, (at, text) = at, _word(script, at)
            if not skip:
                found.append(Token(text, quoted=script[start] in "\"'\\"))
            skip = False
    return found


def _line_end(script: str, at: int) -> int:
    end = script.find("\n", at)
    return len(script) if end < 0 else end


def _delimiter(script: str, at: int) -> tuple[int, str]:
    hit = re.compile(r"[ \t]*(\S*)").match(script, at)
    return (hit.end(), hit[1].strip("\"'\\")) if hit else (at, "")


def _past(script: str, at: int, waiting: list[tuple[str, bool]]) -> int:
    """Behind the here-documents that wait at the end of a line."""
    for name, tabs in waiting:
        while at < len(script):
            end = _line_end(script, at)
            line = script[at:end].rstrip("\r")
            at = end + 1
            if (line.lstrip("\t") if tabs else line) == name:
                break
    return min(at, len(script))


def _word(script: str, at: int) -> tuple[int, str]:
    """The end of the word that begins here, and its text without quotes; what is in `$(…)` stays as it is."""
    parts = []
    while at < len(script) and script[at] not in " \t\r\n;|&()<>":
        start = at
        if script[at] == "\\":
            at += 2
            parts.append(script[start + 1 : at])
        elif script[at] in "'\"`" or OPENS.match(script, at):
            at = _closed(script, at)
            quoted = script[start] in "'\""
            parts.append(script[start + 1 : at - 1] if quoted else script[start:at])
        else:
            at += 1
            parts.append(script[start])
    if not parts:
        at += 1
    return min(at, len(script)), "".join(parts)


def _closed(script: str, at: int) -> int:
    """Behind what opens here: a quote, an expression of the workflow, a substitution and all in it."""
    stack: list[str] = []
    while at < len(script):
        top = stack[-1] if stack else ""
        at = _next(script, at, top, stack)
        if not stack:
            break
    return min(at, len(script))


def _next(script: str, at: int, top: str, stack: list[str]) -> int:
    """One step inside: opens or closes, or goes past one character."""
    char = script[at]
    hit = OPENS.match(script, at)
    if char == "\\":
        return at + 2
    if char == top:
        stack.pop()
        return at + 1
    if hit and hit[0] == "${{":
        end = script.find("}}", at)
        return len(script) if end < 0 else end + 2
    if char == "'" and top != '"':
        end = script.find("'", at + 1)
        return len(script) if end < 0 else end + 1
    if hit:
        stack.append("}" if hit[0] == "${" else ")")
        return hit.end()
    if char in '"`' and top != "`":
        stack.append(char)
    elif char == "(" and top == ")":
        stack.append(")")
    return at + 1
