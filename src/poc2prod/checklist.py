"""The 21 steps, read from checklist.toml."""

import os
import tomllib
from functools import cache
from typing import Any, NamedTuple

from .errors import CallError, nearest

STAGES = ("poc", "pre-production", "production")


class Step(NamedTuple):
    """One step: its question, its files in a project, who must sign, what its report must name as inputs."""

    number: str
    slug: str
    stage: str
    title: str
    question: str
    why: str
    form: bool = False
    params: bool = False
    report: bool = False
    module: bool = False
    signers: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


@cache
def steps() -> tuple[Step, ...]:
    """All steps, in order."""
    with open(os.path.join(os.path.dirname(__file__), "checklist.toml"), "rb") as file:
        entries: list[dict[str, Any]] = tomllib.load(file)["step"]
    for entry in entries:
        entry |= {key: tuple(entry[key]) for key in ("signers", "needs") if key in entry}
    return tuple(Step(**entry) for entry in entries)


def step(name: str) -> Step:
    """The step with this number (`I.5`, `1.5`), slug or title; CallError with the nearest name."""
    match = _by_name().get(name.strip().casefold().replace("-", "_"))
    if match:
        return match
    near = nearest(name, [item.slug for item in steps()]) or " `poc2prod status` lists them."
    raise CallError(f"There is no step {name!r}.{near}")


def until(stage: str) -> list[Step]:
    """The steps of all stages up to and including this one."""
    return [item for item in steps() if STAGES.index(item.stage) <= STAGES.index(stage)]


@cache
def _by_name() -> dict[str, Step]:
    by_name: dict[str, Step] = {}
    for item in steps():
        part, place = item.number.split(".")
        for key in (item.slug, item.number, f"{len(part)}.{place}", item.title):
            by_name.setdefault(key.casefold().replace("-", "_"), item)
    return by_name
