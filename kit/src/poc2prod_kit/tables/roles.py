"""What [data] calls the columns, and which of them a model may see."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.project import Project

ONE = ("target", "id", "time", "group")
SEVERAL = ("sensitive", "exclude", "raters")


def check(project: Project) -> None:
    """Every column that [data] names must be there, and there must be a target."""
    columns = list(project.schema)
    for role in ONE:
        name = project.param(f"data.{role}", "")
        if name:
            _known(role, name, columns)
    for role in SEVERAL:
        for name in project.param(f"data.{role}", []):
            _known(role, name, columns)
    if not project.param("data.target", ""):
        raise ProjectError(
            f"[data] target of params.toml is empty. Name the column to predict: {', '.join(columns)}."
        )


def _known(role: str, name: str, columns: list[str]) -> None:
    if name not in columns:
        near = get_close_matches(name, columns, 1)
        did = f" Did you mean {near[0]!r}?" if near else ""
        raise ProjectError(
            f"[data] {role} = {name!r} is not a column; the columns are {', '.join(columns)}.{did}"
        )


def inputs(project: Project) -> list[str]:
    """The columns that may teach a model: not target, id, time, group, raters or what [data] excludes."""
    named = {project.param(f"data.{role}", "") for role in ONE}
    out = named | set(project.param("data.exclude", [])) | set(project.param("data.raters", []))
    return [name for name in project.schema if name not in out]


def compared(project: Project, names: Iterable[str]) -> list[str]:
    """Those of the columns by which rows are compared: as `inputs`, and raters too."""
    out = {project.param(f"data.{role}", "") for role in ONE} | set(project.param("data.exclude", []))
    return [name for name in names if name not in out]
