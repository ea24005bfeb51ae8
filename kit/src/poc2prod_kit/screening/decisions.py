"""How a finding ends: one entry in [findings] of params.toml, with how, reason and who."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import Any

from poc2prod_kit.run.forms import hollow
from poc2prod_kit.screening.finding import JOINS

HOW = ("excluded", "cleaned", "known")
# The step of each kind of finding that must end.
STEPS = {
    "duplicates": "data", "contradictions": "data", "spelling": "data", "impossible": "data",
    "stray": "data",
    "placeholder": "data",
    "group": "split", "order": "split", "class_missing": "split",
    "leak": "features", "exceeds": "features", "parts": "features", "late": "features",
    "bookkeeping": "features",
}  # fmt: skip
OF_THE_TABLE = ("duplicates", "contradictions")


def entry(name: str) -> str:
    """What to write into params.toml."""
    return f'[findings."{name}"] with how = "excluded", "cleaned" or "known", reason = "…" and who = "…"'


def names(finding: str, columns: Collection[str]) -> list[str]:
    """Those of the columns that a finding's id names."""
    kind, _, rest = finding.partition(":")
    join = JOINS.get(kind, "+")
    inside = f"{join}{rest}{join}"
    return [one for one in columns if rest == one or f"{join}{one}{join}" in inside]


def step_of(finding: str) -> str:
    """The step that a finding's id belongs to; "" for an unknown kind."""
    return STEPS.get(finding.partition(":")[0], "")


def wrong(
    finding: str, said: Any, *, found: Collection[str], columns: Collection[str], exclude: Collection[str]
) -> str:
    """Why an entry does not end its finding; "" where it does.

    `found`: the ids of what is found now; `columns`: all of the table; `exclude`: [data] exclude.
    """
    kind = finding.partition(":")[0]
    if kind not in STEPS or not (kind in OF_THE_TABLE or names(finding, columns)):
        near = get_close_matches(finding, list(found), 1)
        return "there is no such finding" + (f"; did you mean {near[0]!r}?" if near else "")
    if not isinstance(said, Mapping):
        return "it is no table with how, reason and who"
    how = said.get("how")
    if how not in HOW:
        return f"how = {how!r} is none of {', '.join(HOW)}"
    for key in ("reason", "who"):
        if not isinstance(said.get(key), str) or hollow(said[key]):
            return f"{key} = {said.get(key)!r} says nothing"
    if how == "excluded" and not names(finding, exclude):
        return "it says excluded, and [data] exclude names none of its columns"
    if how == "cleaned" and finding in found:
        return "it says cleaned, and it is still found"
    if how == "known" and finding not in found:
        return 'it says known, and nothing is found: remove the entry, or write how = "cleaned"'
    return ""


def ended(
    finding: str, entries: Any, *, found: Collection[str], columns: Collection[str], exclude: Collection[str]
) -> bool:
    """Whether an entry ends the finding."""
    text = entries.get(finding) if isinstance(entries, Mapping) else None
    return text is not None and not wrong(finding, text, found=found, columns=columns, exclude=exclude)
