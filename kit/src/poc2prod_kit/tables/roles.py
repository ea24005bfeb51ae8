"""What [data] calls the columns, and which of them a model may see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from poc2prod_kit.run.errors import ProjectError

if TYPE_CHECKING:
    from poc2prod_kit.run.project import Project

ONE = ("target", "id", "time", "group")
SEVERAL = ("sensitive", "exclude", "raters")


@dataclass(frozen=True)
class Roles:
    """What the team says of its columns; "" where it says nothing."""

    target: str
    id: str = ""
    time: str = ""
    group: str = ""
    sensitive: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    @property
    def special(self) -> tuple[str, ...]:
        """The columns with a role of their own: target, id, time and group, "" for one that is not named."""
        return self.target, self.id, self.time, self.group


def check(project: Project) -> None:
    """Every column that [data] names must be there, and there must be a target."""
    columns = list(project.schema)
    named = [(role, project.param(f"data.{role}", "")) for role in ONE]
    named += [(role, name) for role in SEVERAL for name in project.param(f"data.{role}", [])]
    for role, name in named:
        if name and name not in columns:
            near = get_close_matches(name, columns, 1)
            did = f" Did you mean {near[0]!r}?" if near else ""
            raise ProjectError(
                f"[data] {role} = {name!r} is not a column; the columns are {', '.join(columns)}.{did}"
            )
    if not project.param("data.target", ""):
        raise ProjectError(
            f"[data] target of params.toml is empty. Name the column to predict: {', '.join(columns)}."
        )


def inputs(project: Project) -> list[str]:
    """The columns that may teach a model: not target, id, time, group, raters or what [data] excludes."""
    raters = project.param("data.raters", [])
    return [name for name in compared(project, project.schema) if name not in raters]


def compared(project: Project, names: Iterable[str]) -> list[str]:
    """Those of the columns by which rows are compared: as `inputs`, and raters too."""
    out = {project.param(f"data.{role}", "") for role in ONE} | set(project.param("data.exclude", []))
    return [name for name in names if name not in out]
