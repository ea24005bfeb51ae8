"""The questions of cookiecutter.json and what may answer them."""

import json
import re
import tomllib
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from . import template
from .errors import CallError, nearest


class Question(NamedTuple):
    """One question: its key, its explanation in a line, and its choices, each with its own."""

    key: str
    prompt: str
    choices: dict[str, str]


@cache
def document() -> dict[str, Any]:
    """cookiecutter.json."""
    loaded: dict[str, Any] = json.loads((template.root() / "cookiecutter.json").read_text(encoding="utf-8"))
    return loaded


def questions() -> dict[str, Question]:
    """All questions that are asked, in order."""
    results = {}
    for key, default in document().items():
        if not key.startswith("_"):
            text = document()["__prompts__"][key]
            explained: dict[str, str] = text if isinstance(text, dict) else {"__prompt__": text}
            choices: list[str] = default if isinstance(default, list) else []
            results[key] = Question(key, explained["__prompt__"], {c: explained.get(c, c) for c in choices})
    return results


def check(key: str, value: str) -> str:
    """The value, if it may answer the question; raise CallError with what is allowed otherwise."""
    keys = questions()
    if key not in keys:
        near = nearest(key, list(keys))
        raise CallError(f"There is no setting {key!r}.{near} There are: {', '.join(keys)}.")
    allowed = list(keys[key].choices)
    if allowed and value not in allowed:
        near = nearest(value, allowed)
        raise CallError(f"{key} cannot be {value!r}.{near} Choose from: {', '.join(allowed)}.")
    if key == "package":
        _check_package(value)
    elif not allowed:
        _check_text(key, value)
    return value


def _check_package(value: str) -> None:
    if not re.fullmatch(r"[a-z](?:[a-z0-9_]*[a-z0-9])?", value) or len(value) > 64:
        what = "of lower-case letters a-z, digits and _, a letter first, 64 at most"
        text = f"{value!r} is not a name" if value else "the project's name has no letter to make a name"
        raise CallError(f"package: {text} {what}. Give one: --set package=NAME")
    # keywords, standard modules, what the project imports, Windows devices
    if value in document()["_reserved"]:
        raise CallError(
            f"package: {value!r} is the name of a part of Python or of a library that the project uses. "
            f"Take another: --set package={value}_project"
        )


def _check_text(key: str, value: str) -> None:
    if any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in value):
        raise CallError(f"{key} {value!r} has a line break or a control character: write it on one line.")
    if key == "author_email":
        if value and not re.fullmatch(r"[^\s@<>,;\"]+@[^\s@<>,;\"]+", value):
            raise CallError(f"author_email {value!r} is not an address such as ada@example.org.")
    elif not value.strip():
        raise CallError(f"{key} is empty: write something, or leave the setting out.")


def from_pairs(pairs: tuple[str, ...]) -> dict[str, str]:
    """Answers given as KEY=VALUE."""
    answers = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise CallError(f"--set {pair}: write KEY=VALUE, for instance --set license=MIT.")
        answers[key] = check(key, value)
    return answers


def from_file(path: Path) -> dict[str, str]:
    """Answers given in a TOML file: one string a key."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CallError(f"--answers {path} cannot be read: {error.strerror}.") from error
    except RecursionError as error:
        raise CallError(f"--answers {path} is nested too deeply: write one text in quotes a key.") from error
    except ValueError as error:
        raise CallError(f"--answers {path} is not TOML: {error}.") from error
    for key, value in given.items():
        if key in questions() and not isinstance(value, str):
            raise CallError(f'{path}: {key} is not text: write it in quotes, {key} = "…".')
        check(key, value)
    return given
