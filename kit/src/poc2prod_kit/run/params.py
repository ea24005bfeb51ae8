"""What params.toml may say: a value's type follows from its default, and a misspelt key is named."""

from __future__ import annotations

import ast
import difflib
import math
import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from poc2prod_kit.run import toml
from poc2prod_kit.run.errors import ProjectError

MISSING = object()
# Keys without a sensible default, by an example of what they hold.
EXAMPLES: dict[str, Any] = {
    "seed": 20240501,
    "data.files": ["data/raw/table.csv"],
    "data.target": "price",
    "problem.outcome": "binary",
    "problem.metric": "mae",
    "problem.positive": "yes",
    "baseline.simple": "linear",
    "baseline.candidate": "gradient_boosting",
}
# Sections and keys that tests or people read, and no step.
ELSEWHERE = (
    "testing",
    "findings",
    "roadmap",
    "rollout_plan",
    "problem.latency_ms",
    "problem.cost_false_positive",
    "problem.cost_false_negative",
    "problem.cost_per_unit_error",
    "problem.cost_per_error",
    "baseline.reproduced_from",
    "baseline.published",
    "baseline.reproduced",
)
LARGEST_SEED = 2**32 - 1
WORDS = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text in quotes",
    list: "a list in [ ]",
    dict: "a table",
}


LIBRARY = Path(__file__).resolve().parents[1]


def lookup(params: dict[str, Any], key: str) -> Any:
    """The value at a dotted key such as `split.strategy`, or MISSING."""
    value: Any = params
    for name in key.split("."):
        value = value.get(name, MISSING) if isinstance(value, dict) else MISSING
    return value


def checked(key: str, value: Any, default: Any, among: Sequence[Any] = ()) -> Any:
    """The value, if it is of its default's type and one of `among`; else an error says what is allowed."""
    example = EXAMPLES.get(key) if default is MISSING else default
    if not fits(value, example):
        wanted = WORDS[type(example)] + (f", such as {shown(example)}" if example not in ("", [], {}) else "")
        if isinstance(example, list) and isinstance(value, list):
            wanted = (
                f"a list of {'numbers' if example and not isinstance(example[0], str) else 'texts in quotes'}"
            )
        raise ProjectError(f"params.toml, {where(key)} = {shown(value)} cannot be used: it must be {wanted}.")
    if key == "seed" and not 0 <= value <= LARGEST_SEED:
        raise ProjectError(f"params.toml, seed = {shown(value)} must be from 0 to {LARGEST_SEED}.")
    if among and value not in among:
        near = difflib.get_close_matches(str(value), [str(item) for item in among], 1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ProjectError(
            f"params.toml, {where(key)} = {shown(value)} is not one of {', '.join(map(str, among))}.{hint}"
        )
    return value


def fits(value: Any, example: Any) -> bool:
    """Whether the value is of the example's type; an empty list stands for one of texts."""
    if example is None:
        return True
    if isinstance(example, bool) or isinstance(value, bool):
        return isinstance(value, bool) and isinstance(example, bool)
    if isinstance(example, float):
        return isinstance(value, (int, float)) and math.isfinite(value)
    if isinstance(example, list) and isinstance(value, list):
        return all(fits(item, example[0] if example else "") for item in value)
    return isinstance(value, type(example))


def where(key: str) -> str:
    """The key as it stands in the file: `[split] strategy`."""
    section, _, name = key.rpartition(".")
    return f"[{section}] {name}" if section else name


def shown(value: Any) -> str:
    """The value as TOML would have it, cut where it is long."""
    text = (
        str(value).lower()
        if isinstance(value, bool)
        else f'"{value}"'
        if isinstance(value, str)
        else str(value).replace("'", '"')
    )
    return text if len(text) <= 60 else text[:57] + "..."


def absent(params: dict[str, Any], key: str) -> ProjectError:
    """The error for a key that must be there, with the key that was probably meant."""
    near = difflib.get_close_matches(key, list(leaves(params)), 1, 0.75)
    hint = (
        f"Did you misspell it as {where(near[0])}?"
        if near
        else "Add it; the comments in params.toml and README.md say what it means."
    )
    return ProjectError(f"params.toml has no {where(key)}. {hint}")


def leaves(params: dict[str, Any], above: str = "") -> Iterator[str]:
    """The dotted keys of all values that are not tables."""
    for name, value in params.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{above}{name}.")
        else:
            yield above + name


def unused(params: dict[str, Any], asked: Iterable[str], package: Path) -> list[str]:
    """A sentence for each key that no step reads: neither asked for in this run nor named in the code."""
    known = sorted({*asked, *named_in_code(package), *named_in_code(LIBRARY), *ELSEWHERE})
    strange = [
        key for key in leaves(params) if not any(key == name or key.startswith(f"{name}.") for name in known)
    ]
    return [_sentence(key, known) for key in strange]


def named_in_code(package: Path) -> set[str]:
    """Every key that the package's code passes to `param` as it stands."""
    keys = set()
    for path in sorted(package.rglob("*.py")):
        code = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(code, str(path))) if "param(" in code else ():
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "param"
            ):
                first = node.args[0] if node.args else None
                keys |= {str(first.value)} if isinstance(first, ast.Constant) else set()
    return keys


def _sentence(key: str, known: list[str]) -> str:
    near = difflib.get_close_matches(key, known, 1, 0.75)
    hint = f"did you mean {where(near[0])}?" if near else "remove it, or read it in a step."
    return f"params.toml, {where(key)} is used by no step: {hint}"


def with_key(text: str, section: str, key: str, value: Any) -> str:
    """The text of params.toml with one key of a section set, all else as it is. Raises ProjectError."""
    wanted = tomllib.loads(text)
    wanted.setdefault(section, {})[key] = value
    line = f"{key} = {toml.text(value)}"
    head = re.search(rf"^\[{re.escape(section)}\][^\n]*\n", text, re.MULTILINE)
    start = head.end() if head else len(text)
    following = re.compile(r"^\[", re.MULTILINE).search(text, start)
    end = following.start() if following else len(text)
    old = re.compile(rf"^{re.escape(key)}\s*=[^\n]*", re.MULTILINE).search(text, start, end)
    if old is None:
        candidates = [f"{text[:start]}{line}\n{text[start:]}"]
    else:
        # A list may go on over several lines: what is replaced ends at the line after which the whole is as wanted
        stops = (place for place in range(old.end(), end + 1) if text[place : place + 1] in ("\n", ""))
        candidates = [f"{text[: old.start()]}{line}{text[stop:]}" for stop in stops]
    for made in candidates:
        with suppress(tomllib.TOMLDecodeError):
            if tomllib.loads(made) == wanted:
                return made
    raise ProjectError(f"params.toml, {where(f'{section}.{key}')}: write {line} there by hand.")
