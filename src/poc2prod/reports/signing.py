"""What a person is about to sign: answers, parameters, findings; hashes last."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..evidence.finding import PASS, Finding
from ..evidence.generic import CHECKS
from ..forms import Form
from ..project import Facts
from .words import MARKS, cut, plain, styled

LONGEST, DIM = 300, 2
# Checks that every report has: they contain no number that a person could sign.
FORMAL = frozenset({"signature", "kept", *(check.__name__ for check in CHECKS)})


def words(
    content: Mapping[str, Any], facts: Facts, findings: Iterable[Finding], *, color: bool = False
) -> list[str]:
    """The lines by group. `content`: the result of `evidence.signed`."""
    groups: dict[str, list[str]] = {"Answers": [], "Parameters in params.toml": []}
    hashes = []
    for key, value in content.items():
        file, _, name = key.partition("#")
        if key.endswith("#results"):
            line = f"  Hash of all numbers in {file}: {plain(str(value))[:12]}"
            hashes.append(styled(line, DIM if color else None))
        elif key.startswith("docs/") and file.endswith(".md") and name:
            groups["Answers"] += _answer(facts, file, name, value)
        elif file == "params.toml" and name:
            groups["Parameters in params.toml"].append(_pair(name, value))
        else:
            groups[_named(key)] = _listed(value)
    shown = [item for item in findings if item.check not in FORMAL] if hashes else []
    groups["Findings"] = [_finding(item) for item in shown]
    lines = [
        line
        for title, group in groups.items() if group
        for line in (f"  {title}:", *(f"    {line}" for line in group))
    ]  # fmt: skip
    return lines + hashes


def _answer(facts: Facts, file: str, name: str, value: Any) -> list[str]:
    form = facts.form(file.removeprefix("docs/").removesuffix(".md"))
    question = form.questions.get(name) if isinstance(form, Form) else None
    asked = (question.asked or question.title) if question else ""
    return [f"{plain(asked or name)}", *(f"  {line}" for line in _listed(str(value).split("\n")))]


def _listed(value: Any) -> list[str]:
    """The lines of a value; long text is cut."""
    if isinstance(value, Mapping):
        return [_pair(key, item) for key, item in value.items()]
    return [cut(plain(str(item)), LONGEST) for item in (value if isinstance(value, list) else [value])]


def _pair(key: Any, value: Any) -> str:
    shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return cut(plain(f"{key} = {shown}"), LONGEST)


def _named(key: str) -> str:
    """A name such as `a.json#next` as a title: "Next, a.json"."""
    file, _, part = key.partition("#")
    return plain(f"{re.sub('[_.]', ' ', part).capitalize()}, {file}" if part else file)


def _finding(item: Finding) -> str:
    mark = "" if item.outcome == PASS else f"{MARKS.get(item.outcome, '-')} {item.outcome}: "
    return f"{mark}{cut(plain(item.text), LONGEST)}"
