"""Whether a command of a Dockerfile can fail at all: as a list of words, or as a script of a shell."""

import re

from . import shell

# These end well, whatever is wrong; a script's own end and its settings ask nothing either.
IDLE = frozenset({"true", ":", "echo", "printf", "sleep", "cat", "tee", "exit", "return", "set", "export"})
SHELLS = frozenset({"sh", "bash", "dash", "ash", "zsh"})
ASSIGNED = r"[A-Za-z_]\w*="
DEEPEST = 4


def why_not(words: list[str] | None, script: str, depth: int = 0) -> str | None:
    """Why a command cannot fail: empty if it can, None if nobody can tell. `words`: its exec form."""
    if words is not None:
        return _why_not(words, depth)
    return _script(script, "sh -c", depth)


def _why_not(words: list[str], depth: int) -> str | None:
    while words and re.match(ASSIGNED, words[0]):
        words = words[1:]
    name = words[0].rpartition("/")[2] if words else ""
    if name in SHELLS:
        at = next((at for at, word in enumerate(words) if re.fullmatch(r"-[a-z]*c", word)), 0)
        if at and at + 1 < len(words):
            return _script(words[at + 1], " ".join([name, *words[1 : at + 1]]), depth + 1)
    return "it asks nothing" if not name or name in IDLE else ""


def _script(script: str, started: str, depth: int) -> str | None:
    found = shell.commands(script, started) if depth < DEEPEST else []
    if not found:
        return "it asks nothing" if not script.strip() else None
    reasons = [_why_not(one.words, depth) or one.lost for one in found]
    if "" in reasons:
        return ""
    return next((one for one in reasons if one != "it asks nothing"), reasons[0])
